//! What can go wrong with a vault, by what the caller can do about it.

use std::path::{Path, PathBuf};

use frelon_model::{CollectionId, ItemNumber};

/// A failure of the vault. Whatever was committed before it is kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// Another process writes to this vault.
    #[error(
        "{}: another frelon is writing to this publication; wait until it ends, or stop it, then run the same command again",
        path.display()
    )]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// There is no vault here.
    #[error("{}: there is no vault here; take something in first, or check the path of the publication", path.display())]
    Absent {
        /// Where the vault was looked for.
        path: PathBuf,
    },
    /// The file system has no room left.
    #[error(
        "{}: the disk is full; free some space and run the same command again: everything stored before is kept",
        path.display()
    )]
    DiskFull {
        /// The file that could not grow.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("{}: could not {doing}: {source}", path.display())]
    Io {
        /// The file concerned.
        path: PathBuf,
        /// What was tried, as a verb phrase.
        doing: &'static str,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// SQLite refused.
    #[error("{}: {source}", path.display())]
    Database {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The vault was written by another version.
    #[error("{}: vault format {found}, but this frelon reads format {known}; use the frelon that wrote it, or a newer one", path.display())]
    Format {
        /// The database file.
        path: PathBuf,
        /// Format found.
        found: i64,
        /// Format this code reads.
        known: i64,
    },
    /// Stored bytes are not what was stored.
    #[error("{}: damaged: {detail}; restore this file from a backup", path.display())]
    Damaged {
        /// The damaged file.
        path: PathBuf,
        /// What does not fit.
        detail: String,
    },
    /// No such collection in this vault.
    #[error("{}: no collection `{collection}` in this vault", path.display())]
    NoCollection {
        /// The vault.
        path: PathBuf,
        /// The name asked for.
        collection: CollectionId,
    },
    /// No such item in the collection.
    #[error("no item {number} in collection `{collection}`")]
    NoItem {
        /// The collection.
        collection: CollectionId,
        /// The number asked for.
        number: ItemNumber,
    },
}

impl VaultError {
    /// An error of the operating system, told apart when it is for want of space.
    pub(crate) fn io(path: &Path, doing: &'static str, source: std::io::Error) -> Self {
        use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        if matches!(source.kind(), StorageFull | QuotaExceeded | FileTooLarge) {
            return Self::DiskFull { path: path.to_owned() };
        }
        Self::Io { path: path.to_owned(), doing, source }
    }

    /// An error of SQLite, told apart when it is for want of space.
    pub(crate) fn database(path: &Path, source: rusqlite::Error) -> Self {
        if source.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull) {
            return Self::DiskFull { path: path.to_owned() };
        }
        Self::Database { path: path.to_owned(), source }
    }
}
