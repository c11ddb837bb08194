//! `/<collection>/items`: every item, by number or by date, page by page to the last.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use frelon_index::{CollectionRecord, ItemRecord, ListOrder, Page};
use serde::Deserialize;

use super::{
    row::Row,
    shell::{Reader, Shell, page, site_title},
};
use crate::{fault::Fault, path, state::Site, text::percent_encode};

/// Items on one page.
const ITEMS_MAX: usize = 50;

#[derive(Template)]
#[template(path = "list.html")]
struct List {
    s: Shell,
    total: u64,
    /// Name, address, whether in use.
    orders: Vec<(String, String, bool)>,
    rows: Vec<Row>,
    more: Option<String>,
}

/// Parameters of the page.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    order: Option<String>,
    cursor: Option<String>,
}

/// The orders and their names in addresses.
const ORDERS: [(&str, ListOrder); 3] =
    [("number", ListOrder::Number), ("newest", ListOrder::Newest), ("oldest", ListOrder::Oldest)];

/// `GET /{collection}/items`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    Path(collection): Path<String>,
    Query(wanted): Query<Wanted>,
    reader: Reader,
) -> Result<Response, Fault> {
    let id = path::collection_id(&collection)?;
    let name = wanted.order.unwrap_or_else(|| "number".to_owned());
    let (name, order) = *ORDERS.iter().find(|(known, _)| *known == name).ok_or(Fault::Parameter("order"))?;
    let (record, items) = site
        .read(move |archive| {
            let Some(record) = archive.collection(&id) else { return Ok(None) };
            let items = archive.items(&id, order, None, wanted.cursor.as_deref(), ITEMS_MAX)?;
            Ok(Some((record, items)))
        })
        .await?
        .ok_or(Fault::NotFound)?;
    let shell = Shell::new(reader.clone(), site_title(&site, reader.words), String::new());
    let template = view(shell, &record, name, &items);
    page(&site, &template.s, &template)
}

fn view(s: Shell, record: &CollectionRecord, order: &str, items: &Page<ItemRecord>) -> List {
    let label = s.t("all-items").to_owned();
    let mut s = s.within(&record.id, &record.title, &[("items", &label)]);
    s.title = format!("{label} · {}", record.title);
    let link = |(name, _): &(&str, ListOrder)| {
        let text = s.find(&format!("order-{name}")).unwrap_or(name).to_owned();
        (text, format!("/{}/items?order={name}", record.id), *name == order)
    };
    let orders = ORDERS.iter().map(link).collect();
    let more = items.next.as_ref();
    let more = more.map(|next| format!("/{}/items?order={order}&cursor={}", record.id, percent_encode(next)));
    let rows = Row::all(&s, &items.rows);
    s.next = more.as_ref().map(|href| s.href(href));
    List { s, total: record.item_count, orders, rows, more }
}
