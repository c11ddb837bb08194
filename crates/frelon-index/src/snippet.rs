//! Cutting snippets.
use crate::search::SnippetPiece;
use std::collections::BTreeSet;

/// What to highlight.
#[derive(Debug, Default, Clone)]
pub(crate) struct Matcher {
    pub(crate) exact: BTreeSet<String>,
    pub(crate) prefixes: Vec<String>,
    pub(crate) phrases: Vec<Vec<String>>,
    pub(crate) fuzzy: Vec<(String, u8)>,
}
impl Matcher {
    pub(crate) fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.prefixes.is_empty() && self.phrases.is_empty() && self.fuzzy.is_empty()
    }
}
pub(crate) fn snippet(text: &str, _: &Matcher, max: usize) -> Vec<SnippetPiece> {
    vec![SnippetPiece { text: text.chars().take(max).collect(), matched: false }]
}
