//! Runs `public.http.txt`, the contract of the public listener, against the real server.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

use frelon_site::{Options, Site, serve};

use crate::{
    client::{Answer, send},
    sample,
};

/// One exchange of the contract.
#[derive(Default)]
struct Exchange {
    line: usize,
    title: String,
    request: Vec<String>,
    /// Any of these.
    status: Vec<u16>,
    expected: Vec<String>,
}

#[test]
fn the_server_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let site = Arc::new(Site::new(sample::archive(folder.path()), Options::default()));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(2).build().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = runtime.spawn(serve(listener, site, async {
        let _stopped = stopped.await;
    }));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/public.http.txt");
    let failures = run(address, &std::fs::read_to_string(path).unwrap());
    stop.send(()).unwrap();
    runtime.block_on(server).unwrap().unwrap();
    assert!(failures.is_empty(), "{} places in public.http.txt:\n{}", failures.len(), failures.join("\n"));
}

fn run(address: SocketAddr, contract: &str) -> Vec<String> {
    let mut failures = Vec::new();
    let mut known = BTreeMap::new();
    for exchange in parse(contract) {
        let request: Vec<String> = exchange.request.iter().map(|line| fill(line, &known)).collect();
        let answer = send(address, &request);
        let place = format!("line {}: {}", exchange.line, exchange.title);
        if !exchange.status.contains(&answer.status) {
            failures.push(format!("{place}: status {}, not {:?}", answer.status, exchange.status));
        }
        for expected in exchange.expected.iter().chain(&always(&answer)) {
            if let Err(found) = meets(&answer, &fill(expected, &known)) {
                failures.push(format!("{place}: `{expected}`: {found}"));
            }
        }
        if let Some(tag) = answer.field("etag") {
            known.insert("etag".to_owned(), tag);
        }
        if let Some(next) = next_cursor(&answer) {
            known.insert("next".to_owned(), next);
        }
    }
    failures
}

/// What holds for every answer.
fn always(answer: &Answer) -> Vec<String> {
    let mut rules = vec!["< no set-cookie".to_owned()];
    if answer.status == 200 {
        rules.push("< x-content-type-options: nosniff".to_owned());
    }
    if answer.field("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
        rules.push("< content-security-policy ~ default-src 'none'".to_owned());
    }
    rules
}

/// Puts what earlier answers gave into a line.
fn fill(line: &str, known: &BTreeMap<String, String>) -> String {
    let line = known.iter().fold(line.to_owned(), |line, (name, value)| line.replace(&format!("{{{name}}}"), value));
    line.replace("{long}", &"x".repeat(6_000)).replace("{endless}", &"x".repeat(40_000))
}

fn next_cursor(answer: &Answer) -> Option<String> {
    if !answer.field("content-type")?.starts_with("application/json") {
        return None;
    }
    let value: serde_json::Value = serde_json::from_slice(&answer.plain_body()).ok()?;
    value.get("next")?.as_str().map(str::to_owned)
}

fn parse(contract: &str) -> Vec<Exchange> {
    let mut all: Vec<Exchange> = Vec::new();
    let mut title = String::new();
    for (index, line) in contract.lines().enumerate() {
        let fresh = all.last().is_none_or(|last| !last.status.is_empty());
        if line.is_empty() || line.starts_with('#') {
            continue;
        } else if let Some(text) = line.strip_prefix("== ") {
            text.clone_into(&mut title);
        } else if let Some(text) = line.strip_prefix("> ") {
            if fresh {
                let text = if text.contains(" HTTP/") { text.to_owned() } else { format!("{text} HTTP/1.1") };
                all.push(Exchange {
                    line: index + 1,
                    title: title.clone(),
                    request: vec![text],
                    ..Exchange::default()
                });
            } else if let Some(last) = all.last_mut() {
                last.request.push(text.to_owned());
            }
        } else if let Some(last) = all.last_mut() {
            match statuses(line) {
                Some(_) if fresh => panic!("line {}: a status without a request", index + 1),
                Some(status) => last.status = status,
                None => last.expected.push(line.to_owned()),
            }
        }
    }
    assert!(all.iter().all(|exchange| !exchange.status.is_empty()), "a request without a status");
    all
}

/// `< 200`, or `< 400|431`; anything else is a rule.
fn statuses(line: &str) -> Option<Vec<u16>> {
    line.strip_prefix("< ")?.split('|').map(|status| status.parse().ok()).collect()
}

/// Whether an answer meets one line of the contract; if not, what was found.
fn meets(answer: &Answer, rule: &str) -> Result<(), String> {
    let check = |good: bool, found: String| if good { Ok(()) } else { Err(found) };
    let body = || String::from_utf8_lossy(&answer.plain_body()).into_owned();
    let shown = |text: String| text.chars().take(600).collect::<String>();
    if let Some(name) = rule.strip_prefix("< no ") {
        let found = answer.field(name);
        return check(found.is_none(), format!("{found:?}"));
    }
    if let Some(rule) = rule.strip_prefix("< ") {
        if let Some((name, piece)) = rule.split_once(" ~ ") {
            let found = answer.field(name).unwrap_or_default();
            return check(found.contains(piece), found);
        }
        let (name, value) = rule.split_once(": ").expect("a field and its value");
        let found = answer.field(name);
        return check(found.as_deref() == Some(value) || (value == "*any*" && found.is_some()), format!("{found:?}"));
    }
    if let Some(piece) = rule.strip_prefix("!~ ") {
        return check(!body().contains(piece), shown(body()));
    }
    if let Some(piece) = rule.strip_prefix("~ ") {
        return check(body().contains(&unescape(piece)), shown(body()));
    }
    if let Some(number) = rule.strip_prefix("= item ") {
        let index: usize = number.parse().expect("a number");
        return check(answer.plain_body() == sample::messages()[index - 1], shown(body()));
    }
    if let Some(bytes) = rule.strip_prefix("= bytes ") {
        return check(answer.body.len().to_string() == bytes, answer.body.len().to_string());
    }
    if let Some(text) = rule.strip_prefix("= ") {
        return check(body() == unescape(text), shown(body()));
    }
    panic!("`{rule}` is no rule");
}

fn unescape(text: &str) -> String {
    text.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t")
}
