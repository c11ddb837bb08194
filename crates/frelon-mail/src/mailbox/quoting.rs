//! The quoting of `From ` lines undone and redone.

use std::borrow::Cow;

use memchr::memmem;

use super::MailboxKind;

/// A message after its mailbox quoting was undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unquoted<'x> {
    /// The message; as found, where undoing would not be exact.
    pub bytes: Cow<'x, [u8]>,
    /// Quoting these bytes again gives what was found. When not, report
    /// [`QuotingAmbiguous`](frelon_model::ProblemKind::QuotingAmbiguous).
    pub is_exact: bool,
}

/// Undoes the quoting of a kind of mailbox. Where [`quote`] would not give the same bytes again,
/// the bytes stay as found.
#[must_use]
pub fn unquote(kind: MailboxKind, raw: &[u8]) -> Unquoted<'_> {
    let as_found = |is_exact| Unquoted { bytes: Cow::Borrowed(raw), is_exact };
    if kind == MailboxKind::Mboxcl2 {
        return as_found(true);
    }
    let mut out = Vec::new();
    let mut copied = 0;
    for (line_at, marks) in from_lines(raw) {
        if marks == 0 {
            // A bare line that quoting would have changed: the file was not written by this rule.
            return as_found(false);
        }
        if kind == MailboxKind::Mboxrd || marks == 1 {
            out.extend_from_slice(&raw[copied..line_at]);
            copied = line_at + 1;
        }
    }
    if copied == 0 {
        return as_found(true);
    }
    out.extend_from_slice(&raw[copied..]);
    Unquoted { bytes: Cow::Owned(out), is_exact: true }
}

/// Quotes a message as that kind of mailbox does.
#[must_use]
pub fn quote(kind: MailboxKind, bytes: &[u8]) -> Cow<'_, [u8]> {
    if kind == MailboxKind::Mboxcl2 {
        return Cow::Borrowed(bytes);
    }
    let mut out = Vec::new();
    let mut copied = 0;
    for (line_at, marks) in from_lines(bytes) {
        if marks == 0 || kind == MailboxKind::Mboxrd {
            out.extend_from_slice(&bytes[copied..line_at]);
            out.push(b'>');
            copied = line_at;
        }
    }
    if out.is_empty() {
        return Cow::Borrowed(bytes);
    }
    out.extend_from_slice(&bytes[copied..]);
    Cow::Owned(out)
}

/// Lines that are `From ` after any number of `>`: where they begin, and how many `>` they have.
fn from_lines(bytes: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    memmem::find_iter(bytes, b"From ").filter_map(|at| {
        let marks = bytes[..at].iter().rev().take_while(|&&byte| byte == b'>').count();
        let line_at = at - marks;
        (line_at == 0 || bytes[line_at - 1] == b'\n').then_some((line_at, marks))
    })
}
