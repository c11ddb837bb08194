//! Signature fields read: DKIM-Signature (RFC 6376 section 3.5), ARC-Message-Signature and ARC-Seal
//! (RFC 8617 section 4). A field that is malformed still shows whose it says it is.

use std::{fmt, ops::Range};

use frelon_model::Instant;
use serde::{Deserialize, Serialize};

use super::{
    canonical::Canonicalization,
    digest::Hash,
    key::decode_base64,
    tag::{TagList, TagProblem, items, squeeze},
};

/// Names in one `h=`; real signatures have up to forty, and each costs a look at every field.
const COVERED_MAX: usize = 250;
/// Longest domain name or selector, in bytes (RFC 1035 section 2.3.4).
const NAME_BYTES_MAX: usize = 253;
/// Largest signature, in bytes: of an 8,192-bit key, with room for what is no signature.
const SIGNATURE_BYTES_MAX: usize = 2_048;

/// `a=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// RSA with SHA-1: shown, as it is no longer trusted (RFC 8301).
    RsaSha1,
    /// RSA with SHA-256.
    RsaSha256,
    /// Ed25519 with SHA-256 (RFC 8463).
    Ed25519Sha256,
}

impl Algorithm {
    /// The hash over the body, and over the header fields.
    #[must_use]
    pub fn hash(self) -> Hash {
        match self {
            Self::RsaSha1 => Hash::Sha1,
            Self::RsaSha256 | Self::Ed25519Sha256 => Hash::Sha256,
        }
    }

    fn parse(text: &[u8]) -> Option<Self> {
        match text {
            b"rsa-sha1" => Some(Self::RsaSha1),
            b"rsa-sha256" => Some(Self::RsaSha256),
            b"ed25519-sha256" => Some(Self::Ed25519Sha256),
            _ => None,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RsaSha1 => "rsa-sha1",
            Self::RsaSha256 => "rsa-sha256",
            Self::Ed25519Sha256 => "ed25519-sha256",
        })
    }
}

/// What is wrong with a signature field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Malformation {
    /// The field is no list of tags.
    NotTags,
    /// A tag stands twice.
    DuplicateTag,
    /// A tag that must be there is not, or is empty.
    MissingTag,
    /// `v=` is not 1.
    Version,
    /// `a=` names no algorithm that is known.
    Algorithm,
    /// `c=` names no canonicalization that is known.
    Canonicalization,
    /// `b=` or `bh=` is not base64, or not of a possible length.
    Base64,
    /// `d=` or `s=` is no name.
    Name,
    /// `i=` is not within `d=`.
    Agent,
    /// `h=` does not cover From, or has too many names.
    Coverage,
    /// `l=`, `t=` or `x=` is not a number.
    Number,
    /// `x=` is before `t=`.
    ExpiresBeforeSigned,
    /// `q=` offers no way of asking for the key that is known.
    Query,
    /// An ARC field has no instance, or tags it must not have.
    Arc,
}

/// Which field a signature is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Dkim,
    ArcMessage,
    ArcSeal,
}

/// A signature field.
#[derive(Debug, Clone)]
pub(crate) struct Signature<'x> {
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) header_canonicalization: Canonicalization,
    pub(crate) body_canonicalization: Canonicalization,
    /// `d=` in lower case.
    pub(crate) domain: String,
    /// `s=` as it stands.
    pub(crate) selector: String,
    /// `i=` of a DKIM signature, as it stands.
    pub(crate) agent: Option<String>,
    /// `i=` of an ARC field.
    pub(crate) instance: Option<u32>,
    pub(crate) signature: Vec<u8>,
    pub(crate) body_hash: Vec<u8>,
    /// `h=`: names of the signed fields, in order.
    pub(crate) covered: Vec<&'x [u8]>,
    /// `l=` in bytes.
    pub(crate) length: Option<u64>,
    pub(crate) signed_at: Option<Instant>,
    pub(crate) expires_at: Option<Instant>,
    /// `cv=` of an ARC-Seal.
    pub(crate) chain: Option<&'x [u8]>,
    /// The value of `b=` in the field's value, which counts as absent when it is verified.
    pub(crate) blank: Range<usize>,
    pub(crate) problem: Option<Malformation>,
}

