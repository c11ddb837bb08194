//! Trees with one thing wrong, each of which must be named.

use std::{fs, num::NonZero, ops::ControlFlow, path::Path};

use frelon_log::Policy;
use frelon_model::{CollectionId, Instant, ItemNumber};

use super::*;
use crate::{
    Ledger, LogReader, Manifest,
    release::{
        Settings,
        sample::{Sample, append, ledger, show, state, write},
    },
    statement::{Body, Withdraw, sample::log_signer, sample::withdraw},
    volume,
};

fn policy() -> Policy {
    Policy::parse(format!("log {}\nquorum none\n", log_signer().verifier()).as_bytes()).expect("a policy")
}

fn samples() -> Vec<Sample> {
    (1..=30).map(|n| Sample::new(n, format!("Subject: {n}\r\n\r\n{}", "text\r\n".repeat(n as usize * 9)))).collect()
}

/// A tree with two releases in several volumes.
fn tree() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let mut first = samples();
    let second = first.split_off(20);
    write(folder.path(), 1, &first, Settings { volume_bytes_max: 5_000, ..Settings::default() }).expect("released");
    write(folder.path(), 2, &second, Settings::default()).expect("released");
    folder
}

fn verify(public: &Path) -> TreeVerdict {
    let options = VerifyOptions { threads: NonZero::new(2).expect("two"), ..VerifyOptions::default() };
    verify_tree(public, &policy(), &options, &mut |_| ControlFlow::Continue(())).expect("a tree")
}

fn take_back(public: &Path, number: u64, until: Option<Instant>) {
    let lake = CollectionId::new("lake").expect("a name");
    let leaf = ledger(public).leaf(&lake, ItemNumber(number)).expect("released");
    let body = Body::Withdraw(Withdraw { leaf, number: ItemNumber(number), until, ..withdraw() });
    append(public, [state(public, body)]);
}

#[test]
fn a_good_tree_is_verified_whole() {
    let folder = tree();
    let verdict = verify(folder.path());
    assert!(verdict.is_verified(), "{verdict:#?}");
    assert_eq!((verdict.item_count, verdict.release_count, verdict.editors.len()), (30, 2, 1));
    assert!(verdict.volume_count > 2 && verdict.rewritten.is_empty());
    assert_eq!(verdict.freshness, Freshness::Unknown);
    let other = Policy::parse(b"quorum none\n").expect("a policy");
    let unknown = verify_tree(folder.path(), &other, &VerifyOptions::default(), &mut |_| ControlFlow::Continue(()));
    let unknown = unknown.expect("a tree");
    assert!(!unknown.is_verified() && unknown.findings[0].path == "checkpoint", "{unknown:#?}");
    assert_eq!(unknown.item_count, 30, "what can be checked is checked all the same");
    let stopped = verify_tree(folder.path(), &policy(), &VerifyOptions::default(), &mut |_| ControlFlow::Break(()));
    assert!(!stopped.expect("a tree").is_verified());
}

#[test]
fn every_file_cut_removed_or_flipped_anywhere_is_named() {
    let folder = tree();
    let public = folder.path();
    let mut files: Vec<_> = ["checkpoint", "manifest.json"].map(str::to_owned).into();
    files.extend(verify_files(public, "tile"));
    files.extend(verify_files(public, "volume"));
    assert!(files.len() > 8, "{files:?}");
    for name in files {
        let path = public.join(&name);
        let good = fs::read(&path).expect("there");
        let is_old = name.contains(".p/");
        let mut wrong: Vec<Option<Vec<u8>>> = vec![Some(good[..good.len() - 1].to_vec()), Some(Vec::new())];
        if !is_old {
            wrong.push(None);
        }
        let step = (good.len() / 23).max(1);
        for at in (0..good.len()).step_by(step) {
            let mut bytes = good.clone();
            bytes[at] ^= 0x04;
            wrong.push(Some(bytes));
        }
        for bytes in wrong {
            match &bytes {
                Some(bytes) => fs::write(&path, bytes).expect("written"),
                None => fs::remove_file(&path).expect("removed"),
            }
            let verdict = verify(public);
            let what = bytes.as_ref().map(Vec::len);
            assert!(!verdict.is_verified(), "{name} of {what:?} bytes");
            let is_named = verdict
                .findings
                .iter()
                .any(|finding| finding.path == name || (name.starts_with("tile/") && finding.path.starts_with("tile")));
            assert!(is_named, "{name} {:#?}", verdict.findings);
            fs::write(&path, &good).expect("put back");
        }
    }
    assert!(verify(public).is_verified());
}

