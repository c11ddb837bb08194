//! Keys imported, and signatures judged by them.

use std::fmt::Write as _;

use frelon_testkit::corpus;
use serde_json::{Value, json};

use crate::{
    fixture::{Bench, message},
    name_server::{Entry, NameServer},
    signer::{record, signed},
};

/// A signature that is well formed and proves nothing.
const SIGNATURE: &str = "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=old; c=relaxed/relaxed;\r\n \
    h=from:subject; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n";

fn grades(bench: &Bench) -> Vec<String> {
    let mut grades = Vec::new();
    for grade in ["pass", "key-not-found", "key-revoked", "unsigned"] {
        grades.extend(bench.found("pub", &format!("dkim:{grade}")).iter().map(|item| format!("{item} {grade}")));
    }
    grades
}

#[test]
fn new_keys_change_the_grades_and_nothing_else() {
    let bench = Bench::new();
    bench.put("mail/1.eml", &[SIGNATURE.as_bytes(), &message("dam")].concat());
    bench.put("mail/2.eml", &message("bridge"));
    bench.publish(&["mail"]).says(0, &[]);
    assert_eq!(grades(&bench), ["letters/1 key-not-found", "letters/2 unsigned"]);
    bench.put("keys", b"{\"domain\":\"example.org\",\"selector\":\"old\",\"record\":\"v=DKIM1; p=\"}\nno key\n");
    let ended = bench.run(&["keys", "import", "keys", "--into", "pub"]);
    ended.says(3, &["left out keys, line 2", "`frelon reindex`", "1 lines were left out"]);
    assert_eq!(ended.out, "1 new key records, 1 in all\n");
    bench.run(&["reindex", "pub"]).says(0, &["2 items indexed"]);
    assert_eq!(grades(&bench), ["letters/1 key-revoked", "letters/2 unsigned"]);
    bench.check("pub");
    // The same keys again, now as a zone file: nothing new, and nothing to index.
    bench.put("zone", b"old._domainkey TXT \"v=DKIM1; p=\"\n");
    let again = bench.run(&["keys", "import", "zone", "--into", "pub", "--origin", "example.org"]);
    assert_eq!(again.out, "0 new key records, 1 in all\n");
    assert!(!again.err.contains("reindex"), "{}", again.err);
    bench.run(&["search", "--in", "pub", "dkim:perfect"]).says(2, &["`dkim:perfect` is unknown"]);
    bench.run(&["keys", "import", "zone", "--into", "pub", "--seen", "May"]).says(2, &["not a date"]);
}

