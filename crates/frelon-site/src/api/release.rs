//! Releases, everything that was stated, and the log it is stated in.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use frelon_index::{Archive, Change, ChangeRecord, ReleaseRecord};
use frelon_model::{CollectionId, ItemNumber};
use http::{HeaderValue, header};
use serde::Serialize;

use super::{Parameters, answer, json, shape};
use crate::{fault::Fault, standing::Standing, state::Site};

pub(super) async fn releases(State(site): State<Arc<Site>>) -> Result<Response, Fault> {
    let body = site.read(|archive| {
        let records = archive.releases();
        Ok(json(&shape::ListForm { rows: records.iter().map(shape::release).collect(), next: None }))
    });
    Ok(answer(body.await?))
}

/// One statement. What its kind does not have is left out.
#[derive(Serialize)]
struct ChangeForm<'a> {
    kind: &'static str,
    /// Index of the statement in the log.
    leaf: u64,
    at: String,
    collection: Option<&'a CollectionId>,
    release: Option<shape::ReleaseForm<'a>>,
    #[serde(flatten)]
    says: SaysForm<'a>,
}

#[derive(Serialize, Default)]
struct SaysForm<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<ItemNumber>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replacement: Option<ItemNumber>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jurisdiction: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    editors: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    witnesses: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'a str>,
}

impl<'a> ChangeForm<'a> {
    fn of(record: &'a ChangeRecord, releases: &'a [ReleaseRecord]) -> Self {
        let mut says = SaysForm::default();
        let mut release = None;
        match &record.change {
            Change::Root { version, editors, threshold, witnesses } => {
                (says.version, says.threshold) = (Some(*version), Some(*threshold));
                (says.editors, says.witnesses) = (Some(editors.as_slice()), Some(witnesses.as_slice()));
            }
            Change::Collection { title } => says.title = Some(title),
            Change::Accession { count } => says.count = Some(*count),
            Change::Release { tranche, .. } => {
                let is_it = |one: &&ReleaseRecord| {
                    Some(&one.collection) == record.collection.as_ref() && one.tranche == *tranche
                };
                release = releases.iter().find(is_it).map(shape::release);
            }
            Change::Withdraw { number, mode, reason, jurisdiction, until, text } => {
                (says.number, says.mode, says.reason) = (Some(*number), Some(mode.as_str()), Some(reason.as_str()));
                (says.jurisdiction, says.text) = (jurisdiction.as_deref(), text.as_deref());
                says.until = until.map(shape::instant);
            }
            Change::Restore { number, text } => (says.number, says.text) = (Some(*number), text.as_deref()),
            Change::Correct { number, replacement, reason } => {
                (says.number, says.replacement, says.reason) =
                    (Some(*number), Some(*replacement), Some(reason.as_str()));
            }
            Change::Succession { origin } => says.origin = Some(origin),
        }
        Self {
            kind: record.change.kind(),
            leaf: record.leaf,
            at: shape::instant(record.made_at),
            collection: record.collection.as_ref(),
            release,
            says,
        }
    }
}

pub(super) async fn changes(State(site): State<Arc<Site>>, parameters: Parameters) -> Result<Response, Fault> {
    let (before, limit) = (parameters.leaf_cursor()?, parameters.limit()?);
    let body = site.read(move |archive| {
        let mut records = archive.changes(before, limit + 1)?;
        let more = records.len() > limit;
        records.truncate(limit);
        let next = records.last().filter(|_| more).map(|last| last.leaf.to_string());
        let releases = archive.releases();
        let rows = records.iter().map(|record| ChangeForm::of(record, &releases)).collect();
        Ok(json(&shape::ListForm { rows, next }))
    });
    Ok(answer(body.await?))
}

/// How the log stands now, and as of where this site was made.
#[derive(Serialize)]
struct LogForm<'a> {
    /// In one word: fresh, stale, unwitnessed, too-few, unsigned, missing.
    state: &'static str,
    origin: &'a str,
    size: u64,
    root: Option<String>,
    key: Option<&'a str>,
    cosigned_at: Option<String>,
    witnesses: Vec<WitnessForm<'a>>,
    /// The log as of which pages and answers are made.
    shown: ShownForm,
    links: LogLinks,
}

#[derive(Serialize)]
struct WitnessForm<'a> {
    name: &'a str,
    key: &'a str,
    cosigned_at: Option<String>,
}

#[derive(Serialize)]
struct ShownForm {
    size: u64,
    root: String,
}

#[derive(Serialize)]
struct LogLinks {
    checkpoint: &'static str,
    policy: &'static str,
    html: &'static str,
}

pub(super) async fn log(State(site): State<Arc<Site>>) -> Result<Response, Fault> {
    let standing = site.standing();
    let shown = site.read(Archive::log).await?;
    let shown = ShownForm { size: shown.size, root: shown.root.to_string() };
    let mut response = answer(json(&log_form(&standing, shown)));
    // As short-lived as the checkpoint it tells of.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=5"));
    Ok(response)
}

fn log_form(standing: &Standing, shown: ShownForm) -> LogForm<'_> {
    let witness = |one: &'_ crate::standing::Witness| one.cosigned_at.map(shape::instant);
    LogForm {
        state: standing.state.code(),
        origin: &standing.origin,
        size: standing.size,
        root: standing.root.map(|root| root.to_string()),
        key: Some(standing.key.as_str()).filter(|key| !key.is_empty()),
        cosigned_at: standing.cosigned_at().map(shape::instant),
        witnesses: standing
            .witnesses
            .iter()
            .map(|one| WitnessForm { name: &one.name, key: &one.key, cosigned_at: witness(one) })
            .collect(),
        shown,
        links: LogLinks { checkpoint: "/checkpoint", policy: "/policy", html: "/verify" },
    }
}
