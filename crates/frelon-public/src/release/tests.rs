use std::{
    fs,
    io::{self, Read},
    num::NonZero,
    process::Command,
};

use frelon_durable::{After, Disk, Fault, Operation};
use frelon_model::Instant;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::{
    sample::{Sample, ledger, plan, write},
    *,
};
use crate::{PublicTree, commitment};

/// Everything in a tree, read through the front door, after a full check.
fn read(public: &Path) -> Vec<(u64, Vec<u8>, String, Option<Instant>)> {
    let tree = PublicTree::open(public).expect("a tree");
    let report = tree.verify(NonZero::<usize>::MIN);
    assert!(report.is_clean(), "{:?}", report.findings);
    let mut found = Vec::new();
    for (_, volume) in tree.volumes() {
        let mut reader = tree.read_volume(volume).expect("a volume");
        while let Some(item) = reader.next_item() {
            let item = item.expect("a good item");
            let content = item.content().expect("the published bytes");
            assert_eq!(Opening::parse(&item.head.opening_line).expect("an opening"), item.head.opening);
            let place = fs::read(tree.volume_file(volume)).expect("the file");
            let start = item.head.data_offset as usize;
            assert!(&place[start..start + item.head.compressed_bytes as usize] == item.deflated);
            found.push((item.head.number.0, content, item.head.opening.name.clone(), item.head.opening.date));
        }
    }
    assert_eq!(report.item_count, found.len() as u64);
    found
}

fn expected(samples: &[Sample]) -> Vec<(u64, Vec<u8>, String, Option<Instant>)> {
    samples.iter().map(|one| (one.number, one.bytes.clone(), one.name.clone(), one.date)).collect()
}

/// Text that compresses like text, different for each number.
fn samples(count: u64) -> Vec<Sample> {
    let text = |number: u64| {
        format!("Subject: item {number}\r\n\r\n{}", format!("line {number}\r\n").repeat(number as usize % 97))
    };
    (1..=count).map(|number| Sample::new(number * 3, text(number))).collect()
}

#[test]
fn a_release_is_read_back_and_the_next_one_is_added() {
    let folder = tempfile::tempdir().expect("a folder");
    let public = folder.path().join("public");
    assert!(matches!(PublicTree::open(&public), Err(ReadError::NotAPublicTree { .. })));
    let mut all = samples(50);
    let second = all.split_off(30);
    let entry = write(&public, 1, &all, Settings::default()).expect("released");
    assert_eq!((entry.first, entry.last, entry.item_count), (ItemNumber(3), ItemNumber(90), 30));
    assert_eq!(entry.volumes[0].path, "volume/lake/1.1.zip");
    assert_eq!(read(&public), expected(&all));
    assert!(matches!(Writer::begin(&public, plan(1)), Err(WriteError::ReleasedAlready { tranche: Tranche(1), .. })));
    write(&public, 2, &second, Settings::default()).expect("released");
    all.extend(second);
    assert_eq!(read(&public), expected(&all));
}

#[test]
fn the_same_items_and_salts_give_the_same_files() {
    let bytes = || {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), 1, &samples(20), Settings::default()).expect("released");
        let volume = fs::read(folder.path().join("volume/lake/1.1.zip")).expect("a volume");
        (volume, fs::read(folder.path().join("manifest.json")).expect("a manifest"))
    };
    assert!(bytes() == bytes());
}

#[test]
fn what_readers_would_refuse_is_not_released() {
    let folder = tempfile::tempdir().expect("a folder");
    let begin = || Writer::begin(folder.path(), plan(1)).expect("begun");
    assert!(matches!(begin().finish(), Err(WriteError::Empty { .. })));
    let one = Sample::new(5, "five");
    let mut writer = begin();
    writer.add(&one.packed(), [0; 32]).expect("added");
    let again = writer.add(&one.packed(), [0; 32]);
    assert!(matches!(again, Err(WriteError::OutOfOrder { number: ItemNumber(5), last: ItemNumber(5) })));
    let long = "x".repeat(OPENING_BYTES_MAX);
    for bad in [
        Packed { number: ItemNumber(6), size_bytes: ITEM_BYTES_MAX + 1, ..one.packed() },
        Packed { number: ItemNumber(6), size_bytes: 1 << 20, ..one.packed() },
        Packed { number: ItemNumber(6), name: &long, ..one.packed() },
    ] {
        assert!(matches!(writer.add(&bad, [0; 32]), Err(WriteError::Unfit { .. })));
    }
    assert_eq!(writer.finish().expect("the good one is written").commitments.len(), 1);
    let zero = Writer::begin(folder.path(), plan(2)).expect("begun").add(&Sample::new(0, "").packed(), [0; 32]);
    assert!(matches!(zero, Err(WriteError::Unfit { .. })));
}

#[test]
fn a_manifest_never_goes_back() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), 1, &samples(2), Settings::default()).expect("released");
    let old = Manifest::load(folder.path()).expect("read").expect("there");
    write(folder.path(), 2, &[Sample::new(9, "nine")], Settings::default()).expect("released");
    assert!(matches!(old.commit(folder.path(), &Disk::new()), Err(WriteError::Overtaken { .. })));
    let all: Vec<Sample> = samples(2).into_iter().chain([Sample::new(9, "nine")]).collect();
    assert_eq!(read(folder.path()), expected(&all));
}

