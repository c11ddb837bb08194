//! The disk as writers see it: a few durable operations, real or with failures on request.

use std::{
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    error::{Error, Operation},
    fault::{Fault, Record, Script},
    file::{self, File},
};

/// Where durable writes go. [`Disk::new`] is the real one and costs nothing; tests use
/// [`Disk::recording`] and [`Disk::failing`]. Clones share one count of operations.
#[derive(Debug, Clone, Default)]
pub struct Disk {
    script: Option<Arc<Script>>,
}

impl Disk {
    /// The real disk.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The real disk, with a list of all operations kept: see [`Disk::records`].
    #[must_use]
    pub fn recording() -> Self {
        Self { script: Some(Arc::new(Script::new(None))) }
    }

    /// The real disk with one failure.
    #[must_use]
    pub fn failing(fault: Fault) -> Self {
        Self { script: Some(Arc::new(Script::new(Some(fault)))) }
    }

    /// The operations asked for so far, in order; empty for [`Disk::new`], which keeps none.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        self.script.as_ref().map(|script| script.records()).unwrap_or_default()
    }

    /// Replaces a file, or creates it: afterwards it holds exactly `bytes`, durably.
    ///
    /// # Errors
    /// When any step fails; the file then holds either what it held before or the new bytes, whole.
    pub fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        let mut file = self.create(path)?;
        file.append(bytes)?;
        file.commit()
    }

    /// As [`Disk::replace`], for this user alone (mode 0600): no moment exists at which others can
    /// read it.
    ///
    /// # Errors
    /// The same.
    pub fn replace_private(&self, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        let mut file = File::create_on(self.clone(), path, file::PRIVATE_MODE)?;
        file.append(bytes)?;
        file.commit()
    }

    /// Starts a file that appears under `path` only when it is committed.
    ///
    /// # Errors
    /// When the temporary file beside it cannot be created.
    pub fn create(&self, path: &Path) -> Result<File, Error> {
        File::create_on(self.clone(), path, file::MODE)
    }

    /// Gives a whole, durable file another place on the same file system, durably: afterwards it has
    /// the new name and no longer the old. One that is there under the new name is replaced.
    ///
    /// # Errors
    /// When a step fails; the file then has one of the two names, whole.
    pub fn rename(&self, from: &Path, to: &Path) -> Result<(), Error> {
        self.step(Operation::Rename, to, || fs::rename(from, to))?;
        self.sync_directory(parent(to))?;
        if parent(from) == parent(to) { Ok(()) } else { self.sync_directory(parent(from)) }
    }

    /// Gives a file that is whole already its place, durably: synced, renamed, both directories synced.
    /// `from` and `to` are on one file system.
    ///
    /// # Errors
    /// When a step fails; it is then in the one place or in the other.
    pub fn settle(&self, from: &Path, to: &Path) -> Result<(), Error> {
        self.step(Operation::SyncFile, from, || fs::File::open(from)?.sync_all())?;
        self.step(Operation::Rename, to, || fs::rename(from, to))?;
        self.sync_directory(parent(to))?;
        self.sync_directory(parent(from))
    }

    /// Creates a directory and the missing ones above it, durably. One that exists already is fine.
    ///
    /// # Errors
    /// When a directory cannot be made or synced, or something else has its name.
    pub fn make_directory(&self, path: &Path) -> Result<(), Error> {
        self.make(path, 0o777)
    }

    /// As [`Disk::make_directory`], but readable by this user alone (mode 0700).
    ///
    /// # Errors
    /// The same.
    pub fn make_private_directory(&self, path: &Path) -> Result<(), Error> {
        self.make(path, 0o700)
    }

    fn make(&self, path: &Path, mode: u32) -> Result<(), Error> {
        if path.is_dir() {
            return Ok(());
        }
        let parent = parent(path);
        if !parent.is_dir() {
            // Only the last one is asked to be private; those above belong to the user's own choice.
            self.make(parent, 0o777)?;
        }
        self.step(Operation::MakeDirectory, path, || match fs::DirBuilder::new().mode(mode).create(path) {
            // Another process was faster; it is synced here all the same.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
            other => other,
        })?;
        self.sync_directory(parent)
    }

    /// Removes a file durably; `false` when there was none.
    ///
    /// # Errors
    /// When the file cannot be removed or its directory not synced.
    pub fn remove(&self, path: &Path) -> Result<bool, Error> {
        let removed = self.unlink(path)?;
        if removed {
            self.sync_directory(parent(path))?;
        }
        Ok(removed)
    }

    /// Temporary files that earlier runs left in a directory, by name. Empty when there is no such
    /// directory. Only for whoever is the single writer there: a running writer's temporary files
    /// look the same.
    ///
    /// # Errors
    /// When the directory cannot be listed.
    pub fn stale(&self, directory: &Path) -> Result<Vec<PathBuf>, Error> {
        self.step(Operation::List, directory, || {
            let entries = match fs::read_dir(directory) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
                other => other?,
            };
            let mut found = Vec::new();
            for entry in entries {
                let entry = entry?;
                if file::is_temporary(&entry.file_name()) && entry.file_type()?.is_file() {
                    found.push(entry.path());
                }
            }
            found.sort();
            Ok(found)
        })
    }

    /// Removes what [`Disk::stale`] lists; the number of files removed.
    ///
    /// # Errors
    /// When the directory cannot be listed or a file not removed.
    pub fn clear_stale(&self, directory: &Path) -> Result<usize, Error> {
        let stale = self.stale(directory)?;
        for path in &stale {
            self.unlink(path)?;
        }
        if !stale.is_empty() {
            self.sync_directory(directory)?;
        }
        Ok(stale.len())
    }

    pub(crate) fn unlink(&self, path: &Path) -> Result<bool, Error> {
        self.step(Operation::Remove, path, || match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            other => other.map(|()| true),
        })
    }

    pub(crate) fn sync_directory(&self, path: &Path) -> Result<(), Error> {
        self.step(Operation::SyncDirectory, path, || fs::File::open(path)?.sync_all())
    }

    pub(crate) fn step<T>(
        &self,
        operation: Operation,
        path: &Path,
        run: impl FnOnce() -> io::Result<T>,
    ) -> Result<T, Error> {
        match &self.script {
            None => run().map_err(|source| Error::new(operation, path, source)),
            Some(script) => script.step(operation, path, run),
        }
    }
}

/// The directory a path lies in; `.` for a bare name.
pub(crate) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => path,
    }
}
