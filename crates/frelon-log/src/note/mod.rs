//! Signed notes: text with signature lines (C2SP signed-note v1.0.0).
//!
//! [`Note`] holds any well-formed note; its text means nothing until [`Note::open`] has found a
//! signature of a known key. [`Verifier`] and [`Signer`] are the keys.

mod key;

use std::{fmt, str};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use frelon_model::Instant;

use crate::Malformed;
pub(crate) use key::Secret;
pub use key::{Algorithm, KeyId, KeyName, Signer, Verifier};

/// The largest note read. Checkpoints take under 200 bytes and each signature about 150; post-quantum
/// signatures of witnesses we do not know may take 5 kB.
pub const NOTE_BYTES_MAX: usize = 64 * 1024;

/// The most signatures read (the specification asks for at least 16): each costs a look at the keys.
pub const SIGNATURES_MAX: usize = 64;

const FORMAT: &str = "signed note";

/// One signature line. Whether it is good only [`Note::open`] can say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The name of the key that is said to have signed.
    pub name: KeyName,
    /// Its id.
    pub id: KeyId,
    /// What the algorithm of the key made, without the id.
    pub bytes: Vec<u8>,
}

impl Signature {
    /// Reads a line without its newline.
    ///
    /// # Errors
    /// When it is no signature line.
    pub fn parse(line: &str) -> Result<Self, Malformed> {
        let malformed = |reason| Malformed::new(FORMAT, reason);
        let line = line.strip_prefix("\u{2014} ").ok_or(malformed("a signature line does not start with a dash"))?;
        let (name, signature) = line.split_once(' ').ok_or(malformed("a signature line lacks its signature"))?;
        let bytes = BASE64.decode(signature).map_err(|_| malformed("a signature is not base64"))?;
        let Some((id, bytes)) = bytes.split_first_chunk() else {
            return Err(malformed("a signature is shorter than a key id"));
        };
        if bytes.is_empty() {
            return Err(malformed("a signature is empty"));
        }
        Ok(Self { name: name.parse()?, id: KeyId(u32::from_be_bytes(*id)), bytes: bytes.to_vec() })
    }
}

/// The line without its newline.
impl fmt::Display for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.id.0.to_be_bytes()[..], &self.bytes].concat();
        write!(formatter, "\u{2014} {} {}", self.name, BASE64.encode(bytes))
    }
}

/// Text with signatures, well formed and **not verified**.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// A signature that was found good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Which of the verifiers given to [`Note::open`].
    pub verifier: usize,
    /// When it was made, as the signer says; only cosignatures carry it.
    pub cosigned_at: Option<Instant>,
}

/// Why a note is not to be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// No signature is by a known key.
    #[error("no signature of the note is by a known key")]
    Unknown,
    /// A signature that names a known key was not made by it: the whole note is refused.
    #[error("the signature by {0} is wrong")]
    Bad(KeyName),
    /// Two different verifiers have one name and id, so that it cannot be said whose a signature is.
    #[error("two known keys are both called {0} and have one id")]
    Ambiguous(KeyName),
}

impl Note {
    /// A note yet unsigned.
    ///
    /// # Errors
    /// When the text does not end in a newline, has control characters, or is too long.
    pub fn new(text: impl Into<String>) -> Result<Self, Malformed> {
        let text = text.into();
        check(&text)?;
        if !text.ends_with('\n') {
            return Err(Malformed::new(FORMAT, "the text does not end in a newline"));
        }
        Ok(Self { text, signatures: Vec::new() })
    }

    /// Reads a note. Printing it again gives the same bytes.
    ///
    /// # Errors
    /// When the bytes are no signed note, or beyond [`NOTE_BYTES_MAX`] or [`SIGNATURES_MAX`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let malformed = |reason| Malformed::new(FORMAT, reason);
        // Before anything else, so that nothing long is walked.
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(malformed("it is longer than 64 KiB"));
        }
        let whole = str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8"))?;
        check(whole)?;
        // The text may have empty lines itself: the last one separates.
        let end = whole.rfind("\n\n").ok_or(malformed("there is no empty line before the signatures"))? + 1;
        let text = &whole[..end];
        let lines = whole[end + 1..].strip_suffix('\n').ok_or(malformed("the last line has no newline"))?;
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            if signatures.len() == SIGNATURES_MAX {
                return Err(malformed("it has more than 64 signatures"));
            }
            signatures.push(Signature::parse(line)?);
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// The text, with its last newline. Not to be believed before [`Note::open`].
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, good or not.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Adds a signature line. One that is there already is not added again.
    ///
    /// # Errors
    /// When the note would be longer than what [`Note::parse`] reads.
    pub fn add(&mut self, signature: Signature) -> Result<(), Malformed> {
        if self.signatures.contains(&signature) {
            return Ok(());
        }
        if self.signatures.len() == SIGNATURES_MAX {
            return Err(Malformed::new(FORMAT, "it has more than 64 signatures"));
        }
        self.signatures.push(signature);
        if self.to_string().len() > NOTE_BYTES_MAX {
            let _too_much = self.signatures.pop();
            return Err(Malformed::new(FORMAT, "it is longer than 64 KiB"));
        }
        Ok(())
    }

    /// Removes the signatures of a key, as before a fresh one is added.
    pub fn remove(&mut self, name: &KeyName, id: KeyId) {
        self.signatures.retain(|signature| signature.name != *name || signature.id != id);
    }

    /// Verifies every signature by a known key; the others are passed over.
    ///
    /// # Errors
    /// When none is by a known key, or one of a known key is wrong.
    pub fn open(&self, verifiers: &[Verifier]) -> Result<Vec<Verified>, OpenError> {
        let mut verified = Vec::new();
        for signature in &self.signatures {
            let is_own = |(_, verifier): &(usize, &Verifier)| {
                *verifier.name() == signature.name && verifier.id() == signature.id
            };
            let mut matching = verifiers.iter().enumerate().filter(is_own);
            let Some((index, verifier)) = matching.next() else { continue };
            if matching.any(|(_, other)| other != verifier) {
                return Err(OpenError::Ambiguous(signature.name.clone()));
            }
            let Ok(cosigned_at) = verifier.verify(&self.text, &signature.bytes) else {
                return Err(OpenError::Bad(signature.name.clone()));
            };
            verified.push(Verified { verifier: index, cosigned_at });
        }
        if verified.is_empty() { Err(OpenError::Unknown) } else { Ok(verified) }
    }
}

/// The note as it is stored; text alone, with the empty line, while there is no signature.
impl fmt::Display for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(formatter, "{signature}"))
    }
}

/// What holds for the whole of a note.
fn check(text: &str) -> Result<(), Malformed> {
    if text.len() > NOTE_BYTES_MAX {
        return Err(Malformed::new(FORMAT, "it is longer than 64 KiB"));
    }
    if text.bytes().any(|byte| byte < b' ' && byte != b'\n') {
        return Err(Malformed::new(FORMAT, "it has control characters"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
