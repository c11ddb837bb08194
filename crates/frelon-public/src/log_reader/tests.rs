use std::fs;

use frelon_log::{Signer, writer::Writer};
use frelon_model::{CollectionId, ContentHash, ItemNumber, Tranche};

use super::*;
use crate::{
    Authority, DocumentEntry, FileStore,
    statement::{Body, sample::*},
};

fn document(number: u64) -> Entry {
    Entry::Document(DocumentEntry {
        collection: CollectionId::new("lake").expect("a name"),
        tranche: Tranche(2),
        number: ItemNumber(number),
        commitment: ContentHash([number as u8; 32]),
    })
}

/// A log: a root, documents, junk, a release.
fn sample(documents: u64) -> Vec<Vec<u8>> {
    let root = sign(terms(1, 0, Body::Root(root(1, &[1, 2], 2))), &[1, 2]);
    let mut entries = vec![root.to_string().into_bytes()];
    entries.extend((1..=documents).map(|number| document(number).to_bytes()));
    entries.push(b"junk that a stolen key logged".to_vec());
    entries.push(sign(terms(2, 1, Body::Release(release())), &[1, 2]).to_string().into_bytes());
    entries
}

fn write(folder: &Path, entries: &[Vec<u8>]) {
    let store = FileStore::open(&folder.join("public"), &folder.join("log")).expect("a store");
    let mut writer = Writer::open(store, log_signer(), Vec::new(), &[]).expect("a writer");
    writer.append(entries, &[], None).expect("appended");
}

fn open(folder: &Path) -> Result<LogReader, ReadError> {
    LogReader::open(&folder.join("public"), log_signer().verifier())
}

#[test]
fn what_was_written_is_read_in_order() {
    for documents in [0, 200, 253, 254, 600] {
        let folder = tempfile::tempdir().expect("a folder");
        let entries = sample(documents);
        write(folder.path(), &entries);
        let reader = open(folder.path()).expect("a log");
        assert_eq!(reader.head().size, entries.len() as u64);
        let mut authority = Authority::new(log_signer().verifier().clone());
        let mut accepted = 0;
        for (index, logged) in reader.entries().enumerate() {
            let logged = logged.expect("verified");
            assert_eq!(logged.index, index as u64);
            match logged.entry {
                Ok(entry) => {
                    assert_eq!(entry.to_bytes(), entries[index]);
                    if let Entry::Statement(statement) = entry {
                        accepted += usize::from(authority.accept(&statement).is_ok());
                    }
                }
                Err(_) => assert_eq!(index as u64, documents + 1, "the junk"),
            }
        }
        assert_eq!(accepted, 2);
        for from in [0, 1, 255, 256, documents, documents + 3, u64::MAX] {
            let count = reader.entries_from(from).filter(Result::is_ok).count() as u64;
            assert_eq!(count, (documents + 3).saturating_sub(from));
            let first = reader.entries_from(from).next().map(|logged| logged.expect("verified").index);
            assert_eq!(first, (from < documents + 3).then_some(from));
        }
    }
}

#[test]
fn an_older_checkpoint_reads_the_same_files() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), &sample(5));
    let old = open(folder.path()).expect("a log").checkpoint().clone();
    write(folder.path(), &sample(700));
    let public = folder.path().join("public");
    // Partial tiles may be gone once the full ones are there.
    fs::remove_dir_all(public.join("tile/0/000.p")).expect("a partial tile");
    fs::remove_dir_all(public.join("tile/entries/000.p")).expect("a partial bundle");
    let reader = LogReader::with_checkpoint(&public, old).expect("a log");
    assert_eq!(
        reader.entries().map(|logged| logged.expect("verified").index).collect::<Vec<_>>(),
        (0..8).collect::<Vec<_>>()
    );
}

#[test]
fn other_logs_and_none_are_told_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(matches!(open(folder.path()), Err(ReadError::NoLog { .. })));
    write(folder.path(), &sample(3));
    let public = folder.path().join("public");
    let key = |name: &str, seed: u8| Signer::new(name.parse().expect("a name"), &[seed; 32]).verifier().clone();
    assert!(matches!(LogReader::open(&public, &key("other.example", 200)), Err(ReadError::OtherLog { .. })));
    assert!(matches!(LogReader::open(&public, &key(ORIGIN, 9)), Err(ReadError::Unsigned { .. })));
    let checkpoint = public.join("checkpoint");
    for bad in [&b""[..], b"junk", &[b'x'; 70_000]] {
        fs::write(&checkpoint, bad).expect("written");
        assert!(matches!(open(folder.path()), Err(ReadError::Damaged { .. })));
    }
    fs::remove_file(&checkpoint).expect("removed");
    fs::create_dir(&checkpoint).expect("a directory in its place");
    assert!(matches!(open(folder.path()), Err(ReadError::Damaged { .. })));
}

/// Opens the log and reads it to its end.
fn read_all(folder: &Path) -> Result<Vec<Logged>, ReadError> {
    open(folder)?.entries().collect()
}

#[test]
fn whatever_byte_is_changed_is_noticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let entries = sample(300);
    write(folder.path(), &entries);
    let good = read_all(folder.path()).expect("all");
    assert_eq!(good.len(), entries.len());
    let tile = folder.path().join("public/tile");
    for path in ["0/000", "0/001.p/47", "1/000.p/1", "entries/000", "entries/001.p/47"] {
        let path = tile.join(path);
        let whole = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for at in (0..whole.len()).step_by(1 + whole.len() / 40) {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            fs::write(&path, changed).expect("written");
            assert!(matches!(read_all(folder.path()), Err(ReadError::Damaged { .. })), "{} at {at}", path.display());
        }
        for changed in [Vec::new(), whole[1..].to_vec(), [&whole[..], b"x"].concat(), vec![0; 20_000_000]] {
            fs::write(&path, changed).expect("written");
            assert!(matches!(read_all(folder.path()), Err(ReadError::Damaged { .. })), "{}", path.display());
        }
        fs::remove_file(&path).expect("removed");
        assert!(matches!(read_all(folder.path()), Err(ReadError::Io { .. })), "{}", path.display());
        fs::write(&path, whole).expect("written");
    }
    assert_eq!(read_all(folder.path()).expect("all"), good);
}

#[test]
fn reading_ends_after_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), &sample(600));
    fs::write(folder.path().join("public/tile/entries/001"), b"x").expect("written");
    let reader = open(folder.path()).expect("the edge is whole");
    let read: Vec<bool> = reader.entries().map(|logged| logged.is_ok()).collect();
    assert_eq!(read.len(), 257);
    assert_eq!(read.iter().position(|good| !good), Some(256));
}
