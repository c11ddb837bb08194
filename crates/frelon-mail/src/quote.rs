//! Body text to blocks: own words, quotes, attributions, signatures, forwards.

use crate::{Block, BlockKind};

/// How lines of a body were broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As they stand.
    Fixed,
    /// RFC 3676.
    Flowed { deletes_space: bool },
}

/// Splits a text into blocks, after those that are there.
pub(crate) fn split(text: &str, _form: Form, blocks: &mut Vec<Block>) {
    if !text.trim().is_empty() {
        blocks.push(Block { kind: BlockKind::Own, text: text.replace('\r', "").trim_end().to_owned() });
    }
}
