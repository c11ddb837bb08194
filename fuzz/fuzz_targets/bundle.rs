//! Any bytes as an entry bundle: bounded, and written again they are the same.
#![no_main]

use frelon_log::tile::{append_entry, decode_bundle};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(entries) = decode_bundle(bytes) {
        assert!(entries.len() <= 256);
        let mut again = Vec::new();
        for entry in entries {
            append_entry(&mut again, entry).expect("as long as before");
        }
        assert_eq!(again, bytes);
    }
});
