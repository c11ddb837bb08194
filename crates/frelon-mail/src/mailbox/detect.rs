//! Which kind of mailbox a file is, from its first bytes.

use memchr::memmem;

use super::{
    MailboxKind,
    separator::{self, Verdict},
    splitter::{content_length, header_length},
};
use crate::header::line_end;

/// Messages of the prefix whose Content-Length is tried.
const TRIED_MAX: usize = 50;

/// The kind of mailbox a file is, judged by a prefix (64 KiB and more is best, the whole file is
/// fine); `None` when it does not begin with a separator line and a field.
#[must_use]
pub fn detect(prefix: &[u8]) -> Option<MailboxKind> {
    let start = prefix.iter().position(|byte| !matches!(byte, b'\r' | b'\n'))?;
    if separator::judge(prefix, start, true, true) != Verdict::Separator {
        return None;
    }
    let body = line_end(prefix, start);
    if !separator::is_first_field(&prefix[body..]) && !is_any_field(&prefix[body..]) {
        return None;
    }
    let (proved, has_bare_line) = try_lengths(prefix, body);
    let has_quoted = memmem::find(prefix, b"\n>From ").is_some();
    Some(match proved {
        true if has_quoted && !has_bare_line => MailboxKind::Mboxcl,
        true => MailboxKind::Mboxcl2,
        // Only mboxrd adds a second mark; and without one, the two are the same.
        false if memmem::find(prefix, b"\n>>From ").is_some() => MailboxKind::Mboxrd,
        false => MailboxKind::Mboxo,
    })
}

fn is_any_field(line: &[u8]) -> bool {
    crate::header::field_name(&line[..line_end(line, 0)]).is_some()
}

/// Whether Content-Length fields lead from separator to separator, and whether a bare `From ` line
/// lies inside a body they span.
fn try_lengths(prefix: &[u8], mut body: usize) -> (bool, bool) {
    let (mut is_proved, mut has_bare_line) = (false, false);
    for _ in 0..TRIED_MAX {
        let Some(header) = header_length(&prefix[body..]) else { break };
        let promised = content_length(&prefix[body..body + header]).and_then(|length| usize::try_from(length).ok());
        let Some(end) = promised.and_then(|length| (body + header).checked_add(length)) else { break };
        let Some(rest) = prefix.get(end..) else { break };
        let blank = if rest.starts_with(b"\r\n") { 2 } else { usize::from(rest.starts_with(b"\n")) };
        let is_next = separator::judge(prefix, end + blank, true, true) == Verdict::Separator;
        if !is_next {
            // Past the last message, or wrong.
            is_proved |= rest.len() == blank;
            break;
        }
        is_proved = true;
        has_bare_line |= memmem::find(&prefix[body + header..end], b"\nFrom ").is_some();
        body = line_end(prefix, end + blank);
    }
    (is_proved, has_bare_line)
}
