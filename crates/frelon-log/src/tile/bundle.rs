//! Entry bundles: entries one after the other, each behind its length in two big-endian bytes.

use super::TILE_WIDTH;
use crate::Malformed;

/// The longest entry: what two bytes can count.
pub const ENTRY_BYTES_MAX: usize = u16::MAX as usize;

/// The longest bundle: 256 entries of full length.
pub const BUNDLE_BYTES_MAX: usize = TILE_WIDTH as usize * (2 + ENTRY_BYTES_MAX);

/// An entry longer than a bundle can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an entry of {size_bytes} bytes; a log takes at most {ENTRY_BYTES_MAX}")]
pub struct EntryTooLong {
    /// Its length.
    pub size_bytes: usize,
}

/// Adds an entry to the bytes of a bundle.
///
/// # Errors
/// When it is longer than [`ENTRY_BYTES_MAX`].
pub fn append_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), EntryTooLong> {
    let length = u16::try_from(entry.len()).map_err(|_| EntryTooLong { size_bytes: entry.len() })?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// The entries of a bundle, at most 256.
///
/// # Errors
/// When the last entry is cut off, or there are more than 256.
pub fn decode_bundle(bytes: &[u8]) -> Result<Vec<&[u8]>, Malformed> {
    let malformed = |reason| Malformed::new("entry bundle", reason);
    let mut entries = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        if entries.len() == usize::from(TILE_WIDTH) {
            return Err(malformed("it has more than 256 entries"));
        }
        let (length, after) = rest.split_first_chunk().ok_or(malformed("it is cut off in a length"))?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, after) = after.split_at_checked(length).ok_or(malformed("it is cut off in an entry"))?;
        entries.push(entry);
        rest = after;
    }
    Ok(entries)
}
