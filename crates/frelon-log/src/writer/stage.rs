//! Staging: a batch is written whole under names of its own before anything is signed, and read back.
//!
//! Objects go into packs of some megabytes, each named by its own hash, so that staging twice writes
//! the same names with the same bytes and two writers cannot spoil each other's packs. A list, named by
//! the tree the batch leads to, is written last: where it is, all packs are.
//!
//! ```text
//! staging/<old size>/<sha256>      "<path> <length>\n" and the bytes, for each object
//! staging/<new size>-<root>        "<old size>\n", then one "<sha256>\n" for each pack
//! staging/<old size>/intent        "<new size>-<root>\n": the one batch that may follow a tree
//! ```
//!
//! The intent is written before the signature is made. Since an object is never overwritten, a log
//! signs one continuation of each of its trees, whoever else writes and whenever the machine stops.

use std::{
    collections::{HashMap, VecDeque},
    str,
};

use sha2::{Digest, Sha256};

use super::store::{LogStore, STAGING_PREFIX, Stored, StoredError};
use crate::{
    NodeHash, TreeHead, decimal,
    tile::{Growth, Object, Resource, TILE_WIDTH, TileSource, decode_bundle},
};

/// The size at which a pack is closed. Memory while appending is two or three of these: large enough
/// that few files are synced, small enough for any machine.
const PACK_BYTES: usize = 8 * 1024 * 1024;

/// The longest line before an object: the longest path and length, generously.
const LINE_BYTES_MAX: usize = 128;

/// Objects being staged.
pub(super) struct Stage<'a, S> {
    store: &'a S,
    old_size: u64,
    pack: Vec<u8>,
    /// Names of the packs written, in order.
    packs: Vec<NodeHash>,
}

impl<'a, S: LogStore> Stage<'a, S> {
    pub(super) fn new(store: &'a S, old_size: u64) -> Self {
        Self { store, old_size, pack: Vec::new(), packs: Vec::new() }
    }

    /// Adds objects; writes the pack when it is large enough.
    pub(super) fn add(&mut self, objects: &[Object]) -> Result<(), S::Error> {
        for object in objects {
            self.pack.extend_from_slice(format!("{} {}\n", object.resource, object.bytes.len()).as_bytes());
            self.pack.extend_from_slice(&object.bytes);
            if self.pack.len() >= PACK_BYTES {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), S::Error> {
        let pack = std::mem::take(&mut self.pack);
        let hash = sha256(&pack);
        self.store.put(&[(pack_name(self.old_size, hash), pack)])?;
        self.packs.push(hash);
        Ok(())
    }

    /// Writes what is left, then the list.
    pub(super) fn finish(mut self, head: TreeHead) -> Result<Staged, S::Error> {
        if !self.pack.is_empty() {
            self.flush()?;
        }
        let staged = Staged { head, old_size: self.old_size, packs: self.packs };
        self.store.put(&[(staged.list_name(), staged.to_bytes())])?;
        Ok(staged)
    }
}

/// A batch that lies staged: its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Staged {
    /// The tree it leads to.
    pub(super) head: TreeHead,
    /// The size of the tree it starts from.
    pub(super) old_size: u64,
    packs: Vec<NodeHash>,
}

/// Why a staged batch cannot be used.
#[derive(Debug)]
pub(super) enum StagedError<E> {
    /// The store failed.
    Store(E),
    /// It is not there, not whole, or not what it was; which object, if that can be said.
    Damaged(String),
}

impl Staged {
    /// The list of the batch that leads to this tree, if there is one.
    pub(super) fn find<S: LogStore>(store: &S, head: TreeHead) -> Result<Option<Self>, StagedError<S::Error>> {
        let name = list_name(head);
        let Some(bytes) = store.get(&name).map_err(StagedError::Store)? else { return Ok(None) };
        let parse = || {
            let mut lines = str::from_utf8(&bytes).ok()?.strip_suffix('\n')?.split('\n');
            let old_size = decimal::parse(lines.next()?).filter(|old_size| *old_size <= head.size)?;
            let packs = lines.map(parse_hex).collect::<Option<Vec<_>>>()?;
            Some(Self { head, old_size, packs })
        };
        parse().map(Some).ok_or(StagedError::Damaged(name))
    }

