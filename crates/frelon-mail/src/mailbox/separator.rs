//! What makes a `From ` line a separator: a date at its end, or header fields after it.

use crate::header::{field_name, trim_line_end};
use memchr::memchr;

/// Length of a separator line; senders of 1,000 bytes do not exist.
const LINE_BYTES_MAX: usize = 4_096;
/// Bytes of the next line that are looked at for a field name.
const NEXT_BYTES_MAX: usize = 1_024;

/// Fields that a message in a mailbox may well begin with.
const FIRST_FIELDS: [&str; 24] = [
    "received",
    "return-path",
    "delivered-to",
    "from",
    "to",
    "cc",
    "date",
    "subject",
    "message-id",
    "mime-version",
    "content-type",
    "content-length",
    "content-transfer-encoding",
    "status",
    "sender",
    "reply-to",
    "envelope-to",
    "dkim-signature",
    "authentication-results",
    "references",
    "in-reply-to",
    "arc-seal",
    "path",
    "delivery-date",
];

/// What is known of a `From ` line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Separator,
    Body,
    /// The window ends too early to tell.
    NeedMore,
}

/// Judges the line at `at`. Without an empty line before it, both a date and a field after it are
/// asked for; `From -` alone, as Netscape wrote it, stands for a date there.
pub(crate) fn judge(bytes: &[u8], at: usize, is_after_empty: bool, is_end: bool) -> Verdict {
    let rest = &bytes[at..];
    if !rest.starts_with(b"From ") {
        let could_be = !is_end && b"From ".starts_with(rest);
        return if could_be { Verdict::NeedMore } else { Verdict::Body };
    }
    let Some(end) = memchr(b'\n', &rest[..rest.len().min(LINE_BYTES_MAX)]).map(|end| end + 1) else {
        if rest.len() >= LINE_BYTES_MAX {
            return Verdict::Body;
        }
        let is_separator = is_end && is_after_empty && has_date(rest);
        return match (is_end, is_separator) {
            (false, _) => Verdict::NeedMore,
            (true, true) => Verdict::Separator,
            (true, false) => Verdict::Body,
        };
    };
    let line = trim_line_end(&rest[..end]);
    let has_date = has_date(line);
    if is_after_empty && has_date {
        return Verdict::Separator;
    }
    if !is_after_empty && !has_date && line.trim_ascii_end() != b"From -" {
        return Verdict::Body;
    }
    let next = &rest[end..rest.len().min(end + NEXT_BYTES_MAX)];
    let is_whole = is_end || next.len() == NEXT_BYTES_MAX || next.contains(&b'\n') || next.contains(&b':');
    if !is_whole {
        return Verdict::NeedMore;
    }
    if is_first_field(next) { Verdict::Separator } else { Verdict::Body }
}

/// Whether a line is a field that a message may begin with.
pub(crate) fn is_first_field(line: &[u8]) -> bool {
    let line = &line[..memchr(b'\n', line).unwrap_or(line.len())];
    if line.starts_with(b">From ") {
        return true;
    }
    let Some((name, _)) = field_name(line) else { return false };
    let is_extension = name.len() > 2 && name[..2].eq_ignore_ascii_case(b"x-");
    is_extension || FIRST_FIELDS.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

/// Whether the line ends like asctime, perhaps with a zone: `15:04:05 2006`, `15:04 EST 2006`,
/// `15:04:05 2006 +0100`.
fn has_date(line: &[u8]) -> bool {
    let mut words = line.rsplit(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).peekable();
    words.next_if(|word| is_zone(word));
    if !words.next().is_some_and(is_year) {
        return false;
    }
    words.next_if(|word| is_zone(word));
    words.next().is_some_and(is_clock)
}

fn is_zone(word: &[u8]) -> bool {
    let is_name = (1..=5).contains(&word.len()) && word.iter().all(u8::is_ascii_alphabetic);
    let is_offset = word.len() == 5 && matches!(word[0], b'+' | b'-') && word[1..].iter().all(u8::is_ascii_digit);
    is_name || is_offset
}

fn is_year(word: &[u8]) -> bool {
    word.len() == 4 && word.iter().all(u8::is_ascii_digit)
}

fn is_clock(word: &[u8]) -> bool {
    let mut pieces = word.split(|&byte| byte == b':');
    let is_piece = |piece: &[u8]| (1..=2).contains(&piece.len()) && piece.iter().all(u8::is_ascii_digit);
    let count = pieces.clone().count();
    (2..=3).contains(&count) && pieces.all(is_piece)
}
