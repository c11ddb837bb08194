//! Key records, JSON lines and zone files: a record that is read is written so that it is read again.

#![no_main]

use frelon_mail::dkim::{KeyArchive, KeyRecord};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(record) = KeyRecord::parse(text) {
        let written = record.to_text();
        assert_eq!(written.is_none(), record.is_revoked());
        if let Some(written) = written {
            let again = KeyRecord::parse(&written).expect("what is written can be read");
            assert_eq!((again.key_bits(), again.to_text()), (record.key_bits(), Some(written)));
        }
    }
    let mut archive = KeyArchive::new();
    archive.add_zone(text, "example.org", "a zone", None);
    archive.add_jsonl(text);
    assert_eq!(archive.iter().count(), archive.len());
});
