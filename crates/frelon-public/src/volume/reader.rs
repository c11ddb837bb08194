//! Reading one volume in the order of its items, in large pieces, with bounded memory, whatever is
//! in the file.
//!
//! Three places of the file are followed at once: the central directory, the stream of openings,
//! and the items themselves. Nothing is held for more than one item.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use frelon_model::{ContentHash, ItemNumber, limits::ITEM_BYTES_MAX};

use super::{
    compressed_bytes_max,
    entry::{
        CENTRAL, CENTRAL_BYTES, DEFLATED, Header, ItemPath, LOCAL, LOCAL_BYTES, OPENINGS, README, STORED, u16_at,
        u32_at,
    },
    openings::Openings,
    window::Window,
};
use crate::{
    error::ReadError,
    inflate::{InflateError, inflate},
    limits::{DEFLATE_RATIO_MAX, VOLUME_FILE_BYTES_MAX, VOLUME_ITEMS_MAX},
    opening::Opening,
};

/// Bytes of a bad entry's name that are shown.
const SHOWN_NAME_BYTES_MAX: usize = 80;

/// Bytes of an explanation that is copied; ours has some two thousand.
const README_BYTES_MAX: u64 = 64 * 1024;

/// An entry that is not what it should be. The others can still be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{entry}: {reason}")]
pub struct BadEntry {
    /// Name of the entry in the ZIP, made printable and cut.
    pub entry: String,
    /// What is wrong.
    pub reason: String,
}

/// What is known of an item without inflating it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its number in the collection.
    pub number: ItemNumber,
    /// Its entry in the ZIP.
    pub path: ItemPath,
    /// What it is: media type, name, date, content hash.
    pub opening: Opening,
    /// The opening's line as stored, without its newline: what is committed to.
    pub opening_line: Vec<u8>,
    /// Where its deflate stream begins in the file.
    pub data_offset: u64,
    /// Length of the deflate stream.
    pub compressed_bytes: u64,
    /// Number of its bytes.
    pub size_bytes: u64,
    /// CRC-32 of its bytes, as the ZIP states it.
    pub crc32: u32,
}

/// An item as it lies in the volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item<'a> {
    /// What is known of it.
    pub head: Head,
    /// Its bytes as a raw deflate stream (RFC 1951).
    pub deflated: &'a [u8],
}

impl Item<'_> {
    /// Its bytes, checked against the opening.
    ///
    /// # Errors
    /// When they are not the ones the opening commits to.
    pub fn content(&self) -> Result<Vec<u8>, InflateError> {
        inflate(self.deflated, self.head.size_bytes, &self.head.opening.content)
    }

    /// The hash its bytes must have.
    #[must_use]
    pub fn content_hash(&self) -> ContentHash {
        self.head.opening.content
    }
}

/// Reads a volume from its first item to its last.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    directory: Directory,
    openings: Openings,
    items: Window,
    /// Where the central directory begins: no item reaches beyond.
    items_end: u64,
    /// Where the bytes of the explanation begin and end.
    readme: Option<(u64, u64)>,
    /// Where the data of the item before ended: items never share bytes.
    data_end: u64,
    last: Option<ItemNumber>,
    item_count: u64,
    finished: bool,
}

/// The central directory, entry by entry.
#[derive(Debug)]
struct Directory {
    window: Window,
    start: u64,
    offset: u64,
    end: u64,
    entries: u64,
    left: u64,
}

/// One entry of the central directory.
#[derive(Debug)]
struct Central {
    name: Vec<u8>,
    header: Header,
    flags: u16,
}

impl Directory {
    fn next(&mut self) -> Result<Option<Central>, String> {
        if self.left == 0 {
            return Ok(None);
        }
        let broken = |_| "its central directory is damaged or cut off".to_owned();
        let fixed = self.window.fetch(self.offset, CENTRAL_BYTES as u64).map_err(broken)?;
        if u32_at(fixed, 0) != CENTRAL {
            return Err(format!("its central directory is damaged at byte {}", self.offset));
        }
        let header = Header {
            method: u16_at(fixed, 10),
            crc32: u32_at(fixed, 16),
            compressed_bytes: u32_at(fixed, 20),
            size_bytes: u32_at(fixed, 24),
            offset: u32_at(fixed, 42),
        };
        let flags = u16_at(fixed, 8);
        let name_bytes = u64::from(u16_at(fixed, 28));
        let rest_bytes = u64::from(u16_at(fixed, 30)) + u64::from(u16_at(fixed, 32));
        let name_offset = self.offset + CENTRAL_BYTES as u64;
        let name = self.window.fetch(name_offset, name_bytes).map_err(broken)?.to_vec();
        self.offset = name_offset + name_bytes + rest_bytes;
        if self.offset > self.end {
            return Err("its central directory is longer than it says".to_owned());
        }
        self.left -= 1;
        Ok(Some(Central { name, header, flags }))
    }

