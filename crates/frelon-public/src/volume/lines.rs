//! The deflate stream of `openings.jsonl` (RFC 1951) while it is written.

use std::io::Write;

use flate2::{Compression, write::DeflateEncoder};

/// Most of the openings' bytes are salts and hashes, which no level makes smaller.
const LEVEL: Compression = Compression::fast();
/// What the deflate encoder may hold back before it writes: window, pending block and buffer.
const ENCODER_BYTES_MAX: u64 = 256 * 1024;
/// Bytes of one stored block (RFC 1951 3.2.4).
const BLOCK_BYTES_MAX: usize = u16::MAX as usize;
/// What a stored block begins with: three bits, padding, its length twice.
const BLOCK_HEADER_BYTES: usize = 5;

/// Lines on their way into a stream.
pub(crate) struct Lines {
    stream: Stream,
    crc: crc32fast::Hasher,
    size_bytes: u64,
}

enum Stream {
    Deflated(DeflateEncoder<Vec<u8>>),
    Stored(Blocks),
}

/// Stored blocks, the last of them open.
#[derive(Default)]
struct Blocks {
    bytes: Vec<u8>,
    /// Where the header of the open one is.
    open: Option<usize>,
}

impl Blocks {
    fn push(&mut self, mut piece: &[u8]) {
        while !piece.is_empty() {
            let start = *self.open.get_or_insert_with(|| {
                let start = self.bytes.len();
                self.bytes.extend_from_slice(&[0; BLOCK_HEADER_BYTES]);
                start
            });
            let room = BLOCK_BYTES_MAX - (self.bytes.len() - start - BLOCK_HEADER_BYTES);
            let (now, later) = piece.split_at(room.min(piece.len()));
            self.bytes.extend_from_slice(now);
            piece = later;
            // The last block must be known as such, so a full one is closed when more comes.
            if !piece.is_empty() {
                self.close(start, false);
            }
        }
    }

    fn close(&mut self, start: usize, is_last: bool) {
        let length = self.bytes.len() - start - BLOCK_HEADER_BYTES;
        let length = u16::try_from(length).expect("a block takes 65,535 bytes");
        self.bytes[start] = u8::from(is_last);
        self.bytes[start + 1..start + 3].copy_from_slice(&length.to_le_bytes());
        self.bytes[start + 3..start + 5].copy_from_slice(&(!length).to_le_bytes());
        self.open = None;
    }

    fn finish(mut self) -> Vec<u8> {
        let start = self.open.unwrap_or_else(|| {
            self.bytes.extend_from_slice(&[0; BLOCK_HEADER_BYTES]);
            self.bytes.len() - BLOCK_HEADER_BYTES
        });
        self.close(start, true);
        self.bytes
    }
}

impl Lines {
    /// Made smaller by an encoder, whose version decides on the bytes.
    pub(crate) fn deflated() -> Self {
        Self::new(Stream::Deflated(DeflateEncoder::new(Vec::new(), LEVEL)))
    }

    /// Not made smaller: the lines decide on the bytes.
    pub(crate) fn stored() -> Self {
        Self::new(Stream::Stored(Blocks::default()))
    }

    fn new(stream: Stream) -> Self {
        Self { stream, crc: crc32fast::Hasher::new(), size_bytes: 0 }
    }

    /// Adds a line, given without its newline.
    pub(crate) fn push(&mut self, line: &[u8]) {
        for piece in [line, b"\n"] {
            match &mut self.stream {
                Stream::Deflated(encoder) => encoder.write_all(piece).expect("a vector takes all"),
                Stream::Stored(blocks) => blocks.push(piece),
            }
            self.crc.update(piece);
            self.size_bytes += piece.len() as u64;
        }
    }

    /// The most the whole stream can have if it ended after this line.
    pub(crate) fn stream_bytes_max(&self, line: &[u8]) -> u64 {
        let raw = self.size_bytes + line.len() as u64 + 1;
        // A block has 5 bytes of its own, and neither form adds more to what cannot be made smaller.
        let stored = raw + raw / 1_000 + 64;
        match &self.stream {
            Stream::Deflated(encoder) => {
                stored.min(encoder.get_ref().len() as u64 + ENCODER_BYTES_MAX + line.len() as u64)
            }
            Stream::Stored(_) => stored,
        }
    }

    /// CRC-32 of the lines so far.
    pub(crate) fn crc32(&self) -> u32 {
        self.crc.clone().finalize()
    }

    /// Bytes of the lines so far.
    pub(crate) fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// The stream.
    pub(crate) fn finish(self) -> Vec<u8> {
        match self.stream {
            Stream::Deflated(encoder) => encoder.finish().expect("a vector takes all"),
            Stream::Stored(blocks) => blocks.finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn both_forms_inflate_to_the_lines() {
        for length in [0, 1, 65_533, 65_534, 65_535, 65_536, 200_000] {
            let line: Vec<u8> = (0..length).map(|at| b'a' + (at % 7) as u8).collect();
            for mut lines in [Lines::deflated(), Lines::stored()] {
                let most = lines.stream_bytes_max(&line);
                lines.push(&line);
                let (size, crc) = (lines.size_bytes(), lines.crc32());
                let stream = lines.finish();
                assert!(stream.len() as u64 <= most, "{length}");
                let mut text = Vec::new();
                flate2::read::DeflateDecoder::new(&stream[..]).read_to_end(&mut text).expect("a stream");
                assert!(text == [&line[..], b"\n"].concat(), "{length}");
                assert_eq!((size, crc), (text.len() as u64, crc32fast::hash(&text)));
            }
        }
        assert_eq!(Lines::stored().finish(), [1, 0, 0, 0xff, 0xff], "no line is one empty block");
    }
}