impl<'x> Signature<'x> {
    /// Reads the value of a field.
    pub(crate) fn parse(kind: Kind, value: &'x [u8]) -> Self {
        let (tags, problem) = TagList::parse(value);
        let mut signature = Self {
            algorithm: None,
            header_canonicalization: Canonicalization::Simple,
            body_canonicalization: Canonicalization::Simple,
            domain: String::new(),
            selector: String::new(),
            agent: None,
            instance: None,
            signature: Vec::new(),
            body_hash: Vec::new(),
            covered: Vec::new(),
            length: None,
            signed_at: None,
            expires_at: None,
            chain: tags.get(b"cv"),
            blank: tags.tag(b"b").map_or(0..0, |tag| tag.span.clone()),
            problem: problem.map(|problem| match problem {
                TagProblem::Malformed | TagProblem::Empty => Malformation::NotTags,
                TagProblem::Duplicate => Malformation::DuplicateTag,
            }),
        };
        signature.read_names(kind, &tags);
        signature.read_method(kind, &tags);
        signature.read_hashes(kind, &tags);
        signature.read_numbers(kind, &tags);
        signature
    }

    /// Whether `i=` names a subdomain of `d=`, rather than `d=` itself.
    pub(crate) fn agent_is_subdomain(&self) -> bool {
        self.agent.as_ref().is_some_and(|agent| !domain_of(agent).eq_ignore_ascii_case(&self.domain))
    }

    /// The first problem stands: those after it are mostly its consequences.
    fn report(&mut self, problem: Malformation) {
        self.problem.get_or_insert(problem);
    }

