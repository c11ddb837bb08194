//! `/verify`: how to check what this site shows: how its log stands, a check in the browser, and how to
//! do without this site.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use frelon_index::{Change, ChangeRecord, ReleaseRecord};

use super::{
    checker::{self, Checker},
    row::When,
    shell::{Reader, Shell, page, site_title},
    standing::{StateLine, WitnessLine},
};
use crate::{fault::Fault, standing::Standing, state::Site};

/// Volumes listed; every release's own page has all of its own.
const VOLUMES_MAX: usize = 200;

/// One volume and where it came out.
pub(crate) struct VolumeLine {
    path: String,
    sha256: String,
    size: String,
    at: When,
}

/// The editors in force.
struct Editors {
    keys: Vec<String>,
    /// How many of them sign, in words.
    count: String,
}

#[derive(Template)]
#[template(path = "verify.html")]
struct Verify {
    s: Shell,
    state: StateLine,
    root: String,
    key: String,
    witnesses: Vec<WitnessLine>,
    editors: Option<Editors>,
    checker: Checker,
    volumes: Vec<VolumeLine>,
    cut: bool,
}

/// `GET /verify`
pub(crate) async fn show(State(site): State<Arc<Site>>, reader: Reader) -> Result<Response, Fault> {
    let (releases, root) = site.read(|archive| Ok((archive.releases(), archive.root()))).await?;
    let shell = Shell::new(reader.clone(), site_title(&site, reader.words), String::new());
    let template = view(shell, &site.standing(), &releases, root.as_ref());
    let mut response = page(&site, &template.s, &template)?;
    checker::allow(&mut response);
    Ok(response)
}

fn view(s: Shell, standing: &Standing, releases: &[ReleaseRecord], root: Option<&ChangeRecord>) -> Verify {
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
    Verify {
        state: StateLine::of(&s, standing),
        root: standing.root.map(|root| root.to_string()).unwrap_or_default(),
        key: standing.key.clone(),
        witnesses: WitnessLine::all(&s, standing),
        editors: root.and_then(|root| editors(&s, &root.change)),
        checker: Checker::of(&s),
        cut: all.count() > volumes.len(),
        volumes,
        s,
    }
}

fn editors(s: &Shell, change: &Change) -> Option<Editors> {
    let Change::Root { editors, threshold, .. } = change else { return None };
    let count = editors.len() as u64;
    let numbers =
        [("n", count.into()), ("threshold", s.number(*threshold).into()), ("editors", s.number(count).into())];
    Some(Editors { keys: editors.clone(), count: s.with("verify-editors-count", numbers) })
}
