use std::fs;

use frelon_model::{Place, Tranche};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::{Collection, Form, FoundFailure, NewItem, Position, Reader};
use frelon_deflate::Deflater;

const SECRET: &str = "the heron letter nobody may read again";

fn letters() -> CollectionId {
    CollectionId::new("letters").expect("a good name")
}

fn place(offset_bytes: u64) -> Place {
    Place { file: "box".to_owned(), inner: String::new(), offset_bytes }
}

/// A vault with three items, the second of which is the secret.
fn vault(folder: &Path) -> Vault {
    let mut vault = Vault::open(folder).expect("a vault");
    let collection = Collection { id: letters(), title: String::new(), about: String::new() };
    vault.ensure_collection(&collection, Instant(1)).expect("stored");
    let mut accession = vault.begin(&letters(), &["box".to_owned()], Instant(1)).expect("begun");
    for (index, text) in ["first", SECRET, "third"].into_iter().enumerate() {
        let mut packed = Vec::new();
        Deflater::default().deflate(text.as_bytes(), &mut packed);
        let item = NewItem {
            content: ContentHash(Sha256::digest(text).into()),
            size_bytes: text.len() as u64,
            crc32: 0,
            media_type: "text/plain",
            name: text,
            sent_at: Some(Instant(77)),
            packed: &packed,
        };
        let form = Form { kind: "file", head: text.as_bytes(), tail: b"" };
        accession.add(&item, 0, &place(index as u64), form).expect("stored");
    }
    let note = FoundFailure { reason: "note", message: SECRET, taken: true, raw: None };
    accession.add_failure(note, 0, &place(1)).expect("stored");
    accession.finish(&Position::default(), Instant(2)).expect("finished");
    vault
}

fn holds_secret(folder: &Path) -> bool {
    let mut packed = Vec::new();
    Deflater::default().deflate(SECRET.as_bytes(), &mut packed);
    let hash: [u8; 32] = Sha256::digest(SECRET).into();
    let holds = |path: &Path| {
        let bytes = fs::read(path).expect("readable");
        let within = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        // The hash stays on the deny list alone, which is looked at elsewhere.
        within(SECRET.as_bytes()) || within(&packed) || (path.ends_with("1.1.pack") && within(&hash))
    };
    let files = ["vault/vault.sqlite", "vault/vault.sqlite-wal", "vault/pack/1.1.pack"];
    files.iter().map(|file| folder.join(file)).any(|path| path.exists() && holds(&path))
}

#[test]
fn what_is_erased_is_in_no_file_and_does_not_come_back() {
    let folder = tempfile::tempdir().expect("room");
    let mut vault = vault(folder.path());
    let kept = KeptOpening { number: ItemNumber(2), volume: "v".to_owned(), opening: SECRET.as_bytes().to_vec() };
    vault.keep_opening(&letters(), &kept).expect("kept");
    assert_eq!(vault.kept_openings(&letters()).expect("read"), [kept]);
    assert!(holds_secret(folder.path()));
    vault.erase(&letters(), &[ItemNumber(2)], Instant(9)).expect("erased");
    vault.erase(&letters(), &[ItemNumber(2)], Instant(10)).expect("again");
    assert!(!holds_secret(folder.path()), "while it is open");
    assert!(vault.is_erased(&letters(), ItemNumber(2)).expect("read"));
    assert!(!vault.is_erased(&letters(), ItemNumber(1)).expect("read"));
    assert!(vault.kept_openings(&letters()).expect("read").is_empty());
    {
        let mut accession = vault.begin(&letters(), &["box".to_owned()], Instant(3)).expect("begun");
        let content = ContentHash(Sha256::digest(SECRET).into());
        assert!(accession.is_denied(&content).expect("read"));
        assert_eq!(accession.find(&content).expect("read"), None);
        assert!(!accession.is_denied(&ContentHash([0; 32])).expect("read"));
    }
    drop(vault);
    assert!(!holds_secret(folder.path()), "after it was closed");
    let mut reader = Reader::open(folder.path()).expect("a vault");
    assert!(reader.places_of(&letters(), ItemNumber(2)).expect("read").is_empty());
    for number in [1, 3] {
        let item = reader.item(&letters(), ItemNumber(number)).expect("there");
        assert!(!reader.bytes(&item).expect("whole").is_empty());
    }
    let item = reader.item(&letters(), ItemNumber(2)).expect("its number stays");
    assert_eq!((item.size_bytes, item.packed_bytes(), item.name.as_str()), (0, 0, ""));
    assert_eq!(item.tranche, None::<Tranche>);
}

#[test]
fn an_opening_is_kept_until_it_is_dropped() {
    let folder = tempfile::tempdir().expect("room");
    let mut vault = vault(folder.path());
    let kept = KeptOpening { number: ItemNumber(1), volume: "v".to_owned(), opening: b"{}".to_vec() };
    vault.keep_opening(&letters(), &kept).expect("kept");
    vault.drop_opening(&letters(), ItemNumber(1)).expect("dropped");
    assert!(vault.kept_openings(&letters()).expect("read").is_empty());
}
