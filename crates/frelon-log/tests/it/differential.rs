//! The same questions to other implementations, and the same answers.

use ct_merkle::{InclusionProof, RootHash, mem_backed_tree::MemoryBackedTree};
use frelon_log::{
    Checkpoint, NodeHash, Note, Signer, TreeHead, Verifier,
    merkle::{consistency_proof, inclusion_proof, leaf_hash, verify_consistency, verify_inclusion},
    tile::{Resource, Tile, new_tiles},
};
use proptest::prelude::*;
use sha2::Sha256;

use crate::fixture::MemoryTree;

fn entries(count: u64) -> Vec<Vec<u8>> {
    (0..count).map(|number| number.to_string().into_bytes()).collect()
}

fn tree(count: u64) -> MemoryTree {
    MemoryTree::new(entries(count).iter().map(|entry| leaf_hash(entry)).collect())
}

fn theirs(hash: NodeHash) -> tlog_tiles::Hash {
    tlog_tiles::Hash(hash.0)
}

/// How a proof is spoilt.
#[derive(Debug, Clone)]
enum Spoil {
    Nothing,
    Bit(usize, usize),
    Drop(usize),
    Double(usize),
    Swap(usize, usize),
    Add,
    Place(u64),
    Size(u64),
    Root,
}

fn spoil() -> impl Strategy<Value = Spoil> {
    prop_oneof![
        Just(Spoil::Nothing),
        (any::<usize>(), 0usize..256).prop_map(|(at, bit)| Spoil::Bit(at, bit)),
        any::<usize>().prop_map(Spoil::Drop),
        any::<usize>().prop_map(Spoil::Double),
        any::<(usize, usize)>().prop_map(|(one, two)| Spoil::Swap(one, two)),
        Just(Spoil::Add),
        (0u64..700).prop_map(Spoil::Place),
        (0u64..1400).prop_map(Spoil::Size),
        Just(Spoil::Root),
    ]
}

/// Spoils a proof, a place and a head.
fn apply(spoil: &Spoil, proof: &mut Vec<NodeHash>, place: &mut u64, head: &mut TreeHead) {
    let length = proof.len();
    match spoil {
        Spoil::Bit(at, bit) if length > 0 => proof[at % length].0[bit / 8] ^= 1 << (bit % 8),
        Spoil::Drop(at) if length > 0 => drop(proof.remove(at % length)),
        Spoil::Double(at) if length > 0 => proof.insert(at % length, proof[at % length]),
        Spoil::Swap(one, two) if length > 0 => proof.swap(one % length, two % length),
        Spoil::Add => proof.push(head.root),
        Spoil::Place(other) => *place = *other,
        Spoil::Size(other) => head.size = *other,
        Spoil::Root => head.root.0[0] ^= 1,
        _ => {}
    }
}

