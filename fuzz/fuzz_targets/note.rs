//! Any bytes as a signed note and as its keys: what is read prints the same, opening ends.
#![no_main]

use frelon_log::{
    Note, Signature, Signer, Verifier,
    note::{NOTE_BYTES_MAX, SIGNATURES_MAX},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.to_string().as_bytes(), bytes);
        assert!(bytes.len() <= NOTE_BYTES_MAX && note.signatures().len() <= SIGNATURES_MAX);
        let known = Signer::new("example.com/foo".parse().expect("a name"), &[1; 32]);
        assert!(note.open(&[known.verifier().clone()]).is_err(), "nobody signs by chance");
    }
    let text = String::from_utf8_lossy(bytes);
    if let Ok(key) = text.parse::<Verifier>() {
        assert_eq!(key.to_string(), text);
    }
    if let Ok(key) = Signer::parse(&text) {
        assert_eq!(*key.to_private_key(), text);
    }
    if let Ok(signature) = Signature::parse(&text) {
        assert_eq!(signature.to_string(), text);
    }
});
