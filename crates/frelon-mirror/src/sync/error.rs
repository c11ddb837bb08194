//! Why a mirror does not go on. What single peers do wrong is in the report.

use std::{io, path::PathBuf};

use frelon_log::{Origin, policy::PolicyParseError};
use frelon_public::{ReadError, WriteError};

/// A sync did not come to its end. What was stored before is as it was, and what was fetched stays
/// fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MirrorError {
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] frelon_durable::Error),
    /// A file of the mirror's own cannot be read or written.
    #[error("cannot read or write {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The tree that is here cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The tree that is here cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Another process mirrors into this directory.
    #[error("another mirror is working in {path}")]
    Locked {
        /// The lock.
        path: PathBuf,
    },
    /// The policy kept at first contact is damaged.
    #[error("{path} is no policy: {source}; put back the one that was there, or give --policy")]
    BadPolicy {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: PolicyParseError,
    },
    /// The policy is of another log than the one mirrored here.
    #[error("this directory mirrors the log `{stored}`, which the policy does not name: take another directory")]
    OtherLog {
        /// The log that is here.
        stored: Origin,
    },
    /// First contact, and peers disagree about which log it is.
    #[error(
        "the peers show different logs, and nothing says which is meant: get the policy from the editors and give --policy"
    )]
    Disagreement,
    /// No peer has a checkpoint that the policy accepts.
    #[error("no peer has a checkpoint that can be believed; the last said: {last}")]
    NoPeer {
        /// What the last one did.
        last: String,
    },
    /// The peers lack volumes, or gave wrong ones.
    #[error("{count} volume(s) could not be had whole from any peer, the first is {first}: {reason}")]
    Incomplete {
        /// How many.
        count: usize,
        /// The first of them.
        first: String,
        /// What was wrong with it.
        reason: String,
    },
}