    fn rewind(&mut self) {
        self.offset = self.start;
        self.left = self.entries;
    }
}

impl Reader {
    /// Opens a volume.
    ///
    /// # Errors
    /// When the file cannot be read or is no ZIP with a whole central directory. What is wrong with
    /// single entries comes up while reading.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let io_error = |source| ReadError::Io { path: path.to_owned(), source };
        let damaged = |reason: String| ReadError::Damaged { path: path.to_owned(), reason };
        let file = fs::File::open(path).map_err(io_error)?;
        let file_bytes = file.metadata().map_err(io_error)?.len();
        if file_bytes > VOLUME_FILE_BYTES_MAX {
            return Err(damaged(format!("a volume has at most {VOLUME_FILE_BYTES_MAX} bytes, this has {file_bytes}")));
        }
        let mut buffer = vec![0; rawzip::RECOMMENDED_BUFFER_SIZE];
        let archive = rawzip::ZipArchive::from_file(file.try_clone().map_err(io_error)?, &mut buffer)
            .map_err(|error| damaged(format!("it is no whole ZIP file: {error}")))?;
        let (start, end) = (archive.directory_offset(), archive.eocd_offset());
        let entries = archive.entries_hint();
        if start > end || end > file_bytes {
            return Err(damaged("its central directory lies outside of the file".to_owned()));
        }
        // README and openings beside the items; a few more, so that each can be named as foreign.
        if entries > VOLUME_ITEMS_MAX + 1_000 {
            return Err(damaged(format!("it has {entries} entries, more than a volume may")));
        }
        let file = Arc::new(file);
        let window = || Window::new(Arc::clone(&file), file_bytes);
        let directory = Directory { window: window(), start, offset: start, end, entries, left: entries };
        let mut reader = Self {
            path: path.to_owned(),
            directory,
            openings: Openings::broken(window(), "there is no openings.jsonl"),
            items: window(),
            items_end: start,
            readme: None,
            data_end: 0,
            last: None,
            item_count: 0,
            finished: false,
        };
        while let Some(central) = reader.directory.next().map_err(damaged)? {
            if central.name.starts_with(b"items/") {
                reader.item_count += 1;
            } else if central.name == README.as_bytes() && central.header.method == STORED {
                reader.readme = reader.place(&central).ok();
            } else if central.name == OPENINGS.as_bytes() {
                reader.openings = match reader.place(&central) {
                    Ok((offset, end)) => Openings::new(window(), offset, end),
                    Err(_) => Openings::broken(window(), "openings.jsonl is damaged"),
                };
            }
        }
        reader.directory.rewind();
        Ok(reader)
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many items the central directory lists, good or bad.
    #[must_use]
    pub fn item_count(&self) -> u64 {
        self.item_count
    }

    /// The bytes of its `README.txt`.
    ///
    /// # Errors
    /// When it has none, or one longer than 64 KiB.
    pub fn readme(&mut self) -> Result<Vec<u8>, BadEntry> {
        let bad = |reason: &str| BadEntry { entry: README.to_owned(), reason: reason.to_owned() };
        let (offset, end) = self.readme.ok_or_else(|| bad("it is not there, or compressed"))?;
        let length = end - offset;
        if length > README_BYTES_MAX {
            return Err(bad("it is longer than 64 KiB"));
        }
        self.items.fetch(offset, length).map(<[u8]>::to_vec).map_err(|_| bad("it cannot be read"))
    }

    /// The number of the next item; the item itself is passed over.
    ///
    /// # Errors
    /// When the entry is bad; the next call goes on after it.
    pub fn next_number(&mut self) -> Result<Option<ItemNumber>, BadEntry> {
        Ok(self.step()?.map(|head| head.number))
    }

