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
