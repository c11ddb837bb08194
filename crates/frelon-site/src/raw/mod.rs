//! Published bytes as they are: raw messages and their decoded parts.
//!
//! Everything here is somebody else's bytes, so every answer is a download (`attachment`), is never
//! sniffed, and may do nothing if a browser shows it after all (a CSP sandbox). A raw message goes out as
//! the deflate stream that lies in its volume, with gzip framing put around it, wherever the client
//! takes gzip: nothing is recompressed and nothing held in memory.

mod keys;
mod name;
mod range;
mod stream;
mod volume;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use frelon_index::{ItemRecord, StreamRecord};
use frelon_model::ItemKey;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

pub(crate) use name::{content_disposition, part_name};
pub(crate) use stream::copy_stream;

use crate::{
    cache::{accepts_gzip, matches_tag},
    fault::Fault,
    link, path,
    state::Site,
};
use range::Wanted;

/// Items up to this size are read whole, and so checked against their hash before the first byte goes out.
/// Larger ones are inflated as they are sent and checked at the end.
const WHOLE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// A withdrawal must show soon, so copies are kept for minutes only, although the bytes never change.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=300");
/// Nothing runs, loads or is framed.
const SANDBOX: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");

/// Paths and handlers of this area.
pub(crate) fn table() -> Vec<(&'static str, axum::routing::MethodRouter<Arc<Site>>)> {
    vec![
        ("/keys.jsonl", get(keys::show)),
        ("/{collection}/{number}/raw", get(raw)),
        ("/{collection}/{number}/part/{part}", get(unnamed_part)),
        ("/{collection}/{number}/part/{part}/{name}", get(part)),
    ]
}

/// Routes of this area.
pub(crate) fn routes() -> Router<Arc<Site>> {
    // Volumes are files of the public tree, not answers of the API, so its description leaves them out.
    let volumes = Router::new().route("/volume/{*path}", get(volume::show));
    table().into_iter().fold(volumes, |router, (path, handler)| router.route(path, handler))
}

