//! Mailbox files (RFC 4155 and its ancestors) cut into raw messages, without I/O.
//!
//! [`detect`] names the kind from a prefix, [`Splitter`] yields the messages of a stream of
//! windows, [`unquote`] undoes the quoting of `From ` lines. `looks_like_message` and [`emlx`]
//! serve single files.

mod detect;
mod quoting;
mod separator;
mod sniff;
mod splitter;

pub use detect::detect;
pub use quoting::{Unquoted, quote, unquote};
pub use sniff::{Emlx, emlx, looks_like_message};
pub use splitter::{Entry, Splitter};

/// The ways of writing a mailbox file; they differ in how `From ` lines of bodies are told from
/// separators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailboxKind {
    /// `From ` in bodies becomes `>From `; a `>From ` of the sender's stays as it is.
    Mboxo,
    /// `From ` after any number of `>` gets one more `>`: nothing is lost.
    Mboxrd,
    /// Content-Length says where a message ends, and `From ` lines are quoted as in mboxo.
    Mboxcl,
    /// Content-Length says where a message ends, and nothing is quoted.
    Mboxcl2,
}

impl MailboxKind {
    /// The kind by its usual name, in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mboxo => "mboxo",
            Self::Mboxrd => "mboxrd",
            Self::Mboxcl => "mboxcl",
            Self::Mboxcl2 => "mboxcl2",
        }
    }

    /// Whether Content-Length fields are believed, where they prove right.
    pub(crate) fn has_content_length(self) -> bool {
        matches!(self, Self::Mboxcl | Self::Mboxcl2)
    }
}

#[cfg(test)]
mod tests;
