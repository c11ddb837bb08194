//! Releasing items: staged, then made visible at once.
//!
//! Volumes get their names while the release is being written, but a volume that the manifest does
//! not name does not exist for readers. The replacement of `manifest.json` is the commit. A crash
//! before it leaves the old state and files that the next [`Writer::begin`] removes; a crash after
//! it leaves the new state.

use std::path::{Path, PathBuf};

use frelon_deflate::RATIO_MAX;
use frelon_durable::Disk;
use frelon_model::{
    CollectionId, ContentHash, Instant, ItemNumber, Tranche,
    limits::{ITEM_BYTES_MAX, OPENING_BYTES_MAX, VOLUME_BYTES_MAX},
};

use crate::{
    directory,
    error::{ReadError, WriteError},
    manifest::{CollectionEntry, Manifest, ReleaseEntry, VolumeEntry, volume_path},
    opening::Opening,
    volume::{self, ItemPath, Meta},
};

/// What is going to be released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The collection.
    pub collection: CollectionId,
    /// Its name for people; replaces an earlier one.
    pub collection_title: String,
    /// What it is and where it comes from, in plain text; replaces an earlier one.
    pub about: String,
    /// The tranche; it must not be out yet.
    pub tranche: Tranche,
    /// The release's own title; may be empty.
    pub title: String,
    /// The time it will carry.
    pub published_at: Instant,
}

/// How a release is written; the default is right outside tests.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Largest volume, in bytes. Only a single item larger than this makes a larger one.
    pub volume_bytes_max: u64,
    /// Where files go.
    pub disk: Disk,
}

impl Default for Settings {
    fn default() -> Self {
        Self { volume_bytes_max: VOLUME_BYTES_MAX, disk: Disk::new() }
    }
}

/// An item ready to be released: described, hashed and compressed already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packed<'a> {
    /// Its number in the collection.
    pub number: ItemNumber,
    /// A file name for people; may be empty.
    pub name: &'a str,
    /// Media type (RFC 6838), such as `message/rfc822`.
    pub media_type: &'a str,
    /// When it was made, as far as is known.
    pub date: Option<Instant>,
    /// SHA-256 of its bytes.
    pub content: ContentHash,
    /// Number of its bytes.
    pub size_bytes: u64,
    /// CRC-32 of its bytes (ISO 3309, as ZIP and gzip have it).
    pub crc32: u32,
    /// Its bytes as a raw deflate stream (RFC 1951), copied unchanged.
    pub deflated: &'a [u8],
}

/// A release being written. Dropping it releases nothing.
pub struct Writer {
    public: PathBuf,
    plan: Plan,
    settings: Settings,
    /// What was released when this release began.
    before: Manifest,
    volume: Option<volume::Writer>,
    done: Vec<VolumeEntry>,
    item_count: u64,
    last: Option<ItemNumber>,
}

impl Writer {
    /// Begins a release into the public tree at `public`, which is made if it is not there. What
    /// an interrupted release left is removed. The caller sees to it that it is the only writer.
    ///
    /// # Errors
    /// When the tranche is out already, the tree cannot be read, or the disk refuses.
    pub fn begin(public: &Path, plan: Plan) -> Result<Self, WriteError> {
        Self::begin_with(public, plan, Settings::default())
    }

    /// As [`Writer::begin`], with settings.
    ///
    /// # Errors
    /// The same.
    pub fn begin_with(public: &Path, plan: Plan, settings: Settings) -> Result<Self, WriteError> {
        let before = Manifest::load(public)?.unwrap_or_default();
        if before.release(&plan.collection, plan.tranche).is_some() {
            return Err(WriteError::ReleasedAlready { collection: plan.collection, tranche: plan.tranche });
        }
        settings.disk.make_directory(&public.join("volume").join(plan.collection.as_str()))?;
        clear_leftovers(public, &before, &settings.disk)?;
        Ok(Self {
            public: public.to_owned(),
            plan,
            settings,
            before,
            volume: None,
            done: Vec::new(),
            item_count: 0,
            last: None,
        })
    }

