//! `/changes`: every release; later also withdrawals, corrections and holds.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use frelon_index::{CollectionRecord, ReleaseRecord};

use super::{
    home::{ReleaseLine, release_lines},
    shell::{Reader, Shell, page, site_title},
};
use crate::{fault::Fault, state::Site};

#[derive(Template)]
#[template(path = "changes.html")]
struct Changes {
    s: Shell,
    releases: Vec<ReleaseLine>,
}

/// `GET /changes`
pub(crate) async fn show(State(site): State<Arc<Site>>, reader: Reader) -> Result<Response, Fault> {
    let (collections, releases) = site.read(|archive| Ok((archive.collections(), archive.releases()))).await?;
    let shell = Shell::new(reader.clone(), site_title(&site, reader.words), String::new());
    let template = view(shell, collections, &releases);
    page(&site, &template.s, &template)
}

fn view(s: Shell, collections: Vec<CollectionRecord>, releases: &[ReleaseRecord]) -> Changes {
    let label = s.t("nav-changes").to_owned();
    let mut s = s.beside(&[("/changes", &label)]);
    s.title = label;
    s.feed = Some("/changes.atom".to_owned());
    let collections: Vec<_> = collections.into_iter().map(|record| (record, ())).collect();
    let releases = release_lines(&s, releases, &collections, usize::MAX);
    Changes { s, releases }
}
