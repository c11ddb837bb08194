//! Canonicalization (RFC 6376 section 3.4): the bytes a signature is made over, streamed from
//! borrowed bytes. A bare line feed counts as CRLF, since mailbox files hold mail that way.

use std::{fmt, str::FromStr};

use memchr::{memchr, memchr2};
use serde::{Deserialize, Serialize};

use crate::header::RawField;

/// Bytes gathered before they are handed on: hashing is cheapest in long pieces.
const CHUNK_BYTES: usize = 16 * 1024;

/// How lines are made alike before hashing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Canonicalization {
    /// As they stand; only empty lines at the end of a body go.
    Simple,
    /// White space is reduced, and names of fields are in lower case.
    Relaxed,
}

impl fmt::Display for Canonicalization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Simple => "simple",
            Self::Relaxed => "relaxed",
        })
    }
}

impl FromStr for Canonicalization {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "simple" => Ok(Self::Simple),
            "relaxed" => Ok(Self::Relaxed),
            _ => Err(()),
        }
    }
}

/// Which reading of the body's `From ` lines is hashed. Mailbox files quote such lines, and not every
/// file tells by which rule, so that a body may have to be tried in other forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BodyForm {
    /// The body as it was handed in.
    AsGiven,
    /// One `>` taken from every line that is `From ` after any number of them (mboxrd).
    Unquoted,
    /// The `>` taken from lines that begin with `>From ` (mboxo).
    UnquotedOnce,
    /// A `>` put before lines that begin with `From `, as a relay did that quoted what it passed on.
    Quoted,
}

/// Writes a field as it is signed, without its last line end if `is_last`. The bytes between
/// `blank.start` and `blank.end` of the value count as absent: a signature does not sign itself.
pub(crate) fn write_field(
    canonicalization: Canonicalization,
    raw: &[u8],
    field: &RawField<'_>,
    blank: Option<&std::ops::Range<usize>>,
    is_last: bool,
    out: &mut Vec<u8>,
) {
    let (front, back) = match blank {
        Some(blank) => (&field.value[..blank.start], &field.value[blank.end..]),
        None => (field.value, &field.value[field.value.len()..]),
    };
    match canonicalization {
        Canonicalization::Simple => {
            // Between the name and its colon there may be white space, which counts.
            let name_at = field.name.as_ptr() as usize - raw.as_ptr() as usize;
            let value_at = field.value.as_ptr() as usize - raw.as_ptr() as usize;
            out.extend_from_slice(&raw[name_at..value_at]);
            let before = out.len();
            write_lines(front, out);
            write_lines(back, out);
            if out.len() > before && out.ends_with(b"\r\n") {
                out.truncate(out.len() - 2);
            }
        }
        Canonicalization::Relaxed => {
            out.extend(field.name.iter().map(u8::to_ascii_lowercase));
            out.push(b':');
            let mut is_gap = false;
            let mut is_first = true;
            for piece in [front, back] {
                relax_value(piece, &mut is_gap, &mut is_first, out);
            }
        }
    }
    if !is_last {
        out.extend_from_slice(b"\r\n");
    }
}

/// Copies with every line end as CRLF.
fn write_lines(bytes: &[u8], out: &mut Vec<u8>) {
    let mut rest = bytes;
    while let Some(end) = memchr(b'\n', rest) {
        out.extend_from_slice(rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]));
        out.extend_from_slice(b"\r\n");
        rest = &rest[end + 1..];
    }
    out.extend_from_slice(rest);
}

/// Unfolds, and reduces white space to single spaces, none at either end.
fn relax_value(value: &[u8], is_gap: &mut bool, is_first: &mut bool, out: &mut Vec<u8>) {
    let mut rest = value;
    while !rest.is_empty() {
        // A line end goes together with the carriage return before it; one by itself is content.
        let is_content = |at: usize, byte: u8| match byte {
            b' ' | b'\t' | b'\n' => false,
            b'\r' => rest.get(at + 1) != Some(&b'\n'),
            _ => true,
        };
        let length = rest.iter().enumerate().take_while(|&(at, &byte)| is_content(at, byte)).count();
        if length > 0 {
            if *is_gap && !*is_first {
                out.push(b' ');
            }
            (*is_gap, *is_first) = (false, false);
            out.extend_from_slice(&rest[..length]);
            rest = &rest[length..];
        }
        let space = rest.iter().enumerate().take_while(|&(at, &byte)| !is_content(at, byte)).count();
        *is_gap |= rest[..space].iter().any(|byte| matches!(byte, b' ' | b'\t'));
        rest = &rest[space..];
    }
}

