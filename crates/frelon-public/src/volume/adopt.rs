//! Volumes taken over from others once a withdrawal rewrote them and no signed hash is left: written
//! anew from their items, so that nothing of the file is the giver's choice but the deflate streams of
//! items that were checked.

use std::{collections::BTreeSet, path::Path};

use frelon_durable::Disk;
use frelon_model::ItemNumber;

use super::{ItemPath, Meta, Reader, Writer, readme};
use crate::{
    VolumeEntry,
    error::{ReadError, WriteError},
    limits::VOLUME_FILE_BYTES_MAX,
    manifest::volume_place,
};

/// Writes the items of the volume in `from`, but for those of `without`, to their place `path` in a
/// public tree, durably, as [`super::without`] would have left them: the same items give the same file.
/// Its README must be the one this crate writes under one of `titles`. `None` when no item is left;
/// the file at the place is then removed.
///
/// The caller has checked the items against the log.
///
/// # Errors
/// [`ReadError::Damaged`] when `from` is no such volume, or the disk refuses.
pub fn adopt(
    from: &Path,
    public: &Path,
    path: &str,
    titles: &[String],
    without: &BTreeSet<ItemNumber>,
    disk: &Disk,
) -> Result<Option<VolumeEntry>, WriteError> {
    let damaged = |reason: String| WriteError::Read(ReadError::Damaged { path: from.to_owned(), reason });
    let (collection, tranche, n) = volume_place(path).ok_or_else(|| damaged("its name is no volume's".to_owned()))?;
    let mut reader = Reader::open(from)?;
    let there = reader.readme().map_err(|bad| damaged(bad.to_string()))?;
    let ours = titles.iter().map(|title| readme(title, &collection, tranche, n).into_bytes());
    let ours = ours.into_iter().find(|ours| *ours == there);
    let ours = ours.ok_or_else(|| damaged("its README.txt is not the one of this volume".to_owned()))?;
    let file = public.join(path);
    let mut new = Writer::create_stored(disk, &file, &ours)?;
    while let Some(item) = reader.next_item() {
        let item = item.map_err(|bad| damaged(bad.to_string()))?;
        let head = &item.head;
        if without.contains(&head.number) {
            continue;
        }
        if head.path != ItemPath::new(head.number, &head.opening.media_type) {
            return Err(damaged(format!("{} is not named after its media type", head.path)));
        }
        let size_bytes = u32::try_from(head.size_bytes).expect("readers refuse larger items");
        let meta = Meta { path: head.path, size_bytes, crc32: head.crc32 };
        if !new.fits(&meta, item.deflated, &head.opening_line, VOLUME_FILE_BYTES_MAX) {
            return Err(damaged("it is larger than a volume can be".to_owned()));
        }
        new.add(&meta, item.deflated, &head.opening_line)?;
    }
    let finished = new.finish()?;
    if finished.is_none() {
        disk.remove(&file)?;
    }
    Ok(finished.map(|finished| finished.entry(path.to_owned())))
}
