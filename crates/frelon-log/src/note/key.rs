//! Keys of signed notes: names, ids, the public and the private text form, and what they sign.
//!
//! Two kinds of key are known: Ed25519 over the text of a note (`0x01`), and Ed25519 over a
//! timestamped checkpoint (`0x04`, see [`crate::cosignature`]). The secret half of the second is a
//! [`crate::Cosigner`], a type of its own, so that neither can be used for the other.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use ed25519_dalek::{Signature as Ed25519Signature, Signer as _, SigningKey, VerifyingKey};
use frelon_model::Instant;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{Note, Signature};
use crate::{Malformed, cosignature};

const FORMAT: &str = "verifier key";

/// The longest text form of a key that is read: a name of a few hundred bytes, an id, and 33 bytes.
const KEY_BYTES_MAX: usize = 1024;

/// The name of a key, best a URL without its scheme: not empty, no spaces, no `+`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName(String);

impl KeyName {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyName {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        // A name with control characters could not stand in a note.
        let is_bad = |letter: char| letter.is_whitespace() || letter == '+' || letter < ' ';
        if text.is_empty() || text.contains(is_bad) || text.len() > KEY_BYTES_MAX {
            return Err(Malformed::new("key name", "it is empty, too long, or has spaces or a plus sign"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The short id of a key. It tells keys of one name apart and proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub u32);

/// Eight lower-case hexadecimal digits.
impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:08x}", self.0)
    }
}

/// What a key signs, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// Ed25519 over the text of the note: type `0x01`.
    Ed25519,
    /// Ed25519 over a timestamp and a checkpoint: type `0x04`, `cosignature/v1`.
    CosignatureV1,
}

impl Algorithm {
    /// The type byte.
    #[must_use]
    pub fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::CosignatureV1 => 0x04,
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        [Self::Ed25519, Self::CosignatureV1].into_iter().find(|algorithm| algorithm.byte() == byte)
    }

    fn key_id(self, name: &KeyName, key: &VerifyingKey) -> KeyId {
        let hash = Sha256::new()
            .chain_update(name.as_str())
            .chain_update([b'\n', self.byte()])
            .chain_update(key.as_bytes())
            .finalize();
        KeyId(u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]))
    }
}

/// The signature was not made by the key over the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wrong;

/// The public half of a key: verifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verifier {
    name: KeyName,
    id: KeyId,
    algorithm: Algorithm,
    key: VerifyingKey,
}

impl Verifier {
    pub(crate) fn from_key(name: KeyName, algorithm: Algorithm, key: VerifyingKey) -> Self {
        let id = algorithm.key_id(&name, &key);
        Self { name, id, algorithm, key }
    }

    /// A key from its 32 bytes (RFC 8032).
    ///
    /// # Errors
    /// When the bytes are no usable public key.
    pub fn new(name: KeyName, algorithm: Algorithm, public_key: &[u8; 32]) -> Result<Self, Malformed> {
        let key = VerifyingKey::from_bytes(public_key).map_err(|_| Malformed::new(FORMAT, "it is no point"))?;
        // Anybody can make a signature that a key of small order accepts.
        if key.is_weak() {
            return Err(Malformed::new(FORMAT, "the key is weak"));
        }
        Ok(Self::from_key(name, algorithm, key))
    }

    /// Gives a key the id of another: what accident does once in four billion times.
    #[cfg(test)]
    pub(crate) fn forge_id(&mut self, id: KeyId) {
        self.id = id;
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// What it verifies.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The 32 bytes of the key, whatever its name and use.
    #[must_use]
    pub fn public_key(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Verifies one signature over a text; yields the time a cosignature carries.
    pub(crate) fn verify(&self, text: &str, signature: &[u8]) -> Result<Option<Instant>, Wrong> {
        match self.algorithm {
            Algorithm::Ed25519 => {
                self.verify_bytes(text.as_bytes(), signature)?;
                Ok(None)
            }
            Algorithm::CosignatureV1 => {
                let (cosigned_at, signature) = cosignature::split(signature).ok_or(Wrong)?;
                self.verify_bytes(cosignature::message(cosigned_at, text).as_bytes(), signature)?;
                Ok(Some(cosigned_at))
            }
        }
    }

    fn verify_bytes(&self, message: &[u8], signature: &[u8]) -> Result<(), Wrong> {
        let signature = Ed25519Signature::from_slice(signature).map_err(|_| Wrong)?;
        // Strict: no second spelling of a signature, no keys of small order.
        self.key.verify_strict(message, &signature).map_err(|_| Wrong)
    }
}

/// A `vkey`: `<name>+<id>+<base64 of type and key>`.
impl FromStr for Verifier {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = |reason| Malformed::new(FORMAT, reason);
        let Parts { name, id, algorithm, key } = split(text, FORMAT)?;
        let verifier = Self::new(name, algorithm, &key)?;
        if verifier.id != id {
            return Err(malformed("its id is not that of its name and key"));
        }
        Ok(verifier)
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [self.algorithm.byte(); 33];
        bytes[1..].copy_from_slice(self.key.as_bytes());
        write!(formatter, "{}+{}+{}", self.name, self.id, BASE64.encode(bytes))
    }
}

/// What the text form of a key has in it.
struct Parts {
    name: KeyName,
    id: KeyId,
    algorithm: Algorithm,
    /// The public key or the seed.
    key: Zeroizing<[u8; 32]>,
}

fn split(text: &str, format: &'static str) -> Result<Parts, Malformed> {
    let malformed = |reason| Malformed::new(format, reason);
    if text.len() > KEY_BYTES_MAX {
        return Err(malformed("it is too long"));
    }
    // Base64 has plus signs of its own; names have none.
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(malformed("it has not three parts"));
    };
    let is_hex = id.len() == 8 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let id = if is_hex { u32::from_str_radix(id, 16).ok() } else { None };
    let id = KeyId(id.ok_or(malformed("its id is not eight lower-case hexadecimal digits"))?);
    let bytes = Zeroizing::new(BASE64.decode(key).map_err(|_| malformed("its key is not base64"))?);
    let (&byte, key) = bytes.split_first().ok_or(malformed("its key is empty"))?;
    let algorithm = Algorithm::from_byte(byte).ok_or(malformed("its signature type is not known here"))?;
    let key = key.try_into().map_err(|_| malformed("its key has not 32 bytes"))?;
    Ok(Parts { name: name.parse()?, id, algorithm, key: Zeroizing::new(key) })
}

