//! The messages of a mailbox file, window by window.

use frelon_model::{Problem, ProblemKind, limits::ITEM_BYTES_MAX};
use memchr::memmem;

use super::{
    MailboxKind,
    separator::{self, Verdict},
};
use crate::header::{self, line_end};

/// Bytes of a header block that are searched for Content-Length.
const HEADER_SEARCH_MAX: usize = 1024 * 1024;
/// Bytes kept of a message that is too large, so that its end can still be recognised.
const TAIL_BYTES: usize = 16 * 1024;

/// Cuts a mailbox into messages. Hand in windows of any size with [`push`](Self::push), take
/// messages with [`next_entry`](Self::next_entry) until it gives `None`, and go on; call
/// [`finish`](Self::finish) after the last window, and take the rest.
///
/// Holds one message and one window in memory; a message above the limit is skipped without being
/// held, and reported.
#[derive(Debug)]
pub struct Splitter {
    kind: MailboxKind,
    item_bytes_max: u64,
    buffer: Vec<u8>,
    /// Offset in the file of the first byte of `buffer`.
    base: u64,
    /// Where the current entry begins in `buffer`; what lies before is done with.
    start: usize,
    /// End of its `From ` line.
    body: usize,
    /// Where the search for the next separator goes on.
    scan: usize,
    phase: Phase,
    is_end: bool,
    doubtful: u32,
    /// Set while an entry that is too large is passed over.
    skipped: Option<Skipped>,
    /// `From ` line of the last entry that was too large.
    skipped_line: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// At the first byte of the file.
    First,
    /// The `From ` line is known; a Content-Length may follow.
    Header,
    /// A Content-Length promises the end there.
    Promised(usize),
    /// Looking for the next separator.
    Body,
    Done,
}

#[derive(Debug)]
struct Skipped {
    offset: u64,
    line: Vec<u8>,
}

/// One message of a mailbox. `line`, `raw` and `separator` of all entries, put together, are the
/// file again (where none was too large).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'x> {
    /// Offset of the entry in the file, in bytes.
    pub offset: u64,
    /// The `From ` line with its line end. Empty for what stands before the first separator.
    pub line: &'x [u8],
    /// The message as it stands, still quoted; empty when it is too large.
    pub raw: &'x [u8],
    /// The empty line that ends the entry; not part of the message.
    pub separator: &'x [u8],
    /// Length of the message in the file, in bytes, also when it is too large.
    pub raw_length: u64,
    /// The message is longer than is taken in; `raw` is empty.
    pub is_too_large: bool,
    /// Lines that begin with `From ` and were judged to be body.
    pub doubtful_lines: u32,
}

impl Entry<'_> {
    /// Offset of the message itself in the file, in bytes: after the `From ` line.
    #[must_use]
    pub fn raw_offset(&self) -> u64 {
        self.offset + self.line.len() as u64
    }

    /// What was doubtful about where this entry begins and ends.
    #[must_use]
    pub fn problem(&self) -> Option<Problem> {
        let detail = || format!("{} lines begin with From and were taken for body", self.doubtful_lines);
        (self.doubtful_lines > 0).then(|| Problem::new(ProblemKind::QuotingAmbiguous, detail()))
    }
}

impl Splitter {
    /// A splitter at the beginning of a file, with the usual limit on the size of an item.
    #[must_use]
    pub fn new(kind: MailboxKind) -> Self {
        Self::with_limit(kind, ITEM_BYTES_MAX)
    }

    /// A splitter that passes over messages above `item_bytes_max` bytes.
    #[must_use]
    pub fn with_limit(kind: MailboxKind, item_bytes_max: u64) -> Self {
        Self {
            kind,
            item_bytes_max,
            buffer: Vec::new(),
            base: 0,
            start: 0,
            body: 0,
            scan: 0,
            phase: Phase::First,
            is_end: false,
            doubtful: 0,
            skipped: None,
            skipped_line: Vec::new(),
        }
    }

