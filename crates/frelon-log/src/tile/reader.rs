//! A log read from its tiles: nothing leaves that does not lead to the root.
//!
//! The partial tiles at the right edge together make the root, so they are read first and verified
//! at once; every full tile hangs from a hash in a tile above it that was verified before.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use super::{Bundle, Resource, TILE_HEIGHT, TILE_WIDTH, Tile, decode_bundle, edge_width, level_size, levels};
use crate::{
    NodeHash, TreeHead,
    merkle::{Node, NodeSource, TREE_SIZE_MAX, empty_root, fold, leaf_hash, node_hash, root_of},
};

/// Full tiles kept once verified, 16 KiB each: the upper levels of any log, and the way to a few
/// hundred places in it.
const TILES_CACHED_MAX: usize = 512;

/// Where tiles and bundles come from; not trusted for what they hold.
pub trait TileSource {
    /// Why one cannot be had.
    type Error;

    /// The bytes of these files, in their order; asked for together, to be fetched together. A
    /// source may give the full tile or bundle for a partial one, which may be gone
    /// ([`Resource::full`]). It should stop reading after [`Resource::bytes_max`] of what it gives.
    ///
    /// # Errors
    /// When one of them cannot be had.
    fn read(&self, resources: &[Resource]) -> Result<Vec<Vec<u8>>, Self::Error>;
}

impl<S: TileSource + ?Sized> TileSource for &S {
    type Error = S::Error;

    fn read(&self, resources: &[Resource]) -> Result<Vec<Vec<u8>>, S::Error> {
        (**self).read(resources)
    }
}

/// Why something cannot be read from tiles.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError<E> {
    /// The source failed: try again, or another source.
    #[error("a tile or bundle cannot be read")]
    Source(#[source] E),
    /// A file is not what the checkpoint commits to: do not use this source.
    #[error("`{0}` is not what the checkpoint commits to")]
    Unverified(Resource),
    /// The tiles at the edge do not make the root: they, or the checkpoint, are wrong.
    #[error("the tiles do not lead to the root of the checkpoint")]
    WrongRoot,
    /// What is asked for lies outside the tree.
    #[error("there is no such place in a log of {0} entries")]
    Outside(u64),
}

/// A tree of a known head, read from a source of tiles.
#[derive(Debug)]
pub struct TreeReader<S> {
    source: S,
    head: TreeHead,
    /// The partial tile of each level, which may be empty; verified.
    edge: Vec<Arc<Subtree>>,
    /// Full tiles.
    cache: Mutex<Tiles>,
}

/// Verified tiles, by level and index.
type Tiles = HashMap<(u8, u64), Arc<Subtree>>;

/// A verified tile with the hashes of the levels within it, as far as they are complete: verifying it
/// makes them anyway, and proofs are then made without hashing.
#[derive(Debug)]
struct Subtree(Vec<Vec<NodeHash>>);

impl Subtree {
    fn new(hashes: Vec<NodeHash>) -> Self {
        let mut levels = vec![hashes];
        while let Some(below) = levels.last().filter(|level| level.len() > 1) {
            let above = below.as_chunks().0.iter().map(|[left, right]| node_hash(*left, *right)).collect();
            levels.push(above);
        }
        Self(levels)
    }

    fn hashes(&self) -> &[NodeHash] {
        &self.0[0]
    }

    /// The root of a full tile; something else for a partial one.
    fn root(&self) -> Option<NodeHash> {
        self.0.last().and_then(|level| level.first()).copied()
    }
}

/// The root that the partial tiles of all levels, from 0 up, make; `None` for an empty tree.
pub(super) fn edge_root(edge: &[Vec<NodeHash>]) -> Option<NodeHash> {
    let peaks: Vec<NodeHash> = edge.iter().rev().flat_map(|hashes| peaks(hashes)).collect();
    fold(&peaks)
}

