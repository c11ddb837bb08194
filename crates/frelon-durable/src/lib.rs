//! Durable file writes: what is reported as written is on the disk, whole, under its name, or it is
//! not there at all. Nothing else lives here: no formats, no locks, no retries.
//!
//! The order of system calls for a file that replaces another, each step with its reason:
//!
//! ```text
//! open(dir/.tmp-PID-N-name, O_CREAT|O_EXCL)   the same directory: rename works inside one file system only
//! write ...                                   in large pieces
//! fsync(file)                                 before rename: else the name may come to point at an empty file
//! rename(temporary, dir/name)                 atomic for readers (POSIX): old or new, never a mixture
//! fsync(dir)                                  the name itself is data of the directory, lost without this
//! ```
//!
//! Why all of it is needed: Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014. A
//! failed `fsync` is never tried again on the same file, since the kernel may have dropped the dirty
//! pages and report success the second time: Rebello et al., "Can Applications Recover from fsync
//! Failures?", USENIX ATC 2020. The temporary file is given up instead.
//!
//! [`replace`], [`make_directory`], [`remove`] and [`File::create`] are what most callers want; a
//! [`Disk`] does the same and can be told to fail at a chosen operation ([`Fault`]), which is how
//! the callers' crash tests work.

mod disk;
mod error;
mod fault;
mod file;

use std::path::Path;

pub use disk::Disk;
pub use error::{Error, Operation};
pub use fault::{After, Fault, Record};
pub use file::File;

/// Replaces a file, or creates it: afterwards it holds exactly `bytes`, durably.
///
/// # Errors
/// When any step fails; the file then holds either what it held before or the new bytes, whole.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    Disk::new().replace(path, bytes)
}

/// Creates a directory and the missing ones above it, durably. One that exists already is fine.
///
/// # Errors
/// When a directory cannot be made or synced, or something else has its name.
pub fn make_directory(path: &Path) -> Result<(), Error> {
    Disk::new().make_directory(path)
}

/// Removes a file durably; `false` when there was none.
///
/// # Errors
/// When the file cannot be removed or its directory not synced.
pub fn remove(path: &Path) -> Result<bool, Error> {
    Disk::new().remove(path)
}

#[cfg(test)]
mod tests;
