//! A log read from the files of a public tree: nothing is handed out that does not lead to the root of
//! a checkpoint signed by the log.
//!
//! The files may come from anybody. What an entry says is a matter of its own: the log's key may be in
//! the wrong hands, so that bytes that are no entry are handed out as such and reading goes on.

use std::{
    fs, io,
    io::Read,
    path::{Path, PathBuf},
    vec,
};

use frelon_log::{
    NodeHash, SignedCheckpoint, TreeHead, Verifier,
    merkle::{inclusion_proof, root_at},
    note::NOTE_BYTES_MAX,
    tile::{ReadError as TileError, Resource, TILE_WIDTH, TileSource, TreeReader},
    writer::CHECKPOINT_PATH,
};

use crate::{Entry, Malformed, ReadError};

/// The tiles and bundles below a directory, not trusted for what they hold.
#[derive(Debug, Clone)]
pub struct TileFiles {
    directory: PathBuf,
}

impl TileFiles {
    /// The files of the log in a public tree.
    #[must_use]
    pub fn new(public: &Path) -> Self {
        Self { directory: public.to_owned() }
    }
}

impl TileSource for TileFiles {
    type Error = ReadError;

    fn read(&self, resources: &[Resource]) -> Result<Vec<Vec<u8>>, ReadError> {
        let read = |resource: &Resource| {
            // A partial one may be removed once the full one is there.
            for resource in [*resource, resource.full()] {
                let path = self.directory.join(resource.to_string());
                if let Some(bytes) = read(&path, resource.bytes_max())? {
                    return Ok(bytes);
                }
            }
            let path = self.directory.join(resource.to_string());
            Err(ReadError::Io { path, source: io::ErrorKind::NotFound.into() })
        };
        resources.iter().map(read).collect()
    }
}

/// A file of at most so many bytes; `None` when there is none.
fn read(path: &Path, bytes_max: usize) -> Result<Option<Vec<u8>>, ReadError> {
    let io_error = |source| ReadError::Io { path: path.to_owned(), source };
    let damaged = |reason: &str| ReadError::Damaged { path: path.to_owned(), reason: reason.to_owned() };
    // Looked at before it is opened: a pipe would keep us waiting.
    match fs::metadata(path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(io_error(error)),
        Ok(metadata) if !metadata.is_file() => return Err(damaged("it is no file")),
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(io_error)?;
    file.take(bytes_max as u64 + 1).read_to_end(&mut bytes).map_err(io_error)?;
    if bytes.len() > bytes_max { Err(damaged("it is longer than it can be")) } else { Ok(Some(bytes)) }
}

/// An entry at its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Its index, from 0: what statements call its leaf.
    pub index: u64,
    /// What it is; bytes that are no entry are logged all the same, and mean nothing.
    pub entry: Result<Entry, Malformed>,
}

/// The log of a public tree as its checkpoint stood when it was opened.
#[derive(Debug)]
pub struct LogReader {
    directory: PathBuf,
    checkpoint: SignedCheckpoint,
    tree: TreeReader<TileFiles>,
}

impl LogReader {
    /// Opens the log in a public tree and verifies its checkpoint by the log's key, and the edge of its
    /// tree by the checkpoint.
    ///
    /// # Errors
    /// When there is no log, it is another one, its files cannot be read, or they are not what the
    /// checkpoint commits to.
    pub fn open(public: &Path, log: &Verifier) -> Result<Self, ReadError> {
        let path = public.join(CHECKPOINT_PATH);
        let bytes = read(&path, NOTE_BYTES_MAX)?.ok_or_else(|| ReadError::NoLog { path: public.to_owned() })?;
        let damaged = |reason: String| ReadError::Damaged { path: path.clone(), reason };
        let checkpoint = SignedCheckpoint::parse(&bytes).map_err(|error| damaged(error.to_string()))?;
        if checkpoint.checkpoint().origin.as_str() != log.name().as_str() {
            return Err(ReadError::OtherLog { path, origin: checkpoint.checkpoint().origin.clone() });
        }
        let opened = checkpoint.open(std::slice::from_ref(log));
        opened.map_err(|error| ReadError::Unsigned { path: path.clone(), source: error })?;
        Self::with_checkpoint(public, checkpoint)
    }

