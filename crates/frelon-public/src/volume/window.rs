//! A piece of a file in memory, moved along as the reading goes on.

use std::{fs, io, os::unix::fs::FileExt, sync::Arc};

/// Bytes read at once: large enough that system calls and seeks do not count.
const CHUNK_BYTES: usize = 1024 * 1024;

/// Random access to a file that is cheap when the places asked for mostly follow each other.
#[derive(Debug)]
pub(crate) struct Window {
    file: Arc<fs::File>,
    file_bytes: u64,
    /// Where in the file `bytes` begins.
    offset: u64,
    bytes: Vec<u8>,
}

impl Window {
    pub(crate) fn new(file: Arc<fs::File>, file_bytes: u64) -> Self {
        Self { file, file_bytes, offset: 0, bytes: Vec::new() }
    }

    /// The bytes of a range. Memory is bounded by the file, whatever range is asked for.
    pub(crate) fn fetch(&mut self, offset: u64, length: u64) -> io::Result<&[u8]> {
        let beyond = || io::Error::new(io::ErrorKind::UnexpectedEof, "it lies beyond the end of the file");
        let end = offset.checked_add(length).filter(|end| *end <= self.file_bytes).ok_or_else(beyond)?;
        if offset < self.offset || end > self.offset + self.bytes.len() as u64 {
            self.load(offset, length).inspect_err(|_| self.bytes.clear())?;
        }
        let start = usize::try_from(offset - self.offset).map_err(io::Error::other)?;
        let length = usize::try_from(length).map_err(io::Error::other)?;
        self.bytes.get(start..start + length).ok_or_else(beyond)
    }

    /// As [`Window::fetch`], but as many bytes up to `end` as come easily, at least one.
    pub(crate) fn fetch_some(&mut self, offset: u64, end: u64) -> io::Result<&[u8]> {
        self.fetch(offset, end.saturating_sub(offset).min(CHUNK_BYTES as u64))
    }

    fn load(&mut self, offset: u64, length: u64) -> io::Result<()> {
        let length = usize::try_from(length).map_err(io::Error::other)?;
        let left = usize::try_from(self.file_bytes - offset).unwrap_or(usize::MAX);
        let wanted = length.max(CHUNK_BYTES).min(left);
        if self.bytes.capacity() > 8 * CHUNK_BYTES && wanted <= CHUNK_BYTES {
            // One huge item does not set the memory for all that follow.
            self.bytes = Vec::new();
        }
        self.bytes.resize(wanted, 0);
        self.offset = offset;
        self.file.read_exact_at(&mut self.bytes, offset)
    }
}
