//! The log: whose checkpoint is believed, that it only grew, and its entries.
//!
//! A log's size is not believed before its entries are here: whoever holds the log's key could sign any
//! number, and a mirror that took it would refuse every honest checkpoint for ever.

use std::path::Path;

use frelon_durable::Disk;
use frelon_log::{
    Checkpoint, Note, SignedCheckpoint, TreeHead, Verifier,
    merkle::{consistency_proof, root_at},
    tile::{Growth, Object, ReadError, Resource, TILE_WIDTH, TreeReader},
};
use frelon_public::TileFiles;

use super::{MirrorError, peer::Peer, tiles::Tiles};
use crate::{evidence::Fork, fetch::FetchError};

/// How a checkpoint stands to the log that is here.
pub(crate) enum Relation {
    /// It is of this log at this or an earlier size.
    Known,
    /// It is of another history: proof, where it could be made.
    Forked(Option<Box<Fork>>),
}

/// Compares a checkpoint that is not larger with the tree that is here.
pub(crate) fn relate(
    public: &Path,
    stored: &SignedCheckpoint,
    other: &SignedCheckpoint,
    log: &Verifier,
) -> Result<Relation, frelon_public::ReadError> {
    let (size, head) = (other.head().size, stored.head());
    if size == head.size {
        let same = other.head().root == head.root;
        return Ok(if same {
            Relation::Known
        } else {
            Relation::Forked(Fork::of_one_size(log, stored, other).map(Box::new))
        });
    }
    let read = |error: ReadError<frelon_public::ReadError>| match error {
        ReadError::Source(error) => error,
        other => frelon_public::ReadError::Damaged { path: public.join("tile"), reason: other.to_string() },
    };
    let tree = TreeReader::open(TileFiles::new(public), head).map_err(read)?;
    let root = root_at(&tree, size).map_err(read)?;
    if root == other.head().root {
        return Ok(Relation::Known);
    }
    let proof = consistency_proof(&tree, size, head.size).map_err(read)?;
    Ok(Relation::Forked(Fork::new(log, other, stored, root, proof).ok().map(Box::new)))
}

/// The log that is here.
pub(crate) struct Own<'a> {
    pub(crate) public: &'a Path,
    pub(crate) disk: &'a Disk,
    pub(crate) log: &'a Verifier,
}

/// Why a peer's larger log was not taken.
pub(crate) enum NotGrown {
    /// It is of another history.
    Forked(Option<Box<Fork>>),
    /// The peer cannot give it, or gives something else.
    Peer(String),
    /// Our own disk.
    Own(MirrorError),
}

impl From<frelon_durable::Error> for NotGrown {
    fn from(error: frelon_durable::Error) -> Self {
        Self::Own(error.into())
    }
}

