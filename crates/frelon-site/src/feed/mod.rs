//! Atom feeds (RFC 4287), paged (RFC 5005 section 3): all, collection, thread, person, any query, changes.
//!
//! An entry is dated by when it was published, and named by its content (RFC 6920), so that it is the
//! same entry on every mirror.

mod base;
mod entry;

use std::sync::Arc;

use atom_syndication::{Entry, Feed, Generator, Text};
use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use frelon_index::{Archive, ItemRecord, ListOrder, ReadError, ReleaseRecord, SearchRequest, Sort, ThreadEntry};
use frelon_model::Instant;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use sha2::{Digest, Sha256};

use self::base::Base;
use crate::{api::Parameters, cache::matches_tag, fault::Fault, link, path, state::Site};

/// Entries of a page; `next` leads to the others.
const PAGE_ENTRIES: usize = 50;

/// Paths and handlers of this area.
pub(crate) fn table() -> Vec<(&'static str, MethodRouter<Arc<Site>>)> {
    vec![
        ("/feed.atom", get(all)),
        ("/search.atom", get(search)),
        ("/changes.atom", get(changes)),
        ("/{collection}/feed.atom", get(collection)),
        ("/{collection}/{number}/thread.atom", get(thread)),
        ("/{collection}/people/{key}/feed.atom", get(person)),
    ]
}

/// Routes of this area.
pub(crate) fn routes() -> Router<Arc<Site>> {
    table().into_iter().fold(Router::new(), |router, (path, handler)| router.route(path, handler))
}

/// What a feed is made of.
struct Page {
    title: String,
    /// The page a reader sees.
    html: String,
    entries: Vec<Entry>,
    /// When the newest of all was published.
    updated: Instant,
    next: Option<String>,
}

/// A request for a feed.
struct Asked {
    site: Arc<Site>,
    base: Base,
    target: Uri,
    headers: HeaderMap,
}

impl Asked {
    fn new(site: Arc<Site>, target: Uri, headers: HeaderMap) -> Self {
        Self { base: Base::of(&site.options.base_url, &headers), site, target, headers }
    }

    /// The entity tag: a feed follows from the archive's state, its address and the links' base.
    fn tag(&self) -> String {
        let mut hasher = Sha256::new();
        for text in [self.site.archive().generation(), &self.target.to_string(), self.base.as_str()] {
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text);
        }
        hasher.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Answers: 304 without any read where the reader has the feed already.
    async fn answer(self, page: impl AsyncFnOnce(&Arc<Site>, Base) -> Result<Page, Fault>) -> Result<Response, Fault> {
        let tag = self.tag();
        let known = self.headers.get(header::IF_NONE_MATCH).is_some_and(|value| matches_tag(value, &tag));
        let mut response = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let page = page(&self.site, self.base.clone()).await?;
            Response::new(Body::from(self.write(page)))
        };
        let fields = response.headers_mut();
        if !known {
            fields.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/atom+xml; charset=utf-8"));
        }
        if let Ok(tag) = HeaderValue::try_from(format!("\"{tag}\"")) {
            fields.insert(header::ETAG, tag);
        }
        fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
        fields.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        if self.base.is_from_host() {
            // Links are made from what this client says our name is: no one else may be given them.
            fields.insert(header::VARY, HeaderValue::from_static("host"));
        }
        Ok(response)
    }

    fn write(&self, page: Page) -> Vec<u8> {
        let this = self.base.link(self.target.path_and_query().map_or("/", |target| target.as_str()));
        let mut links = vec![
            entry::link("self", &this, Some("application/atom+xml")),
            entry::link("alternate", &self.base.link(&page.html), Some("text/html")),
        ];
        let first = self.with_cursor(None);
        links.push(entry::link("first", &first, Some("application/atom+xml")));
        if let Some(next) = &page.next {
            links.push(entry::link("next", &self.with_cursor(Some(next)), Some("application/atom+xml")));
        }
        let feed = Feed {
            title: Text::plain(entry::xml(&page.title)),
            id: self.base.id(&self.with_cursor(None)),
            updated: entry::date(page.updated),
            links,
            generator: Some(Generator { value: "Frelon".to_owned(), uri: None, version: None }),
            entries: page.entries,
            ..Feed::default()
        };
        let mut text = Vec::new();
        if let Err(error) = feed.write_to(&mut text) {
            // Writing to memory fails for no input; an empty feed would be a silent loss.
            tracing::error!(error = &error as &dyn std::error::Error, "a feed could not be written");
        }
        text
    }

    /// The address of another page of this feed.
    fn with_cursor(&self, cursor: Option<&str>) -> String {
        let query = self.target.query().unwrap_or_default();
        let kept = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
        let cursor = cursor.map(|cursor| format!("cursor={}", link::segment(cursor)));
        let pairs: Vec<&str> = kept.chain(cursor.as_deref()).collect();
        let mark = if pairs.is_empty() { "" } else { "?" };
        self.base.link(&format!("{}{mark}{}", self.target.path(), pairs.join("&")))
    }
}

