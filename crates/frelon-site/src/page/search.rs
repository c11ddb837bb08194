//! `/search`: the query, what it was understood to mean, the hits, and the ways to narrow them.

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use axum::{
    extract::{Query as Parameters, State},
    response::Response,
};
use frelon_index::{
    CollectionRecord, Facet, SearchAnswer, SearchError, SearchRequest, Sort,
    query::{Query, QueryError, parse, print},
};
use frelon_model::CollectionId;
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;

use super::{
    chart::Chart,
    explain::explain,
    row::Row,
    shell::{Reader, Shell, page_with, site_title},
};
use crate::{fault::Fault, path, state::Site, text::percent_encode};

/// Hits on one page.
const HITS_MAX: usize = 20;

/// The orders and their names in addresses.
const SORTS: [(&str, Sort); 5] = [
    ("relevance", Sort::Relevance),
    ("newest", Sort::Newest),
    ("oldest", Sort::Oldest),
    ("number", Sort::Number),
    ("largest", Sort::Largest),
];

/// Parameters of the page.
#[derive(Deserialize, Default, Clone)]
pub(crate) struct Wanted {
    /// The query.
    #[serde(default)]
    pub(crate) q: String,
    /// Collection.
    #[serde(default)]
    pub(crate) c: String,
    /// Name of the order.
    #[serde(default)]
    pub(crate) sort: String,
    /// Where to go on.
    cursor: Option<String>,
}

impl Wanted {
    /// The address of this search with another query.
    fn link(&self, path: &str, query: &str) -> String {
        self.link_sorted(path, query, &self.sort)
    }

    fn link_sorted(&self, path: &str, query: &str, sort: &str) -> String {
        let mut link = format!("{path}?q={}", percent_encode(query));
        if !self.c.is_empty() {
            link.push_str("&c=");
            link.push_str(&percent_encode(&self.c));
        }
        if !sort.is_empty() {
            link.push_str("&sort=");
            link.push_str(&percent_encode(sort));
        }
        link
    }
}

/// A part of the query that a click takes away.
struct Chip {
    text: String,
    /// The search without it.
    href: String,
}

/// A facet in the margin.
struct FacetView {
    title: String,
    values: Vec<FacetLine>,
    /// Values that are not listed.
    more: u64,
}

/// One value of a facet.
struct FacetLine {
    label: String,
    count: u64,
    href: String,
}

/// A mistake in the query and the place of it.
struct Mistake {
    text: String,
    before: String,
    place: String,
    after: String,
    /// A caret under the place, for text browsers.
    caret: String,
}

/// A choice of a list, whether in use.
struct Choice {
    value: String,
    label: String,
    href: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    s: Shell,
    query: String,
    sort: String,
    collections: Vec<Choice>,
    sorts: Vec<Choice>,
    chips: Vec<Chip>,
    mistake: Option<Mistake>,
    /// `None` when the query is wrong.
    found: Option<Found>,
}

/// What was found.
struct Found {
    total: u64,
    cut_short: bool,
    explanation: String,
    took: String,
    rows: Vec<Row>,
    facets: Vec<FacetView>,
    chart: Chart,
    undated: u64,
    more: Option<String>,
    exports: Vec<(&'static str, String)>,
}

/// `GET /search`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    Parameters(wanted): Parameters<Wanted>,
    reader: Reader,
) -> Result<Response, Fault> {
    let collection = if wanted.c.is_empty() {
        None
    } else {
        Some(path::collection_id(&wanted.c).map_err(|_| Fault::Parameter("c"))?)
    };
    let sort = SORTS.iter().find(|(name, _)| *name == wanted.sort || wanted.sort.is_empty());
    let (_, sort) = *sort.ok_or(Fault::Parameter("sort"))?;
    let request = SearchRequest {
        query: wanted.q.clone(),
        collection: collection.clone(),
        sort,
        cursor: wanted.cursor.clone(),
        limit: HITS_MAX,
        budget: site.options.search_budget,
        ..SearchRequest::default()
    };
    let collections = site.archive().collections();
    if collection.is_some_and(|id| !collections.iter().any(|record| record.id == id)) {
        return Err(Fault::Parameter("c"));
    }
    // A wrong query is an answer of its own here, not a failure of the page.
    let result = site
        .search(move |archive| match archive.search(&request) {
            Ok(answer) => Ok(Ok(answer)),
            Err(SearchError::Query(error)) => Ok(Err(error)),
            Err(error) => Err(error),
        })
        .await?;
    let shell = Shell::new(reader.clone(), site_title(&site, reader.words), String::new());
    let (status, keep) = match &result {
        Ok(answer) => (StatusCode::OK, !answer.cut_short),
        Err(_) => (StatusCode::BAD_REQUEST, false),
    };
    let template = view(shell, &wanted, &collections, &result);
    let mut response = page_with(&site, &template.s, &template, status)?;
    if !keep {
        // An answer that ran out of time may be whole the next time.
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response.headers_mut().remove(header::ETAG);
    }
    Ok(response)
}

