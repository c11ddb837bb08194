//! The withdrawal matrix: once an item is taken back, no surface says anything of it.
//!
//! Every route that can be reached, every export, feed and answer of the API, and every byte of the
//! public tree and of what is derived from it is scanned for words that only this item had.

use std::{
    collections::{BTreeSet, VecDeque},
    fs,
    io::Read as _,
    net::SocketAddr,
    path::Path,
    sync::Arc,
};

use frelon_index::{Archive, BuildOptions};
use frelon_model::Instant;
use frelon_public::statement::WithdrawMode;
use frelon_site::{Options, Site, serve};
use frelon_testkit::{NewItem, Press};

use crate::{
    client::{Answer, send},
    sample,
};

/// What only the withdrawn item has: subject, body, quoted text, names, addresses, attachment, Message-ID,
/// list, and its day.
const WORDS: [&str; 11] = [
    "zarquonics",
    "frobnicatix",
    "glimmerwort",
    "vantablack",
    "quibbleton",
    "nowhere-else.example",
    "plumbusgram",
    "snozzberries",
    "wibble-10",
    "krillboard",
    "2011-03-05",
];

/// A kind of thing that must not be found, where.
type Findings = Vec<String>;

const GONE: &str = "\
From: Ada Quibbleton <vantablack@nowhere-else.example>
To: Bob Reyes <bob@harbour.example>, Frobnicatix Desk <desk@nowhere-else.example>
Subject: Zarquonics of the quay
Date: Sat, 05 Mar 2011 14:03:00 +0000
Message-ID: <wibble-10@nowhere-else.example>
List-Id: Krillboard <krillboard.nowhere-else.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=\"b9\"

--b9
Content-Type: text/plain; charset=utf-8

The frobnicatix is under the crane.

On Friday, Bob wrote:
> The glimmerwort comes first.
--b9
Content-Type: text/plain; name=\"plumbusgram.txt\"
Content-Disposition: attachment; filename=\"plumbusgram.txt\"

snozzberries taste like it
--b9--
";

fn plain(number: u64) -> String {
    format!(
        "From: Ann Lind <ann@harbour.example>\r\nTo: Bob Reyes <bob@harbour.example>\r\nSubject: Tides {number}\r\n\
         Date: Sun, 16 Oct 2016 10:0{}:00 +0000\r\nMessage-ID: <tides-{number}@harbour.example>\r\n\r\nHigh water.\r\n",
        number % 10
    )
}

/// A publication with a second release of three items, of which number 10 is the one to be withdrawn.
fn press(folder: &Path) -> Press {
    let mut press = sample::press(folder);
    let items = [
        NewItem::message(9, plain(9)),
        NewItem::message(10, GONE.replace('\n', "\r\n")),
        NewItem::message(11, plain(11)),
    ];
    press.release("harbour", 2, "Second release", &items);
    press
}

fn index(folder: &Path) -> Archive {
    let options = BuildOptions { threads: 1, memory_bytes: 32_000_000, ..BuildOptions::default() };
    frelon_index::build(&folder.join("public"), &folder.join("derived"), &options, &mut |_| ()).unwrap();
    Archive::open(&folder.join("public"), &folder.join("derived")).unwrap()
}

/// Serves a publication while `work` runs.
fn with_server(site: &Arc<Site>, work: impl FnOnce(SocketAddr)) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(2).build().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = runtime.spawn(serve(listener, Arc::clone(site), async {
        let _stopped = stopped.await;
    }));
    work(address);
    stop.send(()).unwrap();
    runtime.block_on(server).unwrap().unwrap();
}

fn get(address: SocketAddr, path: &str) -> Answer {
    send(address, &[format!("GET {path} HTTP/1.1")])
}

/// Everything there is to see, at a server and in the directory of its publication. Words are in lower case.
pub(crate) fn surfaces(folder: &Path, address: SocketAddr, words: &[&str]) -> Findings {
    let mut findings = crawl(address, words);
    for root in ["public", "derived"] {
        scan_files(&folder.join(root), words, &mut findings);
    }
    for word in words {
        findings.extend(ask(address, word));
    }
    findings
}

