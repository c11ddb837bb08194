//! Releasing items: written whole and out of sight, then logged, then shown.
//!
//! Volumes get their names while the release is being written, but a volume that no manifest names does
//! not exist for readers. Then the document entries are logged ([`Finished::entries`]), then the
//! `release` statement, and at last the manifest is derived from the log and replaced
//! ([`crate::Manifest::derive`], [`crate::Manifest::commit`]). A crash before that leaves the old state,
//! and files that [`clear_leftovers`] removes unless the log names them.

use std::path::{Path, PathBuf};

use frelon_durable::Disk;
use frelon_model::{
    CollectionId, ContentHash, Instant, ItemNumber, Tranche,
    limits::{ITEM_BYTES_MAX, OPENING_BYTES_MAX, VOLUME_BYTES_MAX},
};

use crate::{
    DocumentEntry, commitment, directory,
    error::{ReadError, WriteError},
    limits::DEFLATE_RATIO_MAX,
    manifest::{Manifest, VolumeEntry, volume_path},
    opening::Opening,
    statement::ReleasedVolume,
    volume::{self, ItemPath, Meta},
};

/// What is going to be released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The collection.
    pub collection: CollectionId,
    /// Its name for people, which stands in the volumes.
    pub collection_title: String,
    /// The tranche; it must not be out yet.
    pub tranche: Tranche,
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
    volume: Option<volume::Writer>,
    done: Vec<VolumeEntry>,
    commitments: Vec<(ItemNumber, ContentHash)>,
}

/// A tranche whose volumes are whole and durable, and that nobody sees yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// The collection.
    pub collection: CollectionId,
    /// The tranche.
    pub tranche: Tranche,
    /// What is known of each volume, in the order of their items.
    pub volumes: Vec<VolumeEntry>,
    /// The items' numbers and commitments, in their order: 40 bytes an item.
    pub commitments: Vec<(ItemNumber, ContentHash)>,
}

impl Finished {
    /// The entries to be logged, in their order and next to each other.
    pub fn entries(&self) -> impl Iterator<Item = Vec<u8>> + '_ {
        self.commitments.iter().map(|(number, commitment)| {
            let (collection, tranche) = (self.collection.clone(), self.tranche);
            let entry = DocumentEntry { collection, tranche, number: *number, commitment: *commitment };
            entry.to_string().into_bytes()
        })
    }

    /// The volumes as the `release` statement names them.
    #[must_use]
    pub fn stated(&self) -> Vec<ReleasedVolume> {
        let stated = |volume: &VolumeEntry| ReleasedVolume {
            path: volume.path.clone(),
            size_bytes: volume.size_bytes,
            sha256: volume.sha256,
        };
        self.volumes.iter().map(stated).collect()
    }

    /// The same from volumes that a run wrote which was stopped afterwards: all volumes of the tranche
    /// that are in the tree, read from their first byte to their last. `None` when there are none.
    ///
    /// # Errors
    /// When one of them cannot be read or is damaged.
    pub fn recover(public: &Path, collection: &CollectionId, tranche: Tranche) -> Result<Option<Self>, ReadError> {
        let (mut volumes, mut commitments) = (Vec::new(), Vec::new());
        for n in 1.. {
            let path = volume_path(collection, tranche, n);
            if !public.join(&path).exists() {
                break;
            }
            volumes.push(volume::facts(public, &path)?);
            let file = public.join(&path);
            let mut reader = volume::Reader::open(&file)?;
            while let Some(item) = reader.next_item() {
                let bad = |bad: volume::BadEntry| ReadError::Damaged { path: file.clone(), reason: bad.to_string() };
                let head = item.map_err(bad)?.head;
                commitments.push((head.number, commitment(&head.opening_line)));
            }
        }
        let (collection, is_there) = (collection.clone(), !volumes.is_empty());
        Ok(is_there.then_some(Self { collection, tranche, volumes, commitments }))
    }
}

impl Writer {
    /// Begins to write a tranche into the public tree at `public`, which is made if it is not there.
    /// Volumes that an interrupted run left of this very tranche are removed. The caller sees to it
    /// that it is the only writer, and that the log does not hold the release already.
    ///
    /// # Errors
    /// When the manifest says that the tranche is out, the tree cannot be read, or the disk refuses.
    pub fn begin(public: &Path, plan: Plan) -> Result<Self, WriteError> {
        Self::begin_with(public, plan, Settings::default())
    }