/// A secret key with its name: what [`Signer`] and [`crate::Cosigner`] share. Wiped when dropped.
pub(crate) struct Secret {
    verifier: Verifier,
    key: SigningKey,
}

impl Secret {
    pub(crate) fn new(name: KeyName, algorithm: Algorithm, seed: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        Self { verifier: Verifier::from_key(name, algorithm, key.verifying_key()), key }
    }

    pub(crate) fn parse(text: &str, algorithm: Algorithm) -> Result<Self, Malformed> {
        const FORMAT: &str = "private key";
        let malformed = |reason| Malformed::new(FORMAT, reason);
        let rest = text.strip_prefix("PRIVATE+KEY+").ok_or(malformed("it does not start with PRIVATE+KEY+"))?;
        let Parts { name, id, algorithm: found, key: seed } = split(rest, FORMAT)?;
        if found != algorithm {
            return Err(malformed("it is for another kind of signature"));
        }
        let secret = Self::new(name, algorithm, &seed);
        if secret.verifier.id != id {
            return Err(malformed("its id is not that of its name and key"));
        }
        Ok(secret)
    }

    pub(crate) fn to_private_key(&self) -> Zeroizing<String> {
        let Verifier { name, id, algorithm, .. } = &self.verifier;
        let mut bytes = Zeroizing::new([algorithm.byte(); 33]);
        bytes[1..].copy_from_slice(self.key.as_bytes());
        let key = Zeroizing::new(BASE64.encode(*bytes));
        // Made in one piece: a growing string would leave copies behind.
        let mut text = Zeroizing::new(String::with_capacity(name.as_str().len() + key.len() + 32));
        for part in ["PRIVATE+KEY+", name.as_str(), "+", &id.to_string(), "+", &key] {
            text.push_str(part);
        }
        text
    }

    pub(crate) fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

/// The secret half of an Ed25519 key (`0x01`): signs notes. Wiped from memory when dropped.
pub struct Signer(Secret);

impl Signer {
    /// A key from 32 secret random bytes, which the caller draws.
    #[must_use]
    pub fn new(name: KeyName, seed: &[u8; 32]) -> Self {
        Self(Secret::new(name, Algorithm::Ed25519, seed))
    }

    /// Reads `PRIVATE+KEY+<name>+<id>+<base64 of type and seed>`.
    ///
    /// # Errors
    /// When the text is no such key, or of another type than `0x01`.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        Ok(Self(Secret::parse(text, Algorithm::Ed25519)?))
    }

    /// The form [`Signer::parse`] reads; wiped when dropped.
    #[must_use]
    pub fn to_private_key(&self) -> Zeroizing<String> {
        self.0.to_private_key()
    }

    /// The public half.
    #[must_use]
    pub fn verifier(&self) -> &Verifier {
        self.0.verifier()
    }

    /// Signs a note and adds the line to it.
    ///
    /// # Errors
    /// When the text is what only a cosigner signs, or the note would become too long.
    pub fn sign(&self, note: &mut Note) -> Result<(), Malformed> {
        // Were one key used for both, such a text would be a cosignature in disguise.
        if note.text().starts_with(cosignature::HEADER) {
            return Err(Malformed::new("note to be signed", "its text is the message of a cosignature"));
        }
        let bytes = self.0.sign(note.text().as_bytes()).to_vec();
        note.add(Signature { name: self.verifier().name().clone(), id: self.verifier().id(), bytes })
    }
}

/// The public half alone.
impl fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Signer({})", self.verifier())
    }
}
