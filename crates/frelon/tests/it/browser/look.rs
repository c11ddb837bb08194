//! How pages look: on a telephone, in the dark.

use serde_json::json;

use super::driver::{Page, Script, with_page};

/// Pages of every kind, by name. A path that depends on the demo's story is asked of the site.
pub(super) async fn pages(page: &Page) -> Vec<(&'static str, String)> {
    page.open("/demo/people/").await;
    let person = address(page, "main a[href*='/people/']:not([href$='/people/'])").await;
    page.open("/demo/").await;
    let month = address(page, "main a[href*='/date/']").await;
    let year: String = month.split('/').take(4).collect::<Vec<_>>().join("/");
    page.open("/search?q=has:html+has:attachment").await;
    let rich = address(page, "[data-row] a").await;
    page.open("/search?q=subject:mills").await;
    let reply = address(page, "[data-row] a").await;
    let fixed = [
        ("front", "/"),
        ("collection", "/demo/"),
        ("authenticity", "/demo/authenticity"),
        ("items", "/demo/items"),
        ("search", "/search?q=water"),
        ("search error", "/search?q=dam+from%3A"),
        ("nothing found", "/search?q=nosuchwordanywhere"),
        ("search help", "/search/help"),
        ("people", "/demo/people/"),
        ("lookup", "/lookup"),
        ("changes", "/changes"),
        ("verify", "/verify"),
        ("release", "/demo/release/1"),
        ("proof", "/demo/1/proof"),
        ("not found", "/demo/999999"),
    ];
    let mut pages: Vec<_> = fixed.map(|(name, path)| (name, path.to_owned())).into();
    pages.extend([("thread", format!("{reply}/thread")), ("item", reply), ("rich item", rich)]);
    pages.extend([("person", person), ("month", month), ("year", year)]);
    pages
}

async fn address(page: &Page, selector: &str) -> String {
    let found = page.find(selector).await.attr("href").await.expect("asked").expect("an address");
    found.split('?').next().expect("a path").to_owned()
}

#[test]
fn nothing_is_wider_than_a_telephone() {
    with_page(Script::On, |page| async move {
        let pages = pages(&page).await;
        let mut wide = Vec::new();
        for (width, scheme) in [(390, "light"), (320, "dark")] {
            page.screen(width, 844, scheme).await;
            for (name, path) in &pages {
                page.open(path).await;
                let sizes = page.eval("return [document.documentElement.scrollWidth, window.innerWidth]").await;
                if sizes != json!([width, width]) {
                    wide.push(format!("{name} at {width}: {sizes}"));
                }
            }
        }
        assert!(wide.is_empty(), "{wide:#?}");
    });
}

#[test]
fn the_dark_is_dark() {
    with_page(Script::On, |page| async move {
        let brightness = "var sum = function (colour) { return colour.match(/[0-9.]+/g).slice(0, 3).map(Number).reduce(function (a, b) { return a + b; }); };\
                          var style = getComputedStyle(document.body); return [sum(style.backgroundColor), sum(style.color)]";
        for (scheme, paper_is_darker) in [("light", false), ("dark", true)] {
            page.screen(1280, 900, scheme).await;
            page.open("/").await;
            let matched = page.eval("return matchMedia('(prefers-color-scheme: dark)').matches").await;
            assert_eq!(matched, paper_is_darker);
            let pair = page.eval(brightness).await;
            let (paper, ink) = (pair[0].as_f64().expect("a sum"), pair[1].as_f64().expect("a sum"));
            assert_eq!(paper < ink, paper_is_darker, "{scheme}: {pair}");
            assert!((paper - ink).abs() > 400.0, "{scheme}: {pair}");
        }
    });
}
