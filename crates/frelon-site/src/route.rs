//! From path to handler. Each area brings its own routes; this file joins them and gives every answer
//! the header fields that all have in common.
//!
//! Parameter names in paths are the same everywhere, as the router asks for: `{collection}`,
//! `{number}`, `{part}`, `{name}`, `{tranche}`, `{key}`, `{year}`, `{month}`, `{day}`.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    middleware::{self, Next},
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use hyper::body::Incoming;
use tower::{Layer as _, ServiceExt as _, util::BoxCloneSyncService};

use crate::{
    api,
    cache::CacheLayer,
    export,
    fault::Fault,
    feed,
    page::{self, Reader},
    path, raw,
    state::Site,
    text::choose,
    tree,
};

/// What pages may load: this site's own style, script, icon and frames; nothing else from anywhere.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
                      form-action 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Header fields of every answer that has none of its own by these names.
const FIELDS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// The whole site as a service: cache, routes, faults as pages, header fields.
pub(crate) type SiteService = BoxCloneSyncService<http::Request<Incoming>, Response, std::convert::Infallible>;

/// The service that answers every request.
pub(crate) fn service(site: Arc<Site>) -> SiteService {
    let cache = CacheLayer::new(Arc::clone(&site.cache), language_of);
    BoxCloneSyncService::new(
        cache.layer(router(site).map_request(|request: http::Request<Incoming>| request.map(Body::new))),
    )
}

/// Which language a request is answered in, for the cache.
fn language_of(fields: &HeaderMap, query: Option<&str>) -> u8 {
    let asked = query.and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("lang=")));
    let accept = fields.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    u8::try_from(choose(asked, accept).index).unwrap_or(0)
}

/// All routes of the site.
pub(crate) fn router(site: Arc<Site>) -> Router {
    let areas = Router::new()
        .merge(page::routes())
        .merge(raw::routes())
        .merge(export::routes())
        .merge(feed::routes())
        .merge(api::routes())
        .merge(tree::routes());
    areas
        .fallback(async || Fault::NotFound)
        .with_state(Arc::clone(&site))
        .layer(middleware::from_fn_with_state(site, finish))
}

/// Runs the handler, so that its panic is contained; turns faults into pages; adds what all answers have.
async fn finish(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let reader = Reader::of(&parts, &site);
    let path = parts.uri.path().to_owned();
    // Before any handler, and for all of them: no route below a withdrawn item says anything of it.
    if let Some(tombstone) = path::item_of(&path).and_then(|key| site.withdrawn(&key)) {
        let fault = Fault::Withdrawn(tombstone);
        return with_fields(if path.starts_with("/api/") {
            api::fault(&fault)
        } else {
            page::show_fault(&site, reader, &fault)
        });
    }
    let handler = tokio::spawn(next.run(Request::from_parts(parts, body)));
    let mut response = handler.await.unwrap_or_else(|error| {
        tracing::error!(%error, path, "a handler panicked");
        axum::response::IntoResponse::into_response(Fault::Panic)
    });
    if let Some(fault) = fault_of(&mut response) {
        if let Fault::Read(error) = &fault {
            tracing::error!(error = &**error as &dyn std::error::Error, path, "the archive could not be read");
        }
        // What the handler said about the failure beside its status is kept: Allow, Retry-After.
        let mut page = page::show_fault(&site, reader, &fault);
        for name in [header::ALLOW, header::RETRY_AFTER] {
            if let Some(value) = response.headers_mut().remove(&name) {
                page.headers_mut().insert(name, value);
            }
        }
        response = page;
    }
    with_fields(response)
}

/// Adds what all answers have.
fn with_fields(mut response: Response) -> Response {
    for (name, value) in FIELDS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// The fault an answer stands for: the one it carries, or the one the router or an extractor means by
/// a status without a page of ours. Answers that are JSON already stay as they are.
fn fault_of(response: &mut Response) -> Option<Fault> {
    let json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().ends_with(b"json"));
    if json {
        return None;
    }
    if let Some(fault) = response.extensions_mut().remove::<Fault>() {
        return Some(fault);
    }
    match response.status() {
        StatusCode::METHOD_NOT_ALLOWED => Some(Fault::Method),
        StatusCode::PAYLOAD_TOO_LARGE => Some(Fault::TooLarge),
        StatusCode::BAD_REQUEST if !is_page(response) => Some(Fault::Parameter("")),
        _ => None,
    }
}

fn is_page(response: &Response) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}
