//! MIME-tools: `NAME.ref` holds, as a Perl hash, the fields and parts of `NAME.msg`.

use std::{collections::BTreeMap, path::Path};

use frelon_mail::parse;

use crate::{
    expectation::{Comparison, Leaf, collapse, leaves, lf, read},
    mime4j,
};

const DIFFERENCES: &[(&str, &str)] =
    &[("multi-2evil.ref", "a file name with path separators: ours end up on readers' disks and have none")];

/// Keys and values of one entity.
type Entity = BTreeMap<String, String>;

#[test]
fn results_agree_with_mime_tools() {
    let Some(root) = frelon_testkit::corpus("torture/gitpan+MIME-tools") else { return };
    let mut comparison = Comparison::new("MIME-tools", DIFFERENCES);
    for case in cases(&root.join("testmsgs"), "ref") {
        let text = String::from_utf8(read(&case).expect("readable")).expect("UTF-8");
        let reference = hash(&text);
        let message = reference["Parser"]["Message"].rsplit('/').next().expect("a name");
        // Messages that are not here often lie with mime4j, which took them over.
        let Some(raw) = mime4j::message(message.trim_end_matches(".msg")) else { continue };
        let name = case.file_name().expect("a name").to_string_lossy();
        compare(&mut comparison, &name, &lf(&raw), &reference);
    }
    comparison.finish(10);
}

/// Files of a folder with that extension, sorted.
pub(crate) fn cases(folder: &Path, extension: &str) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder of the corpus");
    let mut cases: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    cases.retain(|path| path.extension().is_some_and(|found| found == extension));
    cases.sort();
    cases
}

fn compare(comparison: &mut Comparison, name: &str, raw: &[u8], reference: &BTreeMap<String, Entity>) {
    let message = parse(raw);
    let top = reference.get("Msg").cloned().unwrap_or_default();
    for key in ["Subject", "From", "To"] {
        let Some(expected) = top.get(key) else { continue };
        let field = message.fields.iter().find(|field| field.name.eq_ignore_ascii_case(key));
        let found = field.map(|field| collapse(&field.value)).unwrap_or_default();
        comparison.check(name, key, &found, &collapse(expected));
    }
    let mut parts: Vec<(Vec<u32>, &Entity)> =
        reference.iter().filter_map(|(key, entity)| Some((path(key)?, entity))).collect();
    parts.sort_by(|a, b| a.0.cmp(&b.0));
    let is_leaf = |entity: &Entity| !entity.get("Type").is_some_and(|found| found.starts_with("multipart/"));
    let expected: Vec<_> = parts.iter().map(|(_, entity)| *entity).filter(|entity| is_leaf(entity)).collect();
    let mut found = leaves(raw);
    // Which attached messages are entered differs from reference to reference.
    if name.contains("-none") {
        found.truncate(expected.len());
    } else if name.contains("-replace") {
        found.retain(|leaf| !leaf.is_message);
    }
    comparison.check(name, "parts", &found.len(), &expected.len());
    for (index, (leaf, entity)) in found.iter().zip(expected).enumerate() {
        for (key, value) in entity {
            let Some(found) = of_leaf(leaf, key) else { continue };
            let value = if key == "Charset" { value.to_ascii_lowercase() } else { value.clone() };
            comparison.check(name, &format!("{key} of leaf {index}"), &found, &value);
        }
    }
}

/// What we say of a leaf under their key; `None` for what we do not say.
fn of_leaf(leaf: &Leaf, key: &str) -> Option<String> {
    match key {
        "Type" => Some(leaf.media_type.clone()),
        "Charset" => Some(leaf.charset.clone().unwrap_or_default()),
        "Filename" => Some(leaf.name.clone().unwrap_or_default()),
        "Size" => Some(leaf.bytes.len().to_string()),
        _ => None,
    }
}

/// `Part_3_1` is 3, 1. A message that is no multipart is its own and only part.
fn path(key: &str) -> Option<Vec<u32>> {
    if key == "Msg" {
        return Some(Vec::new());
    }
    key.strip_prefix("Part_")?.split('_').map(|step| step.parse().ok()).collect()
}

/// The Perl hash of hashes, one key a line.
fn hash(text: &str) -> BTreeMap<String, Entity> {
    let mut out = BTreeMap::new();
    let mut current = None;
    for line in text.lines() {
        let Some((key, value)) = line.split_once("=>") else { continue };
        let key = key.trim().trim_matches('"').to_owned();
        if value.trim().starts_with('{') {
            out.insert(key.clone(), Entity::new());
            current = Some(key);
        } else if let Some(entity) = current.as_ref().and_then(|current| out.get_mut(current)) {
            entity.insert(key, string(value.trim().trim_end_matches(',')));
        }
    }
    out
}

/// A Perl string or number.
fn string(literal: &str) -> String {
    let inner = literal.strip_prefix("qq{").and_then(|rest| rest.strip_suffix('}'));
    let inner = inner.or_else(|| literal.strip_prefix('"')?.strip_suffix('"')).unwrap_or(literal);
    let mut out = String::new();
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        match (letter, letter == '\\') {
            (_, true) => out.extend(letters.next()),
            (letter, false) => out.push(letter),
        }
    }
    out
}
