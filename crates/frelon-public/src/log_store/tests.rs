use std::{fs, path::Path};

use frelon_durable::{After, Fault, Operation};
use frelon_log::{
    SignedCheckpoint, TreeHead,
    merkle::root_at,
    writer::{Cosigning, Error, Writer},
};
use tempfile::TempDir;

use super::*;
use crate::{LogReader, log_reader::TileFiles, statement::sample::log_signer};

fn entries(batch: &str, count: u64) -> Vec<Vec<u8>> {
    (0..count).map(|number| format!("{batch} {number}").into_bytes()).collect()
}

fn open(disk: Disk, folder: &Path) -> Result<FileStore, StoreError> {
    FileStore::open_on(disk, &folder.join("public"), &folder.join("vault/log"))
}

type Outcome<T> = Result<T, Error<StoreError>>;

/// Opens the store and the writer and appends a batch, as each run of a program would.
fn append(disk: Disk, folder: &Path, batch: &[Vec<u8>], seen: &mut Vec<SignedCheckpoint>) -> Outcome<TreeHead> {
    let before = seen.clone();
    let store = open(disk, folder).map_err(Error::Store)?;
    let mut writer = Writer::open(store, log_signer(), Vec::new(), &before)?;
    let mut cosign = |cosigning: Cosigning<'_>| {
        seen.push(cosigning.checkpoint.clone());
        Vec::new()
    };
    Ok(writer.append(batch, &before, Some(&mut cosign))?.head)
}

/// What readers see, checked: signed, whole, and growing out of all that was seen before.
fn check(folder: &Path, history: &mut Vec<TreeHead>) -> Vec<Vec<u8>> {
    let public = folder.join("public");
    if !public.join("checkpoint").exists() {
        assert!(history.is_empty(), "a checkpoint was taken back");
        return Vec::new();
    }
    let reader = LogReader::open(&public, log_signer().verifier()).expect("a log");
    let head = reader.head();
    for before in &*history {
        assert!(before.size <= head.size, "a smaller checkpoint was published");
        assert_eq!(root_at(reader.tree(), before.size).expect("tiles"), before.root, "a fork was published");
    }
    history.push(head);
    (0..head.size.div_ceil(256)).flat_map(|bundle| reader.tree().entries(bundle).expect("verified")).collect()
}

/// Every file below a directory, by its path in it.
fn files(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.strip_prefix(directory).expect("below").to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}

/// The same log again, for one more failure; copied, since syncing it is what takes time.
fn copy(from: &Path) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for path in files(from) {
        let to = folder.path().join(&path);
        fs::create_dir_all(to.parent().expect("a directory")).expect("made");
        fs::copy(from.join(&path), to).expect("copied");
    }
    folder
}

/// A log of `first` entries.
fn base(first: u64) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    if first > 0 {
        append(Disk::new(), folder.path(), &entries("a", first), &mut Vec::new()).expect("appended");
    }
    folder
}

