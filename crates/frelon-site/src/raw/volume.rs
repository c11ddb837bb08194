//! `/volume/<collection>/<file>.zip`: a volume as it lies in the public tree, whole or from any byte on.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    path::PathBuf,
    sync::Arc,
};

use axum::{
    extract::{Path, State},
    response::Response,
};
use frelon_index::{Archive, ReadError, VolumeRecord};
use frelon_model::ItemKey;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{download, range::Wanted, unchanged};
use crate::{
    cache::matches_tag,
    export::channel::{self, Stop},
    fault::Fault,
    state::Site,
};

/// Bytes read at a time.
const BLOCK_BYTES: usize = 64 * 1024;

/// Where a volume lies on disk. Only volumes that a release names are found; the path is never used to
/// look for a file.
fn find(archive: &Archive, path: &str) -> Result<Option<(VolumeRecord, PathBuf)>, ReadError> {
    for release in archive.releases() {
        let Some(volume) = release.volumes.iter().find(|volume| volume.path == path) else { continue };
        let key = ItemKey { collection: release.collection.clone(), number: release.first };
        let Some(stream) = archive.stream(&key)? else { return Ok(None) };
        // Both paths have the same steps below the public tree.
        let steps = path.split('/').count();
        return Ok(stream.volume.ancestors().nth(steps).map(|root| (volume.clone(), root.join(path))));
    }
    Ok(None)
}

/// `GET /volume/{*path}`
pub(super) async fn show(
    State(site): State<Arc<Site>>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let wanted_path = format!("volume/{path}");
    let found = site.read(move |archive| find(archive, &wanted_path)).await?;
    let (volume, file) = found.ok_or(Fault::NotFound)?;
    let tag = volume.sha256.to_string();
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| matches_tag(known, &tag)) {
        return Ok(unchanged(&tag));
    }
    let (first, length, status) = match Wanted::read(&headers, &tag, volume.size_bytes) {
        Wanted::All => (0, volume.size_bytes, StatusCode::OK),
        Wanted::Slice { first, length } => (first, length, StatusCode::PARTIAL_CONTENT),
        Wanted::Unsatisfiable => (0, 0, StatusCode::RANGE_NOT_SATISFIABLE),
    };
    let range = match status {
        StatusCode::PARTIAL_CONTENT => Some(format!("bytes {first}-{}/{}", first + length - 1, volume.size_bytes)),
        StatusCode::RANGE_NOT_SATISFIABLE => Some(format!("bytes */{}", volume.size_bytes)),
        _ => None,
    };
    let mut response = Response::new(channel::body(move |out| copy(&file, first, length, out)).await?);
    *response.status_mut() = status;
    let name = path.replace('/', "-");
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    fields.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    fields.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    for (field, value) in [(header::ETAG, Some(format!("\"{tag}\""))), (header::CONTENT_RANGE, range)] {
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            fields.insert(field, value);
        }
    }
    download(fields, &name);
    Ok(response)
}

fn copy(path: &std::path::Path, first: u64, mut left: u64, out: &mut impl Write) -> Result<(), Stop> {
    let unreadable = |source| Stop::Fault(ReadError::Io { path: path.to_owned(), source }.into());
    let mut file = File::open(path).map_err(unreadable)?;
    file.seek(SeekFrom::Start(first)).map_err(unreadable)?;
    let mut block = [0; BLOCK_BYTES];
    while left > 0 {
        let want = usize::try_from(left).unwrap_or(BLOCK_BYTES).min(BLOCK_BYTES);
        let count = file.read(&mut block[..want]).map_err(unreadable)?;
        if count == 0 {
            let reason = "it is shorter than its release says".to_owned();
            return Err(Stop::Fault(ReadError::Damaged { path: path.to_owned(), reason }.into()));
        }
        out.write_all(&block[..count])?;
        left -= count as u64;
    }
    Ok(())
}
