//! A query carried over to the full-text index: fields chosen, words expanded to their forms.

use std::{collections::BTreeMap, ops::Bound, sync::Arc};

use frelon_model::{CollectionId, ItemNumber};
use tantivy::{
    Searcher, Term,
    query::{
        AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, FuzzyTermQuery, Occur, PhraseQuery,
        Query as IndexQuery, RangeQuery, RegexQuery, TermQuery, TermSetQuery,
    },
    schema::{Field, IndexRecordOption},
};

use super::{
    Fields,
    form::{FormCache, Forms},
    role_term,
};
use crate::{
    catalog::{CatalogReader, CollectionNo, PersonRole, RowKey},
    query::{
        AddressField, AddressTerm, Clause, Property, Query, Range, Text, TextField,
        media::{self, TypePattern},
    },
    snippet::Matcher,
    text::{self, Lang},
};

/// Items of a thread that `thread:` finds.
const THREAD_ITEMS_MAX: usize = 1_000_000;
/// Share of a collection from which on a language's forms apply to every item: above it, asking
/// each item for its language costs more than it says.
const MAIN_LANGUAGE_PERCENT: u64 = 80;
/// Most words of a "near" query that may stand in any order; more must stand as written.
const NEAR_ANY_ORDER_MAX: usize = 3;
/// Weight of a form that is not the word as typed.
const FORM_BOOST: f32 = 0.7;

/// A query ready to run.
pub(crate) struct Plan {
    pub(crate) query: Box<dyn IndexQuery>,
    /// What to highlight.
    pub(crate) matcher: Matcher,
    /// Words left out as too common.
    pub(crate) ignored: Vec<String>,
}

/// Plans a query.
pub(crate) fn plan(
    fields: &Fields,
    searcher: &Searcher,
    catalog: &CatalogReader,
    cache: &FormCache,
    query: &Query,
    collection: Option<&CollectionId>,
) -> tantivy::Result<Plan> {
    let languages = languages(catalog, collection);
    let mut planner = Planner {
        fields,
        searcher,
        catalog,
        cache,
        collection,
        languages,
        matcher: Matcher::default(),
        ignored: Vec::new(),
    };
    let inner = planner.query(query, false)?;
    let query = match collection {
        Some(id) => {
            let only = planner.exact(&format!("in:{id}"));
            Box::new(BooleanQuery::new(vec![(Occur::Must, inner), (Occur::Must, unscored(only))]))
        }
        None => inner,
    };
    Ok(Plan { query, matcher: planner.matcher, ignored: planner.ignored })
}

struct Planner<'a> {
    fields: &'a Fields,
    searcher: &'a Searcher,
    catalog: &'a CatalogReader,
    cache: &'a FormCache,
    collection: Option<&'a CollectionId>,
    /// Languages that have a stemmer, and whether each is the main one.
    languages: Vec<(Lang, bool)>,
    matcher: Matcher,
    ignored: Vec<String>,
}

