//! Searching, and looking up what is known by its hash or Message-ID.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use frelon_index::{Facet, Hit, SearchAnswer, SearchRequest, SnippetPiece, Sort};
use frelon_model::ContentHash;
use serde::Serialize;

use super::{Parameters, answer, json, shape};
use crate::{fault::Fault, state::Site};

/// Bytes of a Message-ID that are looked up; a line of mail holds 998 (RFC 5322 section 2.1.1).
const MESSAGE_ID_BYTES_MAX: usize = 998;

#[derive(Serialize)]
struct SearchForm<'a> {
    total: u64,
    cut_short: bool,
    hits: Vec<HitForm<'a>>,
    next: Option<&'a str>,
    facets: &'a [Facet],
    histogram: Vec<shape::MonthForm>,
    undated: u64,
    explanation: &'a frelon_index::query::Explanation,
    took_us: u64,
}

#[derive(Serialize)]
struct HitForm<'a> {
    item: shape::ItemForm<'a>,
    snippet: &'a [SnippetPiece],
}

fn hit(hit: &Hit) -> HitForm<'_> {
    HitForm { item: shape::item(&hit.item), snippet: &hit.snippet }
}

fn search_form(found: &SearchAnswer) -> SearchForm<'_> {
    SearchForm {
        total: found.total,
        cut_short: found.cut_short,
        hits: found.hits.iter().map(hit).collect(),
        next: found.next.as_deref(),
        facets: &found.facets,
        histogram: found.histogram.iter().map(shape::bar).collect(),
        undated: found.undated,
        explanation: &found.explanation,
        took_us: found.took_us,
    }
}

pub(super) async fn search(State(site): State<Arc<Site>>, parameters: Parameters) -> Result<Response, Fault> {
    let request = SearchRequest {
        query: parameters.query()?,
        collection: parameters.collection()?,
        sort: parameters.sort(Sort::Relevance)?,
        cursor: parameters.cursor()?,
        limit: parameters.limit()?,
        facets: parameters.switch("facets", true)?,
        snippets: parameters.switch("snippets", true)?,
        budget: site.options.search_budget,
    };
    let body = site.search(move |archive| Ok(json(&search_form(&archive.search(&request)?))));
    Ok(answer(body.await?))
}

#[derive(Serialize)]
struct LookupForm<'a> {
    items: Vec<shape::ItemForm<'a>>,
    attachments: Vec<shape::AttachmentForm<'a>>,
}

pub(super) async fn lookup(State(site): State<Arc<Site>>, parameters: Parameters) -> Result<Response, Fault> {
    let hash: Option<ContentHash> =
        parameters.get("hash").map(|text| text.parse().map_err(|_| Fault::Parameter("hash"))).transpose()?;
    let message_id = parameters.get("message-id").map(str::to_owned);
    if message_id.as_ref().is_some_and(|text| text.len() > MESSAGE_ID_BYTES_MAX) {
        return Err(Fault::Parameter("message-id"));
    }
    if hash.is_none() && message_id.is_none() {
        return Err(Fault::Parameter("hash"));
    }
    let body = site.read(move |archive| {
        let (mut items, attachments) = match hash {
            Some(hash) => archive.by_hash(&hash)?,
            None => Default::default(),
        };
        if let Some(message_id) = message_id {
            items.extend(archive.by_message_id(&message_id)?);
        }
        Ok(json(&LookupForm {
            items: items.iter().map(shape::item).collect(),
            attachments: attachments.iter().map(shape::attachment).collect(),
        }))
    });
    Ok(answer(body.await?))
}
