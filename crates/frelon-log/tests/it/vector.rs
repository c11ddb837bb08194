//! Vectors made by others: by the reference implementation, and those that other crates carry.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use frelon_log::{
    NodeHash, TreeHead,
    merkle::{consistency_proof, inclusion_proof, leaf_hash, verify_consistency, verify_inclusion},
    tile::{Growth, Resource, new_tiles},
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::fixture::{MemoryTree, shared_vectors};

fn from_hex(value: &Value) -> NodeHash {
    NodeHash(hex::decode(value.as_str().unwrap()).unwrap().try_into().unwrap())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[test]
fn the_reference_implementation_makes_the_same_trees() {
    let Some(path) = shared_vectors("tlog.json") else { return };
    let vectors: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let roots = list(&vectors["roots"]);
    let size = roots.iter().map(|root| root["size"].as_u64().unwrap()).max().unwrap();
    let tree = MemoryTree::new((0..size).map(|number| leaf_hash(number.to_string().as_bytes())).collect());
    for root in roots {
        assert_eq!(tree.head(root["size"].as_u64().unwrap()).root, from_hex(&root["root_hex"]), "{root}");
    }
    for vector in list(&vectors["inclusion"]) {
        let (size, index) = (vector["Size"].as_u64().unwrap(), vector["Index"].as_u64().unwrap());
        let proof: Vec<NodeHash> = list(&vector["Proof"]).iter().map(from_hex).collect();
        assert_eq!(inclusion_proof(&tree, index, size).unwrap(), proof);
        let leaf = leaf_hash(index.to_string().as_bytes());
        assert_eq!(verify_inclusion(leaf, index, &proof, tree.head(size)), Ok(()));
    }
    for vector in list(&vectors["consistency"]) {
        let (old, new) = (vector["Old"].as_u64().unwrap(), vector["New"].as_u64().unwrap());
        let proof: Vec<NodeHash> = list(&vector["Proof"]).iter().map(from_hex).collect();
        assert_eq!(consistency_proof(&tree, old, new).unwrap(), proof);
        assert_eq!(verify_consistency(tree.head(old), tree.head(new), &proof), Ok(()));
    }
    // Its paths name the height of tiles too; the rest is the same.
    let paths: Vec<String> = new_tiles(0, 70_000).map(|tile| Resource::Tile(tile).to_string()).collect();
    assert_eq!(paths.len() as u64, vectors["tiles_70000_go_paths_count"].as_u64().unwrap());
    for path in list(&vectors["tiles_70000_last5_go_style"]) {
        let path = path.as_str().unwrap().replace("tile/8/", "tile/");
        assert!(paths.contains(&path), "{path}");
    }
    let mut growth = Growth::new();
    for number in 0..70_000 {
        growth.push(number.to_string().as_bytes(), &mut Vec::new()).unwrap();
    }
    assert_eq!(growth.head(), tree.head(70_000));
    let partial = growth.partial(0);
    let edge = partial.iter().find(|object| object.resource.to_string() == "tile/0/273.p/112").unwrap();
    let hash = from_hex(&vectors["tile_0_273_p112_sha256"]);
    assert_eq!(NodeHash(Sha256::digest(&edge.bytes).into()), hash);
}

/// Where the source of a dependency lies, as Cargo says.
fn source_of(package: &str) -> Option<PathBuf> {
    let arguments = ["metadata", "--format-version", "1", "--offline", "--locked"];
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(manifest).output().ok()?;
    let metadata: Value = serde_json::from_slice(&output.stdout).ok()?;
    let found = list(&metadata["packages"]).iter().find(|found| found["name"] == package)?;
    Path::new(found["manifest_path"].as_str()?).parent().map(Path::to_owned)
}

fn from_base64(value: &Value) -> Option<NodeHash> {
    Some(NodeHash(BASE64.decode(value.as_str().unwrap_or_default()).ok()?.try_into().ok()?))
}

/// A proof; `None` when one of its hashes is none, which a parser refuses.
fn path_of(value: &Value) -> Option<Vec<NodeHash>> {
    list(value).iter().map(from_base64).collect()
}

#[test]
fn the_vectors_of_sigsum_are_judged_as_it_says() {
    let Some(source) = source_of("sigsum") else {
        eprintln!("skipped: needs the source of the crate sigsum");
        return;
    };
    for (file, is_valid) in [("inclusion-valid.json", true), ("inclusion-invalid.json", false)] {
        let text = fs::read(source.join("src/merkle/testdata").join(file)).unwrap();
        let vectors: Value = serde_json::from_slice(&text).unwrap();
        assert!(!list(&vectors).is_empty());
        for vector in list(&vectors) {
            let judged = || {
                let leaf = from_base64(&vector["leaf_hash"])?;
                let (size, root) = (vector["tree_size"].as_u64()?, from_base64(&vector["root_hash"])?);
                let path = path_of(&vector["inclusion_path"])?;
                verify_inclusion(leaf, vector["leaf_index"].as_u64()?, &path, TreeHead { size, root }).ok()
            };
            assert_eq!(judged().is_some(), is_valid, "{vector}");
        }
    }
}

/// All JSON files below a folder.
fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(json_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files
}

/// The vectors of transparency-dev, which the crate `sigstore-merkle` carries. Building it would cost
/// 17 packages, so only its source is used, where `cargo xtask test` or something else brought it.
#[test]
fn the_vectors_of_transparency_dev_are_judged_as_they_say() {
    let beside = source_of("sigsum").and_then(|source| source.parent().map(Path::to_owned));
    let folders = beside.and_then(|beside| fs::read_dir(beside).ok()).into_iter().flatten().flatten();
    let is_it =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("sigstore-merkle-"));
    let Some(source) = folders.map(|entry| entry.path()).filter(is_it).max() else {
        eprintln!("skipped: needs the source of the crate sigstore-merkle");
        return;
    };
    let folder = source.join("test-data/merkle/testdata");
    let (inclusion, consistency) = (json_files(&folder.join("inclusion")), json_files(&folder.join("consistency")));
    assert!(inclusion.len() + consistency.len() >= 195, "some are missing");
    for file in inclusion {
        let vector: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let judged = || {
            let leaf = from_base64(&vector["leafHash"])?;
            let head = TreeHead { size: vector["treeSize"].as_u64()?, root: from_base64(&vector["root"])? };
            verify_inclusion(leaf, vector["leafIdx"].as_u64()?, &path_of(&vector["proof"])?, head).ok()
        };
        assert_eq!(judged().is_none(), vector["wantErr"].as_bool().unwrap(), "{}", file.display());
    }
    let mut careless = 0;
    for file in consistency {
        let vector: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let (old, new) = (vector["size1"].as_u64().unwrap(), vector["size2"].as_u64().unwrap());
        // Two say that roots of equal trees need not be looked at, and have roots that are no hashes.
        // Here they are looked at, and are hashes by their type.
        if vector["wantErr"] == false && from_base64(&vector["root1"]).is_none() {
            careless += 1;
            continue;
        }
        let judged = || {
            let old = TreeHead { size: old, root: from_base64(&vector["root1"])? };
            let new = TreeHead { size: new, root: from_base64(&vector["root2"])? };
            verify_consistency(old, new, &path_of(&vector["proof"])?).ok()
        };
        assert_eq!(judged().is_none(), vector["wantErr"].as_bool().unwrap(), "{}", file.display());
    }
    assert_eq!(careless, 2);
}
