//! A file being written: invisible under its name until it is committed.

use std::{
    ffi::{OsStr, OsString},
    fs, io,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use crate::{
    disk::{Disk, parent},
    error::{Error, Operation},
};

/// What names of temporary files start with; a leading dot keeps them out of listings and of
/// servers that hide such files.
const TEMPORARY_PREFIX: &str = ".tmp-";
/// Bytes gathered before they are handed to the kernel: large enough that the calls do not count.
const BUFFER_BYTES: usize = 256 * 1024;

/// What a file's mode is made from, less what the user's mask takes away.
pub(crate) const MODE: u32 = 0o666;
/// The mode of a file for this user alone.
pub(crate) const PRIVATE_MODE: u32 = 0o600;

/// Tells the temporary files of one process apart.
static SERIAL: AtomicU64 = AtomicU64::new(0);

/// A file being written. [`File::commit`] makes it appear, whole and durable; dropping it without
/// that removes what was written.
#[derive(Debug)]
pub struct File {
    disk: Disk,
    path: PathBuf,
    temporary: PathBuf,
    /// `None` once committed or given up.
    file: Option<fs::File>,
    buffer: Vec<u8>,
    position: u64,
}

impl File {
    /// Starts a file that appears under `path` only when it is committed.
    ///
    /// # Errors
    /// When the temporary file beside it cannot be created.
    pub fn create(path: &Path) -> Result<Self, Error> {
        Self::create_on(Disk::new(), path, MODE)
    }

    pub(crate) fn create_on(disk: Disk, path: &Path, mode: u32) -> Result<Self, Error> {
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
        let mut name = OsString::from(format!("{TEMPORARY_PREFIX}{}-{serial}-", std::process::id()));
        name.push(path.file_name().unwrap_or_default());
        let temporary = parent(path).join(name);
        // A process that had this number before may have left a file of this name.
        let create = || fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&temporary);
        let file = disk.step(Operation::Create, &temporary, || match create() {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                fs::remove_file(&temporary)?;
                create()
            }
            other => other,
        })?;
        Ok(Self { disk, path: path.to_owned(), temporary, file: Some(file), buffer: Vec::new(), position: 0 })
    }

    /// The name the file will have.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes written so far.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// When the disk refuses them. The file cannot be committed after that.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if self.buffer.len() + bytes.len() > BUFFER_BYTES {
            self.drain()?;
        }
        if bytes.len() >= BUFFER_BYTES {
            self.hand_over(bytes)?;
        } else {
            self.buffer.extend_from_slice(bytes);
        }
        self.position += bytes.len() as u64;
        Ok(())
    }

    fn drain(&mut self) -> Result<(), Error> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        let result = self.hand_over(&buffer);
        buffer.clear();
        self.buffer = buffer;
        result
    }

    fn hand_over(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let Some(file) = &mut self.file else {
            let gone = io::Error::other("an earlier write to this file failed");
            return Err(Error::new(Operation::Write, &self.path, gone));
        };
        let result = self.disk.step(Operation::Write, &self.temporary, || file.write_all(bytes));
        if result.is_err() {
            // How much was written is unknown: nothing may be added or committed any more.
            self.give_up();
        }
        result
    }

    /// Makes the file appear under its name: written, synced, renamed, directory synced.
    ///
    /// # Errors
    /// When a step fails. Before the rename the old file stands; after it the new one does, and a
    /// failing sync of the directory only means that a power cut may still bring the old one back.
    pub fn commit(mut self) -> Result<(), Error> {
        self.drain()?;
        let Some(file) = self.file.take() else {
            let gone = io::Error::other("an earlier write to this file failed");
            return Err(Error::new(Operation::Rename, &self.path, gone));
        };
        let renamed = self
            .disk
            .step(Operation::SyncFile, &self.temporary, || file.sync_all())
            .and_then(|()| self.disk.step(Operation::Rename, &self.path, || fs::rename(&self.temporary, &self.path)));
        drop(file);
        if let Err(error) = renamed {
            self.remove_temporary();
            return Err(error);
        }
        self.disk.sync_directory(parent(&self.path))
    }

    fn give_up(&mut self) {
        if let Some(file) = self.file.take() {
            drop(file);
            self.remove_temporary();
        }
    }

    /// Frees the space at once where that works; else the next start clears it as stale.
    fn remove_temporary(&self) {
        let _left_for_the_next_start = self.disk.unlink(&self.temporary);
    }
}

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.append(bytes)?;
        Ok(bytes.len())
    }

    /// Hands over to the kernel what is gathered; durable is only what is committed.
    fn flush(&mut self) -> io::Result<()> {
        Ok(self.drain()?)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        self.give_up();
    }
}

/// Whether a file of this name is a temporary one of this crate.
pub(crate) fn is_temporary(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(TEMPORARY_PREFIX.as_bytes())
}