/// Title of the whole site.
fn site_title(site: &Site, archive: &Archive) -> String {
    if !site.options.title.is_empty() {
        return site.options.title.clone();
    }
    match archive.collections().as_slice() {
        [only] => only.title.clone(),
        _ => "Frelon".to_owned(),
    }
}

/// When the newest release went out; feeds without entries need a date as well.
fn latest(releases: &[ReleaseRecord]) -> Instant {
    releases.iter().map(|release| release.published_at).max().unwrap_or(Instant(0))
}

fn entries(archive: &Archive, items: &[ItemRecord], base: &Base) -> Result<Vec<Entry>, ReadError> {
    items.iter().map(|item| entry::of_item(archive, item, base)).collect()
}

/// A feed of what a query finds.
async fn found(
    site: &Arc<Site>,
    base: Base,
    request: SearchRequest,
    title: String,
    html: String,
) -> Result<Page, Fault> {
    let shared = Arc::clone(site);
    site.search(move |archive| {
        let request = SearchRequest {
            sort: Sort::Newest,
            limit: PAGE_ENTRIES,
            facets: false,
            snippets: false,
            budget: shared.options.search_budget,
            ..request
        };
        let answer = archive.search(&request)?;
        let items: Vec<ItemRecord> = answer.hits.into_iter().map(|hit| hit.item).collect();
        Ok(Page {
            title: if title.is_empty() {
                site_title(&shared, archive)
            } else {
                format!("{title} · {}", site_title(&shared, archive))
            },
            html,
            entries: entries(archive, &items, &base)?,
            updated: latest(&archive.releases()),
            next: answer.next,
        })
    })
    .await
}