async fn raw(
    State(site): State<Arc<Site>>,
    Path((collection, number)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let key = path::item_key(&collection, &number)?;
    let (item, place) = find(&site, &key).await?;
    let tag = item.content.to_string();
    if is_known(&headers, &tag) {
        return Ok(unchanged(&tag));
    }
    let ranged = headers.contains_key(header::RANGE);
    let mut response = if accepts_gzip(&headers) && !ranged {
        let length = stream::gzip_length(&place);
        let mut response = Response::new(stream::gzip(place).await?);
        let fields = response.headers_mut();
        fields.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        fields.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        fields.insert(header::ETAG, quoted(&format!("{tag}-gzip")));
        response
    } else {
        identity(&site, &item, place, Wanted::read(&headers, &tag, item.size_bytes)).await?
    };
    let fields = response.headers_mut();
    let is_mail = item.media_type == "message/rfc822";
    let (kind, extension) = if is_mail { ("message/rfc822", "eml") } else { ("application/octet-stream", "bin") };
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    fields.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    download(fields, &format!("{collection}-{number}.{extension}"));
    Ok(response)
}

/// The item's record and the place of its bytes.
async fn find(site: &Site, key: &ItemKey) -> Result<(ItemRecord, StreamRecord), Fault> {
    let key = key.clone();
    let found = site
        .read(move |archive| {
            let item = archive.item(&key)?;
            let place = archive.stream(&key)?;
            Ok(item.zip(place))
        })
        .await?;
    found.ok_or(Fault::NotFound)
}

/// The uncompressed form, whole or one range of it (RFC 9110 section 14).
async fn identity(site: &Site, item: &ItemRecord, place: StreamRecord, wanted: Wanted) -> Result<Response, Fault> {
    let size = item.size_bytes;
    let (first, length) = match wanted {
        Wanted::All => (0, size),
        Wanted::Slice { first, length } => (first, length),
        Wanted::Unsatisfiable => {
            let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
            response.headers_mut().insert(header::CONTENT_RANGE, ascii(&format!("bytes */{size}")));
            return Ok(response);
        }
    };
    let body = if size <= WHOLE_BYTES_MAX {
        let key = item.key.clone();
        let bytes = site.read(move |archive| archive.raw(&key)).await?.ok_or(Fault::NotFound)?;
        let bytes = bytes::Bytes::from(bytes);
        let from = usize::try_from(first).unwrap_or(usize::MAX).min(bytes.len());
        let to = usize::try_from(first + length).unwrap_or(usize::MAX).min(bytes.len());
        Body::from(bytes.slice(from..to))
    } else {
        stream::inflate(place, first, length).await?
    };
    let mut response = Response::new(body);
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    fields.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    fields.insert(header::ETAG, quoted(&item.content.to_string()));
    if let Wanted::Slice { .. } = wanted {
        let last = first + length - 1;
        fields.insert(header::CONTENT_RANGE, ascii(&format!("bytes {first}-{last}/{size}")));
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

/// A part without its name: sent on to the one address it has.
async fn unnamed_part(
    state: State<Arc<Site>>,
    Path((collection, number, index)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    part(state, Path((collection, number, index, String::new())), headers).await
}

async fn part(
    State(site): State<Arc<Site>>,
    Path((collection, number, index, name)): Path<(String, String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let key = path::item_key(&collection, &number)?;
    let index = part_index(&index)?;
    let wanted = key.clone();
    let found = site
        .read(move |archive| {
            let Some(raw) = archive.raw(&wanted)? else { return Ok(None) };
            let Some(item) = archive.item(&wanted)? else { return Ok(None) };
            let message = frelon_mail::parse(&raw);
            let Some(part) = message.parts.get(index) else { return Ok(None) };
            let true_name = part_name(part, index);
            let bytes = if true_name == name { frelon_mail::part_bytes(&raw, index) } else { None };
            Ok(Some((item.content, true_name.clone(), true_name == name, bytes)))
        })
        .await?;
    let (content, true_name, named_so, bytes) = found.ok_or(Fault::NotFound)?;
    if !named_so {
        return Ok(Redirect::temporary(&link::part(&key, index, &true_name)).into_response());
    }
    let bytes = bytes.ok_or(Fault::NotFound)?;
    let tag = format!("{content}-p{index}");
    if is_known(&headers, &tag) {
        return Ok(unchanged(&tag));
    }
    let length = bytes.len();
    let mut response = Response::new(Body::from(bytes));
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    fields.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    fields.insert(header::ETAG, quoted(&tag));
    download(fields, &true_name);
    Ok(response)
}

/// Reads the index of a part: digits in their one spelling.
fn part_index(text: &str) -> Result<usize, Fault> {
    let good = text == "0" || (!text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit()));
    let index = if good { text.parse().ok() } else { None };
    index.filter(|index| *index < frelon_model::limits::MIME_PARTS_MAX).ok_or(Fault::NotFound)
}

/// What every download of foreign bytes carries.
fn download(fields: &mut HeaderMap, name: &str) {
    fields.insert(header::CONTENT_DISPOSITION, content_disposition(name));
    fields.insert(header::CACHE_CONTROL, CACHE_CONTROL);
    fields.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    fields.insert(header::CONTENT_SECURITY_POLICY, SANDBOX);
    fields.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    fields.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
}

fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    headers.get(header::IF_NONE_MATCH).is_some_and(|value| matches_tag(value, tag))
}

fn unchanged(tag: &str) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    let fields = response.headers_mut();
    fields.insert(header::ETAG, quoted(tag));
    fields.insert(header::CACHE_CONTROL, CACHE_CONTROL);
    fields.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

fn quoted(tag: &str) -> HeaderValue {
    ascii(&format!("\"{tag}\""))
}

/// A field value made here, of visible ASCII only.
fn ascii(text: &str) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}
