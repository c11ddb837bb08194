//! `/<collection>/release/<n>`: what went out together, when, in which files.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use frelon_index::{CollectionRecord, ReleaseRecord};

use super::{
    row::When,
    shell::{Reader, Shell, page, site_title},
};
use crate::{fault::Fault, path, state::Site, text::percent_encode};

#[derive(Template)]
#[template(path = "release.html")]
struct ReleasePage {
    s: Shell,
    collection: String,
    title: String,
    at: When,
    release: ReleaseRecord,
    search: String,
}

/// `GET /{collection}/release/{tranche}`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    Path((collection, tranche)): Path<(String, String)>,
    reader: Reader,
) -> Result<Response, Fault> {
    let id = path::collection_id(&collection)?;
    let tranche = path::tranche(&tranche)?;
    let found = site
        .read(move |archive| {
            let Some(record) = archive.collection(&id) else { return Ok(None) };
            let mut releases = archive.releases().into_iter();
            Ok(releases.find(|one| one.collection == id && one.tranche == tranche).map(|one| (record, one)))
        })
        .await?;
    let (record, release) = found.ok_or(Fault::NotFound)?;
    let shell = Shell::new(reader.clone(), site_title(&site, reader.words), String::new());
    let template = view(shell, &record, release);
    page(&site, &template.s, &template)
}

fn view(s: Shell, record: &CollectionRecord, release: ReleaseRecord) -> ReleasePage {
    let title = if release.title.is_empty() { s.n("release-number", release.tranche.0) } else { release.title.clone() };
    let step = format!("release/{}", release.tranche);
    let mut s = s.within(&record.id, &record.title, &[(&step, &title)]);
    s.title = format!("{title} · {}", record.title);
    let at = When::moment(&s, release.published_at);
    let query = percent_encode(&format!("release:{}", release.tranche));
    let search = format!("/search?q={query}&c={}&sort=number", record.id);
    ReleasePage { s, collection: record.id.to_string(), title, at, release, search }
}