    /// Hands in the next bytes of the file.
    pub fn push(&mut self, window: &[u8]) {
        // What is done with goes once it is the larger half: each byte moves at most once more.
        if self.start > self.buffer.len() / 2 {
            self.forget(self.start);
        }
        self.buffer.extend_from_slice(window);
    }

    /// Says that the file ends here.
    pub fn finish(&mut self) {
        self.is_end = true;
    }

    /// Offset in the file of the entry that is not complete yet: where to go on after a restart.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.skipped.as_ref().map_or(self.base + self.start as u64, |skipped| skipped.offset)
    }

    /// The next message, once it is complete; `None` when more bytes are needed or all are taken.
    pub fn next_entry(&mut self) -> Option<Entry<'_>> {
        loop {
            match self.phase {
                Phase::First => self.take_first()?,
                Phase::Header => self.take_header()?,
                Phase::Promised(end) => {
                    if let Some(end) = self.check_promise(end)? {
                        return Some(self.emit(end));
                    }
                    self.phase = Phase::Body;
                }
                Phase::Body => {
                    let end = self.find_end()?;
                    return Some(self.emit(end));
                }
                Phase::Done => return None,
            }
        }
    }

    /// Drops the first `count` bytes of the buffer.
    fn forget(&mut self, count: usize) {
        self.buffer.drain(..count);
        self.base += count as u64;
        self.start = self.start.saturating_sub(count);
        self.body = self.body.saturating_sub(count);
        self.scan = self.scan.saturating_sub(count);
    }

    fn take_first(&mut self) -> Option<()> {
        match separator::judge(&self.buffer, 0, true, self.is_end) {
            Verdict::NeedMore => return None,
            Verdict::Separator => self.begin(0),
            Verdict::Body if self.buffer.is_empty() => self.phase = Phase::Done,
            Verdict::Body => self.phase = Phase::Body,
        }
        Some(())
    }

    /// Starts the entry whose `From ` line is at `start`.
    fn begin(&mut self, start: usize) {
        self.start = start;
        self.body = line_end(&self.buffer, start);
        self.scan = self.body.saturating_sub(1).max(start);
        self.phase = if self.kind.has_content_length() { Phase::Header } else { Phase::Body };
    }

    fn take_header(&mut self) -> Option<()> {
        let header = &self.buffer[self.body..];
        let header = &header[..header.len().min(HEADER_SEARCH_MAX)];
        let Some(length) = header_length(header) else {
            if self.is_end || header.len() == HEADER_SEARCH_MAX {
                self.phase = Phase::Body;
                return Some(());
            }
            return None;
        };
        let promised = content_length(&header[..length])
            .filter(|promised| *promised <= self.item_bytes_max)
            .and_then(|promised| usize::try_from(promised).ok());
        self.phase = promised.map_or(Phase::Body, |promised| Phase::Promised(length + promised));
        Some(())
    }

    /// Whether the entry ends where its Content-Length (here counted from the body of the entry)
    /// says: before a separator, or at the end of the file. The inner value is that end.
    fn check_promise(&self, promised: usize) -> Option<Option<usize>> {
        let end = self.body + promised;
        let Some(rest) = self.buffer.get(end..) else {
            return self.is_end.then_some(None);
        };
        let blank = if rest.starts_with(b"\r\n") { 2 } else { usize::from(rest.starts_with(b"\n")) };
        if rest.len() <= blank && self.is_end {
            return Some(Some(end + blank));
        }
        let is_line_start = self.buffer[..end].ends_with(b"\n");
        if blank == 0 && !is_line_start && !rest.is_empty() && rest != b"\r" {
            return Some(None);
        }
        match separator::judge(&self.buffer, end + blank, true, self.is_end) {
            Verdict::Separator => Some(Some(end + blank)),
            Verdict::Body => Some(None),
            Verdict::NeedMore => None,
        }
    }

    /// Looks for the separator that ends the current entry.
    fn find_end(&mut self) -> Option<usize> {
        while let Some(found) = memmem::find(&self.buffer[self.scan..], b"\nFrom ") {
            let at = self.scan + found + 1;
            let is_after_empty = is_after_empty(&self.buffer, at, self.body);
            match separator::judge(&self.buffer, at, is_after_empty, self.is_end) {
                Verdict::Separator => return Some(at),
                Verdict::NeedMore => {
                    self.scan = at - 1;
                    return None;
                }
                Verdict::Body => {
                    self.doubtful = self.doubtful.saturating_add(1);
                    self.scan = at;
                }
            }
        }
        if self.is_end {
            return Some(self.buffer.len());
        }
        self.scan = self.scan.max(self.buffer.len().saturating_sub(b"\nFrom".len()));
        let held = (self.buffer.len() - self.body.min(self.buffer.len())) as u64;
        if self.skipped.is_some() || held > self.item_bytes_max.saturating_add(TAIL_BYTES as u64) {
            self.skip();
        }
        None
    }

    /// Lets go of an entry that is too large, but for its tail.
    fn skip(&mut self) {
        if self.skipped.is_none() {
            let offset = self.base + self.start as u64;
            self.skipped = Some(Skipped { offset, line: self.buffer[self.start..self.body].to_vec() });
        }
        let excess = self.buffer.len().saturating_sub(TAIL_BYTES).min(self.scan.saturating_sub(8));
        self.start = excess;
        self.forget(excess);
    }

    /// Gives the entry that ends at `end`, and starts the next one there.
    fn emit(&mut self, end: usize) -> Entry<'_> {
        let (start, body) = (self.start, self.body);
        let tail = &self.buffer[body..end];
        let separator = separator_length(tail);
        let end_offset = self.base + end as u64;
        let doubtful_lines = std::mem::take(&mut self.doubtful);
        let skipped = self.skipped.take().map(|skipped| {
            self.skipped_line = skipped.line;
            skipped.offset
        });
        if end < self.buffer.len() {
            self.begin(end);
        } else {
            self.start = end;
            self.phase = Phase::Done;
        }
        let (offset, line_length) = match skipped {
            Some(offset) => (offset, self.skipped_line.len()),
            None => (self.base + start as u64, body - start),
        };
        let raw_length = end_offset - offset - line_length as u64 - separator as u64;
        let is_too_large = skipped.is_some() || raw_length > self.item_bytes_max;
        let separator_at = end - separator;
        let line = if skipped.is_some() { &self.skipped_line[..] } else { &self.buffer[start..body] };
        let raw = if is_too_large { &[][..] } else { &self.buffer[body..separator_at] };
        let separator = &self.buffer[separator_at..end];
        Entry { offset, line, raw, separator, raw_length, is_too_large, doubtful_lines }
    }
}