proptest! {
    // Two implementations judge each proof, good and spoilt: some thousands of negative vectors.
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn inclusion_is_judged_alike(size in 1u64..600, at: prop::sample::Index, spoil in spoil()) {
        let (tree, mut index) = (tree(size), at.index(usize::try_from(size).unwrap()) as u64);
        let mut head = tree.head(size);
        let entry = index.to_string().into_bytes();
        let mut proof = inclusion_proof(&tree, index, size).unwrap();
        let before = (proof.clone(), index, head);
        apply(&spoil, &mut proof, &mut index, &mut head);
        let ours = verify_inclusion(leaf_hash(&entry), index, &proof, head).is_ok();
        prop_assert!(ours || (proof.clone(), index, head) != before, "a good proof is refused");

        let bytes = proof.iter().flat_map(|hash| hash.0).collect();
        let root = RootHash::<Sha256>::new(head.root.0.into(), head.size);
        let ct = root.verify_inclusion(&entry, index, &InclusionProof::from_bytes(bytes)).is_ok();
        prop_assert_eq!(ours, ct, "ct-merkle");

        let proof = proof.iter().map(|hash| theirs(*hash)).collect();
        let leaf = tlog_tiles::record_hash(&entry);
        let tiles = tlog_tiles::check_record(&proof, head.size, theirs(head.root), index, leaf).is_ok();
        prop_assert_eq!(ours, tiles, "tlog_tiles");
    }

    #[test]
    fn consistency_is_judged_alike(new_size in 1u64..600, at: prop::sample::Index, spoil in spoil()) {
        let (tree, mut old_size) = (tree(new_size), at.index(usize::try_from(new_size).unwrap()) as u64 + 1);
        let (root, mut new) = (tree.head(old_size).root, tree.head(new_size));
        let mut proof = consistency_proof(&tree, old_size, new_size).unwrap();
        let before = (proof.clone(), old_size, new);
        apply(&spoil, &mut proof, &mut old_size, &mut new);
        let old = TreeHead { size: old_size, root };
        let ours = verify_consistency(old, new, &proof).is_ok();
        prop_assert!(ours || (proof.clone(), old_size, new) != before, "a good proof is refused");
        // From nothing the other has no opinion.
        prop_assume!(old.size > 0);
        let proof = proof.iter().map(|hash| theirs(*hash)).collect();
        let tiles = tlog_tiles::check_tree(&proof, new.size, theirs(new.root), old.size, theirs(old.root)).is_ok();
        prop_assert_eq!(ours, tiles, "tlog_tiles");
    }

    #[test]
    fn the_same_proofs_are_made(size in 1u64..600, at: prop::sample::Index) {
        let mut other = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        entries(size).into_iter().for_each(|entry| other.push(entry));
        let tree = tree(size);
        let index = at.index(usize::try_from(size).unwrap());
        let root: [u8; 32] = (*other.root().as_bytes()).into();
        prop_assert_eq!(NodeHash(root), tree.head(size).root);
        let ours: Vec<u8> =
            inclusion_proof(&tree, index as u64, size).unwrap().iter().flat_map(|hash| hash.0).collect();
        prop_assert_eq!(ours, other.prove_inclusion(index).as_bytes().to_vec());
        if index > 0 {
            let ours = consistency_proof(&tree, size - index as u64, size).unwrap();
            let ours: Vec<u8> = ours.iter().flat_map(|hash| hash.0).collect();
            prop_assert_eq!(ours, other.prove_consistency(index).as_bytes().to_vec());
        }
    }

    #[test]
    fn the_same_tiles_are_new(old in 0u64..200_000, more in 0u64..200_000) {
        let mut ours: Vec<String> = new_tiles(old, old + more).map(|tile| Resource::Tile(tile).to_string()).collect();
        // Their paths name the height; their lists have tiles of full width where the edge is full.
        let mut others: Vec<String> = tlog_tiles::Tile::new_tiles(8, old, old + more)
            .iter()
            .map(|tile| tile.path().replacen("tile/8/", "tile/", 1))
            .collect();
        ours.sort();
        others.sort();
        prop_assert_eq!(ours, others);
    }

    #[test]
    fn paths_are_the_same(level in 0u8..63, index in 0u64..i64::MAX as u64, width in 1u16..=256) {
        let ours = Resource::Tile(Tile { level, index, width }).to_string();
        let other = tlog_tiles::Tile::new(8, level, index, u32::from(width), false);
        prop_assert_eq!(&ours, &other.path().replacen("tile/8/", "tile/", 1));
    }

    #[test]
    fn what_we_sign_others_verify_and_the_other_way(text in "[ -~é\n]{0,200}", seed: [u8; 32]) {
        let signer = Signer::new("example.com/log".parse().unwrap(), &seed);
        let mut note = Note::new(format!("{text}\n")).unwrap();
        signer.sign(&mut note).unwrap();

        let vkey = signer.verifier().to_string();
        let verifier = signed_note::StandardVerifier::new(&vkey).unwrap();
        let known = signed_note::VerifierList::new(vec![Box::new(verifier)]);
        let other = signed_note::Note::from_bytes(note.to_string().as_bytes()).unwrap();
        prop_assert!(other.verify(&known).is_ok());

        let their_signer = signed_note::StandardSigner::new(&signer.to_private_key()).unwrap();
        let mut theirs = signed_note::Note::new(note.text().as_bytes(), &[]).unwrap();
        theirs.add_sigs(&[&their_signer]).unwrap();
        let back = Note::parse(&theirs.to_bytes()).unwrap();
        prop_assert_eq!(&back, &note, "Ed25519 has no randomness");
        prop_assert!(back.open(&[vkey.parse::<Verifier>().unwrap()]).is_ok());
    }

    #[test]
    fn checkpoints_are_read_alike(
        text in "(o|[ -~]{0,9})?\n(0|[1-9][0-9]{0,9}|0[0-9]|[ -~]{0,3})\n([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=|.{0,50})\n([ -~]{1,9}\n){0,2}",
    ) {
        let ours = Checkpoint::parse(&text);
        let theirs = tlog_tiles::Checkpoint::from_bytes(text.as_bytes());
        if let Ok(ours) = &ours {
            prop_assert_eq!(&ours.to_string(), &text);
            let theirs = theirs.as_ref().expect("what we read, they read");
            prop_assert_eq!((theirs.origin(), theirs.size(), theirs.hash().0), (ours.origin.as_str(), ours.head.size, ours.head.root.0));
        }
    }
}
