//! Complete rendered answers, kept in memory and found before any routing.
//!
//! A hit costs one hash of borrowed text and the copy of a header map: no routing, no template, no
//! disk. What may be kept is decided by the answer itself: status 200, a known and bounded length,
//! `Cache-Control: public`, and nothing in it that depends on more than the address, the language and the
//! encoding. Answers are valid for one state of the archive: [`Cache::clear`] begins the next.
//!
//! Here also live what all such answers share: entity tags, `304 Not Modified`, `HEAD` and gzip
//! (RFC 9110 sections 8.4, 8.8, 9.3.2 and 13).

use std::{
    convert::Infallible,
    future::{Ready, ready},
    io::Write,
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::Body as _;
use quick_cache::{Equivalent, Weighter};
use sha2::{Digest, Sha256};
use tower::{Layer, Service};

/// Largest answer that is kept or compressed here; real pages are far smaller, exports are streamed.
const ENTRY_BYTES_MAX: u64 = 512 * 1024;
/// Longest path and query that is kept: real ones are short, and a flood of long ones is an attack.
const TARGET_BYTES_MAX: usize = 1_024;
/// Bodies below this gain nothing from gzip.
const GZIP_BYTES_MIN: usize = 512;
/// Bodies above this are compressed on the blocking pool.
const GZIP_INLINE_BYTES_MAX: usize = 64 * 1024;
/// What an entry weighs besides its text: header maps and bookkeeping, roughly.
const ENTRY_OVERHEAD_BYTES: u64 = 1_536;
/// Share of the memory that answers to searches may take: they are many, and seldom asked twice.
const SEARCH_SHARE: u64 = 16;
/// Paths whose answers go to the small share.
const SEARCH_PATHS: [&str; 4] = ["/search", "/lookup", "/api/v1/search", "/api/v1/lookup"];

/// Which language an answer is in, as a small number; what it means is the caller's.
pub(crate) type Negotiate = fn(&HeaderMap, Option<&str>) -> u8;

/// Rendered answers, bounded in bytes.
pub(crate) struct Cache {
    pages: Shelf,
    searches: Shelf,
    /// Part of every key. Grows with [`Cache::clear`], so that an answer begun before it and kept
    /// after it is never found.
    epoch: AtomicU64,
}

type Shelf = quick_cache::sync::Cache<Key, Arc<Entry>, EntryWeight>;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    epoch: u64,
    language: u8,
    target: Box<str>,
}

/// A [`Key`] that borrows; hashes alike.
#[derive(Hash)]
struct KeyRef<'a> {
    epoch: u64,
    language: u8,
    target: &'a str,
}

impl Equivalent<Key> for KeyRef<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.epoch == key.epoch && self.language == key.language && *self.target == *key.target
    }
}

#[derive(Clone)]
struct EntryWeight;

impl Weighter<Key, Arc<Entry>> for EntryWeight {
    fn weight(&self, key: &Key, entry: &Arc<Entry>) -> u64 {
        // Half again for the gzip form, which comes later: a weight must never change.
        let body = entry.plain.body.len() as u64;
        body + body / 2 + key.target.len() as u64 + ENTRY_OVERHEAD_BYTES
    }
}

/// One answer in its encodings.
struct Entry {
    plain: Variant,
    /// Made when first asked for; `None` inside when it would not be smaller.
    gzip: OnceLock<Option<Variant>>,
    /// The entity tag's text without quotes and without the mark of an encoding.
    tag: String,
}

struct Variant {
    headers: HeaderMap,
    body: Bytes,
}

/// What of a request decides how an entry is answered.
struct Wish {
    head: bool,
    gzip: bool,
    none_match: Option<HeaderValue>,
}

impl Cache {
    /// A cache of at most so many bytes.
    pub(crate) fn new(bytes_max: u64) -> Self {
        let searches = bytes_max / SEARCH_SHARE;
        let shelf = |bytes: u64| {
            let items = usize::try_from(bytes / 16_384).unwrap_or(usize::MAX).max(16);
            Shelf::with_weighter(items, bytes, EntryWeight)
        };
        Self { pages: shelf(bytes_max - searches), searches: shelf(searches), epoch: AtomicU64::new(0) }
    }

    /// Forgets everything: the archive has changed.
    pub(crate) fn clear(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        self.pages.clear();
        self.searches.clear();
    }

    fn shelf(&self, path: &str) -> &Shelf {
        if SEARCH_PATHS.contains(&path) { &self.searches } else { &self.pages }
    }

    fn get(&self, path: &str, target: &str, language: u8) -> Option<Arc<Entry>> {
        let epoch = self.epoch.load(Ordering::Acquire);
        self.shelf(path).get(&KeyRef { epoch, language, target })
    }
}

/// Puts a [`Cache`] before a service.
#[derive(Clone)]
pub(crate) struct CacheLayer {
    cache: Arc<Cache>,
    negotiate: Negotiate,
}