fn view(
    mut s: Shell,
    wanted: &Wanted,
    collections: &[CollectionRecord],
    result: &Result<SearchAnswer, QueryError>,
) -> SearchPage {
    let query = wanted.q.trim();
    let label = s.t("search-title").to_owned();
    s = s.beside(&[("/search", &label)]);
    s.title = if query.is_empty() { label } else { format!("{query} · {label}") };
    s.feed = Some(wanted.link_sorted("/search.atom", query, ""));
    s.asked_query = wanted.q.clone();
    s.hidden = true;
    let parsed = parse(query).unwrap_or(Query::All);
    let choice = |record: &CollectionRecord| Choice {
        value: record.id.to_string(),
        label: record.title.clone(),
        href: String::new(),
        current: record.id.as_str() == wanted.c,
    };
    let choices = if collections.len() > 1 || !wanted.c.is_empty() { collections } else { &[] };
    let current_sort = if wanted.sort.is_empty() { "relevance" } else { &wanted.sort };
    let sort_choice = |(name, _): &(&str, Sort)| Choice {
        value: (*name).to_owned(),
        label: s.find(&format!("sort-{name}")).unwrap_or(name).to_owned(),
        href: s.href(wanted.link_sorted("/search", query, name)),
        current: *name == current_sort,
    };
    let (found, mistake) = match result {
        Ok(answer) => (Some(found(&s, wanted, &parsed, collections, answer)), None),
        Err(error) => (None, Some(mistake(&s, query, error))),
    };
    SearchPage {
        collections: choices.iter().map(choice).collect(),
        sorts: SORTS.iter().map(sort_choice).collect(),
        chips: if result.is_ok() { chips(&s, wanted, &parsed) } else { Vec::new() },
        mistake,
        found,
        query: wanted.q.clone(),
        sort: wanted.sort.clone(),
        s,
    }
}

fn found(s: &Shell, wanted: &Wanted, parsed: &Query, collections: &[CollectionRecord], answer: &SearchAnswer) -> Found {
    let mut titles: BTreeMap<CollectionId, String> = BTreeMap::new();
    if wanted.c.is_empty() && collections.len() > 1 {
        titles.extend(collections.iter().map(|record| (record.id.clone(), record.title.clone())));
    }
    let narrowed = |clause: &str| s.href(wanted.link("/search", &narrow(parsed, clause)));
    let chart = Chart::of(s, &answer.histogram, |year, month| {
        let date = month.map_or_else(|| format!("{year:04}"), |month| format!("{year:04}-{month:02}"));
        // The chart makes its links keep the language itself.
        wanted.link("/search", &narrow(parsed, &format!("date:{date}")))
    });
    let facet = |facet: &Facet| facet_view(s, facet, collections, &narrowed);
    let exports = ["mbox", "zip", "csv", "jsonl"];
    Found {
        total: answer.total,
        cut_short: answer.cut_short,
        explanation: explain(s, &answer.explanation),
        took: took(s, answer.took_us),
        rows: answer.hits.iter().map(|hit| Row::of_hit(s, hit, &titles)).collect(),
        facets: answer.facets.iter().filter(|facet| !facet.values.is_empty()).map(facet).collect(),
        chart,
        undated: answer.undated,
        more: answer
            .next
            .as_ref()
            .map(|next| s.href(format!("{}&cursor={}", wanted.link("/search", wanted.q.trim()), percent_encode(next)))),
        exports: exports.map(|kind| (kind, wanted.link(&format!("/export/{kind}"), wanted.q.trim()))).into(),
    }
}

/// The query with one clause more, which must hold besides.
fn narrow(query: &Query, clause: &str) -> String {
    let more = parse(clause).unwrap_or(Query::All);
    written(&Query::and(vec![query.clone(), more]))
}

