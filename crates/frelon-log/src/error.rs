//! What is wrong with a text or with bytes that should be one of the log's formats.
//!
//! Every parser of this crate refuses with [`Malformed`]; what is well formed and still not to be
//! believed has an error of its own beside the function that finds it out.

/// Bytes that are not what they should be. The caller can only refuse them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a {format}: {reason}")]
pub struct Malformed {
    /// The format they should have, such as `signed note`.
    pub format: &'static str,
    /// What is wrong, as the end of a sentence.
    pub reason: &'static str,
}

impl Malformed {
    pub(crate) const fn new(format: &'static str, reason: &'static str) -> Self {
        Self { format, reason }
    }
}
