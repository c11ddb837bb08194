//! Writing one volume, front to back, never seeking.

use std::{io::Write, path::Path};

use flate2::{Compression, write::DeflateEncoder};
use frelon_durable::{Disk, Error, File};
use frelon_model::{ContentHash, ItemNumber};
use sha2::{Digest, Sha256};

use super::entry::{
    self, CENTRAL_BYTES, DEFLATED, END_BYTES_MAX, Header, ItemPath, LOCAL_BYTES, OPENINGS, README, STORED,
};
use crate::limits::{VOLUME_FILE_BYTES_MAX, VOLUME_ITEMS_MAX};

/// Most of the openings' bytes are salts and hashes, which no level makes smaller.
const OPENINGS_LEVEL: Compression = Compression::fast();
/// What the deflate encoder may hold back before it writes: window, pending block and buffer.
const ENCODER_BYTES_MAX: u64 = 256 * 1024;

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
    openings: DeflateEncoder<Vec<u8>>,
    openings_crc: crc32fast::Hasher,
    openings_bytes: u64,
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

impl Writer {
    pub(crate) fn create(disk: &Disk, path: &Path, readme: &str) -> Result<Self, Error> {
        let size = narrow(readme.len() as u64);
        let header = Header {
            method: STORED,
            crc32: crc32fast::hash(readme.as_bytes()),
            compressed_bytes: size,
            size_bytes: size,
            offset: 0,
        };
        let mut volume = Self {
            file: disk.create(path)?,
            hasher: Sha256::new(),
            items: Vec::new(),
            directory_bytes: 0,
            openings: DeflateEncoder::new(Vec::new(), OPENINGS_LEVEL),
            openings_crc: crc32fast::Hasher::new(),
            openings_bytes: 0,
            readme: header,
            scratch: Vec::new(),
        };
        volume.entry(README, &header, readme.as_bytes())?;
        Ok(volume)
    }

    /// Whether an item fits without the finished volume passing `bytes_max`. The first always does.
    pub(crate) fn fits(&self, meta: &Meta, deflated: &[u8], line: &str, bytes_max: u64) -> bool {
        if self.items.is_empty() {
            return true;
        }
        let name = meta.path.to_string().len() as u64;
        let item = LOCAL_BYTES as u64 + name + deflated.len() as u64;
        let central = self.directory_bytes + CENTRAL_BYTES as u64 + name;
        let raw = self.openings_bytes + line.len() as u64 + 1;
        // Deflate never adds more than 5 bytes a block to what it cannot make smaller.
        let openings =
            (raw + raw / 1_000 + 64).min(self.openings.get_ref().len() as u64 + ENCODER_BYTES_MAX + line.len() as u64);
        let own = 2 * (LOCAL_BYTES + CENTRAL_BYTES + OPENINGS.len() + README.len()) as u64;
        let total = self.file.position() + item + central + openings + own + END_BYTES_MAX;
        total <= bytes_max.min(VOLUME_FILE_BYTES_MAX) && (self.items.len() as u64) < VOLUME_ITEMS_MAX
    }

    /// Appends an item and its opening. The caller has asked [`Writer::fits`].
    pub(crate) fn add(&mut self, meta: &Meta, deflated: &[u8], line: &str) -> Result<(), Error> {
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
        for piece in [line.as_bytes(), b"\n"] {
            self.openings.write_all(piece).expect("a vector takes all");
            self.openings_crc.update(piece);
            self.openings_bytes += piece.len() as u64;
        }
        Ok(())
    }

    /// Writes openings and central directory and gives the file its name, durably. `None` if no
    /// item was added: then there is no file.
    pub(crate) fn finish(mut self) -> Result<Option<Finished>, Error> {
        let (Some((first, _)), Some((last, _))) = (self.items.first().copied(), self.items.last().copied()) else {
            return Ok(None);
        };
        let encoder = std::mem::replace(&mut self.openings, DeflateEncoder::new(Vec::new(), OPENINGS_LEVEL));
        let openings = encoder.finish().expect("a vector takes all");
        let header = Header {
            method: DEFLATED,
            crc32: self.openings_crc.clone().finalize(),
            compressed_bytes: narrow(openings.len() as u64),
            size_bytes: narrow(self.openings_bytes),
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
