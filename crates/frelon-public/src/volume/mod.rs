//! Volumes: released items in ordinary ZIP files (PKWARE APPNOTE.TXT), written and read.
//!
//! ```text
//! README.txt             what this is and how to check it          stored
//! items/<number>.eml     the published bytes, in number order      deflate
//! openings.jsonl         one opening a line, in the same order     deflate
//! central directory
//! ```
//!
//! Sizes and checksums stand in the local headers too, so that a volume that was cut off in the
//! middle can still be read from its front. All timestamps are the same, the first one ZIP knows:
//! the same items and salts give the same file, byte for byte.

mod entry;
mod openings;
mod reader;
mod readme;
mod window;
mod writer;

pub use entry::ItemPath;
pub use reader::{BadEntry, Head, Item, Reader};
pub(crate) use readme::readme;
pub(crate) use writer::{Finished, Meta, Writer};

/// Most bytes a deflate stream may have for an item of this size: what cannot be made smaller grows
/// by 5 bytes a block (RFC 1951 section 3.2.4), and encoders differ in how they cut blocks.
pub(crate) fn compressed_bytes_max(size_bytes: u64) -> u64 {
    size_bytes.saturating_add(size_bytes / 8).saturating_add(1_024)
}

#[cfg(test)]
mod tests;
