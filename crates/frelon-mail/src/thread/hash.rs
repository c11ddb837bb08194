//! Stable 64-bit hashes of message ids and subjects: the first bytes of SHA-256.

use sha2::{Digest, Sha256};

/// Letters a base subject must have before replies are joined by it; "re: hi" says nothing.
const SUBJECT_LETTERS_MIN: usize = 4;

/// Hash of a Message-ID without its brackets: the first eight bytes of SHA-256, big endian, the
/// top bit clear (so that it fits a signed column), never 0.
#[must_use]
pub fn hash_message_id(id: &str) -> u64 {
    hash(id.as_bytes())
}

/// Hash of a base subject; 0 when it has too few letters to join messages by. An ideograph counts
/// as two letters.
#[must_use]
pub fn hash_subject(base_subject: &str) -> u64 {
    let weight = |letter: char| match letter {
        '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' => 2,
        letter => usize::from(letter.is_alphabetic()),
    };
    let letters: usize = base_subject.chars().map(weight).sum();
    if letters < SUBJECT_LETTERS_MIN { 0 } else { hash(base_subject.as_bytes()) }
}

fn hash(bytes: &[u8]) -> u64 {
    let digest = Sha256::digest(bytes);
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    (u64::from_be_bytes(first) & i64::MAX as u64).max(1)
}
