use proptest::prelude::*;

use super::*;

fn tile(level: u8, index: u64, width: u16) -> Resource {
    Resource::Tile(Tile { level, index, width })
}

#[test]
fn paths_are_those_of_the_specification() {
    for (resource, path) in [
        (tile(0, 0, 256), "tile/0/000"),
        (tile(0, 273, 112), "tile/0/273.p/112"),
        (tile(1, 999, 256), "tile/1/999"),
        (tile(1, 1000, 1), "tile/1/x001/000.p/1"),
        (tile(63, 1_234_067, 255), "tile/63/x001/x234/067.p/255"),
        (tile(2, u64::MAX, 256), "tile/2/x018/x446/x744/x073/x709/x551/615"),
        (Resource::Bundle(Bundle { index: 1_234_067, width: 256 }), "tile/entries/x001/x234/067"),
        (Resource::Bundle(Bundle { index: 7, width: 3 }), "tile/entries/007.p/3"),
    ] {
        assert_eq!(resource.to_string(), path);
        assert_eq!(path.parse(), Ok(resource));
    }
}

#[test]
fn each_place_has_one_path() {
    for bad in [
        "",
        "checkpoint",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "/tile/0/000",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/00a",
        "tile/0/+00",
        "tile/0/x000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001/x002",
        "tile/0/x1/002",
        "tile/0/X001/002",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/data/000",
        "tile/8/0/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000.p/1/",
        "tile/0/000.p/1.p/1",
        "tile/0/000.p",
        "tile/0/000/",
        "tile/0//000",
        "tile/0/../000",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/0/x001/x000/x000/x000/x000/x000/x000/000",
        "tile/entries/0/000",
    ] {
        assert!(bad.parse::<Resource>().is_err(), "{bad}");
    }
}

#[test]
fn a_tree_of_70000_has_the_tiles_of_the_specification() {
    let tiles: Vec<Tile> = new_tiles(0, 70_000).collect();
    assert_eq!(tiles.len(), 277);
    let last: Vec<String> = tiles.iter().rev().take(5).map(|tile| Resource::Tile(*tile).to_string()).collect();
    assert_eq!(last, ["tile/2/000.p/1", "tile/1/001.p/17", "tile/1/000", "tile/0/273.p/112", "tile/0/272"]);
    let at_256: Vec<String> = new_tiles(0, 256).map(|tile| Resource::Tile(tile).to_string()).collect();
    assert_eq!(at_256, ["tile/0/000", "tile/1/000.p/1"]);
    assert_eq!(new_tiles(70_000, 70_000).count(), 0);
    assert!(new_tiles(TREE_SIZE_MAX - 1, TREE_SIZE_MAX).count() <= 8);
}

#[test]
fn bundles_round_trip_and_what_is_cut_off_is_refused() {
    let entries: Vec<Vec<u8>> = (0..256).map(|length| vec![7; length * 3]).collect();
    let mut bundle = Vec::new();
    for entry in &entries {
        append_entry(&mut bundle, entry).unwrap();
    }
    assert_eq!(decode_bundle(&bundle).unwrap(), entries);
    assert!(decode_bundle(&bundle[..bundle.len() - 1]).is_err());
    let mut more = bundle.clone();
    append_entry(&mut more, b"").unwrap();
    assert!(decode_bundle(&more).is_err(), "257 entries");
    assert!(decode_bundle(&[0]).is_err());
    assert!(decode_bundle(&[0, 1]).is_err());
    assert_eq!(decode_bundle(&[]).unwrap().len(), 0);
    let before = bundle.clone();
    assert_eq!(append_entry(&mut bundle, &[0; 65_536]), Err(EntryTooLong { size_bytes: 65_536 }));
    assert_eq!(bundle, before, "nothing is added");
    append_entry(&mut bundle, &[0; 65_535]).unwrap();
}

proptest! {
    #[test]
    fn paths_round_trip(level in 0u8..64, index: u64, width in 1u16..=256, is_entries: bool) {
        let resource = if is_entries { Resource::Bundle(Bundle { index, width }) } else { tile(level, index, width) };
        prop_assert_eq!(resource.to_string().parse(), Ok(resource));
    }

    #[test]
    fn any_text_is_a_path_of_one_spelling_or_none(path in "(tile/)?[0-9x/.p]{0,20}") {
        if let Ok(resource) = path.parse::<Resource>() {
            prop_assert_eq!(resource.to_string(), path);
        }
    }

    #[test]
    fn growth_writes_what_new_tiles_lists(old in 0u64..1500, more in 0u64..1500) {
        let mut growth = Growth::new();
        let mut objects = Vec::new();
        for number in 0..old {
            growth.push(&number.to_be_bytes(), &mut objects).unwrap();
        }
        objects.clear();
        for number in old..old + more {
            growth.push(&number.to_be_bytes(), &mut objects).unwrap();
        }
        objects.extend(growth.partial(old));
        let mut written: Vec<Tile> = objects.iter().filter_map(|object| match object.resource {
            Resource::Tile(tile) => Some(tile),
            Resource::Bundle(_) => None,
        }).collect();
        written.sort();
        let mut listed: Vec<Tile> = new_tiles(old, old + more).collect();
        listed.sort();
        prop_assert_eq!(written, listed);
        let bundles = objects.iter().filter(|object| matches!(object.resource, Resource::Bundle(_)));
        prop_assert_eq!(bundles.count(), new_tiles(old, old + more).filter(|tile| tile.level == 0).count());
    }
}
