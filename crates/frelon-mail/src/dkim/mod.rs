//! DKIM (RFC 6376, 8301, 8463) and ARC (RFC 8617), judged offline: a graded result with its reason for
//! every signature, against the keys an archive holds. Asks no DNS and reads no clock.
//!
//! [`verify`] judges one message; [`assess`] tells its grade alone. [`KeyArchive`] holds the keys, or whatever implements [`KeySource`].
//! [`KeyRecord`] is one record. [`Recovery`] finds a key that nobody kept from signatures made with it.

mod arc;
mod archive;
mod body;
mod canonical;
mod digest;
mod gcd;
mod grade;
mod key;
mod public_key;
mod recover;
mod signature;
mod tag;
mod verify;
mod zone;

pub use archive::{ArchivedKey, KeyArchive, KeySource, LineProblem, Provenance};
pub use canonical::{BodyForm, Canonicalization};
pub use digest::Hash;
pub use grade::{
    Alignment, ArcReason, ArcResult, ArcSet, ArcState, AssessedSignature, Assessment, Authentication, BodyCoverage,
    CoveredField, DkimState, KeyUse, Reason, SignatureResult, UnknownState,
};
pub use key::{KeyRecord, RecordProblem, Unfit};
pub use public_key::KeyProblem;
pub use recover::{Progress, RecoveredKey, Recovery, Specimen};
pub use signature::{Algorithm, Malformation};
pub use verify::{assess, selectors, verify};

#[cfg(test)]
mod tests;
