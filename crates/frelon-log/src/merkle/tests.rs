use std::convert::Infallible;

use super::*;

/// A tree by the definition in RFC 6962, and nothing clever.
struct Leaves(Vec<NodeHash>);

impl Leaves {
    fn new(size: u64) -> Self {
        Self((0..size).map(|number| leaf_hash(number.to_string().as_bytes())).collect())
    }

    fn root(leaves: &[NodeHash]) -> NodeHash {
        match leaves {
            [] => empty_root(),
            [leaf] => *leaf,
            _ => {
                let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                node_hash(Self::root(left), Self::root(right))
            }
        }
    }

    fn head(&self, size: u64) -> TreeHead {
        TreeHead { size, root: Self::root(&self.0[..usize::try_from(size).unwrap()]) }
    }
}

impl NodeSource for Leaves {
    type Error = Infallible;

    fn nodes(&self, nodes: &[Node]) -> Result<Vec<NodeHash>, Infallible> {
        let hash = |node: &Node| {
            let (from, to) = (node.index << node.level, (node.index + 1) << node.level);
            Self::root(&self.0[usize::try_from(from).unwrap()..usize::try_from(to).unwrap()])
        };
        Ok(nodes.iter().map(hash).collect())
    }
}

#[test]
fn streaming_gives_the_root_of_the_definition() {
    let leaves = Leaves::new(300);
    let mut frontier = Frontier::default();
    for size in 0..=300 {
        assert_eq!(frontier.head(), leaves.head(size));
        assert_eq!(root_at(&leaves, size).unwrap(), leaves.head(size).root);
        if size < 300 {
            frontier.push(leaves.0[usize::try_from(size).unwrap()]);
        }
    }
}

#[test]
fn every_proof_of_small_trees_verifies_and_proves_nothing_else() {
    let leaves = Leaves::new(40);
    let heads: Vec<TreeHead> = (0..=40).map(|size| leaves.head(size)).collect();
    let mut refused = 0;
    for new in 1..=40u64 {
        let head = heads[usize::try_from(new).unwrap()];
        for index in 0..new {
            let proof = inclusion_proof(&leaves, index, new).unwrap();
            let leaf = leaves.0[usize::try_from(index).unwrap()];
            assert_eq!(verify_inclusion(leaf, index, &proof, head), Ok(()));
            // Any other index, and any other leaf.
            for other in (0..new + 3).filter(|other| *other != index) {
                assert!(verify_inclusion(leaf, other, &proof, head).is_err(), "{index} as {other} of {new}");
                refused += 1;
            }
            let empty = verify_inclusion(leaf_hash(b""), index, &proof, head);
            assert_eq!(empty, Err(ProofError::Mismatch));
        }
        for old in 0..=new {
            let before = heads[usize::try_from(old).unwrap()];
            let proof = consistency_proof(&leaves, old, new).unwrap();
            assert_eq!(verify_consistency(before, head, &proof), Ok(()), "{old} to {new}");
            for wrong in &heads {
                // Nothing has to be proved from the empty tree, and from a tree to itself.
                let is_trivial = proof.is_empty() && (wrong.size == 0 || wrong.size == new);
                let is_proved = verify_consistency(*wrong, head, &proof).is_ok();
                assert!(!is_proved || wrong.size == old || is_trivial, "{} to {new}", wrong.size);
                refused += 1;
            }
        }
    }
    assert!(refused > 10_000);
}

#[test]
fn proofs_that_are_too_long_or_too_short_are_refused() {
    let leaves = Leaves::new(21);
    let head = leaves.head(21);
    for index in 0..21 {
        let leaf = leaves.0[usize::try_from(index).unwrap()];
        let proof = inclusion_proof(&leaves, index, 21).unwrap();
        for length in 0..proof.len() {
            assert_eq!(verify_inclusion(leaf, index, &proof[..length], head), Err(ProofError::WrongLength));
        }
        let longer = [&proof[..], &[head.root]].concat();
        assert_eq!(verify_inclusion(leaf, index, &longer, head), Err(ProofError::WrongLength));
    }
    let endless = vec![head.root; 1_000_000];
    let leaf = leaves.0[0];
    assert_eq!(verify_inclusion(leaf, 0, &endless, head), Err(ProofError::WrongLength));
    assert_eq!(verify_consistency(leaves.head(3), head, &endless), Err(ProofError::WrongLength));
}

#[test]
fn sizes_at_the_edge_of_what_there_is_do_no_harm() {
    let root = empty_root();
    let head = |size| TreeHead { size, root };
    for size in [0, 1, 2, 1 << 32, 1 << 62, (1 << 62) + 1, TREE_SIZE_MAX - 1, TREE_SIZE_MAX, 1 << 63, u64::MAX] {
        for length in [0, 1, 2, 31, 61, 62, 63, 64] {
            let proof = vec![root; length];
            for index in [0, 1, size / 2, size.wrapping_sub(2), size.wrapping_sub(1), size, u64::MAX] {
                assert!(verify_inclusion(leaf_hash(b""), index, &proof, head(size)).is_err());
            }
            for old in [1, 3, 1 << 61, (1 << 62) + 1, size / 2, size.wrapping_sub(1), size, u64::MAX] {
                let trivial = old == size && length == 0 || old == 0 && length == 0 && size <= TREE_SIZE_MAX;
                let outcome = verify_consistency(head(old), head(size), &proof);
                assert!(outcome.is_err() || trivial, "{old} {size} {length}");
            }
        }
    }
}

#[test]
fn the_empty_tree_is_the_beginning_of_every_tree() {
    let new = Leaves::new(5).head(5);
    assert_eq!(verify_consistency(TreeHead::empty(), new, &[]), Ok(()));
    assert_eq!(verify_consistency(TreeHead::empty(), TreeHead::empty(), &[]), Ok(()));
    assert!(verify_consistency(TreeHead::empty(), new, &[new.root]).is_err());
    let forged = TreeHead { size: 0, root: new.root };
    assert!(verify_consistency(forged, new, &[]).is_err());
    assert!(verify_consistency(TreeHead::empty(), forged, &[]).is_err());
}

#[test]
fn hashes_have_one_spelling() {
    let text = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    assert_eq!(empty_root().to_string(), text);
    assert_eq!(text.parse(), Ok(empty_root()));
    assert_eq!(empty_root().to_hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for bad in ["", "47DE", &text[..43], &text.replace("FU=", "FV="), &text.replace('/', "_"), &format!("{text}\n")] {
        assert!(bad.parse::<NodeHash>().is_err(), "{bad}");
    }
}
