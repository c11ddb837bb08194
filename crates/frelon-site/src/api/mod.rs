//! The JSON API: `/api/v1/...`, described by the OpenAPI 3.1 document beside it.
//!
//! Read-only, without keys or cookies, open to every origin. A route is one row of [`table`]; a test
//! walks that table and the description, and fails when either has what the other lacks.

mod authenticity;
mod collection;
mod item;
mod parameter;
mod problem;
mod release;
mod search;
pub(crate) mod shape;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    middleware,
    response::Response,
    routing::{MethodRouter, any, get},
};
use http::{HeaderValue, header};
use serde::Serialize;

pub(crate) use item::full as full_item;
pub(crate) use parameter::Parameters;
pub(crate) use problem::open_response as fault;

use crate::{fault::Fault, state::Site};

/// The description of the API.
pub(crate) const DESCRIPTION: &str = include_str!("../../openapi.json");

/// How long answers may be kept: a release or withdrawal shows within a minute.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=60");

/// Every path of the API with its handler.
pub(crate) fn table() -> Vec<(&'static str, MethodRouter<Arc<Site>>)> {
    vec![
        ("/api/v1/openapi.json", get(description)),
        ("/api/v1/collections", get(collection::list)),
        ("/api/v1/collections/{collection}", get(collection::one)),
        ("/api/v1/collections/{collection}/authenticity", get(authenticity::show)),
        ("/api/v1/collections/{collection}/items", get(collection::items)),
        ("/api/v1/collections/{collection}/items/{number}", get(item::one)),
        ("/api/v1/collections/{collection}/items/{number}/thread", get(item::thread)),
        ("/api/v1/collections/{collection}/months", get(collection::months)),
        ("/api/v1/collections/{collection}/people", get(collection::people)),
        ("/api/v1/collections/{collection}/people/{key}", get(collection::person)),
        ("/api/v1/search", get(search::search)),
        ("/api/v1/lookup", get(search::lookup)),
        ("/api/v1/releases", get(release::releases)),
        ("/api/v1/changes", get(release::changes)),
        ("/api/v1/log", get(release::log)),
    ]
}

/// Routes of this area.
pub(crate) fn routes() -> Router<Arc<Site>> {
    let router = table().into_iter().fold(Router::new(), |router, (path, handler)| router.route(path, handler));
    router
        .route("/api", any(nothing))
        .route("/api/{*rest}", any(nothing))
        .layer(middleware::map_response(async |response: Response| open(problem::describe(response))))
}

/// What is not there is told in JSON too.
async fn nothing() -> Fault {
    Fault::NotFound
}

async fn description() -> Response {
    answer(DESCRIPTION)
}

/// Lets every origin read the answer: it is public, and no cookie or key ever comes with a request.
pub(crate) fn open(mut response: Response) -> Response {
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// A form as JSON text.
fn json(form: &impl Serialize) -> Vec<u8> {
    // Only maps with keys that are not text can fail, and no form has any.
    serde_json::to_vec(form).unwrap_or_default()
}

/// A 200 with JSON that is there already.
fn answer(body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    fields.insert(header::CACHE_CONTROL, CACHE_CONTROL);
    response
}

/// A 200, or 404 when the read found nothing.
fn answer_found(body: Option<Vec<u8>>) -> Result<Response, Fault> {
    body.map(answer).ok_or(Fault::NotFound)
}

#[cfg(test)]
mod tests;
