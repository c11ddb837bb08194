//! Building: again, further, and after damage.

use std::fs;

use frelon_index::{Archive, BuildOptions, ReadError};

use crate::fixture::{Fixture, found, message, search};

fn messages(range: std::ops::Range<usize>) -> Vec<String> {
    let one = |n: usize| {
        let more = if n > 0 { format!("In-Reply-To: <{}@x>\r\n", n - 1) } else { String::new() };
        message(
            "Ann <ann@lake.example>",
            &format!("Report {n}"),
            "Fri, 07 Oct 2016 10:00:00 +0200",
            &format!("{n}@x"),
            &more,
            &format!("word{n} common"),
        )
    };
    range.map(one).collect()
}

/// Everything a reader could compare, as text.
fn answers(archive: &Archive) -> String {
    let queries = ["", "common", "word3", "report -word2", "from:ann", "thread:1", "\"report 1\""];
    let mut text = String::new();
    for query in queries {
        let mut answer = search(archive, query);
        answer.took_us = 0;
        text.push_str(&serde_json::to_string(&answer).expect("serialised"));
    }
    text + &serde_json::to_string(&archive.collections()).expect("serialised")
}

#[test]
fn a_rebuilt_index_gives_the_same_answers() {
    let (fixture, archive) = Fixture::archive(&messages(0..40));
    let before = answers(&archive);
    assert!(fixture.build().was_current);
    fs::remove_dir_all(fixture.derived()).expect("removed");
    assert!(matches!(Archive::open(&fixture.public(), &fixture.derived()), Err(ReadError::NotIndexed { .. })));
    assert_eq!(fixture.build().added, 40);
    assert_eq!(answers(&fixture.open()), before);
}

#[test]
fn a_further_release_is_added_to_what_is_there() {
    let mut fixture = Fixture::new();
    fixture.release(&messages(0..20));
    fixture.build();
    let old = fixture.open();
    fixture.release(&messages(20..40));
    assert_eq!(fixture.build().added, 20);
    let grown = answers(&fixture.open());
    assert_eq!(found(&fixture.open(), "thread:1 word39"), [40]);
    // Who opened the index before still reads it.
    assert_eq!(search(&old, "common").total, 20);
    fixture.build_with(BuildOptions { afresh: true, memory_bytes: 40_000_000, ..BuildOptions::default() });
    assert_eq!(answers(&fixture.open()), grown);
}

#[test]
fn what_an_interrupted_build_left_is_used_or_thrown_away() {
    let mut fixture = Fixture::new();
    fixture.release(&messages(0..20));
    let building = fixture.derived().join("building");
    fs::create_dir_all(building.join("fulltext")).expect("made");
    fs::write(building.join("catalog.sqlite"), "not a database").expect("written");
    assert_eq!(fixture.build().added, 20);
    assert_eq!(search(&fixture.open(), "common").total, 20);
    assert!(!building.exists());
}

#[test]
fn a_directory_that_is_no_publication_is_named() {
    let dir = tempfile::tempdir().expect("a directory");
    let error = Archive::open(dir.path(), dir.path()).err().expect("refused").to_string();
    assert!(error.contains("is not a publication") && error.contains(&dir.path().display().to_string()), "{error}");
}

#[test]
fn a_changed_volume_is_refused_item_by_item() {
    let mut fixture = Fixture::new();
    fixture.release(&messages(0..5));
    fixture.build();
    let archive = fixture.open();
    let volume = fixture.public().join("volume/lake/1.1.zip");
    let mut bytes = fs::read(&volume).expect("read");
    let stream = archive.stream(&crate::fixture::key(3)).expect("read").expect("there");
    let at = usize::try_from(stream.offset_bytes + stream.compressed_bytes / 2).expect("small");
    bytes[at] ^= 0x55;
    fs::write(&volume, bytes).expect("written");
    assert!(fixture.open().raw(&crate::fixture::key(3)).is_err());
    assert!(fixture.open().raw(&crate::fixture::key(2)).is_ok());
    let report = fixture.build_with(BuildOptions { afresh: true, memory_bytes: 40_000_000, ..BuildOptions::default() });
    assert_eq!(report.bad_entries.len(), 1, "{:?}", report.bad_entries);
    assert!(report.bad_entries[0].contains("1.1.zip"), "{:?}", report.bad_entries);
}

/// Whether a word stands anywhere in the files below a folder.
fn is_anywhere(folder: &std::path::Path, word: &str) -> bool {
    fs::read_dir(folder).expect("a folder").any(|entry| {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            return is_anywhere(&path, word);
        }
        String::from_utf8_lossy(&fs::read(&path).expect("read")).to_lowercase().contains(word)
    })
}

#[test]
fn the_log_is_in_the_catalog_and_what_is_withdrawn_is_not() {
    let mut fixture = Fixture::new();
    let mut sent = messages(0..4);
    sent[2] =
        message("Ann <ann@lake.example>", "Xylophonic", "Fri, 07 Oct 2016 10:00:00 +0200", "gone@x", "", "quixotry");
    fixture.release(&sent);
    fixture.build();
    let archive = fixture.open();
    let item = archive.item(&crate::fixture::key(3)).expect("read").expect("there");
    let ledger = fixture.press.ledger();
    assert_eq!(Some(item.leaf), ledger.leaf(&item.key.collection, item.key.number));
    let line = archive.opening_line(&item.key).expect("read").expect("there");
    let entry = fixture.press.reader().entries_from(item.leaf).next().expect("an entry").expect("read").entry;
    let Ok(frelon_public::Entry::Document(entry)) = entry else { panic!("a document entry") };
    assert_eq!(frelon_public::commitment(&line), entry.commitment);
    let kinds: Vec<&str> = archive.changes(None, 10).expect("read").iter().map(|change| change.change.kind()).collect();
    assert_eq!(kinds, ["release", "collection", "root"]);
    assert!(is_anywhere(&fixture.derived(), "xylophonic"));

    fixture.press.withdraw("lake", 3, frelon_public::statement::WithdrawMode::Erase, None);
    let report = fixture.build();
    assert_eq!((report.items, report.added), (3, 3), "built afresh");
    for word in ["xylophonic", "quixotry", "gone@x"] {
        assert!(!is_anywhere(&fixture.derived(), word), "{word}");
    }
    let archive = fixture.open();
    assert_eq!(archive.item(&item.key).expect("read"), None);
    let tombstone = archive.tombstone(&item.key).expect("a tombstone");
    assert_eq!((tombstone.leaf, tombstone.key.clone()), (item.leaf, item.key.clone()));
    assert_eq!(archive.log().expect("told").size, fixture.press.reader().head().size);

    fixture.press.restore("lake", 3);
    fixture.build();
    assert_eq!(found(&fixture.open(), "quixotry"), [3]);
    assert!(fixture.open().tombstones().is_empty());
}
