//! The volumes: which are wanted, which are here, fetching the rest from all peers at once.
//!
//! A release states its volumes with their SHA-256, signed by the editors. A withdrawal rewrites them;
//! then no signed hash is left, and what counts is each item against its leaf, that none is missing but
//! the withdrawn ones, and that the file is written anew here from what was checked, so that no byte of
//! it is the peer's choice but the deflate streams.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
};

use frelon_durable::Disk;
use frelon_model::ItemNumber;
use frelon_public::{
    Ledger, LogReader, Manifest, VolumeEntry,
    ledger::LoggedRelease,
    statement::{Body, ReleasedVolume},
    volume,
};

use super::{
    Event, MirrorError, Options,
    peer::Peer,
    state::State,
    volume::{Fault, FetchFault, Fetched, Numbers, Withdrawn, check, fetch, numbers, titles},
};

/// Peers that volumes are fetched from at the same time.
const PARALLEL_MAX: usize = 4;
/// What a rewritten volume can be longer than the one that was signed: its openings are stored there
/// and not compressed, a few hundred bytes an item.
const OPENING_BYTES: u64 = 1_024;
/// Items of one volume, at most; see the limits of the public tree.
const VOLUME_ITEMS_MAX: u64 = 250_000;

/// What all of it works with.
pub(crate) struct Hold<'a> {
    pub(crate) public: &'a Path,
    pub(crate) disk: &'a Disk,
    pub(crate) state: &'a State,
    pub(crate) options: &'a Options,
    pub(crate) log: &'a LogReader,
    pub(crate) ledger: &'a Ledger,
    /// What was held before this sync.
    pub(crate) before: Option<&'a Manifest>,
    pub(crate) observe: &'a (dyn Fn(Event<'_>) + Sync),
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Held {
    /// All volumes that are here and good.
    pub(crate) volumes: Vec<VolumeEntry>,
    pub(crate) fetched: u64,
    pub(crate) fetched_bytes: u64,
    pub(crate) rewritten: u64,
}

/// A release, and what of it is here.
struct Place<'a> {
    release: &'a LoggedRelease,
    withdrawn: Withdrawn,
    /// Whether volumes of it were ever rewritten.
    is_touched: bool,
    here: BTreeMap<&'a str, (VolumeEntry, Numbers)>,
}

