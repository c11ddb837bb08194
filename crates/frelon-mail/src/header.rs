//! Header blocks cut into raw fields (RFC 5322 section 2.2), in one pass and without copying.
//!
//! Values are decoded elsewhere. Lines that are neither a field nor a continuation are counted and
//! skipped; a block that opens with such a line has no header at all.

use frelon_model::limits::HEADER_BYTES_MAX;
use memchr::{memchr, memmem};

/// Fields kept of one header block: far above real mail, and a bound on memory where every line
/// of the block is a field of three bytes.
const FIELDS_MAX: usize = 5_000;

/// Lines of one header block that are compared with the boundary it declares: the first such line is
/// the delimiter, and a block full of others must not cost a search each.
const DELIMITERS_TRIED_MAX: u32 = 20;

/// A field as it stands in the bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RawField<'x> {
    /// Name without the colon and without white space around it.
    pub(crate) name: &'x [u8],
    /// Value with its folds and its last line end.
    pub(crate) value: &'x [u8],
}

impl RawField<'_> {
    /// Whether this is the field of that name.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// A header block, and where its body begins.
#[derive(Debug, Default)]
pub(crate) struct HeaderBlock<'x> {
    pub(crate) fields: Vec<RawField<'x>>,
    /// The mbox `From ` line that stood before the first field.
    pub(crate) envelope: Option<&'x [u8]>,
    /// Offset of the first byte after the empty line, or the end.
    pub(crate) body_at: usize,
    /// Lines that belong to no field.
    pub(crate) junk_lines: usize,
    /// The block is longer than is parsed.
    pub(crate) is_cut: bool,
    /// An empty line ended the block.
    pub(crate) has_end: bool,
}

impl<'x> HeaderBlock<'x> {
    /// The first field of that name.
    pub(crate) fn first(&self, name: &str) -> Option<&'x [u8]> {
        self.fields.iter().find(|field| field.is(name)).map(|field| field.value)
    }
}

/// End of the line that starts at `at`, past its line feed.
pub(crate) fn line_end(raw: &[u8], at: usize) -> usize {
    memchr(b'\n', &raw[at..]).map_or(raw.len(), |end| at + end + 1)
}

/// A line without its line end; further carriage returns (CR CR LF) go as well.
pub(crate) fn trim_line_end(line: &[u8]) -> &[u8] {
    let mut line = line.strip_suffix(b"\n").unwrap_or(line);
    while let Some(rest) = line.strip_suffix(b"\r") {
        line = rest;
    }
    line
}

/// Name of the field a line begins, if it begins one: printable ASCII before a colon
/// (RFC 5322 section 2.2), white space allowed before the colon (section 4.5).
pub(crate) fn field_name(line: &[u8]) -> Option<(&[u8], usize)> {
    let colon = memchr(b':', line)?;
    let name = line[..colon].trim_ascii_end();
    let printable = |byte: &u8| matches!(byte, 33..=126) || *byte > 127;
    (!name.is_empty() && name.iter().all(printable)).then_some((name, colon + 1))
}

fn is_envelope(line: &[u8]) -> bool {
    line.starts_with(b"From ") || line.starts_with(b">From ")
}

/// Whether a `--` line is the delimiter that a Content-Type field above it declares: the empty line
/// before it was forgotten, and the first part must not be taken for fields of this block.
fn is_declared(line: &[u8], fields: &[RawField<'_>]) -> bool {
    let boundary = line[2..].trim_ascii_end();
    let declares = |value: &[u8]| {
        memmem::find_iter(value, boundary).any(|at| matches!(value[..at].last(), Some(b'=' | b'"' | b' ')))
    };
    !boundary.is_empty() && fields.iter().any(|field| field.is("content-type") && declares(field.value))
}

/// Cuts the header block of a whole message; an mbox line may come first.
pub(crate) fn cut_message(raw: &[u8]) -> HeaderBlock<'_> {
    cut(raw, 0, true, |_| false)
}

