//! Any bytes as a volume: the reader ends, does not panic, and hands out nothing it has not checked.
#![no_main]

use std::fs;

use frelon_public::volume::Reader;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // The reader works on files; one for each process, overwritten every time.
    let path = std::env::temp_dir().join(format!("frelon-fuzz-volume-{}.zip", std::process::id()));
    fs::write(&path, bytes).expect("a place for temporary files");
    let Ok(mut reader) = Reader::open(&path) else { return };
    let mut last = 0;
    let mut entries = 0;
    while let Some(item) = reader.next_item() {
        entries += 1;
        if let Ok(item) = item {
            assert!(item.head.number.0 > last, "numbers rise");
            last = item.head.number.0;
            assert_eq!(item.deflated.len() as u64, item.head.compressed_bytes);
            if let Ok(content) = item.content() {
                assert_eq!(content.len() as u64, item.head.size_bytes);
            }
        }
    }
    // Every entry takes at least a central header; one more for what is said of the openings.
    assert!(entries <= bytes.len() / 46 + 2, "bounded by the file");
});