#[test]
fn what_was_written_is_recovered_from_the_volumes() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = Settings { volume_bytes_max: 3_000, ..Settings::default() };
    let mut writer = Writer::begin_with(folder.path(), plan(1), settings).expect("begun");
    for sample in &samples(40) {
        writer.add(&sample.packed(), sample.salt()).expect("added");
    }
    let finished = writer.finish().expect("written");
    assert!(finished.volumes.len() > 2);
    let entries: Vec<Vec<u8>> = finished.entries().collect();
    assert!(entries[0].starts_with(b"frelon/doc/v1\nlake\n1 3\n"), "{:?}", entries[0]);
    let lake = plan(1).collection;
    assert_eq!(Finished::recover(folder.path(), &lake, Tranche(1)).expect("read"), Some(finished));
    assert_eq!(Finished::recover(folder.path(), &lake, Tranche(2)).expect("read"), None);
    assert!(matches!(PublicTree::open(folder.path()), Err(ReadError::NotAPublicTree { .. })), "nobody sees it");
    assert_eq!(clear_leftovers(folder.path(), |_, tranche| tranche == Tranche(1), &Disk::new()).expect("kept"), 0);
    assert!(clear_leftovers(folder.path(), |_, _| false, &Disk::new()).expect("cleared") > 2);
}

#[test]
fn volumes_are_split_below_the_limit() {
    let folder = tempfile::tempdir().expect("a folder");
    // Random bytes: nothing to compress, so the sizes are known.
    let mut state = 1_u64;
    let mut noise = |length: usize| -> Vec<u8> {
        std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .take(length)
        .collect()
    };
    let mut items: Vec<Sample> = (1..=40).map(|number| Sample::new(number, noise(5_000))).collect();
    items.insert(20, Sample::new(20, noise(90_000)));
    for (index, item) in items.iter_mut().enumerate() {
        item.number = index as u64 + 1;
    }
    let settings = Settings { volume_bytes_max: 60_000, ..Settings::default() };
    let release = write(folder.path(), 1, &items, settings).expect("released");
    assert!(release.volumes.len() >= 5, "{}", release.volumes.len());
    let large: Vec<_> = release.volumes.iter().filter(|volume| volume.size_bytes > 60_000).collect();
    assert_eq!(large.len(), 1, "only the item that is larger alone");
    assert_eq!((large[0].first, large[0].last), (ItemNumber(21), ItemNumber(21)));
    assert_eq!(read(folder.path()), expected(&items));
}

#[test]
fn more_entries_than_sixteen_bits_count() {
    let folder = tempfile::tempdir().expect("a folder");
    let items: Vec<Sample> = (1..=66_000).map(|number| Sample::new(number, format!("{number}"))).collect();
    write(folder.path(), 1, &items, Settings::default()).expect("released");
    let path = folder.path().join("volume/lake/1.1.zip");
    let tree = PublicTree::open(folder.path()).expect("a tree");
    let report = tree.verify(NonZero::new(2).expect("two"));
    assert!(report.is_clean(), "{:?}", report.findings);
    assert_eq!(report.item_count, 66_000);
    outsiders_agree(&path, 66_002);
    let mut zip = zip::ZipArchive::new(fs::File::open(&path).expect("a file")).expect("a ZIP");
    assert_eq!(zip.len(), 66_002);
    let mut text = String::new();
    zip.by_name("items/65999.eml").expect("there").read_to_string(&mut text).expect("read");
    assert_eq!(text, "65999");
}

/// `unzip` and Python open it too, where they are installed.
pub(crate) fn outsiders_agree(path: &Path, entries: usize) {
    let run = |program: &str, arguments: &[&str]| {
        Command::new(program).args(arguments).arg(path).output().ok().map(|output| {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success(), "{program}: {text}{}", String::from_utf8_lossy(&output.stderr));
            text
        })
    };
    if let Some(text) = run("unzip", &["-tq"]) {
        assert!(text.contains("No errors detected"), "{text}");
    }
    let code =
        "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(len(z.infolist()))";
    if let Some(text) = run("python3", &["-c", code]) {
        assert_eq!(text.trim(), entries.to_string());
    }
}

#[test]
fn every_tool_opens_a_volume_and_the_readme_is_right() {
    let folder = tempfile::tempdir().expect("a folder");
    let items = samples(9);
    write(folder.path(), 1, &items, Settings::default()).expect("released");
    let path = folder.path().join("volume/lake/1.1.zip");
    outsiders_agree(&path, 11);
    let mut zip = zip::ZipArchive::new(fs::File::open(&path).expect("a file")).expect("a ZIP");
    let mut text = |name: &str| {
        let mut text = String::new();
        zip.by_name(name).expect("there").read_to_string(&mut text).expect("read");
        text
    };
    let readme = text("README.txt");
    assert!(readme.starts_with("The lake papers\nCollection lake, tranche 1, volume 1\n"), "{readme}");
    assert!(readme.lines().all(|line| line.len() <= 80));
    let openings = text("openings.jsonl");
    // What the README tells people to do by hand.
    let item = text("items/12.eml");
    let digits = ContentHash(Sha256::digest(&item).into()).to_string();
    let line = openings.lines().find(|line| line.contains(&digits)).expect("the line of this item");
    let opening = Opening::parse(line.as_bytes()).expect("an opening");
    assert_eq!(opening.name, "12.eml");
    assert_eq!(commitment(line.as_bytes()).0, <[u8; 32]>::from(Sha256::digest(line)));
}

