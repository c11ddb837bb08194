//! Forms of a word: the indexed words that share its stem, found when a query asks for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use hashbrown::HashMap;
use tantivy::{Searcher, schema::Field, termdict::TermDictionary};

use crate::text::{self, Lang};

/// Forms of a word that are searched; the most frequent ones are kept.
const FORMS_MAX: usize = 48;
/// Indexed words looked at to find the forms of one word, in one field of one segment.
const CANDIDATES_MAX: usize = 20_000;
/// Letters by which a form may be longer than the word asked for.
const LONGER_BY_MAX: usize = 12;
/// Words whose forms are remembered.
const CACHED_MAX: usize = 4_096;

/// A word's forms, by the languages in which they are forms of it; no language: in all.
pub(crate) type Forms = BTreeMap<Vec<Lang>, Vec<String>>;

/// What the forms of a word depend on.
type Question = (String, Vec<Field>, Vec<(Lang, bool)>);

/// Remembers forms: the index does not change while it is open.
#[derive(Default)]
pub(crate) struct FormCache {
    known: Mutex<HashMap<Question, Arc<Forms>>>,
}

impl FormCache {
    /// Forms of `word` in `fields`, the word itself left out. `languages` says of each whether it is
    /// the main one, whose forms apply to every item.
    pub(crate) fn forms(
        &self,
        searcher: &Searcher,
        fields: &[Field],
        languages: &[(Lang, bool)],
        word: &str,
    ) -> tantivy::Result<Arc<Forms>> {
        let question = (word.to_owned(), fields.to_vec(), languages.to_vec());
        if let Some(forms) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&question) {
            return Ok(Arc::clone(forms));
        }
        let forms = Arc::new(find(searcher, fields, languages, word)?);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= CACHED_MAX {
            known.clear();
        }
        known.insert(question, Arc::clone(&forms));
        Ok(forms)
    }
}

fn find(searcher: &Searcher, fields: &[Field], languages: &[(Lang, bool)], word: &str) -> tantivy::Result<Forms> {
    let prefixes: BTreeSet<String> =
        languages.iter().flat_map(|(lang, _)| text::candidate_prefixes(*lang, word)).collect();
    let mut counts: HashMap<String, u64> = HashMap::new();
    for field in fields {
        for reader in searcher.segment_readers() {
            let inverted = reader.inverted_index(*field)?;
            for prefix in &prefixes {
                for_each_with_prefix(inverted.terms(), prefix, &mut |candidate, items| {
                    if candidate != word && candidate.len() <= word.len() + LONGER_BY_MAX {
                        *counts.entry_ref(candidate).or_default() += u64::from(items);
                    }
                })?;
            }
        }
    }
    let stems: Vec<(Lang, bool, String)> =
        languages.iter().map(|(lang, main)| (*lang, *main, text::stem(*lang, word))).collect();
    let mut found: Vec<(u64, String, Vec<Lang>)> = Vec::new();
    for (candidate, count) in counts {
        let same: Vec<&(Lang, bool, String)> =
            stems.iter().filter(|(lang, _, stem)| text::stem(*lang, &candidate) == *stem).collect();
        if !same.is_empty() {
            let everywhere = same.iter().any(|(_, main, _)| *main);
            let languages = if everywhere { Vec::new() } else { same.iter().map(|(lang, _, _)| *lang).collect() };
            found.push((count, candidate, languages));
        }
    }
    found.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    found.truncate(FORMS_MAX);
    let mut forms = Forms::new();
    for (_, form, languages) in found {
        forms.entry(languages).or_default().push(form);
    }
    Ok(forms)
}

/// Indexed words that start with a prefix, with the number of items of each, up to a limit.
fn for_each_with_prefix(terms: &TermDictionary, prefix: &str, visit: &mut dyn FnMut(&str, u32)) -> tantivy::Result<()> {
    let mut range = terms.range().ge(prefix.as_bytes());
    if let Some(end) = after_prefix(prefix.as_bytes()) {
        range = range.lt(end);
    }
    let mut stream = range.into_stream()?;
    let mut looked_at = 0;
    while looked_at < CANDIDATES_MAX && stream.advance() {
        looked_at += 1;
        if let Ok(candidate) = std::str::from_utf8(stream.key()) {
            visit(candidate, stream.value().doc_freq);
        }
    }
    Ok(())
}

/// The first key after all that start with `prefix`; `None` when there is no such key.
fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_end_where_they_should() {
        assert_eq!(after_prefix(b"ab"), Some(b"ac".to_vec()));
        assert_eq!(after_prefix(&[b'a', 0xff]), Some(b"b".to_vec()));
        assert_eq!(after_prefix(&[0xff]), None);
    }
}
