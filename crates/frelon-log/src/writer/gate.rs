//! The gate before every signature: what others have seen of this log must be a beginning of what we
//! hold.
//!
//! A larger tree signed by our key means that we are a restored backup, or not the only writer. A tree
//! that is not a beginning of ours means that the log has forked already. In both cases signing would
//! make it worse, so nothing is signed.

use crate::{
    Origin, SignedCheckpoint, TreeHead, Verifier,
    merkle::root_at,
    tile::{ReadError, TileSource, TreeReader},
};

/// Why nothing is signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// Somebody saw a larger log: catch up from there first.
    #[error("a checkpoint of size {} signed by this key was seen, and this store ends at {size}", .seen.head().size)]
    Behind {
        /// Where the store ends.
        size: u64,
        /// What was seen.
        seen: Box<SignedCheckpoint>,
    },
    /// Somebody saw another log: this and our own checkpoint together are evidence of a fork.
    #[error("another tree of size {} signed by this key was seen", .seen.head().size)]
    Forked {
        /// What was seen.
        seen: Box<SignedCheckpoint>,
    },
}

impl Refused {
    /// What was seen.
    #[must_use]
    pub fn seen(&self) -> &SignedCheckpoint {
        match self {
            Self::Behind { seen, .. } | Self::Forked { seen } => seen,
        }
    }
}

/// Of what was seen, the checkpoints that this log's key has signed. Anything else is nothing to do
/// with us, or made up to stop us.
pub(super) fn own<'a>(
    seen: &'a [SignedCheckpoint],
    origin: &Origin,
    verifier: &Verifier,
) -> impl Iterator<Item = &'a SignedCheckpoint> {
    let verifiers = [verifier.clone()];
    let origin = origin.clone();
    seen.iter().filter(move |seen| seen.checkpoint().origin == origin && seen.open(&verifiers).is_ok())
}

/// Compares one of our own checkpoints with the tree we hold; `None` if it is a beginning of it.
pub(super) fn compare<S: TileSource>(
    seen: &SignedCheckpoint,
    tree: &TreeReader<S>,
) -> Result<Option<Refused>, ReadError<S::Error>> {
    let TreeHead { size, root } = seen.head();
    let held = tree.head().size;
    let seen = || Box::new(seen.clone());
    if size > held {
        return Ok(Some(Refused::Behind { size: held, seen: seen() }));
    }
    if root_at(tree, size)? == root { Ok(None) } else { Ok(Some(Refused::Forked { seen: seen() })) }
}