    /// Makes this the one batch that may follow its old tree; `false` if another is.
    pub(super) fn intend<S: LogStore>(&self, store: &S) -> Result<bool, S::Error> {
        let (name, intent) = (intent_name(self.old_size), intent(self.head).into_bytes());
        store.put(&[(name.clone(), intent.clone())])?;
        // A store may keep the older object without a word.
        Ok(store.get(&name)? == Some(intent))
    }

    /// The batch that was to follow a tree of this size, if one was.
    pub(super) fn intended<S: LogStore>(store: &S, old_size: u64) -> Result<Option<Self>, StagedError<S::Error>> {
        let name = intent_name(old_size);
        let Some(bytes) = store.get(&name).map_err(StagedError::Store)? else { return Ok(None) };
        let parse = || {
            let (size, root) = str::from_utf8(&bytes).ok()?.strip_suffix('\n')?.split_once('-')?;
            Some(TreeHead { size: decimal::parse(size)?, root: parse_hex(root)? })
        };
        let staged = match parse() {
            Some(head) => Self::find(store, head)?,
            None => None,
        };
        staged.filter(|staged| staged.old_size == old_size).map(Some).ok_or(StagedError::Damaged(name))
    }

    fn list_name(&self) -> String {
        list_name(self.head)
    }

    fn to_bytes(&self) -> Vec<u8> {
        let packs = self.packs.iter().map(|pack| format!("{}\n", pack.to_hex()));
        std::iter::once(format!("{}\n", self.old_size)).chain(packs).collect::<String>().into_bytes()
    }

    /// Reads pack after pack, each checked against its name, and gives its objects.
    pub(super) fn read<S: LogStore>(
        &self,
        store: &S,
        mut each: impl FnMut(NodeHash, Vec<Object>) -> Result<(), StagedError<S::Error>>,
    ) -> Result<(), StagedError<S::Error>> {
        self.packs.iter().try_for_each(|pack| each(*pack, self.pack(store, *pack)?))
    }

    fn pack<S: LogStore>(&self, store: &S, pack: NodeHash) -> Result<Vec<Object>, StagedError<S::Error>> {
        let name = pack_name(self.old_size, pack);
        let bytes = store.get(&name).map_err(StagedError::Store)?;
        let whole = bytes.filter(|bytes| sha256(bytes) == pack);
        whole.as_deref().and_then(objects_of).ok_or(StagedError::Damaged(name))
    }

    /// Hashes all that lies staged again, from the entries up, and compares every tile. What was
    /// hashed while staging came from memory; this comes from the store, and both must lead to the
    /// same root before anything is signed.
    pub(super) fn verify<S: LogStore>(&self, store: &S, before: &Growth) -> Result<Growth, StagedError<S::Error>> {
        let damaged = |object: &Object| StagedError::Damaged(object.resource.to_string());
        let mut growth = before.clone();
        // What the entries read so far should have made: the tiles, and the bundles themselves.
        let mut expected = VecDeque::new();
        let old_width = before.size() % u64::from(TILE_WIDTH);
        let mut known = usize::try_from(old_width).expect("below 256");
        self.read(store, |_, objects| {
            for object in objects {
                if let Resource::Bundle(bundle) = object.resource {
                    let entries = decode_bundle(&object.bytes).map_err(|_| damaged(&object))?;
                    let mut full = Vec::new();
                    // The first bundle begins with entries that were in the log before.
                    for entry in entries.into_iter().skip(std::mem::take(&mut known)) {
                        growth.push(entry, &mut full).map_err(|_| damaged(&object))?;
                    }
                    // The edge stands at the end of the batch.
                    if bundle.width < TILE_WIDTH || growth.size() == self.head.size {
                        full.extend(growth.partial(self.old_size));
                    }
                    expected.extend(full);
                }
                if expected.pop_front().as_ref() != Some(&object) {
                    return Err(damaged(&object));
                }
            }
            Ok(())
        })?;
        let is_whole = expected.is_empty() && growth.head() == self.head && before.size() == self.old_size;
        if is_whole { Ok(growth) } else { Err(StagedError::Damaged(self.list_name())) }
    }

