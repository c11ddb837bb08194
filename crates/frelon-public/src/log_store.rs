//! A log in files: what its one writer works on.
//!
//! ```text
//! public/checkpoint               what readers get, replaced last
//! public/tile/...                 tiles and bundles at their C2SP paths, never overwritten
//! private/state                   the latest checkpoint signed: never to be lost or set back
//! private/lock                    held while the store is open: one writer
//! private/staging/...             a batch on its way, removed when it is out
//! ```
//!
//! The private directory is not served, and belongs into no backup that is ever put back alone: a
//! state set back below what was published makes the writer refuse to sign. Here are files; what is
//! signed, and in which order all is done, is `frelon_log::writer`.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    fs::{File, TryLockError},
    io::{self, Read},
    path::{Path, PathBuf},
};

use frelon_durable::Disk;
use frelon_log::{
    note::NOTE_BYTES_MAX,
    tile::{BUNDLE_BYTES_MAX, Resource},
    writer::{CHECKPOINT_PATH, LogStore, STAGING_PREFIX},
};

use crate::directory;

/// The longest staged object read: a pack is closed at 8 MiB, after the bundle that filled it.
const STAGED_BYTES_MAX: usize = 16 * 1024 * 1024 + BUNDLE_BYTES_MAX;

/// The longest name of a staged object: two numbers and a hash.
const STAGED_NAME_BYTES_MAX: usize = 128;

/// Why the files of a log cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The disk refused; what was asked may have been done or not.
    #[error(transparent)]
    Disk(#[from] frelon_durable::Error),
    /// A file cannot be read.
    #[error("cannot read {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Another process has the log open: wait for it, or end it.
    #[error("another process is writing to this log: it holds {path}")]
    Locked {
        /// The file that is locked.
        path: PathBuf,
    },
    /// An object that must never change is there with other bytes: two logs are mixed up in one
    /// directory, or the file is damaged.
    #[error("{path} is there already with other bytes, and must not be overwritten")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A file is longer than any that a log has.
    #[error("{path} is longer than any file of a log")]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// No object of a log has such a name.
    #[error("`{0}` is no name of an object of a log")]
    Name(String),
}

/// A log in two directories. While it is open no other process can open it.
#[derive(Debug)]
pub struct FileStore {
    public: PathBuf,
    private: PathBuf,
    disk: Disk,
    /// Whether the state that can be read is known to be on the disk: after a failed sync, or a run
    /// that was killed, it may be a name that a power cut takes back.
    is_settled: Cell<bool>,
    /// Directories that were cleared of what killed runs left.
    cleared: RefCell<BTreeSet<PathBuf>>,
    /// The kernel frees it when the process ends, however it ends.
    _lock: File,
}

impl FileStore {
    /// Opens a log, or makes room for one: what readers see in `public`, the rest in `private`, both
    /// made if they are not there.
    ///
    /// # Errors
    /// When another process has it open, or the disk refuses.
    pub fn open(public: &Path, private: &Path) -> Result<Self, StoreError> {
        Self::open_on(Disk::new(), public, private)
    }

    /// As [`FileStore::open`], on a disk that may fail.
    ///
    /// # Errors
    /// The same.
    pub fn open_on(disk: Disk, public: &Path, private: &Path) -> Result<Self, StoreError> {
        disk.make_private_directory(private)?;
        let lock = lock(&private.join("lock"))?;
        disk.make_directory(&private.join("staging"))?;
        disk.make_directory(public)?;
        disk.clear_stale(private)?;
        disk.clear_stale(&private.join("staging"))?;
        // Releases write into this directory too; their files are theirs.
        for path in disk.stale(public)? {
            if path.to_string_lossy().ends_with(&format!("-{CHECKPOINT_PATH}")) {
                disk.remove(&path)?;
            }
        }
        Ok(Self {
            public: public.to_owned(),
            private: private.to_owned(),
            disk,
            is_settled: Cell::new(false),
            cleared: RefCell::default(),
            _lock: lock,
        })
    }

    /// Removes what earlier batches left staged and no writer can need any more; the number of files.
    /// Batches that were committed clean up after themselves: this is for those that were not. To be
    /// called between appends. As long as the last checkpoint is not published, nothing is removed.
    ///
    /// # Errors
    /// When the directory cannot be listed or a file not removed.
    pub fn sweep(&self) -> Result<usize, StoreError> {
        let state = self.state()?;
        if self.published()? != state {
            return Ok(0);
        }
        let size = match &state {
            Some(state) => match frelon_log::SignedCheckpoint::parse(state) {
                Ok(checkpoint) => checkpoint.head().size,
                // Not ours to judge; the writer refuses it.
                Err(_) => return Ok(0),
            },
            None => 0,
        };
        // A batch that is to follow may have been signed: all of it stays.
        if self.get(&format!("{STAGING_PREFIX}{size}/intent"))?.is_some() {
            return Ok(0);
        }
        let staging = self.private.join("staging");
        let mut removed = 0;
        for name in list(&staging)? {
            if is_staged_file(&name) {
                removed += usize::from(self.disk.remove(&staging.join(name))?);
            }
        }
        Ok(removed)
    }

    fn state_path(&self) -> PathBuf {
        self.private.join("state")
    }

