//! Every page over a small publication: each link leads somewhere, each word has a translation, and
//! nothing in mail becomes markup.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};

use axum::{Router, body::Body};
use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::{Options, Site, route, sample};

struct Browser {
    router: Router,
    _folder: tempfile::TempDir,
}

impl Browser {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let archive = sample::archive(folder.path());
        let options = Options { base_url: "https://archive.example".to_owned(), ..Options::default() };
        Self { router: route::router(Arc::new(Site::new(archive, options))), _folder: folder }
    }

    async fn get(&self, path: &str) -> (StatusCode, http::HeaderMap, String) {
        let request = Request::builder().uri(path).body(Body::empty()).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("never fails");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        (parts.status, parts.headers, String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// Local addresses that a page links to.
fn links(html: &str) -> Vec<String> {
    let mut all = Vec::new();
    for mark in ["href=\"", "src=\"", "action=\""] {
        for (at, _) in html.match_indices(mark) {
            let rest = &html[at + mark.len()..];
            let link = rest.split('"').next().unwrap_or_default().replace("&amp;", "&").replace("&#38;", "&");
            if link.starts_with('/') {
                all.push(link.split('#').next().unwrap_or_default().to_owned());
            }
        }
    }
    all
}

#[tokio::test]
async fn every_link_leads_somewhere() {
    let browser = Browser::new();
    let mut seen = BTreeSet::new();
    let mut queue: VecDeque<String> = ["/", "/?lang=fr", "/search?q=crane", "/no-such-place"].map(str::to_owned).into();
    while let Some(path) = queue.pop_front() {
        if seen.len() >= 600 || !seen.insert(path.clone()) {
            continue;
        }
        let (status, head, body) = browser.get(&path).await;
        let expected = if path == "/no-such-place" { 404 } else { 200 };
        let moved = status.is_redirection();
        assert!(status.as_u16() == expected || moved, "{path}: {status}\n{body}");
        assert!(head.contains_key(header::CONTENT_SECURITY_POLICY), "{path}");
        if head.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
            if let Ok(folder) = std::env::var("FRELON_PAGES") {
                let name = path.replace(['/', '?', '&', '='], "_");
                std::fs::write(format!("{folder}/{name}.html"), &body).expect("the page is written");
            }
            queue.extend(links(&body));
        }
    }
    assert!(seen.len() > 60, "{seen:?}");
}

#[tokio::test]
async fn signatures_are_told_of_a_message_and_of_a_collection() {
    let browser = Browser::new();
    let (_, _, body) = browser.get("/harbour/7").await;
    assert!(
        body.contains("key revoked") && body.contains("Passed on (ARC)") && body.contains("lists.example"),
        "{body}"
    );
    assert!(body.contains("href=\"/harbour/authenticity\"") && body.contains("href=\"/keys.jsonl\""));
    let (_, _, body) = browser.get("/harbour/7?lang=fr").await;
    assert!(body.contains("clé révoquée") && body.contains("Transmission (ARC)"));
    let (_, _, body) = browser.get("/harbour/authenticity").await;
    assert!(body.contains("One of 8 messages is signed") && body.contains("harbour.example"), "{body}");
    let (status, head, body) = browser.get("/keys.jsonl").await;
    assert_eq!((status.as_u16(), head[header::ACCESS_CONTROL_ALLOW_ORIGIN].as_bytes()), (200, &b"*"[..]));
    assert!(body.contains("\"selector\":\"old\"") && head.contains_key(header::ETAG));
}

#[tokio::test]
async fn links_keep_a_language_that_was_asked_for() {
    let browser = Browser::new();
    let (_, head, body) = browser.get("/harbour/1?lang=fr").await;
    assert_eq!(head[header::CONTENT_LANGUAGE], "fr");
    assert!(body.contains("href=\"/harbour/?lang=fr\""), "{body}");
    assert!(body.contains("href=\"/harbour/1?lang=en\""));
    let (_, _, body) = browser.get("/search?q=crane&lang=fr&sort=newest").await;
    assert!(
        body.contains("/search?q=crane&amp;sort=newest&amp;lang=en")
            || body.contains("/search?q=crane&#38;sort=newest&#38;lang=en"),
        "{body}"
    );
}

#[tokio::test]
async fn a_wrong_query_points_at_the_place_and_the_page_still_works() {
    let browser = Browser::new();
    let (status, _, body) = browser.get("/search?q=crane+%28dock").await;
    assert_eq!(status, 400);
    assert!(body.contains("never closed") && body.contains("<mark>") && body.contains("^"));
    assert!(body.contains("role=\"search\""));
}

#[tokio::test]
async fn strange_addresses_are_not_found() {
    let browser = Browser::new();
    let paths = [
        "/harbour/0",
        "/harbour/01",
        "/harbour/+1",
        "/harbour/999",
        "/Harbour/1",
        "/harbour/1/",
        "/nowhere/",
        "/nowhere",
        "/harbour/date/2016/13",
        "/harbour/date/2016/02/30",
        "/harbour/release/9",
        "/harbour/people/nobody%40x.example",
        "/asset/frelon.css",
        "/%2e%2e/x",
        "//",
    ];
    for path in paths {
        let (status, _, body) = browser.get(path).await;
        assert!(status == 404 || (path == "/nowhere" && status.is_redirection()), "{path}: {status}");
        assert!(status != 404 || body.contains("</html>"), "{path}");
    }
    for path in ["/harbour/items?order=x", "/search?q=a&sort=x", "/search?q=a&c=nowhere", "/harbour/items?cursor=x"] {
        assert_eq!(browser.get(path).await.0, 400, "{path}");
    }
}

#[test]
fn every_word_used_is_there() {
    let english = include_str!("../../lang/en.ftl");
    let known: BTreeSet<&str> = english.lines().filter_map(|line| line.split_once(" =").map(|(key, _)| key)).collect();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut checked = 0;
    for folder in ["templates", "src/page"] {
        for entry in std::fs::read_dir(root.join(folder)).expect("a folder") {
            let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a file");
            for mark in ["s.t(\"", "s.n(\"", "s.of(\"", "words.t(\""] {
                for (at, _) in text.match_indices(mark) {
                    let key = text[at + mark.len()..].split('"').next().unwrap_or_default();
                    checked += 1;
                    assert!(known.contains(key), "{key}");
                }
            }
        }
    }
    assert!(checked > 150);
}