/// Fetches the entries of a larger log from one peer, verified bundle by bundle, and writes its tiles.
/// Nothing speaks of them before the checkpoint is replaced. `is_its_own` says whether the checkpoint
/// is the one that this peer showed. The number of entries added.
pub(crate) fn grow(
    own: &Own<'_>,
    stored: Option<&SignedCheckpoint>,
    next: &SignedCheckpoint,
    peer: &Peer<'_>,
    is_its_own: bool,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<u64, NotGrown> {
    let Own { public, disk, log } = *own;
    let source = Tiles::new(public, peer);
    // Whoever signed something invented is not to make honest peers look like liars.
    let from_read = |error: ReadError<FetchError>| from_read(peer, is_its_own, &error);
    let tree = verified(&source, || TreeReader::open(&source, next.head())).map_err(from_read)?;
    let old = stored.map_or_else(TreeHead::empty, SignedCheckpoint::head);
    if let Some(stored) = stored.filter(|_| old.size > 0) {
        let root = verified(&source, || root_at(&tree, old.size)).map_err(from_read)?;
        if root != old.root {
            let proof = verified(&source, || consistency_proof(&tree, old.size, next.head().size));
            let fork = proof.ok().and_then(|proof| Fork::new(log, stored, next, root, proof).ok());
            return Err(NotGrown::Forked(fork.map(Box::new)));
        }
    }
    let own = TreeReader::open(TileFiles::new(public), old).and_then(|tree| Growth::after(&tree));
    // What is damaged here is fetched again, from the beginning.
    let mut growth = own.unwrap_or_default();
    let (first, size) = (growth.size(), next.head().size);
    let mut objects = Vec::new();
    while growth.size() < size {
        let width = u64::from(TILE_WIDTH);
        let index = growth.size() / width;
        let entries = verified(&source, || tree.entries(index)).map_err(from_read)?;
        let skip = usize::try_from(growth.size() % width).expect("below 256");
        for entry in entries.iter().skip(skip) {
            growth.push(entry, &mut objects).map_err(|error| NotGrown::Peer(error.to_string()))?;
        }
        write(public, disk, &objects)?;
        objects.clear();
        progress(growth.size() - first, size - first);
    }
    write(public, disk, &growth.partial(first))?;
    if growth.head() != next.head() {
        return Err(NotGrown::Peer("its entries do not make the tree it signed".to_owned()));
    }
    Ok(size - first)
}

/// Runs again what failed because of a file on this disk, without that file.
fn verified<T>(
    source: &Tiles<'_>,
    mut run: impl FnMut() -> Result<T, ReadError<FetchError>>,
) -> Result<T, ReadError<FetchError>> {
    loop {
        let outcome = run();
        let is_own = match &outcome {
            Err(ReadError::Unverified(resource)) => source.refuse_own(*resource) || refuse_full(source, *resource),
            Err(ReadError::WrongRoot) => source.refuse_all_own(),
            _ => false,
        };
        if !is_own {
            return outcome;
        }
    }
}

fn refuse_full(source: &Tiles<'_>, resource: Resource) -> bool {
    source.refuse_own(resource.full())
}

fn from_read(peer: &Peer<'_>, is_its_own: bool, error: &ReadError<FetchError>) -> NotGrown {
    match error {
        ReadError::Source(fetch) => {
            peer.judge(fetch);
            NotGrown::Peer(fetch.to_string())
        }
        _ => {
            if is_its_own {
                peer.drop_for(error.to_string());
            }
            NotGrown::Peer(error.to_string())
        }
    }
}

fn write(public: &Path, disk: &Disk, objects: &[Object]) -> Result<(), NotGrown> {
    for object in objects {
        let path = public.join(object.resource.to_string());
        let folder = path.parent().expect("tiles lie in folders");
        disk.make_directory(folder)?;
        // The same bytes are written again too: a run that was killed may not have synced them.
        disk.replace(&path, &object.bytes)?;
    }
    Ok(())
}

/// The checkpoint with the good signatures of both, where they are of one tree: the log's, and the
/// latest of each witness.
pub(crate) fn join(one: &SignedCheckpoint, other: &SignedCheckpoint, known: &[Verifier]) -> Option<SignedCheckpoint> {
    let same = |one: &Checkpoint, other: &Checkpoint| one == other;
    if !same(one.checkpoint(), other.checkpoint()) {
        return None;
    }
    let mut joined = Note::new(one.note().text()).ok()?;
    let mut times: Vec<(usize, i64)> = Vec::new();
    for signature in one.note().signatures().iter().chain(other.note().signatures()) {
        let mut alone = Note::new(one.note().text()).ok()?;
        alone.add(signature.clone()).ok()?;
        let Ok(opened) = alone.open(known) else { continue };
        for verified in opened {
            let time = verified.cosigned_at.map_or(0, |time| time.0);
            let before = times.iter().position(|(key, _)| *key == verified.verifier);
            match before {
                Some(place) if times[place].1 >= time => {}
                _ => {
                    joined.remove(&signature.name, signature.id);
                    joined.add(signature.clone()).ok()?;
                    times.retain(|(key, _)| *key != verified.verifier);
                    times.push((verified.verifier, time));
                }
            }
        }
    }
    SignedCheckpoint::from_note(joined).ok()
}