    /// Reads the log against a checkpoint that was verified elsewhere, such as an older one.
    ///
    /// # Errors
    /// When the files cannot be read, or are not what the checkpoint commits to.
    pub fn with_checkpoint(public: &Path, checkpoint: SignedCheckpoint) -> Result<Self, ReadError> {
        let directory = public.to_owned();
        let tree = TreeReader::open(TileFiles::new(public), checkpoint.head());
        let tree = tree.map_err(|error| from_tile(&directory, error))?;
        Ok(Self { directory, checkpoint, tree })
    }

    /// The checkpoint, with the signatures of witnesses, which were not looked at.
    #[must_use]
    pub fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// Size and root.
    #[must_use]
    pub fn head(&self) -> TreeHead {
        self.checkpoint.head()
    }

    /// The tree, to make proofs from.
    #[must_use]
    pub fn tree(&self) -> &TreeReader<TileFiles> {
        &self.tree
    }

    /// The root of the log when it had so many entries, which is at most as many as it has.
    ///
    /// # Errors
    /// When tiles cannot be read, or are not what the checkpoint commits to.
    pub fn root_at(&self, size: u64) -> Result<NodeHash, ReadError> {
        root_at(&self.tree, size).map_err(|error| from_tile(&self.directory, error))
    }

    /// The public tree it is in.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The bytes of one entry; `None` beyond the end.
    ///
    /// # Errors
    /// When its bundle cannot be read, or is not what the checkpoint commits to.
    pub fn entry_bytes(&self, index: u64) -> Result<Option<Vec<u8>>, ReadError> {
        if index >= self.head().size {
            return Ok(None);
        }
        Ok(self.bundle_from(index)?.into_iter().next())
    }

    /// Hashes that lead from an entry to the root (RFC 6962 2.1.1).
    ///
    /// # Errors
    /// When tiles cannot be read, are not what the checkpoint commits to, or there is no such entry.
    pub fn inclusion_proof(&self, index: u64) -> Result<Vec<NodeHash>, ReadError> {
        inclusion_proof(&self.tree, index, self.head().size).map_err(|error| from_tile(&self.directory, error))
    }

    /// What is said when this log cannot be right.
    pub(crate) fn damaged(&self, reason: &str) -> ReadError {
        ReadError::Damaged { path: self.directory.join(CHECKPOINT_PATH), reason: reason.to_owned() }
    }

    /// All entries in their order. Memory is that of one bundle, 17 MB at the very most.
    #[must_use]
    pub fn entries(&self) -> Entries<'_> {
        self.entries_from(0)
    }

    /// The entries from an index on; none beyond the end.
    #[must_use]
    pub fn entries_from(&self, index: u64) -> Entries<'_> {
        Entries { reader: self, next: index, bundle: Vec::new().into_iter() }
    }

    /// The verified bytes of the bundle in which an entry is, from that entry on.
    pub(crate) fn bundle_from(&self, index: u64) -> Result<Vec<Vec<u8>>, ReadError> {
        let width = u64::from(TILE_WIDTH);
        let bundle = self.tree.entries(index / width).map_err(|error| from_tile(&self.directory, error))?;
        Ok(bundle.into_iter().skip(usize::try_from(index % width).expect("below 256")).collect())
    }
}

/// The entries of a log, each verified to be at its place. It ends after an error.
#[derive(Debug)]
pub struct Entries<'a> {
    reader: &'a LogReader,
    next: u64,
    bundle: vec::IntoIter<Vec<u8>>,
}

impl Iterator for Entries<'_> {
    type Item = Result<Logged, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let size = self.reader.head().size;
        if self.next >= size {
            return None;
        }
        if self.bundle.as_slice().is_empty() {
            match self.reader.bundle_from(self.next) {
                Ok(bundle) => self.bundle = bundle.into_iter(),
                Err(error) => {
                    self.next = size;
                    return Some(Err(error));
                }
            }
        }
        let bytes = self.bundle.next()?;
        let index = self.next;
        self.next += 1;
        Some(Ok(Logged { index, entry: Entry::parse(&bytes) }))
    }
}

fn from_tile(directory: &Path, error: TileError<ReadError>) -> ReadError {
    let damaged = |path: PathBuf, reason: &str| ReadError::Damaged { path, reason: reason.to_owned() };
    match error {
        TileError::Source(error) => error,
        TileError::Unverified(resource) => {
            damaged(directory.join(resource.to_string()), "it is not what the checkpoint commits to")
        }
        TileError::WrongRoot => damaged(directory.join("tile"), "its files do not lead to the root of the checkpoint"),
        _ => damaged(directory.join(CHECKPOINT_PATH), "its size is beyond any log"),
    }
}

#[cfg(test)]
mod tests;