/// The key archive of the publication, a line each.
fn held(bench: &Bench) -> Vec<Value> {
    let text = std::fs::read_to_string(bench.path("pub/public/keys.jsonl")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn a_key_nobody_kept_is_recovered_from_the_public_tree_alone() {
    let bench = Bench::new();
    for day in 0..6 {
        bench.put(&format!("mail/{day}.eml"), &signed("example.org", "old", day));
    }
    // One of another selector, and one that was altered on its way.
    bench.put("mail/7.eml", &signed("example.com", "one", 1));
    let altered =
        String::from_utf8(signed("example.org", "old", 9)).expect("text").replace("Subject: Dam", "Subject: Lake");
    bench.put("mail/9.eml", altered.as_bytes());
    bench.publish(&["mail"]).says(0, &[]);
    std::fs::remove_dir_all(bench.path("pub/vault")).expect("it was there");

    // No time at all: nothing is found, and the next run goes on.
    let ended = bench.run(&["keys", "recover", "pub", "--for", "0s"]);
    ended.says(0, &["0 keys recovered", "1 selectors are left", "1 selectors have one signature"]);
    assert_eq!(std::fs::read_dir(bench.path("pub/derived/recovery")).expect("a folder").count(), 1);
    let ended = bench.run(&["keys", "recover", "pub", "--threads", "1"]);
    ended.says(0, &["signatures of 2 selectors", "1 keys recovered", "`frelon reindex`"]);
    assert_eq!(
        ended.out,
        "6 messages from 2014-05-13 to 2014-05-18 were signed by one key, not otherwise known: selector old of domain \
         example.org, 1024 bits\n"
    );
    assert_eq!(std::fs::read_dir(bench.path("pub/derived/recovery")).expect("a folder").count(), 0);
    let keys = held(&bench);
    assert_eq!((keys.len(), &keys[0]["provenance"], &keys[0]["record"]), (1, &json!("recovered"), &json!(record())));

    bench.run(&["reindex", "pub"]).says(0, &[]);
    let count = |query: &str| bench.found("pub", query).len();
    assert_eq!([count("dkim:pass"), count("dkim:headers-altered"), count("dkim:key-not-found")], [6, 1, 1]);
    // Again there is nothing to do.
    let ended = bench.run(&["keys", "recover", "pub", "--json"]);
    ended.says(0, &[]);
    assert!(ended.out.contains("\"stage\":\"recover\"") && !ended.out.contains("recovered\""), "{}", ended.out);
    assert_eq!(held(&bench).len(), 1);
}

#[test]
fn a_recovery_that_is_killed_is_gone_on_with() {
    let bench = Bench::new();
    // Signatures by nobody: every attempt at a key fails, and the last of them would take an hour.
    for day in 0..3_u64 {
        let text = String::from_utf8(signed("example.org", "old", day)).expect("text");
        let altered = text.replace("From: Ann", "From: Eve").replace("Subject: Dam", "Subject: Lake");
        bench.put(&format!("mail/{day}.eml"), altered.as_bytes());
    }
    bench.publish(&["mail"]).says(0, &[]);
    bench.run(&["keys", "recover", "pub", "--for", "2s"]).says(0, &["1 selectors are left"]);
    let saved = |bench: &Bench| -> Vec<(String, Vec<u8>)> {
        let entries = std::fs::read_dir(bench.path("pub/derived/recovery")).expect("a folder");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        paths.map(|path| (path.display().to_string(), std::fs::read(&path).expect("readable"))).collect()
    };
    let before = saved(&bench);
    assert_eq!(before.len(), 1);
    let mut child = bench.command(&["keys", "recover", "pub"]).spawn().expect("it starts");
    std::thread::sleep(std::time::Duration::from_secs(1));
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    assert_eq!(saved(&bench).len(), 1, "what was kept is still there");
    bench.run(&["keys", "recover", "pub", "--for", "0s"]).says(0, &["1 selectors are left"]);
    assert_eq!(saved(&bench), before, "no step was made, and none was lost");
    // Damage costs the progress and nothing else.
    std::fs::write(&before[0].0, b"frelon recovery 1\nnonsense").expect("room");
    bench.run(&["keys", "recover", "pub", "--for", "1s"]).says(0, &["1 selectors are left"]);
}

#[test]
fn keys_are_asked_for_in_the_dns() {
    let bench = Bench::new();
    for (domain, selector) in [
        ("example.org", "long"),
        ("example.org", "short"),
        ("example.com", "alias"),
        ("example.com", "gone"),
        ("example.com", "other"),
        ("example.net", "broken"),
    ] {
        bench.put(&format!("mail/{domain}-{selector}.eml"), &signed(domain, selector, 1));
    }
    bench.publish(&["mail"]).says(0, &[]);
    let pieces = |text: &str| {
        let chunks = text.as_bytes().chunks(100);
        Entry::Text(chunks.map(|chunk| String::from_utf8(chunk.to_vec()).expect("ASCII")).collect())
    };
    let padded = format!("{}; n={}", record(), "x".repeat(600));
    let server = NameServer::start(&[
        ("long._domainkey.example.org", pieces(&padded)),
        ("short._domainkey.example.org", pieces("v=DKIM1; p=")),
        ("alias._domainkey.example.com", Entry::Alias("keys.example.net".to_owned())),
        ("keys.example.net", pieces(&record())),
        ("other._domainkey.example.com", pieces("a wildcard for everything")),
        ("broken._domainkey.example.net", Entry::Failure),
    ]);
    let address = server.address.to_string();
    let fetch = |more: &[&str]| {
        let mut args = vec!["keys", "fetch", "pub", "--server", &address, "--rate", "1000"];
        args.extend(more);
        bench.run(&args)
    };
    let ended = fetch(&[]);
    ended
        .says(3, &["3 selectors have a key now, 2 have none; 3 new key records", "1 selectors could not be asked for"]);
    assert_eq!(server.asked().len(), 6);
    let keys = held(&bench);
    assert_eq!(keys.len(), 3);
    assert!(keys.iter().all(|key| key["provenance"] == "live-dns" && key["source"] == "DNS, asked of 127.0.0.1"));
    assert!(keys.iter().all(|key| key["first_seen"].is_string() && key["record"].as_str().is_some()));
    bench.run(&["reindex", "pub"]).says(0, &[]);
    let count = |query: &str| bench.found("pub", query).len();
    assert_eq!([count("dkim:pass"), count("dkim:key-revoked"), count("dkim:key-not-found")], [2, 1, 3]);
    // Only what is not known is asked for again, unless all is.
    let ended = fetch(&["--json"]);
    assert_eq!(ended.out.matches("\"event\":\"answer\"").count(), 3, "{}", ended.out);
    assert_eq!(ended.out.matches("\"outcome\":\"absent\"").count(), 2, "{}", ended.out);
    fetch(&["--all"]).says(3, &["3 selectors have a key now, 2 have none; 0 new key records"]);
}

#[test]
fn a_dns_server_that_is_not_there_is_told() {
    let bench = Bench::new();
    bench.put("mail/1.eml", &signed("example.org", "s", 1));
    bench.publish(&["mail"]).says(0, &[]);
    let server = NameServer::start(&[("s._domainkey.example.org", Entry::Silence)]);
    let args = ["keys", "fetch", "pub", "--server", &server.address.to_string(), "--timeout", "1s"];
    bench.run(&args).says(1, &["the DNS server gave no answer", "--server"]);
    assert!(held(&bench).is_empty());
    bench.run(&["keys", "fetch", "pub", "--server", "here"]).says(2, &["--server"]);
    bench.run(&["keys", "recover", "pub", "--for", "soon"]).says(2, &["90s, 10m, 2h"]);
}

#[test]
fn real_signatures_hold() {
    let Some(folder) = corpus("dkim/real-signed/valid") else { return };
    let keys = std::fs::read(folder.join("../../keys.json")).expect("beside the messages");
    let keys: serde_json::Map<String, Value> = serde_json::from_slice(&keys).expect("JSON");
    let mut lines = String::new();
    for (name, key) in &keys {
        let (selector, domain) = name.split_once("._domainkey.").expect("a name under which keys stand");
        let line = json!({ "domain": domain, "selector": selector, "record": key["txt"], "source": key["source"] });
        writeln!(lines, "{line}").expect("a string takes all");
    }
    let bench = Bench::new();
    bench.put("keys.jsonl", lines.as_bytes());
    let source = folder.display().to_string();
    let count = std::fs::read_dir(&folder).expect("a folder").count();
    bench.publish(&[&source]).says(0, &[]);
    bench.run(&["keys", "import", "keys.jsonl", "--into", "pub"]).says(0, &[]);
    bench.run(&["reindex", "pub"]).says(0, &[]);
    let (passed, all) = (bench.found("pub", "dkim:pass").len(), bench.found("pub", "").len());
    assert!(all <= count && passed > 0 && passed == all, "{passed} of {all} items, {count} files");
}
