//! The graded result: what a message's signatures prove, with reasons and facts, never a badge.

use std::{fmt, str::FromStr};

use frelon_model::Instant;
use serde::{Deserialize, Serialize};

use super::{
    archive::Provenance,
    canonical::{BodyForm, Canonicalization},
    key::Unfit,
    signature::{Algorithm, Malformation},
};

/// The grade of a signature or a message, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DkimState {
    /// Signed fields and body are as they were signed.
    Pass,
    /// As pass; but it was received after the signature said it would hold.
    Expired,
    /// The signed fields are as they were; the body is not, as under the footer of a list.
    BodyAltered,
    /// The body is as it was signed; the signed fields are not, as with a mark in the subject.
    HeadersAltered,
    /// No record is known under the selector, or none whose key made this signature.
    KeyNotFound,
    /// All that is known under the selector is that its key was revoked.
    KeyRevoked,
    /// Neither the signed fields nor the body are as they were.
    Altered,
    /// The signature, or the record it needs, makes no sense.
    Malformed,
    /// There is no signature.
    Unsigned,
}

impl DkimState {
    /// All, best first.
    pub const ALL: [Self; 9] = [
        Self::Pass,
        Self::Expired,
        Self::BodyAltered,
        Self::HeadersAltered,
        Self::KeyNotFound,
        Self::KeyRevoked,
        Self::Altered,
        Self::Malformed,
        Self::Unsigned,
    ];

    /// A word that stays the same for ever, for stores, queries and addresses.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Expired => "expired",
            Self::BodyAltered => "body-altered",
            Self::HeadersAltered => "headers-altered",
            Self::KeyNotFound => "key-not-found",
            Self::KeyRevoked => "key-revoked",
            Self::Altered => "altered",
            Self::Malformed => "malformed",
            Self::Unsigned => "unsigned",
        }
    }

    /// Whether all that was signed is as it was: pass, expired or not.
    #[must_use]
    pub fn is_pass(self) -> bool {
        matches!(self, Self::Pass | Self::Expired)
    }
}

impl fmt::Display for DkimState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// No state has that code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such state")]
pub struct UnknownState;

impl FromStr for DkimState {
    type Err = UnknownState;

    fn from_str(code: &str) -> Result<Self, UnknownState> {
        Self::ALL.into_iter().find(|state| state.code() == code).ok_or(UnknownState)
    }
}

/// Why a signature has its grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Fields and body verify.
    Verified,
    /// Fields verify; the hash of the body is another.
    BodyDiffers,
    /// Fields verify; the body is shorter than the part that was signed.
    BodyShorter,
    /// The body verifies, and a known key made the signature, over other fields.
    HeadersDiffer,
    /// The body verifies; the fields differ or the key is another one: this kind of key cannot tell.
    HeadersOrKey,
    /// A known key made the signature, over other fields; the body differs too.
    HeadersAndBodyDiffer,
    /// The body differs; the fields may differ too, or the key is another one: it cannot be told.
    BodyAndHeadersOrKey,
    /// Nothing is known under the selector.
    NoRecord,
    /// Records are known under the selector, and none of their keys made this signature: it was another
    /// key, or the signature itself was damaged. It says nothing of the fields.
    NoKeyFits,
    /// The only record is the one that revokes the key.
    Revoked,
    /// The field is malformed: see the malformation.
    SignatureMalformed,
    /// The only records cannot be read.
    RecordMalformed,
    /// The only records are not for this signature: see why they are unfit.
    RecordUnfit,
    /// The header is longer than is read, and the signature does not verify over what was read of it.
    HeaderTooLong,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Verified,
        Self::BodyDiffers,
        Self::BodyShorter,
        Self::HeadersDiffer,
        Self::HeadersOrKey,
        Self::HeadersAndBodyDiffer,
        Self::BodyAndHeadersOrKey,
        Self::NoRecord,
        Self::NoKeyFits,
        Self::Revoked,
        Self::SignatureMalformed,
        Self::RecordMalformed,
        Self::RecordUnfit,
        Self::HeaderTooLong,
    ];

    /// A word that stays the same for ever, as it is serialised.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::BodyDiffers => "body-differs",
            Self::BodyShorter => "body-shorter",
            Self::HeadersDiffer => "headers-differ",
            Self::HeadersOrKey => "headers-or-key",
            Self::HeadersAndBodyDiffer => "headers-and-body-differ",
            Self::BodyAndHeadersOrKey => "body-and-headers-or-key",
            Self::NoRecord => "no-record",
            Self::NoKeyFits => "no-key-fits",
            Self::Revoked => "revoked",
            Self::SignatureMalformed => "signature-malformed",
            Self::RecordMalformed => "record-malformed",
            Self::RecordUnfit => "record-unfit",
            Self::HeaderTooLong => "header-too-long",
        }
    }
}

