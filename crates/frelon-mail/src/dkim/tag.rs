//! Tag lists (RFC 6376 section 3.2): `name=value` pairs between semicolons, as in signatures, key
//! records and ARC fields. What the tags mean is told elsewhere.

use std::ops::Range;

/// Tags of one list that are read: the longest in use have fifteen.
const TAGS_MAX: usize = 64;

/// One tag of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag<'x> {
    /// Name, case-sensitive.
    pub(crate) name: &'x [u8],
    /// Value without white space around it; folds inside stay.
    pub(crate) value: &'x [u8],
    /// Everything between the equals sign and the semicolon, as offsets in the list.
    pub(crate) span: Range<usize>,
}

/// Why bytes are no tag list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TagProblem {
    /// A piece is not `name=value`, or there are too many.
    Malformed,
    /// A name stands twice, which makes the whole list invalid.
    Duplicate,
    /// Nothing stands between two semicolons: against the letter, and harmless.
    Empty,
}

/// A tag list over borrowed bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TagList<'x>(Vec<Tag<'x>>);

impl<'x> TagList<'x> {
    /// Reads a list. The tags before a problem are kept, so that a broken signature still shows
    /// whose it says it is.
    pub(crate) fn parse(text: &'x [u8]) -> (Self, Option<TagProblem>) {
        let mut list = Self::default();
        let mut problem = None;
        let mut at = 0;
        for piece in text.split(|&byte| byte == b';') {
            let start = at;
            at += piece.len() + 1;
            if trim(piece).is_empty() {
                if at <= text.len() {
                    problem = worse(problem, TagProblem::Empty);
                }
                continue;
            }
            let equals = piece.iter().position(|&byte| byte == b'=');
            let name = equals.map(|equals| trim(&piece[..equals]));
            let (Some(equals), Some(name)) = (equals, name.filter(|name| is_name(name))) else {
                problem = worse(problem, TagProblem::Malformed);
                continue;
            };
            if list.get(name).is_some() {
                problem = worse(problem, TagProblem::Duplicate);
                continue;
            }
            if list.0.len() == TAGS_MAX {
                return (list, worse(problem, TagProblem::Malformed));
            }
            let span = start + equals + 1..start + piece.len();
            list.0.push(Tag { name, value: trim(&piece[equals + 1..]), span });
        }
        (list, problem)
    }

    /// The tag of that name.
    pub(crate) fn tag(&self, name: &[u8]) -> Option<&Tag<'x>> {
        self.0.iter().find(|tag| tag.name == name)
    }

    /// The value of the tag of that name.
    pub(crate) fn get(&self, name: &[u8]) -> Option<&'x [u8]> {
        self.tag(name).map(|tag| tag.value)
    }

    /// The name of the first tag.
    pub(crate) fn first_name(&self) -> Option<&'x [u8]> {
        self.0.first().map(|tag| tag.name)
    }
}

/// The first problem stands, unless it was harmless.
fn worse(first: Option<TagProblem>, second: TagProblem) -> Option<TagProblem> {
    first.filter(|&first| first != TagProblem::Empty).or(Some(second))
}

/// White space of folded fields.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Without white space at both ends.
pub(crate) fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && is_space(*first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && is_space(*last)
    {
        bytes = rest;
    }
    bytes
}

/// Without any white space.
pub(crate) fn squeeze(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|&byte| !is_space(byte)).collect()
}

/// The items of a value, between colons.
pub(crate) fn items(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b':').map(trim)
}

fn is_name(name: &[u8]) -> bool {
    name.first().is_some_and(u8::is_ascii_alphabetic)
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_values_and_spans_are_found() {
        let text = b" v=1; b = AB\r\n CD ;\tbh=x=; ";
        let (list, problem) = TagList::parse(text);
        assert_eq!(problem, None);
        assert_eq!(list.get(b"v"), Some(&b"1"[..]));
        assert_eq!(list.get(b"b"), Some(&b"AB\r\n CD"[..]));
        assert_eq!(list.get(b"bh"), Some(&b"x="[..]));
        assert_eq!(&text[list.tag(b"b").expect("there").span.clone()], b" AB\r\n CD ");
        assert_eq!(list.get(b"V"), None);
        assert_eq!(list.first_name(), Some(&b"v"[..]));
    }

    #[test]
    fn what_is_no_list_is_told_and_the_rest_kept() {
        let (list, problem) = TagList::parse(b"d=a; nonsense; s=b");
        assert_eq!((problem, list.get(b"s")), (Some(TagProblem::Malformed), Some(&b"b"[..])));
        let (list, problem) = TagList::parse(b"d=a; d=b");
        assert_eq!((problem, list.get(b"d")), (Some(TagProblem::Duplicate), Some(&b"a"[..])));
        assert_eq!(TagList::parse(b"1=a").1, Some(TagProblem::Malformed));
        assert_eq!(TagList::parse(b"").1, None);
        assert_eq!(TagList::parse(b"a=1;; ").1, Some(TagProblem::Empty));
        let many: String = (0..=TAGS_MAX).map(|number| format!("t{number}=;")).collect();
        assert_eq!(TagList::parse(many.as_bytes()).1, Some(TagProblem::Malformed));
    }
}
