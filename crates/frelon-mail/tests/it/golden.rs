//! `testdata/message/NAME.eml` against `NAME.json`, as LF and as CR LF.
//!
//! `UPDATE_EXPECT=1` rewrites the expectations; read the difference before committing it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::shape;

/// Files of a folder of `testdata` with that extension, sorted.
pub(crate) fn cases(folder: &str, extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(folder);
    let entries = fs::read_dir(&folder).expect("the folder is part of the crate");
    let mut cases: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    cases.retain(|path| path.extension().is_some_and(|found| found == extension));
    cases.sort();
    cases
}

/// Compares with the expectation beside the case, or rewrites it.
pub(crate) fn check(case: &Path, found: &Value) {
    let path = case.with_extension("json");
    let text = format!("{found:#}\n");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, text).expect("testdata is writable");
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(expected, text, "{}: run with UPDATE_EXPECT=1 and read the difference", path.display());
}

#[test]
fn messages_are_read_as_expected() {
    let cases = cases("message", "eml");
    assert!(cases.len() >= 40);
    for case in cases {
        let raw = fs::read(&case).expect("readable");
        let found = shape::message(&frelon_mail::parse(&raw), true);
        check(&case, &found);
        // Messages about line ends are what they are; all others read the same with CR LF.
        if !raw.contains(&b'\r') {
            let crlf = with_crlf(&raw);
            let lf = shape::message(&frelon_mail::parse(&raw), false);
            let crlf = shape::message(&frelon_mail::parse(&crlf), false);
            assert_eq!(format!("{lf:#}"), format!("{crlf:#}"), "{} with CR LF", case.display());
        }
    }
}

fn with_crlf(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for &byte in raw {
        if byte == b'\n' {
            out.push(b'\r');
        }
        out.push(byte);
    }
    out
}

#[test]
fn part_bytes_agree_with_the_parts() {
    for case in cases("message", "eml") {
        let raw = fs::read(&case).expect("readable");
        let message = frelon_mail::parse(&raw);
        for (index, part) in message.parts.iter().enumerate() {
            let bytes = frelon_mail::part_bytes(&raw, index).expect("the part is there");
            assert_eq!(bytes.len() as u64, part.size_bytes, "{} part {index}", case.display());
        }
        assert_eq!(frelon_mail::part_bytes(&raw, message.parts.len()), None);
    }
}

#[test]
fn header_summaries_agree_with_messages() {
    for case in cases("message", "eml") {
        let raw = fs::read(&case).expect("readable");
        let (message, header) = (frelon_mail::parse(&raw), frelon_mail::parse_header(&raw));
        assert_eq!(message.message_ids, header.message_ids, "{}", case.display());
        assert_eq!(message.references, header.references, "{}", case.display());
        assert_eq!((message.sent, message.received_at), (header.sent, header.received_at), "{}", case.display());
    }
}