impl Planner<'_> {
    fn query(&mut self, query: &Query, negated: bool) -> tantivy::Result<Box<dyn IndexQuery>> {
        Ok(match query {
            Query::All => Box::new(AllQuery),
            Query::And(parts) => self.and(parts, negated)?,
            Query::Or(parts) => {
                let parts = parts.iter().map(|part| self.query(part, negated)).collect::<Result<_, _>>()?;
                any(parts)
            }
            Query::Not(inner) => {
                let inner = self.query(inner, !negated)?;
                Box::new(BooleanQuery::new(vec![(Occur::Must, Box::new(AllQuery)), (Occur::MustNot, inner)]))
            }
            Query::Clause(clause) => self.clause(clause, negated)?,
        })
    }

    fn and(&mut self, parts: &[Query], negated: bool) -> tantivy::Result<Box<dyn IndexQuery>> {
        // "the budget" asks for budget: a stop word beside other words finds nothing more.
        let common = |part: &Query| self.stop_word(part);
        let has_other = parts.iter().any(|part| !matches!(part, Query::Not(_)) && common(part).is_none());
        let mut clauses: Vec<(Occur, Box<dyn IndexQuery>)> = Vec::with_capacity(parts.len());
        for part in parts {
            if let (true, Some(word)) = (has_other, self.stop_word(part)) {
                self.ignored.push(word);
                continue;
            }
            match part {
                Query::Not(inner) => clauses.push((Occur::MustNot, self.query(inner, !negated)?)),
                other => clauses.push((Occur::Must, self.query(other, negated)?)),
            }
        }
        if clauses.iter().all(|(occur, _)| *occur == Occur::MustNot) {
            clauses.push((Occur::Must, Box::new(AllQuery)));
        }
        Ok(Box::new(BooleanQuery::new(clauses)))
    }

    /// The word, if this is a plain word that says nothing in the main language.
    fn stop_word(&self, part: &Query) -> Option<String> {
        let Query::Clause(Clause::Text(TextField::Any, Text::Word(word))) = part else { return None };
        let folded = text::tokens_of_query_word(word);
        let [only] = folded.as_slice() else { return None };
        let stops = self.languages.iter().any(|(lang, main)| *main && text::is_stop(*lang, only));
        stops.then(|| word.clone())
    }

    fn clause(&mut self, clause: &Clause, negated: bool) -> tantivy::Result<Box<dyn IndexQuery>> {
        Ok(match clause {
            Clause::Text(field, text) => {
                let targets = self.targets(*field);
                self.text(&targets, text, negated)?
            }
            Clause::Address(field, term) => self.address(*field, term, negated)?,
            Clause::Type(value) => {
                let patterns = media::patterns(value).into_iter().map(|pattern| match pattern {
                    TypePattern::Exact(media_type) => Ok(self.exact(&format!("type:{media_type}"))),
                    TypePattern::Prefix(stem) => self.exact_pattern(&format!("{}.*", escape(&format!("type:{stem}")))),
                });
                unscored(any(patterns.collect::<Result<_, _>>()?))
            }
            Clause::Has(property) => unscored(self.exact(match property {
                Property::Attachment => "has:attachment",
                Property::Html => "has:html",
                Property::Problem => "has:problem",
                Property::Date => "has:date",
            })),
            Clause::List(value) => {
                let whole = self.exact(&format!("list:{value}"));
                let word = escape(value);
                let part = self.exact_pattern(&format!("list:(.*[^a-z0-9])?{word}([^a-z0-9].*)?"))?;
                unscored(any(vec![whole, part]))
            }
            Clause::Number(range) => self.numbers(*range),
            Clause::Release(range) => self.releases(*range),
            Clause::Thread(number) => self.thread(*number)?,
            Clause::Language(code) => unscored(self.exact(&format!("lang:{code}"))),
            Clause::Dkim(state) => unscored(self.exact(&format!("dkim:{state}"))),
            Clause::Size(range) => between(self.fields.size, *range),
            Clause::Recipients(range) => between(self.fields.recipients, *range),
            Clause::Date(period) => {
                let term = |at| Term::from_field_i64(self.fields.sorted_at, at);
                let from = period.from.map_or(Bound::Unbounded, |at| Bound::Included(term(at.0)));
                let until = period.until.map_or(Bound::Unbounded, |at| Bound::Excluded(term(at.0)));
                match (&from, &until) {
                    (Bound::Unbounded, Bound::Unbounded) => unscored(self.exact("has:date")),
                    _ => unscored(Box::new(RangeQuery::new(from, until))),
                }
            }
            Clause::Id(id) => {
                let found = self.catalog.by_message_hash(crate::thread::message_hash(id)).map_err(internal)?;
                let same = found.iter().filter(|found| found.item.message_id.as_deref() == Some(id.as_str()));
                self.keys(same.filter_map(|found| self.catalog.key(&found.item.key)).collect())
            }
            Clause::Collection(id) => unscored(self.exact(&format!("in:{id}"))),
        })
    }

    /// Fields of a text search with their weights.
    fn targets(&self, field: TextField) -> Vec<(Field, f32)> {
        let fields = self.fields;
        match field {
            TextField::Any => vec![
                (fields.subject, 2.0),
                (fields.own, 1.0),
                (fields.quoted, 0.4),
                (fields.names, 1.0),
                (fields.from, 1.2),
                (fields.to, 0.7),
                (fields.cc, 0.4),
                (fields.bcc, 0.4),
            ],
            TextField::Subject => vec![(fields.subject, 1.0)],
            TextField::Body => vec![(fields.own, 1.0)],
            TextField::Quoted => vec![(fields.quoted, 1.0)],
            TextField::Attachment => vec![(fields.names, 1.0)],
        }
    }

    fn text(&mut self, targets: &[(Field, f32)], text: &Text, negated: bool) -> tantivy::Result<Box<dyn IndexQuery>> {
        let tokens = text::tokens_of_query_word(text.words());
        let Some(first) = tokens.first() else { return Ok(Box::new(EmptyQuery)) };
        if tokens.len() > 1 {
            return self.words(targets, text, tokens, negated);
        }
        Ok(match text {
            Text::Fuzzy { edits, .. } => {
                self.highlight(negated, |matcher| matcher.fuzzy.push((first.clone(), *edits)));
                let edits = (*edits).min(2);
                let fuzzy = |field| Box::new(FuzzyTermQuery::new(Term::from_field_text(field, first), edits, true));
                any(targets.iter().map(|(field, boost)| boosted(fuzzy(*field), *boost)).collect())
            }
            // The last character of a Chinese run stands alone in the index, the others begin a pair.
            _ if matches!(text, Text::Prefix(_)) || text::is_open(first) => {
                self.highlight(negated, |matcher| matcher.prefixes.push(first.clone()));
                let pattern = format!("{}.*", escape(first));
                let parts = targets.iter().map(|(field, boost)| {
                    let query: Box<dyn IndexQuery> = Box::new(RegexQuery::from_pattern(&pattern, *field)?);
                    Ok(boosted(query, *boost))
                });
                any(parts.collect::<tantivy::Result<_>>()?)
            }
            Text::Word(_) => self.word(targets, first, negated)?,
            _ => {
                self.highlight(negated, |matcher| matcher.exact.extend([first.clone()]));
                any(targets.iter().map(|(field, boost)| boosted(term(*field, first), *boost)).collect())
            }
        })
    }

    /// Several words, or one that the tokenizer takes apart: a phrase, or words near each other.
    fn words(
        &mut self,
        targets: &[(Field, f32)],
        text: &Text,
        mut tokens: Vec<String>,
        negated: bool,
    ) -> tantivy::Result<Box<dyn IndexQuery>> {
        if let Text::Near { distance, .. } = text {
            self.highlight(negated, |matcher| matcher.exact.extend(tokens.iter().cloned()));
            return Ok(near(targets, &tokens, *distance));
        }
        self.highlight(negated, |matcher| matcher.phrases.push(tokens.clone()));
        let last = if matches!(text, Text::Prefix(_)) { tokens.pop() } else { None };
        self.phrase(targets, &tokens, last.as_deref())
    }

    /// A word in any form.
    fn word(&mut self, targets: &[(Field, f32)], word: &str, negated: bool) -> tantivy::Result<Box<dyn IndexQuery>> {
        let forms = self.forms(targets, word)?;
        self.highlight(negated, |matcher| {
            matcher.exact.insert(word.to_owned());
            matcher.exact.extend(forms.values().flatten().cloned());
        });
        let mut parts: Vec<_> = targets.iter().map(|(field, boost)| boosted(term(*field, word), *boost)).collect();
        for (languages, words) in forms.iter() {
            let stemmed = targets.iter().filter(|(field, _)| self.is_prose(*field));
            let found = stemmed
                .flat_map(|(field, boost)| words.iter().map(|word| boosted(term(*field, word), *boost * FORM_BOOST)));
            let found = any(found.collect());
            parts.push(if languages.is_empty() { found } else { self.in_languages(found, languages) });
        }
        Ok(any(parts))
    }

    /// Restricts forms to items in their languages, and to those too short to tell.
    fn in_languages(&self, found: Box<dyn IndexQuery>, languages: &[Lang]) -> Box<dyn IndexQuery> {
        let mut codes: Vec<_> = languages.iter().map(|lang| self.exact(&format!("lang:{}", lang.code()))).collect();
        codes.push(self.exact("lang:und"));
        Box::new(BooleanQuery::new(vec![(Occur::Must, found), (Occur::Must, unscored(any(codes)))]))
    }

    /// Whether a field holds running text, whose words are inflected.
    fn is_prose(&self, field: Field) -> bool {
        [self.fields.subject, self.fields.own, self.fields.quoted, self.fields.names].contains(&field)
    }

    /// Indexed words that share a stem with a word, the word itself left out.
    fn forms(&self, targets: &[(Field, f32)], word: &str) -> tantivy::Result<Arc<Forms>> {
        let prose: Vec<Field> = targets.iter().map(|(field, _)| *field).filter(|field| self.is_prose(*field)).collect();
        self.cache.forms(self.searcher, &prose, &self.languages, word)
    }

    fn phrase(
        &self,
        targets: &[(Field, f32)],
        words: &[String],
        prefix: Option<&str>,
    ) -> tantivy::Result<Box<dyn IndexQuery>> {
        let parts = targets.iter().map(|(field, boost)| {
            let mut terms: Vec<Term> = words.iter().map(|word| Term::from_field_text(*field, word)).collect();
            let query: Box<dyn IndexQuery> = match prefix {
                Some(prefix) => {
                    terms.push(Term::from_field_text(*field, prefix));
                    Box::new(tantivy::query::PhrasePrefixQuery::new(terms))
                }
                None => Box::new(PhraseQuery::new(terms)),
            };
            boosted(query, *boost)
        });
        Ok(any(parts.collect()))
    }

    fn address(
        &mut self,
        field: AddressField,
        value: &AddressTerm,
        negated: bool,
    ) -> tantivy::Result<Box<dyn IndexQuery>> {
        let roles: &[PersonRole] = match field {
            AddressField::From => &[PersonRole::From],
            AddressField::To => &[PersonRole::To],
            AddressField::Cc => &[PersonRole::Cc],
            AddressField::Bcc => &[PersonRole::Bcc],
            AddressField::Participant => &[PersonRole::From, PersonRole::To, PersonRole::Cc, PersonRole::Bcc],
        };
        let exactly = |key: &str| unscored(any(roles.iter().map(|role| self.exact(&role_term(*role, key))).collect()));
        Ok(match value {
            AddressTerm::Exact(email) => exactly(&email.to_lowercase()),
            AddressTerm::Domain(domain) => exactly(&format!("@{}", domain.to_lowercase())),
            AddressTerm::Text(text) => {
                let targets: Vec<_> = roles.iter().map(|role| (self.fields.role(*role), 1.0)).collect();
                // Names are not inflected: a plain word is meant as it stands.
                self.text(&targets, text, negated)?
            }
        })
    }

    fn numbers(&self, range: Range) -> Box<dyn IndexQuery> {
        let last = RowKey::range(CollectionNo(0)).1.cast_unsigned();
        let (min, max) = (range.min.min(last), range.max.min(last));
        let span = |no: CollectionNo| {
            let key = |number| RowKey::new(no, ItemNumber(number)).0;
            between(self.fields.key, Range { min: key(min), max: key(max) })
        };
        any(self.collection_numbers().map(span).collect())
    }

    fn releases(&self, range: Range) -> Box<dyn IndexQuery> {
        let last = u64::from(u32::MAX);
        let span = |no: CollectionNo| {
            let base = u64::from(no.0) << 32;
            between(self.fields.release, Range { min: base | range.min.min(last), max: base | range.max.min(last) })
        };
        any(self.collection_numbers().map(span).collect())
    }

    fn collection_numbers(&self) -> impl Iterator<Item = CollectionNo> {
        let wanted = self.catalog.collections().filter(|record| self.collection.is_none_or(|id| *id == record.id));
        wanted.filter_map(|record| self.catalog.collection(&record.id).map(|(no, _)| no))
    }

    fn thread(&self, number: u64) -> tantivy::Result<Box<dyn IndexQuery>> {
        let mut keys = Vec::new();
        for no in self.collection_numbers() {
            let root = RowKey::new(no, ItemNumber(number));
            keys.extend(self.catalog.thread_items(root, THREAD_ITEMS_MAX).map_err(internal)?);
        }
        Ok(self.keys(keys))
    }

    fn keys(&self, keys: Vec<RowKey>) -> Box<dyn IndexQuery> {
        unscored(Box::new(TermSetQuery::new(keys.into_iter().map(|key| Term::from_field_u64(self.fields.key, key.0)))))
    }

    fn exact(&self, value: &str) -> Box<dyn IndexQuery> {
        Box::new(TermQuery::new(Term::from_field_text(self.fields.exact, value), IndexRecordOption::Basic))
    }

    fn exact_pattern(&self, pattern: &str) -> tantivy::Result<Box<dyn IndexQuery>> {
        Ok(Box::new(RegexQuery::from_pattern(pattern, self.fields.exact)?))
    }

    fn highlight(&mut self, negated: bool, mark: impl FnOnce(&mut Matcher)) {
        if !negated {
            mark(&mut self.matcher);
        }
    }
}

