//! What is known of a volume that is there already.

use std::{fs, io::Read, path::Path};

use frelon_model::ContentHash;
use sha2::{Digest, Sha256};

use super::Reader;
use crate::{VolumeEntry, error::ReadError};

/// Reads a volume of a public tree and says what a manifest says of it: size, SHA-256, first and last
/// number. `path` is its path in the tree. The items are not inflated.
///
/// # Errors
/// When it cannot be read, is no volume, or holds no item.
pub fn facts(public: &Path, path: &str) -> Result<VolumeEntry, ReadError> {
    let file = public.join(path);
    let damaged = |reason: String| ReadError::Damaged { path: file.clone(), reason };
    let mut reader = Reader::open(&file)?;
    let (mut first, mut last) = (None, None);
    while let Some(number) = reader.next_number().map_err(|bad| damaged(bad.to_string()))? {
        first = first.or(Some(number));
        last = Some(number);
    }
    let (Some(first), Some(last)) = (first, last) else { return Err(damaged("it holds no item".to_owned())) };
    let (size_bytes, sha256) = hash(&file).map_err(|source| ReadError::Io { path: file.clone(), source })?;
    Ok(VolumeEntry { path: path.to_owned(), size_bytes, sha256, first, last })
}

/// Size and SHA-256 of a file.
pub(crate) fn hash(path: &Path) -> std::io::Result<(u64, ContentHash)> {
    let mut file = fs::File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    let mut size_bytes = 0;
    loop {
        let length = file.read(&mut buffer)?;
        if length == 0 {
            return Ok((size_bytes, ContentHash(hasher.finalize().into())));
        }
        hasher.update(&buffer[..length]);
        size_bytes += length as u64;
    }
}
