//! A deflate stream (RFC 1951) back to the bytes of an item, bounded and checked.

use frelon_model::{ContentHash, limits::ITEM_BYTES_MAX};
use sha2::{Digest, Sha256};

/// The stream does not hold the item it should.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum InflateError {
    /// An item larger than is published.
    #[error("an item of {size_bytes} bytes is larger than the limit of {ITEM_BYTES_MAX}")]
    TooLarge {
        /// The size it claims.
        size_bytes: u64,
    },
    /// Not a whole deflate stream of that size.
    #[error("the compressed bytes are damaged or do not give {size_bytes} bytes")]
    Stream {
        /// The size expected.
        size_bytes: u64,
    },
    /// The bytes are others.
    #[error("the bytes have SHA-256 {found}, the opening says {expected}")]
    Hash {
        /// What the opening says.
        expected: ContentHash,
        /// What the bytes have.
        found: ContentHash,
    },
}

/// Inflates an item and checks it: no byte is returned that is not exactly the one published.
///
/// # Errors
/// When the stream is damaged, gives more or fewer than `size_bytes`, or other bytes than `crc32` or
/// `content` say.
pub fn inflate(deflated: &[u8], size_bytes: u64, crc32: u32, content: &ContentHash) -> Result<Vec<u8>, InflateError> {
    let mut bytes = Vec::new();
    Inflater::default().inflate(deflated, size_bytes, crc32, content, &mut bytes)?;
    Ok(bytes)
}

/// Inflates many items with one decoder, whose tables are dear to allocate.
#[derive(Debug, Default)]
pub struct Inflater(frelon_deflate::Inflater);

impl Inflater {
    /// As [`inflate`](fn@inflate), into a buffer that is cleared first; it is empty after an error.
    ///
    /// # Errors
    /// As [`inflate`](fn@inflate).
    pub fn inflate(
        &mut self,
        deflated: &[u8],
        size_bytes: u64,
        crc32: u32,
        content: &ContentHash,
        bytes: &mut Vec<u8>,
    ) -> Result<(), InflateError> {
        bytes.clear();
        if size_bytes > ITEM_BYTES_MAX {
            return Err(InflateError::TooLarge { size_bytes });
        }
        self.0.inflate(deflated, size_bytes, crc32, bytes).map_err(|_| InflateError::Stream { size_bytes })?;
        let found = ContentHash(Sha256::digest(&*bytes).into());
        if found != *content {
            bytes.clear();
            return Err(InflateError::Hash { expected: *content, found });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).expect("in memory");
        encoder.finish().expect("in memory")
    }

    fn hash(bytes: &[u8]) -> ContentHash {
        ContentHash(Sha256::digest(bytes).into())
    }

    #[test]
    fn items_come_back() {
        for bytes in [Vec::new(), b"a".to_vec(), vec![0; 3_000_000]] {
            let size_bytes = bytes.len() as u64;
            let crc32 = crc32fast::hash(&bytes);
            assert!(inflate(&deflate(&bytes), size_bytes, crc32, &hash(&bytes)) == Ok(bytes));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let bytes = vec![b'x'; 100_000];
        let deflated = deflate(&bytes);
        let (good, crc32) = (hash(&bytes), crc32fast::hash(&bytes));
        let size = bytes.len() as u64;
        let stream = |size_bytes| Err(InflateError::Stream { size_bytes });
        assert_eq!(inflate(&deflated, size - 1, crc32, &good), stream(size - 1));
        assert_eq!(inflate(&deflated, size + 1, crc32, &good), stream(size + 1));
        assert_eq!(inflate(&deflated[..deflated.len() - 1], size, crc32, &good), stream(size));
        assert_eq!(inflate(&[&deflated[..], b"more"].concat(), size, crc32, &good), stream(size));
        assert_eq!(inflate(b"", 0, crc32, &hash(b"")), stream(0));
        assert!(matches!(inflate(&deflated, size, crc32, &hash(b"")), Err(InflateError::Hash { .. })));
        assert!(matches!(inflate(&deflated, u64::MAX, crc32, &good), Err(InflateError::TooLarge { .. })));
    }
}
