//! Stand-ins until the text analysis is in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Lang {
    En,
}
impl Lang {
    pub(crate) fn code(self) -> &'static str {
        "en"
    }
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        (code == "en").then_some(Self::En)
    }
    pub(crate) fn has_stemmer(self) -> bool {
        true
    }
}
pub(crate) fn is_stop(_: Lang, word: &str) -> bool {
    ["the", "of", "and", "a", "to"].contains(&word)
}
pub(crate) fn stem(_: Lang, word: &str) -> String {
    word.trim_end_matches('s').to_owned()
}
pub(crate) fn candidate_prefix(_: Lang, word: &str) -> String {
    word.trim_end_matches('s').to_owned()
}
pub(crate) mod language {
    pub(crate) fn detect(_: &str) -> Option<super::Lang> {
        Some(super::Lang::En)
    }
}