async fn all(
    State(site): State<Arc<Site>>,
    target: Uri,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, Fault> {
    let request = SearchRequest { cursor: parameters.cursor()?, ..SearchRequest::default() };
    let asked = Asked::new(site, target, headers);
    asked.answer(async move |site, base| found(site, base, request, String::new(), "/".to_owned()).await).await
}

async fn search(
    State(site): State<Arc<Site>>,
    target: Uri,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, Fault> {
    let query = parameters.query()?;
    let collection = parameters.collection()?;
    let scope = collection.as_ref().map(|id| format!("&c={id}")).unwrap_or_default();
    let html = format!("/search?q={}{scope}", link::segment(&query));
    let title = query.clone();
    let request = SearchRequest { query, collection, cursor: parameters.cursor()?, ..SearchRequest::default() };
    let asked = Asked::new(site, target, headers);
    asked.answer(async move |site, base| found(site, base, request, title, html).await).await
}

async fn person(
    State(site): State<Arc<Site>>,
    Path((collection, key)): Path<(String, String)>,
    target: Uri,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, Fault> {
    let id = path::collection_id(&collection)?;
    let cursor = parameters.cursor()?;
    let html = link::person(&id, &key);
    let asked = Asked::new(site, target, headers);
    asked
        .answer(async move |site, base| {
            let wanted = (id.clone(), key);
            let person =
                site.read(move |archive| archive.person(&wanted.0, &wanted.1)).await?.ok_or(Fault::NotFound)?;
            let query = format!("participant:\"{}\"", person.key.replace('"', " "));
            let request = SearchRequest { query, collection: Some(id), cursor, ..SearchRequest::default() };
            let title = if person.name.is_empty() { person.key } else { person.name };
            found(site, base, request, title, html).await
        })
        .await
}

async fn collection(
    State(site): State<Arc<Site>>,
    Path(collection): Path<String>,
    target: Uri,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, Fault> {
    let id = path::collection_id(&collection)?;
    let cursor = parameters.cursor()?;
    let asked = Asked::new(site, target, headers);
    asked
        .answer(async move |site, base| {
            let page = site.read(move |archive| {
                let Some(record) = archive.collection(&id) else { return Ok(None) };
                let items = archive.items(&id, ListOrder::Newest, None, cursor.as_deref(), PAGE_ENTRIES)?;
                let releases: Vec<_> =
                    archive.releases().into_iter().filter(|release| release.collection == id).collect();
                Ok(Some(Page {
                    title: record.title,
                    html: link::collection(&id),
                    entries: entries(archive, &items.rows, &base)?,
                    updated: latest(&releases),
                    next: items.next,
                }))
            });
            page.await?.ok_or(Fault::NotFound)
        })
        .await
}

async fn thread(
    State(site): State<Arc<Site>>,
    Path((collection, number)): Path<(String, String)>,
    target: Uri,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, Fault> {
    let key = path::item_key(&collection, &number)?;
    // A thread has no index of its own to page by: the cursor is a position in it.
    let start: usize = parameters.get("cursor").map_or(Ok(0), str::parse).map_err(|_| Fault::Cursor)?;
    let asked = Asked::new(site, target, headers);
    asked
        .answer(async move |site, base| {
            let page = site.read(move |archive| {
                let Some(thread) = archive.thread(&key)? else { return Ok(None) };
                let mut items: Vec<ItemRecord> = Vec::new();
                for node in thread.nodes {
                    if let ThreadEntry::Item(item) = node.entry {
                        items.push(*item);
                    }
                }
                let updated = items.iter().map(|item| item.published_at).max().unwrap_or(Instant(0));
                // Newest first, as in the other feeds, so that new ones are on the first page.
                items.sort_by_key(|item| std::cmp::Reverse((item.sorted_at, item.key.number)));
                let shown: Vec<ItemRecord> = items.iter().skip(start).take(PAGE_ENTRIES).cloned().collect();
                let end = start.saturating_add(PAGE_ENTRIES);
                Ok(Some(Page {
                    title: thread.subject,
                    html: format!("{}/thread", link::item(&key)),
                    entries: entries(archive, &shown, &base)?,
                    updated,
                    next: (end < items.len()).then(|| end.to_string()),
                }))
            });
            page.await?.ok_or(Fault::NotFound)
        })
        .await
}

async fn changes(
    State(site): State<Arc<Site>>,
    target: Uri,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, Fault> {
    let before = parameters.leaf_cursor()?;
    let asked = Asked::new(site, target, headers);
    asked
        .answer(async move |site, base| {
            let shared = Arc::clone(site);
            site.read(move |archive| {
                let mut changes = archive.changes(before, PAGE_ENTRIES + 1)?;
                let more = changes.len() > PAGE_ENTRIES;
                changes.truncate(PAGE_ENTRIES);
                let origin = archive.log()?.origin;
                let updated = changes.iter().map(|change| change.made_at).max();
                Ok(Page {
                    title: site_title(&shared, archive),
                    html: "/changes".to_owned(),
                    entries: changes.iter().map(|change| entry::of_change(change, &origin, &base)).collect(),
                    updated: updated.unwrap_or_else(|| latest(&archive.releases())),
                    next: changes.last().filter(|_| more).map(|last| last.leaf.to_string()),
                })
            })
            .await
        })
        .await
}

#[cfg(test)]
mod tests;
