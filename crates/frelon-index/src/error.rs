//! What can go wrong when reading or building the derived store.

use std::path::PathBuf;

/// Reading failed. Never about a query: see [`SearchError`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The directory is not a publication.
    #[error("{path} is not a publication: it has no {missing}")]
    NotAPublication {
        /// The directory.
        path: PathBuf,
        /// What it lacks.
        missing: &'static str,
    },
    /// `derived/` is missing, unfinished or of another format.
    #[error("{path} has no usable index ({reason}); run `frelon reindex`")]
    NotIndexed {
        /// The directory.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A file could not be read.
    #[error("cannot read {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Stored data contradicts itself.
    #[error("{path} is damaged: {reason}; run `frelon reindex`")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How.
        reason: String,
    },
    /// A cursor that this server did not make.
    #[error("this page link is not valid here; start again from the first page")]
    Cursor,
}

/// A search failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SearchError {
    /// The query is wrong; the error points at the place.
    #[error(transparent)]
    Query(#[from] crate::query::QueryError),
    /// Reading failed.
    #[error(transparent)]
    Read(#[from] ReadError),
}
