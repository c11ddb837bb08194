//! Whole corpora, where they are at hand.

use std::{
    fs,
    path::{Path, PathBuf},
};

use frelon_mail::{mailbox, parse, part_bytes};
use frelon_model::ProblemKind;
use serde_json::Value;

use crate::expectation::Comparison;

/// Messages on which mail-parser's own expectations differ from ours, and why.
const DIFFERENCES: &[(&str, &str)] = &[(
    "malformed/007.json",
    "no empty line before an inner delimiter: we enter the inner multipart, they read its part's header as their own",
)];

/// Files of a corpus, or nothing where it is not there.
fn files(set: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    if let Some(root) = frelon_testkit::corpus(set) {
        collect(&root, &mut files);
        files.sort();
    }
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Reads a file in every way, and checks what must hold of any bytes.
fn check(path: &Path) {
    let raw = fs::read(path).expect("readable");
    let message = parse(&raw);
    let is_parsed = message.problems.iter().all(|problem| problem.kind != ProblemKind::Unparsed);
    assert!(is_parsed, "{} made a parser panic", path.display());
    for (index, part) in message.parts.iter().enumerate().take(30) {
        let bytes = part_bytes(&raw, index).expect("a listed part can be read");
        assert_eq!(bytes.len() as u64, part.size_bytes, "{} part {index}", path.display());
    }
    let kind = mailbox::detect(&raw).unwrap_or(mailbox::MailboxKind::Mboxo);
    let mut splitter = mailbox::Splitter::new(kind);
    let mut length = 0;
    splitter.push(&raw);
    splitter.finish();
    while let Some(entry) = splitter.next_entry() {
        length += entry.line.len() + entry.raw.len() + entry.separator.len();
    }
    assert_eq!(length, raw.len(), "{}", path.display());
}

#[test]
fn every_file_is_read_without_a_panic() {
    for set in ["torture", "eml", "maildir", "dkim"] {
        files(set).iter().for_each(|path| check(path));
    }
}

/// Subject, first author and number of leaf parts against the results mail-parser ships.
#[test]
fn results_agree_with_mail_parsers_own() {
    let mut comparison = Comparison::new("mail-parser", DIFFERENCES);
    let files = files("torture/stalwartlabs+mail-parser/resources/eml");
    if files.is_empty() {
        return;
    }
    for json in files {
        let name = json.to_string_lossy().into_owned();
        if !name.ends_with(".json") || name.ends_with(".crlf.json") {
            continue;
        }
        let expected: Value = serde_json::from_slice(&fs::read(&json).expect("readable")).expect("JSON");
        let Ok(raw) = fs::read(json.with_extension("eml")) else { continue };
        let raw: Vec<u8> = raw.into_iter().filter(|byte| *byte != b'\r').collect();
        let message = parse(&raw);
        let leaves = expected["parts"].as_array().expect("parts").iter();
        let leaves = leaves.filter(|part| part["body"].get("Multipart").is_none()).count();
        let author = message.from.first().map(|author| author.email.clone()).unwrap_or_default();
        let found = (message.subject.as_str(), author.as_str(), message.parts.len());
        let expected_author = author_of(&expected);
        let expected = (text_of(&expected), expected_author.as_str(), leaves);
        let short: PathBuf = json.iter().rev().take(2).collect::<Vec<_>>().into_iter().rev().collect();
        comparison.check(&short.to_string_lossy(), "subject, author, parts", &found, &expected);
    }
    comparison.finish(23);
}

fn header<'v>(message: &'v Value, name: &str) -> &'v Value {
    let headers = message["parts"][0]["headers"].as_array().expect("headers");
    headers.iter().find(|header| header["name"] == name).map_or(&Value::Null, |header| &header["value"])
}

fn text_of(message: &Value) -> &str {
    header(message, "subject")["Text"].as_str().unwrap_or("")
}

fn author_of(message: &Value) -> String {
    let from = &header(message, "from")["Address"];
    let first = if from["List"].is_array() { &from["List"][0] } else { &from["Group"][0]["addresses"][0] };
    first["address"].as_str().unwrap_or("").to_owned()
}
