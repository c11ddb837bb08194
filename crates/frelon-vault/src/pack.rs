//! Packs: append-only files of deflate streams, and reading them back in large pieces.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use crate::VaultError;
use crate::fault::{FaultHook, Step};

/// A pack is closed above this size, in bytes: copied with ease, below the limits of old file systems.
pub(crate) const PACK_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Bytes gathered before they are handed to the kernel.
const WRITE_BYTES: usize = 1024 * 1024;
/// Bytes read ahead; releases read packs from front to back.
const READ_BYTES: usize = 1024 * 1024;

/// Runs the hook, if there is one, and turns its error into the vault's.
pub(crate) fn step(hook: &mut Option<FaultHook>, step: Step, path: &Path) -> Result<(), VaultError> {
    match hook {
        Some(hook) => hook(step).map_err(|source| VaultError::io(path, "write", source)),
        None => Ok(()),
    }
}

/// The pack that is being appended to.
#[derive(Debug)]
pub(crate) struct PackWriter {
    path: PathBuf,
    file: File,
    /// Bytes not yet handed to the kernel.
    buffer: Vec<u8>,
    /// Length with the buffer, in bytes: where the next stream starts.
    len: u64,
}

impl PackWriter {
    /// Opens the pack and cuts it to its committed length; creates it, durably, when that is 0.
    pub(crate) fn open(path: &Path, committed: u64) -> Result<Self, VaultError> {
        if committed == 0 && !path.exists() {
            frelon_durable::replace(path, b"").map_err(|source| VaultError::io(path, "create", source.into()))?;
        }
        let file = OpenOptions::new().append(true).open(path).map_err(|source| VaultError::io(path, "open", source))?;
        cut(path, &file, committed)?;
        Ok(Self { path: path.to_owned(), file, buffer: Vec::with_capacity(WRITE_BYTES), len: committed })
    }

    /// Length, in bytes, with what is still in memory.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Appends a stream, and returns where it starts.
    pub(crate) fn append(&mut self, stream: &[u8], hook: &mut Option<FaultHook>) -> Result<u64, VaultError> {
        let start = self.len;
        if self.buffer.len() + stream.len() > WRITE_BYTES {
            self.drain(hook)?;
        }
        if stream.len() >= WRITE_BYTES {
            step(hook, Step::PackWrite, &self.path)?;
            self.file.write_all(stream).map_err(|source| VaultError::io(&self.path, "write", source))?;
        } else {
            self.buffer.extend_from_slice(stream);
        }
        self.len += stream.len() as u64;
        Ok(start)
    }

    /// Makes everything appended durable. Only now may a transaction name it.
    pub(crate) fn sync(&mut self, hook: &mut Option<FaultHook>) -> Result<(), VaultError> {
        self.drain(hook)?;
        step(hook, Step::PackSync, &self.path)?;
        self.file.sync_data().map_err(|source| VaultError::io(&self.path, "sync", source))
    }

    fn drain(&mut self, hook: &mut Option<FaultHook>) -> Result<(), VaultError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        step(hook, Step::PackWrite, &self.path)?;
        self.file.write_all(&self.buffer).map_err(|source| VaultError::io(&self.path, "write", source))?;
        self.buffer.clear();
        Ok(())
    }
}

/// Cuts a pack to its committed length: what follows was written by a killed writer.
pub(crate) fn cut(path: &Path, file: &File, committed: u64) -> Result<(), VaultError> {
    let metadata = file.metadata().map_err(|source| VaultError::io(path, "read the length of", source))?;
    if metadata.len() < committed {
        let detail = format!("{} bytes long, but {committed} bytes were stored", metadata.len());
        return Err(VaultError::Damaged { path: path.to_owned(), detail });
    }
    if metadata.len() > committed {
        file.set_len(committed).map_err(|source| VaultError::io(path, "cut", source))?;
        file.sync_all().map_err(|source| VaultError::io(path, "sync", source))?;
    }
    Ok(())
}

/// Reads streams from packs; keeps one pack open and a window of it in memory.
#[derive(Debug, Default)]
pub(crate) struct PackReader {
    path: PathBuf,
    file: Option<File>,
    window: Vec<u8>,
    /// Offset of the window in the pack.
    window_start: u64,
}

impl PackReader {
    /// Appends `len` bytes at `start` of the pack to `out`.
    pub(crate) fn read(&mut self, path: &Path, start: u64, len: usize, out: &mut Vec<u8>) -> Result<(), VaultError> {
        if self.file.is_none() || self.path != path {
            self.file = Some(File::open(path).map_err(|source| VaultError::io(path, "open", source))?);
            path.clone_into(&mut self.path);
            self.window.clear();
        }
        if let Some(piece) = self.held(start, len) {
            out.extend_from_slice(&self.window[piece]);
            return Ok(());
        }
        let file = self.file.as_ref().expect("opened above");
        self.window.clear();
        self.window.resize(len.max(READ_BYTES), 0);
        let mut filled = 0;
        while filled < self.window.len() {
            match file.read_at(&mut self.window[filled..], start + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(source) => return Err(VaultError::io(path, "read", source)),
            }
        }
        self.window.truncate(filled);
        self.window_start = start;
        let Some(piece) = self.held(start, len) else {
            let detail = format!("it ends inside the stream at byte {start}");
            return Err(VaultError::Damaged { path: path.to_owned(), detail });
        };
        out.extend_from_slice(&self.window[piece]);
        // One huge item must not keep its room for the rest of the run.
        if self.window.capacity() > 8 * READ_BYTES {
            self.window = Vec::new();
        }
        Ok(())
    }

    fn held(&self, start: u64, len: usize) -> Option<std::ops::Range<usize>> {
        let from = usize::try_from(start.checked_sub(self.window_start)?).ok()?;
        let to = from.checked_add(len)?;
        (to <= self.window.len()).then_some(from..to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_cut_and_streams_read_back() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("1.1.pack");
        let mut writer = PackWriter::open(&path, 0).expect("created");
        let big = vec![7_u8; 3 * WRITE_BYTES];
        assert_eq!(writer.append(b"abc", &mut None).expect("room"), 0);
        assert_eq!(writer.append(&big, &mut None).expect("room"), 3);
        assert_eq!(writer.append(b"xyz", &mut None).expect("room"), 3 + big.len() as u64);
        writer.sync(&mut None).expect("synced");
        let committed = writer.len();
        writer.append(b"never committed", &mut None).expect("room");
        writer.drain(&mut None).expect("written");

        let writer = PackWriter::open(&path, committed).expect("reopened");
        assert_eq!(std::fs::metadata(&writer.path).expect("there").len(), committed);
        let (mut reader, mut out) = (PackReader::default(), Vec::new());
        reader.read(&path, 0, 3, &mut out).expect("readable");
        reader.read(&path, 3, big.len(), &mut out).expect("readable");
        reader.read(&path, committed - 3, 3, &mut out).expect("readable");
        assert_eq!((&out[..3], &out[out.len() - 3..], out.len()), (&b"abc"[..], &b"xyz"[..], big.len() + 6));
        let error = reader.read(&path, committed - 1, 2, &mut out).expect_err("past the end");
        assert!(matches!(error, VaultError::Damaged { .. }), "{error}");
        assert!(matches!(PackWriter::open(&path, committed + 1), Err(VaultError::Damaged { .. })));
    }
}
