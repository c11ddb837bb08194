//! Key records (RFC 6376 section 3.6.1): the text under `selector._domainkey.domain`.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde::{Deserialize, Serialize};

use super::{
    digest::Hash,
    public_key::{KeyProblem, PublicKey, RsaKey},
    signature::Algorithm,
    tag::{TagList, TagProblem, items, squeeze},
};

/// Longest record read, in bytes: far above an 8,192-bit key with notes.
pub(crate) const RECORD_BYTES_MAX: usize = 16 * 1024;

/// Base64 as it is found: padded or not, with stray bits at the end.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Base64 that may be folded.
pub(crate) fn decode_base64(text: &[u8]) -> Option<Vec<u8>> {
    BASE64.decode(squeeze(text)).ok()
}

/// Why a record cannot serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordProblem {
    /// No tag list, longer than is read, or without `p=`.
    #[error("the record is not a list of tags with p=")]
    Malformed,
    /// Another version than DKIM1.
    #[error("the record is of an unknown version")]
    Version,
    /// A key type nobody here knows.
    #[error("the record's type of key is unknown")]
    KeyType,
    /// The key itself.
    #[error(transparent)]
    Key(#[from] KeyProblem),
}

/// A key record.
#[derive(Debug, Clone)]
pub struct KeyRecord {
    /// `None` when `p=` is empty: the key was revoked.
    pub(crate) key: Option<PublicKey>,
    /// `h=`: the hashes it may be used with; `None` for all.
    hashes: Option<Vec<Hash>>,
    /// `s=`: whether mail is among the services it serves.
    serves_mail: bool,
    /// `t=y`: the domain only tries DKIM out.
    is_testing: bool,
    /// `t=s`: the agent's domain must be the signing domain itself.
    is_strict: bool,
    /// `n=`: notes for people.
    notes: Option<String>,
}

/// Why a record that is well-formed is not for a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unfit {
    /// `a=` asks for another type of key.
    KeyType,
    /// The record's `h=` does not list the hash.
    Hash,
    /// The record's `s=` is not for mail.
    Service,
    /// The record's `t=s`, and `i=` names a subdomain.
    Strict,
}

impl KeyRecord {
    /// Reads a record: its text, strings of the TXT record joined.
    ///
    /// # Errors
    ///
    /// The reason it cannot serve to verify anything.
    pub fn parse(text: &str) -> Result<Self, RecordProblem> {
        if text.len() > RECORD_BYTES_MAX {
            return Err(RecordProblem::Malformed);
        }
        let (tags, problem) = TagList::parse(text.as_bytes());
        let key = tags
            .get(b"p")
            .filter(|_| problem.is_none_or(|problem| problem == TagProblem::Empty))
            .ok_or(RecordProblem::Malformed)?;
        if tags.get(b"v").is_some_and(|version| version != b"DKIM1" || tags.first_name() != Some(b"v")) {
            return Err(RecordProblem::Version);
        }
        let key_type = tags.get(b"k").unwrap_or(b"rsa");
        let parse: fn(&[u8]) -> Result<PublicKey, KeyProblem> = match key_type {
            b"rsa" => |der| RsaKey::from_der(der).map(PublicKey::Rsa),
            b"ed25519" => PublicKey::ed25519,
            _ => return Err(RecordProblem::KeyType),
        };
        let key = if key.is_empty() { None } else { Some(parse(&decode_base64(key).ok_or(KeyProblem::Encoding)?)?) };
        let hashes = tags.get(b"h").map(|names| {
            let known = [Hash::Sha1, Hash::Sha256].into_iter();
            known.filter(|hash| items(names).any(|name| name == hash.name().as_bytes())).collect()
        });
        let flag = |flag: &[u8]| tags.get(b"t").is_some_and(|flags| items(flags).any(|item| item == flag));
        Ok(Self {
            key,
            hashes,
            serves_mail: tags.get(b"s").is_none_or(|names| items(names).any(|name| name == b"*" || name == b"email")),
            is_testing: flag(b"y"),
            is_strict: flag(b"s"),
            notes: tags.get(b"n").map(|notes| String::from_utf8_lossy(notes).into_owned()),
        })
    }

    /// A record for an RSA key, from its modulus and exponent as big-endian bytes.
    ///
    /// # Errors
    ///
    /// When they are no usable key.
    pub fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, RecordProblem> {
        let key = PublicKey::Rsa(RsaKey::new(modulus, exponent)?);
        Ok(Self { key: Some(key), hashes: None, serves_mail: true, is_testing: false, is_strict: false, notes: None })
    }

    /// Whether `p=` is empty: the key was revoked (RFC 6376 section 3.6.1).
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        self.key.is_none()
    }

    /// `t=y`: the domain says it only tries DKIM out.
    #[must_use]
    pub fn is_testing(&self) -> bool {
        self.is_testing
    }

    /// `n=`: notes for people, as they stand.
    #[must_use]
    pub fn notes(&self) -> Option<&str> {
        self.notes.as_deref()
    }

    /// Size of the key in bits; 0 when it was revoked.
    #[must_use]
    pub fn key_bits(&self) -> u32 {
        self.key.as_ref().map_or(0, PublicKey::bits)
    }

    /// The plain record of this key, as it would be published; `None` when it was revoked.
    #[must_use]
    pub fn to_text(&self) -> Option<String> {
        match self.key.as_ref()? {
            PublicKey::Rsa(key) => Some(format!("v=DKIM1; k=rsa; p={}", BASE64.encode(key.to_der()?))),
            PublicKey::Ed25519(key) => Some(format!("v=DKIM1; k=ed25519; p={}", BASE64.encode(key.as_bytes()))),
        }
    }

    /// Sixteen hexadecimal digits that stand for the key, whatever the record around it: the first of the
    /// SHA-256 of its SubjectPublicKeyInfo, or of the bare key for Ed25519. `None` when it was revoked.
    #[must_use]
    pub fn fingerprint(&self) -> Option<String> {
        let hash = match self.key.as_ref()? {
            PublicKey::Rsa(key) => Hash::Sha256.of(&key.to_der()?),
            PublicKey::Ed25519(key) => Hash::Sha256.of(key.as_bytes()),
        };
        Some(hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect())
    }

    /// The key, if it may verify such a signature.
    pub(crate) fn key_for(&self, algorithm: Algorithm, agent_is_subdomain: bool) -> Result<&PublicKey, Option<Unfit>> {
        let key = self.key.as_ref().ok_or(None)?;
        let is_of_type = match key {
            PublicKey::Rsa(_) => matches!(algorithm, Algorithm::RsaSha1 | Algorithm::RsaSha256),
            PublicKey::Ed25519(_) => algorithm == Algorithm::Ed25519Sha256,
        };
        if !is_of_type {
            return Err(Some(Unfit::KeyType));
        }
        if self.hashes.as_ref().is_some_and(|hashes| !hashes.contains(&algorithm.hash())) {
            return Err(Some(Unfit::Hash));
        }
        if !self.serves_mail {
            return Err(Some(Unfit::Service));
        }
        if self.is_strict && agent_is_subdomain {
            return Err(Some(Unfit::Strict));
        }
        Ok(key)
    }
}
