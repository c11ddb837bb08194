//! Raw deflate streams (RFC 1951), one for each item, with their working memory kept between items.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// The fastest level: intake is dominated by deflate, and a volume's size costs nobody time.
const LEVEL: u32 = 1;

/// Room given to the output at a time, in bytes.
const STEP_BYTES: usize = 16 * 1024;

/// Makes raw deflate streams.
#[derive(Debug)]
pub struct Deflater(Compress);

impl Default for Deflater {
    fn default() -> Self {
        Self(Compress::new(Compression::new(LEVEL), false))
    }
}

impl Deflater {
    /// Appends the deflate stream of `raw` to `out`, and returns its length in bytes.
    pub fn deflate(&mut self, raw: &[u8], out: &mut Vec<u8>) -> usize {
        self.0.reset();
        let start = out.len();
        let mut rest = raw;
        // Text shrinks to a third or so; one more round is needed where it does not.
        out.reserve(raw.len() / 2 + 256);
        loop {
            let before = self.0.total_in();
            let status =
                self.0.compress_vec(rest, out, FlushCompress::Finish).expect("a fresh deflate state takes any input");
            let taken = usize::try_from(self.0.total_in() - before).expect("no more than was given");
            rest = &rest[taken..];
            if status == Status::StreamEnd {
                return out.len() - start;
            }
            out.reserve(rest.len() / 2 + STEP_BYTES);
        }
    }
}

/// A stream does not give back the bytes it should.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamError {
    /// Not a deflate stream, or one that breaks off, or with bytes behind its end.
    #[error("not a whole deflate stream")]
    Broken,
    /// Another length than recorded.
    #[error("inflates to another length than the {expected} bytes recorded")]
    Length {
        /// Length recorded, in bytes.
        expected: u64,
    },
}

/// Undoes raw deflate streams.
#[derive(Debug)]
pub struct Inflater(Decompress);

impl Default for Inflater {
    fn default() -> Self {
        Self(Decompress::new(false))
    }
}

impl Inflater {
    /// Replaces `out` with the bytes of the stream `packed`, which must be exactly `size_bytes`.
    ///
    /// # Errors
    /// When the stream is broken or gives another number of bytes; never more are produced.
    pub fn inflate(&mut self, packed: &[u8], size_bytes: u64, out: &mut Vec<u8>) -> Result<(), StreamError> {
        self.0.reset(false);
        out.clear();
        let wrong = StreamError::Length { expected: size_bytes };
        let size = usize::try_from(size_bytes).map_err(|_| wrong.clone())?;
        // A deflate stream gives at most 1,032 bytes for one, so a wrong length cannot make us reserve at will.
        if size / 1_032 > packed.len() {
            return Err(wrong);
        }
        // One byte of room more, so that a stream that is too long shows itself.
        out.reserve_exact(size + 1);
        let status = self.0.decompress_vec(packed, out, FlushDecompress::Finish).map_err(|_| StreamError::Broken)?;
        if out.len() > size {
            return Err(wrong);
        }
        if status != Status::StreamEnd || self.0.total_in() != packed.len() as u64 {
            return Err(StreamError::Broken);
        }
        if out.len() == size { Ok(()) } else { Err(wrong) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(len: usize) -> Vec<u8> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..len).map(|_| next()).collect()
    }

    #[test]
    fn streams_round_trip_one_after_another() {
        let (mut deflater, mut inflater, mut raw) = (Deflater::default(), Inflater::default(), Vec::new());
        for item in [Vec::new(), b"hello".to_vec(), vec![b'a'; 1 << 20], noise(300_000)] {
            let mut packed = b"before".to_vec();
            let len = deflater.deflate(&item, &mut packed);
            assert_eq!(packed.len(), 6 + len);
            inflater.inflate(&packed[6..], item.len() as u64, &mut raw).expect("a good stream");
            assert_eq!(raw, item);
        }
    }

    #[test]
    fn wrong_streams_are_refused() {
        let (mut inflater, mut raw, mut packed) = (Inflater::default(), Vec::new(), Vec::new());
        Deflater::default().deflate(&[b'x'; 1000], &mut packed);
        assert_eq!(inflater.inflate(&packed, 999, &mut raw), Err(StreamError::Length { expected: 999 }));
        assert_eq!(inflater.inflate(&packed, 1001, &mut raw), Err(StreamError::Length { expected: 1001 }));
        assert_eq!(inflater.inflate(&packed, u64::MAX, &mut raw), Err(StreamError::Length { expected: u64::MAX }));
        assert_eq!(inflater.inflate(&packed[..packed.len() - 1], 1000, &mut raw), Err(StreamError::Broken));
        packed.push(0);
        assert_eq!(inflater.inflate(&packed, 1000, &mut raw), Err(StreamError::Broken));
        assert_eq!(inflater.inflate(b"\xff\xff\xff", 10, &mut raw), Err(StreamError::Broken));
    }
}
