//! Carrying out searches: plan, collect, then fetch records and cut snippets.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::OnceLock,
    thread,
    time::{Duration, Instant as Clock},
};

use frelon_model::{CollectionId, YearMonth};
use hashbrown::HashMap;
use tantivy::{Index, IndexReader, ReloadPolicy, query::EnableScoring};

use crate::{
    Archive, ReadError, SearchError,
    archive::HeadInflater,
    catalog::{CatalogReader, RowKey},
    cursor,
    fulltext::{self, Collected, Collector, Columns, Counts, FacetCounts, Fields, FormCache, Place, Plan},
    query::{self, AddressField, AddressTerm, Clause, Query},
    record::ItemRecord,
    search::{Facet, FacetValue, Hit, SearchAnswer, SearchRequest, SnippetPiece, Sort},
    snippet::{self, Text, Texts},
};

/// Hits one page may have.
const HITS_MAX: usize = 1_000;
/// Values shown of a facet.
const FACET_VALUES_MAX: usize = 12;
/// Length of a snippet, in characters.
const SNIPPET_CHARS: usize = 280;
/// Threads of one search: more shorten little, and take from other searches.
const THREADS_MAX: usize = 4;
/// Hits fetched at a time by an export.
const EXPORT_PAGE: usize = 5_000;
/// Longest an export's single step may take.
const EXPORT_STEP: Duration = Duration::from_secs(60);

/// The full-text index opened for searching.
pub(crate) struct Searcher {
    fields: Fields,
    reader: IndexReader,
    path: std::path::PathBuf,
    /// Columns of the segments, in their order; made at the first search.
    columns: OnceLock<Vec<Columns>>,
    forms: FormCache,
    texts: Texts,
    /// Threads that one search may use.
    threads: usize,
}