impl CacheLayer {
    /// `negotiate` must give different numbers for requests that would be answered in different
    /// languages.
    pub(crate) fn new(cache: Arc<Cache>, negotiate: Negotiate) -> Self {
        Self { cache, negotiate }
    }
}

impl<S> Layer<S> for CacheLayer {
    type Service = Cached<S>;

    fn layer(&self, inner: S) -> Cached<S> {
        Cached { inner, cache: Arc::clone(&self.cache), negotiate: self.negotiate }
    }
}

/// A service with a [`Cache`] before it.
#[derive(Clone)]
pub(crate) struct Cached<S> {
    inner: S,
    cache: Arc<Cache>,
    negotiate: Negotiate,
}

impl<S, B> Service<Request<B>> for Cached<S>
where
    S: Service<Request<B>, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Answer {
        let head = request.method() == Method::HEAD;
        if !(head || request.method() == Method::GET) || request.headers().contains_key(header::RANGE) {
            return Answer::Later(Box::pin(self.inner.call(request)));
        }
        let path = request.uri().path();
        let target = request.uri().path_and_query().map_or(path, http::uri::PathAndQuery::as_str);
        let language = (self.negotiate)(request.headers(), request.uri().query());
        let wish = Wish {
            head,
            gzip: accepts_gzip(request.headers()),
            none_match: request.headers().get(header::IF_NONE_MATCH).cloned(),
        };
        if let Some(entry) = self.cache.get(path, target, language) {
            if wish.gzip && entry.gzip.get().is_none() && entry.plain.body.len() > GZIP_INLINE_BYTES_MAX {
                return Answer::Later(Box::pin(async move {
                    let entry = compress_elsewhere(entry).await;
                    Ok(entry.answer(&wish))
                }));
            }
            return Answer::Now(ready(Ok(entry.answer(&wish))));
        }
        let slot = Slot {
            cache: Arc::clone(&self.cache),
            path: path.into(),
            key: Key { epoch: self.cache.epoch.load(Ordering::Acquire), language, target: target.into() },
        };
        // Handlers answer GET; what HEAD leaves out is left out here, so that either fills the cache.
        *request.method_mut() = Method::GET;
        if let Some(value) = &wish.none_match
            && let Some(plain) = without_encoding_mark(value)
        {
            request.headers_mut().insert(header::IF_NONE_MATCH, plain);
        }
        let pending = self.inner.call(request);
        Answer::Later(Box::pin(async move { Ok(slot.fill(pending.await?, &wish).await) }))
    }
}

/// The answer, at once or later.
pub(crate) enum Answer {
    /// Found.
    Now(Ready<Result<Response, Infallible>>),
    /// To be made.
    Later(Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>),
}

impl Future for Answer {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Now(ready) => Pin::new(ready).poll(context),
            Self::Later(later) => later.as_mut().poll(context),
        }
    }
}

/// Where an answer being made will be kept.
struct Slot {
    cache: Arc<Cache>,
    path: Box<str>,
    key: Key,
}

impl Slot {
    async fn fill(self, response: Response, wish: &Wish) -> Response {
        if !is_plain_answer(&response) {
            return if wish.head { bodiless(response) } else { response };
        }
        let keep = is_public(response.headers()) && self.key.target.len() <= TARGET_BYTES_MAX;
        let (parts, body) = response.into_parts();
        // The length is known and bounded; only a handler's own bug can end this body early.
        let Ok(body) = body.collect().await else {
            return empty(StatusCode::INTERNAL_SERVER_ERROR);
        };
        let mut entry = Arc::new(Entry::new(parts.headers, body.to_bytes()));
        if wish.gzip && entry.plain.body.len() > GZIP_INLINE_BYTES_MAX {
            entry = compress_elsewhere(entry).await;
        }
        let response = entry.answer(wish);
        if keep {
            self.cache.shelf(&self.path).insert(self.key, entry);
        }
        response
    }
}

async fn compress_elsewhere(entry: Arc<Entry>) -> Arc<Entry> {
    let shared = Arc::clone(&entry);
    let work = tokio::task::spawn_blocking(move || {
        shared.gzip();
    });
    // If the pool is gone, the plain form is served.
    if work.await.is_err() {
        tracing::warn!("an answer could not be compressed");
    }
    entry
}

impl Entry {
    fn new(mut headers: HeaderMap, body: Bytes) -> Self {
        let tag = headers.get(header::ETAG).and_then(|value| value.to_str().ok()).map_or_else(
            || hex_prefix(&Sha256::digest(&body)),
            |tag| tag.trim_start_matches("W/").trim_matches('"').to_owned(),
        );
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        set_tag(&mut headers, &tag, "");
        if is_text(&headers) {
            vary_on_encoding(&mut headers);
        }
        Self { plain: Variant { headers, body }, gzip: OnceLock::new(), tag }
    }

    /// The gzip form, made on first use.
    fn gzip(&self) -> Option<&Variant> {
        self.gzip
            .get_or_init(|| {
                if self.plain.body.len() < GZIP_BYTES_MIN || !is_text(&self.plain.headers) {
                    return None;
                }
                let body = gzip(&self.plain.body).filter(|body| body.len() < self.plain.body.len())?;
                let mut headers = self.plain.headers.clone();
                headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                set_tag(&mut headers, &self.tag, "-gzip");
                Some(Variant { headers, body })
            })
            .as_ref()
    }