/// Follows every link from the front page, the feeds, the API and the exports.
fn crawl(address: SocketAddr, words: &[&str]) -> Findings {
    let starts = [
        "/",
        "/?lang=fr",
        "/changes",
        "/verify",
        "/manifest.json",
        "/checkpoint",
        "/policy",
        "/feed.atom",
        "/changes.atom",
        "/harbour/feed.atom",
        "/search?q=",
        "/search?q=quay",
        "/search?q=crane",
        "/search.atom?q=crane",
        "/export/mbox",
        "/export/zip",
        "/export/csv",
        "/export/jsonl",
        "/harbour/people/",
        "/harbour/items",
        "/harbour/date/2011",
        "/harbour/date/2011/03",
        "/harbour/date/2011/03/05",
        "/api/v1/collections",
        "/api/v1/collections/harbour",
        "/api/v1/collections/harbour/items?limit=500",
        "/api/v1/collections/harbour/people?limit=500",
        "/api/v1/collections/harbour/months",
        "/api/v1/releases",
        "/api/v1/changes",
        "/api/v1/log",
        "/api/v1/search?q=crane",
        "/tile/entries/000.p/1",
        "/robots.txt",
    ];
    let own = own_routes("/harbour/10");
    let mut queue: VecDeque<String> = starts.iter().map(|path| (*path).to_owned()).chain(own).collect();
    let (mut seen, mut findings) = (BTreeSet::new(), Vec::new());
    while let Some(path) = queue.pop_front() {
        if seen.len() >= 1_500 || !seen.insert(path.clone()) {
            continue;
        }
        let answer = get(address, &path);
        let body = answer.plain_body();
        let head = answer.fields.iter().map(|(name, value)| format!("{name}: {value}\n")).collect::<String>();
        // Addresses are what was asked for, so they are not searched in.
        for (place, bytes) in layers(&body) {
            note(&format!("{path}{place}"), &bytes, words, &mut findings);
        }
        note(&format!("{path} (head)"), head.as_bytes(), words, &mut findings);
        queue.extend(links(&String::from_utf8_lossy(&body)));
    }
    assert!(seen.len() > 150, "only {} addresses were reached", seen.len());
    findings
}

/// All routes below an item, in the API too.
fn own_routes(item: &str) -> Vec<String> {
    let number = item.rsplit('/').next().unwrap();
    let pages =
        ["", "/raw", "/html", "/thread", "/thread.atom", "/proof", "/part/0", "/part/1", "/part/1/plumbusgram.txt"];
    let mut all: Vec<String> = pages.iter().map(|rest| format!("{item}{rest}")).collect();
    all.push(format!("{item}/{number}.tlog-proof"));
    all.push(format!("/api/v1/collections/harbour/items/{number}"));
    all.push(format!("/api/v1/collections/harbour/items/{number}/thread"));
    all
}

/// Asks for a word wherever something can be asked. What is asked is repeated in answers, so that they
/// are judged by whether they found something.
fn ask(address: SocketAddr, word: &str) -> Findings {
    let mut findings = Vec::new();
    let mut none = |path: String, sign: &str, is_there: bool| {
        let body = String::from_utf8_lossy(&get(address, &path).plain_body()).into_owned();
        if body.contains(sign) != is_there {
            findings.push(format!("{path}: finds something"));
        }
    };
    let mut queries: Vec<String> = ["", "from%3A", "attachment%3A", "participant%3A", "list%3A"]
        .map(|field| format!("{field}%22{word}%22"))
        .into();
    if word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        queries.extend([word.to_owned(), format!("{word}*"), format!("{}~", &word[1..])]);
    }
    for query in queries {
        none(format!("/api/v1/search?q={query}"), "\"total\":0", true);
        none(format!("/search?q={query}"), "data-row", false);
        none(format!("/search.atom?q={query}"), "<entry>", false);
        none(format!("/export/jsonl?q={query}"), "{", false);
    }
    none(format!("/lookup?q={word}"), "is-yes", false);
    none(format!("/api/v1/lookup?message-id={word}%40nowhere-else.example"), "\"number\"", false);
    none(format!("/api/v1/collections/harbour/people?prefix={word}"), "\"key\"", false);
    none(format!("/harbour/people/?q={word}"), &format!("people/{word}"), false);
    findings
}

fn scan_files(root: &Path, words: &[&str], findings: &mut Findings) {
    for entry in fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            scan_files(&path, words, findings);
            continue;
        }
        for (place, bytes) in layers(&fs::read(&path).unwrap()) {
            note(&format!("{}{place}", path.display()), &bytes, words, findings);
        }
    }
}

