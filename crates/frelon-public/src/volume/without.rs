//! Volumes written anew: without items that were withdrawn, or with some that are out again.
//!
//! A pure function of the old volume and the numbers: streams and lines are copied as they are, and
//! nothing is compressed. Whoever starts from the same bytes comes to the same bytes.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use frelon_durable::Disk;
use frelon_model::ItemNumber;

use super::{ItemPath, Meta, Reader, Writer, facts, readme};
use crate::{
    Opening, VolumeEntry,
    error::{ReadError, WriteError},
    inflate,
    limits::VOLUME_FILE_BYTES_MAX,
    manifest::volume_place,
};

/// An item that goes back into a volume, as it was when it was taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Its opening's line, without its newline: unchanged, since the log commits to it.
    pub opening_line: Vec<u8>,
    /// Its bytes as a raw deflate stream (RFC 1951).
    pub deflated: Vec<u8>,
}

/// Rewrites a volume of a public tree in its place, durably, without these items: neither their bytes
/// nor their openings are left. `None` when nothing is left; the file is then removed. Numbers that are
/// not in it are passed over, and if none is, nothing is written.
///
/// The new file is a pure function of the old one and the numbers, and taking out one item after the
/// other comes to the same file as taking them out at once.
///
/// # Errors
/// When the volume cannot be read or an entry of it is damaged, or the disk refuses. It is then as it
/// was.
pub fn without(
    public: &Path,
    path: &str,
    withdrawn: &BTreeSet<ItemNumber>,
    disk: &Disk,
) -> Result<Option<VolumeEntry>, WriteError> {
    rewrite(public, path, "", withdrawn, &BTreeMap::new(), disk)
}

/// As [`without`], and puts items back: those of `restored` are in the new volume whether they were in
/// the old one or not. If there is no old one, because all of it was withdrawn, `title` is the name of
/// the collection for the new one's README.
///
/// # Errors
/// As [`without`], and when an item to be restored is not what its opening says.
pub fn rewrite(
    public: &Path,
    path: &str,
    title: &str,
    withdrawn: &BTreeSet<ItemNumber>,
    restored: &BTreeMap<ItemNumber, Restored>,
    disk: &Disk,
) -> Result<Option<VolumeEntry>, WriteError> {
    let file = public.join(path);
    let damaged = |reason: String| WriteError::Read(ReadError::Damaged { path: file.clone(), reason });
    let (collection, tranche, n) = volume_place(path).ok_or_else(|| damaged("its name is no volume's".to_owned()))?;
    let restored = check(restored)?;
    let (mut old, readme) = if file.exists() {
        let mut reader = Reader::open(&file)?;
        // First only looked through: most volumes hold nothing of what is asked for.
        let (mut changes, mut kept) = (!restored.is_empty(), 0);
        while let Some(number) = reader.next_number().map_err(|bad| damaged(bad.to_string()))? {
            changes |= withdrawn.contains(&number);
            kept += u64::from(!withdrawn.contains(&number));
        }
        if !changes {
            return Ok(Some(facts(public, path)?));
        }
        if kept == 0 && restored.is_empty() {
            disk.remove(&file)?;
            return Ok(None);
        }
        let mut reader = Reader::open(&file)?;
        let readme = reader.readme().map_err(|bad| damaged(bad.to_string()))?;
        (Some(reader), readme)
    } else if restored.is_empty() {
        return Ok(None);
    } else {
        let folder = file.parent().expect("volumes lie in folders");
        disk.make_directory(folder)?;
        (None, readme(title, &collection, tranche, n).into_bytes())
    };

    let mut new = Writer::create_stored(disk, &file, &readme)?;
    let mut waiting = restored.into_iter().peekable();
    loop {
        let item = match old.as_mut().and_then(Reader::next_item) {
            Some(item) => Some(item.map_err(|bad| damaged(bad.to_string()))?),
            None => None,
        };
        let number = item.as_ref().map(|item| item.head.number);
        while let Some((_, back)) = waiting.next_if(|(at, _)| number.is_none_or(|number| *at <= number)) {
            add(&mut new, &back.meta, &back.item.deflated, &back.item.opening_line)?;
        }
        let Some(item) = item else { break };
        let head = &item.head;
        // One that was never taken out is not put back a second time.
        if withdrawn.contains(&head.number) || new.last() == Some(head.number) {
            continue;
        }
        let size_bytes = u32::try_from(head.size_bytes).expect("readers refuse larger items");
        let meta = Meta { path: head.path, size_bytes, crc32: head.crc32 };
        add(&mut new, &meta, item.deflated, &head.opening_line)?;
    }
    let finished = new.finish()?;
    Ok(finished.map(|finished| finished.entry(path.to_owned())))
}

/// An item to put back, found to be what its opening says.
struct Checked<'a> {
    meta: Meta,
    item: &'a Restored,
}

fn check(restored: &BTreeMap<ItemNumber, Restored>) -> Result<Vec<(ItemNumber, Checked<'_>)>, WriteError> {
    let mut checked = Vec::new();
    for (number, item) in restored {
        let unfit = |reason: String| WriteError::Unfit { number: *number, reason };
        let opening = Opening::parse(&item.opening_line).map_err(|error| unfit(error.to_string()))?;
        let bytes = inflate(&item.deflated, opening.size_bytes, &opening.content);
        let bytes = bytes.map_err(|error| unfit(error.to_string()))?;
        let size_bytes = u32::try_from(bytes.len()).expect("an item is smaller than 4 GiB");
        let path = ItemPath::new(*number, &opening.media_type);
        checked.push((*number, Checked { meta: Meta { path, size_bytes, crc32: crc32fast::hash(&bytes) }, item }));
    }
    Ok(checked)
}

fn add(new: &mut Writer, meta: &Meta, deflated: &[u8], line: &[u8]) -> Result<(), WriteError> {
    if !new.fits(meta, deflated, line, VOLUME_FILE_BYTES_MAX) {
        let reason = "the volume would become larger than a ZIP can be".to_owned();
        return Err(WriteError::Unfit { number: meta.path.number, reason });
    }
    Ok(new.add(meta, deflated, line)?)
}