/// Whether the line at `at` stands after an empty line of the entry whose body starts at `body`.
fn is_after_empty(bytes: &[u8], at: usize, body: usize) -> bool {
    let before = &bytes[body.min(at)..at];
    separator_length(before) > 0
}

/// Length of the empty line at the end of a body, if there is one.
fn separator_length(body: &[u8]) -> usize {
    let Some(rest) = body.strip_suffix(b"\n") else { return 0 };
    let length = 1 + usize::from(rest.ends_with(b"\r"));
    let rest = &body[..body.len() - length];
    if rest.is_empty() || rest.ends_with(b"\n") { length } else { 0 }
}

/// Length of a header block with its empty line, if it ends within `bytes`.
pub(super) fn header_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < bytes.len() {
        let end = line_end(bytes, at);
        if !bytes[..end].ends_with(b"\n") {
            return None;
        }
        if header::trim_line_end(&bytes[at..end]).is_empty() {
            return Some(end);
        }
        at = end;
    }
    None
}

/// The Content-Length of a header block.
pub(super) fn content_length(header: &[u8]) -> Option<u64> {
    let block = header::cut(header, 0, false, |_| false);
    let value = block.first("content-length")?;
    std::str::from_utf8(value.trim_ascii()).ok()?.parse().ok()
}
