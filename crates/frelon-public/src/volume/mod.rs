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
//!
//! A withdrawal rewrites a volume ([`without`]). Its openings are then held in stored blocks (RFC 1951
//! 3.2.4): what compressors make of the same bytes differs from version to version, and a publisher and
//! its mirrors must come to the same file.

mod entry;
mod facts;
mod lines;
mod openings;
mod reader;
mod readme;
mod window;
mod without;
mod writer;

pub use entry::ItemPath;
pub use facts::facts;
pub(crate) use facts::hash;
pub use reader::{BadEntry, Head, Item, Reader};
pub(crate) use readme::readme;
pub use without::{Restored, rewrite, without};
pub(crate) use writer::{Meta, Writer};

/// Most bytes a deflate stream may have for an item of this size: what cannot be made smaller grows
/// by 5 bytes a block (RFC 1951 section 3.2.4), and encoders differ in how they cut blocks.
pub(crate) fn compressed_bytes_max(size_bytes: u64) -> u64 {
    size_bytes.saturating_add(size_bytes / 8).saturating_add(1_024)
}

#[cfg(test)]
mod tests;
