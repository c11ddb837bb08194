//! `/verify`: how to check what this site shows, with nothing but common tools.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use frelon_index::ReleaseRecord;

use super::{
    row::When,
    shell::{Reader, Shell, page, site_title},
};
use crate::{fault::Fault, state::Site};

/// Volumes listed; every release's own page has all of its own.
const VOLUMES_MAX: usize = 200;

/// One volume and where it came out.
pub(crate) struct VolumeLine {
    path: String,
    sha256: String,
    size: String,
    at: When,
}

#[derive(Template)]
#[template(path = "verify.html")]
struct Verify {
    s: Shell,
    volumes: Vec<VolumeLine>,
    cut: bool,
}

/// `GET /verify`
pub(crate) async fn show(State(site): State<Arc<Site>>, reader: Reader) -> Result<Response, Fault> {
    let releases = site.read(|archive| Ok(archive.releases())).await?;
    let shell = Shell::new(reader.clone(), site_title(&site, reader.words), String::new());
    let template = view(shell, &releases);
    page(&site, &template.s, &template)
}

fn view(s: Shell, releases: &[ReleaseRecord]) -> Verify {
    let label = s.t("nav-verify").to_owned();
    let mut s = s.beside(&[("/verify", &label)]);
    s.title = label;
    let all = releases.iter().flat_map(|release| release.volumes.iter().map(move |volume| (release, volume)));
    let volumes: Vec<_> = all
        .clone()
        .take(VOLUMES_MAX)
        .map(|(release, volume)| VolumeLine {
            path: volume.path.clone(),
            sha256: volume.sha256.to_string(),
            size: s.size(volume.size_bytes),
            at: When::day(&s, release.published_at),
        })
        .collect();
    Verify { cut: all.count() > volumes.len(), s, volumes }
}
