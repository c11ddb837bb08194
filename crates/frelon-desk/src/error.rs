//! What can stop the editors' work. Rows about single items are no errors: see [`crate::failures`].

use std::path::PathBuf;

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
    /// A key cannot be read or made.
    #[error("cannot use the key in {}: {source}", path.display())]
    Key {
        /// Its file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The source of random bytes failed.
    #[error("the system gave no random bytes, without which no key and no statement can be made")]
    NoRandom,
    /// The log could not be written.
    #[error("the log cannot be written")]
    Log(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What was appended to the log is not accepted by those who read it.
    #[error("the log does not hold the release that was made: the keys in vault/key are not those of this log")]
    NotLogged,
    /// A file could not be written.
    #[error(transparent)]
    Disk(#[from] frelon_durable::Error),
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
}