impl Searcher {
    pub(crate) fn open(path: &Path) -> Result<Self, ReadError> {
        let damaged =
            |error: tantivy::TantivyError| ReadError::Damaged { path: path.to_owned(), reason: error.to_string() };
        let index = Index::open_in_dir(path).map_err(damaged)?;
        fulltext::register(&index);
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(damaged)?;
        Ok(Self {
            fields: Fields::new(),
            reader,
            path: path.to_owned(),
            columns: OnceLock::new(),
            forms: FormCache::default(),
            texts: Texts::default(),
            threads: thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX),
        })
    }

    pub(crate) fn search(&self, archive: &Archive, request: &SearchRequest) -> Result<SearchAnswer, SearchError> {
        let started = Clock::now();
        let parsed = query::parse(&request.query)?;
        let after = request.cursor.as_deref().map(cursor::parse_place).transpose()?;
        let plan = self.plan(archive.catalog(), &parsed, request.collection.as_ref())?;
        let collector = Collector {
            sort: request.sort,
            after,
            limit: request.limit.clamp(1, HITS_MAX) + 1,
            facets: request.facets,
            deadline: started + request.budget,
        };
        let mut collected = self.collect(&plan, &collector)?;
        let more = collected.places.len() == collector.limit;
        collected.places.truncate(collector.limit - 1);
        let next = collected.places.last().filter(|_| more).map(|place| cursor::print_place(*place));
        let hits = self.fetch(archive, &collected.places, &plan, request.snippets)?;
        let dated: u64 = collected.counts.month.iter().map(|(_, count)| count).sum();
        let undated = collected.total - dated.min(collected.total);
        Ok(SearchAnswer {
            hits,
            total: collected.total,
            cut_short: collected.cut_short,
            histogram: histogram(&collected.counts),
            undated: if request.facets { undated } else { 0 },
            facets: if request.facets { facets(archive.catalog(), &collected.counts)? } else { Vec::new() },
            next,
            ignored: plan.ignored,
            explanation: query::Explanation::of(&parsed),
            took_us: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        })
    }

    pub(crate) fn search_all(
        &self,
        archive: &Archive,
        request: &SearchRequest,
        visit: &mut dyn FnMut(ItemRecord) -> bool,
    ) -> Result<(), SearchError> {
        let parsed = query::parse(&request.query)?;
        let plan = self.plan(archive.catalog(), &parsed, request.collection.as_ref())?;
        let mut after = None;
        loop {
            let deadline = Clock::now() + EXPORT_STEP;
            let collector = Collector { sort: request.sort, after, limit: EXPORT_PAGE, facets: false, deadline };
            let collected = self.collect(&plan, &collector)?;
            let keys: Vec<RowKey> = collected.places.iter().map(|place| RowKey(place.key)).collect();
            for found in archive.catalog().items(&keys)? {
                if !visit(found.item) {
                    return Ok(());
                }
            }
            if collected.places.len() < EXPORT_PAGE {
                return Ok(());
            }
            after = collected.places.last().copied();
        }
    }

    /// Ids of the people a person exchanged items with, and how many items.
    pub(crate) fn correspondents(
        &self,
        catalog: &CatalogReader,
        collection: &CollectionId,
        key: &str,
    ) -> Result<HashMap<u64, u64>, ReadError> {
        let count = |field: AddressField| -> Result<FacetCounts, ReadError> {
            let clause = Query::Clause(Clause::Address(field, AddressTerm::Exact(key.to_owned())));
            let plan = self.plan(catalog, &clause, Some(collection))?;
            let deadline = Clock::now() + Duration::from_secs(2);
            let collector = Collector { sort: Sort::Number, after: None, limit: 1, facets: true, deadline };
            Ok(self.collect(&plan, &collector)?.counts)
        };
        let mut people: HashMap<u64, u64> = count(AddressField::From)?.to.into_iter().collect();
        for field in [AddressField::To, AddressField::Cc, AddressField::Bcc] {
            for (id, items) in count(field)?.from {
                *people.entry(id).or_default() += items;
            }
        }
        Ok(people)
    }

    fn plan(
        &self,
        catalog: &CatalogReader,
        query: &Query,
        collection: Option<&CollectionId>,
    ) -> Result<Plan, ReadError> {
        fulltext::plan(&self.fields, &self.reader.searcher(), catalog, &self.forms, query, collection)
            .map_err(|error| self.damaged(&error))
    }

    fn collect(&self, plan: &Plan, collector: &Collector) -> Result<Collected, ReadError> {
        let searcher = self.reader.searcher();
        let run = || -> tantivy::Result<Collected> {
            let scoring = if collector.sort == Sort::Relevance {
                EnableScoring::enabled_from_searcher(&searcher)
            } else {
                EnableScoring::disabled_from_searcher(&searcher)
            };
            let weight = plan.query.weight(scoring)?;
            let columns = self.columns(&searcher)?;
            let segments: Vec<_> = searcher.segment_readers().iter().zip(columns).collect();
            collector.collect(weight.as_ref(), &segments, self.threads)
        };
        run().map_err(|error| self.damaged(&error))
    }

    fn columns(&self, searcher: &tantivy::Searcher) -> tantivy::Result<&[Columns]> {
        if let Some(columns) = self.columns.get() {
            return Ok(columns);
        }
        let columns: Vec<Columns> = searcher.segment_readers().iter().map(Columns::read).collect::<Result<_, _>>()?;
        Ok(self.columns.get_or_init(|| columns))
    }

    fn fetch(&self, archive: &Archive, places: &[Place], plan: &Plan, snippets: bool) -> Result<Vec<Hit>, ReadError> {
        let keys: Vec<RowKey> = places.iter().map(|place| RowKey(place.key)).collect();
        let mut inflater = HeadInflater::default();
        let mut hits = Vec::with_capacity(keys.len());
        for found in archive.catalog().items(&keys)? {
            let snippet =
                if snippets { cut(&*self.texts.of(archive, &mut inflater, &found)?, plan) } else { Vec::new() };
            hits.push(Hit { item: found.item, snippet });
        }
        Ok(hits)
    }

    fn damaged(&self, error: &dyn std::fmt::Display) -> ReadError {
        ReadError::Damaged { path: self.path.clone(), reason: error.to_string() }
    }
}

/// Cuts the snippet of a hit: from what its author wrote where that matches, else from what was quoted.
fn cut(text: &Text, plan: &Plan) -> Vec<SnippetPiece> {
    let Text { own, quoted } = text;
    if !plan.matcher.is_empty() {
        let pieces = snippet::snippet(own, &plan.matcher, SNIPPET_CHARS);
        if pieces.iter().any(|piece| piece.matched) || quoted.is_empty() {
            return pieces;
        }
        let from_quotes = snippet::snippet(quoted, &plan.matcher, SNIPPET_CHARS);
        if from_quotes.iter().any(|piece| piece.matched) {
            return from_quotes;
        }
    }
    let text = if own.trim().is_empty() { quoted } else { own };
    snippet::snippet(text, &plan.matcher, SNIPPET_CHARS)
}

fn histogram(counts: &FacetCounts) -> Vec<(YearMonth, u64)> {
    let month = |ordinal: u64| YearMonth {
        year: i16::try_from(ordinal / 12).unwrap_or(i16::MAX),
        month: i8::try_from(ordinal % 12 + 1).unwrap_or(1),
    };
    counts.month.iter().map(|(ordinal, count)| (month(*ordinal), *count)).collect()
}

