//! The MIME tree flattened to its leaves (RFC 2045, 2046), in one pass over the delimiter lines.
//!
//! Attached messages are leaves: they are not entered. Depth, parts and boundaries are bounded;
//! a broken structure gives fewer leaves and a problem, never none.

use std::borrow::Cow;

use frelon_model::{
    Problem, ProblemKind,
    limits::{MIME_BOUNDARY_BYTES_MAX, MIME_DEPTH_MAX, MIME_PARTS_MAX},
};
use mail_parser::ContentType;
use memchr::memmem;

use crate::{
    header::{self, HeaderBlock, line_end, trim_line_end},
    name,
    transfer::Transfer,
    value::{self, Hint},
};

/// Lines of a multipart without a declared boundary that are searched for one.
const BOUNDARY_GUESS_LINES_MAX: usize = 100;

/// A leaf: its bytes as transported, and what its fields say of it.
#[derive(Debug, Default)]
pub(crate) struct Leaf<'x> {
    pub(crate) bytes: &'x [u8],
    pub(crate) media_type: Cow<'static, str>,
    pub(crate) charset: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) content_id: Option<String>,
    pub(crate) transfer: Transfer,
    pub(crate) depth: u8,
    /// Content-Disposition is `attachment` (RFC 2183).
    pub(crate) is_attachment: bool,
    /// The outermost multipart/alternative around the leaf.
    pub(crate) alternative: Option<u32>,
    /// Stands in a multipart/related after the root.
    pub(crate) is_related: bool,
    /// format=flowed, DelSp=yes (RFC 3676).
    pub(crate) is_flowed: bool,
    pub(crate) deletes_space: bool,
}

/// An entity as its fields describe it.
struct Entity<'x> {
    leaf: Leaf<'x>,
    boundary: Option<Vec<u8>>,
    /// A field that stands twice. The first is used, as with all fields: were it one field here and
    /// another there, a message could read differently to each reader.
    repeated: Option<&'static str>,
}

/// The fields that describe an entity (RFC 2045 section 3, RFC 2183); each may stand once.
const ONCE: [&str; 4] = ["Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Content-ID"];

struct Open {
    boundary: Vec<u8>,
    is_digest: bool,
    is_related: bool,
    alternative: Option<u32>,
    children: usize,
}

struct Delimiter {
    line_at: usize,
    next_at: usize,
    level: usize,
    is_close: bool,
}

/// Walks the whole message whose header block is `top`.
pub(crate) fn walk<'x>(raw: &'x [u8], top: &HeaderBlock<'x>, problems: &mut Vec<Problem>) -> Vec<Leaf<'x>> {
    let mut walk = Walk { raw, open: Vec::new(), leaves: Vec::new(), alternatives: 0, problems };
    walk.run(top);
    walk.leaves
}

struct Walk<'x, 'p> {
    raw: &'x [u8],
    open: Vec<Open>,
    leaves: Vec<Leaf<'x>>,
    alternatives: u32,
    problems: &'p mut Vec<Problem>,
}

