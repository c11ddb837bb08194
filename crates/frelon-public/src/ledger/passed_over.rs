//! Entries that have no effect: counted, and the first of them kept with their reasons.

use crate::{Malformed, Refused};

/// How many entries of a log there are of what sort.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Document entries.
    pub documents: u64,
    /// Original entries.
    pub originals: u64,
    /// Statements that enough editors signed, with and without effect.
    pub statements: u64,
    /// Bytes that are no entry.
    pub malformed: u64,
    /// Statements of kinds that this version does not know: use a newer one.
    pub unknown: u64,
    /// Statements that too few editors signed, or that are out of place, and all that follows the end
    /// of a log.
    pub refused: u64,
    /// Statements that enough editors signed and that say what cannot be.
    pub ineffective: u64,
}

impl Counts {
    pub(super) fn count(&mut self, reason: &Reason) {
        let count = match reason {
            Reason::Malformed(_) => &mut self.malformed,
            Reason::Unknown(_) => &mut self.unknown,
            Reason::Refused(_) => &mut self.refused,
            Reason::Ineffective(_) => &mut self.ineffective,
        };
        *count += 1;
    }
}

/// An entry that means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedOver {
    /// Its index in the log.
    pub index: u64,
    /// Why.
    pub reason: Reason,
}

/// Why an entry means nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// It is no entry.
    #[error("{0}")]
    Malformed(Malformed),
    /// It may be a good statement of a kind that this version does not know.
    #[error("{0}")]
    Unknown(Malformed),
    /// The editors did not say it, or not here.
    #[error("{0}")]
    Refused(Refused),
    /// The editors said it, and it cannot be.
    #[error("{0}")]
    Ineffective(Ineffective),
}

impl From<Malformed> for Reason {
    fn from(malformed: Malformed) -> Self {
        match malformed {
            Malformed::UnknownKind(_) => Self::Unknown(malformed),
            malformed => Self::Malformed(malformed),
        }
    }
}

/// Why a statement that the editors signed changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Ineffective {
    /// Between its two leaves there are not exactly the entries it counts.
    #[error("the entries it counts are not between the leaves it names")]
    WrongEntries,
    /// The tranche is out already.
    #[error("this tranche was released before")]
    ReleasedBefore,
    /// One of its numbers is out already, in another tranche.
    #[error("an item of this number was released before")]
    NumberReleasedBefore,
    /// Its document entries are not in the order of their numbers.
    #[error("its document entries are not in the order of their numbers")]
    NumbersNotRising,
    /// It is about an item that is not released, or not under this leaf and number.
    #[error("no item of this number was released under this leaf")]
    NoSuchItem,
    /// Nothing is withdrawn that it could restore.
    #[error("the item it restores is not withdrawn")]
    NotWithdrawn,
    /// A succession from another tree of the same origin: the log was forked.
    #[error("it ends another tree of this log: somebody forked the log")]
    OtherTree,
}