/// Languages of the collections asked for that have a stemmer.
fn languages(catalog: &CatalogReader, collection: Option<&CollectionId>) -> Vec<(Lang, bool)> {
    let mut counts: BTreeMap<Lang, u64> = BTreeMap::new();
    let mut total = 0;
    for record in catalog.collections().filter(|record| collection.is_none_or(|id| *id == record.id)) {
        for (code, count) in &record.languages {
            total += count;
            if let Some(lang) = Lang::from_code(code).filter(|lang| lang.has_stemmer()) {
                *counts.entry(lang).or_default() += count;
            }
        }
    }
    counts.into_iter().map(|(lang, count)| (lang, count * 100 >= total * MAIN_LANGUAGE_PERCENT)).collect()
}

fn term(field: Field, word: &str) -> Box<dyn IndexQuery> {
    Box::new(TermQuery::new(Term::from_field_text(field, word), IndexRecordOption::WithFreqs))
}

/// Words near each other, in any order while they are few.
fn near(targets: &[(Field, f32)], words: &[String], distance: u32) -> Box<dyn IndexQuery> {
    let orders = if words.len() <= NEAR_ANY_ORDER_MAX { permutations(words) } else { vec![words.to_vec()] };
    let mut parts = Vec::new();
    for (field, boost) in targets {
        for order in &orders {
            let terms = order.iter().enumerate().map(|(at, word)| (at, Term::from_field_text(*field, word)));
            parts.push(boosted(Box::new(PhraseQuery::new_with_offset_and_slop(terms.collect(), distance)), *boost));
        }
    }
    any(parts)
}

