//! ZIP: by its directory, or, where that is missing, by the headers before each entry.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read, Write as _};
use std::ops::ControlFlow;
use std::os::unix::fs::FileExt as _;
use std::rc::Rc;

use flate2::CrcReader;
use flate2::bufread::DeflateDecoder;
use rawzip::{CompressionMethod, RECOMMENDED_BUFFER_SIZE, ZipArchive};

use crate::Reason;
use crate::bomb::Inflating;
use crate::content::{At, Extraction, read_whole};

/// Bytes read at a time.
const READ_BYTES: usize = 64 * 1024;
/// Signature of a local file header (APPNOTE.TXT 4.3.7).
const LOCAL_SIGNATURE: &[u8; 4] = b"PK\x03\x04";
/// Length of a local file header without name and extra field.
const LOCAL_BYTES: usize = 30;
/// Bytes behind an entry in which its data descriptor and the next header must lie.
const DESCRIPTOR_BYTES_MAX: u64 = 24;
/// Entries whose names say that a ZIP is one document: OOXML, ODF and EPUB, Java.
const DOCUMENT_MARKS: [&[u8]; 3] = [b"[Content_Types].xml", b"mimetype", b"META-INF/MANIFEST.MF"];

/// How an entry is stored.
struct Entry {
    name: Vec<u8>,
    method: u16,
    encrypted: bool,
    compressed_bytes: u64,
    /// CRC-32 of the content, where it is known beforehand.
    crc32: Option<u32>,
}

impl Extraction<'_> {
    /// A ZIP inside another container: it is read by its directory at the end, so it must be held.
    pub(crate) fn spooled_zip(&mut self, at: &At, reader: &mut dyn Read) -> ControlFlow<()> {
        match self.spool(reader) {
            Ok((file, None)) => self.zip(at, &file),
            Ok((file, Some(error))) => {
                self.read_failed(at, 0, &error)?;
                self.zip(at, &file)
            }
            Err(error) => {
                let message = format!(
                    "no temporary file for a container inside a container: {error}; free some space and run again"
                );
                self.fail(at, 0, Reason::Unreadable, &message)
            }
        }
    }

    /// Copies a stream to an unnamed file; also as far as it goes, with the error that ended it.
    fn spool(&self, reader: &mut dyn Read) -> io::Result<(File, Option<io::Error>)> {
        let mut file = match self.spool_dir {
            Some(dir) => tempfile::tempfile_in(dir)?,
            None => tempfile::tempfile()?,
        };
        let mut piece = vec![0; READ_BYTES];
        loop {
            match reader.read(&mut piece) {
                Ok(0) => return Ok((file, None)),
                Ok(count) => file.write_all(&piece[..count])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Ok((file, Some(error))),
            }
        }
    }

    /// The entries of a ZIP, in the order of its directory.
    pub(crate) fn zip(&mut self, at: &At, file: &File) -> ControlFlow<()> {
        let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
        let archive = file
            .try_clone()
            .map_err(|error| error.to_string())
            .and_then(|file| ZipArchive::from_file(file, &mut buffer).map_err(|error| error.to_string()));
        let archive = match archive {
            Ok(archive) => archive,
            Err(error) => {
                self.zip_damaged(at, &error)?;
                return self.salvage(at, file);
            }
        };
        let mut entries = archive.entries(&mut buffer);
        let mut first = true;
        loop {
            let (entry, wayfinder) = match entries.next_entry() {
                Ok(Some(record)) => {
                    let entry = Entry {
                        name: record.file_path().as_bytes().to_vec(),
                        method: record.compression_method().as_u16(),
                        encrypted: record.flags().is_encrypted(),
                        compressed_bytes: record.compressed_size_hint(),
                        crc32: Some(record.crc32()),
                    };
                    if record.is_dir() {
                        continue;
                    }
                    (entry, record.wayfinder())
                }
                Ok(None) => return ControlFlow::Continue(()),
                Err(error) => return self.zip_damaged(at, &error.to_string()),
            };
            if first && DOCUMENT_MARKS.contains(&entry.name.as_slice()) {
                let raw = || read_whole(&mut At64 { file, offset: 0 });
                return self.not_mail(at, "an office document, a book or a program", raw);
            }
            first = false;
            if !self.budget.take_entry() {
                return self.too_many_entries(at);
            }
            let place = at.entry(&entry.name);
            match archive.get_entry(wayfinder) {
                Ok(found) => {
                    self.zip_entry(&place, &entry, &mut found.reader())?;
                }
                Err(error) => self.zip_damaged(&place, &error.to_string())?,
            }
        }
    }

    /// Reads ZIP entries by their local headers, for as long as these follow one another.
    fn salvage(&mut self, at: &At, file: &File) -> ControlFlow<()> {
        let mut offset = 0;
        while let Some((entry, data_start, sized)) = local_header(file, offset) {
            if !self.budget.take_entry() {
                return self.too_many_entries(at);
            }
            let place = at.entry(&entry.name);
            let available = if sized { entry.compressed_bytes } else { u64::MAX };
            let consumed = if entry.name.ends_with(b"/") && sized {
                entry.compressed_bytes
            } else {
                let mut data = At64 { file, offset: data_start }.take(available);
                self.zip_entry(&place, &entry, &mut data)?.max(if sized { entry.compressed_bytes } else { 0 })
            };
            let Some(next) = next_header(file, data_start.saturating_add(consumed)) else { break };
            offset = next;
        }
        ControlFlow::Continue(())
    }

    /// Reads one entry from its compressed bytes; breaks with the sink. Gives the compressed length.
    fn zip_entry(&mut self, at: &At, entry: &Entry, data: &mut dyn Read) -> ControlFlow<(), u64> {
        if entry.encrypted {
            let message = "encrypted; unpack it with its password and take in the folder";
            self.fail(at, 0, Reason::Encrypted, message)?;
            return ControlFlow::Continue(entry.compressed_bytes);
        }
        let budget = self.budget.clone();
        let compressed = Rc::new(Cell::new(entry.compressed_bytes));
        let mut seen = 0;
        if entry.method == CompressionMethod::STORE.as_u16() {
            let mut reader = Inflating::new(data, compressed, &budget);
            self.zip_content(at, entry, &mut reader)?;
            seen = entry.compressed_bytes;
        } else if entry.method == CompressionMethod::DEFLATE.as_u16() {
            let mut source = BufReader::with_capacity(READ_BYTES, data);
            let count = Rc::new(Cell::new(0));
            let counting = Consumed { decoder: DeflateDecoder::new(&mut source), count: Rc::clone(&count) };
            let mut reader = Inflating::new(counting, Rc::clone(&count), &budget);
            self.zip_content(at, entry, &mut reader)?;
            seen = count.get();
        } else {
            let message = format!(
                "compressed by method {} of ZIP, which this version does not open; unpack it and take in the folder",
                entry.method
            );
            self.fail(at, 0, Reason::Unsupported, &message)?;
        }
        ControlFlow::Continue(seen)
    }

    /// The inflated content of an entry, to its end, checked against its CRC-32.
    fn zip_content(&mut self, at: &At, entry: &Entry, reader: &mut dyn Read) -> ControlFlow<()> {
        let failures = self.read_failures;
        let mut summed = CrcReader::new(reader);
        self.stream(at, &mut summed)?;
        if self.read_failures != failures {
            return ControlFlow::Continue(());
        }
        // What the content had no use for, so that damage behind it shows too.
        match io::copy(&mut summed, &mut io::sink()) {
            Ok(_) if entry.crc32.is_none_or(|crc32| crc32 == summed.crc().sum()) => ControlFlow::Continue(()),
            Ok(_) => self.zip_damaged(at, "the checksum of this entry is wrong"),
            Err(error) => self.read_failed(at, 0, &error),
        }
    }

    fn zip_damaged(&mut self, at: &At, error: &str) -> ControlFlow<()> {
        let message = format!(
            "the ZIP is damaged or breaks off ({error}); what could be read was taken: look for a whole copy and run again"
        );
        self.fail_next(at, 0, Reason::ContainerDamaged, &message, 0)
    }
}

