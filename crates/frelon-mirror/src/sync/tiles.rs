//! The tiles of a log from one peer, with those that are on this disk already.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use frelon_log::tile::{Resource, TileSource};

use super::peer::Peer;
use crate::{
    fetch::{FetchError, get},
    file,
};

/// What is on the disk is taken first: a sync that was stopped goes on where it was. It is verified like
/// anything else, and asked of the peer if it does not hold.
pub(crate) struct Tiles<'a> {
    public: PathBuf,
    peer: &'a Peer<'a>,
    /// What was read from the disk and what of it was found wrong.
    own: Mutex<Own>,
}

#[derive(Default)]
struct Own {
    used: HashSet<Resource>,
    refused: HashSet<Resource>,
}

impl<'a> Tiles<'a> {
    pub(crate) fn new(public: &Path, peer: &'a Peer<'a>) -> Self {
        Self { public: public.to_owned(), peer, own: Mutex::default() }
    }

    fn own(&self) -> std::sync::MutexGuard<'_, Own> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether what was found wrong came from the disk; it is not read from there again.
    pub(crate) fn refuse_own(&self, resource: Resource) -> bool {
        let mut own = self.own();
        let was_used = own.used.remove(&resource);
        if was_used {
            let _new = own.refused.insert(resource);
        }
        was_used
    }

    /// The same for all that was read so far.
    pub(crate) fn refuse_all_own(&self) -> bool {
        let mut own = self.own();
        let used: Vec<Resource> = own.used.drain().collect();
        own.refused.extend(&used);
        !used.is_empty()
    }

    fn read_own(&self, resource: Resource) -> Option<Vec<u8>> {
        if self.own().refused.contains(&resource) {
            return None;
        }
        // What cannot be read here is fetched.
        let bytes = file::read(&self.public.join(resource.to_string()), resource.bytes_max() as u64).ok()??;
        let _new = self.own().used.insert(resource);
        Some(bytes)
    }

    fn ask_peer(&self, resource: Resource) -> Result<Vec<u8>, FetchError> {
        let mut outcome = get(self.peer.source, &resource.to_string(), resource.bytes_max() as u64);
        // The partial one may be gone once the full one is there.
        if resource.full() != resource && outcome.as_ref().is_err_and(FetchError::is_missing) {
            let full = resource.full();
            outcome = get(self.peer.source, &full.to_string(), full.bytes_max() as u64);
        }
        outcome
    }
}

impl TileSource for Tiles<'_> {
    type Error = FetchError;

    fn read(&self, resources: &[Resource]) -> Result<Vec<Vec<u8>>, FetchError> {
        let one = |resource: &Resource| match self.read_own(*resource) {
            Some(bytes) => Ok(bytes),
            None => self.ask_peer(*resource),
        };
        resources.iter().map(one).collect()
    }
}