fn permutations(words: &[String]) -> Vec<Vec<String>> {
    if words.len() < 2 {
        return vec![words.to_vec()];
    }
    let mut orders = Vec::new();
    for at in 0..words.len() {
        let mut rest = words.to_vec();
        let first = rest.remove(at);
        for mut order in permutations(&rest) {
            order.insert(0, first.clone());
            if !orders.contains(&order) {
                orders.push(order);
            }
        }
    }
    orders
}

fn any(mut parts: Vec<Box<dyn IndexQuery>>) -> Box<dyn IndexQuery> {
    match parts.len() {
        0 => Box::new(EmptyQuery),
        1 => parts.swap_remove(0),
        _ => Box::new(BooleanQuery::union(parts)),
    }
}

/// Filters, which should not sway the order of hits.
fn unscored(query: Box<dyn IndexQuery>) -> Box<dyn IndexQuery> {
    Box::new(ConstScoreQuery::new(query, 0.0))
}

fn boosted(query: Box<dyn IndexQuery>, boost: f32) -> Box<dyn IndexQuery> {
    if (boost - 1.0).abs() < f32::EPSILON { query } else { Box::new(BoostQuery::new(query, boost)) }
}

fn between(field: Field, range: Range) -> Box<dyn IndexQuery> {
    let term = |value| Term::from_field_u64(field, value);
    unscored(Box::new(RangeQuery::new(Bound::Included(term(range.min)), Bound::Included(term(range.max)))))
}

/// Text as a pattern that matches just it.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if !letter.is_alphanumeric() && letter.is_ascii() {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

#[expect(clippy::needless_pass_by_value, reason = "made for map_err")]
fn internal(error: crate::ReadError) -> tantivy::TantivyError {
    tantivy::TantivyError::InternalError(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permutations_are_all_orders_once() {
        let words = ["a", "b", "b"].map(str::to_owned);
        assert_eq!(permutations(&words).len(), 3);
    }
}