    fn answer(&self, wish: &Wish) -> Response {
        let variant = if wish.gzip { self.gzip().unwrap_or(&self.plain) } else { &self.plain };
        let unchanged = wish.none_match.as_ref().is_some_and(|value| matches_tag(value, &self.tag));
        let body = if wish.head || unchanged { Body::empty() } else { Body::from(variant.body.clone()) };
        let mut response = Response::new(body);
        *response.headers_mut() = variant.headers.clone();
        if unchanged {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            // RFC 9110 section 15.4.5: what describes the body stays out.
            for name in [header::CONTENT_LENGTH, header::CONTENT_TYPE, header::CONTENT_ENCODING] {
                response.headers_mut().remove(name);
            }
        }
        response
    }
}

/// Whether an answer can be handled whole: a plain 200 of known, bounded length.
fn is_plain_answer(response: &Response) -> bool {
    let headers = response.headers();
    let strange = [header::CONTENT_ENCODING, header::CONTENT_DISPOSITION, header::SET_COOKIE, header::CONTENT_RANGE];
    response.status() == StatusCode::OK
        && response.body().size_hint().exact().is_some_and(|bytes| bytes <= ENTRY_BYTES_MAX)
        && !strange.iter().any(|name| headers.contains_key(name))
}

/// Whether an answer is the same for everybody who asks with the same address, language and encoding.
fn is_public(headers: &HeaderMap) -> bool {
    let control = headers.get(header::CACHE_CONTROL).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let public = control.split(',').any(|word| word.trim() == "public") && !control.contains("no-store");
    let known = |word: &str| ["accept-encoding", "accept-language"].iter().any(|name| word.eq_ignore_ascii_case(name));
    let varies = headers.get_all(header::VARY);
    let mut words = varies.iter().flat_map(|value| value.to_str().unwrap_or("*").split(','));
    public && words.all(|word| known(word.trim()))
}

fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.starts_with("text/")
        || kind.ends_with("json")
        || kind.ends_with("+xml")
        || ["application/xml", "application/javascript", "application/jsonl", "image/svg+xml"].contains(&kind)
}

fn vary_on_encoding(headers: &mut HeaderMap) {
    let there = headers.get_all(header::VARY).iter().any(|value| {
        value.to_str().is_ok_and(|text| text.split(',').any(|word| word.trim().eq_ignore_ascii_case("accept-encoding")))
    });
    if !there {
        headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
}

fn set_tag(headers: &mut HeaderMap, tag: &str, mark: &str) {
    if let Ok(value) = HeaderValue::try_from(format!("\"{tag}{mark}\"")) {
        headers.insert(header::ETAG, value);
    }
}

fn hex_prefix(digest: &[u8]) -> String {
    use std::fmt::Write as _;
    digest.iter().take(12).fold(String::with_capacity(24), |mut text, byte| {
        // Writing to a String cannot fail.
        let _: std::fmt::Result = write!(text, "{byte:02x}");
        text
    })
}

fn gzip(body: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 3), Compression::new(6));
    encoder.write_all(body).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

/// Whether a client takes gzip (RFC 9110 section 12.5.3).
pub(crate) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING);
    values.iter().filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(',')).any(|choice| {
        let mut parts = choice.split(';');
        let gzip = parts.next().is_some_and(|coding| coding.trim().eq_ignore_ascii_case("gzip"));
        let refused = parts.any(|part| {
            let quality = part.trim().strip_prefix("q=").and_then(|number| number.parse::<f32>().ok());
            quality.is_some_and(|quality| quality <= 0.0)
        });
        gzip && !refused
    })
}

/// Whether `If-None-Match` names an entity tag, in any encoding (weak comparison, RFC 9110 section 8.8.3.2).
pub(crate) fn matches_tag(value: &HeaderValue, tag: &str) -> bool {
    let Ok(text) = value.to_str() else { return false };
    text.split(',').map(str::trim).any(|known| {
        let known = known.trim_start_matches("W/").trim_matches('"');
        known == "*" || known.strip_suffix("-gzip").unwrap_or(known) == tag
    })
}

/// `If-None-Match` as the handlers know their tags; `None` when it is that already.
fn without_encoding_mark(value: &HeaderValue) -> Option<HeaderValue> {
    let text = value.to_str().ok()?;
    text.contains("-gzip\"").then(|| HeaderValue::try_from(text.replace("-gzip\"", "\"")).ok()).flatten()
}

/// An answer to HEAD made from one to GET.
fn bodiless(response: Response) -> Response {
    let length = response.body().size_hint().exact();
    let (mut parts, _body) = response.into_parts();
    if let Some(length) = length
        && !parts.headers.contains_key(header::CONTENT_LENGTH)
    {
        parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    Response::from_parts(parts, Body::empty())
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests;
