//! Faults as problem details (RFC 9457), with the stable codes of [`Fault::code`].

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use frelon_index::TombstoneRecord;
use frelon_model::{CollectionId, ItemNumber};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use super::shape::instant;
use crate::fault::Fault;

/// Seconds after which a busy server is worth asking again.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("5");

#[derive(Serialize)]
struct ProblemForm<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    code: &'a str,
    detail: String,
    /// For a wrong query: which bytes of it, and what is wrong with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<Position>,
    /// For a withdrawn item: what is left of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawn: Option<WithdrawalForm<'a>>,
}

/// A tombstone.
#[derive(Serialize)]
struct WithdrawalForm<'a> {
    collection: &'a CollectionId,
    number: ItemNumber,
    leaf: u64,
    statement_leaf: u64,
    mode: &'static str,
    reason: &'static str,
    jurisdiction: Option<&'a str>,
    until: Option<String>,
    text: Option<&'a str>,
    withdrawn_at: String,
}

impl<'a> WithdrawalForm<'a> {
    fn of(tombstone: &'a TombstoneRecord) -> Self {
        Self {
            collection: &tombstone.key.collection,
            number: tombstone.key.number,
            leaf: tombstone.leaf,
            statement_leaf: tombstone.statement_leaf,
            mode: tombstone.mode.as_str(),
            reason: tombstone.reason.as_str(),
            jurisdiction: tombstone.jurisdiction.as_deref(),
            until: tombstone.until.map(instant),
            text: tombstone.text.as_deref(),
            withdrawn_at: instant(tombstone.withdrawn_at),
        }
    }
}

#[derive(Serialize)]
struct Position {
    /// First byte, and first byte after.
    start: usize,
    end: usize,
    /// What is wrong there.
    code: &'static str,
}

/// The answer to a request that failed.
pub(crate) fn response(fault: &Fault) -> Response {
    let position = match fault {
        Fault::Query(error) => Some(Position { start: error.start, end: error.end, code: error.kind.code() }),
        _ => None,
    };
    let withdrawn = match fault {
        Fault::Withdrawn(tombstone) => Some(WithdrawalForm::of(tombstone)),
        _ => None,
    };
    let mut response = details(fault.status(), fault.code(), fault.to_string(), position, withdrawn);
    if matches!(fault, Fault::Busy) {
        response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
    response
}

/// As [`response`], readable from every origin, for a fault found before any route.
pub(crate) fn open_response(fault: &Fault) -> Response {
    super::open(response(fault))
}

fn details(
    status: StatusCode,
    code: &str,
    detail: String,
    position: Option<Position>,
    withdrawn: Option<WithdrawalForm<'_>>,
) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    let form = ProblemForm { r#type: "about:blank", title, status: status.as_u16(), code, detail, position, withdrawn };
    let body = serde_json::to_vec(&form).unwrap_or_default();
    let mut response = (status, Body::from(body)).into_response();
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Gives every failed answer of the API its JSON body.
pub(crate) fn describe(response: Response) -> Response {
    let status = response.status();
    if let Some(fault) = response.extensions().get::<Fault>() {
        return self::response(fault);
    }
    if status == StatusCode::METHOD_NOT_ALLOWED {
        let allow = response.headers().get(header::ALLOW).cloned();
        let mut response = details(status, "method", "only GET and HEAD are answered here".to_owned(), None, None);
        if let Some(allow) = allow {
            response.headers_mut().insert(header::ALLOW, allow);
        }
        return response;
    }
    response
}
