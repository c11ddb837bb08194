//! Releases, and everything that changed.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde::Serialize;

use super::{answer, json, shape};
use crate::{fault::Fault, state::Site};

pub(super) async fn releases(State(site): State<Arc<Site>>) -> Result<Response, Fault> {
    let body = site.read(|archive| {
        let records = archive.releases();
        Ok(json(&shape::ListForm { rows: records.iter().map(shape::release).collect(), next: None }))
    });
    Ok(answer(body.await?))
}

/// One change. Releases are the only kind so far; others will be further values of `kind`.
#[derive(Serialize)]
struct ChangeForm<'a> {
    kind: &'static str,
    at: String,
    release: Option<shape::ReleaseForm<'a>>,
}

pub(super) async fn changes(State(site): State<Arc<Site>>) -> Result<Response, Fault> {
    let body = site.read(|archive| {
        let records = archive.releases();
        let rows = records.iter().map(|record| ChangeForm {
            kind: "release",
            at: shape::instant(record.published_at),
            release: Some(shape::release(record)),
        });
        Ok(json(&shape::ListForm { rows: rows.collect(), next: None }))
    });
    Ok(answer(body.await?))
}
