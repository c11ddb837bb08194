//! Writing one volume, front to back, never seeking.

use std::path::Path;

use frelon_durable::{Disk, Error, File};
use frelon_model::{ContentHash, ItemNumber};
use sha2::{Digest, Sha256};

use super::{
    entry::{self, CENTRAL_BYTES, DEFLATED, END_BYTES_MAX, Header, ItemPath, LOCAL_BYTES, OPENINGS, README, STORED},
    lines::Lines,
};
use crate::{
    VolumeEntry,
    limits::{VOLUME_FILE_BYTES_MAX, VOLUME_ITEMS_MAX},
};

/// What is known of an item's stream besides its bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meta {
    pub(crate) path: ItemPath,
    pub(crate) size_bytes: u32,
    pub(crate) crc32: u32,
}

/// A volume being written; invisible until [`Writer::finish`].
pub(crate) struct Writer {
    file: File,
    hasher: Sha256,
    /// What the central directory needs; its bytes are made at the end.
    items: Vec<(ItemPath, Header)>,
    /// Bytes the items will take in the central directory.
    directory_bytes: u64,
    openings: Lines,
    readme: Header,
    scratch: Vec<u8>,
}

/// A volume that has its name.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) size_bytes: u64,
    pub(crate) sha256: ContentHash,
    pub(crate) first: ItemNumber,
    pub(crate) last: ItemNumber,
}

impl Finished {
    /// As a manifest names it, under this path in the tree.
    pub(crate) fn entry(self, path: String) -> VolumeEntry {
        let Self { size_bytes, sha256, first, last } = self;
        VolumeEntry { path, size_bytes, sha256, first, last }
    }
}

impl Writer {
    pub(crate) fn create(disk: &Disk, path: &Path, readme: &str) -> Result<Self, Error> {
        Self::create_with(disk, path, readme.as_bytes(), Lines::deflated())
    }

    /// Begins a volume in which nothing is compressed that comes from here.
    pub(crate) fn create_stored(disk: &Disk, path: &Path, readme: &[u8]) -> Result<Self, Error> {
        Self::create_with(disk, path, readme, Lines::stored())
    }

    fn create_with(disk: &Disk, path: &Path, readme: &[u8], openings: Lines) -> Result<Self, Error> {
        let size = narrow(readme.len() as u64);
        let header = Header {
            method: STORED,
            crc32: crc32fast::hash(readme),
            compressed_bytes: size,
            size_bytes: size,
            offset: 0,
        };
        let mut volume = Self {
            file: disk.create(path)?,
            hasher: Sha256::new(),
            items: Vec::new(),
            directory_bytes: 0,
            openings,
            readme: header,
            scratch: Vec::new(),
        };
        volume.entry(README, &header, readme)?;
        Ok(volume)
    }

    /// Whether an item fits without the finished volume passing `bytes_max`. The first always does.
    pub(crate) fn fits(&self, meta: &Meta, deflated: &[u8], line: &[u8], bytes_max: u64) -> bool {
        if self.items.is_empty() {
            return true;
        }
        let name = meta.path.to_string().len() as u64;
        let item = LOCAL_BYTES as u64 + name + deflated.len() as u64;
        let central = self.directory_bytes + CENTRAL_BYTES as u64 + name;
        let openings = self.openings.stream_bytes_max(line);
        let own = 2 * (LOCAL_BYTES + CENTRAL_BYTES + OPENINGS.len() + README.len()) as u64;
        let total = self.file.position() + item + central + openings + own + END_BYTES_MAX;
        total <= bytes_max.min(VOLUME_FILE_BYTES_MAX) && (self.items.len() as u64) < VOLUME_ITEMS_MAX
    }

    /// Appends an item and its opening. The caller has asked [`Writer::fits`].
    pub(crate) fn add(&mut self, meta: &Meta, deflated: &[u8], line: &[u8]) -> Result<(), Error> {
        let header = Header {
            method: DEFLATED,
            crc32: meta.crc32,
            compressed_bytes: narrow(deflated.len() as u64),
            size_bytes: meta.size_bytes,
            offset: narrow(self.file.position()),
        };
        let name = meta.path.to_string();
        self.entry(&name, &header, deflated)?;
        self.directory_bytes += (CENTRAL_BYTES + name.len()) as u64;
        self.items.push((meta.path, header));
        self.openings.push(line);
        Ok(())
    }

    /// The last item added.
    pub(crate) fn last(&self) -> Option<ItemNumber> {
        self.items.last().map(|(path, _)| path.number)
    }

    /// Writes openings and central directory and gives the file its name, durably. `None` if no
    /// item was added: then there is no file.
    pub(crate) fn finish(mut self) -> Result<Option<Finished>, Error> {
        let (Some((first, _)), Some((last, _))) = (self.items.first().copied(), self.items.last().copied()) else {
            return Ok(None);
        };
        let lines = std::mem::replace(&mut self.openings, Lines::stored());
        let (crc32, lines_bytes) = (lines.crc32(), lines.size_bytes());
        let openings = lines.finish();
        let header = Header {
            method: DEFLATED,
            crc32,
            compressed_bytes: narrow(openings.len() as u64),
            size_bytes: narrow(lines_bytes),
            offset: narrow(self.file.position()),
        };
        self.entry(OPENINGS, &header, &openings)?;
        drop(openings);

        let directory_offset = self.file.position();
        let items = std::mem::take(&mut self.items);
        let mut bytes = Vec::new();
        self.readme.put_central(README, &mut bytes);
        for (path, item) in &items {
            item.put_central(&path.to_string(), &mut bytes);
            if bytes.len() >= 1 << 20 {
                self.append(&bytes)?;
                bytes.clear();
            }
        }
        header.put_central(OPENINGS, &mut bytes);
        self.append(&bytes)?;
        let directory_bytes = self.file.position() - directory_offset;
        bytes.clear();
        entry::put_end(items.len() as u64 + 2, narrow(directory_offset), narrow(directory_bytes), &mut bytes);
        self.append(&bytes)?;

        let size_bytes = self.file.position();
        let sha256 = ContentHash(self.hasher.finalize().into());
        self.file.commit()?;
        Ok(Some(Finished { size_bytes, sha256, first: first.number, last: last.number }))
    }

    fn entry(&mut self, name: &str, header: &Header, data: &[u8]) -> Result<(), Error> {
        let mut local = std::mem::take(&mut self.scratch);
        local.clear();
        header.put_local(name, &mut local);
        self.append(&local)?;
        self.scratch = local;
        self.append(data)
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.hasher.update(bytes);
        self.file.append(bytes)
    }
}

/// A size or offset in a volume: [`Writer::fits`] and the limit of an item keep them in 32 bits.
fn narrow(size: u64) -> u32 {
    u32::try_from(size).expect("a volume and everything in it stays below 4 GiB")
}
