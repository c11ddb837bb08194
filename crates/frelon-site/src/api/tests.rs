//! The description is held to what the server does: every path both described and served, every
//! answer valid against its schema.

use std::collections::BTreeSet;

use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;
use crate::{Options, export, feed, page, raw, route, sample};

fn description() -> Value {
    serde_json::from_str(DESCRIPTION).expect("the description is JSON")
}

/// Targets to try a path with: filled with what the sample publication has.
fn targets(path: &str) -> Vec<String> {
    let known = path
        .replace("{collection}", "harbour")
        .replace("{number}", "4")
        .replace("{key}", "ann%40harbour.example")
        .replace("{part}", "1")
        .replace("{file}", "4.tlog-proof")
        .replace("{name}", "page.html");
    match path {
        "/export/{format}" => {
            ["mbox", "zip", "csv", "jsonl"].map(|format| format!("/export/{format}?q=crane")).to_vec()
        }
        "/api/v1/search" => vec![
            known.clone(),
            format!("{known}?q=crane&limit=1"),
            format!("{known}?q=from:ann+(docks+OR+-quay)&facets=false&snippets=false&sort=oldest"),
        ],
        "/api/v1/lookup" => vec![format!("{known}?message-id=crane-1%40harbour.example"), {
            use sha2::{Digest, Sha256};
            let hash = frelon_model::ContentHash(Sha256::digest(b"A note.").into());
            format!("{known}?hash={hash}")
        }],
        _ if path.contains("/items/{number}") => (1..=8)
            .map(|number| path.replace("{collection}", "harbour").replace("{number}", &number.to_string()))
            .collect(),
        _ => vec![known],
    }
}

async fn send(router: &Router, target: &str) -> (StatusCode, String, Vec<u8>) {
    let request = Request::get(target).header("host", "press.example").body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).map_or("", |value| value.to_str().unwrap()).to_owned();
    (status, kind, response.into_body().collect().await.unwrap().to_bytes().to_vec())
}

/// Fails unless the answer is as the description says for this status.
fn check(description: &Value, responses: &Value, target: &str, answer: &(StatusCode, String, Vec<u8>)) {
    let (status, kind, body) = answer;
    let mut response = &responses[status.as_str()];
    if let Some(name) = response["$ref"].as_str() {
        response = &description["components"]["responses"][name.rsplit('/').next().unwrap()];
    }
    assert!(response.is_object(), "{target}: status {status} is not described");
    let content = response["content"].as_object().unwrap_or_else(|| panic!("{target}: no content for {status}"));
    let described = content.get(kind).unwrap_or_else(|| panic!("{target}: `{kind}` is not described"));
    if !kind.ends_with("json") {
        return;
    }
    let mut schema = described["schema"].clone();
    // References lead into the description, so it comes along.
    schema["components"] = description["components"].clone();
    let validator = jsonschema::draft202012::new(&schema).expect("a schema");
    let value: Value = serde_json::from_slice(body).unwrap_or_else(|error| panic!("{target}: {error}"));
    let errors: Vec<String> =
        validator.iter_errors(&value).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{target}: {errors:#?}\n{value:#}");
}

#[test]
fn everything_served_is_described_and_everything_described_is_served() {
    let areas = [table(), raw::table(), export::table(), feed::table(), page::proof_table()];
    let served: BTreeSet<String> = areas.iter().flatten().map(|(path, _)| (*path).to_owned()).collect();
    let description = description();
    let described: BTreeSet<String> = description["paths"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(served, described);
}

#[tokio::test]
async fn answers_are_as_described() {
    let folder = tempfile::tempdir().unwrap();
    let site = Arc::new(Site::new(sample::archive(folder.path()), Options::default()));
    let router = route::router(site);
    let description = description();
    for (path, operations) in description["paths"].as_object().unwrap() {
        let responses = &operations["get"]["responses"];
        for target in targets(path) {
            let answer = send(&router, &target).await;
            if path.ends_with("/part/{part}") {
                assert_eq!(answer.0, StatusCode::TEMPORARY_REDIRECT);
                continue;
            }
            assert_eq!(answer.0, StatusCode::OK, "{target}: {}", String::from_utf8_lossy(&answer.2));
            check(&description, responses, &target, &answer);
        }
    }
}

#[tokio::test]
async fn failures_are_as_described() {
    let folder = tempfile::tempdir().unwrap();
    let site = Arc::new(Site::new(sample::archive(folder.path()), Options::default()));
    let router = route::router(site);
    let description = description();
    for (path, target) in [
        ("/api/v1/search", "/api/v1/search?q=from:%22x"),
        ("/api/v1/search", "/api/v1/search?sort=x"),
        ("/api/v1/lookup", "/api/v1/lookup?hash=x"),
        ("/api/v1/collections/{collection}", "/api/v1/collections/none"),
        ("/api/v1/collections/{collection}/items", "/api/v1/collections/none/items"),
        ("/api/v1/collections/{collection}/items", "/api/v1/collections/harbour/items?cursor=x"),
        ("/api/v1/collections/{collection}/items/{number}", "/api/v1/collections/harbour/items/99"),
        ("/api/v1/collections/{collection}/people/{key}", "/api/v1/collections/harbour/people/none"),
    ] {
        let answer = send(&router, target).await;
        assert!(answer.0.is_client_error(), "{target}: {}", answer.0);
        check(&description, &description["paths"][path]["get"]["responses"], target, &answer);
    }
}

/// Every parameter a path names is described, every reference leads somewhere, every id is unique.
#[test]
fn the_description_is_whole() {
    let description = description();
    let mut ids = BTreeSet::new();
    for (path, operations) in description["paths"].as_object().unwrap() {
        let operation = &operations["get"];
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{path}");
        let empty = json!([]);
        let parameters = operation.get("parameters").unwrap_or(&empty).as_array().unwrap();
        let named: BTreeSet<&str> = parameters
            .iter()
            .map(|parameter| match parameter["$ref"].as_str() {
                Some(reference) => description.pointer(&reference[1..]).expect("a reference leads somewhere"),
                None => parameter,
            })
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let in_path: BTreeSet<&str> =
            path.split('/').filter_map(|step| step.strip_prefix('{')?.strip_suffix('}')).collect();
        assert_eq!(named, in_path, "{path}");
    }
}
