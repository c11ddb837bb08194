//! What every handler shares: the archive, the limits and the caches.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use frelon_index::{Archive, ReadError, SearchError, TombstoneRecord};
use frelon_model::{Instant, ItemKey};
use frelon_public::Manifest;
use tokio::sync::Semaphore;

use crate::{cache::Cache, fault::Fault, proof::Ledgers, standing::Standing};

/// How the site is served.
#[derive(Debug, Clone)]
pub struct Options {
    /// Title of the whole site; empty takes the only collection's title, or "Frelon".
    pub title: String,
    /// Absolute URL under which the public sees this site, without a slash at the end; used where an
    /// absolute link is needed (feeds, citations). Empty: the address listened on.
    pub base_url: String,
    /// Time one search may take.
    pub search_budget: Duration,
    /// Searches that run at the same time; more wait shortly and are then turned away.
    pub searches_max: usize,
    /// Reads of the archive that run at the same time.
    pub reads_max: usize,
    /// Connections open at the same time.
    pub connections_max: usize,
    /// Time a client has to send its request head.
    pub head_timeout: Duration,
    /// Memory for rendered answers, in bytes.
    pub cache_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            title: String::new(),
            base_url: String::new(),
            search_budget: Duration::from_secs(2),
            searches_max: cores * 2,
            reads_max: cores * 16,
            connections_max: 4_096,
            head_timeout: Duration::from_secs(15),
            cache_bytes: 64 * 1024 * 1024,
        }
    }
}

/// How long a request waits for its turn before it is told to come back later.
const TURN_WAIT: Duration = Duration::from_millis(1_500);

/// What was taken back, by the manifest.
#[derive(Default)]
struct Withdrawn {
    /// Time and length of the file that was read.
    seen: Option<(SystemTime, u64)>,
    tombstones: BTreeMap<ItemKey, Arc<TombstoneRecord>>,
}

/// A site over one publication. Shared by all handlers.
pub struct Site {
    /// Replaced whole when the publication has changed; never held locked across a read.
    archive: RwLock<Archive>,
    /// How the log stood at the last look.
    standing: RwLock<Arc<Standing>>,
    /// What the manifest said was taken back at the last look: it counts at once, and not only when the
    /// index has been made anew.
    withdrawn: RwLock<Withdrawn>,
    /// How to serve.
    pub(crate) options: Options,
    /// Turns for searches: the one expensive thing a stranger can ask for, so it is shed first.
    searches: Arc<Semaphore>,
    /// Turns for other reads.
    reads: Arc<Semaphore>,
    /// The log, replayed for proofs.
    pub(crate) ledgers: Arc<Ledgers>,
    /// Rendered answers.
    pub(crate) cache: Arc<Cache>,
    /// Address under which the site is listened to, once it is; stands in for a configured one.
    listened: OnceLock<String>,
}

impl Site {
    /// A site over an archive.
    #[must_use]
    pub fn new(archive: Archive, options: Options) -> Self {
        Self {
            archive: RwLock::new(archive),
            standing: RwLock::new(Arc::new(Standing::unknown())),
            withdrawn: RwLock::default(),
            searches: Arc::new(Semaphore::new(options.searches_max.max(1))),
            reads: Arc::new(Semaphore::new(options.reads_max.max(1))),
            ledgers: Arc::default(),
            cache: Arc::new(Cache::new(options.cache_bytes)),
            listened: OnceLock::new(),
            options,
        }
    }

    /// Address of the site, without a slash at the end: the configured one, else the one listened on;
    /// empty before either is known. Never taken from a request: answers are cached for everybody.
    pub(crate) fn base_url(&self) -> &str {
        if self.options.base_url.is_empty() {
            self.listened.get().map_or("", String::as_str)
        } else {
            &self.options.base_url
        }
    }

    /// Notes the address listened on; the first one stays.
    pub(crate) fn listens_on(&self, address: std::net::SocketAddr) {
        self.listened.get_or_init(|| format!("http://{address}"));
    }

    /// The archive as it is now.
    pub(crate) fn archive(&self) -> Archive {
        self.archive.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Serves another state of the publication from now on, with what its manifest takes back. Blocks on the
    /// disk as [`Self::look`] does.
    pub fn replace(&self, archive: Archive) {
        archive.deny(self.withdrawn.read().unwrap_or_else(PoisonError::into_inner).tombstones.keys());
        *self.archive.write().unwrap_or_else(PoisonError::into_inner) = archive;
        // A restore is known by the manifest too: the newer index would be denied what it has again.
        self.look_at_manifest();
        self.cache.clear();
    }

    /// Looks at the log's newest checkpoint and at what the manifest takes back, and serves what they say from
    /// then on. Blocks on the disk for two small files, and for the manifest where it has changed.
    pub fn look(&self, now: Instant) {
        self.look_at_manifest();
        let standing = Standing::look(self.archive().public(), now);
        let mut known = self.standing.write().unwrap_or_else(PoisonError::into_inner);
        if **known != standing {
            *known = Arc::new(standing);
            drop(known);
            self.cache.clear();
        }
    }

    fn look_at_manifest(&self) {
        let archive = self.archive();
        let path = Manifest::path(archive.public());
        let seen = std::fs::metadata(path).and_then(|found| Ok((found.modified()?, found.len()))).ok();
        let mut withdrawn = self.withdrawn.write().unwrap_or_else(PoisonError::into_inner);
        if seen != withdrawn.seen {
            // One that cannot be read just now changes nothing: what was taken back stays so.
            let Ok(Some(manifest)) = Manifest::load(archive.public()) else { return };
            let tombstones = manifest.withdrawn.into_iter().map(|one| Arc::new(TombstoneRecord::from(one)));
            withdrawn.tombstones = tombstones.map(|one| (one.key.clone(), one)).collect();
            withdrawn.seen = seen;
            self.cache.clear();
        }
        archive.deny(withdrawn.tombstones.keys());
    }

    /// How the log stood at the last look.
    pub(crate) fn standing(&self) -> Arc<Standing> {
        Arc::clone(&self.standing.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is left of an item that was taken back; `None` for every other.
    pub(crate) fn withdrawn(&self, key: &ItemKey) -> Option<Arc<TombstoneRecord>> {
        let known = self.withdrawn.read().unwrap_or_else(PoisonError::into_inner);
        let known = known.tombstones.get(key).cloned();
        known.or_else(|| self.archive().tombstone(key).cloned().map(Arc::new))
    }

    /// Runs a read of the archive on the blocking pool.
    ///
    /// # Errors
    /// What the read gives; [`Fault::Busy`] when too many reads are waiting; [`Fault::Panic`].
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Archive) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, Fault> {
        self.run(&self.reads, move |archive| work(archive).map_err(Fault::from)).await
    }

    /// Runs a search on the blocking pool, within the budget kept for searches.
    ///
    /// # Errors
    /// What the search gives; [`Fault::Busy`] when too many searches are waiting; [`Fault::Panic`].
    pub(crate) async fn search<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Archive) -> Result<T, SearchError> + Send + 'static,
    ) -> Result<T, Fault> {
        self.run(&self.searches, move |archive| work(archive).map_err(Fault::from)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        turns: &Arc<Semaphore>,
        work: impl FnOnce(&Archive) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let turn = tokio::time::timeout(TURN_WAIT, Arc::clone(turns).acquire_owned());
        let Ok(Ok(turn)) = turn.await else { return Err(Fault::Busy) };
        let archive = self.archive();
        let done = tokio::task::spawn_blocking(move || {
            let result = work(&archive);
            drop(turn);
            result
        });
        done.await.unwrap_or(Err(Fault::Panic))
    }
}