impl<'x> Walk<'x, '_> {
    fn run(&mut self, top: &HeaderBlock<'x>) {
        let mut found = self.enter(top);
        while let Some(delimiter) = found {
            if delimiter.level + 1 < self.open.len() {
                self.report(ProblemKind::Truncated, "a multipart inside was not closed");
                self.open.truncate(delimiter.level + 1);
            }
            if delimiter.is_close {
                self.open.pop();
                if self.open.is_empty() {
                    return;
                }
                found = self.next_delimiter(delimiter.next_at);
                continue;
            }
            if self.leaves.len() >= MIME_PARTS_MAX {
                self.report(ProblemKind::TooManyParts, "");
                return;
            }
            if let Some(open) = self.open.last_mut() {
                open.children += 1;
            }
            let block = {
                let open = &self.open;
                header::cut(self.raw, delimiter.next_at, false, |line| matching(line, open).is_some())
            };
            found = self.enter(&block);
        }
        if !self.open.is_empty() {
            self.report(ProblemKind::Truncated, "");
        }
    }

    /// Takes one entity: opens a multipart, or adds a leaf. Gives the delimiter that follows.
    fn enter(&mut self, block: &HeaderBlock<'x>) -> Option<Delimiter> {
        let is_digest = self.open.last().is_some_and(|open| open.is_digest);
        let Entity { mut leaf, boundary, repeated } = describe(block, is_digest);
        if let Some(name) = repeated {
            self.report(ProblemKind::FieldRepeated, name);
        }
        let body_at = block.body_at;
        if !leaf.media_type.starts_with("multipart/") {
            return self.add(leaf, body_at);
        }
        if self.open.len() >= MIME_DEPTH_MAX {
            self.report(ProblemKind::TooManyParts, "nesting");
            return self.add(leaf, body_at);
        }
        let boundary = match boundary {
            Some(boundary) => Some(boundary),
            None => {
                self.report(ProblemKind::StructureBroken, "a multipart without a boundary");
                self.guess_boundary(body_at)
            }
        };
        if let Some(boundary) = boundary {
            let is_alternative = leaf.media_type == "multipart/alternative";
            self.alternatives += u32::from(is_alternative);
            self.open.push(Open {
                boundary,
                is_digest: leaf.media_type == "multipart/digest",
                is_related: leaf.media_type == "multipart/related",
                alternative: is_alternative.then_some(self.alternatives),
                children: 0,
            });
            let found = self.next_delimiter(body_at);
            if found.as_ref().is_some_and(|delimiter| delimiter.level + 1 == self.open.len()) {
                return found;
            }
            self.open.pop();
            self.report(ProblemKind::StructureBroken, "a boundary that never appears");
        }
        // What should have been parts is shown as text rather than lost.
        leaf.media_type = Cow::Borrowed("text/plain");
        self.add(leaf, body_at)
    }

    fn add(&mut self, mut leaf: Leaf<'x>, body_at: usize) -> Option<Delimiter> {
        let found = if self.open.is_empty() { None } else { self.next_delimiter(body_at) };
        let end = found.as_ref().map_or(self.raw.len(), |delimiter| before_line_end(self.raw, delimiter.line_at));
        leaf.bytes = &self.raw[body_at..end.max(body_at)];
        leaf.depth = self.open.len() as u8;
        leaf.alternative = self.open.iter().find_map(|open| open.alternative);
        leaf.is_related = self.open.iter().any(|open| open.is_related && open.children > 1);
        self.leaves.push(leaf);
        found
    }

    /// The next line at or after `from` (the start of a line) that delimits an open multipart.
    fn next_delimiter(&self, from: usize) -> Option<Delimiter> {
        let mut at = from;
        if !self.raw[at..].starts_with(b"--") {
            at += memmem::find(&self.raw[at..], b"\n--")? + 1;
        }
        loop {
            let next_at = line_end(self.raw, at);
            if let Some((level, is_close)) = matching(trim_line_end(&self.raw[at..next_at]), &self.open) {
                return Some(Delimiter { line_at: at, next_at, level, is_close });
            }
            at += memmem::find(&self.raw[at..], b"\n--")? + 1;
        }
    }

    /// The first line of a body that looks like a delimiter: `--word`, then a field.
    fn guess_boundary(&self, body_at: usize) -> Option<Vec<u8>> {
        let mut at = body_at;
        for _ in 0..BOUNDARY_GUESS_LINES_MAX {
            let end = line_end(self.raw, at);
            let line = trim_line_end(&self.raw[at..end]);
            let next = trim_line_end(&self.raw[end..line_end(self.raw, end)]);
            let word = line.strip_prefix(b"--").map(<[u8]>::trim_ascii_end);
            if let Some(word) = word
                && (1..=MIME_BOUNDARY_BYTES_MAX).contains(&word.len())
                && header::field_name(next).is_some()
            {
                return Some(word.to_vec());
            }
            if end >= self.raw.len() {
                return None;
            }
            at = end;
        }
        None
    }

    fn report(&mut self, kind: ProblemKind, detail: &str) {
        let problem = Problem::new(kind, detail);
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}

/// Level of the innermost open multipart a `--` line delimits, and whether it closes it.
fn matching(line: &[u8], open: &[Open]) -> Option<(usize, bool)> {
    let rest = line.strip_prefix(b"--")?;
    open.iter().enumerate().rev().find_map(|(level, open)| {
        let after = rest.strip_prefix(open.boundary.as_slice())?.trim_ascii_end();
        match after.strip_prefix(b"--") {
            // What cannot belong to a longer boundary is rubbish after this one.
            Some(rest) => rest.first().is_none_or(|byte| !is_boundary_byte(*byte)).then_some((level, true)),
            None => after.is_empty().then_some((level, false)),
        }
    })
}