/// Cuts the header block that starts at `start`. With `at_top`, an mbox line may come first. A line
/// that begins with `--` and for which `is_stop` holds is a MIME delimiter: it ends the block.
pub(crate) fn cut(raw: &[u8], start: usize, at_top: bool, is_stop: impl Fn(&[u8]) -> bool) -> HeaderBlock<'_> {
    let mut block = HeaderBlock::default();
    let mut at = start;
    if at_top {
        while raw.get(at).is_some_and(|byte| matches!(byte, b'\r' | b'\n')) {
            at += 1;
        }
        while at < raw.len() && is_envelope(&raw[at..]) {
            let end = line_end(raw, at);
            block.envelope.get_or_insert(trim_line_end(&raw[at..end]));
            at = end;
        }
        if at >= raw.len() && block.envelope.is_none() {
            at = start;
        }
    }
    let limit = at.saturating_add(HEADER_BYTES_MAX);
    let (mut first_junk, mut tried) = (None, 0u32);
    while at < raw.len() {
        let end = line_end(raw, at);
        let line = trim_line_end(&raw[at..end]);
        if line.is_empty() {
            block.has_end = true;
            block.body_at = end;
            return block;
        }
        if line.starts_with(b"--") {
            tried += 1;
            if is_stop(line) || (tried <= DELIMITERS_TRIED_MAX && is_declared(line, &block.fields)) {
                block.body_at = at;
                return block;
            }
        }
        if at >= limit || block.fields.len() >= FIELDS_MAX {
            block.is_cut = true;
        } else if matches!(line[0], b' ' | b'\t') && !block.fields.is_empty() {
            // A fold: the value grows to the end of this line.
            if let Some(field) = block.fields.last_mut() {
                let from = at - field.value.len();
                field.value = &raw[from..end];
            }
        } else if let Some((name, value_at)) = field_name(line) {
            block.fields.push(RawField { name, value: &raw[at + value_at..end] });
        } else {
            block.junk_lines += 1;
            first_junk.get_or_insert(at);
            let next_is_field = end < raw.len() && field_name(trim_line_end(&raw[end..line_end(raw, end)])).is_some();
            if block.fields.is_empty() && !next_is_field {
                block.body_at = at;
                return block;
            }
        }
        at = end;
    }
    // No empty line: the body, if there is one, starts where the lines stopped being fields.
    block.body_at = first_junk.unwrap_or(raw.len());
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(raw: &str) -> Vec<String> {
        cut_message(raw.as_bytes()).fields.iter().map(|f| String::from_utf8_lossy(f.name).into_owned()).collect()
    }

    #[test]
    fn fields_folds_and_the_body_are_found() {
        let raw = b"From x Mon Jan  1 00:00:00 2001\nA: 1\n  2\nB : 3\n\nbody";
        let block = cut_message(raw);
        assert_eq!(block.fields[0].value, b" 1\n  2\n");
        assert_eq!(block.fields[1].name, b"B");
        assert_eq!(&raw[block.body_at..], b"body");
        assert!(block.envelope.is_some() && block.has_end);
    }

    #[test]
    fn junk_is_skipped_and_counted() {
        assert_eq!(names("A: 1\njunk here\nB: 2\n\n"), ["A", "B"]);
        let raw = b"Hello there\nno header\n";
        assert_eq!(cut_message(raw).body_at, 0);
        let raw = b"A: 1\nthe body starts\nwithout an empty line";
        assert_eq!(&raw[cut_message(raw).body_at..][..3], b"the");
    }

    #[test]
    fn a_declared_delimiter_ends_the_block() {
        let raw =
            b"Content-Type: multipart/mixed;\n boundary=\"b 1\"\nnot a field\n--b 1\nContent-Type: text/html\n\nbody";
        let block = cut_message(raw);
        assert_eq!((block.fields.len(), &raw[block.body_at..][..5]), (1, &b"--b 1"[..]));
        let raw = b"Content-Type: multipart/mixed; boundary=b\n--x\nTo: a\n\nbody";
        assert_eq!(cut_message(raw).fields.len(), 2);
    }

    #[test]
    fn a_long_block_is_cut_but_its_body_is_found() {
        let mut raw = b"A: 1\n".repeat(HEADER_BYTES_MAX / 4);
        raw.extend_from_slice(b"\nbody");
        let block = cut_message(&raw);
        assert!(block.is_cut && block.fields.len() == FIELDS_MAX);
        assert_eq!(&raw[block.body_at..], b"body");
    }
}