    fn require(&mut self, tags: &TagList<'x>, name: &[u8]) -> &'x [u8] {
        let value = tags.get(name).unwrap_or_default();
        if value.is_empty() {
            self.report(Malformation::MissingTag);
        }
        value
    }

    fn read_names(&mut self, kind: Kind, tags: &TagList<'x>) {
        let name = |bytes: &[u8]| {
            let bytes = squeeze(bytes);
            String::from_utf8_lossy(bytes.strip_suffix(b".").unwrap_or(&bytes)).into_owned()
        };
        self.domain = name(self.require(tags, b"d")).to_ascii_lowercase();
        self.selector = name(self.require(tags, b"s"));
        if !is_domain(&self.domain) || !is_domain(&self.selector) {
            self.report(Malformation::Name);
        }
        if kind != Kind::Dkim {
            let instance = tags.get(b"i").and_then(number).and_then(|number| u32::try_from(number).ok());
            self.instance = instance.filter(|&instance| instance > 0);
            if self.instance.is_none() {
                self.report(Malformation::Arc);
            }
        } else if let Some(agent) = tags.get(b"i") {
            let agent = String::from_utf8_lossy(&decode_quoted(&squeeze(agent))).into_owned();
            let domain = domain_of(&agent).to_ascii_lowercase();
            if !agent.contains('@') || !is_within(&domain, &self.domain) {
                self.report(Malformation::Agent);
            }
            self.agent = Some(agent);
        }
    }

    fn read_method(&mut self, kind: Kind, tags: &TagList<'x>) {
        match (kind, tags.get(b"v")) {
            (Kind::Dkim, None) => self.report(Malformation::MissingTag),
            (Kind::Dkim, Some(version)) if version != b"1" => self.report(Malformation::Version),
            _ => {}
        }
        let algorithm = self.require(tags, b"a");
        self.algorithm = Algorithm::parse(&squeeze(algorithm));
        // ARC is younger than the end of SHA-1.
        if self.algorithm.is_none() || (kind != Kind::Dkim && self.algorithm == Some(Algorithm::RsaSha1)) {
            self.report(Malformation::Algorithm);
        }
        if kind == Kind::ArcSeal {
            // Seals are always relaxed, and have neither fields nor a body (RFC 8617 section 4.1.3).
            self.header_canonicalization = Canonicalization::Relaxed;
            if [&b"h"[..], b"bh", b"l", b"c"].iter().any(|name| tags.get(name).is_some()) {
                self.report(Malformation::Arc);
            }
        } else if let Some(pair) = tags.get(b"c") {
            let pair = String::from_utf8_lossy(&squeeze(pair)).into_owned();
            let (header, body) = pair.split_once('/').unwrap_or((&pair, "simple"));
            match (header.parse(), body.parse()) {
                (Ok(header), Ok(body)) => {
                    (self.header_canonicalization, self.body_canonicalization) = (header, body);
                }
                _ => self.report(Malformation::Canonicalization),
            }
        }
        if tags.get(b"q").is_some_and(|ways| !items(ways).any(|way| way == b"dns/txt" || way == b"dns")) {
            self.report(Malformation::Query);
        }
    }

    fn read_hashes(&mut self, kind: Kind, tags: &TagList<'x>) {
        let signature = self.require(tags, b"b");
        match decode_base64(signature).filter(|bytes| bytes.len() <= SIGNATURE_BYTES_MAX) {
            Some(bytes) => self.signature = bytes,
            None => self.report(Malformation::Base64),
        }
        if kind == Kind::ArcSeal {
            return;
        }
        let body_hash = self.require(tags, b"bh");
        match decode_base64(body_hash).filter(|bytes| matches!(bytes.len(), 20 | 32)) {
            Some(bytes) => self.body_hash = bytes,
            None => self.report(Malformation::Base64),
        }
        let names = self.require(tags, b"h");
        self.covered = items(names).filter(|name| !name.is_empty()).take(COVERED_MAX + 1).collect();
        let covers = |wanted: &[u8]| self.covered.iter().any(|name| name.eq_ignore_ascii_case(wanted));
        // RFC 6376 section 5.4; a seal covers the ARC fields, so that a message signature must not
        // (RFC 8617 section 4.1.2).
        let is_bad = self.covered.len() > COVERED_MAX
            || (kind == Kind::Dkim && !covers(b"from"))
            || (kind == Kind::ArcMessage && covers(b"arc-seal"));
        if is_bad {
            self.report(Malformation::Coverage);
        }
    }

    fn read_numbers(&mut self, kind: Kind, tags: &TagList<'x>) {
        let mut read = |name: &[u8]| {
            let value = tags.get(name)?;
            let found = number(value);
            if found.is_none() {
                self.report(Malformation::Number);
            }
            found
        };
        let (length, signed, expires) = (read(b"l"), read(b"t"), read(b"x"));
        let instant = |seconds: u64| Instant(i64::try_from(seconds).unwrap_or(i64::MAX));
        self.length = length.filter(|_| kind != Kind::ArcSeal);
        self.signed_at = signed.map(instant);
        self.expires_at = expires.map(instant);
        if let (Some(signed), Some(expires)) = (signed, expires)
            && expires < signed
        {
            self.report(Malformation::ExpiresBeforeSigned);
        }
    }
}

/// DKIM's quoted-printable (RFC 6376 section 2.11); what is not of it stays.
fn decode_quoted(text: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let value = match (digit(text.get(at + 1)), digit(text.get(at + 2))) {
            (Some(high), Some(low)) if byte == b'=' => u8::try_from(high * 16 + low).ok(),
            _ => None,
        };
        out.push(value.unwrap_or(byte));
        at += if value.is_some() { 3 } else { 1 };
    }
    out
}

/// A number of up to 76 digits (RFC 6376 section 3.5), held to what fits.
fn number(value: &[u8]) -> Option<u64> {
    let value = squeeze(value);
    if value.is_empty() || value.len() > 76 || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digit = |sum: u64, byte: &u8| sum.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
    Some(value.iter().fold(0, digit))
}

fn is_domain(name: &str) -> bool {
    let is_label = |label: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || byte >= 0x80;
        !label.is_empty() && label.bytes().all(fits)
    };
    name.len() <= NAME_BYTES_MAX && name.split('.').all(is_label)
}

/// What follows the last `@`.
pub(crate) fn domain_of(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// Whether a domain is another, or below it; both in lower case.
pub(crate) fn is_within(domain: &str, above: &str) -> bool {
    domain.strip_suffix(above).is_some_and(|front| front.is_empty() || front.ends_with('.'))
}
