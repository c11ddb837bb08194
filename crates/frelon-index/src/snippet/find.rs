//! Finding what a query looks for in a text.

use std::collections::{BTreeSet, VecDeque};

use hashbrown::HashMap;

use crate::text::{Tokenizer, is_open};

/// Places remembered; more do not make a better snippet.
const PLACES_MAX: usize = 2_000;
/// How much more a phrase counts than a word.
const PHRASE_WEIGHT: u64 = 3;

/// What to highlight, in folded forms.
#[derive(Debug, Default, Clone)]
pub(crate) struct Matcher {
    /// Whole tokens.
    pub(crate) exact: BTreeSet<String>,
    /// Beginnings of tokens.
    pub(crate) prefixes: Vec<String>,
    /// Tokens one after another.
    pub(crate) phrases: Vec<Vec<String>>,
    /// Tokens with the edits they may be away.
    pub(crate) fuzzy: Vec<(String, u8)>,
}

impl Matcher {
    /// Whether there is nothing to highlight.
    pub(crate) fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.prefixes.is_empty() && self.phrases.is_empty() && self.fuzzy.is_empty()
    }
}

/// Something found. Offsets are bytes, `first` and `last` the same in characters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) first: usize,
    pub(super) last: usize,
    /// Which of the things looked for.
    pub(super) target: usize,
    pub(super) weight: u64,
}

/// Finds what a matcher looks for in one pass.
pub(super) struct Scanner<'m> {
    exact: HashMap<&'m str, usize>,
    prefixes: Vec<&'m str>,
    fuzzy: &'m [(String, u8)],
    phrases: Vec<Phrase<'m>>,
    longest: usize,
}

/// A phrase and how much of it the last tokens were (Knuth, Morris, Pratt 1977).
struct Phrase<'m> {
    words: &'m [String],
    fallback: Vec<usize>,
    matched: usize,
}

impl<'m> Phrase<'m> {
    fn new(words: &'m [String]) -> Self {
        let mut fallback = vec![0; words.len()];
        let mut length = 0;
        for place in 1..words.len() {
            while length > 0 && words[place] != words[length] {
                length = fallback[length - 1];
            }
            length += usize::from(words[place] == words[length]);
            fallback[place] = length;
        }
        Self { words, fallback, matched: 0 }
    }

    /// Takes the next token; whether it completes the phrase.
    fn step(&mut self, token: &str) -> bool {
        while self.matched > 0 && self.words[self.matched] != token {
            self.matched = self.fallback[self.matched - 1];
        }
        self.matched += usize::from(self.words[self.matched] == token);
        let whole = self.matched == self.words.len();
        if whole {
            self.matched = self.fallback[self.matched - 1];
        }
        whole
    }
}

impl<'m> Scanner<'m> {
    pub(super) fn new(matcher: &'m Matcher) -> Self {
        let (open, closed): (Vec<&str>, Vec<&str>) =
            matcher.exact.iter().map(String::as_str).partition(|word| is_open(word));
        let prefixes = matcher.prefixes.iter().map(String::as_str).chain(open).filter(|prefix| !prefix.is_empty());
        let phrases = matcher.phrases.iter().filter(|words| !words.is_empty());
        Self {
            exact: closed.into_iter().enumerate().map(|(target, word)| (word, target)).collect(),
            prefixes: prefixes.collect(),
            fuzzy: &matcher.fuzzy,
            phrases: phrases.map(|words| Phrase::new(words)).collect(),
            longest: matcher.phrases.iter().map(Vec::len).max().unwrap_or_default(),
        }
    }

    pub(super) fn places(&mut self, text: &str) -> Vec<Place> {
        let mut found = Vec::new();
        let mut recent: VecDeque<usize> = VecDeque::with_capacity(self.longest);
        let mut tokens = Tokenizer::new(text);
        while let Some(token) = tokens.advance() {
            if self.longest > 0 {
                if recent.len() == self.longest {
                    recent.pop_front();
                }
                recent.push_back(token.start);
            }
            let base = self.exact.len() + self.prefixes.len() + self.fuzzy.len();
            for (index, phrase) in self.phrases.iter_mut().enumerate() {
                if phrase.step(token.text) {
                    let start = recent[recent.len() - phrase.words.len()];
                    found.push((start, token.end, base + index, PHRASE_WEIGHT));
                }
            }
            if let Some(target) = self.target(token.text) {
                // Of an open token only its one character was asked for.
                let first = text[token.start..].chars().next().map_or(0, char::len_utf8);
                let prefix = target.checked_sub(self.exact.len()).and_then(|index| self.prefixes.get(index));
                let end = if prefix.is_some_and(|prefix| is_open(prefix)) { token.start + first } else { token.end };
                found.push((token.start, end, target, 1));
            }
            if found.len() >= PLACES_MAX {
                break;
            }
        }
        counted(text, found)
    }

    fn target(&self, token: &str) -> Option<usize> {
        if let Some(target) = self.exact.get(token) {
            return Some(*target);
        }
        if let Some(index) = self.prefixes.iter().position(|prefix| token.starts_with(prefix)) {
            return Some(self.exact.len() + index);
        }
        let near = self.fuzzy.iter().position(|(word, edits)| within(word, token, usize::from(*edits)));
        near.map(|index| self.exact.len() + self.prefixes.len() + index)
    }
}

/// Puts places in order and counts their characters.
fn counted(text: &str, mut found: Vec<(usize, usize, usize, u64)>) -> Vec<Place> {
    found.sort_unstable_by_key(|(start, end, ..)| (*start, std::cmp::Reverse(*end)));
    let (mut at, mut chars) = (0, 0);
    let mut places = Vec::with_capacity(found.len());
    for (start, end, target, weight) in found {
        chars += text[at..start].chars().count();
        at = start;
        let last = chars + text[start..end].chars().count();
        places.push(Place { start, end, first: chars, last, target, weight });
    }
    places
}

/// Whether two words are at most so many edits apart: insertions, deletions, replacements, swaps.
fn within(left: &str, right: &str, edits: usize) -> bool {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    if left.len().abs_diff(right.len()) > edits {
        return false;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for row in 1..=left.len() {
        let mut line = vec![row];
        for column in 1..=right.len() {
            let replace = above[column - 1] + usize::from(left[row - 1] != right[column - 1]);
            let mut best = replace.min(above[column] + 1).min(line[column - 1] + 1);
            let swapped =
                row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1];
            if swapped {
                best = best.min(before[column - 2] + 1);
            }
            line.push(best);
        }
        before = std::mem::replace(&mut above, line);
    }
    above[right.len()] <= edits
}
