//! Single-message files told by content: EML, and the EMLX of Apple Mail.

use crate::header::{self, trim_line_end};

/// Fields one of which every message has.
const TELLING: [&str; 12] = [
    "from",
    "to",
    "date",
    "subject",
    "message-id",
    "received",
    "return-path",
    "delivered-to",
    "mime-version",
    "sender",
    "x-mailer",
    "x-from",
];

/// Whether the bytes begin like a message: header fields, at least one of them of mail, and a
/// second one or an empty line after it.
#[must_use]
pub fn looks_like_message(prefix: &[u8]) -> bool {
    let prefix = prefix.strip_prefix(b"\xef\xbb\xbf").unwrap_or(prefix);
    let block = header::cut_message(prefix);
    // Prose may have a colon; only fields before the first other line count.
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let mut fields = block.fields.iter().take_while(|field| field.name.iter().all(is_token));
    let count = fields.clone().count();
    let is_telling = fields.any(|field| TELLING.iter().any(|name| field.is(name)));
    is_telling && block.junk_lines * 4 <= count && (count > 1 || block.has_end)
}

/// An EMLX file in its pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Emlx<'x> {
    /// The message.
    pub message: &'x [u8],
    /// Offset of the message in the file, in bytes.
    pub offset: usize,
    /// The property list after it; may be empty.
    pub plist: &'x [u8],
}

/// Reads an EMLX file: a line with a length in bytes, the message, an XML property list. `None`
/// when the bytes are not that.
#[must_use]
pub fn emlx(raw: &[u8]) -> Option<Emlx<'_>> {
    let offset = header::line_end(&raw[..raw.len().min(64)], 0);
    let line = trim_line_end(raw.get(..offset)?).trim_ascii();
    if line.is_empty() || !line.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let length: usize = std::str::from_utf8(line).ok()?.parse().ok()?;
    let end = offset.checked_add(length)?;
    let message = raw.get(offset..end)?;
    let plist = &raw[end..];
    let is_plist = plist.trim_ascii_start().is_empty() || plist.trim_ascii_start().starts_with(b"<");
    (is_plist && looks_like_message(message)).then_some(Emlx { message, offset, plist })
}
