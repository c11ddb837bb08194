//! Collections, their items, months and people.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use frelon_index::{ListOrder, PeopleOrder};

use super::{Parameters, answer, answer_found, json, shape};
use crate::{fault::Fault, path, state::Site};

pub(super) async fn list(State(site): State<Arc<Site>>) -> Result<Response, Fault> {
    let body = site.read(|archive| {
        let records = archive.collections();
        Ok(json(&shape::ListForm { rows: records.iter().map(shape::collection).collect(), next: None }))
    });
    Ok(answer(body.await?))
}

pub(super) async fn one(State(site): State<Arc<Site>>, Path(collection): Path<String>) -> Result<Response, Fault> {
    let id = path::collection_id(&collection)?;
    let body = site.read(move |archive| Ok(archive.collection(&id).map(|record| json(&shape::collection(&record)))));
    answer_found(body.await?)
}

pub(super) async fn items(
    State(site): State<Arc<Site>>,
    Path(collection): Path<String>,
    parameters: Parameters,
) -> Result<Response, Fault> {
    let id = path::collection_id(&collection)?;
    let order = match parameters.get("order") {
        None | Some("number") => ListOrder::Number,
        Some("oldest") => ListOrder::Oldest,
        Some("newest") => ListOrder::Newest,
        Some(_) => return Err(Fault::Parameter("order")),
    };
    let (between, cursor, limit) = (parameters.between()?, parameters.cursor()?, parameters.limit()?);
    let body = site.read(move |archive| {
        if archive.collection(&id).is_none() {
            return Ok(None);
        }
        let page = archive.items(&id, order, between, cursor.as_deref(), limit)?;
        Ok(Some(json(&shape::ListForm { rows: page.rows.iter().map(shape::item).collect(), next: page.next })))
    });
    answer_found(body.await?)
}

pub(super) async fn months(State(site): State<Arc<Site>>, Path(collection): Path<String>) -> Result<Response, Fault> {
    let id = path::collection_id(&collection)?;
    let body = site.read(move |archive| {
        if archive.collection(&id).is_none() {
            return Ok(None);
        }
        let months = archive.months(&id)?;
        Ok(Some(json(&shape::ListForm { rows: months.into_iter().map(shape::month).collect(), next: None })))
    });
    answer_found(body.await?)
}

pub(super) async fn people(
    State(site): State<Arc<Site>>,
    Path(collection): Path<String>,
    parameters: Parameters,
) -> Result<Response, Fault> {
    let id = path::collection_id(&collection)?;
    let order = match parameters.get("order") {
        None | Some("busiest") => PeopleOrder::Busiest,
        Some("address") => PeopleOrder::Address,
        Some(_) => return Err(Fault::Parameter("order")),
    };
    let prefix = parameters.get("prefix").map(str::to_owned);
    let (cursor, limit) = (parameters.cursor()?, parameters.limit()?);
    let body = site.read(move |archive| {
        if archive.collection(&id).is_none() {
            return Ok(None);
        }
        let page = archive.people(&id, order, prefix.as_deref(), cursor.as_deref(), limit)?;
        let rows = page.rows.iter().map(|record| shape::person(&id, record)).collect();
        Ok(Some(json(&shape::ListForm { rows, next: page.next })))
    });
    answer_found(body.await?)
}

pub(super) async fn person(
    State(site): State<Arc<Site>>,
    Path((collection, key)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let id = path::collection_id(&collection)?;
    let body = site.read(move |archive| {
        let Some(record) = archive.person(&id, &key)? else { return Ok(None) };
        let others = archive.correspondents(&id, &key, shape::CORRESPONDENTS_MAX)?;
        Ok(Some(json(&shape::full_person(&id, &record, &others))))
    });
    answer_found(body.await?)
}
