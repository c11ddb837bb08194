//! What is wrong with bytes that should be an entry of the log.

use std::fmt::Write;

/// The most that a reason repeats of the bytes it is about.
const REASON_BYTES_MAX: usize = 300;

/// Bytes that are no entry this version can read. Anybody who holds the log's key can append such
/// bytes; whoever reads a log passes over them and says so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// They are not what they should be.
    #[error("not a {format}: {reason}")]
    Bytes {
        /// The format they should have, such as `statement`.
        format: &'static str,
        /// What is wrong, as the end of a sentence; safe to print.
        reason: String,
    },
    /// They may be a good statement of a kind that this version does not know: use a newer one.
    #[error("a statement of kind `{0}`, which this version does not know")]
    UnknownKind(String),
}

impl Malformed {
    /// The reason may repeat hostile text: it is cut, and what a terminal would obey is escaped.
    pub(crate) fn new(format: &'static str, reason: impl AsRef<str>) -> Self {
        let mut safe = String::new();
        for letter in reason.as_ref().chars() {
            if safe.len() >= REASON_BYTES_MAX {
                safe.push_str("...");
                break;
            }
            push_safe(&mut safe, letter);
        }
        Self::Bytes { format, reason: safe }
    }
}

impl From<frelon_log::Malformed> for Malformed {
    fn from(error: frelon_log::Malformed) -> Self {
        Self::Bytes { format: error.format, reason: error.reason.to_owned() }
    }
}

/// Adds a character; control characters, and those that turn the direction of what follows (UAX 9),
/// in their escaped form, since both can make a line say something else than it does.
pub(crate) fn push_safe(text: &mut String, letter: char) {
    let turns = matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if letter.is_control() || turns || matches!(letter, '\u{2028}' | '\u{2029}') {
        let _infallible = write!(text, "{}", letter.escape_unicode());
    } else {
        text.push(letter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_cut_and_harmless() {
        let error = Malformed::new("thing", "a\u{1b}[2Jb\u{202e}c").to_string();
        assert_eq!(error, "not a thing: a\\u{1b}[2Jb\\u{202e}c");
        let long = Malformed::new("thing", "é".repeat(100_000)).to_string();
        assert!(long.len() < 400 && long.ends_with("..."), "{long}");
    }
}
