//! The log's own files, as they lie in the public tree: checkpoint, policy, tiles, manifest, and on
//! mirrors that cosign what they hold, their own view of the checkpoint.
//!
//! Open to every origin, so that anybody's program or page may check this archive. Their names are read
//! strictly and never joined as they come: nothing else of the disk can be asked for.

use std::{fs, io, path::PathBuf, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use frelon_index::ReadError;
use frelon_log::{note::NOTE_BYTES_MAX, policy::POLICY_BYTES_MAX, tile::Resource};
use http::{HeaderName, HeaderValue, header};

use crate::{fault::Fault, state::Site};

/// The checkpoint moves with every entry, and is asked for often (C2SP tlog-tiles).
const SHORT: &str = "max-age=5";
/// Other small files that a release or a change of witnesses replaces.
const MINUTE: &str = "max-age=60";
/// A tile never changes.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// The manifest of the largest archives.
const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Routes of this area. Files of the public tree are no answers of the API, so its description leaves
/// them out.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/checkpoint", get(checkpoint))
        .route("/policy", get(policy))
        .route("/manifest.json", get(manifest))
        .route("/tile/{*path}", get(tile))
        .route("/witness/{origin}/checkpoint", get(witnessed))
}

async fn checkpoint(State(site): State<Arc<Site>>) -> Result<Response, Fault> {
    file(&site, "checkpoint", NOTE_BYTES_MAX as u64, "text/plain; charset=utf-8", SHORT).await
}

async fn policy(State(site): State<Arc<Site>>) -> Result<Response, Fault> {
    file(&site, "policy", POLICY_BYTES_MAX as u64, "text/plain; charset=utf-8", MINUTE).await
}

async fn manifest(State(site): State<Arc<Site>>) -> Result<Response, Fault> {
    file(&site, "manifest.json", FILE_BYTES_MAX, "application/json", MINUTE).await
}

/// `GET /witness/{origin}/checkpoint`: the checkpoint as this mirror cosigned it (C2SP tlog-witness,
/// monitoring). The origin is named by its SHA-256 in lower-case hexadecimal digits.
async fn witnessed(State(site): State<Arc<Site>>, Path(origin): Path<String>) -> Result<Response, Fault> {
    let is_hash = origin.len() == 64 && origin.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !is_hash {
        return Err(Fault::NotFound);
    }
    let name = format!("witness/{origin}/checkpoint");
    file(&site, &name, NOTE_BYTES_MAX as u64, "text/plain; charset=utf-8", SHORT).await
}

/// `GET /tile/{*path}`: a tile or a bundle of entries.
async fn tile(State(site): State<Arc<Site>>, Path(path): Path<String>) -> Result<Response, Fault> {
    let resource: Resource = format!("tile/{path}").parse().map_err(|_| Fault::NotFound)?;
    // Printed again from what was read, so that the name on disk is ours.
    let bytes_max = resource.bytes_max() as u64;
    file(&site, &resource.to_string(), bytes_max, "application/octet-stream", FOREVER).await
}

/// A file by a name made here.
async fn file(
    site: &Arc<Site>,
    name: &str,
    bytes_max: u64,
    kind: &'static str,
    keep: &'static str,
) -> Result<Response, Fault> {
    let name = name.to_owned();
    let found = site.read(move |archive| read(archive.public().join(name), bytes_max)).await?;
    let mut response = Response::new(Body::from(found.ok_or(Fault::NotFound)?));
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    fields.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    fields.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
    Ok(response)
}

fn read(path: PathBuf, bytes_max: u64) -> Result<Option<Vec<u8>>, ReadError> {
    let metadata = match fs::metadata(&path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(source) => return Err(ReadError::Io { path, source }),
        Ok(metadata) => metadata,
    };
    if !metadata.is_file() {
        return Ok(None);
    }
    if metadata.len() > bytes_max {
        return Err(ReadError::Damaged { path, reason: "it is longer than it can be".to_owned() });
    }
    fs::read(&path).map(Some).map_err(|source| ReadError::Io { path, source })
}
