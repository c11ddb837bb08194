//! Hostile volumes: each a good one with one thing changed, or bytes from nowhere.

use std::{fs, path::Path};

use frelon_model::{ContentHash, ItemNumber};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::*;
use crate::{
    Opening, PublicTree, ReadError,
    release::{self, sample as support},
};

/// A volume of five items, as bytes.
fn good() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let items: Vec<_> =
        (1..=5).map(|n| support::Sample::new(n, format!("Subject: {n}\n\n").repeat(n as usize))).collect();
    support::write(folder.path(), 1, &items, release::Settings::default()).expect("released");
    fs::read(folder.path().join("volume/lake/1.1.zip")).expect("the volume")
}

/// What comes out of a volume: numbers of the items that are whole, and the bad entries.
fn read(bytes: &[u8]) -> Result<(Vec<u64>, Vec<BadEntry>), ReadError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("volume.zip");
    fs::write(&path, bytes).expect("written");
    let mut reader = Reader::open(&path)?;
    let (mut numbers, mut bad) = (Vec::new(), Vec::new());
    while let Some(item) = reader.next_item() {
        match item {
            Ok(item) => match item.content() {
                Ok(_) => numbers.push(item.head.number.0),
                Err(error) => bad.push(BadEntry { entry: item.head.path.to_string(), reason: error.to_string() }),
            },
            Err(entry) => bad.push(entry),
        }
    }
    Ok((numbers, bad))
}

/// Where the nth occurrence of a piece begins.
fn find(bytes: &[u8], piece: &[u8], nth: usize) -> usize {
    let mut places = bytes.windows(piece.len()).enumerate().filter(|(_, window)| *window == piece);
    places.nth(nth).expect("it occurs").0
}

/// Offset of the local and of the central header of an item.
fn headers(bytes: &[u8], number: u64) -> (usize, usize) {
    let name = format!("items/{number}.eml");
    (find(bytes, name.as_bytes(), 0) - entry::LOCAL_BYTES, find(bytes, name.as_bytes(), 1) - entry::CENTRAL_BYTES)
}

#[test]
fn a_good_volume_has_no_bad_entry() {
    assert_eq!(read(&good()).expect("a volume"), (vec![1, 2, 3, 4, 5], vec![]));
}

