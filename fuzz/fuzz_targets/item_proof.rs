//! Any bytes as the proof of an item, and what a proof carries: never a panic, never believed without a
//! log in the policy.
#![no_main]

use frelon_log::{Policy, Proof};
use frelon_public::verify::verify_item;
use libfuzzer_sys::fuzz_target;

/// A proof whose extra data is put in from outside.
const CHECKPOINT: &[u8] = b"frelon.example/log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\xe2\x80\x94 frelon.example/log AAAAAAAA\n";

fuzz_target!(|bytes: &[u8]| {
    let policy = Policy::parse(b"quorum none\n").expect("a policy");
    assert!(verify_item(b"item", bytes, &policy, None).is_err());
    let Ok(checkpoint) = frelon_log::SignedCheckpoint::parse(CHECKPOINT) else { return };
    let proof = Proof { extra: Some(bytes.to_vec()), index: 0, path: Vec::new(), checkpoint };
    assert!(verify_item(b"item", proof.to_string().as_bytes(), &policy, None).is_err());
});