/// A deflate decoder that says how many compressed bytes it has used.
struct Consumed<R> {
    decoder: DeflateDecoder<R>,
    count: Rc<Cell<u64>>,
}

impl<R: io::BufRead> Read for Consumed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.decoder.read(buffer);
        self.count.set(self.decoder.total_in());
        read
    }
}

/// Reads a file from an offset without moving its cursor.
struct At64<'f> {
    file: &'f File,
    offset: u64,
}

impl Read for At64<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.offset)?;
        self.offset += read as u64;
        Ok(read)
    }
}

/// The local header at an offset: the entry, where its data starts, and whether its length is known.
fn local_header(file: &File, offset: u64) -> Option<(Entry, u64, bool)> {
    let mut fixed = [0; LOCAL_BYTES];
    file.read_exact_at(&mut fixed, offset).ok()?;
    if !fixed.starts_with(LOCAL_SIGNATURE) {
        return None;
    }
    let u16_at = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
    let u32_at = |at: usize| u32::from_le_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]]);
    let flags = u16_at(6);
    let mut name = vec![0; usize::from(u16_at(26))];
    file.read_exact_at(&mut name, offset + LOCAL_BYTES as u64).ok()?;
    let data_start = offset + LOCAL_BYTES as u64 + name.len() as u64 + u64::from(u16_at(28));
    let compressed = u32_at(18);
    // Bit 3: the length stands behind the data. All ones: it stands in the ZIP64 extra field.
    let sized = flags & 8 == 0 && compressed != u32::MAX;
    let entry = Entry {
        name,
        method: u16_at(8),
        encrypted: flags & 1 != 0,
        compressed_bytes: if sized { u64::from(compressed) } else { 0 },
        crc32: sized.then(|| u32_at(14)),
    };
    Some((entry, data_start, sized))
}

/// Offset of the next local header, at `offset` or a little behind it.
fn next_header(file: &File, offset: u64) -> Option<u64> {
    let mut bytes = Vec::new();
    At64 { file, offset }.take(DESCRIPTOR_BYTES_MAX + 4).read_to_end(&mut bytes).ok()?;
    let found = bytes.windows(4).position(|window| window == LOCAL_SIGNATURE)?;
    Some(offset + found as u64)
}