/// Bytes, and what is packed in them where they are a ZIP.
fn layers(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut all = vec![(String::new(), bytes.to_vec())];
    if bytes.starts_with(b"PK") {
        let mut at = 0;
        // By local headers: what the directory does not list is looked at too.
        while let Some(found) = bytes[at..].windows(4).position(|four| four == b"PK\x03\x04") {
            at += found;
            let Some(header) = bytes.get(at..at + 30) else { break };
            let length = |from: usize| usize::from(u16::from_le_bytes([header[from], header[from + 1]]));
            let data = at + 30 + length(26) + length(28);
            let mut plain = Vec::new();
            let _broken =
                flate2::read::DeflateDecoder::new(bytes.get(data..).unwrap_or_default()).read_to_end(&mut plain);
            all.push((format!(" (entry at {at})"), plain));
            at += 4;
        }
    }
    all
}

fn note(place: &str, bytes: &[u8], words: &[&str], findings: &mut Findings) {
    // The words are ASCII, so that what is no text may be replaced.
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    for word in words {
        if text.contains(word) {
            findings.push(format!("{place}: {word}"));
        }
    }
}

/// Local addresses in HTML, Atom and JSON.
fn links(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    for mark in ["href=\"", "src=\"", "action=\"", "\":\""] {
        for (at, _) in text.match_indices(mark) {
            let link = text[at + mark.len()..].split('"').next().unwrap_or_default();
            let link = link.replace("&amp;", "&").replace("&#38;", "&").replace("http://press.example", "");
            if link.starts_with('/') && !link.starts_with("//") && !link.contains("lang=") {
                all.push(link.split('#').next().unwrap_or_default().to_owned());
            }
        }
    }
    all
}

#[test]
fn a_withdrawn_item_leaves_no_trace() {
    for mode in [WithdrawMode::Hide, WithdrawMode::Erase] {
        let folder = tempfile::tempdir().unwrap();
        let mut press = press(folder.path());
        let site = Arc::new(Site::new(index(folder.path()), Options::default()));
        with_server(&site, |address| {
            // Each word is there before, and this test finds it: in pages, in files and by asking.
            let found = surfaces(folder.path(), address, &WORDS);
            for word in WORDS {
                assert!(found.iter().any(|one| one.ends_with(&format!(": {word}"))), "{word} was nowhere");
            }
            assert!(found.iter().any(|one| one.starts_with("/api/v1/search?q=zarquonics")), "{found:#?}");
            press.withdraw("harbour", 10, mode, None);
            // It counts at once, before the index is made anew.
            site.look(Instant(1_700_000_000));
            for path in own_routes("/harbour/10") {
                assert_eq!(get(address, &path).status, 410, "{path}");
            }
            for path in [
                "/api/v1/search?q=zarquonics",
                "/search?q=zarquonics",
                "/harbour/items",
                "/export/mbox",
                "/feed.atom",
                "/api/v1/lookup?message-id=wibble-10%40nowhere-else.example",
            ] {
                let body = String::from_utf8_lossy(&get(address, path).plain_body()).into_owned();
                assert!(!body.contains("Zarquonics of the quay"), "{path}");
            }
            site.replace(index(folder.path()));
            let found = surfaces(folder.path(), address, &WORDS);
            assert!(found.is_empty(), "{mode}: {found:#?}");
            for path in own_routes("/harbour/10") {
                let answer = get(address, &path);
                assert_eq!(answer.status, 410, "{path}");
                assert_eq!(answer.field("cache-control").as_deref(), Some("no-store"), "{path}");
            }
            let page = String::from_utf8(get(address, "/harbour/10").body).unwrap();
            for words in [
                "This document was withdrawn",
                "It holds personal data",
                "At the request of a person",
                "The log is intact",
            ] {
                assert!(page.contains(words), "{words}: {page}");
            }
            let told = String::from_utf8(get(address, "/api/v1/collections/harbour/items/10").body).unwrap();
            for words in
                ["\"code\":\"withdrawn\"", "\"reason\":\"personal-data\"", "\"withdrawn_at\":\"2023-11-14T22:13:20Z\""]
            {
                assert!(told.contains(words), "{words}: {told}");
            }
            let changes = String::from_utf8(get(address, "/api/v1/changes").body).unwrap();
            assert!(changes.contains("\"kind\":\"withdraw\"") && changes.contains("\"number\":10"), "{changes}");
            // Its neighbours are as they were.
            assert_eq!(get(address, "/harbour/9/raw").body, plain(9).into_bytes());
            assert_eq!(get(address, "/harbour/11/raw").body, plain(11).into_bytes());
            press.restore("harbour", 10);
            site.replace(index(folder.path()));
            assert_eq!(get(address, "/harbour/10").status, 200);
            assert!(!surfaces(folder.path(), address, &["snozzberries"]).is_empty());
        });
    }
}
