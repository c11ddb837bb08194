//! What a sync is told, what it tells while it runs, and what it did.

use std::path::PathBuf;

use frelon_durable::Disk;
use frelon_log::{Cosigner, Policy, TreeHead, Verifier};
use frelon_model::{CollectionId, Tranche};

use super::Follow;
use crate::fetch::Source;

/// Entries that one sync takes at most: some ten GB of log. Whoever holds the log's key could let a
/// mirror fetch for ever.
const ENTRIES_MAX: u64 = 50_000_000;

/// What is mirrored, and how.
#[derive(Debug)]
pub struct Options {
    /// The policy, from the editors themselves. Without it the one that peers show is kept at first
    /// contact.
    pub policy: Option<Policy>,
    /// Which withdrawals are followed.
    pub follow: Follow,
    /// Collections to hold; all where it is empty.
    pub collections: Vec<CollectionId>,
    /// Tranches to hold; all where it is empty.
    pub tranches: Vec<Tranche>,
    /// Entries taken in one sync.
    pub entries_max: u64,
    /// Witnesses and other mirrors whose latest checkpoint is compared with ours; nothing else is taken
    /// from them.
    pub watch: Vec<Box<dyn Source>>,
    /// The mirror's own key: it cosigns what it holds.
    pub cosigner: Option<Cosigner>,
    /// Where files go.
    pub disk: Disk,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            policy: None,
            follow: Follow::All,
            collections: Vec::new(),
            tranches: Vec::new(),
            entries_max: ENTRIES_MAX,
            watch: Vec::new(),
            cosigner: None,
            disk: Disk::new(),
        }
    }
}

/// What happens during a sync, for whoever watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The policy was taken from a peer: trust on first use.
    FirstContact {
        /// The peer.
        peer: &'a str,
        /// The log's key.
        log: &'a Verifier,
    },
    /// Entries of the log.
    Entries {
        /// So far.
        done: u64,
        /// In all.
        total: u64,
    },
    /// A volume was fetched and is good.
    Volume {
        /// Its path.
        path: &'a str,
        /// Its size.
        size_bytes: u64,
    },
    /// Withdrawn items were taken out of a volume.
    Rewritten {
        /// Its path.
        path: &'a str,
        /// How many.
        count: usize,
    },
}

/// What a peer showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// What is here already.
    Current,
    /// A larger log, that of the mirror now.
    Newer,
    /// An earlier state of the log; it may be behind, or hold something back.
    Older {
        /// Its size.
        size: u64,
    },
    /// Another history of the log.
    Forked,
    /// Nothing that can be used.
    Failed(String),
}

/// A peer in the report of a sync.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerReport {
    /// Its URL or directory.
    pub name: String,
    /// Its checkpoint.
    pub shown: Shown,
    /// Why it was not asked any more.
    pub dropped: Option<String>,
}

/// What a sync did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The log now.
    pub head: TreeHead,
    /// Whether anything that readers see has changed.
    pub has_changed: bool,
    /// Entries fetched.
    pub entries: u64,
    /// Volumes fetched.
    pub volumes: u64,
    /// Their bytes.
    pub volume_bytes: u64,
    /// Volumes that withdrawn items were taken out of, without fetching.
    pub rewritten: u64,
    /// The peers, in the order they were given.
    pub peers: Vec<PeerReport>,
    /// Proofs of forks, written by this sync or before.
    pub forks: Vec<PathBuf>,
}
