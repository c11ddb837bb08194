use std::{fs, io, io::Write};

use super::{After, Disk, Error, Fault, File, Operation, make_directory, remove, replace};

fn names(directory: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names
}

#[test]
fn replace_creates_and_replaces_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a");
    for text in ["one", "", "three"] {
        replace(&path, text.as_bytes()).expect("written");
        assert_eq!(fs::read_to_string(&path).expect("read"), text);
    }
    assert_eq!(names(folder.path()), ["a"]);
    assert!(remove(&path).expect("removed"));
    assert!(!remove(&path).expect("nothing to remove"));
}

#[test]
fn the_steps_come_in_the_only_safe_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let disk = Disk::recording();
    disk.replace(&folder.path().join("a"), b"text").expect("written");
    let operations: Vec<Operation> = disk.records().iter().map(|record| record.operation).collect();
    use Operation::{Create, Rename, SyncDirectory, SyncFile, Write};
    assert_eq!(operations, [Create, Write, SyncFile, Rename, SyncDirectory]);
    assert_eq!(disk.records()[3].path, folder.path().join("a"));
    assert_eq!(disk.records()[4].path, folder.path());
}

#[test]
fn every_failure_leaves_the_old_or_the_new_bytes() {
    for persisted in [false, true] {
        for after in [After::Alive, After::Dead] {
            for at in 0..5 {
                let folder = tempfile::tempdir().expect("a folder");
                let path = folder.path().join("a");
                replace(&path, b"old").expect("written");
                let disk = Disk::failing(Fault { at, persisted, kind: io::ErrorKind::Other, after });
                let error = disk.replace(&path, b"new").expect_err("a failure was injected");
                let now = fs::read_to_string(&path).expect("still readable");
                let renamed = at == 4 || (at == 3 && persisted);
                assert_eq!(now, if renamed { "new" } else { "old" }, "step {at}: {error}");
                Disk::new().clear_stale(folder.path()).expect("cleared");
                assert_eq!(names(folder.path()), ["a"]);
            }
        }
    }
}

#[test]
fn a_full_disk_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let disk = Disk::failing(Fault { at: 1, persisted: false, kind: io::ErrorKind::StorageFull, after: After::Alive });
    let error = disk.replace(&folder.path().join("a"), b"new").expect_err("full");
    assert!(error.is_disk_full());
    let text = error.to_string();
    assert!(text.contains("nothing stored was lost") && text.contains("free some space"), "{text}");
    assert!(names(folder.path()).is_empty(), "the space is given back");
    let as_io: io::Error = error.into();
    assert_eq!(as_io.kind(), io::ErrorKind::StorageFull);
}

#[test]
fn a_write_that_failed_poisons_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let disk = Disk::failing(Fault { at: 1, persisted: true, kind: io::ErrorKind::Other, after: After::Alive });
    let mut file = disk.create(&folder.path().join("a")).expect("created");
    file.append(b"x").expect("gathered");
    file.flush().expect_err("the injected failure");
    file.append(b"y").expect("gathered");
    assert!(matches!(file.commit(), Err(Error::Io { .. })));
    assert!(names(folder.path()).is_empty());
}

#[test]
fn large_and_small_pieces_keep_their_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a");
    let mut file = File::create(&path).expect("created");
    let mut expected = Vec::new();
    for length in [1, 300_000, 5, 262_144, 262_143, 2, 0, 1_000_000] {
        let piece = vec![(length % 251) as u8; length];
        file.append(&piece).expect("written");
        expected.extend_from_slice(&piece);
    }
    assert_eq!(file.position(), expected.len() as u64);
    assert!(!path.exists(), "invisible before the commit");
    file.commit().expect("committed");
    assert!(fs::read(&path).expect("read") == expected);
}

#[test]
fn dropping_gives_the_space_back_and_stale_files_are_found() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(File::create(&folder.path().join("a")).expect("created"));
    assert!(names(folder.path()).is_empty());
    fs::write(folder.path().join(".tmp-1-2-a"), "left").expect("written");
    fs::write(folder.path().join("kept"), "kept").expect("written");
    let disk = Disk::new();
    assert_eq!(disk.stale(folder.path()).expect("listed"), [folder.path().join(".tmp-1-2-a")]);
    assert_eq!(disk.clear_stale(folder.path()).expect("cleared"), 1);
    assert_eq!(names(folder.path()), ["kept"]);
    assert_eq!(disk.clear_stale(&folder.path().join("none")).expect("no such directory"), 0);
}

#[test]
fn directories_are_made_with_those_above() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a/b/c");
    make_directory(&path).expect("made");
    make_directory(&path).expect("there already");
    let private = folder.path().join("vault");
    Disk::new().make_private_directory(&private).expect("made");
    assert_eq!(fs::metadata(&private).expect("there").permissions().mode() & 0o777, 0o700);
    fs::write(folder.path().join("file"), "").expect("written");
    let error = make_directory(&folder.path().join("file")).expect_err("a file is in the way");
    assert!(error.to_string().contains("create directory"), "{error}");
}

#[test]
fn a_private_file_is_nobody_elses() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key");
    fs::write(&path, "an older one that all can read").expect("written");
    Disk::new().replace_private(&path, b"secret").expect("written");
    assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read(&path).expect("read"), b"secret");
}

#[test]
fn a_renamed_file_has_one_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to) = (folder.path().join("from"), folder.path().join("to"));
    fs::write(&from, "new").expect("written");
    fs::write(&to, "old").expect("written");
    Disk::new().rename(&from, &to).expect("renamed");
    assert_eq!(names(folder.path()), ["to"]);
    assert_eq!(fs::read(&to).expect("read"), b"new");
}
