//! DKIM and ARC over the vectors of others, over real signed mail, and over mail signed here.

mod arc;
mod oracle;
mod real;
mod table;
mod vector;

use std::fs;

use frelon_mail::dkim::{ArchivedKey, KeyArchive, Provenance};
use serde_json::Value;

/// The keys of the corpora.
pub(crate) fn keys() -> Option<KeyArchive> {
    let text = fs::read(frelon_testkit::corpus("dkim/keys.json")?).expect("readable");
    let records: Value = serde_json::from_slice(&text).expect("JSON");
    let mut archive = KeyArchive::new();
    for (name, entry) in records.as_object().expect("an object") {
        let source = entry["source"].as_str().expect("a source");
        let provenance = if source.starts_with("recovered") { Provenance::Recovered } else { Provenance::Archive };
        let key = ArchivedKey::new(entry["txt"].as_str().expect("a record"), provenance, source);
        let (selector, domain) = name.split_once("._domainkey.").expect("a name");
        assert!(archive.add(domain, selector, key), "there is room");
    }
    Some(archive)
}

/// Adds a record from a line: its name, white space, its text.
pub(crate) fn add_line(archive: &mut KeyArchive, line: &str) {
    let Some((name, text)) = line.split_once(char::is_whitespace) else { return };
    let Some((selector, domain)) = name.split_once("._domainkey.") else { return };
    let text = text.trim();
    if text.contains('=') || text == "\"\"" {
        let key = ArchivedKey::new(text.trim_matches('"'), Provenance::Archive, "the vectors' own");
        assert!(archive.add(domain, selector, key), "there is room");
    }
}
