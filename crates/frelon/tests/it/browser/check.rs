//! The check in the browser: what is genuine passes, and whatever was changed is named.

use std::path::{Path, PathBuf};

use super::driver::{Page, Script, with_page};

/// What the check said: its verdict, and the steps that did not hold.
async fn verdict(page: &Page) -> (String, Vec<String>) {
    let state = page.find("#checker-verdict .verdict").await.attr("data-state").await.expect("asked");
    let bad = page
        .eval("return [].map.call(document.querySelectorAll('#checker-verdict .is-bad[data-step]'), function (one) { return one.getAttribute('data-step'); })")
        .await;
    (state.expect("a state"), serde_json::from_value(bad).expect("a list"))
}

fn put(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("room");
    path
}

/// Chooses files on the page of how to check, and presses the button.
async fn check(page: &Page, item: &Path, proof: &Path, policy: Option<&Path>) {
    page.open("/verify").await;
    let files = [("item", Some(item)), ("proof", Some(proof)), ("policy", policy)];
    for (name, path) in files {
        if let Some(path) = path {
            let input = page.find(&format!("#checker-{name}")).await;
            input.send_keys(&path.display().to_string()).await.expect("a file is chosen");
        }
    }
    page.click("#checker-form button").await;
}

#[test]
fn a_document_is_checked_in_the_browser() {
    with_page(Script::On, |page| async move {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        page.open("/demo/1/proof").await;
        page.click("#checker-go").await;
        assert_eq!(verdict(&page).await, ("good".to_owned(), Vec::new()));
        let proof = page.get("/demo/1/1.tlog-proof");
        assert_eq!(proof.status, 200);
        assert!(proof.body.len() < 20_000, "{} bytes", proof.body.len());
        let item = page.get("/demo/1/raw").body;
        let policy = page.get("/policy").body;
        let (good, good_proof) = (put(folder, "1.eml", &item), put(folder, "1.tlog-proof", &proof.body));
        let own = put(folder, "policy", &policy);
        check(&page, &good, &good_proof, Some(&own)).await;
        assert_eq!(verdict(&page).await, ("good".to_owned(), Vec::new()));

        let mut flipped = item.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 1;
        check(&page, &put(folder, "flipped.eml", &flipped), &good_proof, None).await;
        assert_eq!(verdict(&page).await, ("bad".to_owned(), vec!["content".to_owned()]));

        let other = put(folder, "2.tlog-proof", &page.get("/demo/2/2.tlog-proof").body);
        check(&page, &good, &other, None).await;
        assert_eq!(verdict(&page).await, ("bad".to_owned(), vec!["content".to_owned()]));

        // The place in the log is another: neither the path nor the release fits any more.
        let text = String::from_utf8(proof.body.clone()).expect("text");
        let index = text.lines().find(|line| line.starts_with("index ")).expect("an index").to_owned();
        let moved = text.replace(&index, "index 0");
        check(&page, &good, &put(folder, "moved.tlog-proof", moved.as_bytes()), None).await;
        let (state, bad) = verdict(&page).await;
        assert!(state == "bad" && bad.contains(&"inclusion".to_owned()), "{bad:?}");

        // Another root hash: the log did not sign it.
        let root = text.lines().skip_while(|line| !line.is_empty()).nth(3).expect("a root").to_owned();
        let forged = text.replace(&root, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        check(&page, &good, &put(folder, "forged.tlog-proof", forged.as_bytes()), None).await;
        let (state, bad) = verdict(&page).await;
        assert!(state == "bad" && bad.contains(&"log".to_owned()) && bad.contains(&"inclusion".to_owned()), "{bad:?}");

        // Another log's policy: the key in C2SP's own example.
        let stranger = "log sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8\nquorum none\n";
        check(&page, &good, &good_proof, Some(&put(folder, "stranger", stranger.as_bytes()))).await;
        let (state, bad) = verdict(&page).await;
        assert!(state == "bad" && bad.contains(&"log".to_owned()), "{bad:?}");

        let cut = put(folder, "cut.tlog-proof", &proof.body[..proof.body.len() / 3]);
        check(&page, &good, &cut, None).await;
        page.find("#checker-verdict .notice").await;
        let console = page.console().await;
        assert!(console.is_empty(), "{console:?}");
        assert!(
            page.requests().await.iter().all(|address| page.is_here(address)),
            "something was fetched from elsewhere"
        );
    });
}

#[test]
fn without_script_the_page_says_what_to_do() {
    with_page(Script::Off, |page| async move {
        for path in ["/verify", "/demo/1/proof"] {
            page.open(path).await;
            assert!(page.text("#checker-off").await.contains("JavaScript"), "{path}");
            assert!(page.text("main").await.contains("frelon verify"), "{path}");
        }
    });
}
