//! Any bytes as a proof file: what is read prints the same, and verifying ends.
#![no_main]

use frelon_log::{
    Policy, Proof,
    merkle::{leaf_hash, verify_consistency, verify_inclusion},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(proof) = Proof::parse(bytes) else { return };
    assert_eq!(proof.to_string().as_bytes(), bytes);
    let policy = Policy::parse(b"quorum none\n").expect("a policy");
    assert!(proof.verify(leaf_hash(b"x"), &policy, None).is_err(), "it lists no log");
    let head = proof.checkpoint.head();
    assert!(verify_inclusion(leaf_hash(b"x"), proof.index, &proof.path, head).is_err());
    let mut old = head;
    old.size = proof.index;
    let is_trivial = proof.path.is_empty() && (old.size == 0 || old.size == head.size);
    assert!(verify_consistency(old, head, &proof.path).is_err() || is_trivial);
});
