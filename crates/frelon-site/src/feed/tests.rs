use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::*;
use crate::{Options, sample};

async fn feed(target: &str) -> Feed {
    let folder = tempfile::tempdir().unwrap();
    let site = Arc::new(Site::new(sample::archive(folder.path()), Options::default()));
    let router = crate::route::router(site);
    let request = Request::get(target).header("host", "press.example").body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{target}");
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    Feed::read_from(bytes.as_ref()).expect("a feed that reads back")
}

fn links<'a>(links: &'a [atom_syndication::Link], rel: &str) -> Vec<&'a str> {
    links.iter().filter(|link| link.rel == rel).map(|link| link.href.as_str()).collect()
}

#[tokio::test]
async fn entries_are_named_by_content_and_dated_by_publication() {
    let feed = feed("/harbour/feed.atom").await;
    assert_eq!(feed.entries.len(), sample::messages().len());
    assert_eq!(links(&feed.links, "self"), ["http://press.example/harbour/feed.atom"]);
    let mut ids: Vec<&str> = feed.entries.iter().map(|entry| entry.id.as_str()).collect();
    ids.dedup();
    assert_eq!(ids.len(), feed.entries.len());
    for entry in &feed.entries {
        assert!(entry.id.starts_with("ni:///sha-256;"), "{}", entry.id);
        assert_eq!(entry.updated.timestamp(), 1_700_000_000);
        assert!(links(&entry.links, "alternate")[0].starts_with("http://press.example/harbour/"));
        assert!(!entry.authors.is_empty());
    }
}

#[tokio::test]
async fn hostile_text_is_escaped_and_control_characters_are_gone() {
    let feed = feed("/search.atom?q=%2A").await;
    let titles: Vec<&str> = feed.entries.iter().map(|entry| entry.title.as_str()).collect();
    assert!(titles.iter().any(|title| title.contains("<script>alert(4)</script>")), "{titles:?}");
    assert!(titles.iter().any(|title| title.starts_with("Bell") && !title.contains('\u{7}')), "{titles:?}");
}

#[tokio::test]
async fn a_thread_has_its_own_feed() {
    let feed = feed("/harbour/2/thread.atom").await;
    assert_eq!(feed.entries.len(), 2);
}
