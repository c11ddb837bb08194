//! One message against fixed keys: whatever the bytes, every signature gets a bounded result.

#![no_main]

use std::sync::LazyLock;

use frelon_mail::dkim::{ArchivedKey, KeyArchive, Provenance, Specimen, verify};
use frelon_model::Instant;
use libfuzzer_sys::fuzz_target;

/// A key of each type and a revoked one, of RFC 6376 and 8463's examples.
static KEYS: LazyLock<KeyArchive> = LazyLock::new(|| {
    let mut archive = KeyArchive::new();
    for (selector, record) in [
        ("brisbane", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
        (
            "test",
            "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdO\
             Kb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLz\
             BfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB",
        ),
        ("test", "v=DKIM1; p="),
        ("test", "nonsense"),
    ] {
        archive.add("football.example.com", selector, ArchivedKey::new(record, Provenance::Archive, "fuzzing"));
    }
    archive
});

fuzz_target!(|raw: &[u8]| {
    let found = verify(raw, &*KEYS, Some(Instant(1_528_637_909)));
    assert_eq!(found.best.is_none(), found.signatures.is_empty());
    assert!(found.signatures.len() <= 20 && found.arc.sets.len() <= 50);
    for signature in &found.signatures {
        assert_eq!(signature.state.is_pass(), signature.state.is_pass() && signature.key.is_some());
        assert!(signature.body.is_none_or(|body| body.covered_bytes <= body.total_bytes));
    }
    let _specimens = Specimen::collect(raw);
});