/// The roots of the complete subtrees of a partial tile, the largest first.
fn peaks(mut hashes: &[NodeHash]) -> Vec<NodeHash> {
    let mut peaks = Vec::new();
    while let Some(height) = hashes.len().checked_ilog2() {
        let (subtree, rest) = hashes.split_at(1 << height);
        peaks.push(root_of(subtree));
        hashes = rest;
    }
    peaks
}

fn hashes_of(bytes: &[u8]) -> Vec<NodeHash> {
    bytes.as_chunks().0.iter().map(|hash| NodeHash(*hash)).collect()
}

impl<S: TileSource> TreeReader<S> {
    /// Reads the right edge and verifies it against the head, which comes from a verified checkpoint.
    ///
    /// # Errors
    /// When the source fails or its tiles do not make the root.
    pub fn open(source: S, head: TreeHead) -> Result<Self, ReadError<S::Error>> {
        if head.size > TREE_SIZE_MAX {
            return Err(ReadError::Outside(head.size));
        }
        let tile = |level| {
            let index = level_size(head.size, level) / u64::from(TILE_WIDTH);
            Tile { level, index, width: edge_width(head.size, level) }
        };
        let tiles: Vec<Tile> = levels(head.size).map(tile).collect();
        let wanted: Vec<Resource> =
            tiles.iter().filter(|tile| tile.width > 0).map(|tile| Resource::Tile(*tile)).collect();
        let mut read = fetch(&source, &wanted)?.into_iter();
        let mut edge = Vec::new();
        for tile in &tiles {
            let mut hashes = Vec::new();
            if tile.width > 0 {
                let bytes = read.next().expect("one for each");
                let width = usize::from(tile.width);
                if bytes.len() != width * NodeHash::BYTES && bytes.len() != usize::from(TILE_WIDTH) * NodeHash::BYTES {
                    return Err(ReadError::Unverified(Resource::Tile(*tile)));
                }
                hashes = hashes_of(&bytes);
                hashes.truncate(width);
            }
            edge.push(hashes);
        }
        if edge_root(&edge).unwrap_or_else(empty_root) != head.root {
            return Err(ReadError::WrongRoot);
        }
        let edge = edge.into_iter().map(|hashes| Arc::new(Subtree::new(hashes))).collect();
        Ok(Self { source, head, edge, cache: Mutex::default() })
    }

    /// The head everything is verified against.
    #[must_use]
    pub fn head(&self) -> TreeHead {
        self.head
    }

    /// Where the tiles come from.
    #[must_use]
    pub fn source(&self) -> &S {
        &self.source
    }

    pub(super) fn edge(&self) -> Vec<Vec<NodeHash>> {
        self.edge.iter().map(|tile| tile.hashes().to_vec()).collect()
    }

    /// The entries of a bundle, each verified against its leaf: 256 of them, fewer in the last bundle.
    ///
    /// # Errors
    /// When there is no such bundle, the source fails, or one of the entries is not what it should be.
    pub fn entries(&self, index: u64) -> Result<Vec<Vec<u8>>, ReadError<S::Error>> {
        let tile = self.tiles(&[(0, index)])?.remove(0);
        let leaves = tile.hashes();
        let width = u16::try_from(leaves.len()).expect("at most 256");
        let resource = Resource::Bundle(Bundle { index, width });
        let bytes = fetch(&self.source, &[resource])?.pop().expect("one for one");
        let unverified = ReadError::Unverified(resource);
        if bytes.len() > resource.full().bytes_max() {
            return Err(unverified);
        }
        let Ok(mut entries) = decode_bundle(&bytes) else { return Err(unverified) };
        // Exactly as many as asked for, or the full bundle.
        if entries.len() != leaves.len() && entries.len() != usize::from(TILE_WIDTH) {
            return Err(unverified);
        }
        entries.truncate(leaves.len());
        if entries.iter().zip(leaves.iter()).any(|(entry, leaf)| leaf_hash(entry) != *leaf) {
            return Err(unverified);
        }
        Ok(entries.into_iter().map(<[u8]>::to_vec).collect())
    }

