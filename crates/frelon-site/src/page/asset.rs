//! Style, script and icon: embedded, named by their content, immutable.

use std::{fmt::Write as _, sync::LazyLock};

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use http::header;
use sha2::{Digest, Sha256};

use crate::fault::Fault;

/// An embedded file.
struct Asset {
    name: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
    /// `/asset/<stem>.<hash>.<extension>`
    href: String,
}

const FILES: [(&str, &str, &[u8]); 4] = [
    ("frelon.css", "text/css; charset=utf-8", include_bytes!("../../asset/frelon.css")),
    ("frelon.js", "text/javascript; charset=utf-8", include_bytes!("../../asset/frelon.js")),
    ("check.js", "text/javascript; charset=utf-8", include_bytes!("../../asset/check.js")),
    ("frelon.svg", "image/svg+xml", include_bytes!("../../asset/frelon.svg")),
];

/// Hexadecimal digits of the hash in a name: enough that two versions never share one.
const HASH_DIGITS: usize = 16;

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let asset = |(name, media_type, bytes): (&'static str, &'static str, &'static [u8])| {
        let (stem, extension) = name.split_once('.').unwrap_or((name, ""));
        Asset { name, media_type, bytes, href: format!("/asset/{stem}.{}.{extension}", hash(&[bytes])) }
    };
    FILES.map(asset).into()
});

/// Changes with the program's version and with any asset; part of every entity tag.
static FINGERPRINT: LazyLock<String> = LazyLock::new(|| {
    let mut parts: Vec<&[u8]> = FILES.iter().map(|(_, _, bytes)| *bytes).collect();
    parts.push(env!("CARGO_PKG_VERSION").as_bytes());
    parts.extend(crate::text::sources());
    hash(&parts)
});

fn hash(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    let mut digits = String::new();
    for byte in hasher.finalize().iter().take(HASH_DIGITS / 2) {
        // Writing to a String cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// The address of an asset by its plain name.
pub(crate) fn href(name: &str) -> &'static str {
    ASSETS.iter().find(|asset| asset.name == name).map_or("", |asset| asset.href.as_str())
}

/// See [`FINGERPRINT`].
pub(crate) fn fingerprint() -> &'static str {
    &FINGERPRINT
}

/// `/asset/{file}`
pub(crate) async fn show(Path(file): Path<String>) -> Result<Response, Fault> {
    let asset = ASSETS.iter().find(|asset| asset.href.strip_prefix("/asset/") == Some(&file));
    let asset = asset.ok_or(Fault::NotFound)?;
    let tag = asset.href.trim_start_matches("/asset/");
    Ok((
        [
            (header::CONTENT_TYPE, asset.media_type.to_owned()),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable".to_owned()),
            (header::ETAG, format!("\"{tag}\"")),
        ],
        asset.bytes,
    )
        .into_response())
}
