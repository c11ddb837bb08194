//! Real and hostile mail, where it is at hand: everything is accounted for.

use frelon_testkit::corpus;

use crate::fixture::Bench;

/// Files below a folder.
fn files(path: &std::path::Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(path) else { return 1 };
    entries.map(|entry| files(&entry.expect("readable").path())).sum()
}

#[test]
fn every_file_of_the_corpora_is_an_item_a_duplicate_or_a_row() {
    for set in ["eml", "maildir", "torture", "msg", "documents"] {
        let Some(path) = corpus(set) else { continue };
        let bench = Bench::new();
        let report = bench.try_intake(std::slice::from_ref(&path)).expect("taken in");
        bench.check();
        let counts = report.counts;
        assert!(report.finished);
        let files = files(&path);
        let accounted = counts.added + counts.duplicates + counts.failures;
        assert!(accounted >= files, "{set}: {accounted} of {files} files");
        assert_eq!(counts.known, 0, "{set}: a place twice");
        assert_eq!(bench.places().len() as u64, counts.added + counts.duplicates, "{set}");
        let rows = bench.failures().lines().count() as u64;
        assert_eq!(rows, counts.failures + counts.notes, "{set}");

        let again = bench.try_intake(&[path]).expect("taken in again").counts;
        assert_eq!((again.added, again.duplicates), (0, 0), "{set}");
        assert_eq!(again.known, counts.added + counts.duplicates, "{set}");
        bench.try_release().expect("released");
    }
}

#[test]
fn mailboxes_come_back_byte_for_byte() {
    let Some(path) = corpus("mail/mixed-1k.mbox") else { return };
    let bench = Bench::new();
    let report = bench.try_intake(std::slice::from_ref(&path)).expect("taken in");
    assert_eq!(report.counts.failures, 0, "{}", bench.failures());
    assert!(bench.rebuilt_from(&path, "mixed-1k.mbox", "") == std::fs::read(path).expect("readable"));
}
