//! The hashes DKIM names, behind one type. SHA-1 is here because old mail was signed with it.

use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// A hash algorithm of `a=` (RFC 6376 section 3.3; RFC 8301 retires SHA-1 for new mail).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hash {
    /// SHA-1: shown, since collisions can be made.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl Hash {
    /// Name in `a=` and `h=` tags.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }

    /// The hash of these bytes.
    pub(crate) fn of(self, bytes: &[u8]) -> Vec<u8> {
        let mut digest = Digest::new(self);
        digest.update(bytes);
        digest.finish()
    }

    /// What stands before the hash in a PKCS #1 v1.5 signature (RFC 8017 section 9.2, note 1).
    pub(crate) fn digest_info(self) -> &'static [u8] {
        match self {
            Self::Sha1 => b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14",
            Self::Sha256 => b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
        }
    }
}

/// A hash being computed.
#[derive(Debug, Clone)]
pub(crate) enum Digest {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Digest {
    pub(crate) fn new(hash: Hash) -> Self {
        match hash {
            Hash::Sha1 => Self::Sha1(Sha1::new()),
            Hash::Sha256 => Self::Sha256(Sha256::new()),
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(digest) => digest.update(bytes),
            Self::Sha256(digest) => digest.update(bytes),
        }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        match self {
            Self::Sha1(digest) => digest.finalize().to_vec(),
            Self::Sha256(digest) => digest.finalize().to_vec(),
        }
    }
}
