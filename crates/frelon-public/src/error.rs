//! What can go wrong with the tree as a whole. What is wrong with one item is a
//! [`crate::volume::BadEntry`] or a [`crate::Finding`].

use std::{io, path::PathBuf};

use frelon_log::{Origin, note::OpenError};
use frelon_model::{CollectionId, ItemNumber, Tranche};

/// Reading failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// There is no public tree here.
    #[error("{path} is not a public tree: it has no manifest.json")]
    NotAPublicTree {
        /// The directory.
        path: PathBuf,
    },
    /// A file could not be read.
    #[error("cannot read {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The tree was written by a newer Frelon.
    #[error("{path} has format {format}, which this version does not know: use a newer one")]
    Format {
        /// The manifest.
        path: PathBuf,
        /// The format it states.
        format: u64,
    },
    /// The tree is of a format that is read no more.
    #[error(
        "{path} has format {format}, of publications without a log, which is read no more: publish again into a new directory"
    )]
    OldFormat {
        /// The manifest.
        path: PathBuf,
        /// The format it states.
        format: u64,
    },
    /// A file is not what it should be.
    #[error("{path} is damaged: {reason}; fetch it again from a mirror, or restore it from a copy")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// In what way.
        reason: String,
    },
    /// There is no log here.
    #[error("{path} has no log: there is no checkpoint")]
    NoLog {
        /// The directory.
        path: PathBuf,
    },
    /// The log is not the one asked for.
    #[error("{path} is of the log `{}`", .origin.as_str().escape_debug())]
    OtherLog {
        /// The checkpoint.
        path: PathBuf,
        /// Which log it is of.
        origin: Origin,
    },
    /// The checkpoint is not signed by the log: believe nothing below it.
    #[error("{path} is not signed by the key of this log")]
    Unsigned {
        /// The checkpoint.
        path: PathBuf,
        /// Why.
        #[source]
        source: OpenError,
    },
}

/// A release could not be written. Unless the message says otherwise, the tree is as it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] frelon_durable::Error),
    /// The tree that is there cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// This tranche is out already.
    #[error("tranche {tranche} of {collection} is released already")]
    ReleasedAlready {
        /// The collection.
        collection: CollectionId,
        /// The tranche.
        tranche: Tranche,
    },
    /// The manifest that is there is of another log, or of a larger one: another process was faster.
    #[error("{path} is of another log, or was changed by another process meanwhile; run the same command again")]
    Overtaken {
        /// The manifest.
        path: PathBuf,
    },
    /// Nothing was added.
    #[error("tranche {tranche} of {collection} holds no item: there is nothing to release")]
    Empty {
        /// The collection.
        collection: CollectionId,
        /// The tranche.
        tranche: Tranche,
    },
    /// Items come in the order of their numbers.
    #[error("item {number} cannot follow item {last}: items are added in the order of their numbers")]
    OutOfOrder {
        /// The item.
        number: ItemNumber,
        /// The one before.
        last: ItemNumber,
    },
    /// An item or its opening is beyond what readers accept.
    #[error("item {number} cannot be published: {reason}")]
    Unfit {
        /// The item.
        number: ItemNumber,
        /// Why.
        reason: String,
    },
}
