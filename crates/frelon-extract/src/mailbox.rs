//! Mailbox files by windows: `frelon_mail` cuts them, this reads, unquotes and reports.

use std::io::{self, Read};
use std::ops::ControlFlow;

use frelon_mail::mailbox::{self, Entry, MailboxKind, Splitter};

use crate::content::{At, Extraction};
use crate::limit::WINDOW_BYTES;
use crate::{Form, Position, Reason};

/// Kind in a [`Form`] of a message whose quoting was left as found, because undoing it is in doubt.
const AS_FOUND: &str = "mbox";

/// How far a mailbox was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MailboxEnd {
    /// To its end.
    Reached,
    /// Not at all: no message begins at the offset given, the file has changed since.
    Misplaced,
}

/// One mailbox being read.
struct Reading<'r> {
    at: &'r At,
    kind: MailboxKind,
    /// Offset in the file of the splitter's zero.
    start: u64,
    /// What ended the reading before the file did.
    error: Option<io::Error>,
}

impl Reading<'_> {
    /// How this message is quoted. A second mark is mboxrd's alone, and may first appear far behind
    /// what the kind was judged by.
    fn quoting(&self, raw: &[u8]) -> MailboxKind {
        let second_mark = self.kind == MailboxKind::Mboxo && memchr::memmem::find(raw, b"\n>>From ").is_some();
        if second_mark { MailboxKind::Mboxrd } else { self.kind }
    }
}

impl Extraction<'_> {
    /// Hands over the messages of a mailbox. `reader` stands at `start`, an offset where a message
    /// begins; `head` are the first bytes of the whole file.
    pub(crate) fn mailbox(
        &mut self,
        at: &At,
        reader: &mut dyn Read,
        start: u64,
        head: &[u8],
    ) -> ControlFlow<(), MailboxEnd> {
        let kind = mailbox::detect(head).unwrap_or(MailboxKind::Mboxo);
        let mut reading = Reading { at, kind, start, error: None };
        let mut splitter = Splitter::new(kind);
        let mut window = vec![0; WINDOW_BYTES];
        let mut done = start;
        loop {
            let read = match reader.read(&mut window) {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    reading.error = Some(error);
                    0
                }
            };
            if read == 0 {
                splitter.finish();
            } else {
                splitter.push(&window[..read]);
                done += read as u64;
            }
            while let Some(entry) = splitter.next_entry() {
                if start > 0 && entry.offset == 0 && entry.line.is_empty() {
                    return ControlFlow::Continue(MailboxEnd::Misplaced);
                }
                self.mailbox_entry(&reading, &entry)?;
            }
            if at.depth == 0 {
                self.progress(done);
            }
            if read == 0 {
                break;
            }
        }
        if let Some(error) = reading.error {
            self.read_failed(at, done, &error)?;
        }
        ControlFlow::Continue(MailboxEnd::Reached)
    }

    fn mailbox_entry(&mut self, reading: &Reading<'_>, entry: &Entry<'_>) -> ControlFlow<()> {
        let at = reading.at;
        let offset = reading.start + entry.offset;
        let end = offset + entry.line.len() as u64 + entry.raw_length + entry.separator.len() as u64;
        if entry.is_too_large {
            return self.too_large(at, offset, end);
        }
        if entry.line.is_empty() {
            let message =
                "bytes before the first message of the mailbox; left out: look whether the file lost its beginning";
            return self.report(at, offset, Reason::Stray, message, entry.raw.to_vec(), end);
        }
        if entry.raw.is_empty() {
            let message = "an envelope line with no message behind it; nothing to take in";
            return self.fail_next(at, offset, Reason::Empty, message, end);
        }
        // Only the last message can end without a line end; notes come before their item.
        if !entry.raw.ends_with(b"\n") {
            let message = match &reading.error {
                Some(error) => format!("the message breaks off, for the file cannot be read further ({error}); taken as far as it goes"),
                None => "the last message of the mailbox ends in the middle of a line; taken as it is: look whether the file was copied whole".to_owned(),
            };
            self.fail_next(at, end, Reason::CutShort, &message, offset)?;
        }
        let quoting = reading.quoting(entry.raw);
        let unquoted = mailbox::unquote(quoting, entry.raw);
        if !unquoted.is_exact {
            let message = "a line of the body begins with From and is not quoted as the rest of the mailbox is; bytes kept as found, nothing to do";
            self.fail_next(at, offset, Reason::QuotingKept, message, offset)?;
        }
        let kind = if unquoted.is_exact { quoting.name() } else { AS_FOUND };
        let form = Form { kind, head: entry.line, tail: entry.separator };
        let next = if at.depth == 0 { end } else { Position::FINISHED };
        self.item(at, offset, &unquoted.bytes, form, next)
    }
}
