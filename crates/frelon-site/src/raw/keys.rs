//! `/keys.jsonl`: the key archive of the public tree as it lies there, so that anybody can judge signatures by the
//! same keys. A tree without one has no such file, and neither has the site.

use std::sync::Arc;

use axum::{body::Body, extract::State, response::Response};
use frelon_index::Archive;
use frelon_model::ContentHash;
use http::{HeaderMap, HeaderValue, header};
use sha2::{Digest as _, Sha256};

use super::{download, is_known, quoted, unchanged};
use crate::{fault::Fault, state::Site};

/// `GET /keys.jsonl`
pub(super) async fn show(State(site): State<Arc<Site>>, headers: HeaderMap) -> Result<Response, Fault> {
    let text = site.read(Archive::keys).await?.ok_or(Fault::NotFound)?;
    let tag = ContentHash(Sha256::digest(text.as_bytes()).into()).to_string();
    if is_known(&headers, &tag) {
        return Ok(unchanged(&tag));
    }
    let length = text.len();
    let mut response = Response::new(Body::from(text));
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/jsonl; charset=utf-8"));
    fields.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    fields.insert(header::ETAG, quoted(&tag));
    fields.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    download(fields, "keys.jsonl");
    Ok(response)
}