#[test]
fn one_bad_entry_is_named_and_the_others_are_read() {
    let (local, central) = headers(&good(), 3);
    type Change = fn(&mut Vec<u8>, usize, usize);
    let cases: [(&str, Change); 11] = [
        ("a flipped bit in the data", |bytes, local, _| bytes[local + 30 + 11 + 3] ^= 0x10),
        ("another method", |bytes, local, central| {
            bytes[local + 8] = 0;
            bytes[central + 10] = 0;
        }),
        ("methods that contradict", |bytes, _, central| bytes[central + 10] = 0),
        ("encrypted", |bytes, _, central| bytes[central + 8] = 1),
        ("a size beyond deflate", |bytes, _, central| bytes[central + 26] = 0xff),
        ("a size beyond the limit", |bytes, _, central| bytes[central + 27] = 0xff),
        ("a stream beyond the directory", |bytes, _, central| {
            bytes[central + 22] = 0x01;
            bytes[central + 26] = 0x01;
        }),
        ("an offset out of the file", |bytes, _, central| bytes[central + 45] = 0x7f),
        ("an offset into the item before", |bytes, _, central| bytes[central + 42] ^= 1),
        ("another size than the opening", |bytes, _, central| bytes[central + 24] ^= 1),
        ("a local name that contradicts", |bytes, local, _| bytes[local + 30 + 6] = b'9'),
    ];
    for (what, change) in cases {
        let mut bytes = good();
        change(&mut bytes, local, central);
        let (numbers, bad) = read(&bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(numbers, [1, 2, 4, 5], "{what}: {bad:?}");
        assert_eq!(bad.len(), 1, "{what}: {bad:?}");
        assert_eq!(bad[0].entry, "items/3.eml", "{what}");
    }
}

#[test]
fn names_that_do_not_belong_are_named() {
    for (name, shown) in
        [(b"items/2.eml", "items/2.eml"), (b"../../x.eml", "../../x.eml"), (b"items\n3.em\0", "items\\n3.em\\0")]
    {
        let mut bytes = good();
        let (local, central) = headers(&bytes, 3);
        bytes[local + 30..local + 41].copy_from_slice(name);
        bytes[central + 46..central + 57].copy_from_slice(name);
        let (numbers, bad) = read(&bytes).expect("a volume");
        assert!(bad.iter().any(|bad| bad.entry == shown), "{bad:?}");
        assert!(numbers.starts_with(&[1, 2]));
    }
}

#[test]
fn two_entries_for_the_same_bytes_are_refused() {
    let mut bytes = good();
    let (_, second) = headers(&bytes, 2);
    let (_, third) = headers(&bytes, 3);
    let offset: [u8; 4] = bytes[second + 42..second + 46].try_into().expect("four bytes");
    bytes[third + 42..third + 46].copy_from_slice(&offset);
    let (numbers, bad) = read(&bytes).expect("a volume");
    assert_eq!((numbers, bad.len()), (vec![1, 2, 4, 5], 1));
}

#[test]
fn broken_openings_are_named_with_every_item_they_cost() {
    let name = b"openings.jsonl";
    let places: Vec<usize> =
        good().windows(name.len()).enumerate().filter(|(_, w)| w == name).map(|(at, _)| at).collect();
    // The README mentions the name; the last two places are the local and the central header.
    let [.., local, central] = places[..] else { panic!("two headers at least") };
    let mut bytes = good();
    bytes[local + name.len()..][..20].fill(0xff);
    let (numbers, bad) = read(&bytes).expect("a volume");
    assert!(numbers.is_empty());
    assert_eq!(bad.len(), 6, "five items and the openings: {bad:?}");

    let mut bytes = good();
    for at in [local, central] {
        bytes[at] = b'O';
    }
    let (numbers, bad) = read(&bytes).expect("a volume");
    assert!(numbers.is_empty());
    assert!(bad.iter().any(|bad| bad.entry == "Openings.jsonl"), "{bad:?}");
    assert!(bad.iter().any(|bad| bad.reason.contains("no openings.jsonl")), "{bad:?}");
}

#[test]
fn what_is_no_volume_is_refused_as_a_whole() {
    let bytes = good();
    for length in [0, 1, 21, bytes.len() / 2, bytes.len() - 1] {
        assert!(matches!(read(&bytes[..length]), Err(ReadError::Damaged { .. })), "{length} bytes");
    }
    let missing = Reader::open(Path::new("no/such/volume.zip"));
    assert!(matches!(missing, Err(ReadError::Io { .. })));
    // An end that promises more entries than there can be.
    let mut many = bytes.clone();
    let end = many.len() - 22;
    many[end + 8..end + 12].fill(0xfe);
    assert!(matches!(read(&many), Err(ReadError::Damaged { .. })));
}

#[test]
fn a_swapped_item_is_found_by_the_check_of_the_tree() {
    let folder = tempfile::tempdir().expect("a folder");
    let items: Vec<_> = (1..=3).map(|n| support::Sample::new(n, format!("message {n}"))).collect();
    support::write(folder.path(), 1, &items, release::Settings::default()).expect("released");
    // A forger makes a whole new volume with another second message, and keeps the manifest.
    let other = tempfile::tempdir().expect("a folder");
    let forged: Vec<_> =
        (1..=3).map(|n| support::Sample::new(n, format!("{}essage {n}", if n == 2 { 'M' } else { 'm' }))).collect();
    support::write(other.path(), 1, &forged, release::Settings::default()).expect("released");
    fs::copy(other.path().join("volume/lake/1.1.zip"), folder.path().join("volume/lake/1.1.zip")).expect("copied");
    let report = PublicTree::open(folder.path()).expect("a tree").verify(std::num::NonZero::<usize>::MIN);
    assert!(!report.is_clean());
    assert!(report.findings[0].reason.contains("the manifest says"), "{}", report.findings[0]);
    fs::remove_file(folder.path().join("volume/lake/1.1.zip")).expect("removed");
    let report = PublicTree::open(folder.path()).expect("a tree").verify(std::num::NonZero::<usize>::MIN);
    assert!(report.finding_count >= 2, "{:?}", report.findings);
}

#[test]
fn long_lines_and_missing_lines_are_bounded() {
    let opening = Opening {
        salt: [1; 32],
        content: ContentHash(Sha256::digest("x").into()),
        size_bytes: 1,
        media_type: "text/plain".into(),
        name: String::new(),
        date: None,
    };
    let sample = support::Sample::new(1, "x");
    let meta = Meta { path: ItemPath::new(ItemNumber(1), "text/plain"), size_bytes: 1, crc32: crc32fast::hash(b"x") };
    for line in [format!("{}{}", " ".repeat(200_000), opening.to_line()), "{}".to_owned(), "\n\n".to_owned()] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("v.zip");
        let mut writer = Writer::create(&frelon_durable::Disk::new(), &path, "about").expect("created");
        writer.add(&meta, &sample.deflated, line.as_bytes()).expect("added");
        writer.finish().expect("written").expect("one item");
        let (numbers, bad) = read(&fs::read(&path).expect("read")).expect("a volume");
        assert!(numbers.is_empty() && !bad.is_empty(), "{bad:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_change_makes_the_reader_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20), cut in any::<prop::sample::Index>(), whole in any::<bool>()) {
        let mut bytes = good();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if !whole {
            bytes.truncate(cut.index(bytes.len()));
        }
        // Whatever comes out whole is what was published.
        if let Ok((numbers, _)) = read(&bytes) {
            prop_assert!(numbers.iter().all(|number| (1..=5).contains(number)));
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        drop(read(&bytes));
    }
}

/// A tree with one volume of nine items.
fn nine() -> (tempfile::TempDir, Vec<u8>) {
    let folder = tempfile::tempdir().expect("a folder");
    let items: Vec<_> =
        (1..=9).map(|n| support::Sample::new(n, format!("Subject: {n}\n\n").repeat(n as usize * 40))).collect();
    support::write(folder.path(), 1, &items, release::Settings::default()).expect("released");
    let bytes = fs::read(folder.path().join(VOLUME)).expect("the volume");
    (folder, bytes)
}

const VOLUME: &str = "volume/lake/1.1.zip";

fn take(public: &Path, numbers: &[u64]) -> Option<crate::VolumeEntry> {
    let numbers = numbers.iter().map(|number| ItemNumber(*number)).collect();
    without(public, VOLUME, &numbers, &frelon_durable::Disk::new()).expect("rewritten")
}

/// Number, line and stream of every item.
fn streams(public: &Path) -> Vec<(u64, Vec<u8>, Vec<u8>)> {
    let mut reader = Reader::open(&public.join(VOLUME)).expect("a volume");
    let mut found = Vec::new();
    while let Some(item) = reader.next_item() {
        let item = item.expect("a good item");
        item.content().expect("its bytes");
        found.push((item.head.number.0, item.head.opening_line.clone(), item.deflated.to_vec()));
    }
    found
}

#[test]
fn a_volume_without_an_item_is_the_same_whoever_makes_it_and_in_whatever_order() {
    let (all, whole) = nine();
    let before = streams(all.path());
    let line = before[3].1.clone();
    let facts = take(all.path(), &[1, 4, 9, 77]).expect("six are left");
    assert_eq!((facts.first, facts.last), (ItemNumber(2), ItemNumber(8)));
    assert_eq!(facts, super::facts(all.path(), VOLUME).expect("a volume"));
    let kept: Vec<_> = before.into_iter().filter(|item| ![1, 4, 9].contains(&item.0)).collect();
    assert_eq!(streams(all.path()), kept, "streams and lines are copied unchanged");
    let bytes = fs::read(all.path().join(VOLUME)).expect("the volume");
    assert!(!bytes.windows(line.len()).any(|window| window == line), "nothing of the opening is left");
    let (steps, _) = nine();
    for number in [9, 4, 1] {
        take(steps.path(), &[number]);
    }
    assert!(fs::read(steps.path().join(VOLUME)).expect("the volume") == bytes);
    // Nothing to take: nothing is written.
    let (same, _) = nine();
    take(same.path(), &[77]);
    assert!(fs::read(same.path().join(VOLUME)).expect("the volume") == whole);
    release::tests::outsiders_agree(&all.path().join(VOLUME), 8);
    assert_eq!(take(all.path(), &[2, 3, 5, 6, 7, 8]), None);
    assert!(!all.path().join(VOLUME).exists());
    assert_eq!(take(all.path(), &[2]), None, "and again");
}

#[test]
fn restored_items_are_back_at_their_place() {
    let (folder, _) = nine();
    let before = streams(folder.path());
    let back = |numbers: &[u64]| -> std::collections::BTreeMap<ItemNumber, Restored> {
        let chosen = before.iter().filter(|item| numbers.contains(&item.0)).cloned();
        chosen.map(|(n, opening_line, deflated)| (ItemNumber(n), Restored { opening_line, deflated })).collect()
    };
    let put = |numbers: &[u64], title: &str| {
        let (none, disk) = (Default::default(), frelon_durable::Disk::new());
        rewrite(folder.path(), VOLUME, title, &none, &back(numbers), &disk).expect("rewritten").expect("not empty")
    };
    take(folder.path(), &[1, 5, 9]);
    put(&[1, 2, 9], "");
    let numbers: Vec<u64> = streams(folder.path()).iter().map(|item| item.0).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 6, 7, 8, 9]);
    put(&[5], "");
    assert_eq!(streams(folder.path()), before);
    take(folder.path(), &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
    put(&[3, 4], "The lake papers");
    assert_eq!(streams(folder.path()), before[2..4]);
    release::tests::outsiders_agree(&folder.path().join(VOLUME), 4);
    let mut bad = back(&[5]);
    bad.get_mut(&ItemNumber(5)).expect("there").deflated[3] ^= 1;
    let refused = rewrite(folder.path(), VOLUME, "", &Default::default(), &bad, &frelon_durable::Disk::new());
    assert!(matches!(refused, Err(crate::WriteError::Unfit { .. })), "{refused:?}");
    assert_eq!(streams(folder.path()), before[2..4], "and nothing was written");
}
