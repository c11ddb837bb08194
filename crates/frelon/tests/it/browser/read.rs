//! What a reader does: search, open, follow, take away, in two languages, by keyboard, without script.

use std::io::Cursor;

use fantoccini::Locator;
use serde_json::json;

use super::driver::{Page, Script, with_page};

#[test]
fn from_the_front_page_to_a_message_its_thread_and_a_file_to_take_away() {
    with_page(Script::On, |page| async move {
        page.open("/").await;
        search(&page).await;
        take_away(&page).await;
        page.click("[data-row] a.row-title").await;
        read(&page).await;
        leaves_no_trace(&page).await;
    });
}

/// From the front page to hits.
async fn search(page: &Page) {
    page.find("#q").await.send_keys("water mills").await.expect("typed");
    page.click(".big-search button").await;
    page.arrive(|path| path.starts_with("/search?") && path.contains("q=water+mills")).await;
    assert!(page.count("[data-row]").await > 3);
    assert!(page.count(".snippet mark").await > 3, "words that matched are marked");
    assert!(page.text(".total").await.contains("items found"));
    // A facet narrows, and says so.
    let all = page.text(".total").await;
    page.click(".facet .plain a").await;
    page.find(".chips a").await;
    assert_ne!(page.text(".total").await, all);
    assert!(page.text(".chips li:last-child").await.contains("from:"));
    page.click(".chips li:last-child a").await;
    page.arrive(|path| !path.contains("from:")).await;
    page.find("[data-row]").await;
    assert_eq!(page.text(".total").await, all);
}

/// From a hit's page to its thread and back.
async fn read(page: &Page) {
    let item = page.arrive(is_item).await;
    let subject = page.text("h1#subject").await;
    assert!(subject.contains("mills"), "{subject}");
    assert!(!page.text(".message").await.trim().is_empty());
    page.click("a[href$='/thread']").await;
    page.arrive(|path| path.ends_with("/thread")).await;
    assert!(page.count(".tree li").await > 3, "the whole thread");
    assert_eq!(page.count(".tree .is-here").await, 1);
    page.click(".tree .is-here a").await;
    page.arrive(|path| path == item).await;
    // The raw message is one click away, as it was published.
    let raw =
        page.find("a[href$='.eml'], a[href$='/raw']").await.attr("href").await.expect("asked").expect("an address");
    let raw = page.get(&raw);
    assert_eq!(raw.status, 200);
    assert!(String::from_utf8_lossy(&raw.body).contains("\nSubject: "));
}

