//! A growing tree: entries in, tiles and bundles out. Holds the right edge and one bundle, nothing
//! that grows with the log.

use super::{
    Bundle, EntryTooLong, Resource, TILE_WIDTH, Tile, append_entry, edge_width, level_size, levels,
    reader::{ReadError, TileSource, TreeReader, edge_root},
};
use crate::{
    NodeHash, TreeHead,
    merkle::{empty_root, leaf_hash, root_of},
};

/// An immutable file of the log with its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// What and where it is.
    pub resource: Resource,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// The right edge of a tree and the entries of its last, partial bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Growth {
    size: u64,
    /// The partial bundle; empty when the last one is full.
    bundle: Vec<u8>,
    /// The partial tile of each level, which may be empty.
    edge: Vec<Vec<NodeHash>>,
}

impl Default for Growth {
    fn default() -> Self {
        Self::new()
    }
}

impl Growth {
    /// An empty tree.
    #[must_use]
    pub fn new() -> Self {
        Self { size: 0, bundle: Vec::new(), edge: Vec::new() }
    }

    /// Goes on where a tree ends, with what was verified of it.
    ///
    /// # Errors
    /// When its last bundle cannot be read or verified.
    pub fn after<S: TileSource>(tree: &TreeReader<S>) -> Result<Self, ReadError<S::Error>> {
        let size = tree.head().size;
        let mut bundle = Vec::new();
        if edge_width(size, 0) > 0 {
            for entry in tree.entries(size / u64::from(TILE_WIDTH))? {
                append_entry(&mut bundle, &entry).expect("it came out of a bundle");
            }
        }
        Ok(Self { size, bundle, edge: tree.edge() })
    }

    /// Entries so far.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Size and root.
    #[must_use]
    pub fn head(&self) -> TreeHead {
        TreeHead { size: self.size, root: edge_root(&self.edge).unwrap_or_else(empty_root) }
    }

    /// Adds an entry; what is full by it, bundle before tiles, is added to `full`.
    ///
    /// # Errors
    /// When the entry is too long; nothing has changed then.
    pub fn push(&mut self, entry: &[u8], full: &mut Vec<Object>) -> Result<(), EntryTooLong> {
        append_entry(&mut self.bundle, entry)?;
        self.size += 1;
        let mut hash = leaf_hash(entry);
        if self.size.is_multiple_of(u64::from(TILE_WIDTH)) {
            let index = self.size / u64::from(TILE_WIDTH) - 1;
            let resource = Resource::Bundle(Bundle { index, width: TILE_WIDTH });
            full.push(Object { resource, bytes: std::mem::take(&mut self.bundle) });
        }
        for level in 0u8.. {
            if self.edge.len() == usize::from(level) {
                self.edge.push(Vec::new());
            }
            let tile = &mut self.edge[usize::from(level)];
            tile.push(hash);
            if tile.len() < usize::from(TILE_WIDTH) {
                break;
            }
            hash = root_of(tile);
            let index = level_size(self.size, level) / u64::from(TILE_WIDTH) - 1;
            full.push(tile_object(Tile { level, index, width: TILE_WIDTH }, tile));
            tile.clear();
        }
        Ok(())
    }

    /// The partial bundle and tiles of the present size, left out where they are as they were when
    /// the tree had `old_size` entries.
    #[must_use]
    pub fn partial(&self, old_size: u64) -> Vec<Object> {
        let mut objects = Vec::new();
        if !self.bundle.is_empty() && old_size != self.size {
            let (index, width) = (self.size / u64::from(TILE_WIDTH), edge_width(self.size, 0));
            let resource = Resource::Bundle(Bundle { index, width });
            objects.push(Object { resource, bytes: self.bundle.clone() });
        }
        for level in levels(self.size) {
            let width = edge_width(self.size, level);
            if width > 0 && level_size(old_size, level) != level_size(self.size, level) {
                let index = level_size(self.size, level) / u64::from(TILE_WIDTH);
                objects.push(tile_object(Tile { level, index, width }, &self.edge[usize::from(level)]));
            }
        }
        objects
    }
}

fn tile_object(tile: Tile, hashes: &[NodeHash]) -> Object {
    Object { resource: Resource::Tile(tile), bytes: hashes.iter().flat_map(|hash| hash.0).collect() }
}
