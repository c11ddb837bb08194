//! Raw deflate streams (RFC 1951) in one piece, one for each item: made, and undone to exactly the
//! bytes they should hold or not at all.
//!
//! Both directions are libdeflate's, which inflates faster than any stream decoder, and at its fastest
//! level deflates as fast as zlib does at its own, to a fifth less. It works on whole buffers alone:
//! whoever wants the beginning of an item, or sends it on in pieces, takes `flate2`.

use std::{fmt, mem};

use libdeflater::{CompressionLvl, Compressor, Decompressor};

/// The fastest level: intake is dominated by deflate, and a volume's size costs nobody time.
const LEVEL: i32 = 1;

/// The most bytes that one byte of a deflate stream gives: a match of 258 bytes in two bits.
pub const RATIO_MAX: u64 = 1_032;

/// Working memory kept from item to item, in bytes; one very large item must not hold it for ever.
const KEPT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Header of a gzip member (RFC 1952): deflate, no flags, no time, unknown system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// A stream does not hold the bytes it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no deflate stream of {size_bytes} bytes, or of others than these")]
pub struct Broken {
    /// The number of bytes it should hold.
    pub size_bytes: u64,
}

/// Makes raw deflate streams, with its working memory kept from one to the next.
pub struct Deflater(Compressor);

impl Default for Deflater {
    fn default() -> Self {
        Self(Compressor::new(CompressionLvl::new(LEVEL).expect("a level that the library has")))
    }
}

impl fmt::Debug for Deflater {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Deflater")
    }
}

impl Deflater {
    /// Appends the deflate stream of `raw` to `out`, and returns its length in bytes.
    pub fn deflate(&mut self, raw: &[u8], out: &mut Vec<u8>) -> usize {
        let start = out.len();
        out.resize(start + self.0.deflate_compress_bound(raw.len()), 0);
        let length = self.0.deflate_compress(raw, &mut out[start..]).expect("there is room for the longest stream");
        out.truncate(start + length);
        length
    }
}

/// Undoes raw deflate streams, with its working memory kept from one to the next.
#[derive(Default)]
pub struct Inflater {
    inner: Decompressor,
    member: Vec<u8>,
}

impl fmt::Debug for Inflater {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Inflater")
    }
}

impl Inflater {
    /// Replaces `out` with the bytes of the stream `packed`, which must be exactly `size_bytes` and have
    /// this CRC-32 (ISO 3309, as ZIP and gzip have it). Nothing may follow in `packed`.
    ///
    /// # Errors
    /// In any other case; `out` is empty then. Never are more than `size_bytes` produced, nor memory
    /// set aside for more than the stream can give.
    pub fn inflate(&mut self, packed: &[u8], size_bytes: u64, crc32: u32, out: &mut Vec<u8>) -> Result<(), Broken> {
        // The library does not say where a stream ends. As a gzip member it must end where CRC-32 and
        // size follow: bytes in between would be taken for them, and do not match. Unless they are the
        // same once more, which is tried first.
        let footer = [crc32.to_le_bytes(), (size_bytes as u32).to_le_bytes()].concat();
        let ends_early =
            packed.ends_with(&footer) && self.inflate_member(&[packed], packed.len(), size_bytes, out).is_ok();
        if ends_early {
            out.clear();
            return Err(Broken { size_bytes });
        }
        self.inflate_member(&[packed, &footer], packed.len(), size_bytes, out)
    }

    /// Undoes a gzip member that is given in pieces, without its header.
    fn inflate_member(
        &mut self,
        pieces: &[&[u8]],
        packed_bytes: usize,
        size_bytes: u64,
        out: &mut Vec<u8>,
    ) -> Result<(), Broken> {
        let mut member = mem::take(&mut self.member);
        member.clear();
        member.extend_from_slice(&HEADER);
        pieces.iter().for_each(|piece| member.extend_from_slice(piece));
        let result = self.run(packed_bytes, size_bytes, out, |inner, out| inner.gzip_decompress(&member, out).is_ok());
        member.clear();
        member.shrink_to(KEPT_BYTES_MAX);
        self.member = member;
        result
    }

    /// As [`Inflater::inflate`] where no CRC-32 is known; what follows the stream is passed over. The
    /// caller compares a better hash.
    ///
    /// # Errors
    /// When the stream is broken or gives another number of bytes.
    pub fn inflate_unchecked(&mut self, packed: &[u8], size_bytes: u64, out: &mut Vec<u8>) -> Result<(), Broken> {
        self.run(packed.len(), size_bytes, out, |inner, out| inner.deflate_decompress(packed, out) == Ok(out.len()))
    }

