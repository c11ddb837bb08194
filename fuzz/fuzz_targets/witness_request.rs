//! Any bytes as a request to a witness, and as its answers: what is read prints the same, deciding
//! ends, and nothing is cosigned that the log did not sign.
#![no_main]

use frelon_log::{
    Signer, TreeHead,
    witness::{AddCheckpoint, Known, decide, parse_response, parse_size},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(size) = parse_size(bytes) {
        assert_eq!(format!("{size}\n").as_bytes(), bytes);
    }
    let Ok(request) = AddCheckpoint::parse(bytes) else { return };
    assert_eq!(request.to_string().as_bytes(), bytes);
    let log = Signer::new("example.com/log".parse().expect("a name"), &[1; 32]);
    let known = Known { verifiers: &[log.verifier().clone()], last: Some(TreeHead::empty()) };
    assert!(decide(&request, Some(known)).is_err());
    let _cosignatures = parse_response(bytes, &request.checkpoint, &[log.verifier().clone()]);
});
