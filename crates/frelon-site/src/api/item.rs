//! One item, and its thread.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use frelon_index::{Archive, ItemRecord, ReadError};
use frelon_mail::Message;

use super::{answer_found, json, shape};
use crate::{fault::Fault, path, state::Site};

pub(super) async fn one(
    State(site): State<Arc<Site>>,
    Path((collection, number)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let key = path::item_key(&collection, &number)?;
    let body = site.read(move |archive| {
        let Some(record) = archive.item(&key)? else { return Ok(None) };
        full(archive, &record)
    });
    answer_found(body.await?)
}

/// An item in full as JSON, in one line; `None` when its bytes are gone.
pub(crate) fn full(archive: &Archive, record: &ItemRecord) -> Result<Option<Vec<u8>>, ReadError> {
    let Some(raw) = archive.raw(&record.key)? else { return Ok(None) };
    let is_mail = record.media_type == "message/rfc822";
    let message = if is_mail { frelon_mail::parse(&raw) } else { Message::default() };
    let attachments = if record.attachment_count > 0 { archive.attachments(&record.key)? } else { Vec::new() };
    let neighbours = archive.neighbours(&record.key)?;
    let found = if is_mail { Some(archive.authenticate(&raw, message.received_at)?) } else { None };
    Ok(Some(json(&shape::full_item(record, &message, &attachments, neighbours, found.as_ref()))))
}

pub(super) async fn thread(
    State(site): State<Arc<Site>>,
    Path((collection, number)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let key = path::item_key(&collection, &number)?;
    let body = site.read(move |archive| Ok(archive.thread(&key)?.map(|record| json(&shape::thread(&record)))));
    answer_found(body.await?)
}
