//! The little that intake reads of a message: when it was sent.

use frelon_mail::parse_date;
use frelon_model::Instant;
use frelon_model::limits::HEADER_BYTES_MAX;

/// Bytes of a Date field that are read; a real one has 40.
const DATE_BYTES_MAX: usize = 256;

/// The date a message claims in its first Date field (RFC 5322 section 3.6.1).
pub(crate) fn sent_at(message: &[u8]) -> Option<Instant> {
    let block = &message[..message.len().min(HEADER_BYTES_MAX)];
    let mut rest = block;
    while !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        let line = &rest[..end];
        if line.trim_ascii().is_empty() {
            return None;
        }
        if line.get(..5).is_some_and(|name| name.eq_ignore_ascii_case(b"date:")) {
            return date_of(&rest[5..]);
        }
        rest = &rest[end..];
    }
    None
}

/// Reads a field's value, with its continuation lines, as a date.
fn date_of(value: &[u8]) -> Option<Instant> {
    let value = &value[..value.len().min(DATE_BYTES_MAX)];
    let folded = |at: usize| matches!(value.get(at + 1), Some(b' ' | b'\t'));
    let end = memchr::memchr_iter(b'\n', value).find(|&at| !folded(at)).unwrap_or(value.len());
    let text = String::from_utf8_lossy(&value[..end]).replace(['\r', '\n'], " ");
    parse_date(text.trim()).map(|sent| sent.at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_date_field_counts_folded_or_not() {
        let sent = |text: &str| sent_at(text.as_bytes()).map(Instant::to_rfc3339);
        assert_eq!(sent("From: a\nDate: Fri, 7 Oct 2016 14:03:00 +0000\n\nx"), Some("2016-10-07T14:03:00Z".into()));
        assert_eq!(sent("DATE:\r\n Fri, 7 Oct 2016\r\n 14:03:00 +0000\r\nTo: x"), Some("2016-10-07T14:03:00Z".into()));
        assert_eq!(sent("From: a\n\nDate: Fri, 7 Oct 2016 14:03:00 +0000\n"), None);
        assert_eq!(sent("Date: soon\n\n"), None);
        assert_eq!(sent(""), None);
    }
}
