//! Public keys, and what they say of a signature. RSA is the public operation alone, composed from
//! modular squaring: nothing here is secret, so that it may take the fast way. Libraries refuse keys
//! that old mail was signed with (512 and 768 bits), or spend twice the time on hiding an exponent
//! everybody knows.

use std::sync::OnceLock;

use crypto_bigint::{
    BoxedUint, Odd,
    modular::{BoxedMontyForm, BoxedMontyParams},
};
use ed25519_dalek::VerifyingKey;
use pkcs1::der::{Decode, Encode, asn1::UintRef};

use super::digest::Hash;

/// Largest modulus taken, in bits: the largest in use, and a bound on the time of one verification.
const MODULUS_BITS_MAX: u32 = 8_192;
/// Smallest modulus taken, in bits: below, not even a padded SHA-1 fits, and anybody can factor it.
const MODULUS_BITS_MIN: u32 = 368;
/// Largest public exponent taken, in bits; each bit costs one squaring.
const EXPONENT_BITS_MAX: u32 = 64;
/// OID 1.2.840.113549.1.1.1, rsaEncryption, encoded.
const RSA_ENCRYPTION: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";

/// Why bytes are no public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// Not base64.
    #[error("the key is not base64")]
    Encoding,
    /// Neither a SubjectPublicKeyInfo nor an RSAPublicKey, or no 32 bytes of Ed25519.
    #[error("the key is not of its type")]
    Structure,
    /// Modulus or exponent outside what is taken.
    #[error("the key is too small or too large")]
    Size,
}

/// What a key says of a signature over a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    /// This key did not make the signature: what comes out has no padding. (Or the signature was
    /// damaged.)
    Other,
    /// Not valid, and this kind of key cannot tell why.
    Unknown,
    /// This key made the signature, over another hash.
    OtherHash,
    /// Valid.
    Valid,
}

/// A public key.
#[derive(Debug, Clone)]
pub(crate) enum PublicKey {
    Rsa(RsaKey),
    Ed25519(Box<VerifyingKey>),
}

impl PublicKey {
    /// A key of `k=ed25519`: 32 bytes (RFC 8463 section 4.2).
    pub(crate) fn ed25519(bytes: &[u8]) -> Result<Self, KeyProblem> {
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| KeyProblem::Structure)?;
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyProblem::Structure)?;
        Ok(Self::Ed25519(Box::new(key)))
    }

    /// Size in bits, of the modulus for RSA.
    pub(crate) fn bits(&self) -> u32 {
        match self {
            Self::Rsa(key) => key.bits,
            Self::Ed25519(_) => 256,
        }
    }

    /// Checks a signature over a hash. Ed25519 signs the hash of the header fields as its message
    /// (RFC 8463 section 3).
    pub(crate) fn check(&self, hash: Hash, hashed: &[u8], signature: &[u8]) -> Fit {
        match self {
            Self::Rsa(key) => key.check(hash, hashed, signature),
            Self::Ed25519(key) => {
                let Ok(signature) = ed25519_dalek::Signature::from_slice(signature) else { return Fit::Unknown };
                if key.verify_strict(hashed, &signature).is_ok() { Fit::Valid } else { Fit::Unknown }
            }
        }
    }
}

/// An RSA public key.
#[derive(Debug, Clone)]
pub(crate) struct RsaKey {
    modulus: Vec<u8>,
    exponent: u64,
    bits: u32,
    /// Made at the first use: archives hold many more keys than one intake meets.
    monty: OnceLock<Option<BoxedMontyParams>>,
}

impl RsaKey {
    /// From big-endian modulus and exponent.
    pub(crate) fn new(modulus: &[u8], exponent: &[u8]) -> Result<Self, KeyProblem> {
        let modulus = strip_zeros(modulus);
        let exponent = strip_zeros(exponent);
        let bits = bit_length(modulus);
        if !(MODULUS_BITS_MIN..=MODULUS_BITS_MAX).contains(&bits) || bit_length(exponent) > EXPONENT_BITS_MAX {
            return Err(KeyProblem::Size);
        }
        let exponent = exponent.iter().fold(0u64, |sum, &byte| sum << 8 | u64::from(byte));
        let is_even = |byte: Option<&u8>| byte.is_none_or(|byte| byte % 2 == 0);
        if exponent < 3 || exponent % 2 == 0 || is_even(modulus.last()) {
            return Err(KeyProblem::Structure);
        }
        Ok(Self { modulus: modulus.to_vec(), exponent, bits, monty: OnceLock::new() })
    }

