//! What the log says beside the items: what was stated, what was taken back, how far it reaches.

use frelon_log::NodeHash;
use frelon_model::{CollectionId, Instant, ItemKey, ItemNumber, Tranche};
use frelon_public::{
    ledger::Withdrawal,
    statement::{WithdrawMode, WithdrawReason},
};
use serde::{Deserialize, Serialize};

/// The log as of which the index was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRecord {
    /// Its name.
    pub origin: String,
    /// How many entries it had.
    pub size: u64,
    /// The root of its tree at that size.
    pub root: NodeHash,
}

/// What is left of an item that was taken back: its place in the log, and why it is not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TombstoneRecord {
    /// Collection and number.
    pub key: ItemKey,
    /// Index of its document entry in the log.
    pub leaf: u64,
    /// How far the withdrawal goes.
    pub mode: WithdrawMode,
    /// Why.
    pub reason: WithdrawReason,
    /// Whose law; one line.
    pub jurisdiction: Option<String>,
    /// When it ends by itself.
    pub until: Option<Instant>,
    /// What the editors tell readers, plain text.
    pub text: Option<String>,
    /// When the statement was made.
    pub withdrawn_at: Instant,
    /// Index of the statement in the log.
    pub statement_leaf: u64,
}

impl From<Withdrawal> for TombstoneRecord {
    fn from(withdrawal: Withdrawal) -> Self {
        let Withdrawal { collection, number, leaf, mode, reason, .. } = withdrawal;
        let Withdrawal { jurisdiction, until, text, withdrawn_at, statement_leaf, .. } = withdrawal;
        let key = ItemKey { collection, number };
        Self { key, leaf, mode, reason, jurisdiction, until, text, withdrawn_at, statement_leaf }
    }
}

/// A statement of the editors that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRecord {
    /// Index of the statement in the log.
    pub leaf: u64,
    /// What it is about; `None` for what is about the log.
    pub collection: Option<CollectionId>,
    /// When it was made, as its makers say.
    pub made_at: Instant,
    /// What it says.
    pub change: Change,
}

/// What a statement says, as far as readers are told on a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Change {
    /// Who the editors are.
    Root {
        /// 1 for the first, one more for each that follows.
        version: u64,
        /// Their keys, as `vkey`s.
        editors: Vec<String>,
        /// How many it takes.
        threshold: u64,
        /// Keys of witnesses, as `vkey`s.
        witnesses: Vec<String>,
    },
    /// How a collection is presented.
    Collection {
        /// Its title from then on.
        title: String,
    },
    /// Items were taken in.
    Accession {
        /// How many.
        count: u64,
    },
    /// A tranche came out.
    Release {
        /// Which.
        tranche: Tranche,
        /// Its title, may be empty.
        title: String,
        /// How many items.
        item_count: u64,
    },
    /// An item was taken back.
    Withdraw {
        /// Which.
        number: ItemNumber,
        /// How far.
        mode: WithdrawMode,
        /// Why.
        reason: WithdrawReason,
        /// Whose law.
        jurisdiction: Option<String>,
        /// When it ends by itself.
        until: Option<Instant>,
        /// What readers are told.
        text: Option<String>,
    },
    /// An item is out again.
    Restore {
        /// Which.
        number: ItemNumber,
        /// What readers are told.
        text: Option<String>,
    },
    /// Another item takes the place of one.
    Correct {
        /// The item that is corrected.
        number: ItemNumber,
        /// The one in its place.
        replacement: ItemNumber,
        /// Why.
        reason: String,
    },
    /// All goes on in another log.
    Succession {
        /// Name of the new log.
        origin: String,
    },
}

impl Change {
    /// The word for its kind, as in the log.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Root { .. } => "root",
            Self::Collection { .. } => "collection",
            Self::Accession { .. } => "accession",
            Self::Release { .. } => "release",
            Self::Withdraw { .. } => "withdraw",
            Self::Restore { .. } => "restore",
            Self::Correct { .. } => "correct",
            Self::Succession { .. } => "succession",
        }
    }
}