/// Files below a folder, by their path in the tree.
fn verify_files(public: &Path, folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(public.join(folder)).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() { found.extend(verify_files(public, &name)) } else { found.push(name) }
    }
    found
}

#[test]
fn volumes_that_are_mixed_up_or_of_another_tree_are_named() {
    let folder = tree();
    let (one, two) = (folder.path().join("volume/lake/1.1.zip"), folder.path().join("volume/lake/1.2.zip"));
    let (first, second) = (fs::read(&one).expect("there"), fs::read(&two).expect("there"));
    fs::write(&one, &second).expect("written");
    fs::write(&two, &first).expect("written");
    let verdict = verify(folder.path());
    let paths: Vec<&str> = verdict.findings.iter().map(|finding| &*finding.path).collect();
    assert!(paths.contains(&"volume/lake/1.1.zip") && paths.contains(&"volume/lake/1.2.zip"), "{paths:?}");
    // A volume of the same items with other salts: good in itself, and not the one released.
    fs::write(&two, &second).expect("written");
    let other = tempfile::tempdir().expect("a folder");
    let mut items = samples();
    items.truncate(20);
    items[0].name = "another.eml".to_owned();
    write(other.path(), 1, &items, Settings { volume_bytes_max: 5_000, ..Settings::default() }).expect("released");
    fs::copy(other.path().join("volume/lake/1.1.zip"), &one).expect("copied");
    let verdict = verify(folder.path());
    let found = verdict.findings.iter().find(|finding| finding.entry == "items/1.eml").expect("the item is named");
    assert!(found.reason.contains("not the one the log commits to"), "{found}");
    assert!(found.offset.is_some());
}

#[test]
fn withdrawn_items_are_absent_and_nothing_else_is() {
    let folder = tree();
    let public = folder.path();
    take_back(public, 25, Some(Instant(2_000_000_000)));
    show(public, &frelon_durable::Disk::new()).expect("shown");
    let verdict = verify(public);
    assert_eq!(verdict.findings.len(), 1, "{:#?}", verdict.findings);
    assert!(verdict.findings[0].reason.contains("withdrawn, and is here"), "{}", verdict.findings[0]);
    // It ends by itself.
    let late = VerifyOptions { now: Some(Instant(2_000_000_000)), ..VerifyOptions::default() };
    let late = verify_tree(public, &policy(), &late, &mut |_| ControlFlow::Continue(())).expect("a tree");
    assert!(late.is_verified(), "{:#?}", late.findings);
    let numbers = [ItemNumber(25)].into();
    volume::without(public, "volume/lake/2.1.zip", &numbers, &frelon_durable::Disk::new()).expect("rewritten");
    assert!(!verify(public).is_verified(), "the manifest does not know yet");
    show(public, &frelon_durable::Disk::new()).expect("shown");
    let verdict = verify(public);
    assert!(verdict.is_verified(), "{:#?}", verdict.findings);
    assert_eq!((verdict.item_count, verdict.withdrawn_count), (29, 1));
    assert_eq!(verdict.rewritten, ["volume/lake/2.1.zip"]);
    // One more taken out, and nobody said so.
    let numbers = [ItemNumber(26), ItemNumber(27)].into();
    volume::without(public, "volume/lake/2.1.zip", &numbers, &frelon_durable::Disk::new()).expect("rewritten");
    show(public, &frelon_durable::Disk::new()).expect("shown");
    let verdict = verify(public);
    assert!(verdict.findings.iter().any(|finding| finding.entry.contains("items 26 to 27")), "{:#?}", verdict.findings);
}

