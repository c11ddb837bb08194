//! Any bytes as an entry of the log, and as a draft: what is read prints the same, and describing it
//! is harmless.
#![no_main]

use frelon_public::{Draft, Entry};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match Entry::parse(bytes) {
        Ok(entry) => {
            assert_eq!(entry.to_bytes(), bytes);
            if let Entry::Statement(statement) = entry {
                let described = statement.describe();
                assert!(described.chars().all(|letter| letter == '\n' || !letter.is_control()));
                assert!(Draft::parse(bytes).is_ok(), "signatures can be added to it");
            }
        }
        Err(error) => assert!(!error.to_string().chars().any(char::is_control)),
    }
    if let Ok(draft) = Draft::parse(bytes) {
        assert_eq!(draft.to_string().as_bytes(), bytes);
        // What we would write for the same terms is read as the same.
        let terms = draft.statement().terms().clone();
        let again = terms.to_text().expect("it was checked when it was read");
        let again = Draft::parse(format!("{again}\n").as_bytes()).expect("our own text");
        assert_eq!(*again.statement().terms(), terms);
    }
});
