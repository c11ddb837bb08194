//! What could not be taken in, why, and what the operator can do about it.

use frelon_model::Place;

use crate::Position;

/// A row for the list of failures, or a note on an item that was taken ([`Reason::is_note`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Index of the source.
    pub source: u32,
    /// Where.
    pub place: Place,
    /// Why.
    pub reason: Reason,
    /// What happened and what to do, in English.
    pub message: String,
    /// The bytes it is about, to be kept: whole, or nothing where they are not there or too many.
    pub raw: Vec<u8>,
    /// Where to go on after this row.
    pub next: Position,
}

/// Why something was not taken in, each with a stable code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// The content is no mail and no container of mail.
    NotMail,
    /// A container or format that this version does not open.
    Unsupported,
    /// Nothing in it.
    Empty,
    /// The system refuses to read it.
    Unreadable,
    /// It was listed and is not there any more.
    Vanished,
    /// A container that breaks off or is damaged; what could be read was taken.
    ContainerDamaged,
    /// A container that inflates beyond every measure.
    Bomb,
    /// One item above the size limit.
    TooLarge,
    /// Containers nested beyond the limit.
    TooDeep,
    /// A container with too many entries.
    TooManyEntries,
    /// An encrypted entry.
    Encrypted,
    /// A symbolic link; links are not followed.
    Link,
    /// Not a file: a pipe, a socket, a device.
    SpecialFile,
    /// Bytes of a mailbox that belong to no message.
    Stray,
    /// A note: the last message of a mailbox breaks off; it was taken as it is.
    CutShort,
    /// A note: how `From ` lines were quoted is in doubt; the bytes were kept as they are.
    QuotingKept,
    /// A note: a mail program's own file beside the mail, in which there is none.
    Bookkeeping,
}

impl Reason {
    /// The stable code, in kebab case.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotMail => "not-mail",
            Self::Unsupported => "unsupported",
            Self::Empty => "empty",
            Self::Unreadable => "unreadable",
            Self::Vanished => "vanished",
            Self::ContainerDamaged => "container-damaged",
            Self::Bomb => "bomb",
            Self::TooLarge => "too-large",
            Self::TooDeep => "too-deep",
            Self::TooManyEntries => "too-many-entries",
            Self::Encrypted => "encrypted",
            Self::Link => "link",
            Self::SpecialFile => "special-file",
            Self::Stray => "stray",
            Self::CutShort => "cut-short",
            Self::QuotingKept => "quoting-kept",
            Self::Bookkeeping => "bookkeeping",
        }
    }

    /// Whether no mail is missing by it: the item was taken all the same, or there was none.
    #[must_use]
    pub fn is_note(self) -> bool {
        matches!(self, Self::CutShort | Self::QuotingKept | Self::Bookkeeping)
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.code())
    }
}
