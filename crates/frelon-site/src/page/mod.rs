//! The pages a reader sees, one file per page. Each has a plain `Data` it is made from, a pure
//! function that turns that into what its template shows, and a handler that reads the one and
//! answers with the other.

mod asset;
mod attachment;
mod authenticity;
mod body;
mod changes;
mod chart;
mod checker;
mod collection;
mod date;
mod error;
mod explain;
mod help;
mod home;
mod html;
mod item;
mod list;
mod lookup;
mod people;
mod person;
mod proof;
mod release;
mod row;
mod search;
mod shell;
mod signature;
mod standing;
#[cfg(test)]
mod tests;
mod thread;
mod tombstone;
mod verify;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Path},
    response::{IntoResponse, Redirect, Response},
    routing::{MethodRouter, get},
};
use http::header;

pub(crate) use error::show as show_fault;
#[cfg(test)]
pub(crate) use proof::table as proof_table;
pub(crate) use shell::Reader;

use crate::{fault::Fault, path, state::Site};

/// Paths and handlers of all pages.
pub(crate) fn table() -> Vec<(&'static str, MethodRouter<Arc<Site>>)> {
    let upload = DefaultBodyLimit::max(lookup::UPLOAD_BYTES_MAX + lookup::UPLOAD_FRAMING_BYTES_MAX);
    vec![
        ("/", get(home::show)),
        ("/search", get(search::show)),
        ("/search/help", get(help::show)),
        ("/changes", get(changes::show)),
        ("/lookup", get(lookup::show).post(lookup::upload).layer(upload)),
        ("/verify", get(verify::show)),
        ("/asset/{file}", get(asset::show)),
        ("/robots.txt", get(robots)),
        ("/healthz", get(health)),
        ("/favicon.ico", get(icon)),
        ("/{collection}", get(to_collection)),
        ("/{collection}/", get(collection::show)),
        ("/{collection}/authenticity", get(authenticity::show)),
        ("/{collection}/items", get(list::show)),
        ("/{collection}/people", get(to_people)),
        ("/{collection}/people/", get(people::show)),
        ("/{collection}/people/{key}", get(person::show)),
        ("/{collection}/release/{tranche}", get(release::show)),
        ("/{collection}/date/{year}", get(date::show_year)),
        ("/{collection}/date/{year}/{month}", get(date::show_month)),
        ("/{collection}/date/{year}/{month}/{day}", get(date::show_day)),
        ("/{collection}/{number}", get(item::show)),
        ("/{collection}/{number}/html", get(html::show)),
        ("/{collection}/{number}/thread", get(thread::show)),
        ("/{collection}/{number}/proof", get(proof::show)),
    ]
}

/// Routes of all pages.
pub(crate) fn routes() -> Router<Arc<Site>> {
    table().into_iter().chain(proof::table()).fold(Router::new(), |router, (path, handler)| router.route(path, handler))
}

/// Everything may be indexed but what is made on request: crawlers would walk searches for ever.
const ROBOTS: &str = "User-agent: *\nDisallow: /search\nDisallow: /lookup\nDisallow: /export/\nDisallow: /api/\n";

async fn robots() -> Response {
    let head = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")];
    (head, ROBOTS).into_response()
}

/// For whatever watches the server; says nothing about the archive.
async fn health() -> Response {
    let head = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (head, "ok\n").into_response()
}

async fn icon() -> Redirect {
    Redirect::permanent(asset::href("frelon.svg"))
}

/// A name without its slash, if it can be one, leads to the collection.
async fn to_collection(Path(collection): Path<String>, uri: http::Uri) -> Result<Redirect, Fault> {
    let id = path::collection_id(&collection)?;
    Ok(Redirect::permanent(&with_query(&format!("/{id}/"), &uri)))
}

async fn to_people(Path(collection): Path<String>, uri: http::Uri) -> Result<Redirect, Fault> {
    let id = path::collection_id(&collection)?;
    Ok(Redirect::permanent(&with_query(&format!("/{id}/people/"), &uri)))
}

fn with_query(path: &str, uri: &http::Uri) -> String {
    uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"))
}