#[test]
fn a_log_grows_in_its_files() {
    let folder = base(0);
    let mut history = Vec::new();
    let mut all = Vec::new();
    for (n, count) in [1_u64, 255, 1, 300, 0, 600].into_iter().enumerate() {
        let batch = entries(&n.to_string(), count);
        append(Disk::new(), folder.path(), &batch, &mut Vec::new()).expect("appended");
        all.extend(batch);
        assert_eq!(check(folder.path(), &mut history), all);
    }
    let private = files(&folder.path().join("vault/log"));
    assert_eq!(private, ["lock", "state"], "what was staged is gone");
    let public = files(&folder.path().join("public"));
    assert!(
        public.contains(&"tile/entries/000".to_owned()) && public.contains(&"tile/0/004.p/133".to_owned()),
        "{public:?}"
    );
    let public: Vec<&String> = public.iter().filter(|path| *path != "checkpoint").collect();
    assert!(public.iter().all(|path| path.parse::<Resource>().is_ok()), "{public:?}");
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(folder.path().join("vault/log")).expect("a directory").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn a_second_writer_is_refused_by_name() {
    let folder = base(3);
    let store = open(Disk::new(), folder.path()).expect("a store");
    let second = open(Disk::new(), folder.path()).expect_err("locked");
    assert!(matches!(second, StoreError::Locked { .. }));
    assert!(second.to_string().ends_with("vault/log/lock"), "{second}");
    drop(store);
    assert!(open(Disk::new(), folder.path()).is_ok());
}

#[test]
fn objects_are_never_overwritten_and_names_lead_nowhere_else() {
    let folder = base(0);
    let store = open(Disk::new(), folder.path()).expect("a store");
    let put = |name: &str, bytes: &[u8]| store.put(&[(name.to_owned(), bytes.to_vec())]);
    for name in ["tile/0/000.p/1", "staging/0/intent", "staging/0/abcdef0123", "staging/12-abcdef"] {
        let bytes = [1; 32];
        assert_eq!(store.get(name).expect("readable"), None);
        put(name, &bytes).expect("put");
        put(name, &bytes).expect("the same bytes");
        assert!(matches!(put(name, &[2; 32]), Err(StoreError::Exists { .. })), "{name}");
        assert_eq!(store.get(name).expect("readable").as_deref(), Some(&bytes[..]));
    }
    for name in [
        "",
        "checkpoint",
        "state",
        "tile/../checkpoint",
        "tile/0/../../../vault/log/state",
        "/tile/0/000",
        "tile/0/000/",
        "staging/",
        "staging/../state",
        "staging/0/../../state",
        "staging/0.intent",
        "staging/0/a/b",
        "staging/0/.tmp-1",
        "staging/x/intent",
    ] {
        assert!(matches!(put(name, b""), Err(StoreError::Name(_))), "{name}");
        assert!(matches!(store.get(name), Err(StoreError::Name(_))), "{name}");
        assert!(matches!(store.remove(name), Err(StoreError::Name(_))), "{name}");
    }
    assert!(matches!(store.remove("tile/0/000.p/1"), Err(StoreError::Name(_))), "what is out stays");
    assert!(matches!(put("tile/0/000.p/2", &[0; 65]), Err(StoreError::TooLong { .. })));
    store.remove("staging/0/intent").expect("removed");
    store.remove("staging/0/intent").expect("removed already");
}

#[test]
fn the_state_is_swapped_if_it_is_what_is_expected() {
    let folder = base(0);
    let store = open(Disk::new(), folder.path()).expect("a store");
    assert_eq!(store.state().expect("readable"), None);
    assert!(!store.swap(Some(b"x"), b"y").expect("swapped or not"));
    assert!(store.swap(None, b"one").expect("swapped or not"));
    assert!(!store.swap(None, b"two").expect("swapped or not"));
    assert!(store.swap(Some(b"one"), b"two").expect("swapped or not"));
    assert_eq!(store.state().expect("readable").as_deref(), Some(&b"two"[..]));
}

#[test]
fn a_state_that_may_not_be_on_the_disk_is_written_again_before_it_is_believed() {
    let folder = base(3);
    let disk = Disk::recording();
    let store = open(disk.clone(), folder.path()).expect("a store");
    let synced = || {
        let records = disk.records();
        let state =
            |record: &&frelon_durable::Record| record.operation == Operation::Rename && record.path.ends_with("state");
        records.iter().filter(state).count()
    };
    assert_eq!(synced(), 0);
    let state = store.state().expect("readable");
    assert_eq!(synced(), 1, "once, at the start");
    assert_eq!(store.state().expect("readable"), state);
    assert_eq!(synced(), 1);
}

#[test]
fn a_swap_whose_last_sync_failed_is_settled_before_it_is_believed() {
    let swap = |disk: Disk| {
        let folder = base(0);
        let store = open(disk.clone(), folder.path()).expect("a store");
        let swapped = store.swap(None, b"one");
        let before = disk.records().len();
        let state = store.state().expect("readable");
        assert_eq!(state.as_deref(), Some(&b"one"[..]), "visible");
        (swapped.is_ok(), before, disk.records().split_off(before))
    };
    let (is_done, steps, again) = swap(Disk::recording());
    assert!(is_done && again.is_empty());
    let fault = Fault { at: steps - 1, persisted: false, kind: io::ErrorKind::Other, after: After::Alive };
    let (is_done, _, again) = swap(Disk::failing(fault));
    assert!(!is_done);
    assert_eq!(again.last().map(|step| step.operation), Some(Operation::SyncDirectory));
    assert!(again.iter().any(|step| step.operation == Operation::Rename && step.path.ends_with("state")));
}

#[test]
fn tiles_are_durable_before_the_state_and_the_state_before_the_checkpoint() {
    let folder = base(3);
    let disk = Disk::recording();
    append(disk.clone(), folder.path(), &entries("b", 300), &mut Vec::new()).expect("appended");
    let records = disk.records();
    let renamed = |name: &str| {
        let is_it =
            |record: &frelon_durable::Record| record.operation == Operation::Rename && record.path.ends_with(name);
        let at = records.iter().rposition(is_it).unwrap_or_else(|| panic!("{name}"));
        // Nothing happens between a rename and the sync of its directory.
        assert_eq!(records[at + 1].operation, Operation::SyncDirectory, "{name}");
        at
    };
    let staged = renamed("3.intent");
    let (state, tile, checkpoint) = (renamed("state"), renamed("tile/entries/000"), renamed("checkpoint"));
    assert!(staged < state && state < tile && tile < checkpoint);
}

/// Every operation fails once, in each way, while a batch is appended.
fn inject(first: u64, count: u64) {
    let begun = base(first);
    let batch = entries("b", count);
    let before = entries("a", first);
    let after = [&before[..], &batch].concat();
    let steps = {
        let folder = copy(begun.path());
        let disk = Disk::recording();
        append(disk.clone(), folder.path(), &batch, &mut Vec::new()).expect("appended");
        assert_eq!(check(folder.path(), &mut Vec::new()), after);
        disk.records()
    };
    assert!(steps.len() > 40, "{}", steps.len());
    for (at, step) in steps.iter().enumerate() {
        // Being killed before a step is being killed after the one before it. What was done although it
        // was said to fail matters where something got or lost a name.
        let mut ways = vec![(false, After::Alive), (true, After::Dead)];
        if matches!(step.operation, Operation::Rename | Operation::SyncDirectory | Operation::Remove) {
            ways.push((true, After::Alive));
        }
        for (persisted, after_it) in ways {
            let what = format!("{step:?} at {at}, persisted {persisted}, {after_it:?}");
            let folder = copy(begun.path());
            let mut history = Vec::new();
            let _before = check(folder.path(), &mut history);
            let mut seen = Vec::new();
            let fault = Fault { at, persisted, kind: io::ErrorKind::Other, after: after_it };
            let failed = append(Disk::failing(fault), folder.path(), &batch, &mut seen);
            assert!(matches!(failed, Err(Error::Store(_))), "{what}: {failed:?}");
            let published = check(folder.path(), &mut history);
            assert!(published == before || published == after, "{what}");

            // The next run finishes what was begun, or begins anew.
            let store = open(Disk::new(), folder.path()).expect("a store");
            let mut writer = Writer::open(store, log_signer(), Vec::new(), &seen).expect(&what);
            let recovered = check(folder.path(), &mut history);
            assert!(recovered == after || (recovered == before && seen.is_empty()), "{what}");
            let _swept = writer.store().sweep().expect(&what);
            if at % 5 == 0 {
                let more = entries("c", 70);
                writer.append(&more, &seen, None).expect(&what);
                assert_eq!(check(folder.path(), &mut history), [&recovered[..], &more].concat(), "{what}");
            }
            drop(writer);
            let private = files(&folder.path().join("vault/log"));
            let is_begun = !check(folder.path(), &mut history).is_empty();
            assert_eq!(private, ["lock", "state"][..1 + usize::from(is_begun)], "{what}");
            let public = files(&folder.path().join("public"));
            assert!(!public.iter().any(|path| path.contains(".tmp-")), "{what}: {public:?}");
        }
    }
}

#[test]
fn whatever_fails_a_first_batch_is_there_or_not() {
    inject(0, 2);
}

#[test]
fn whatever_fails_the_log_is_the_old_or_the_new_one() {
    // A bundle and a tile become full, and one above begins.
    inject(255, 1);
}

#[test]
fn a_restored_state_signs_nothing() {
    let folder = base(3);
    let state = folder.path().join("vault/log/state");
    let backup = fs::read(&state).expect("the state");
    append(Disk::new(), folder.path(), &entries("b", 5), &mut Vec::new()).expect("appended");
    let mut history = Vec::new();
    let whole = check(folder.path(), &mut history);
    fs::write(&state, backup).expect("restored");
    let refused = append(Disk::new(), folder.path(), &entries("c", 9), &mut Vec::new());
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    assert_eq!(check(folder.path(), &mut history), whole);
}

#[test]
fn what_a_batch_left_that_never_came_is_swept_and_no_more() {
    let folder = base(3);
    let mut seen = Vec::new();
    let disk = Disk::recording();
    append(disk.clone(), folder.path(), &entries("b", 300), &mut seen).expect("appended");
    let steps = disk.records();
    let rename = |name: &str| {
        let is_it = |step: &frelon_durable::Record| step.operation == Operation::Rename && step.path.ends_with(name);
        steps.iter().position(is_it).expect("a rename")
    };
    let staging = |folder: &Path| files(&folder.join("vault/log/staging"));
    let dead = |at| Fault { at, persisted: true, kind: io::ErrorKind::Other, after: After::Dead };

    // Stopped before anything was intended: junk, once another batch goes its way.
    let folder = base(3);
    append(Disk::failing(dead(rename("3.intent") - 4)), folder.path(), &entries("b", 300), &mut Vec::new())
        .expect_err("dead");
    let left = staging(folder.path()).len();
    assert!(left >= 1);
    let store = open(Disk::new(), folder.path()).expect("a store");
    assert_eq!(store.sweep().expect("swept"), left);
    assert!(staging(folder.path()).is_empty());
    drop(store);

    // Stopped after: it may have been signed, and stays until it is out.
    let folder = base(3);
    append(Disk::failing(dead(rename("3.intent"))), folder.path(), &entries("b", 300), &mut Vec::new())
        .expect_err("dead");
    let left = staging(folder.path());
    let store = open(Disk::new(), folder.path()).expect("a store");
    assert_eq!(store.sweep().expect("swept"), 0);
    assert_eq!(staging(folder.path()), left);
    let writer = Writer::open(store, log_signer(), Vec::new(), &[]).expect("recovered");
    assert_eq!(writer.head().size, 303);
    assert!(staging(folder.path()).is_empty());

    // Stopped when it was committed and no reader knew: what is staged is all there is of it.
    let folder = base(3);
    let is_state = |step: &frelon_durable::Record| step.operation == Operation::Rename && step.path.ends_with("state");
    let committed = steps.iter().rposition(is_state).expect("the commit");
    append(Disk::failing(dead(committed)), folder.path(), &entries("b", 300), &mut Vec::new()).expect_err("dead");
    let left = staging(folder.path());
    let store = open(Disk::new(), folder.path()).expect("a store");
    assert_eq!(store.sweep().expect("swept"), 0);
    assert_eq!(staging(folder.path()), left);
    let writer = Writer::open(store, log_signer(), Vec::new(), &[]).expect("recovered");
    assert_eq!(writer.head().size, 303);
    assert_eq!(check(folder.path(), &mut Vec::new()).len(), 303);
}

#[test]
fn the_files_are_a_source_of_tiles() {
    let folder = base(300);
    let store = open(Disk::new(), folder.path()).expect("a store");
    let writer = Writer::open(store, log_signer(), Vec::new(), &[]).expect("a writer");
    let tree = frelon_log::tile::TreeReader::open(TileFiles::new(&folder.path().join("public")), writer.head());
    assert_eq!(tree.expect("tiles").entries(0).expect("verified").len(), 256);
}