fn facets(catalog: &CatalogReader, counts: &FacetCounts) -> Result<Vec<Facet>, ReadError> {
    let mut facets = Vec::new();
    for (name, people) in [("from", &counts.from), ("to", &counts.to)] {
        let mut values = Vec::new();
        for (id, count) in top(people) {
            if let Some(person) = catalog.person_by_id(id.cast_signed())? {
                let label = if person.name.is_empty() { person.key.clone() } else { person.name };
                values.push(FacetValue { label, count, clause: clause(name, &person.key) });
            }
        }
        facets.push(Facet { name, values, distinct: people.len() as u64 });
    }
    for (name, labels) in [("lang", &counts.language), ("list", &counts.list), ("dkim", &counts.dkim)] {
        let values = top(labels).into_iter().map(|(label, count)| {
            let clause = clause(name, &label);
            FacetValue { label, count, clause }
        });
        facets.push(Facet { name, values: values.collect(), distinct: labels.len() as u64 });
    }
    let years = sum_by(&counts.month, |month| month / 12);
    let distinct = years.len() as u64;
    let mut values: Vec<_> = top(&years);
    values.sort_unstable();
    let year =
        |(year, count): (u64, u64)| FacetValue { label: year.to_string(), count, clause: format!("date:{year}") };
    facets.push(Facet { name: "year", values: values.into_iter().map(year).collect(), distinct });
    let has = fulltext::flag::NAMES.iter().zip(counts.flag).filter(|(_, count)| *count > 0);
    let has: Vec<FacetValue> = has
        .map(|((_, name), count)| FacetValue { label: (*name).to_owned(), count, clause: format!("has:{name}") })
        .collect();
    facets.push(Facet { name: "has", distinct: has.len() as u64, values: has });
    facets.extend(places(catalog, counts));
    facets.retain(|facet| !facet.values.is_empty());
    Ok(facets)
}

/// The facets of collection and release, from one column.
fn places(catalog: &CatalogReader, counts: &FacetCounts) -> [Facet; 2] {
    let collections = sum_by(&counts.release, |release| {
        let no = crate::catalog::CollectionNo(u16::try_from(release >> 32).unwrap_or(u16::MAX));
        catalog.collection_id(no).map_or_else(String::new, |id| id.as_str().to_owned())
    });
    let releases = sum_by(&counts.release, |release| release & 0xffff_ffff);
    let labelled = |(id, count): (String, u64)| {
        let title = catalog.collections().find(|record| record.id.as_str() == id).map(|record| record.title.clone());
        FacetValue { label: title.unwrap_or_else(|| id.clone()), count, clause: format!("in:{id}") }
    };
    let numbered = |(tranche, count): (u64, u64)| FacetValue {
        label: tranche.to_string(),
        count,
        clause: format!("release:{tranche}"),
    };
    [
        Facet {
            name: "collection",
            distinct: collections.len() as u64,
            values: top(&collections).into_iter().map(labelled).collect(),
        },
        Facet {
            name: "release",
            distinct: releases.len() as u64,
            values: top(&releases).into_iter().map(numbered).collect(),
        },
    ]
}

/// Counts by a coarser value.
fn sum_by<K: Ord>(counts: &[(u64, u64)], coarser: impl Fn(u64) -> K) -> Counts<K> {
    let mut sums = BTreeMap::new();
    counts.iter().for_each(|(value, count)| *sums.entry(coarser(*value)).or_default() += count);
    sums.into_iter().collect()
}

/// The most frequent values, ties by value.
fn top<K: Ord + Clone>(counts: &[(K, u64)]) -> Counts<K> {
    let mut values: Vec<(&K, u64)> = counts.iter().map(|(value, count)| (value, *count)).collect();
    let order = |a: &(&K, u64), b: &(&K, u64)| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0));
    if values.len() > FACET_VALUES_MAX {
        values.select_nth_unstable_by(FACET_VALUES_MAX, order);
        values.truncate(FACET_VALUES_MAX);
    }
    values.sort_unstable_by(order);
    values.into_iter().map(|(value, count)| (value.clone(), count)).collect()
}

/// A clause for a value, quoted where the query language needs it.
fn clause(field: &str, value: &str) -> String {
    let plain = value.chars().all(|letter| letter.is_alphanumeric() || "@.-_+".contains(letter));
    if plain { format!("{field}:{value}") } else { format!("{field}:\"{}\"", value.replace('"', " ")) }
}
