//! gzip and tar, read as streams.

use std::io::{self, BufReader, Read};
use std::ops::ControlFlow;

use flate2::bufread::MultiGzDecoder;
use frelon_model::limits::CONTAINER_ENTRIES_MAX;

use crate::Reason;
use crate::bomb::{Counted, Inflating};
use crate::content::{At, Extraction};

/// Length of a tar header and the unit that everything in a tar is filled up to.
const BLOCK_BYTES: usize = 512;
/// Bytes of a long name (GNU `L`, POSIX `x`) that are read; the file systems' own limit is 4,096.
const LONG_NAME_BYTES_MAX: u64 = 64 * 1024;
/// Bytes read at a time.
const READ_BYTES: usize = 64 * 1024;

impl Extraction<'_> {
    /// The content of a gzip file, whatever it is.
    pub(crate) fn gzip(&mut self, at: &At, reader: &mut dyn Read) -> ControlFlow<()> {
        let (counted, compressed) = Counted::new(reader);
        let decoder = MultiGzDecoder::new(BufReader::with_capacity(READ_BYTES, counted));
        let name = decoder.header().and_then(|header| header.filename()).map(<[u8]>::to_vec);
        let entry = at.entry(name.as_deref().filter(|name| !name.is_empty()).unwrap_or(b"content"));
        let budget = self.budget.clone();
        let mut inflated = Inflating::new(decoder, compressed, &budget);
        let failures = self.read_failures;
        self.stream(&entry, &mut inflated)?;
        if self.read_failures != failures {
            return ControlFlow::Continue(());
        }
        // What the content had no use for must still be sound.
        match io::copy(&mut inflated, &mut io::sink()) {
            Ok(_) => ControlFlow::Continue(()),
            Err(error) => self.read_failed(&entry, 0, &error),
        }
    }

    /// The entries of a tar, in its order.
    pub(crate) fn tar(&mut self, at: &At, reader: &mut dyn Read) -> ControlFlow<()> {
        let mut reader = BufReader::with_capacity(READ_BYTES, reader);
        let mut long_name = None;
        loop {
            let header = match header(&mut reader) {
                Ok(Some(header)) => header,
                Ok(None) => return ControlFlow::Continue(()),
                Err(error) => return self.tar_damaged(at, &error),
            };
            let kind = header.entry_type();
            let Ok(size) = header.entry_size() else {
                return self.tar_damaged(at, &io::Error::other("an entry without a length"));
            };
            let mut data = (&mut reader).take(size);
            if kind.is_gnu_longname() || kind.is_pax_local_extensions() {
                match name_ahead(&mut data, kind.is_pax_local_extensions()) {
                    Ok(name) => long_name = name.or(long_name),
                    Err(error) => return self.tar_damaged(at, &error),
                }
            } else if !(kind.is_gnu_longlink() || kind.is_pax_global_extensions() || kind.is_dir()) {
                let name = long_name.take().unwrap_or_else(|| header.path_bytes().into_owned());
                let entry = at.entry(&name);
                if !self.budget.take_entry() {
                    return self.too_many_entries(at);
                }
                match kind {
                    _ if kind.is_file() || kind.is_contiguous() => {
                        let failures = self.read_failures;
                        self.stream(&entry, &mut data)?;
                        if self.read_failures != failures {
                            // The row names this entry; nothing behind it can be read either.
                            return ControlFlow::Continue(());
                        }
                    }
                    _ if kind.is_symlink() || kind.is_hard_link() => {
                        self.fail(
                            &entry,
                            0,
                            Reason::Link,
                            "a link inside a container, not followed; its target is taken at its own place",
                        )?;
                    }
                    _ if kind.is_gnu_sparse() => {
                        self.fail(
                            &entry,
                            0,
                            Reason::Unsupported,
                            "a sparse file; unpack the tar and take in the folder",
                        )?;
                        return self
                            .tar_damaged(at, &io::Error::other("a sparse entry, behind which nothing can be read"));
                    }
                    _ => self.fail(&entry, 0, Reason::SpecialFile, "a device or pipe inside a container; left out")?,
                }
            } else if kind.is_dir() {
                long_name = None;
            }
            // The rest of the data and the filling of its last block.
            let left = data.limit();
            let filling = size.next_multiple_of(BLOCK_BYTES as u64).saturating_sub(size);
            match io::copy(&mut (&mut reader).take(left.saturating_add(filling)), &mut io::sink()) {
                Ok(skipped) if skipped >= left => {}
                Ok(_) => return self.tar_damaged(at, &io::ErrorKind::UnexpectedEof.into()),
                Err(error) => return self.tar_damaged(at, &error),
            }
        }
    }

    fn tar_damaged(&mut self, at: &At, error: &io::Error) -> ControlFlow<()> {
        let inside = At { inner: at.inner.clone(), depth: at.depth + 1 };
        self.read_failed(&inside, 0, error)
    }

    pub(crate) fn too_many_entries(&mut self, at: &At) -> ControlFlow<()> {
        let message = format!(
            "more than {CONTAINER_ENTRIES_MAX} entries; the rest was left out: unpack it and take in the folder"
        );
        self.fail(at, 0, Reason::TooManyEntries, &message)
    }
}

/// The next header of a tar; `None` at its end.
fn header(reader: &mut dyn Read) -> io::Result<Option<tar::Header>> {
    let mut block = [0; BLOCK_BYTES];
    let mut filled = 0;
    while filled < BLOCK_BYTES {
        match reader.read(&mut block[filled..]) {
            // Some writers leave the two empty blocks at the end out.
            Ok(0) if filled == 0 => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    if block.iter().all(|&byte| byte == 0) {
        return Ok(None);
    }
    let header = tar::Header::from_byte_slice(&block).clone();
    let sum = block[..148].iter().chain(&block[156..]).map(|&byte| u32::from(byte)).sum::<u32>() + 8 * 32;
    if header.cksum().ok() == Some(sum) {
        Ok(Some(header))
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidData, "a header whose checksum is wrong"))
    }
}

/// A name that stands before its entry: alone (GNU) or as a `path=` record (POSIX pax).
fn name_ahead(data: &mut dyn Read, pax: bool) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    data.take(LONG_NAME_BYTES_MAX).read_to_end(&mut bytes)?;
    if !pax {
        let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
        bytes.truncate(end);
        return Ok(Some(bytes));
    }
    let mut rest = &bytes[..];
    while let Some(space) = rest.iter().position(|&byte| byte == b' ') {
        let length = std::str::from_utf8(&rest[..space]).ok().and_then(|text| text.parse::<usize>().ok());
        let Some(record) = length.and_then(|length| rest.get(space + 1..length)) else { break };
        if let Some(path) = record.strip_prefix(b"path=") {
            return Ok(Some(path.strip_suffix(b"\n").unwrap_or(path).to_vec()));
        }
        rest = &rest[length.unwrap_or(rest.len())..];
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pax_paths_are_found_and_nonsense_is_not() {
        let record = b"12 path=ab\n\n19 path=later/name\n";
        assert_eq!(name_ahead(&mut &record[..], true).expect("in memory"), Some(b"ab\n".to_vec()));
        let record = b"11 mtime=1\n19 path=later/name\n";
        assert_eq!(name_ahead(&mut &record[..], true).expect("in memory"), Some(b"later/name".to_vec()));
        for bad in [&b"9999 path=x\n"[..], b"x path=x\n", b"2 path=x\n", b"", b" "] {
            assert_eq!(name_ahead(&mut &bad[..], true).expect("in memory"), None);
        }
    }
}