#[test]
fn a_manifest_that_says_something_else_is_named() {
    let folder = tree();
    append(folder.path(), [b"junk".to_vec()]);
    let verdict = verify(folder.path());
    assert_eq!((verdict.findings[0].path.as_str(), verdict.findings[0].entry.as_str()), ("manifest.json", "log"));
    assert_eq!(verdict.passed_over, 1);
    show(folder.path(), &frelon_durable::Disk::new()).expect("shown");
    assert!(verify(folder.path()).is_verified());
    let path = Manifest::path(folder.path());
    let text = fs::read_to_string(&path).expect("there");
    fs::write(&path, text.replace("The lake papers", "The lake paper")).expect("written");
    assert_eq!(verify(folder.path()).findings[0].entry, "collections");
}

#[test]
fn a_volume_alone_is_checked_against_itself() {
    let folder = tree();
    let path = folder.path().join("volume/lake/1.1.zip");
    let check = || verify_volume(&path, NonZero::<usize>::MIN, &mut |_| ControlFlow::Continue(()));
    let good = check().expect("a volume");
    assert!(good.is_consistent() && good.item_count > 3, "{good:?}");
    let mut bytes = fs::read(&path).expect("there");
    let at = bytes.windows(11).position(|window| window == b"items/3.eml").expect("there") + 11 + 4;
    bytes[at] ^= 1;
    fs::write(&path, bytes).expect("written");
    let bad = check().expect("a volume");
    assert_eq!((bad.findings.len(), bad.findings[0].entry.as_str()), (1, "items/3.eml"), "{bad:?}");
    assert_eq!(bad.item_count, good.item_count - 1);
    fs::write(&path, b"PK nonsense").expect("written");
    assert!(check().is_err());
}

/// An item, its proof, and the tree it is of.
fn proved() -> (tempfile::TempDir, Vec<u8>, Vec<u8>) {
    let folder = tree();
    let log = log_signer().verifier().clone();
    let reader = LogReader::open(folder.path(), &log).expect("a log");
    let ledger = Ledger::read(&reader, &log).expect("a log");
    let leaf = ledger.leaf(&CollectionId::new("lake").expect("a name"), ItemNumber(25)).expect("released");
    let mut volume = volume::Reader::open(&folder.path().join("volume/lake/2.1.zip")).expect("a volume");
    let mut found = None;
    while let Some(item) = volume.next_item() {
        let item = item.expect("good");
        if item.head.number == ItemNumber(25) {
            found = Some((item.content().expect("its bytes"), item.head.opening_line.clone()));
        }
    }
    let (item, opening) = found.expect("there");
    assert!(matches!(make_proof(&reader, &ledger, 0, &opening), Err(MakeProofError::NoItem(0))));
    assert!(matches!(make_proof(&reader, &ledger, leaf, b"{}"), Err(MakeProofError::OtherOpening(_))));
    let proof = make_proof(&reader, &ledger, leaf, &opening).expect("made");
    (folder, item, proof)
}

#[test]
fn an_item_is_proved_offline() {
    let (_folder, item, proof) = proved();
    assert!(proof.len() < 20_000, "{}", proof.len());
    let verdict = verify_item(&item, &proof, &policy(), None).expect("proved");
    assert_eq!((verdict.collection.as_str(), verdict.number, verdict.tranche.0), ("lake", ItemNumber(25), 2));
    assert_eq!((verdict.opening.name.as_str(), verdict.editors.len()), ("25.eml", 1));
    let other = [&item[..], b"x"].concat();
    assert!(matches!(verify_item(&other, &proof, &policy(), None), Err(ItemError::OtherBytes { .. })));
    let stranger = Policy::parse(b"quorum none\n").expect("a policy");
    assert!(matches!(verify_item(&item, &proof, &stranger, None), Err(ItemError::Log(_))));
}

#[test]
fn no_changed_proof_proves_anything_else() {
    let (_folder, item, proof) = proved();
    let good = verify_item(&item, &proof, &policy(), None).expect("proved");
    for at in (0..proof.len()).step_by(3) {
        let mut bytes = proof.clone();
        bytes[at] ^= 1;
        if let Ok(verdict) = verify_item(&item, &bytes, &policy(), None) {
            assert_eq!(verdict, good, "byte {at}: a signature of somebody else's at most");
        }
        let _cut = verify_item(&item, &proof[..at], &policy(), None).expect_err("cut");
    }
}
