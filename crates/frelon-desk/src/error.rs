//! What can stop the editors' work. Rows about single items are no errors: see [`crate::failures`].

use std::path::PathBuf;

use frelon_model::{CollectionId, ItemNumber};
use frelon_public::{StatementId, StoreError};

use crate::key::KeyError;

/// The operation failed. What was stored or released before it stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// A source that is not there.
    #[error("{}: cannot be taken in: {source}; check the path", path.display())]
    Source {
        /// The path as given.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A source that contains the publication itself.
    #[error(
        "{}: this folder contains the publication {}; give the folders with mail one by one, or keep the publication elsewhere",
        path.display(), publication.display()
    )]
    SourceHoldsPublication {
        /// The source.
        path: PathBuf,
        /// The publication directory.
        publication: PathBuf,
    },
    /// No source at all.
    #[error("nothing to take in: name at least one file or folder")]
    NoSource,
    /// The vault refused.
    #[error(transparent)]
    Vault(#[from] frelon_vault::VaultError),
    /// The public tree could not be read.
    #[error(transparent)]
    PublicRead(#[from] frelon_public::ReadError),
    /// The public tree could not be written; it is as it was before.
    #[error(transparent)]
    PublicWrite(#[from] frelon_public::WriteError),
    /// Rebuilt bytes could not be written.
    #[error("cannot write the rebuilt file: {0}")]
    Rebuild(std::io::Error),
    /// The file to rebuild is not one of the vault's.
    #[error(
        "{file}: no item of the collection was found in a file of this name; see the status for the sources taken in"
    )]
    NoSuchFile {
        /// The path asked for.
        file: String,
    },
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The log has entries, and its key is gone.
    #[error(
        "{}: the key of this publication's log is missing; bring it back from a backup: with another key it would be another log",
        path.display()
    )]
    NoLogKey {
        /// Where it should be.
        path: PathBuf,
    },
    /// The log has a name already.
    #[error("this publication's log is called `{found}` and cannot become `{wanted}`; leave --origin out")]
    OtherOrigin {
        /// The name asked for.
        wanted: String,
        /// The name it has.
        found: String,
    },
    /// Others saw more of this log than is here, or another: nothing was signed.
    #[error(
        "the log of this publication must not go on: {0}. Either its vault was restored from an older backup, or another copy of it publishes too. Nothing was signed. Bring back the newest `vault/log`, and use one copy alone"
    )]
    Fork(#[from] frelon_log::writer::Refused),
    /// The log could not be written.
    #[error("the log could not be written: {0}")]
    Log(#[source] Box<frelon_log::writer::Error<StoreError>>),
    /// The files of the log could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file could not be written; what was there before still is.
    #[error(transparent)]
    Disk(#[from] frelon_durable::Error),
    /// The system gave no random bytes.
    #[error("the system gave no random bytes: {0}")]
    Random(std::io::Error),
    /// What was to be stated cannot be.
    #[error("this cannot be stated: {0}")]
    Statement(#[from] frelon_public::Malformed),
    /// A statement does not count.
    #[error("statement {id} does not count: {reason}; run the command that made it again, to make it anew")]
    Refused {
        /// Its id.
        id: StatementId,
        /// Why.
        reason: frelon_public::Refused,
    },
    /// The file of a draft cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    DraftFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no draft.
    #[error("{}: this is no draft of a statement: {source}", path.display())]
    NoDraft {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: frelon_public::Malformed,
    },
    /// The draft was not made here.
    #[error("draft {id} was not made by this publication: check --into, or the file")]
    UnknownDraft {
        /// Its id.
        id: StatementId,
    },
    /// The draft is over.
    #[error(
        "draft {id} was given up, because something else was decided meanwhile; run the command that made it again"
    )]
    DraftGivenUp {
        /// Its id.
        id: StatementId,
    },
    /// The item is not out.
    #[error("item {number} of `{collection}` is not released: there is nothing to state about it")]
    NotReleased {
        /// The collection.
        collection: CollectionId,
        /// The number.
        number: ItemNumber,
    },
    /// The item is withdrawn already.
    #[error(
        "item {number} of `{collection}` is withdrawn already, in the same mode; restore it first to state another reason"
    )]
    Withdrawn {
        /// The collection.
        collection: CollectionId,
        /// The number.
        number: ItemNumber,
    },
    /// The item is not withdrawn.
    #[error("item {number} of `{collection}` is not withdrawn")]
    NotWithdrawn {
        /// The collection.
        collection: CollectionId,
        /// The number.
        number: ItemNumber,
    },
    /// The item's bytes are gone.
    #[error("item {number} of `{collection}` was erased: its bytes are no longer here, so it cannot be restored")]
    Erased {
        /// The collection.
        collection: CollectionId,
        /// The number.
        number: ItemNumber,
    },
    /// What is erased cannot come back by itself.
    #[error("an erased item cannot come back by itself: leave --until out, or use --mode hide")]
    EraseUntil,
    /// The list of witnesses cannot be used.
    #[error("{}: {reason}", path.display())]
    Witnesses {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A volume that a release names is nowhere.
    #[error("{}: this volume is gone; bring it back from a backup or a mirror, then run the same command again", path.display())]
    NoVolume {
        /// Where it should be.
        path: PathBuf,
    },
}

impl From<frelon_log::writer::Error<StoreError>> for DeskError {
    fn from(error: frelon_log::writer::Error<StoreError>) -> Self {
        match error {
            frelon_log::writer::Error::Refused(refused) => Self::Fork(refused),
            frelon_log::writer::Error::Store(error) => Self::Store(error),
            other => Self::Log(Box::new(other)),
        }
    }
}