    /// The next item, in the order of numbers; `None` after the last. A bad entry is named, and the
    /// next call goes on after it.
    pub fn next_item(&mut self) -> Option<Result<Item<'_>, BadEntry>> {
        let head = match self.step() {
            Ok(head) => head?,
            Err(bad) => return Some(Err(bad)),
        };
        Some(match self.items.fetch(head.data_offset, head.compressed_bytes) {
            Ok(deflated) => Ok(Item { head, deflated }),
            Err(error) => Err(BadEntry { entry: head.path.to_string(), reason: format!("it cannot be read: {error}") }),
        })
    }

    fn step(&mut self) -> Result<Option<Head>, BadEntry> {
        let central = loop {
            if self.finished {
                return Ok(None);
            }
            match self.directory.next() {
                Ok(Some(other)) if other.name == README.as_bytes() || other.name == OPENINGS.as_bytes() => {}
                Ok(Some(central)) => break central,
                Ok(None) => return self.end(),
                Err(reason) => {
                    self.finished = true;
                    return Err(BadEntry { entry: "central directory".to_owned(), reason });
                }
            }
        };
        let bad = |reason: String| BadEntry { entry: shown(&central.name), reason };
        if !central.name.starts_with(b"items/") {
            return Err(bad("it does not belong in a volume".to_owned()));
        }
        // Every entry of items/ has its line, so a bad one does not shift those after it.
        let line = self.openings.next_line();
        let head = self.head(&central, line).map_err(bad)?;
        self.last = Some(head.number);
        self.data_end = head.data_offset + head.compressed_bytes;
        Ok(Some(head))
    }

    fn end(&mut self) -> Result<Option<Head>, BadEntry> {
        self.finished = true;
        let reason = match self.openings.next_line() {
            Ok(None) => return Ok(None),
            Ok(Some(_)) => "it has more lines than there are items",
            Err(reason) => reason,
        };
        Err(BadEntry { entry: OPENINGS.to_owned(), reason: reason.to_owned() })
    }

    fn head(&mut self, central: &Central, line: Result<Option<Vec<u8>>, &'static str>) -> Result<Head, String> {
        let path = ItemPath::parse(&central.name).ok_or("its name is not items/<number>.<extension>")?;
        if self.last.is_some_and(|last| path.number <= last) {
            return Err("its number is not above the one before".to_owned());
        }
        let size_bytes = u64::from(central.header.size_bytes);
        let compressed_bytes = u64::from(central.header.compressed_bytes);
        if size_bytes > ITEM_BYTES_MAX || compressed_bytes > compressed_bytes_max(size_bytes) {
            return Err(format!("it claims {size_bytes} bytes in {compressed_bytes}, beyond what is read"));
        }
        if size_bytes > compressed_bytes * DEFLATE_RATIO_MAX {
            return Err(format!("it claims {size_bytes} bytes in {compressed_bytes}, more than deflate can hold"));
        }
        if central.header.method != DEFLATED {
            return Err("it is not compressed with deflate".to_owned());
        }
        let (data_offset, _) = self.place(central)?;
        if u64::from(central.header.offset) < self.data_end {
            return Err("its bytes overlap those of the item before".to_owned());
        }
        let opening_line = line?.ok_or("openings.jsonl has no line for it")?;
        let opening = Opening::parse(&opening_line).map_err(|error| error.to_string())?;
        if opening.size_bytes != size_bytes {
            let stated = opening.size_bytes;
            return Err(format!("it has {size_bytes} bytes, its opening says {stated}"));
        }
        let (number, crc32) = (path.number, central.header.crc32);
        Ok(Head { number, path, opening, opening_line, data_offset, compressed_bytes, size_bytes, crc32 })
    }

    /// Where the data of an entry begins and ends, after a look at its local header.
    fn place(&mut self, central: &Central) -> Result<(u64, u64), String> {
        // Bit 0: encrypted; bits 5, 6, 13: patched or encrypted otherwise (APPNOTE 4.4.4).
        if central.flags & 0b10_0000_0110_0001 != 0 {
            return Err("it is encrypted or patched".to_owned());
        }
        let offset = u64::from(central.header.offset);
        let name_bytes = central.name.len() as u64;
        let header_bytes = LOCAL_BYTES as u64 + name_bytes;
        let local = self.items.fetch(offset, header_bytes).map_err(|error| format!("it cannot be read: {error}"))?;
        let same = u32_at(local, 0) == LOCAL
            && u16_at(local, 8) == central.header.method
            && u64::from(u16_at(local, 26)) == name_bytes
            && local.get(LOCAL_BYTES..) == Some(&central.name[..]);
        if !same {
            return Err("its local header contradicts the central directory".to_owned());
        }
        let data = offset + header_bytes + u64::from(u16_at(local, 28));
        let end = data + u64::from(central.header.compressed_bytes);
        if end > self.items_end {
            return Err("it reaches into the central directory".to_owned());
        }
        Ok((data, end))
    }
}

/// A name from outside, printable and not too long.
fn shown(name: &[u8]) -> String {
    let cut = &name[..name.len().min(SHOWN_NAME_BYTES_MAX)];
    let mut text: String = String::from_utf8_lossy(cut).escape_debug().collect();
    if cut.len() < name.len() {
        text.push_str("...");
    }
    text
}
