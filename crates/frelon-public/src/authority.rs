//! Whose statements count: the roots of a log in their order, and the editors they name.
//!
//! The log's own signature says nothing here: whoever took its key can append anything. A statement
//! counts when as many *different* editors of the root in force signed it as that root asks for.

use std::collections::{BTreeSet, HashSet};

use frelon_log::{
    Note, Origin, Verifier,
    note::{KeyName, OpenError},
};
use frelon_model::ContentHash;

use crate::{
    Statement,
    statement::{Body, Root, StatementId, Succession},
};

/// Who signed a statement that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The editors of the root in force who signed, in the root's order; for a root those of the new
    /// one.
    pub editors: Vec<KeyName>,
}

/// Whose threshold is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The root in force.
    InForce,
    /// The root that a `root` statement brings.
    Next,
}

/// Why a statement does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// It was made for another log.
    #[error("the statement is for the log `{}`", .0.as_str().escape_debug())]
    WrongOrigin(Origin),
    /// It was made under another root than the one in force: after a change of editors it must be made
    /// anew.
    #[error("the statement is made under version {found} of the editors' keys, and {in_force} is in force")]
    WrongRootVersion {
        /// What it names.
        found: u64,
        /// What is in force; 0 when no root is.
        in_force: u64,
    },
    /// The log has no root yet: nobody is an editor.
    #[error("no editors are known yet: the log has no root")]
    NoRoot,
    /// The log begins with another root than the one that was expected.
    #[error("the first root of this log is not the one expected")]
    OtherFirstRoot,
    /// The root names another key for the log; a log that changes its key becomes another log, by a
    /// succession.
    #[error("the root names another key for this log")]
    WrongLogKey,
    /// The same statement was accepted before.
    #[error("statement {0} was made before")]
    Replayed(StatementId),
    /// The log has ended: a succession was accepted.
    #[error("the log has ended, and another goes on in its place")]
    Ended,
    /// A signature in an editor's name is not the editor's.
    #[error("the signature by `{}` is wrong", .0.as_str().escape_debug())]
    BadSignature(KeyName),
    /// Too few editors signed.
    #[error("{missing} more of the {} must sign", match .side { Side::InForce => "editors", Side::Next => "new editors" })]
    TooFew {
        /// Of which root.
        side: Side,
        /// Who did, each once.
        signed: Vec<KeyName>,
        /// How many are missing.
        missing: u64,
    },
}

/// The editors of a log, as far as it has been read.
#[derive(Debug, Clone)]
pub struct Authority {
    /// The key of the log; its name is the origin.
    log: Verifier,
    /// Hash of the text of the first root, where it is known from elsewhere.
    first_root: Option<ContentHash>,
    root: Option<Root>,
    succession: Option<Succession>,
    /// The ids of all that was accepted: 16 bytes for each.
    accepted: BTreeSet<StatementId>,
}

impl Authority {
    /// Before the first entry of the log with this key. The first root that is good by itself is
    /// believed: who held the log's key from the beginning says who the editors are.
    #[must_use]
    pub fn new(log: Verifier) -> Self {
        Self { log, first_root: None, root: None, succession: None, accepted: BTreeSet::new() }
    }

    /// As [`Authority::new`], but the first root must be the one of this hash
    /// ([`Statement::text_hash`]), which came by another way than the log.
    #[must_use]
    pub fn pinned(log: Verifier, first_root: ContentHash) -> Self {
        Self { first_root: Some(first_root), ..Self::new(log) }
    }

    /// The root in force.
    #[must_use]
    pub fn root(&self) -> Option<&Root> {
        self.root.as_ref()
    }

    /// Its version, which statements name; 0 when there is none.
    #[must_use]
    pub fn root_version(&self) -> u64 {
        self.root.as_ref().map_or(0, |root| root.version)
    }

    /// The log that goes on where this one has ended.
    #[must_use]
    pub fn succession(&self) -> Option<&Succession> {
        self.succession.as_ref()
    }

    /// Whether the statement would count as the next one. Signatures by keys that are no editors' are
    /// passed over.
    ///
    /// # Errors
    /// When it does not count, and why.
    pub fn check(&self, statement: &Statement) -> Result<Approval, Refused> {
        let terms = statement.terms();
        if terms.origin.as_str() != self.log.name().as_str() {
            return Err(Refused::WrongOrigin(terms.origin.clone()));
        }
        if self.succession.is_some() {
            return Err(Refused::Ended);
        }
        if self.accepted.contains(&terms.id) {
            return Err(Refused::Replayed(terms.id));
        }
        if terms.root_version != self.root_version() {
            let (found, in_force) = (terms.root_version, self.root_version());
            return Err(Refused::WrongRootVersion { found, in_force });
        }
        let in_force = self.root.as_ref().map(|root| (root, Side::InForce));
        let next = match &terms.body {
            Body::Root(next) if next.log != self.log => return Err(Refused::WrongLogKey),
            Body::Root(_)
                if self.root.is_none() && self.first_root.is_some_and(|first| first != statement.text_hash()) =>
            {
                return Err(Refused::OtherFirstRoot);
            }
            Body::Root(next) => Some((next, Side::Next)),
            _ => None,
        };
        // Both, where there are two: who may sign is decided by the old editors, and the new ones show
        // that they have their keys.
        let mut approval = Err(Refused::NoRoot);
        for (root, side) in in_force.into_iter().chain(next) {
            approval = Ok(threshold(root, side, statement.note())?);
        }
        approval
    }

    /// Checks the statement and takes it in: its id is used up, a root comes into force, a succession
    /// ends the log. Statements are to be given in the order of the log.
    ///
    /// # Errors
    /// As [`Authority::check`]; nothing has changed then.
    pub fn accept(&mut self, statement: &Statement) -> Result<Approval, Refused> {
        let approval = self.check(statement)?;
        let terms = statement.terms();
        let _new = self.accepted.insert(terms.id);
        match &terms.body {
            Body::Root(root) => self.root = Some(root.clone()),
            Body::Succession(succession) => self.succession = Some(succession.clone()),
            _ => {}
        }
        Ok(approval)
    }
}

/// Counts the editors of a root who signed.
fn threshold(root: &Root, side: Side, note: &Note) -> Result<Approval, Refused> {
    let verified = match note.open(&root.editors) {
        Ok(verified) => verified,
        Err(OpenError::Unknown) => Vec::new(),
        Err(OpenError::Bad(name) | OpenError::Ambiguous(name)) => return Err(Refused::BadSignature(name)),
        // A reason this version does not know is no reason to believe it.
        Err(_) => Vec::new(),
    };
    // By their key, not by their line: two signatures of one editor are one.
    let keys: HashSet<&[u8; 32]> = verified.iter().map(|found| root.editors[found.verifier].public_key()).collect();
    let signed = root.editors.iter().filter(|editor| keys.contains(editor.public_key()));
    let signed: Vec<KeyName> = signed.map(|editor| editor.name().clone()).collect();
    let count = keys.len() as u64;
    if count < root.threshold {
        return Err(Refused::TooFew { side, signed, missing: root.threshold - count });
    }
    Ok(Approval { editors: signed })
}

#[cfg(test)]
mod tests;