/// Whether other forms of a body are worth a try: a line begins with `From ` or its quoted form.
pub(crate) fn has_from_line(body: &[u8]) -> bool {
    memchr::memmem::find_iter(body, b"From ").any(|at| {
        let marks = body[..at].iter().rev().take_while(|&&byte| byte == b'>').count();
        at == marks || body[at - marks - 1] == b'\n'
    })
}

/// Streams a body in canonical form to `sink`, in that reading of its `From ` lines, and gives its
/// length in bytes.
pub(crate) fn stream_body(
    canonicalization: Canonicalization,
    form: BodyForm,
    body: &[u8],
    sink: &mut dyn FnMut(&[u8]),
) -> u64 {
    let mut writer = Writer { buffer: Vec::with_capacity(CHUNK_BYTES * 2), length: 0, sink };
    let mut rest = body;
    let mut empty_lines = 0usize;
    while !rest.is_empty() {
        let (line, next) = match memchr(b'\n', rest) {
            Some(end) => (rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]), &rest[end + 1..]),
            None => (rest, &rest[rest.len()..]),
        };
        rest = next;
        let line = if canonicalization == Canonicalization::Relaxed { trim_line(line) } else { line };
        if line.is_empty() {
            empty_lines += 1;
            continue;
        }
        // Empty lines count only once something follows them.
        while empty_lines > 0 {
            writer.push(b"\r\n");
            empty_lines -= 1;
        }
        let line = writer.quote(form, line);
        match canonicalization {
            Canonicalization::Simple => writer.push(line),
            Canonicalization::Relaxed => writer.push_relaxed(line),
        }
        writer.push(b"\r\n");
    }
    // An empty body is one line end to simple (section 3.4.3), and nothing to relaxed (3.4.4).
    if canonicalization == Canonicalization::Simple && writer.is_empty() {
        writer.push(b"\r\n");
    }
    writer.finish()
}

/// Without white space at its end.
fn trim_line(mut line: &[u8]) -> &[u8] {
    while let [rest @ .., b' ' | b'\t'] = line {
        line = rest;
    }
    line
}

struct Writer<'s> {
    buffer: Vec<u8>,
    length: u64,
    sink: &'s mut dyn FnMut(&[u8]),
}

impl Writer<'_> {
    fn is_empty(&self) -> bool {
        self.length == 0 && self.buffer.is_empty()
    }

    fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK_BYTES {
            self.flush();
        }
    }

    fn push_relaxed(&mut self, line: &[u8]) {
        let mut rest = line;
        loop {
            // Long stretches hold only single spaces and are copied whole.
            let mut end = 0;
            let gap = loop {
                match memchr2(b' ', b'\t', &rest[end..]) {
                    None => break None,
                    Some(at) => {
                        let at = end + at;
                        let is_single = rest[at] == b' ' && !matches!(rest.get(at + 1), Some(b' ' | b'\t'));
                        if !is_single {
                            break Some(at);
                        }
                        end = at + 1;
                    }
                }
            };
            let Some(at) = gap else { return self.push(rest) };
            self.push(&rest[..at]);
            self.push(b" ");
            let space = rest[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            rest = &rest[at + space..];
        }
    }

    /// The line in its form; a mark that is added is written at once.
    fn quote<'l>(&mut self, form: BodyForm, line: &'l [u8]) -> &'l [u8] {
        if form == BodyForm::AsGiven || !matches!(line.first(), Some(b'>' | b'F')) {
            return line;
        }
        let marks = line.iter().take_while(|&&byte| byte == b'>').count();
        if !line[marks..].starts_with(b"From ") {
            return line;
        }
        match form {
            BodyForm::Unquoted if marks > 0 => &line[1..],
            BodyForm::UnquotedOnce if marks == 1 => &line[1..],
            BodyForm::Quoted if marks == 0 => {
                self.push(b">");
                line
            }
            _ => line,
        }
    }

    fn flush(&mut self) {
        self.length += self.buffer.len() as u64;
        (self.sink)(&self.buffer);
        self.buffer.clear();
    }

    fn finish(mut self) -> u64 {
        self.flush();
        self.length
    }
}

#[cfg(test)]
mod tests;
