//! `/<collection>/people/`: everybody who wrote or was written to.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use frelon_index::{CollectionRecord, Page, PeopleOrder, PersonRecord};
use serde::Deserialize;

use super::{
    collection::PersonLine,
    shell::{Reader, Shell, page, site_title},
};
use crate::{fault::Fault, path, state::Site, text::percent_encode};

/// People on one page.
const PEOPLE_MAX: usize = 100;
/// Bytes of what is typed to narrow the list.
const PREFIX_BYTES_MAX: usize = 200;

#[derive(Template)]
#[template(path = "people.html")]
struct People {
    s: Shell,
    collection: String,
    total: u64,
    prefix: String,
    orders: Vec<(String, String, bool)>,
    order: &'static str,
    people: Vec<PersonLine>,
    more: Option<String>,
}

/// Parameters of the page.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    order: Option<String>,
    name: Option<String>,
    cursor: Option<String>,
}

const ORDERS: [(&str, PeopleOrder); 2] = [("busiest", PeopleOrder::Busiest), ("address", PeopleOrder::Address)];

/// `GET /{collection}/people/`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    Path(collection): Path<String>,
    Query(wanted): Query<Wanted>,
    reader: Reader,
) -> Result<Response, Fault> {
    let id = path::collection_id(&collection)?;
    let name = wanted.order.unwrap_or_else(|| "busiest".to_owned());
    let (name, order) = *ORDERS.iter().find(|(known, _)| *known == name).ok_or(Fault::Parameter("order"))?;
    let prefix = wanted.name.unwrap_or_default().trim().to_owned();
    if prefix.len() > PREFIX_BYTES_MAX {
        return Err(Fault::Parameter("name"));
    }
    let narrowed = prefix.clone();
    let (record, people) = site
        .read(move |archive| {
            let Some(record) = archive.collection(&id) else { return Ok(None) };
            let prefix = (!narrowed.is_empty()).then_some(narrowed.as_str());
            let people = archive.people(&id, order, prefix, wanted.cursor.as_deref(), PEOPLE_MAX)?;
            Ok(Some((record, people)))
        })
        .await?
        .ok_or(Fault::NotFound)?;
    let shell = Shell::new(reader.clone(), site_title(&site, reader.words), String::new());
    let template = view(shell, &record, name, prefix, &people);
    page(&site, &template.s, &template)
}

fn view(
    s: Shell,
    record: &CollectionRecord,
    order: &'static str,
    prefix: String,
    people: &Page<PersonRecord>,
) -> People {
    let label = s.t("people-title").to_owned();
    let mut s = s.within(&record.id, &record.title, &[("people/", &label)]);
    s.title = format!("{label} · {}", record.title);
    let narrowed = if prefix.is_empty() { String::new() } else { format!("&name={}", percent_encode(&prefix)) };
    let link = |(name, _): &(&str, PeopleOrder)| {
        let text = s.find(&format!("order-{name}")).unwrap_or(name).to_owned();
        (text, format!("/{}/people/?order={name}{narrowed}", record.id), *name == order)
    };
    let orders = ORDERS.iter().map(link).collect();
    let lines = people.rows.iter().map(|person| PersonLine::of(&record.id, person)).collect();
    let more = people
        .next
        .as_ref()
        .map(|next| format!("/{}/people/?order={order}{narrowed}&cursor={}", record.id, percent_encode(next)));
    People {
        s,
        collection: record.id.to_string(),
        total: record.person_count,
        prefix,
        orders,
        order,
        people: lines,
        more,
    }
}
