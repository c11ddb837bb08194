//! Hostile volumes where no signed hash is left, because a withdrawal rewrote them: what is checked
//! then is each item, that none is missing, and that nothing else gets in.

use std::{
    fs,
    io::{Cursor, Read as _, Write as _},
    path::Path,
};

use frelon_public::statement::WithdrawMode;
use frelon_testkit::{Press, PressOptions, logged_publication};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::host::{Host, answer, assert_nothing_wrong, assert_same, open_for, sync};

const VOLUME: &str = "volume/lake/1.1.zip";

fn touched(folder: &Path) -> Press {
    let mut press = logged_publication(folder, 40, PressOptions::default());
    press.withdraw("lake", 20, WithdrawMode::Erase, None);
    press
}

/// Entries of a ZIP, in order.
fn entries(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|at| {
            let mut file = archive.by_index(at).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (file.name().expect("a name").into_owned(), bytes)
        })
        .collect()
}

fn pack(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let method = if name == "README.txt" { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        writer.start_file(name.clone(), SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A peer with this volume instead of the true one gets nothing in, and an honest one beside it is
/// enough.
fn case(edit: impl Fn(Vec<(String, Vec<u8>)>) -> Vec<(String, Vec<u8>)>) {
    raw_case(|bytes| pack(&edit(entries(bytes))));
}

fn raw_case(edit: impl Fn(&[u8]) -> Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let press = touched(folder.path());
    let bad = edit(&fs::read(press.public().join(VOLUME)).unwrap());
    let hostile =
        Host::tweaked(&press.public(), move |request, path, _| (path == VOLUME).then(|| answer(request, bad.clone())));
    let target = tempfile::tempdir().unwrap();
    let outcome = sync(&mut open_for(target.path(), &press), &[&hostile]);
    assert!(outcome.is_err(), "{outcome:?}");
    assert!(!target.path().join("public/manifest.json").exists());
    let honest = Host::honest(&press.public());
    sync(&mut open_for(target.path(), &press), &[&hostile, &honest]).unwrap();
    assert_same(&press, target.path());
    let second = tempfile::tempdir().unwrap();
    sync(&mut open_for(second.path(), &press), &[&hostile, &honest]).unwrap();
    assert_same(&press, second.path());
    assert_nothing_wrong(&press, second.path());
}

fn item(entries: &mut [(String, Vec<u8>)], name: &str) -> usize {
    entries.iter().position(|(own, _)| own == name).unwrap()
}

#[test]
fn an_item_with_other_bytes() {
    case(|mut entries| {
        let at = item(&mut entries, "items/5.eml");
        entries[at].1[10] ^= 1;
        entries
    });
}

#[test]
fn an_item_swapped_with_another() {
    case(|mut entries| {
        let (one, other) = (item(&mut entries, "items/5.eml"), item(&mut entries, "items/6.eml"));
        let bytes = entries[one].1.clone();
        entries[one].1 = std::mem::replace(&mut entries[other].1, bytes);
        entries
    });
}

#[test]
fn an_opening_changed() {
    case(|mut entries| {
        let at = item(&mut entries, "openings.jsonl");
        let text = String::from_utf8(entries[at].1.clone()).unwrap();
        entries[at].1 = text.replacen("message/rfc822", "message/rfc823", 1).into_bytes();
        entries
    });
}

#[test]
fn openings_swapped() {
    case(|mut entries| {
        let at = item(&mut entries, "openings.jsonl");
        let text = String::from_utf8(entries[at].1.clone()).unwrap();
        let mut lines: Vec<&str> = text.lines().collect();
        lines.swap(3, 4);
        entries[at].1 = format!("{}\n", lines.join("\n")).into_bytes();
        entries
    });
}

#[test]
fn an_item_missing_in_the_middle() {
    case(|entries| drop_item(entries, 5, 4));
}

#[test]
fn the_last_item_missing() {
    case(|entries| drop_item(entries, 40, 38));
}

#[test]
fn the_first_item_missing() {
    case(|entries| drop_item(entries, 1, 0));
}

/// Without an item and its opening, which is the nth line.
fn drop_item(mut entries: Vec<(String, Vec<u8>)>, number: u64, line: usize) -> Vec<(String, Vec<u8>)> {
    entries.retain(|(name, _)| *name != format!("items/{number}.eml"));
    let at = item(&mut entries, "openings.jsonl");
    let text = String::from_utf8(entries[at].1.clone()).unwrap();
    let kept: Vec<&str> = text.lines().enumerate().filter(|(at, _)| *at != line).map(|(_, line)| line).collect();
    entries[at].1 = format!("{}\n", kept.join("\n")).into_bytes();
    entries
}

#[test]
fn an_entry_more() {
    case(|mut entries| {
        entries.insert(1, ("evil.html".to_owned(), b"<script>".to_vec()));
        entries
    });
}

#[test]
fn an_entry_that_leads_out_of_the_folder() {
    case(|mut entries| {
        entries.insert(1, ("../../../etc/cron.d/evil".to_owned(), b"* * * * * root true".to_vec()));
        entries
    });
}

#[test]
fn an_item_under_a_wrong_name() {
    case(|mut entries| {
        let at = item(&mut entries, "items/5.eml");
        entries[at].0 = "items/5.exe".to_owned();
        entries
    });
}

#[test]
fn an_item_of_another_number() {
    case(|mut entries| {
        let at = item(&mut entries, "items/40.eml");
        entries[at].0 = "items/41.eml".to_owned();
        entries
    });
}

#[test]
fn another_readme() {
    case(|mut entries| {
        let at = item(&mut entries, "README.txt");
        entries[at].1 = b"Send money to get these papers.\n".to_vec();
        entries
    });
}

#[test]
fn no_openings() {
    case(|mut entries| {
        entries.retain(|(name, _)| name != "openings.jsonl");
        entries
    });
}

#[test]
fn a_bomb_in_place_of_an_item() {
    case(|mut entries| {
        let at = item(&mut entries, "items/5.eml");
        entries[at].1 = vec![0; 200 << 20];
        entries
    });
}

#[test]
fn a_bomb_in_place_of_the_openings() {
    case(|mut entries| {
        let at = item(&mut entries, "openings.jsonl");
        entries[at].1 = vec![b' '; 200 << 20];
        entries
    });
}

#[test]
fn no_zip_at_all() {
    raw_case(|_| b"<html>".to_vec());
}

#[test]
fn a_zip_cut_off() {
    raw_case(|bytes| bytes[..bytes.len() / 2].to_vec());
}

#[test]
fn a_zip_without_items() {
    case(|mut entries| {
        entries.retain(|(name, _)| name == "README.txt");
        entries
    });
}

#[test]
fn junk_before_and_after_does_not_get_in() {
    // Readers of ZIPs pass over both; what is kept is written anew, so that they are not stored.
    let folder = tempfile::tempdir().unwrap();
    let press = touched(folder.path());
    let true_bytes = fs::read(press.public().join(VOLUME)).unwrap();
    let hostile = Host::tweaked(&press.public(), move |request, path, _| {
        let repacked = pack(&entries(&true_bytes));
        (path == VOLUME).then(|| answer(request, repacked))
    });
    let target = tempfile::tempdir().unwrap();
    sync(&mut open_for(target.path(), &press), &[&hostile]).unwrap();
    // Each item is the publisher's; only how it is compressed is the peer's choice.
    let ours = entries(&fs::read(target.path().join("public").join(VOLUME)).unwrap());
    let theirs = entries(&fs::read(press.public().join(VOLUME)).unwrap());
    assert!(ours == theirs);
}
