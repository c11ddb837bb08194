//! What extraction hands over, and to whom.

use std::ops::ControlFlow;
use std::sync::Arc;

use frelon_model::Place;

use crate::Failure;

/// Where reading stands: everything before it was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Index of the source.
    pub source: u32,
    /// Path of the file relative to the source, as the bytes the system uses.
    pub file: Arc<[u8]>,
    /// Offset in the file, in bytes; [`Position::FINISHED`] behind its end.
    pub offset_bytes: u64,
}

impl Position {
    /// Offset that says a file was read to its end.
    pub const FINISHED: u64 = i64::MAX as u64;
}

/// What stood around an item in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Form<'a> {
    /// Code of the file format and its quoting: `file`, `emlx`, `mboxo`, `mboxrd`, `mboxcl`, ...
    pub kind: &'static str,
    /// Bytes before the item: the envelope line of an mbox, the count line of an EMLX.
    pub head: &'a [u8],
    /// Bytes behind it: the empty line between messages, the property list of an EMLX.
    pub tail: &'a [u8],
}

/// One item: its bytes as its author's system would know them, with mailbox quoting undone.
#[derive(Debug, Clone, Copy)]
pub struct RawItem<'a> {
    /// Index of the source.
    pub source: u32,
    /// Where it was found.
    pub place: &'a Place,
    /// The bytes.
    pub bytes: &'a [u8],
    /// Media type; `message/rfc822` for mail.
    pub media_type: &'static str,
    /// What stood around it.
    pub form: Form<'a>,
    /// Where to go on after this item.
    pub next: &'a Position,
}

/// Takes what extraction finds, in order. `Break` ends extraction at once.
pub trait Sink {
    /// An item.
    fn item(&mut self, item: RawItem<'_>) -> ControlFlow<()>;
    /// A failure or a note. A note comes before the item it is about, so that a stop between the two
    /// loses neither.
    fn failure(&mut self, failure: Failure) -> ControlFlow<()>;
}