fn written(query: &Query) -> String {
    if *query == Query::All { String::new() } else { print(query) }
}

/// The parts of a query that can each be taken away.
fn chips(s: &Shell, wanted: &Wanted, query: &Query) -> Vec<Chip> {
    let parts = match query {
        Query::All => return Vec::new(),
        Query::And(parts) => parts.clone(),
        other => vec![other.clone()],
    };
    if parts.len() == 1 && matches!(parts.first(), Some(Query::Clause(frelon_index::query::Clause::Text(..)))) {
        return Vec::new();
    }
    let without = |index: usize| {
        let rest: Vec<Query> =
            parts.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, part)| part.clone()).collect();
        written(&Query::and(rest))
    };
    let chip = |(index, part): (usize, &Query)| Chip {
        text: print(part),
        href: s.href(wanted.link("/search", &without(index))),
    };
    parts.iter().enumerate().map(chip).collect()
}

fn facet_view(
    s: &Shell,
    facet: &Facet,
    collections: &[CollectionRecord],
    narrowed: &dyn Fn(&str) -> String,
) -> FacetView {
    let title = s.find(&format!("facet-{}", facet.name)).unwrap_or(facet.name).to_owned();
    let label = |label: &str| match facet.name {
        "lang" => s.language(label),
        "dkim" => s.find(&format!("dkim-{label}")).unwrap_or(label).to_owned(),
        "has" => s.find(&format!("has-{label}")).unwrap_or(label).to_owned(),
        "release" => label.to_owned(),
        "collection" => collections
            .iter()
            .find(|record| record.id.as_str() == label)
            .map_or_else(|| label.to_owned(), |record| record.title.clone()),
        _ => label.to_owned(),
    };
    let line = |value: &frelon_index::FacetValue| FacetLine {
        label: label(&value.label),
        count: value.count,
        href: narrowed(&value.clause),
    };
    FacetView {
        title,
        values: facet.values.iter().map(line).collect(),
        more: facet.distinct.saturating_sub(facet.values.len() as u64),
    }
}

fn took(s: &Shell, took_us: u64) -> String {
    let mark = s.t("number-decimal");
    let shown = format!("{}{mark}{}", took_us / 1_000, took_us % 1_000 / 100);
    s.of("took", shown)
}

fn mistake(s: &Shell, query: &str, error: &QueryError) -> Mistake {
    let key = format!("query-{}", error.kind.code());
    let arguments = error.kind.arguments();
    let text = s.with(&key, arguments.iter().map(|(name, value)| (*name, value.as_str().into())));
    // The place is a promise of the parser's; a query that was trimmed or replaced must not panic.
    let start = floor(query, error.start);
    let end = floor(query, error.end.max(error.start)).max(start);
    let (before, rest) = query.split_at(start);
    let (place, after) = rest.split_at(end - start);
    let caret = " ".repeat(before.chars().count()) + &"^".repeat(place.chars().count().max(1));
    Mistake { text, before: before.to_owned(), place: place.to_owned(), after: after.to_owned(), caret }
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell() -> Shell {
        Shell::new(Reader::for_test("en", "/search"), "T".to_owned(), String::new())
    }

    #[test]
    fn narrowing_holds_besides_the_whole_query() {
        let query = parse("water OR dam").expect("good");
        assert_eq!(parse(&narrow(&query, "from:ann@example.org")), parse("(water OR dam) from:ann@example.org"));
    }

    #[test]
    fn chips_take_one_part_away() {
        let wanted = Wanted { q: "water from:ann@example.org -draft".to_owned(), ..Wanted::default() };
        let query = parse(&wanted.q).expect("good");
        let chips = chips(&shell(), &wanted, &query);
        assert_eq!(chips.len(), 3);
        assert!(chips[1].href.contains("water") && !chips[1].href.contains("ann"), "{}", chips[1].href);
    }

    #[test]
    fn mistakes_point_at_the_place() {
        let query = "été (dam";
        let error = parse(query).expect_err("a parenthesis is open");
        let mistake = mistake(&shell(), query, &error);
        assert!(mistake.place.starts_with('('), "{}", mistake.place);
        assert!(mistake.caret.starts_with("    ^"));
        assert!(!mistake.text.starts_with("query-"));
    }
}