/// A tree with one release, to which the tests below add a second one.
fn first_release() -> (TempDir, Vec<Sample>, Vec<Sample>) {
    let folder = tempfile::tempdir().expect("a folder");
    let first = samples(4);
    write(folder.path(), 1, &first, Settings::default()).expect("released");
    let second = (101..=112).map(|number| Sample::new(number, format!("second {number}").repeat(200))).collect();
    (folder, first, second)
}

fn small(disk: Disk) -> Settings {
    Settings { volume_bytes_max: 4_000, disk }
}

#[test]
fn whatever_fails_the_tree_is_the_old_or_the_new_one() {
    let (folder, first, second) = first_release();
    let disk = Disk::recording();
    let whole = write(folder.path(), 2, &second, small(disk.clone())).expect("released");
    assert!(whole.volumes.len() >= 3, "several volumes: {}", whole.volumes.len());
    let steps = disk.records();
    let both: Vec<_> = expected(&first).into_iter().chain(expected(&second)).collect();
    assert_eq!(read(folder.path()), both);

    for at in 0..steps.len() {
        for persisted in [false, true] {
            for after in [After::Alive, After::Dead] {
                for kind in [io::ErrorKind::Other, io::ErrorKind::StorageFull] {
                    let (folder, first, second) = first_release();
                    let fault = Fault { at, persisted, kind, after };
                    let what = format!("{fault:?} at {:?}", steps[at]);
                    let failed = write(folder.path(), 2, &second, small(Disk::failing(fault)));
                    let error = failed.expect_err(&what).to_string();
                    if kind == io::ErrorKind::StorageFull {
                        assert!(error.contains("nothing stored was lost"), "{what}: {error}");
                    }
                    let manifest_renamed = at == steps.len() - 1 || (at == steps.len() - 2 && persisted);
                    let now = read(folder.path());
                    let is_logged = ledger(folder.path()).releases().len() == 2;
                    if manifest_renamed {
                        assert_eq!(now, both, "{what}");
                    } else {
                        assert_eq!(now, expected(&first), "{what}");
                        assert_eq!(
                            is_logged,
                            steps[at].path.ends_with("manifest.json") || is_temporary_manifest(&steps[at].path),
                            "{what}"
                        );
                        write(folder.path(), 2, &second, small(Disk::new())).expect("the second try");
                        assert_eq!(read(folder.path()), both, "{what}");
                    }
                    // The next release finds nothing left over.
                    write(folder.path(), 3, &[Sample::new(500, "x")], Settings::default()).expect("released");
                    let files: Vec<_> = list(&folder.path().join("volume/lake")).expect("listed");
                    let named = PublicTree::open(folder.path()).expect("a tree").volumes().count();
                    assert_eq!(files.len(), named, "{what}: {files:?}");
                }
            }
        }
    }
}

/// The new manifest under its temporary name.
fn is_temporary_manifest(path: &Path) -> bool {
    path.to_string_lossy().ends_with("-manifest.json")
}

#[test]
fn volumes_are_durable_before_the_manifest_names_them() {
    let (folder, _, second) = first_release();
    let disk = Disk::recording();
    write(folder.path(), 2, &second, small(disk.clone())).expect("released");
    let steps = disk.records();
    let last = |operation, name: &str| {
        steps.iter().rposition(|step| step.operation == operation && step.path.ends_with(name)).expect(name)
    };
    let manifest = last(Operation::Rename, "manifest.json");
    assert!(last(Operation::SyncDirectory, "volume/lake") < manifest);
    assert_eq!(manifest, steps.len() - 2);
    assert_eq!(steps[steps.len() - 1].operation, Operation::SyncDirectory);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn any_items_are_read_back(
        items in prop::collection::vec((1_u64..1_000_000, prop::collection::vec(any::<u8>(), 0..3_000), ".{0,40}", any::<Option<i32>>()), 1..30),
        limit in 2_000_u64..50_000,
    ) {
        let mut number = 0;
        let items: Vec<Sample> = items
            .into_iter()
            .map(|(step, bytes, name, date)| {
                number += step;
                Sample { name, date: date.map(|second| Instant(i64::from(second))), ..Sample::new(number, bytes) }
            })
            .collect();
        let folder = tempfile::tempdir().expect("a folder");
        let settings = Settings { volume_bytes_max: limit, ..Settings::default() };
        let release = write(folder.path(), 1, &items, settings).expect("released");
        prop_assert_eq!(release.item_count, items.len() as u64);
        prop_assert_eq!(read(folder.path()), expected(&items));
    }
}
