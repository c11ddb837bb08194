//! Checking: a whole tree, one volume that came alone, one item with its proof.
//!
//! | what | how | what it proves |
//! |---|---|---|
//! | a public tree | [`verify_tree`] | all that the log commits to and the editors signed, as it should be now |
//! | a ZIP alone | [`verify_volume`] | that items are what their openings say; nothing about who says so |
//! | an item and its proof | [`verify_item`] | that the item was released, and by whom |

mod item;
mod log;
mod report;
mod shelf;
mod tree;
mod zip;

use std::{num::NonZero, ops::ControlFlow};

use crate::PublicTree;
pub use item::{ITEM_PROOF_BYTES_MAX, ItemError, ItemVerdict, MakeProofError, make_proof, verify_item};
pub use report::{Finding, Report};
use shelf::Work;
pub use tree::{Freshness, STALE_AFTER_S, TreeVerdict, VerifyOptions, Witness, verify_tree};
pub use zip::{VolumeVerdict, verify_volume};

/// How far a check has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Items read so far.
    pub items: u64,
    /// Their bytes, uncompressed.
    pub bytes: u64,
}

impl PublicTree {
    /// Checks the tree against its manifest alone, without looking at the log: volumes, each item
    /// against its opening and the ZIP's own checksum, numbers against releases. `threads` do the
    /// hashing.
    #[must_use]
    pub fn verify(&self, threads: NonZero<usize>) -> Report {
        let manifest = self.manifest();
        let shelves = tree::shelves(None, Some(manifest));
        let work = Work { directory: self.directory(), log: None, now: None, threads };
        let (mut report, numbers, _) = shelf::check(&work, &shelves, &mut |_| ControlFlow::Continue(()));
        for volume in manifest.volumes() {
            tree::compare_volume(volume, false, &numbers, &mut report);
        }
        report.findings.sort();
        report
    }
}

#[cfg(test)]
mod tests;
