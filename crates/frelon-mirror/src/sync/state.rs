//! What a mirror keeps beside the tree, in a directory of its own (mode 0700):
//!
//! ```text
//! mirror/lock          one process
//! mirror/policy        which log is mirrored, and whose cosignatures it takes: given, or kept at first contact
//! mirror/tags.json     which version of their checkpoint peers showed last
//! mirror/partial/      volumes on their way
//! ```

use std::{
    collections::BTreeMap,
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use frelon_durable::Disk;
use frelon_log::{Policy, policy::POLICY_BYTES_MAX};

use super::MirrorError;
use crate::file;

/// Bytes of the file of tags: some thousand peers.
const TAGS_BYTES_MAX: u64 = 1024 * 1024;
/// The longest tag of a peer that is kept.
const TAG_BYTES_MAX: usize = 256;

/// The directory beside the tree.
#[derive(Debug)]
pub(crate) struct State {
    directory: PathBuf,
    disk: Disk,
    /// Tags of checkpoints, by the name of the peer.
    tags: BTreeMap<String, String>,
    _lock: File,
}

impl State {
    pub(crate) fn open(directory: PathBuf, disk: Disk) -> Result<Self, MirrorError> {
        disk.make_private_directory(&directory)?;
        let lock = lock(&directory.join("lock"))?;
        disk.clear_stale(&directory)?;
        disk.make_directory(&directory.join("partial"))?;
        let path = directory.join("tags.json");
        let bytes = file::read(&path, TAGS_BYTES_MAX).unwrap_or_default();
        // They only save requests: damaged ones are forgotten.
        let tags = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        Ok(Self { directory, disk, tags, _lock: lock })
    }

    /// The policy kept; `None` before first contact.
    pub(crate) fn policy(&self) -> Result<Option<Policy>, MirrorError> {
        let path = self.directory.join("policy");
        let bytes = file::read(&path, POLICY_BYTES_MAX as u64)
            .map_err(|source| MirrorError::Io { path: path.clone(), source })?;
        let Some(bytes) = bytes else { return Ok(None) };
        Policy::parse(&bytes).map(Some).map_err(|source| MirrorError::BadPolicy { path, source })
    }

    pub(crate) fn keep_policy(&self, policy: &Policy) -> Result<(), MirrorError> {
        Ok(self.disk.replace(&self.directory.join("policy"), &policy.to_bytes())?)
    }

    pub(crate) fn tag(&self, peer: &str) -> Option<&str> {
        self.tags.get(peer).map(String::as_str)
    }

    /// Keeps the tags of checkpoints that hold nothing new any more.
    pub(crate) fn keep_tags(&mut self, tags: BTreeMap<String, String>) -> Result<(), MirrorError> {
        let tags: BTreeMap<String, String> = tags.into_iter().filter(|(_, tag)| tag.len() <= TAG_BYTES_MAX).collect();
        if tags != self.tags {
            let bytes = serde_json::to_vec_pretty(&tags).expect("strings always serialise");
            self.disk.replace(&self.directory.join("tags.json"), &bytes)?;
            self.tags = tags;
        }
        Ok(())
    }

    /// Where a volume is while it is fetched.
    pub(crate) fn partial(&self, path: &str) -> PathBuf {
        self.directory.join("partial").join(path.replace('/', "-"))
    }

    /// Removes what was on its way and is not wanted any more.
    pub(crate) fn clear_partial(&self) -> Result<(), MirrorError> {
        let folder = self.directory.join("partial");
        let io_error = |source| MirrorError::Io { path: folder.clone(), source };
        for entry in fs::read_dir(&folder).map_err(io_error)? {
            fs::remove_file(entry.map_err(io_error)?.path()).map_err(io_error)?;
        }
        Ok(())
    }
}

/// Takes the lock that keeps a second process out.
fn lock(path: &Path) -> Result<File, MirrorError> {
    let io_error = |source| MirrorError::Io { path: path.to_owned(), source };
    // It holds nothing, so nothing of it need be durable.
    let file = File::options().create(true).truncate(false).write(true).open(path).map_err(io_error)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(MirrorError::Locked { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(io_error(source)),
    }
}