    /// As [`Writer::begin`], with settings.
    ///
    /// # Errors
    /// The same.
    pub fn begin_with(public: &Path, plan: Plan, settings: Settings) -> Result<Self, WriteError> {
        let Plan { collection, tranche, .. } = &plan;
        if Manifest::load(public)?.is_some_and(|manifest| manifest.release(collection, *tranche).is_some()) {
            return Err(WriteError::ReleasedAlready { collection: collection.clone(), tranche: *tranche });
        }
        let folder = public.join("volume").join(collection.as_str());
        settings.disk.make_directory(&folder)?;
        settings.disk.clear_stale(&folder)?;
        for name in list(&folder)? {
            if volume_name(&name) == Some(*tranche) {
                settings.disk.remove(&folder.join(name))?;
            }
        }
        let public = public.to_owned();
        Ok(Self { public, plan, settings, volume: None, done: Vec::new(), commitments: Vec::new() })
    }

    /// Adds an item. Numbers rise from call to call; `salt` is 32 random bytes, new for each item.
    ///
    /// # Errors
    /// When the number does not rise, the item is beyond what readers accept, or the disk refuses.
    pub fn add(&mut self, item: &Packed<'_>, salt: [u8; 32]) -> Result<(), WriteError> {
        let number = item.number;
        let last = self.commitments.last().map(|(last, _)| *last);
        if let Some(last) = last.filter(|last| *last >= number) {
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
        if item.size_bytes > compressed_bytes.saturating_mul(DEFLATE_RATIO_MAX) {
            return Err(unfit("its deflate stream is too short for its size"));
        }
        let meta = Meta {
            path: ItemPath::new(number, item.media_type),
            size_bytes: u32::try_from(item.size_bytes).map_err(|_| unfit("it is larger than readers accept"))?,
            crc32: item.crc32,
        };
        let full = |volume: &volume::Writer| {
            !volume.fits(&meta, item.deflated, line.as_bytes(), self.settings.volume_bytes_max)
        };
        if self.volume.as_ref().is_some_and(full) {
            self.close_volume()?;
        }
        if self.volume.is_none() {
            self.volume = Some(self.open_volume()?);
        }
        let volume = self.volume.as_mut().expect("opened just now");
        volume.add(&meta, item.deflated, line.as_bytes())?;
        self.commitments.push((number, commitment(line.as_bytes())));
        Ok(())
    }

    /// Makes the volumes whole and durable. Nobody sees them before a manifest names them.
    ///
    /// # Errors
    /// When nothing was added, or the disk refuses.
    pub fn finish(mut self) -> Result<Finished, WriteError> {
        self.close_volume()?;
        let Plan { collection, tranche, .. } = self.plan;
        if self.done.is_empty() {
            return Err(WriteError::Empty { collection, tranche });
        }
        Ok(Finished { collection, tranche, volumes: self.done, commitments: self.commitments })
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
            self.done.push(finished.entry(path));
        }
        Ok(())
    }
}

/// Removes what runs that were stopped left in the tree: temporary files, and volumes of tranches that
/// are not to be kept. To be kept are those that the log says are released, and those on their way.
/// How many files.
///
/// # Errors
/// When the tree cannot be read or the disk refuses.
pub fn clear_leftovers(
    public: &Path,
    keep: impl Fn(&CollectionId, Tranche) -> bool,
    disk: &Disk,
) -> Result<usize, WriteError> {
    let mut removed = disk.clear_stale(public)?;
    if !public.join("volume").is_dir() {
        return Ok(removed);
    }
    for name in list(&public.join("volume"))? {
        let folder = public.join("volume").join(&name);
        let Some(collection) = CollectionId::new(&name).ok().filter(|_| folder.is_dir()) else { continue };
        removed += disk.clear_stale(&folder)?;
        for name in list(&folder)? {
            if volume_name(&name).is_some_and(|tranche| !keep(&collection, tranche)) {
                removed += usize::from(disk.remove(&folder.join(name))?);
            }
        }
    }
    Ok(removed)
}

/// The tranche of a file called `<tranche>.<n>.zip`.
fn volume_name(name: &str) -> Option<Tranche> {
    let (tranche, n) = name.strip_suffix(".zip")?.split_once('.')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number(tranche) && is_number(n) { tranche.parse().ok().map(Tranche) } else { None }
}

/// The names in a directory, sorted; those that are not UTF-8 are not ours and left out.
fn list(directory: &Path) -> Result<Vec<String>, ReadError> {
    directory::names(directory).map_err(|source| ReadError::Io { path: directory.to_owned(), source })
}

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
pub(crate) mod tests;
