//! Tiles: a log as static files (C2SP tlog-tiles v0.1.0).
//!
//! A [`Tile`] holds up to 256 consecutive hashes of every eighth level of the tree, a [`Bundle`] the
//! entries beneath a tile of level 0. [`Growth`] makes both while entries are added, [`TreeReader`]
//! reads both and hands out nothing that does not lead to the root.

mod bundle;
mod growth;
mod reader;

use std::{fmt, str::FromStr};

use crate::{Malformed, decimal, merkle::TREE_SIZE_MAX};
pub use bundle::{BUNDLE_BYTES_MAX, ENTRY_BYTES_MAX, EntryTooLong, append_entry, decode_bundle};
pub use growth::{Growth, Object};
pub use reader::{ReadError, TileSource, TreeReader};

/// Hashes in a full tile, entries in a full bundle.
pub const TILE_WIDTH: u16 = 256;

/// Levels of the tree that a tile spans: 256 is two to the eighth.
const TILE_HEIGHT: u8 = 8;

/// The highest level a path may name.
const LEVEL_MAX: u64 = 63;

const FORMAT: &str = "tile path";

/// A tile of hashes: at level 0 of leaves, above of full tiles of the level below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// 0 to 63; trees of [`TREE_SIZE_MAX`] entries end at level 7.
    pub level: u8,
    /// Its place in the level.
    pub index: u64,
    /// How many hashes it has: 256, or 1 to 255 for a partial tile.
    pub width: u16,
}

/// A bundle of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bundle {
    /// Its place: it begins with entry `256 * index`.
    pub index: u64,
    /// How many entries it has: 256, or 1 to 255 for a partial bundle.
    pub width: u16,
}

/// One of the immutable files of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// Hashes.
    Tile(Tile),
    /// Entries.
    Bundle(Bundle),
}

impl Resource {
    /// Hashes or entries in it.
    #[must_use]
    pub fn width(self) -> u16 {
        match self {
            Self::Tile(tile) => tile.width,
            Self::Bundle(bundle) => bundle.width,
        }
    }

    /// The full tile or bundle at the same place, which may stand in when the partial one is gone.
    #[must_use]
    pub fn full(self) -> Self {
        match self {
            Self::Tile(tile) => Self::Tile(Tile { width: TILE_WIDTH, ..tile }),
            Self::Bundle(bundle) => Self::Bundle(Bundle { width: TILE_WIDTH, ..bundle }),
        }
    }

    /// The most bytes such a file can have.
    #[must_use]
    pub fn bytes_max(self) -> usize {
        match self {
            Self::Tile(tile) => usize::from(tile.width) * 32,
            Self::Bundle(bundle) => usize::from(bundle.width) * (2 + ENTRY_BYTES_MAX),
        }
    }
}

/// The path below the prefix of the log: `tile/0/x001/x234/067.p/8`, `tile/entries/000`.
impl fmt::Display for Resource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (index, width) = match self {
            Self::Tile(tile) => {
                write!(formatter, "tile/{}/", tile.level)?;
                (tile.index, tile.width)
            }
            Self::Bundle(bundle) => {
                formatter.write_str("tile/entries/")?;
                (bundle.index, bundle.width)
            }
        };
        // Seven groups of three digits hold every index of 64 bits.
        let mut groups = Vec::with_capacity(7);
        let mut rest = index;
        while rest >= 1000 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        groups.push(rest);
        for (place, group) in groups.iter().enumerate().rev() {
            if place > 0 {
                write!(formatter, "x{group:03}/")?;
            } else {
                write!(formatter, "{group:03}")?;
            }
        }
        if width < TILE_WIDTH { write!(formatter, ".p/{width}") } else { Ok(()) }
    }
}

/// Reads a path; each place has one spelling.
impl FromStr for Resource {
    type Err = Malformed;

    fn from_str(path: &str) -> Result<Self, Malformed> {
        let malformed = |reason| Malformed::new(FORMAT, reason);
        let rest = path.strip_prefix("tile/").ok_or(malformed("it does not start with tile/"))?;
        let (kind, rest) = rest.split_once('/').ok_or(malformed("it has no index"))?;
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => {
                let width = decimal::parse(width).filter(|width| (1..=255).contains(width));
                (index, u16::try_from(width.ok_or(malformed("its width is not 1 to 255"))?).expect("at most 255"))
            }
            None => (rest, TILE_WIDTH),
        };
        let index = parse_index(index).ok_or(malformed("its index is not in groups of three digits"))?;
        if kind == "entries" {
            return Ok(Self::Bundle(Bundle { index, width }));
        }
        let level = decimal::parse(kind).filter(|level| *level <= LEVEL_MAX);
        let level = level.ok_or(malformed("its level is not 0 to 63"))?;
        Ok(Self::Tile(Tile { level: u8::try_from(level).expect("at most 63"), index, width }))
    }
}

/// `x001/x234/067`: all groups but the last begin with an `x`, the first is not zero.
fn parse_index(text: &str) -> Option<u64> {
    let mut index: u64 = 0;
    let mut groups = text.split('/').peekable();
    let mut is_first = true;
    while let Some(group) = groups.next() {
        let is_last = groups.peek().is_none();
        let digits = if is_last { group } else { group.strip_prefix('x')? };
        if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        // A group of zeroes in front would be a second spelling.
        if is_first && !is_last && digits == "000" {
            return None;
        }
        is_first = false;
        index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    Some(index)
}

/// Hashes that a tree of this size has at a tile level.
fn level_size(size: u64, level: u8) -> u64 {
    // Shifting by 64 or more is not defined; no tree reaches level 8.
    size.checked_shr(u32::from(level) * u32::from(TILE_HEIGHT)).unwrap_or(0)
}

/// Width of the partial tile at the right edge of a level; 0 when there is none.
fn edge_width(size: u64, level: u8) -> u16 {
    u16::try_from(level_size(size, level) % u64::from(TILE_WIDTH)).expect("below 256")
}

/// Tile levels that a tree of this size has.
fn levels(size: u64) -> impl Iterator<Item = u8> {
    (0..).take_while(move |level| level_size(size, *level) > 0)
}

/// The tiles that a tree has and did not have while it was smaller, level by level: what is written
/// when it grows. Partial tiles come last in their level.
///
/// # Panics
/// When `old_size` is above `new_size`, or that above [`TREE_SIZE_MAX`]: the caller chose both.
pub fn new_tiles(old_size: u64, new_size: u64) -> impl Iterator<Item = Tile> {
    assert!(old_size <= new_size && new_size <= TREE_SIZE_MAX, "the tree grows");
    levels(new_size).flat_map(move |level| {
        let (old, new) = (level_size(old_size, level), level_size(new_size, level));
        let full = old / u64::from(TILE_WIDTH)..new / u64::from(TILE_WIDTH);
        let edge = edge_width(new_size, level);
        let partial = (edge > 0 && old != new).then_some(Tile { level, index: full.end, width: edge });
        full.map(move |index| Tile { level, index, width: TILE_WIDTH }).chain(partial)
    })
}

#[cfg(test)]
mod tests;
