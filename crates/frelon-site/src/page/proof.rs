//! `/<collection>/<n>/proof` and the proof itself: what shows, without this site, that an item is in the
//! log and that the editors released it.

use std::sync::Arc;

use askama::Template;
use axum::{
    body::Body,
    extract::{Path, State},
    response::Response,
    routing::{MethodRouter, get},
};
use frelon_index::{CollectionRecord, ItemRecord};
use http::{HeaderName, HeaderValue, header};

use super::{
    checker::{self, Checker},
    shell::{Reader, Shell, page, site_title},
    standing::StateLine,
};
use crate::{fault::Fault, link, path, proof, raw::content_disposition, standing::Standing, state::Site};

#[derive(Template)]
#[template(path = "proof.html")]
struct ProofPage {
    s: Shell,
    collection: String,
    number: u64,
    subject: String,
    state: StateLine,
    leaf: String,
    content: String,
    raw: String,
    file: String,
    name: String,
    /// The proof and its size in words; `None` when it cannot be made.
    proof: Option<(String, String)>,
    checker: Checker,
}

/// The proof itself is part of what the API's description tells of.
pub(crate) fn table() -> Vec<(&'static str, MethodRouter<Arc<Site>>)> {
    vec![("/{collection}/{number}/{file}", get(download))]
}

/// What the page is made from.
struct Data {
    record: CollectionRecord,
    item: ItemRecord,
    proof: Option<Vec<u8>>,
}

/// `GET /{collection}/{number}/proof`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    Path((collection, number)): Path<(String, String)>,
    reader: Reader,
) -> Result<Response, Fault> {
    let key = path::item_key(&collection, &number)?;
    let ledgers = Arc::clone(&site.ledgers);
    let data = site
        .read(move |archive| {
            let (Some(item), Some(record)) = (archive.item(&key)?, archive.collection(&key.collection)) else {
                return Ok(None);
            };
            let proof = proof::of_item(archive, &ledgers, &key);
            let proof = proof.inspect_err(|error| tracing::error!(error = error as &dyn std::error::Error, "no proof"));
            Ok(Some(Data { record, item, proof: proof.ok().flatten() }))
        })
        .await?
        .ok_or(Fault::NotFound)?;
    let shell = Shell::new(reader.clone(), site_title(&site, reader.words), String::new());
    let template = view(shell, &site.standing(), data);
    let mut response = page(&site, &template.s, &template)?;
    checker::allow(&mut response);
    Ok(response)
}

fn view(s: Shell, standing: &Standing, data: Data) -> ProofPage {
    let Data { record, item, proof } = data;
    let number = item.key.number;
    let label = format!("{} {number}", s.t("number-sign"));
    let title = s.t("proof-title").to_owned();
    let (step, own) = (number.to_string(), format!("{number}/proof"));
    let mut s = s.within(&record.id, &record.title, &[(&step, &label), (&own, &title)]);
    s.title = format!("{title} · {label}");
    let subject = if item.subject.is_empty() { s.t("no-subject").to_owned() } else { item.subject.clone() };
    let numbers = [("leaf", item.leaf.to_string().into()), ("size", standing.size.to_string().into())];
    ProofPage {
        state: StateLine::of(&s, standing),
        leaf: s.with("proof-leaf-of", numbers),
        content: item.content.to_string(),
        raw: link::raw(&item.key),
        file: link::proof(&item.key),
        name: format!("{number}.tlog-proof"),
        proof: proof.map(|bytes| (s.size(bytes.len()), String::from_utf8_lossy(&bytes).into_owned())),
        checker: Checker::of(&s),
        collection: record.id.to_string(),
        number: number.0,
        subject,
        s,
    }
}

/// `GET /{collection}/{number}/{number}.tlog-proof`
async fn download(
    State(site): State<Arc<Site>>,
    Path((collection, number, file)): Path<(String, String, String)>,
) -> Result<Response, Fault> {
    let key = path::item_key(&collection, &number)?;
    // One item has one proof at one address.
    if file.strip_suffix(".tlog-proof") != Some(number.as_str()) {
        return Err(Fault::NotFound);
    }
    let ledgers = Arc::clone(&site.ledgers);
    let bytes = site.read(move |archive| proof::of_item(archive, &ledgers, &key)).await?.ok_or(Fault::NotFound)?;
    let mut response = Response::new(Body::from(bytes));
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    fields.insert(header::CONTENT_DISPOSITION, content_disposition(&format!("{collection}-{file}")));
    // Its checkpoint is the newest one: a later one has more cosignatures.
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=60"));
    fields.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    fields.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
    Ok(response)
}