    /// Adds an item. Numbers rise from call to call; `salt` is 32 random bytes, new for each item.
    ///
    /// # Errors
    /// When the number does not rise, the item is beyond what readers accept, or the disk refuses.
    pub fn add(&mut self, item: &Packed<'_>, salt: [u8; 32]) -> Result<(), WriteError> {
        let number = item.number;
        if let Some(last) = self.last.filter(|last| *last >= number) {
            return Err(WriteError::OutOfOrder { number, last });
        }
        let line = Opening {
            salt,
            content: item.content,
            size_bytes: item.size_bytes,
            media_type: item.media_type.to_owned(),
            name: item.name.to_owned(),
            date: item.date,
        }
        .to_line();
        let unfit = |reason: &str| WriteError::Unfit { number, reason: reason.to_owned() };
        if number.0 == 0 {
            return Err(unfit("numbers begin at 1"));
        }
        if line.len() > OPENING_BYTES_MAX {
            return Err(unfit("its name and media type are too long"));
        }
        let compressed_bytes = item.deflated.len() as u64;
        if item.size_bytes > ITEM_BYTES_MAX || compressed_bytes > volume::compressed_bytes_max(item.size_bytes) {
            return Err(unfit("it is larger than readers accept"));
        }
        if item.size_bytes > compressed_bytes.saturating_mul(RATIO_MAX) {
            return Err(unfit("its deflate stream is too short for its size"));
        }
        let meta = Meta {
            path: ItemPath::new(number, item.media_type),
            size_bytes: u32::try_from(item.size_bytes).map_err(|_| unfit("it is larger than readers accept"))?,
            crc32: item.crc32,
        };
        let full = |volume: &volume::Writer| !volume.fits(&meta, item.deflated, &line, self.settings.volume_bytes_max);
        if self.volume.as_ref().is_some_and(full) {
            self.close_volume()?;
        }
        if self.volume.is_none() {
            self.volume = Some(self.open_volume()?);
        }
        let volume = self.volume.as_mut().expect("opened just now");
        volume.add(&meta, item.deflated, &line)?;
        self.item_count += 1;
        self.last = Some(number);
        Ok(())
    }

    /// Makes the release visible, durably. When this returns, it is out.
    ///
    /// # Errors
    /// When nothing was added, another process changed the tree meanwhile, or the disk refuses.
    /// After an error the tree is as it was, but for one case: if the last sync of the directory
    /// fails, the release is visible and a power cut may still undo it.
    pub fn commit(mut self) -> Result<ReleaseEntry, WriteError> {
        self.close_volume()?;
        let (Some(first), Some(last)) = (self.done.first(), self.done.last()) else {
            return Err(WriteError::Empty { collection: self.plan.collection, tranche: self.plan.tranche });
        };
        let release = ReleaseEntry {
            collection: self.plan.collection.clone(),
            tranche: self.plan.tranche,
            title: self.plan.title.clone(),
            published_at: self.plan.published_at,
            first: first.first,
            last: last.last,
            item_count: self.item_count,
            volumes: std::mem::take(&mut self.done),
        };
        // Stopping up to here leaves volumes nobody names: the old state.
        let path = Manifest::path(&self.public);
        if Manifest::load(&self.public)?.unwrap_or_default() != self.before {
            return Err(WriteError::Overtaken { path });
        }
        let mut after = self.before.clone();
        let entry = CollectionEntry {
            id: self.plan.collection.clone(),
            title: self.plan.collection_title.clone(),
            about: self.plan.about.clone(),
        };
        match after.collections.binary_search_by(|other| other.id.cmp(&entry.id)) {
            Ok(at) => after.collections[at] = entry,
            Err(at) => after.collections.insert(at, entry),
        }
        after.releases.push(release.clone());
        // The commit point. Volumes and their directory were synced before, so whoever sees this
        // manifest finds them.
        self.settings.disk.replace(&path, &after.to_bytes())?;
        Ok(release)
    }

    fn path(&self) -> String {
        volume_path(&self.plan.collection, self.plan.tranche, self.done.len() + 1)
    }

    fn open_volume(&self) -> Result<volume::Writer, WriteError> {
        let Plan { collection, collection_title, tranche, .. } = &self.plan;
        let readme = volume::readme(collection_title, collection, *tranche, self.done.len() + 1);
        Ok(volume::Writer::create(&self.settings.disk, &self.public.join(self.path()), &readme)?)
    }

    fn close_volume(&mut self) -> Result<(), WriteError> {
        let Some(volume) = self.volume.take() else { return Ok(()) };
        let path = self.path();
        if let Some(finished) = volume.finish()? {
            let volume::Finished { size_bytes, sha256, first, last } = finished;
            self.done.push(VolumeEntry { path, size_bytes, sha256, first, last });
        }
        Ok(())
    }
}

/// Removes what no manifest names: temporary files, and volumes of a release that never came.
fn clear_leftovers(public: &Path, manifest: &Manifest, disk: &Disk) -> Result<(), WriteError> {
    disk.clear_stale(public)?;
    for collection in list(&public.join("volume"))? {
        let folder = public.join("volume").join(&collection);
        if CollectionId::new(&collection).is_err() || !folder.is_dir() {
            continue;
        }
        disk.clear_stale(&folder)?;
        for name in list(&folder)? {
            let ours = name.strip_suffix(".zip").and_then(|stem| stem.split_once('.')).is_some_and(|(tranche, n)| {
                [tranche, n].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
            });
            if ours && !manifest.names(&format!("volume/{collection}/{name}")) {
                disk.remove(&folder.join(name))?;
            }
        }
    }
    Ok(())
}

/// The names in a directory, sorted; those that are not UTF-8 are not ours and left out.
fn list(directory: &Path) -> Result<Vec<String>, ReadError> {
    directory::names(directory).map_err(|source| ReadError::Io { path: directory.to_owned(), source })
}

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