    fn checkpoint_path(&self) -> PathBuf {
        self.public.join(CHECKPOINT_PATH)
    }

    /// The file of an object, and the most bytes it can have.
    fn file(&self, name: &str) -> Result<(PathBuf, usize), StoreError> {
        let unknown = || StoreError::Name(name.to_owned());
        if let Some(staged) = name.strip_prefix(STAGING_PREFIX) {
            // One directory for all, so that none is left behind empty by every batch.
            let file = staged.replacen('/', ".", 1);
            let is_good = staged.matches('.').count() == 0 && is_staged_file(&file);
            return if is_good {
                Ok((self.private.join("staging").join(file), STAGED_BYTES_MAX))
            } else {
                Err(unknown())
            };
        }
        // A path has one spelling, so what is read leads nowhere else.
        let resource: Resource = name.parse().map_err(|_| unknown())?;
        Ok((self.public.join(resource.to_string()), resource.bytes_max()))
    }

    /// Makes the directory of a file, without what killed runs left in it.
    fn make_room(&self, path: &Path) -> Result<(), StoreError> {
        let directory = path.parent().expect("files lie in directories");
        if !self.cleared.borrow().contains(directory) {
            self.disk.make_directory(directory)?;
            self.disk.clear_stale(directory)?;
            let _new = self.cleared.borrow_mut().insert(directory.to_owned());
        }
        Ok(())
    }
}

/// `<number>.<hash>`, `<number>.intent`, `<number>-<root>`.
fn is_staged_file(name: &str) -> bool {
    let Some((size, rest)) = name.split_once(['.', '-']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let plain =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    name.len() <= STAGED_NAME_BYTES_MAX && digits(size) && plain(rest)
}

/// Takes the lock that keeps a second writer out.
fn lock(path: &Path) -> Result<File, StoreError> {
    let io_error = |source| StoreError::Io { path: path.to_owned(), source };
    // It holds nothing, so nothing of it need be durable.
    let file = File::options().create(true).truncate(false).write(true).open(path).map_err(io_error)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(io_error(source)),
    }
}

/// The names in a directory; those that are not UTF-8 are not ours.
fn list(directory: &Path) -> Result<Vec<String>, StoreError> {
    directory::names(directory).map_err(|source| StoreError::Io { path: directory.to_owned(), source })
}

/// A file of at most so many bytes; `None` when there is none.
fn read(path: &Path, bytes_max: usize) -> Result<Option<Vec<u8>>, StoreError> {
    let io_error = |source| StoreError::Io { path: path.to_owned(), source };
    let file = match File::open(path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        other => other.map_err(io_error)?,
    };
    let mut bytes = Vec::new();
    file.take(bytes_max as u64 + 1).read_to_end(&mut bytes).map_err(io_error)?;
    if bytes.len() > bytes_max { Err(StoreError::TooLong { path: path.to_owned() }) } else { Ok(Some(bytes)) }
}

impl LogStore for FileStore {
    type Error = StoreError;

    fn put(&self, objects: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
        for (name, bytes) in objects {
            let (path, bytes_max) = self.file(name)?;
            if bytes.len() > bytes_max {
                return Err(StoreError::TooLong { path });
            }
            self.make_room(&path)?;
            // Nobody else writes here while the lock is held, so that looking first is enough.
            if read(&path, bytes_max)?.is_some_and(|old| old != *bytes) {
                return Err(StoreError::Exists { path });
            }
            // Also where the same bytes are there already: they may be in memory alone, left by a run
            // that stopped before it could sync them.
            self.disk.replace(&path, bytes)?;
        }
        Ok(())
    }

    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let (path, bytes_max) = self.file(name)?;
        read(&path, bytes_max)
    }

    fn remove(&self, name: &str) -> Result<(), StoreError> {
        if !name.starts_with(STAGING_PREFIX) {
            return Err(StoreError::Name(name.to_owned()));
        }
        let (path, _) = self.file(name)?;
        self.disk.remove(&path)?;
        Ok(())
    }

    fn state(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.state_path();
        let state = read(&path, NOTE_BYTES_MAX)?;
        if !self.is_settled.get() {
            // What is built on it must not outlive it.
            if let Some(state) = &state {
                self.disk.replace(&path, state)?;
            }
            self.is_settled.set(true);
        }
        Ok(state)
    }

    fn swap(&self, expected: Option<&[u8]>, next: &[u8]) -> Result<bool, StoreError> {
        if self.state()?.as_deref() != expected {
            return Ok(false);
        }
        self.is_settled.set(false);
        self.disk.replace(&self.state_path(), next)?;
        self.is_settled.set(true);
        Ok(true)
    }

    fn published(&self) -> Result<Option<Vec<u8>>, StoreError> {
        match read(&self.checkpoint_path(), NOTE_BYTES_MAX) {
            // No checkpoint of ours: it is replaced as one that does not parse.
            Err(StoreError::TooLong { .. }) => Ok(Some(Vec::new())),
            other => other,
        }
    }

    fn publish(&self, checkpoint: &[u8]) -> Result<(), StoreError> {
        Ok(self.disk.replace(&self.checkpoint_path(), checkpoint)?)
    }
}

#[cfg(test)]
mod tests;
