//! Every file of the log in a tree: tiles and bundles to the root, old partial ones too.

use std::path::Path;

use frelon_log::{
    NodeHash, Verifier,
    merkle::{Node, NodeSource},
    tile::{Bundle, Resource, TILE_WIDTH, Tile, append_entry},
};
use frelon_model::ContentHash;

use super::Report;
use crate::{Entry, Ledger, LogReader, Logged, ReadError, directory};

/// Levels of the tree in one tile (C2SP tlog-tiles).
const TILE_HEIGHT: u8 = 8;
/// Nesting of folders below `tile/`: its path, seven groups of three digits, and a partial one.
const DEPTH_MAX: usize = 12;

/// Reads all entries, and goes on after a damaged bundle; the ledger, if none was.
pub(super) fn replay(
    reader: &LogReader,
    log: &Verifier,
    first_root: Option<ContentHash>,
    report: &mut Report,
) -> Option<Ledger> {
    let mut ledger = match first_root {
        Some(first_root) => Ledger::pinned(log.clone(), first_root),
        None => Ledger::new(log.clone()),
    };
    let (size, width) = (reader.head().size, u64::from(TILE_WIDTH));
    let mut is_whole = true;
    for bundle in 0..size.div_ceil(width) {
        match reader.bundle_from(bundle * width) {
            Ok(entries) if is_whole => {
                for (index, bytes) in (bundle * width..).zip(entries) {
                    ledger.push(Logged { index, entry: Entry::parse(&bytes) });
                }
            }
            Ok(_) => {}
            Err(error) => {
                is_whole = false;
                tell(reader.directory(), &error, report);
            }
        }
    }
    if is_whole && let Err(error) = ledger.finish(reader) {
        is_whole = false;
        tell(reader.directory(), &error, report);
    }
    is_whole.then_some(ledger)
}

/// A read error as a finding, under the path in the tree.
pub(super) fn tell(directory: &Path, error: &ReadError, report: &mut Report) {
    match error {
        ReadError::Damaged { path, reason } => report.find(&inside(directory, path), "", reason),
        ReadError::Io { path, source } if source.kind() == std::io::ErrorKind::NotFound => {
            report.find(&inside(directory, path), "", "it is not there");
        }
        ReadError::Io { path, source } => {
            report.find(&inside(directory, path), "", format!("it cannot be read: {source}"));
        }
        other => report.find("checkpoint", "", other.to_string()),
    }
}

fn inside(directory: &Path, path: &Path) -> String {
    path.strip_prefix(directory).unwrap_or(path).to_string_lossy().escape_debug().to_string()
}

/// Looks at every file below `tile/` that the log does not need any more, or never had: partial tiles
/// and bundles of smaller trees must be the beginnings of those of this one.
pub(super) fn check_rest(reader: &LogReader, report: &mut Report) {
    walk(reader, &reader.directory().join("tile"), DEPTH_MAX, report);
}

fn walk(reader: &LogReader, folder: &Path, depth: usize, report: &mut Report) {
    let names = match directory::names(folder) {
        Ok(names) => names,
        Err(error) => {
            let path = inside(reader.directory(), folder);
            return report.find(&path, "", format!("it cannot be read: {error}"));
        }
    };
    for name in names {
        let path = folder.join(&name);
        if path.is_dir() {
            if depth > 0 {
                walk(reader, &path, depth - 1, report);
            }
            continue;
        }
        let path = inside(reader.directory(), &path);
        match path.parse::<Resource>() {
            // A file that is being written.
            Err(_) if name.starts_with(".tmp-") => {}
            Err(_) => report.find(&path, "", "it is no file of a log"),
            Ok(resource) if resource.width() == TILE_WIDTH && is_inside(reader, resource) => {}
            Ok(resource) => check_partial(reader, &path, resource, report),
        }
    }
}

/// Whether a full one is part of this tree, and so was checked already. All tiles are: each bundle was
/// led to the root through those above it.
fn is_inside(reader: &LogReader, resource: Resource) -> bool {
    let (level, index) = match resource {
        Resource::Tile(tile) => (tile.level, tile.index),
        Resource::Bundle(bundle) => (0, bundle.index),
    };
    let spans = u32::from(level + 1) * u32::from(TILE_HEIGHT);
    let end = index.checked_add(1).and_then(|end| if spans < 64 { end.checked_mul(1 << spans) } else { None });
    end.is_some_and(|end| end <= reader.head().size)
}

fn check_partial(reader: &LogReader, path: &str, resource: Resource, report: &mut Report) {
    let expected = match resource {
        Resource::Tile(tile) => hashes(reader, tile),
        Resource::Bundle(bundle) => entries(reader, bundle),
    };
    let Some(expected) = expected else {
        return report.find(path, "", "it is beyond the end of the log");
    };
    match std::fs::read(reader.directory().join(path)) {
        Err(error) => report.find(path, "", format!("it cannot be read: {error}")),
        Ok(bytes) if bytes == expected => {}
        Ok(bytes) => {
            let same = bytes.iter().zip(&expected).take_while(|(one, other)| one == other).count();
            report.find_at(path, "", Some(same as u64), "it is not what the checkpoint commits to");
        }
    }
}

fn hashes(reader: &LogReader, tile: Tile) -> Option<Vec<u8>> {
    let level = tile.level.checked_mul(TILE_HEIGHT)?;
    let first = tile.index.checked_mul(u64::from(TILE_WIDTH))?;
    let nodes: Vec<Node> =
        (0..u64::from(tile.width)).map(|place| Node { level, index: first.saturating_add(place) }).collect();
    let hashes: Vec<NodeHash> = reader.tree().nodes(&nodes).ok()?;
    Some(hashes.iter().flat_map(|hash| hash.0).collect())
}

fn entries(reader: &LogReader, bundle: Bundle) -> Option<Vec<u8>> {
    let first = bundle.index.checked_mul(u64::from(TILE_WIDTH))?;
    let width = usize::from(bundle.width);
    let entries = reader.bundle_from(first).ok().filter(|entries| entries.len() >= width)?;
    let mut bytes = Vec::new();
    entries.iter().take(width).try_for_each(|entry| append_entry(&mut bytes, entry)).ok()?;
    Some(bytes)
}
