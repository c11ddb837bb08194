//! Where an item or a failure was found in what was taken in.

use serde::{Deserialize, Serialize};

/// A place in a source: enough for a person to find the bytes again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
pub struct Place {
    /// Path of the file on disk, relative to the source given where that is a folder.
    pub file: String,
    /// Path inside the container, one step per nested container; empty for a plain file.
    pub inner: String,
    /// Offset of the first byte in the innermost file, in bytes.
    pub offset_bytes: u64,
}

impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.file)?;
        if !self.inner.is_empty() {
            write!(out, " > {}", self.inner)?;
        }
        write!(out, " at byte {}", self.offset_bytes)
    }
}
