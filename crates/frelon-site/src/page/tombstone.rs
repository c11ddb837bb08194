//! What stands at the address of an item that was taken back: that it was, when and why, and that the
//! log still has its place. Nothing of the item itself.

use askama::Template;
use axum::response::{IntoResponse as _, Response};
use frelon_index::TombstoneRecord;
use frelon_public::statement::WithdrawMode;
use http::StatusCode;

use super::{
    row::When,
    shell::{Reader, Shell, page_with, site_title},
};
use crate::{link, state::Site};

#[derive(Template)]
#[template(path = "tombstone.html")]
struct TombstonePage {
    s: Shell,
    number: u64,
    at: When,
    reason: String,
    extent: &'static str,
    jurisdiction: Option<String>,
    until: Option<When>,
    text: Vec<String>,
    leaf: u64,
    statement: u64,
    origin: String,
    collection: String,
}

/// The page, as 410 (RFC 9110 section 15.5.11): gone, and meant to be.
pub(crate) fn show(site: &Site, reader: Reader, tombstone: &TombstoneRecord) -> Response {
    // Whoever asked for an attachment named it; the page must not.
    let reader = reader.at(link::item(&tombstone.key));
    let shell = Shell::new(reader.clone(), site_title(site, reader.words), String::new());
    let archive = site.archive();
    let title = archive.collection(&tombstone.key.collection).map(|record| record.title);
    let origin = archive.log().map(|log| log.origin).unwrap_or_default();
    let template = view(shell, tombstone, &title.unwrap_or_else(|| tombstone.key.collection.to_string()), origin);
    page_with(site, &template.s, &template, StatusCode::GONE).unwrap_or_else(|_| StatusCode::GONE.into_response())
}

fn view(s: Shell, tombstone: &TombstoneRecord, title: &str, origin: String) -> TombstonePage {
    let number = tombstone.key.number;
    let label = format!("{} {number}", s.t("number-sign"));
    let mut s = s.within(&tombstone.key.collection, title, &[(&number.to_string(), &label)]);
    s.title = format!("{} · {label}", s.t("tombstone-title"));
    s.hidden = true;
    TombstonePage {
        number: number.0,
        at: When::day(&s, tombstone.withdrawn_at),
        reason: reason(&s, tombstone.reason.as_str()),
        extent: if tombstone.mode == WithdrawMode::Erase { "tombstone-erase" } else { "tombstone-hide" },
        jurisdiction: tombstone.jurisdiction.clone(),
        until: tombstone.until.map(|at| When::day(&s, at)),
        text: paragraphs(tombstone.text.as_deref().unwrap_or_default()),
        leaf: tombstone.leaf,
        statement: tombstone.statement_leaf,
        origin,
        collection: tombstone.key.collection.to_string(),
        s,
    }
}

/// A reason code in words.
pub(crate) fn reason(s: &Shell, code: &str) -> String {
    s.t(&format!("reason-{code}")).to_owned()
}

/// Plain text as paragraphs.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    text.split('\n').map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}
