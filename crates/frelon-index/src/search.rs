//! Searching: request in, hits, facets, histogram and explanation out.

use std::time::Duration;

use frelon_model::{CollectionId, YearMonth};
use serde::Serialize;

use crate::record::ItemRecord;

/// What to search for and how to answer.
#[derive(Debug, Clone)]
pub struct SearchRequest {
    /// The query as typed; empty finds everything.
    pub query: String,
    /// Only this collection.
    pub collection: Option<CollectionId>,
    /// Order of the hits.
    pub sort: Sort,
    /// Where to go on, from [`SearchAnswer::next`].
    pub cursor: Option<String>,
    /// Hits wanted; at most 1,000.
    pub limit: usize,
    /// Whether to count facets and the histogram.
    pub facets: bool,
    /// Whether to cut snippets.
    pub snippets: bool,
    /// Time after which the answer is given as far as it got.
    pub budget: Duration,
}

impl Default for SearchRequest {
    fn default() -> Self {
        Self {
            query: String::new(),
            collection: None,
            sort: Sort::default(),
            cursor: None,
            limit: 20,
            facets: true,
            snippets: true,
            budget: Duration::from_secs(2),
        }
    }
}

/// Order of hits. Ties are broken by collection and number, so that paging is stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sort {
    /// Best match first (BM25).
    #[default]
    Relevance,
    /// Newest first, undated last.
    Newest,
    /// Oldest first, undated last.
    Oldest,
    /// By number.
    Number,
    /// Largest first.
    Largest,
}

/// The answer to a [`SearchRequest`].
#[derive(Debug, Clone, Serialize)]
pub struct SearchAnswer {
    /// Hits of this page.
    pub hits: Vec<Hit>,
    /// Number of all hits.
    pub total: u64,
    /// Whether the budget ran out, so that hits, total and facets are incomplete.
    pub cut_short: bool,
    /// Facets, each with its values by count; empty when not asked for.
    pub facets: Vec<Facet>,
    /// Hits per month, oldest first, without empty months; empty when not asked for.
    pub histogram: Vec<(YearMonth, u64)>,
    /// Hits without a date.
    pub undated: u64,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// Words of the query left out because they stand in nearly every text ("the").
    pub ignored: Vec<String>,
    /// The query as understood.
    pub explanation: crate::query::Explanation,
    /// Time taken, in microseconds.
    pub took_us: u64,
}

/// One item found.
#[derive(Debug, Clone, Serialize)]
pub struct Hit {
    /// The item.
    pub item: ItemRecord,
    /// Pieces of its text around the matches, in order; empty when not asked for.
    pub snippet: Vec<SnippetPiece>,
}

/// A run of snippet text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SnippetPiece {
    /// The text.
    pub text: String,
    /// Whether it matched the query.
    pub matched: bool,
}

/// Counts of one facet.
#[derive(Debug, Clone, Serialize)]
pub struct Facet {
    /// `from`, `to`, `lang`, `list`, `has`, `year`, `collection`, `release`.
    pub name: &'static str,
    /// Values, most frequent first; at most 12.
    pub values: Vec<FacetValue>,
    /// Distinct values in all.
    pub distinct: u64,
}

/// One value of a facet.
#[derive(Debug, Clone, Serialize)]
pub struct FacetValue {
    /// What a person reads, if different from the value.
    pub label: String,
    /// Number of hits.
    pub count: u64,
    /// Clause to add to the query to keep only these, such as `from:ann@example.org`.
    pub clause: String,
}
