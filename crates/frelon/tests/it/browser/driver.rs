//! Chromium, driven over WebDriver, with what Chrome's own protocol adds.
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

use std::{
    future::Future,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use fantoccini::{
    Client, ClientBuilder, Locator,
    elements::Element,
    wd::{Capabilities, WebDriverCompatibleCommand},
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::server::{Answer, Server, get};

/// Time for something to appear on a page: generous, since the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// A browser window at the demo's site.
#[derive(Clone)]
pub(crate) struct Page {
    client: Client,
    base: String,
}

/// Whether pages may run scripts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    On,
    Off,
}

/// Serves the demo, opens a browser and runs a test in it. Without Chromium the test is skipped.
pub(crate) fn with_page<F>(script: Script, test: impl FnOnce(Page) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let Some((mut driver, address)) = start_driver() else {
        eprintln!("skipped: needs chromium and chromedriver (apt install chromium chromium-driver)");
        return;
    };
    let server = Server::demo();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let ended = runtime.block_on(async {
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities(script)).connect(&address).await.expect("the browser starts");
        let page = Page { client: client.clone(), base: server.base() };
        // As a task of its own, so that the browser is closed even when the test fails.
        let ended = tokio::spawn(test(page)).await;
        client.close().await.expect("the browser closes");
        ended
    });
    driver.kill().expect("it runs");
    driver.wait().expect("it ended");
    if let Err(error) = ended {
        std::panic::resume_unwind(error.into_panic());
    }
}

/// ChromeDriver on a free port, if it is installed, and Chromium too.
fn start_driver() -> Option<(Child, String)> {
    Command::new("chromium").arg("--version").output().ok()?;
    let mut command = Command::new("chromedriver");
    let mut child = command.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let out = BufReader::new(child.stdout.take().expect("it was piped"));
    let port = out.lines().map_while(Result::ok).find_map(|line| {
        let rest = line.split_once("started successfully on port ")?.1.to_owned();
        Some(rest.trim_end_matches('.').to_owned())
    });
    Some((child, format!("http://127.0.0.1:{}", port.expect("it says its port"))))
}

fn capabilities(script: Script) -> Capabilities {
    let mut args = vec!["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-sandbox", "--lang=en"];
    // A page that still scrolls smoothly is clicked beside the mark.
    args.push("--force-prefers-reduced-motion");
    if script == Script::Off {
        args.push("--blink-settings=scriptEnabled=false");
    }
    let wanted = json!({
        "browserName": "chrome",
        "goog:chromeOptions": { "args": args },
        "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
    });
    serde_json::from_value(wanted).expect("an object")
}

/// A command of ChromeDriver's own, below the session.
#[derive(Debug)]
struct Own {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}

impl Page {
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Opens a path of the site.
    pub(crate) async fn open(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.base)).await.expect("the page opens");
    }

    /// Path and query of where the browser is.
    pub(crate) async fn path(&self) -> String {
        let url = self.client.current_url().await.expect("an address");
        url.as_str().strip_prefix(&self.base).expect("on this site").to_owned()
    }

    /// Waits until the browser is at a path that `is_it` likes.
    #[track_caller]
    pub(crate) fn arrive(&self, is_it: impl Fn(&str) -> bool) -> impl Future<Output = String> {
        let from = std::panic::Location::caller();
        async move {
            let started = std::time::Instant::now();
            loop {
                let path = self.path().await;
                if is_it(&path) {
                    return path;
                }
                assert!(started.elapsed() < PATIENCE, "still at {path}, from {from}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }

    /// The first element a selector names; waits for it.
    pub(crate) async fn find(&self, selector: &str) -> Element {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(selector)).await;
        found.unwrap_or_else(|error| panic!("no {selector}: {error}"))
    }

    pub(crate) async fn count(&self, selector: &str) -> usize {
        self.client.find_all(Locator::Css(selector)).await.expect("a good selector").len()
    }

    pub(crate) async fn text(&self, selector: &str) -> String {
        self.find(selector).await.text().await.expect("text")
    }

    pub(crate) async fn click(&self, selector: &str) {
        self.find(selector).await.click().await.unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    /// Presses a key where the focus is.
    pub(crate) async fn press(&self, key: &str) {
        let focused = self.client.active_element().await.expect("something has the focus");
        focused.send_keys(key).await.expect("typed");
    }

    /// What a function body returns in the page.
    pub(crate) async fn eval(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// A command of the Chrome DevTools Protocol.
    pub(crate) async fn devtools(&self, command: &str, params: Value) -> Value {
        let own = Own { path: "goog/cdp/execute", body: json!({ "cmd": command, "params": params }) };
        self.client.issue_cmd(own).await.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// Makes the page as wide and high as a screen, and as light or dark as its owner likes it.
    pub(crate) async fn screen(&self, width: u32, height: u32, scheme: &str) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    async fn log(&self, kind: &str) -> Vec<Value> {
        let own = Own { path: "se/log", body: json!({ "type": kind }) };
        let entries = self.client.issue_cmd(own).await.expect("ChromeDriver keeps a log");
        entries.as_array().expect("a list").clone()
    }

    /// What the console has said since the last look.
    pub(crate) async fn console(&self) -> Vec<String> {
        let entries = self.log("browser").await;
        entries.iter().map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The addresses asked for since the last look.
    pub(crate) async fn requests(&self) -> Vec<String> {
        let address = |entry: &Value| {
            let message: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let event = &message["message"];
            if event["method"] != "Network.requestWillBeSent" {
                return None;
            }
            event["params"]["request"]["url"].as_str().map(str::to_owned)
        };
        self.log("performance").await.iter().filter_map(address).collect()
    }

    /// Whether an address belongs to the site.
    pub(crate) fn is_here(&self, address: &str) -> bool {
        address.strip_prefix(&self.base).is_some_and(|rest| rest.starts_with('/')) || address.starts_with("data:")
    }

    /// Fetches a path without the browser.
    pub(crate) fn get(&self, path: &str) -> Answer {
        get(self.base.trim_start_matches("http://"), path)
    }
}