/// `/demo/17`
fn is_item(path: &str) -> bool {
    path.rsplit_once('/')
        .is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Every export holds as many messages as the page says there are.
async fn take_away(page: &Page) {
    let total: String = page.text(".total").await.chars().filter(char::is_ascii_digit).collect();
    let total: usize = total.parse().expect("a number of hits");
    for link in page.client().find_all(Locator::Css(".takes a")).await.expect("a good selector") {
        let href = link.attr("href").await.expect("asked").expect("an address");
        if !href.starts_with("/export/") {
            continue;
        }
        let answer = page.get(&href);
        assert_eq!(answer.status, 200, "{href}");
        assert!(answer.head.contains("content-disposition: attachment"), "{}", answer.head);
        let text = String::from_utf8_lossy(&answer.body);
        let count = match href.split(['/', '?']).nth(2) {
            Some("mbox") => format!("\n{text}").matches("\nFrom ").count(),
            Some("jsonl") => text.lines().count(),
            Some("csv") => text.lines().count() - 1,
            Some("zip") => {
                let zip = zip::ZipArchive::new(Cursor::new(&answer.body)).expect("an ordinary ZIP");
                zip.file_names().filter(|name| name.as_ref().is_ok_and(|name| name.ends_with(".eml"))).count()
            }
            other => panic!("an export of another kind: {other:?}"),
        };
        assert_eq!(count, total, "{href}");
    }
    assert!(page.count(".takes a").await >= 4);
}

/// No cookie, nothing asked from elsewhere, nothing to complain about.
async fn leaves_no_trace(page: &Page) {
    assert!(page.client().get_all_cookies().await.expect("asked").is_empty());
    let kept = page.eval("return [document.cookie, localStorage.length, sessionStorage.length]").await;
    assert_eq!(kept, json!(["", 0, 0]));
    let console = page.console().await;
    assert!(console.is_empty(), "{console:?}");
    let requests = page.requests().await;
    assert!(requests.len() > 5, "the log works");
    assert!(requests.iter().all(|address| page.is_here(address)), "{requests:?}");
}

#[test]
fn the_site_speaks_french_when_asked_and_goes_on_in_it() {
    with_page(Script::On, |page| async move {
        page.open("/search?q=barrage").await;
        assert_eq!(page.eval("return document.documentElement.lang").await, "en");
        page.click("footer a[hreflang=fr]").await;
        page.arrive(|path| path.contains("lang=fr")).await;
        assert_eq!(page.eval("return document.documentElement.lang").await, "fr");
        assert!(page.text(".mast").await.contains("Comment vérifier"));
        assert!(page.count("[data-row]").await > 0, "the search is kept");
        page.click("[data-row] a.row-title").await;
        page.arrive(|path| path.contains("lang=fr") && !path.contains("/search")).await;
        assert!(page.text(".fields").await.contains("De"));
        page.click("footer a[hreflang=en]").await;
        page.arrive(|path| !path.contains("lang=fr")).await;
        assert_eq!(page.eval("return document.documentElement.lang").await, "en");
        leaves_no_trace(&page).await;
    });
}

#[test]
fn the_keyboard_is_enough() {
    with_page(Script::On, |page| async move {
        page.open("/demo/items").await;
        page.find("[data-row]").await;
        let focused = "var all = [].slice.call(document.querySelectorAll('[data-row]'));\
                       return all.findIndex(function (row) { return row.contains(document.activeElement); })";
        for (key, row) in [("j", 0), ("j", 1), ("j", 2), ("k", 1)] {
            page.press(key).await;
            assert_eq!(page.eval(focused).await, row, "after {key}");
        }
        page.press("o").await;
        let item = page.arrive(is_item).await;
        page.press("n").await;
        let next = page.arrive(|path| is_item(path) && path != item).await;
        page.press("p").await;
        page.arrive(|path| path == item).await;
        assert_ne!(next, item);
        // In a field, letters are letters.
        page.press("/").await;
        assert_eq!(page.eval("return document.activeElement.type").await, "search");
        page.press("jn").await;
        assert_eq!(page.eval("return document.activeElement.value").await, "jn");
        assert_eq!(page.path().await, item);
        page.open(&item).await;
        page.press("?").await;
        assert_eq!(page.eval("return document.getElementById('keys').open").await, true);
        page.open(&item).await;
        page.press("u").await;
        page.arrive(|path| !is_item(path)).await;
        leaves_no_trace(&page).await;
    });
}

#[test]
fn html_mail_is_shut_in() {
    with_page(Script::On, |page| async move {
        page.open("/search?q=has:html").await;
        let paths = page.eval("return [].map.call(document.querySelectorAll('[data-row] a.row-title'), function (a) { return a.getAttribute('href'); })").await;
        let paths: Vec<String> = serde_json::from_value(paths).expect("a list of addresses");
        assert!(paths.len() > 3, "the demo has HTML mail");
        for path in &paths {
            page.open(path).await;
            page.click(".html-form summary").await;
            let frame = page.find(".html-form iframe").await;
            assert_eq!(frame.attr("sandbox").await.expect("asked").as_deref(), Some(""), "{path}");
            let source = frame.attr("src").await.expect("asked").expect("an address");
            let head = page.get(&source).head;
            let policy = head.lines().find(|line| line.starts_with("content-security-policy:")).expect("a policy");
            for rule in ["sandbox", "default-src 'none'", "frame-ancestors 'self'"] {
                assert!(policy.contains(rule), "{path}: {policy}");
            }
            frame.enter_frame().await.expect("it can be looked into");
            page.find(".frelon-mail").await;
            let inside = page.eval("return [window.origin, document.scripts.length, document.forms.length, document.querySelectorAll('[onclick],[onload],[onerror]').length]").await;
            assert_eq!(inside, json!(["null", 0, 0, 0]), "{path}");
            page.client().clone().enter_parent_frame().await.expect("out again");
        }
        let requests = page.requests().await;
        assert!(requests.iter().any(|address| address.contains("/html")), "frames were loaded");
        assert!(requests.iter().all(|address| page.is_here(address)), "{requests:?}");
        let console = page.console().await;
        assert!(console.is_empty(), "{console:?}");
    });
}

#[test]
fn without_script_everything_can_be_searched_and_read() {
    with_page(Script::Off, |page| async move {
        page.open("/").await;
        search(&page).await;
        take_away(&page).await;
        page.click("[data-row] a.row-title").await;
        read(&page).await;
        page.click("a[rel=next]").await;
        page.arrive(is_item).await;
        page.open("/demo/").await;
        page.click("a[href*='/people/']").await;
        page.arrive(|path| path.contains("/people/")).await;
        assert!(page.requests().await.iter().all(|address| !address.contains(".js")), "no script was fetched");
    });
}