/// How the signing domain relates to the domain of the author's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alignment {
    /// They are the same.
    Exact,
    /// One is below the other. Which suffixes are public is not looked up.
    Subdomain,
    /// They are unrelated, as when a list signs.
    None,
    /// There is no address in From.
    Unknown,
}

/// A name in `h=`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoveredField {
    /// In lower case.
    pub name: String,
    /// How often `h=` names it.
    pub signed: u32,
    /// How often the message has it.
    pub present: u32,
}

impl CoveredField {
    /// Named more often than it stood: adding one breaks the signature.
    #[must_use]
    pub fn is_oversigned(&self) -> bool {
        self.signed > self.present
    }

    /// There are more of it than are signed: the upper ones prove nothing, and may be the ones shown.
    #[must_use]
    pub fn has_unsigned(&self) -> bool {
        self.present > self.signed
    }
}

/// How much of the body is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyCoverage {
    /// Bytes signed, of the canonical body.
    pub covered_bytes: u64,
    /// Bytes of the canonical body.
    pub total_bytes: u64,
    /// `l=` says how much; without it, all is signed.
    pub is_limited: bool,
    /// The reading of `From ` lines under which the hash matched; as given when none did.
    pub form: BodyForm,
}

/// The key a verdict rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUse {
    /// Size in bits. Keys below 1,024 are weak, and were usual once.
    pub bits: u32,
    /// Which key it is, whatever the record around it: see [`super::KeyRecord::fingerprint`].
    pub fingerprint: String,
    /// How it came to be known.
    pub provenance: Provenance,
    /// Where it comes from.
    pub source: String,
    /// When it was first seen under its selector.
    pub first_seen_at: Option<Instant>,
    /// When it was last seen there.
    pub last_seen_at: Option<Instant>,
    /// Whether the time of the message lies between the two; `None` if one of them is not known.
    pub was_seen_then: Option<bool>,
    /// When a record that revokes it was first seen.
    pub revoked_at: Option<Instant>,
    /// When its private half was made public; from then on, anybody can sign with it.
    pub disclosed_at: Option<Instant>,
    /// `t=y`: the domain said it only tried DKIM out.
    pub is_testing: bool,
}

/// What one signature proves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureResult {
    /// The grade.
    pub state: DkimState,
    /// Why.
    pub reason: Reason,
    /// What is malformed in the field.
    pub malformation: Option<Malformation>,
    /// Why the records known are not for this signature.
    pub unfit: Option<Unfit>,
    /// `d=` in lower case.
    pub signing_domain: String,
    /// `s=`.
    pub selector: String,
    /// `i=`: the agent or user, as the signer says.
    pub agent: Option<String>,
    /// `a=`, where it is known.
    pub algorithm: Option<Algorithm>,
    /// `c=` for the fields.
    pub header_canonicalization: Canonicalization,
    /// `c=` for the body.
    pub body_canonicalization: Canonicalization,
    /// The key that made the signature, where one is known.
    pub key: Option<KeyUse>,
    /// Keys tried.
    pub keys_tried: u32,
    /// Whether the body has its hash; `None` where that was not looked at.
    pub is_body_intact: Option<bool>,
    /// What is signed of the header.
    pub covered: Vec<CoveredField>,
    /// What is signed of the body.
    pub body: Option<BodyCoverage>,
    /// `t=`.
    pub signed_at: Option<Instant>,
    /// `x=`.
    pub expires_at: Option<Instant>,
    /// How the signing domain relates to the author's.
    pub alignment: Alignment,
}

