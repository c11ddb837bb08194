//! DKIM and ARC over the vectors of others, and over real signed mail.

use std::{fs, path::PathBuf};

use frelon_mail::dkim::{
    ArchivedKey, Authentication, DkimState, KeyArchive, Provenance, verify,
};
use frelon_model::Instant;
use serde_json::Value;

/// The keys of the corpora.
fn keys() -> Option<KeyArchive> {
    let text = fs::read(frelon_testkit::corpus("dkim/keys.json")?).expect("readable");
    let records: Value = serde_json::from_slice(&text).expect("JSON");
    let mut archive = KeyArchive::new();
    for (name, entry) in records.as_object().expect("an object") {
        let (selector, domain) = name.split_once("._domainkey.").expect("a name");
        let source = entry["source"].as_str().expect("a source");
        let provenance = if source.starts_with("recovered") { Provenance::Recovered } else { Provenance::Archive };
        archive.add(domain, selector, ArchivedKey::new(entry["txt"].as_str().expect("a record"), provenance, source));
    }
    Some(archive)
}

fn of<'a>(authentication: &'a Authentication, domain: &str, selector: &str) -> &'a frelon_mail::dkim::SignatureResult {
    let mut found = authentication.signatures.iter().filter(|signature| {
        signature.signing_domain == domain.to_lowercase() && signature.selector.eq_ignore_ascii_case(selector)
    });
    found.next().expect("the signature is there")
}

/// Every verdict of two other verifiers, with and without judging `x=` long after.
#[test]
fn real_mail_is_judged_as_expected() {
    let (Some(keys), Some(root)) = (keys(), frelon_testkit::corpus("dkim/real-signed")) else { return };
    let table = fs::read_to_string(root.join("EXPECT.tsv")).expect("readable");
    let today = Instant::from_date(2026, 7, 20);
    let mut wrong = Vec::new();
    for line in table.lines().skip(1) {
        let [file, kind, domain, selector, _, _, ignoring, dated] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("eight columns")
        };
        let path: PathBuf = root.parent().expect("a parent").join(file);
        let raw = fs::read(path).expect("readable");
        let undated = verify(&raw, &keys, None);
        let late = verify(&raw, &keys, today);
        let found = of(&undated, domain, selector);
        let state = match kind {
            "valid" => DkimState::Pass,
            "body-altered" => DkimState::BodyAltered,
            _ => DkimState::HeadersAltered,
        };
        let late_state = of(&late, domain, selector).state;
        let is_late_pass = late_state == DkimState::Pass;
        if found.state != state || (ignoring == "True") != found.state.is_pass() || (dated == "True") != is_late_pass {
            wrong.push(format!("{file}: {:?} {:?} {late_state:?}, expected {kind} {ignoring} {dated}", found.state, found.reason));
        }
    }
    assert!(wrong.is_empty(), "{} differ: {wrong:#?}", wrong.len());
}
