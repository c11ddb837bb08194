//! Keys imported, and signatures judged by them.

use std::fmt::Write as _;

use frelon_testkit::corpus;
use serde_json::{Value, json};

use crate::fixture::{Bench, message};

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
