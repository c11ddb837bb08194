//! Proof files: read, printed, verified; and nothing else is.

use frelon_log::{
    Checkpoint, Cosigner, Note, Policy, Proof, SignedCheckpoint,
    merkle::{ProofError, inclusion_proof, leaf_hash},
    policy::PolicyError,
    proof::{EXTRA_BYTES_MAX, VerifyError},
};
use frelon_model::Instant;
use proptest::prelude::*;

use crate::fixture::{MemoryTree, ORIGIN, log_key, signer};

fn cosigner() -> Cosigner {
    Cosigner::new("w.example".parse().unwrap(), &[3; 32])
}

fn policy() -> Policy {
    let text = format!("log {}\nwitness w {}\nquorum w\n", log_key(), cosigner().verifier());
    Policy::parse(text.as_bytes()).unwrap()
}

fn entry(index: u64) -> Vec<u8> {
    format!("entry {index}").into_bytes()
}

fn proof(index: u64, size: u64, is_cosigned: bool) -> Proof {
    let tree = MemoryTree::new((0..size).map(|index| leaf_hash(&entry(index))).collect());
    let mut note = Note::new(Checkpoint::new(ORIGIN.parse().unwrap(), tree.head(size)).to_string()).unwrap();
    signer().sign(&mut note).unwrap();
    let mut checkpoint = SignedCheckpoint::from_note(note).unwrap();
    if is_cosigned {
        let signature = cosigner().cosign(&checkpoint, Instant(77)).unwrap();
        checkpoint.note_mut().add(signature).unwrap();
    }
    Proof { extra: None, index, path: inclusion_proof(&tree, index, size).unwrap(), checkpoint }
}

#[test]
fn a_proof_proves_its_entry_at_its_place() {
    for (index, size) in [(0, 1), (0, 2), (6, 7), (300, 1000)] {
        let proof = proof(index, size, true);
        let file = proof.to_string();
        assert!(file.starts_with(&format!("c2sp.org/tlog-proof@v1\nindex {index}\n")));
        let read = Proof::parse(file.as_bytes()).unwrap();
        assert_eq!(read, proof);
        let checked = read.verify(leaf_hash(&entry(index)), &policy(), Some(Instant(100))).unwrap();
        assert_eq!(checked.witnesses[0].cosigned_at, Instant(77));
        let other = read.verify(leaf_hash(&entry(index + 1)), &policy(), None);
        assert_eq!(other, Err(VerifyError::Inclusion(ProofError::Mismatch)));
        let mut moved = read.clone();
        moved.index += 1;
        assert!(matches!(moved.verify(leaf_hash(&entry(index)), &policy(), None), Err(VerifyError::Inclusion(_))));
    }
    let uncosigned = proof(6, 7, false).verify(leaf_hash(&entry(6)), &policy(), None);
    assert_eq!(uncosigned, Err(VerifyError::Policy(PolicyError::Quorum { cosigned: 0 })));
}

#[test]
fn a_proof_of_one_among_58000_is_small() {
    let file = proof(29_999, 58_000, true).to_string();
    assert!(file.len() < 2000, "{} bytes", file.len());
}

#[test]
fn extra_data_is_carried_and_not_trusted() {
    let mut with = proof(6, 7, true);
    for extra in [vec![], vec![0xff; 100], vec![7; EXTRA_BYTES_MAX]] {
        with.extra = Some(extra);
        let read = Proof::parse(with.to_string().as_bytes()).unwrap();
        assert_eq!(read, with);
        assert!(read.verify(leaf_hash(&entry(6)), &policy(), None).is_ok());
    }
    with.extra = Some(vec![7; EXTRA_BYTES_MAX + 1]);
    assert!(Proof::parse(with.to_string().as_bytes()).is_err());
}

#[test]
fn what_is_no_proof_is_refused() {
    let good = proof(6, 7, true).to_string();
    let hash = format!("{}\n", frelon_log::NodeHash([0; 32]));
    for bad in [
        String::new(),
        good.replacen("@v1", "@v2", 1),
        good.replacen("index 6", "index 06", 1),
        good.replacen("index 6", "index", 1),
        good.replacen("index 6\n", "", 1),
        good.replacen("index 6\n", "index 6\nextra AAAA\n", 1),
        good.replacen("index 6\n", "extra AAAA\nextra AAAA\nindex 6\n", 1),
        good.replacen("index 6\n", "extra AAA\nindex 6\n", 1),
        good.replacen("index 6\n", "extra\nindex 6\n", 1),
        good.replacen("index 6\n", "index 6\n\n", 1),
        good.replacen("index 6\n", &format!("index 6\n{}", hash.repeat(64)), 1),
        good.replacen('\n', "\r\n", 1),
        good[..good.len() - 1].to_owned(),
        format!("\n{good}"),
    ] {
        assert!(Proof::parse(bad.as_bytes()).is_err(), "{bad:?}");
    }
}

proptest! {
    #[test]
    fn no_changed_byte_verifies_as_something_else(at: prop::sample::Index, bit in 0u8..8) {
        let good = proof(6, 7, true);
        let mut bytes = good.to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(read) = Proof::parse(&bytes) {
            prop_assert_eq!(read.to_string().into_bytes(), bytes);
            // What it was changed into may hold less, and never anything else.
            if read.verify(leaf_hash(&entry(6)), &policy(), None).is_ok() {
                prop_assert_eq!((read.index, read.checkpoint.head()), (good.index, good.checkpoint.head()));
            }
        }
    }
}
