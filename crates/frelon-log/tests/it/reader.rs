//! Reading through tiles: what verifies is given, what does not is not, whatever byte is changed.

use std::collections::BTreeMap;

use frelon_log::{
    TreeHead,
    merkle::{consistency_proof, inclusion_proof, leaf_hash, root_at, verify_consistency, verify_inclusion},
    tile::{Growth, ReadError, Resource, TileSource, TreeReader},
};

use crate::fixture::{MemoryTree, entries};

#[derive(Clone, Default)]
struct Files(BTreeMap<String, Vec<u8>>);

impl TileSource for Files {
    type Error = String;

    fn read(&self, resources: &[Resource]) -> Result<Vec<Vec<u8>>, String> {
        let read = |resource: &Resource| {
            // As a source may: the full tile where the partial one is gone.
            let found = self.0.get(&resource.to_string()).or_else(|| self.0.get(&resource.full().to_string()));
            found.cloned().ok_or_else(|| resource.to_string())
        };
        resources.iter().map(read).collect()
    }
}

/// A log written in one go.
fn log(entries: &[Vec<u8>]) -> (Files, TreeHead) {
    let mut growth = Growth::new();
    let mut objects = Vec::new();
    for entry in entries {
        growth.push(entry, &mut objects).unwrap();
    }
    objects.extend(growth.partial(0));
    let files = objects.into_iter().map(|object| (object.resource.to_string(), object.bytes)).collect();
    (Files(files), growth.head())
}

#[test]
fn proofs_and_entries_come_out_of_tiles() {
    for size in [0, 1, 2, 255, 256, 257, 511, 512, 700, 65_535, 65_536, 65_537, 66_000] {
        let entries = entries("e", size);
        let (files, head) = log(&entries);
        let memory = MemoryTree::new(entries.iter().map(|entry| leaf_hash(entry)).collect());
        assert_eq!(head, memory.head(size));
        let tree = TreeReader::open(&files, head).unwrap();
        for index in (0..size).step_by(97).chain(size.checked_sub(1)) {
            let proof = inclusion_proof(&tree, index, size).unwrap();
            assert_eq!(proof, inclusion_proof(&memory, index, size).unwrap());
            let leaf = leaf_hash(&entries[usize::try_from(index).unwrap()]);
            assert_eq!(verify_inclusion(leaf, index, &proof, head), Ok(()));
        }
        for old in (1..=size).step_by(1 + usize::try_from(size / 50).unwrap()) {
            let proof = consistency_proof(&tree, old, size).unwrap();
            let old = TreeHead { size: old, root: root_at(&tree, old).unwrap() };
            assert_eq!(verify_consistency(old, head, &proof), Ok(()));
        }
        let read: Vec<Vec<u8>> = (0..size.div_ceil(256)).flat_map(|index| tree.entries(index).unwrap()).collect();
        assert_eq!(read, entries);
        assert_eq!(tree.entries(size.div_ceil(256)), Err(ReadError::Outside(size)));
        let grown = Growth::after(&tree).unwrap();
        assert_eq!(grown.head(), head);
    }
}

#[test]
fn full_tiles_stand_in_for_partial_ones() {
    let entries = entries("e", 1000);
    let (mut files, _) = log(&entries);
    let memory = MemoryTree::new(entries.iter().map(|entry| leaf_hash(entry)).collect());
    // Tiles of the smaller sizes were never written, only the full ones that came later.
    for size in [1, 100, 300, 767] {
        files.0.retain(|path, _| path != "tile/1/000.p/1");
        let head = memory.head(size);
        let upper = TreeReader::open(&files, head);
        if size < 256 {
            let tree = upper.unwrap();
            assert_eq!(tree.entries(0).unwrap(), entries[..usize::try_from(size).unwrap()]);
        } else {
            // The upper edge of that size is neither there nor full.
            assert!(matches!(upper, Err(ReadError::Source(_))));
        }
    }
}

#[test]
fn no_changed_byte_leaves() {
    let entries = entries("e", 1000);
    let (files, head) = log(&entries);
    for path in files.0.keys() {
        let length = files.0[path].len();
        for at in (0..length).step_by(1 + length / 40) {
            let mut changed = files.clone();
            changed.0.get_mut(path).unwrap()[at] ^= 0x10;
            // All that can be read must be right, and something must be refused.
            let mut is_refused = false;
            match TreeReader::open(&changed, head) {
                Err(ReadError::WrongRoot) => is_refused = true,
                Err(other) => panic!("{other}"),
                Ok(tree) => {
                    for index in 0..4 {
                        match tree.entries(index) {
                            Ok(read) => {
                                let from = usize::try_from(index * 256).unwrap();
                                assert_eq!(read, entries[from..from + read.len()]);
                            }
                            Err(ReadError::Unverified(resource)) => {
                                assert_eq!(resource.to_string(), *path);
                                is_refused = true;
                            }
                            Err(other) => panic!("{other}"),
                        }
                    }
                }
            }
            assert!(is_refused, "{path} at {at}");
        }
        for bytes in [vec![], files.0[path][1..].to_vec(), [&files.0[path][..], b"\0"].concat(), vec![0; 8192]] {
            let mut changed = files.clone();
            changed.0.insert(path.clone(), bytes);
            let is_good =
                TreeReader::open(&changed, head).is_ok_and(|tree| (0..4).all(|index| tree.entries(index).is_ok()));
            assert!(!is_good, "{path} with another length");
        }
    }
}

#[test]
fn a_head_that_is_not_of_these_tiles_is_refused() {
    let (files, head) = log(&entries("e", 300));
    let other = TreeHead { size: 300, root: leaf_hash(b"another") };
    assert!(matches!(TreeReader::open(&files, other), Err(ReadError::WrongRoot)));
    assert!(matches!(TreeReader::open(&files, TreeHead { size: u64::MAX, ..head }), Err(ReadError::Outside(_))));
    assert!(TreeReader::open(&files, TreeHead { size: 301, ..head }).is_err());
    assert!(TreeReader::open(&files, TreeHead { size: 1 << 62, ..head }).is_err());
}