/// A volume to be fetched.
struct Job<'a> {
    place: usize,
    stated: &'a ReleasedVolume,
    /// Peers that were asked for it.
    asked: BTreeSet<usize>,
    last_reason: String,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> Hold<'a> {
    /// Brings the volumes up to the ledger.
    pub(crate) fn run(&self, peers: &[Peer<'_>]) -> Result<Held, MirrorError> {
        let mut held = Held::default();
        let mut places = Vec::new();
        for release in self.ledger.releases() {
            let mut place = self.look(release, &mut held)?;
            // What is held from before stays held, and follows withdrawals; only wanted ones are fetched.
            if !self.is_wanted(release) {
                held.volumes.extend(place.here.into_values().map(|(entry, _)| entry));
                place.here = BTreeMap::new();
                continue;
            }
            places.push(place);
        }
        // First what is not here at all, then what is here and lacks something: what was restored since,
        // or what the peer it came from had left out. Each round brings an item more, or is the last.
        let failed = self.fetch_all(self.jobs(&places, false), &mut places, peers, &mut held)?;
        if let Some((path, reason)) = failed.first() {
            tracing::info!(path, reason, "a volume could not be had");
        }
        loop {
            let (jobs, before) = (self.jobs(&places, true), held.fetched);
            if jobs.is_empty() {
                break;
            }
            let _failed = self.fetch_all(jobs, &mut places, peers, &mut held)?;
            if held.fetched == before {
                break;
            }
        }
        self.refuse_gaps(&places)?;
        for place in places {
            held.volumes.extend(place.here.into_values().map(|(entry, _)| entry));
        }
        Ok(held)
    }

    fn is_wanted(&self, release: &LoggedRelease) -> bool {
        let Options { collections, tranches, .. } = self.options;
        (collections.is_empty() || collections.contains(&release.collection))
            && (tranches.is_empty() || tranches.contains(&release.tranche))
    }

    /// What of a release is here; withdrawn items are taken out, with nothing fetched.
    fn look(&self, release: &'a LoggedRelease, held: &mut Held) -> Result<Place<'a>, MirrorError> {
        let leaves = release.first_leaf..=release.last_leaf;
        let mut withdrawn = Withdrawn { all: BTreeSet::new(), followed: BTreeSet::new() };
        for (_, withdrawal) in self.ledger.withdrawals().range(leaves.clone()) {
            if self
                .ledger
                .item(withdrawal.leaf)
                .is_none_or(|item| item.release.statement_leaf != release.statement_leaf)
            {
                continue;
            }
            withdrawn.all.insert(withdrawal.number);
            if self.options.follow.follows(withdrawal) {
                withdrawn.followed.insert(withdrawal.number);
            }
        }
        let is_touched = self.ledger.statements().iter().any(|accepted| match &accepted.terms.body {
            Body::Withdraw(one) => leaves.contains(&one.leaf) && accepted.ineffective.is_none(),
            Body::Restore(one) => leaves.contains(&one.leaf) && accepted.ineffective.is_none(),
            _ => false,
        });
        let mut place = Place { release, withdrawn, is_touched, here: BTreeMap::new() };
        for stated in &release.volumes {
            if let Some(found) = self.find(&place, stated, held)? {
                place.here.insert(&stated.path, found);
            }
        }
        Ok(place)
    }

    /// A volume that is here, without what is withdrawn; one that is not good is removed.
    fn find(
        &self,
        place: &Place<'_>,
        stated: &ReleasedVolume,
        held: &mut Held,
    ) -> Result<Option<(VolumeEntry, Numbers)>, MirrorError> {
        let file = self.public.join(&stated.path);
        let Ok(metadata) = std::fs::metadata(&file) else { return Ok(None) };
        let known = self.before.and_then(|before| before.volumes().find(|volume| volume.path == stated.path));
        let known = known.filter(|known| known.size_bytes == metadata.len()).cloned();
        let listed = match &known {
            Some(_) => numbers(&file).map_err(|error| Fault::Bad(error.to_string())),
            // Nobody vouched for it yet: a run that was killed, or a file that somebody put there.
            None => check(&file, self.log, self.ledger, place.release),
        };
        let listed = match listed {
            Ok(listed) => listed,
            Err(Fault::Own(error)) => return Err(error),
            Err(Fault::Bad(reason)) => {
                tracing::warn!(path = stated.path, reason, "a volume here was not good and is fetched again");
                self.disk.remove(&file)?;
                return Ok(None);
            }
        };
        let out: BTreeSet<ItemNumber> =
            place.withdrawn.followed.iter().copied().filter(|number| listed.contains(*number)).collect();
        let entry = if out.is_empty() {
            match known {
                Some(known) => Some(known),
                None => {
                    let entry = volume::facts(self.public, &stated.path)?;
                    // Only the editors' bytes, or those we wrote ourselves, stay as they are.
                    if entry.sha256 != stated.sha256 {
                        let titles = titles(self.ledger, &place.release.collection);
                        volume::adopt(&file, self.public, &stated.path, &titles, &out, self.disk)?
                    } else {
                        Some(entry)
                    }
                }
            }
        } else {
            held.rewritten += 1;
            (self.observe)(Event::Rewritten { path: &stated.path, count: out.len() });
            volume::without(self.public, &stated.path, &out, self.disk)?
        };
        let Some(entry) = entry else { return Ok(None) };
        Ok(Some((entry, numbers(&file)?)))
    }

    /// The numbers of a release that nobody withdrew and that are not here.
    fn gaps<'p>(&'p self, place: &'p Place<'_>) -> impl Iterator<Item = ItemNumber> + 'p {
        self.ledger.items(place.release).map(|(_, number)| number).filter(|number| {
            !place.withdrawn.all.contains(number) && !place.here.values().any(|(_, here)| here.contains(*number))
        })
    }

    fn jobs(&self, places: &[Place<'a>], is_second: bool) -> Vec<Job<'a>> {
        let mut jobs = Vec::new();
        for (index, place) in places.iter().enumerate() {
            // Looked for one by one only where something may be missing.
            let Some(gap) = self.gaps(place).next() else { continue };
            if is_second && !place.is_touched {
                continue;
            }
            for stated in &place.release.volumes {
                let here = place.here.get(&*stated.path);
                let is_needed = match here {
                    None => true,
                    Some(_) if !is_second => false,
                    // Anything before the gap may be full; the one it belongs to is not known.
                    Some((entry, _)) => entry.last >= gap || self.is_last_before(place, &stated.path, gap),
                };
                if is_needed {
                    jobs.push(Job {
                        place: index,
                        stated,
                        asked: BTreeSet::new(),
                        last_reason: "no peer was asked".to_owned(),
                    });
                }
            }
        }
        jobs
    }

    fn is_last_before(&self, place: &Place<'_>, path: &str, gap: ItemNumber) -> bool {
        let before = place.here.values().filter(|(entry, _)| entry.last < gap).max_by_key(|(entry, _)| entry.last);
        before.is_some_and(|(entry, _)| entry.path == path)
    }

    /// Fetches from all peers at once: each takes the next volume it was not asked for. What no peer
    /// gave is left, with the reason of the last.
    fn fetch_all(
        &self,
        jobs: Vec<Job<'a>>,
        places: &mut [Place<'a>],
        peers: &[Peer<'_>],
        held: &mut Held,
    ) -> Result<Vec<(String, String)>, MirrorError> {
        let mut waiting: VecDeque<Job<'a>> = jobs.into();
        let mut failed = Vec::new();
        loop {
            let live: Vec<usize> = (0..peers.len()).filter(|peer| peers[*peer].is_live()).collect();
            let (ready, given_up): (VecDeque<_>, VecDeque<_>) =
                waiting.into_iter().partition(|job| live.iter().any(|peer| !job.asked.contains(peer)));
            failed.extend(given_up.into_iter().map(|job| (job.stated.path.clone(), job.last_reason)));
            if ready.is_empty() {
                return Ok(failed);
            }
            // Those who have nothing left to be asked make room for others.
            let wanted = live.into_iter().filter(|peer| ready.iter().any(|job| !job.asked.contains(peer)));
            let working: Vec<usize> = wanted.take(PARALLEL_MAX).collect();
            let queue = Mutex::new(ready);
            let done = Mutex::new(Vec::new());
            let own_fault = Mutex::new(None);
            let shared: &[Place<'a>] = places;
            thread::scope(|scope| {
                for peer in working.iter().copied() {
                    let (queue, done, own_fault) = (&queue, &done, &own_fault);
                    scope.spawn(move || {
                        while peers[peer].is_live() && lock(own_fault).is_none() {
                            let Some(mut job) = take(queue, peer) else { break };
                            job.asked.insert(peer);
                            match self.obtain(&peers[peer], &job, &shared[job.place]) {
                                Ok(obtained) => lock(done).push((job.place, job.stated, obtained)),
                                Err(Fault::Own(error)) => {
                                    let _first = lock(own_fault).get_or_insert(error);
                                    break;
                                }
                                Err(Fault::Bad(reason)) => {
                                    job.last_reason = reason;
                                    lock(queue).push_back(job);
                                }
                            }
                        }
                    });
                }
            });
            if let Some(error) = lock(&own_fault).take() {
                return Err(error);
            }
            for (place, stated, obtained) in done.into_inner().unwrap_or_else(PoisonError::into_inner) {
                held.fetched += 1;
                held.fetched_bytes += obtained.fetched_bytes;
                // Of a volume that was withdrawn whole nothing is left.
                if let Some(found) = obtained.found {
                    places[place].here.insert(&stated.path, found);
                }
            }
            waiting = queue.into_inner().unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// One volume from one peer, checked and in its place.
    fn obtain(&self, peer: &Peer<'_>, job: &Job<'_>, place: &Place<'_>) -> Result<Obtained, Fault> {
        let stated = job.stated;
        let part = self.state.partial(&stated.path);
        // Without a signed hash nothing tells whose a wrong byte is: such a volume comes from one peer.
        let mut may_resume = !place.is_touched;
        loop {
            let fetched = match fetch(peer, &stated.path, &part, bytes_max(place, stated), may_resume) {
                Ok(fetched) => fetched,
                Err(FetchFault::Io(source)) => {
                    return Err(Fault::Own(MirrorError::Io { path: part, source }));
                }
                Err(FetchFault::Fetch(error)) => {
                    peer.judge(&error);
                    return Err(Fault::Bad(error.to_string()));
                }
            };
            match self.settle(&part, &fetched, stated, place) {
                Ok(found) => {
                    (self.observe)(Event::Volume { path: &stated.path, size_bytes: fetched.size_bytes });
                    return Ok(Obtained { found, fetched_bytes: fetched.size_bytes });
                }
                // Part of it may have been another's: once more, all from this peer.
                Err(Fault::Bad(_)) if fetched.is_mixed => may_resume = false,
                Err(Fault::Bad(reason)) => {
                    let reason = format!("{}/{}: {reason}", peer.name(), stated.path);
                    // Before a rewrite has come to it, an honest mirror may have an older version.
                    if !place.is_touched {
                        peer.drop_for(reason.clone());
                    }
                    let _left_over = std::fs::remove_file(&part);
                    return Err(Fault::Bad(reason));
                }
                Err(own) => return Err(own),
            }
        }
    }

    /// Checks what was fetched and puts it into its place.
    fn settle(
        &self,
        part: &Path,
        fetched: &Fetched,
        stated: &ReleasedVolume,
        place: &Place<'_>,
    ) -> Result<Option<(VolumeEntry, Numbers)>, Fault> {
        let is_signed = fetched.sha256 == stated.sha256 && fetched.size_bytes == stated.size_bytes;
        if !is_signed && !place.is_touched {
            return Err(Fault::Bad("it is not the file that the editors signed".to_owned()));
        }
        let listed = check(part, self.log, self.ledger, place.release)?;
        if !is_signed {
            self.refuse_worse(&listed, stated, place)?;
        }
        let file = self.public.join(&stated.path);
        let own = |error: MirrorError| Fault::Own(error);
        let folder = file.parent().expect("volumes lie in folders");
        self.disk.make_directory(folder).map_err(|error| own(error.into()))?;
        let out: BTreeSet<ItemNumber> =
            place.withdrawn.followed.iter().copied().filter(|number| listed.contains(*number)).collect();
        if is_signed && out.is_empty() {
            self.disk.settle(part, &file).map_err(|error| own(error.into()))?;
            let (first, last) = listed.ends().expect("it holds items");
            let Fetched { sha256, size_bytes, .. } = *fetched;
            return Ok(Some((VolumeEntry { path: stated.path.clone(), size_bytes, sha256, first, last }, listed)));
        }
        let titles = titles(self.ledger, &place.release.collection);
        let adopted = volume::adopt(part, self.public, &stated.path, &titles, &out, self.disk);
        let entry = adopted.map_err(|error| match error {
            frelon_public::WriteError::Read(frelon_public::ReadError::Damaged { reason, .. }) => Fault::Bad(reason),
            error => own(error.into()),
        })?;
        let _removed = std::fs::remove_file(part);
        let Some(entry) = entry else { return Ok(None) };
        let listed = numbers(&file).map_err(|error| own(error.into()))?;
        Ok(Some((entry, listed)))
    }

    /// A volume without a signed hash has all items between its first and its last, and is no step back
    /// from what is here.
    fn refuse_worse(&self, listed: &Numbers, stated: &ReleasedVolume, place: &Place<'_>) -> Result<(), Fault> {
        let Some((first, last)) = listed.ends() else { return Ok(()) };
        let here = place.here.get(&*stated.path).map(|(_, here)| here);
        let mut is_better = here.is_none();
        for (_, number) in self.ledger.items(place.release) {
            if place.withdrawn.all.contains(&number) {
                continue;
            }
            let is_listed = listed.contains(number);
            let was_here = here.is_some_and(|here| here.contains(number));
            if !is_listed && (was_here || (first < number && number < last)) {
                return Err(Fault::Bad(format!("it lacks item {number}")));
            }
            is_better |= is_listed && !was_here;
        }
        if is_better { Ok(()) } else { Err(Fault::Bad("it has nothing that is missing".to_owned())) }
    }

    /// A release must be here whole, but for what is withdrawn.
    fn refuse_gaps(&self, places: &[Place<'_>]) -> Result<(), MirrorError> {
        let (mut count, mut found) = (0, None);
        for place in places {
            let Some(gap) = self.gaps(place).next() else { continue };
            let absent = place.release.volumes.iter().filter(|stated| !place.here.contains_key(&*stated.path));
            count += absent.count().max(1);
            found.get_or_insert_with(|| {
                let is_absent = |stated: &&ReleasedVolume| !place.here.contains_key(&*stated.path);
                let first = place.release.volumes.iter().find(is_absent).or(place.release.volumes.first());
                let first = first.map(|stated| stated.path.clone()).unwrap_or_default();
                (first, format!("item {gap} of {} is missing", place.release.collection))
            });
        }
        match found {
            None => Ok(()),
            Some((first, reason)) => Err(MirrorError::Incomplete { count, first, reason }),
        }
    }
}

struct Obtained {
    found: Option<(VolumeEntry, Numbers)>,
    fetched_bytes: u64,
}

/// The next volume that this peer was not asked for.
fn take<'a>(queue: &Mutex<VecDeque<Job<'a>>>, peer: usize) -> Option<Job<'a>> {
    let mut queue = lock(queue);
    let at = queue.iter().position(|job| !job.asked.contains(&peer))?;
    queue.remove(at)
}

/// The most bytes a volume may have: those that were signed; a little more once it was rewritten.
fn bytes_max(place: &Place<'_>, stated: &ReleasedVolume) -> u64 {
    if !place.is_touched {
        return stated.size_bytes;
    }
    let items = place.release.item_count.min(VOLUME_ITEMS_MAX);
    stated.size_bytes.saturating_add(items * OPENING_BYTES).saturating_add(64 * 1024)
}