    /// From a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), as most records have it, or the
    /// bare RSAPublicKey (RFC 8017 appendix A.1.1) that RFC 6376 section 3.6.1 asks for.
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, KeyProblem> {
        let key = match spki::SubjectPublicKeyInfoRef::from_der(der) {
            Ok(info) if info.algorithm.oid.as_bytes() == RSA_ENCRYPTION => {
                let inner = info.subject_public_key.as_bytes().ok_or(KeyProblem::Structure)?;
                pkcs1::RsaPublicKey::<UintRef<'_>>::from_der(inner)
            }
            Ok(_) => return Err(KeyProblem::Structure),
            Err(_) => pkcs1::RsaPublicKey::from_der(der),
        };
        let key = key.map_err(|_| KeyProblem::Structure)?;
        Self::new(key.modulus.as_bytes(), key.public_exponent.as_bytes())
    }

    /// As a SubjectPublicKeyInfo.
    pub(crate) fn to_der(&self) -> Option<Vec<u8>> {
        let exponent = self.exponent.to_be_bytes();
        let key = pkcs1::RsaPublicKey {
            modulus: UintRef::new(&self.modulus).ok()?,
            public_exponent: UintRef::new(strip_zeros(&exponent)).ok()?,
        };
        let inner = key.to_der().ok()?;
        let algorithm = pkcs1::ALGORITHM_ID;
        let subject_public_key = spki::der::asn1::BitStringRef::from_bytes(&inner).ok()?;
        spki::SubjectPublicKeyInfoRef { algorithm, subject_public_key }.to_der().ok()
    }

    /// The signature to the power of the exponent, as many bytes as the modulus has. `None` if it is no
    /// residue.
    fn open(&self, signature: &[u8]) -> Option<Vec<u8>> {
        let signature = strip_zeros(signature);
        // Limbs are whole, so that both numbers have the same shape.
        let precision = self.bits.next_multiple_of(64);
        let monty = self.monty.get_or_init(|| {
            let modulus = BoxedUint::from_be_slice(&self.modulus, precision).ok()?;
            Some(BoxedMontyParams::new_vartime(Option::from(Odd::new(modulus))?))
        });
        let monty = monty.as_ref()?;
        if (signature.len(), signature) >= (self.modulus.len(), &self.modulus[..]) {
            return None;
        }
        let base = BoxedMontyForm::new(BoxedUint::from_be_slice(signature, precision).ok()?, monty);
        let mut power = base.clone();
        for bit in (0..self.exponent.ilog2()).rev() {
            power = power.square();
            if self.exponent >> bit & 1 == 1 {
                power = &power * &base;
            }
        }
        let bytes = power.retrieve().to_be_bytes();
        Some(bytes[bytes.len() - self.modulus.len()..].to_vec())
    }

    /// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2.2), by comparison with the whole encoded message.
    fn check(&self, hash: Hash, hashed: &[u8], signature: &[u8]) -> Fit {
        let Some(opened) = self.open(signature) else { return Fit::Other };
        if encode(hash, hashed, self.modulus.len()).is_some_and(|expected| expected == opened) {
            return Fit::Valid;
        }
        // Eight bytes of padding do not come about by chance under another key.
        let is_padded = opened.starts_with(b"\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff");
        if is_padded { Fit::OtherHash } else { Fit::Other }
    }
}

/// EMSA-PKCS1-v1_5 (RFC 8017 section 9.2); `None` if the hash does not fit.
pub(crate) fn encode(hash: Hash, hashed: &[u8], length: usize) -> Option<Vec<u8>> {
    let info = hash.digest_info();
    let padding = length.checked_sub(3 + info.len() + hashed.len()).filter(|&padding| padding >= 8)?;
    let mut encoded = Vec::with_capacity(length);
    encoded.extend_from_slice(&[0, 1]);
    encoded.resize(2 + padding, 0xff);
    encoded.push(0);
    encoded.extend_from_slice(info);
    encoded.extend_from_slice(hashed);
    Some(encoded)
}

fn strip_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
    &bytes[zeros..]
}

fn bit_length(bytes: &[u8]) -> u32 {
    let first = bytes.first().map_or(0, |byte| 8 - byte.leading_zeros());
    let rest = u32::try_from(bytes.len().saturating_sub(1)).unwrap_or(u32::MAX / 8).min(u32::MAX / 8 - 1);
    rest * 8 + first
}