    /// Writes every object to its place.
    pub(super) fn publish<S: LogStore>(&self, store: &S) -> Result<(), StagedError<S::Error>> {
        self.read(store, |_, objects| {
            let objects: Vec<(String, Vec<u8>)> =
                objects.into_iter().map(|object| (object.resource.to_string(), object.bytes)).collect();
            store.put(&objects).map_err(StagedError::Store)
        })
    }

    /// Removes what was staged; the list last, so that what is left can be found again.
    pub(super) fn remove<S: LogStore>(&self, store: &S) -> Result<(), S::Error> {
        self.packs.iter().try_for_each(|pack| store.remove(&pack_name(self.old_size, *pack)))?;
        store.remove(&intent_name(self.old_size))?;
        store.remove(&self.list_name())
    }

    /// The tree the batch leads to, as tiles: the staged ones over those published.
    pub(super) fn over<'a, S: LogStore>(&self, store: &'a S) -> Result<Overlay<'a, S>, StagedError<S::Error>> {
        let mut places = HashMap::new();
        self.read(store, |pack, objects| {
            places.extend(objects.into_iter().map(|object| (object.resource, pack)));
            Ok(())
        })?;
        Ok(Overlay { store, staged: self.clone(), places })
    }
}

/// Staged tiles over published ones.
pub(super) struct Overlay<'a, S> {
    store: &'a S,
    staged: Staged,
    places: HashMap<Resource, NodeHash>,
}

impl<S: LogStore> TileSource for Overlay<'_, S> {
    type Error = StoredError<S::Error>;

    fn read(&self, resources: &[Resource]) -> Result<Vec<Vec<u8>>, Self::Error> {
        let mut read: HashMap<Resource, Vec<u8>> = HashMap::new();
        // Each pack is read once, whatever number of its tiles is asked for.
        for resource in resources {
            let Some(pack) = self.places.get(resource).filter(|_| !read.contains_key(resource)) else { continue };
            let objects = self.staged.pack(self.store, *pack).map_err(|error| match error {
                StagedError::Store(error) => StoredError::Store(error),
                StagedError::Damaged(_) => StoredError::Missing(*resource),
            })?;
            let wanted = objects.into_iter().filter(|object| resources.contains(&object.resource));
            read.extend(wanted.map(|object| (object.resource, object.bytes)));
        }
        let published = Stored(self.store);
        let take = |resource: &Resource| match read.get(resource) {
            Some(bytes) => Ok(bytes.clone()),
            None => Ok(published.read(&[*resource])?.remove(0)),
        };
        resources.iter().map(take).collect()
    }
}

fn list_name(head: TreeHead) -> String {
    format!("{STAGING_PREFIX}{}-{}", head.size, head.root.to_hex())
}

fn intent_name(old_size: u64) -> String {
    format!("{STAGING_PREFIX}{old_size}/intent")
}

fn intent(head: TreeHead) -> String {
    format!("{}-{}\n", head.size, head.root.to_hex())
}

fn pack_name(old_size: u64, pack: NodeHash) -> String {
    format!("{STAGING_PREFIX}{old_size}/{}", pack.to_hex())
}

fn sha256(bytes: &[u8]) -> NodeHash {
    NodeHash(Sha256::digest(bytes).into())
}

fn parse_hex(text: &str) -> Option<NodeHash> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(NodeHash(hash))
}

/// The objects of a pack; `None` when it is not whole.
fn objects_of(mut pack: &[u8]) -> Option<Vec<Object>> {
    let mut objects = Vec::new();
    while !pack.is_empty() {
        let end = pack.iter().take(LINE_BYTES_MAX).position(|byte| *byte == b'\n')?;
        let (path, length) = str::from_utf8(&pack[..end]).ok()?.split_once(' ')?;
        let length = usize::try_from(decimal::parse(length)?).ok()?;
        let (bytes, rest) = pack[end + 1..].split_at_checked(length)?;
        objects.push(Object { resource: path.parse().ok()?, bytes: bytes.to_vec() });
        pack = rest;
    }
    Some(objects)
}