impl SignatureResult {
    /// Names covered by the signature of which the message has more than are signed.
    pub fn unsigned_duplicates(&self) -> impl Iterator<Item = &CoveredField> {
        self.covered.iter().filter(|field| field.has_unsigned())
    }
}

/// What a message proves of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentication {
    /// The best grade of its signatures.
    pub grade: DkimState,
    /// Which signature that is; one of the author's domain, among equals.
    pub best: Option<usize>,
    /// Every signature looked at, topmost first.
    pub signatures: Vec<SignatureResult>,
    /// Signatures not looked at, beyond the most that are.
    pub left_out: usize,
    /// The chain of those who passed the message on.
    pub arc: ArcResult,
}

/// The grade of a message with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// The best grade of its signatures.
    pub grade: DkimState,
    /// Every signature looked at, topmost first.
    pub signatures: Vec<AssessedSignature>,
}

/// The grade of one signature, and whose key made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssessedSignature {
    /// The grade.
    pub state: DkimState,
    /// `d=` in lower case.
    pub signing_domain: String,
    /// `s=`.
    pub selector: String,
    /// The key that made the signature, where one is known.
    pub key: Option<KeyUse>,
}

/// Whether a chain holds (RFC 8617 section 4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArcState {
    /// There is none.
    None,
    /// Every seal verifies, and what the last in the chain signed is as it was.
    Pass,
    /// It is broken, or says so of itself.
    Fail,
    /// A key is not known.
    KeyNotFound,
}

/// Why a chain has its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArcReason {
    /// There is none.
    None,
    /// It verifies.
    Verified,
    /// Instances are missing, doubled, or more than fifty.
    Structure,
    /// A field of it is malformed.
    Malformed,
    /// The last seal says that the chain had failed before.
    FailedBefore,
    /// `cv=` is not what its place in the chain asks for.
    ChainValue,
    /// The last message signature does not verify.
    Message,
    /// A seal does not verify.
    Seal,
    /// A key is not known.
    KeyNotFound,
}

impl ArcState {
    /// All, best first.
    pub const ALL: [Self; 4] = [Self::Pass, Self::KeyNotFound, Self::Fail, Self::None];

    /// A word that stays the same for ever, as it is serialised.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::KeyNotFound => "key-not-found",
        }
    }
}

impl ArcReason {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::None,
        Self::Verified,
        Self::Structure,
        Self::Malformed,
        Self::FailedBefore,
        Self::ChainValue,
        Self::Message,
        Self::Seal,
        Self::KeyNotFound,
    ];

    /// A word that stays the same for ever, as it is serialised.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Verified => "verified",
            Self::Structure => "structure",
            Self::Malformed => "malformed",
            Self::FailedBefore => "failed-before",
            Self::ChainValue => "chain-value",
            Self::Message => "message",
            Self::Seal => "seal",
            Self::KeyNotFound => "key-not-found",
        }
    }
}

/// One link of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArcSet {
    /// Its number, from 1.
    pub instance: u32,
    /// The message signature; `None` where it was not looked at.
    pub message: Option<SignatureResult>,
    /// The seal; `None` where it was not looked at.
    pub seal: Option<SignatureResult>,
}

/// What the ARC fields prove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArcResult {
    /// Whether the chain holds.
    pub state: ArcState,
    /// Why.
    pub reason: ArcReason,
    /// The instance the reason is about, where it is about one.
    pub at: Option<u32>,
    /// The lowest instance from which on every message signature verifies: nobody changed what it
    /// covers since.
    pub oldest_pass: Option<u32>,
    /// The links, first to last.
    pub sets: Vec<ArcSet>,
}

impl ArcResult {
    pub(crate) fn new(state: ArcState, reason: ArcReason, at: Option<u32>) -> Self {
        Self { state, reason, at, oldest_pass: None, sets: Vec::new() }
    }
}