    fn run(
        &mut self,
        packed_bytes: usize,
        size_bytes: u64,
        out: &mut Vec<u8>,
        inflate: impl FnOnce(&mut Decompressor, &mut [u8]) -> bool,
    ) -> Result<(), Broken> {
        out.clear();
        let broken = Broken { size_bytes };
        // Seen before memory is set aside for it.
        if size_bytes / RATIO_MAX > packed_bytes as u64 {
            return Err(broken);
        }
        out.resize(usize::try_from(size_bytes).map_err(|_| broken)?, 0);
        if inflate(&mut self.inner, out) {
            return Ok(());
        }
        out.clear();
        Err(broken)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use proptest::prelude::*;

    use super::*;

    fn deflate(raw: &[u8]) -> Vec<u8> {
        let mut packed = Vec::new();
        let length = Deflater::default().deflate(raw, &mut packed);
        assert_eq!(length, packed.len());
        packed
    }

    fn inflate(packed: &[u8], size_bytes: usize, crc32: u32) -> Option<Vec<u8>> {
        let mut out = b"before".to_vec();
        let result = Inflater::default().inflate(packed, size_bytes as u64, crc32, &mut out);
        assert!(result.is_ok() || out.is_empty());
        result.ok().map(|()| out)
    }

    #[test]
    fn streams_follow_one_another() {
        let (mut deflater, mut inflater, mut raw) = (Deflater::default(), Inflater::default(), Vec::new());
        for item in [
            Vec::new(),
            b"hello".to_vec(),
            vec![b'a'; 1 << 20],
            (0..300_000_u32).map(|n| n.wrapping_mul(n) as u8).collect(),
        ] {
            let mut packed = b"before".to_vec();
            let length = deflater.deflate(&item, &mut packed);
            assert_eq!(packed.len(), 6 + length);
            inflater.inflate(&packed[6..], item.len() as u64, crc32fast::hash(&item), &mut raw).expect("a good stream");
            assert_eq!(raw, item);
            inflater.inflate_unchecked(&packed[6..], item.len() as u64, &mut raw).expect("a good stream");
            assert_eq!(raw, item);
        }
    }

    #[test]
    fn wrong_lengths_cut_streams_and_what_follows_are_refused() {
        let raw = [b'x'; 1000];
        let (packed, crc32) = (deflate(&raw), crc32fast::hash(&raw));
        assert!(inflate(&packed, 1000, crc32).is_some());
        for (packed, size_bytes, crc32) in [
            (packed.clone(), 999, crc32),
            (packed.clone(), 1001, crc32),
            (packed.clone(), usize::MAX, crc32),
            (packed.clone(), 1000, crc32 ^ 1),
            (packed[..packed.len() - 1].to_vec(), 1000, crc32),
            ([&packed[..], b"\0"].concat(), 1000, crc32),
            (b"\xff\xff\xff".to_vec(), 10, crc32),
            (Vec::new(), 0, 0),
        ] {
            assert_eq!(inflate(&packed, size_bytes, crc32), None, "{packed:?} {size_bytes}");
        }
    }

    #[test]
    fn a_second_footer_hides_nothing() {
        let raw = b"some text";
        let (packed, crc32) = (deflate(raw), crc32fast::hash(raw));
        let footer = [crc32.to_le_bytes(), 9_u32.to_le_bytes()].concat();
        let twice = [&packed[..], &footer].concat();
        assert_eq!(inflate(&twice, raw.len(), crc32), None);
        assert_eq!(inflate(&[&twice[..], &footer].concat(), raw.len(), crc32), None);
        // A stored block may end in such bytes and still be whole: here the footer is of those bytes.
        for tail in 0..=u8::MAX {
            let raw = [0, tail];
            let stored = [&[1, 2, 0, 0xfd, 0xff][..], &raw].concat();
            assert_eq!(inflate(&stored, 2, crc32fast::hash(&raw)), Some(raw.to_vec()));
        }
    }

    proptest! {
        #[test]
        fn other_decoders_read_what_is_made(raw in prop::collection::vec(0..8_u8, 0..2_000)) {
            let mut read = Vec::new();
            flate2::read::DeflateDecoder::new(&deflate(&raw)[..]).read_to_end(&mut read).expect("a good stream");
            prop_assert_eq!(read, raw);
        }

        #[test]
        fn what_others_make_is_read(raw in prop::collection::vec(0..8_u8, 0..2_000), level in 0..10_u32) {
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(level));
            encoder.write_all(&raw).expect("in memory");
            let packed = encoder.finish().expect("in memory");
            prop_assert_eq!(inflate(&packed, raw.len(), crc32fast::hash(&raw)), Some(raw));
        }

        #[test]
        fn a_changed_stream_gives_the_bytes_or_nothing(
            raw in prop::collection::vec(0..8_u8, 1..500), at in any::<prop::sample::Index>(), byte: u8,
        ) {
            let mut packed = deflate(&raw);
            let at = at.index(packed.len());
            packed[at] = byte;
            if let Some(read) = inflate(&packed, raw.len(), crc32fast::hash(&raw)) {
                prop_assert_eq!(read, raw);
            }
        }

        #[test]
        fn any_bytes_end(packed in prop::collection::vec(any::<u8>(), 0..300), size_bytes in 0..400_usize, crc32: u32) {
            let _refused = inflate(&packed, size_bytes, crc32);
        }
    }
}
