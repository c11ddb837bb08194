//! What can go wrong: always one operation on one path.

use std::{
    io,
    path::{Path, PathBuf},
};

/// One step that reaches the file system. The message of an [`Error`] starts with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Operation {
    /// Create a temporary file.
    Create,
    /// Write to it.
    Write,
    /// `fsync` a file.
    SyncFile,
    /// Give a temporary file its name.
    Rename,
    /// `fsync` a directory.
    SyncDirectory,
    /// Create a directory.
    MakeDirectory,
    /// Remove a file.
    Remove,
    /// List a directory.
    List,
}

impl Operation {
    /// Whether the operation changes what is stored; listing does not.
    #[must_use]
    pub fn changes(self) -> bool {
        self != Self::List
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Create => "create",
            Self::Write => "write",
            Self::SyncFile | Self::SyncDirectory => "sync",
            Self::Rename => "rename",
            Self::MakeDirectory => "create directory",
            Self::Remove => "remove",
            Self::List => "list",
        })
    }
}

/// A durable write failed. What was stored before is still there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No space, or the user's quota is used up (`ENOSPC`, `EDQUOT`).
    #[error(
        "the disk is full (cannot {operation} {path}); nothing stored was lost: free some space and run the same command again"
    )]
    DiskFull {
        /// What was tried.
        operation: Operation,
        /// On which path.
        path: PathBuf,
        /// The system's own words.
        #[source]
        source: io::Error,
    },
    /// Anything else.
    #[error("cannot {operation} {path}")]
    Io {
        /// What was tried.
        operation: Operation,
        /// On which path.
        path: PathBuf,
        /// The system's own words.
        #[source]
        source: io::Error,
    },
}

impl Error {
    pub(crate) fn new(operation: Operation, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { operation, path, source },
            _ => Self::Io { operation, path, source },
        }
    }

    /// What was tried.
    #[must_use]
    pub fn operation(&self) -> Operation {
        match self {
            Self::DiskFull { operation, .. } | Self::Io { operation, .. } => *operation,
        }
    }

    /// The path it was tried on.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::DiskFull { path, .. } | Self::Io { path, .. } => path,
        }
    }

    /// Whether freeing space and running again is the cure.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        matches!(self, Self::DiskFull { .. })
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match &error {
            Error::DiskFull { source, .. } | Error::Io { source, .. } => source.kind(),
        };
        Self::new(kind, error)
    }
}
