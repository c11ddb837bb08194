//! Cosignatures: witnesses' and mirrors' timestamped signatures on a checkpoint (C2SP
//! tlog-cosignature v1.0.1, Ed25519, type `0x04`, `cosignature/v1`).
//!
//! What one says: as of this time, the largest tree of this log that the cosigner has seen, and found
//! consistent with all before, has this root. ML-DSA-44 (`0x06`) is not known here: such lines are
//! passed over as those of any unknown key.

use std::fmt;

use frelon_model::Instant;
use zeroize::Zeroizing;

use crate::{
    Malformed, SignedCheckpoint,
    note::{Algorithm, KeyName, Secret, Signature, Verifier},
};

/// The first line of what is signed: it keeps cosignatures apart from signatures of notes.
pub(crate) const HEADER: &str = "cosignature/v1\n";

/// What is signed: header, time, and the text of the checkpoint with its extension lines.
pub(crate) fn message(cosigned_at: Instant, text: &str) -> String {
    format!("{HEADER}time {}\n{text}", cosigned_at.0)
}

/// Time and Ed25519 signature of the bytes after the key id; `None` for another length, or for a time
/// that has no place in 63 bits.
pub(crate) fn split(bytes: &[u8]) -> Option<(Instant, &[u8])> {
    let (time, signature) = bytes.split_first_chunk()?;
    let time = i64::try_from(u64::from_be_bytes(*time)).ok()?;
    if signature.len() == 64 { Some((Instant(time), signature)) } else { None }
}

/// The secret half of a cosigner's key (`0x04`). Wiped from memory when dropped.
///
/// A cosigner's key must be used for nothing else: what it signs does not name it.
pub struct Cosigner(Secret);

impl Cosigner {
    /// A key from 32 secret random bytes, which the caller draws.
    #[must_use]
    pub fn new(name: KeyName, seed: &[u8; 32]) -> Self {
        Self(Secret::new(name, Algorithm::CosignatureV1, seed))
    }

    /// Reads `PRIVATE+KEY+<name>+<id>+<base64 of type and seed>`.
    ///
    /// # Errors
    /// When the text is no such key, or of another type than `0x04`.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        Ok(Self(Secret::parse(text, Algorithm::CosignatureV1)?))
    }

    /// The form [`Cosigner::parse`] reads; wiped when dropped.
    #[must_use]
    pub fn to_private_key(&self) -> Zeroizing<String> {
        self.0.to_private_key()
    }

    /// The public half.
    #[must_use]
    pub fn verifier(&self) -> &Verifier {
        self.0.verifier()
    }

    /// Cosigns a checkpoint. The caller has verified the log's signature and the consistency with
    /// what it saw before, and has *stored* this checkpoint as the latest (see [`crate::witness`]).
    ///
    /// # Errors
    /// When the time lies before 1970.
    pub fn cosign(&self, checkpoint: &SignedCheckpoint, cosigned_at: Instant) -> Result<Signature, Malformed> {
        let time = u64::try_from(cosigned_at.0).map_err(|_| Malformed::new("time", "it lies before 1970"))?;
        let signature = self.0.sign(message(cosigned_at, checkpoint.note().text()).as_bytes());
        let bytes = [&time.to_be_bytes()[..], &signature].concat();
        Ok(Signature { name: self.verifier().name().clone(), id: self.verifier().id(), bytes })
    }
}

/// The public half alone.
impl fmt::Debug for Cosigner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Cosigner({})", self.verifier())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        TreeHead,
        checkpoint::Checkpoint,
        note::{Note, OpenError},
    };

    fn checkpoint() -> SignedCheckpoint {
        let origin = "example.com/log".parse().unwrap();
        let text = Checkpoint::new(origin, TreeHead::empty()).to_string();
        SignedCheckpoint::from_note(Note::new(text).unwrap()).unwrap()
    }

    #[test]
    fn the_example_of_the_specification_is_read() {
        let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        assert_eq!(message(Instant(1_679_315_147), text), format!("cosignature/v1\ntime 1679315147\n{text}"));
        let line = "\u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==";
        let signature = Signature::parse(line).unwrap();
        let (cosigned_at, rest) = split(&signature.bytes).unwrap();
        assert_eq!((cosigned_at, rest.len()), (Instant(1_679_315_147), 64));
    }

    #[test]
    fn a_cosignature_holds_for_its_time_and_text_alone() {
        let cosigner = Cosigner::new("w.example".parse().unwrap(), &[7; 32]);
        let checkpoint = checkpoint();
        let signature = cosigner.cosign(&checkpoint, Instant(42)).unwrap();
        let mut note = checkpoint.note().clone();
        note.add(signature.clone()).unwrap();
        let verifiers = [cosigner.verifier().clone()];
        assert_eq!(note.open(&verifiers).unwrap()[0].cosigned_at, Some(Instant(42)));
        for position in 0..signature.bytes.len() {
            let mut bad = signature.clone();
            bad.bytes[position] ^= 1;
            let mut note = checkpoint.note().clone();
            note.add(bad).unwrap();
            assert!(matches!(note.open(&verifiers), Err(OpenError::Bad(_))), "byte {position}");
        }
        for length in [0, 7, 8, 71, 73] {
            let mut bytes = signature.bytes.clone();
            bytes.resize(length, 0);
            assert_eq!(split(&bytes), None);
        }
        assert!(cosigner.cosign(&checkpoint, Instant(-1)).is_err());
        let mut late = signature.bytes.clone();
        late[0] = 0x80;
        assert_eq!(split(&late), None, "beyond 63 bits");
    }

    #[test]
    fn secrets_do_not_show() {
        let cosigner = Cosigner::new("w.example".parse().unwrap(), &[7; 32]);
        let again = Cosigner::parse(&cosigner.to_private_key()).unwrap();
        assert_eq!(again.verifier(), cosigner.verifier());
        assert!(cosigner.to_private_key().contains("BAcHBwcH"));
        assert!(!format!("{cosigner:?}").contains("BwcHBwcH"));
        assert!(crate::note::Signer::parse(&cosigner.to_private_key()).is_err(), "another kind of key");
    }
}
