//! Any text as a checkpoint, alone and in a note: what is read prints the same.
#![no_main]

use frelon_log::{Checkpoint, SignedCheckpoint, merkle::TREE_SIZE_MAX};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = str::from_utf8(bytes)
        && let Ok(checkpoint) = Checkpoint::parse(text)
    {
        assert_eq!(checkpoint.to_string(), text);
        assert!(checkpoint.head.size <= TREE_SIZE_MAX);
        assert!(checkpoint.extensions().iter().all(|line| !line.is_empty()));
    }
    if let Ok(signed) = SignedCheckpoint::parse(bytes) {
        assert_eq!(signed.to_string().as_bytes(), bytes);
    }
});