    /// The hashes of tiles: from the edge, from what was verified before, or fetched with all that
    /// they hang from.
    fn tiles(&self, places: &[(u8, u64)]) -> Result<Vec<Arc<Subtree>>, ReadError<S::Error>> {
        let mut known = Tiles::new();
        let mut missing = BTreeSet::new();
        {
            let cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
            for &(level, index) in places {
                let mut place = (level, index);
                // Up to the edge, or to a tile that is known.
                loop {
                    let full = level_size(self.head.size, place.0) / u64::from(TILE_WIDTH);
                    if place.1 >= full {
                        let edge = self.edge.get(usize::from(place.0)).filter(|edge| !edge.hashes().is_empty());
                        let edge = edge.filter(|_| place.1 == full).ok_or(ReadError::Outside(self.head.size))?;
                        known.entry(place).or_insert_with(|| Arc::clone(edge));
                        break;
                    }
                    if let Some(tile) = cache.get(&place) {
                        known.insert(place, Arc::clone(tile));
                        break;
                    }
                    missing.insert(place);
                    place = (place.0 + 1, place.1 / u64::from(TILE_WIDTH));
                }
            }
        }
        // The highest first, so that each is verified before what hangs from it.
        let missing: Vec<(u8, u64)> = missing.into_iter().rev().collect();
        let resource = |&(level, index): &(u8, u64)| Resource::Tile(Tile { level, index, width: TILE_WIDTH });
        let wanted: Vec<Resource> = missing.iter().map(resource).collect();
        for ((place, resource), bytes) in missing.iter().zip(&wanted).zip(fetch(&self.source, &wanted)?) {
            let above = (place.0 + 1, place.1 / u64::from(TILE_WIDTH));
            let position = usize::try_from(place.1 % u64::from(TILE_WIDTH)).expect("below 256");
            let expected =
                known.get(&above).and_then(|tile| tile.hashes().get(position)).expect("asked for with its parents");
            if bytes.len() != usize::from(TILE_WIDTH) * NodeHash::BYTES {
                return Err(ReadError::Unverified(*resource));
            }
            let tile = Subtree::new(hashes_of(&bytes));
            if tile.root() != Some(*expected) {
                return Err(ReadError::Unverified(*resource));
            }
            known.insert(*place, Arc::new(tile));
        }
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() + missing.len() > TILES_CACHED_MAX {
            cache.clear();
        }
        for place in missing.iter().take(TILES_CACHED_MAX) {
            cache.insert(*place, Arc::clone(&known[place]));
        }
        Ok(places.iter().map(|place| Arc::clone(&known[place])).collect())
    }
}

/// Reads, and holds the source to giving one for each.
fn fetch<S: TileSource>(source: &S, wanted: &[Resource]) -> Result<Vec<Vec<u8>>, ReadError<S::Error>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let read = source.read(wanted).map_err(ReadError::Source)?;
    if read.len() == wanted.len() { Ok(read) } else { Err(ReadError::Unverified(wanted[0])) }
}

impl<S: TileSource> NodeSource for TreeReader<S> {
    type Error = ReadError<S::Error>;

    fn nodes(&self, nodes: &[Node]) -> Result<Vec<NodeHash>, Self::Error> {
        let mut places = Vec::with_capacity(nodes.len());
        for node in nodes {
            let after = node.index.checked_add(1).filter(|_| node.level < 63);
            let is_inside = after.is_some_and(|after| after <= self.head.size >> node.level);
            if !is_inside {
                return Err(ReadError::Outside(self.head.size));
            }
            let first = node.index << (node.level % TILE_HEIGHT);
            places.push((node.level / TILE_HEIGHT, first / u64::from(TILE_WIDTH)));
        }
        let tiles = self.tiles(&places)?;
        let hash = |(node, tile): (&Node, &Arc<Subtree>)| {
            let height = node.level % TILE_HEIGHT;
            let place = node.index % (u64::from(TILE_WIDTH) >> height);
            tile.0[usize::from(height)][usize::try_from(place).expect("below 256")]
        };
        Ok(nodes.iter().zip(&tiles).map(hash).collect())
    }
}