/// Bytes a boundary may consist of (RFC 2046 section 5.1.1).
fn is_boundary_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte)
}

/// Offset of the line end before a delimiter line: it belongs to the delimiter (RFC 2046 5.1.1).
fn before_line_end(raw: &[u8], at: usize) -> usize {
    trim_line_end(&raw[..at]).len()
}

fn boundary(content: &ContentType<'_>) -> Option<Vec<u8>> {
    let boundary = content.attribute("boundary")?.trim_end();
    (1..=MIME_BOUNDARY_BYTES_MAX).contains(&boundary.len()).then(|| boundary.as_bytes().to_vec())
}

fn with_content_type<T>(value: &[u8], read: impl FnOnce(&ContentType<'_>) -> T) -> Option<T> {
    let decoded;
    let value = if value.is_ascii() {
        value
    } else {
        decoded = value::text(value, &Hint::default()).into_owned();
        decoded.as_bytes()
    };
    value::with_stream(value, |stream| stream.content_type().as_content_type().map(read))
}

/// What the fields of an entity say.
fn describe<'x>(block: &HeaderBlock<'_>, is_digest: bool) -> Entity<'x> {
    let default = if is_digest { "message/rfc822" } else { "text/plain" };
    let mut leaf = Leaf { media_type: Cow::Borrowed(default), ..Leaf::default() };
    let (mut second_name, mut found_boundary, mut repeated) = (None, None, None);
    let mut seen = [false; ONCE.len()];
    for field in &block.fields {
        let name = field.name;
        if name.len() < 10 || !name[..8].eq_ignore_ascii_case(b"content-") {
            continue;
        }
        let Some(which) = ONCE.iter().position(|once| field.is(once)) else { continue };
        if field.value.trim_ascii().is_empty() {
            continue;
        }
        if std::mem::replace(&mut seen[which], true) {
            repeated = Some(ONCE[which]);
            continue;
        }
        match which {
            0 => {
                with_content_type(field.value, |content| {
                    leaf.media_type = media_type(content);
                    leaf.charset = content
                        .attribute("charset")
                        .map(|label| label.trim_matches(['"', '\'', ' ', ';']).to_ascii_lowercase());
                    second_name = content.attribute("name").and_then(name::clean);
                    found_boundary = boundary(content);
                    let is = |attribute: &str, value: &str| {
                        content.attribute(attribute).is_some_and(|found| found.eq_ignore_ascii_case(value))
                    };
                    leaf.is_flowed = is("format", "flowed");
                    leaf.deletes_space = is("delsp", "yes");
                });
            }
            1 => leaf.transfer = Transfer::new(field.value),
            2 => {
                with_content_type(field.value, |content| {
                    leaf.is_attachment = content.ctype().eq_ignore_ascii_case("attachment");
                    leaf.name = content.attribute("filename").and_then(name::clean);
                });
            }
            _ => leaf.content_id = value::own_message_id(field.value).map(|id| id.as_str().to_owned()),
        }
    }
    leaf.name = leaf.name.or(second_name);
    Entity { leaf, boundary: found_boundary, repeated }
}

fn media_type(content: &ContentType<'_>) -> Cow<'static, str> {
    let kind = token(content.ctype());
    match (kind, content.subtype().map(token).filter(|subtype| !subtype.is_empty())) {
        ("text", Some("plain") | None) => Cow::Borrowed("text/plain"),
        ("text", Some("html")) => Cow::Borrowed("text/html"),
        ("multipart", None) => Cow::Borrowed("multipart/mixed"),
        (kind, Some(subtype)) if !kind.is_empty() => Cow::Owned(format!("{kind}/{subtype}").to_ascii_lowercase()),
        ("application" | "audio" | "font" | "image" | "message" | "model" | "video", None) => OCTETS,
        _ if content.attribute("name").is_some() => OCTETS,
        // What is no media type is text (RFC 2045 section 5.2); hidden as a file it would be missed.
        _ => Cow::Borrowed("text/plain"),
    }
}

const OCTETS: Cow<'static, str> = Cow::Borrowed("application/octet-stream");

/// As much of a word as a type may consist of (RFC 2045 section 5.1).
fn token(word: &str) -> &str {
    let is_special = |letter: char| !letter.is_ascii_graphic() || "()<>@,;:\\\"/[]?=".contains(letter);
    word.split(is_special).next().unwrap_or(word)
}
