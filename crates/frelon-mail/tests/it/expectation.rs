//! What another parser expects of its own test messages, against what we find.
//!
//! Each source lists where we differ on purpose, with the reason. A difference that is not listed
//! fails, and so does a listed one that is gone.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    fs,
    path::Path,
};

use frelon_mail::{PartRole, parse, part_bytes};

/// Attached messages in attached messages that are followed: more than any corpus holds.
const NESTING_MAX: u8 = 20;

/// Letters shown of a value that differs, and those of them before the difference.
const SHOWN_CHARS: usize = 300;
const CONTEXT_CHARS: usize = 60;

/// The comparisons of one source.
pub(crate) struct Comparison {
    source: &'static str,
    known: &'static [(&'static str, &'static str)],
    compared: BTreeSet<String>,
    differing: BTreeMap<String, Vec<String>>,
}

impl Comparison {
    /// `known` pairs the name of a case with why we differ there.
    pub(crate) fn new(source: &'static str, known: &'static [(&'static str, &'static str)]) -> Self {
        Self { source, known, compared: BTreeSet::new(), differing: BTreeMap::new() }
    }

    /// Notes whether one thing about a case is as expected.
    pub(crate) fn check<T: PartialEq + Debug>(&mut self, case: &str, what: &str, found: &T, expected: &T) {
        self.compared.insert(case.to_owned());
        if found != expected {
            let line = format!("{what}: {}", difference(&format!("{found:?}"), &format!("{expected:?}")));
            self.differing.entry(case.to_owned()).or_default().push(line);
        }
    }

    /// Fails unless exactly the listed cases differ, and this many cases were compared.
    pub(crate) fn finish(self, count: usize) {
        let unlisted: Vec<_> =
            self.differing.iter().filter(|(case, _)| !self.known.iter().any(|(known, _)| known == case)).collect();
        assert!(unlisted.is_empty(), "{}: differences that are not listed: {unlisted:#?}", self.source);
        let stale: Vec<_> = self.known.iter().filter(|(known, _)| !self.differing.contains_key(*known)).collect();
        assert!(stale.is_empty(), "{}: listed, but there is no difference: {stale:#?}", self.source);
        assert_eq!(self.compared.len(), count, "{}: cases compared: {:?}", self.source, self.compared);
    }
}

/// Both from a little before where they begin to differ, neither at length.
fn difference(found: &str, expected: &str) -> String {
    let same = found.chars().zip(expected.chars()).take_while(|(found, expected)| found == expected).count();
    let show = |text: &str| text.chars().skip(same.saturating_sub(CONTEXT_CHARS)).take(SHOWN_CHARS).collect::<String>();
    format!("after {same} letters ..{} they have ..{}", show(found), show(expected))
}

/// Reads a file of a corpus, where it is there.
pub(crate) fn read(path: &Path) -> Option<Vec<u8>> {
    fs::read(path).ok()
}

/// Bytes with every line ended by a line feed alone.
pub(crate) fn lf(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|byte| *byte != b'\r').collect()
}

/// Decoded body of a message that has this encoding and body.
pub(crate) fn decoded(encoding: &str, body: &[u8]) -> Vec<u8> {
    let mut raw = format!("Content-Transfer-Encoding: {encoding}\n\n").into_bytes();
    raw.extend_from_slice(body);
    part_bytes(&raw, 0).expect("a message has a part")
}

/// Text with each run of white space as one space.
pub(crate) fn collapse(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A leaf part, as we find it.
#[derive(Debug)]
pub(crate) struct Leaf {
    pub(crate) media_type: String,
    /// Multiparts around it, up to the message it stands in.
    pub(crate) depth: u8,
    pub(crate) charset: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) is_message: bool,
}

/// All leaf parts in order; after an attached message, those of that message.
pub(crate) fn leaves(raw: &[u8]) -> Vec<Leaf> {
    let mut out = Vec::new();
    collect(raw, 0, &mut out);
    out
}

fn collect(raw: &[u8], nesting: u8, out: &mut Vec<Leaf>) {
    for (index, part) in parse(raw).parts.into_iter().enumerate() {
        let bytes = part_bytes(raw, index).expect("a listed part can be read");
        let is_message = part.role == PartRole::Message;
        let leaf = Leaf {
            media_type: part.media_type,
            depth: part.depth,
            charset: part.charset,
            name: part.name,
            bytes: bytes.clone(),
            is_message,
        };
        out.push(leaf);
        if is_message && nesting < NESTING_MAX {
            collect(&bytes, nesting + 1, out);
        }
    }
}
