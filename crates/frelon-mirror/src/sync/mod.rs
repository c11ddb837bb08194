//! Mirroring: everything is fetched from peers that nobody trusts, checked, and only then shown.
//!
//! ```text
//! checkpoint    of each peer, by the policy; nothing new is one request
//! relate        not smaller than what is here, and the same history: else proof of a fork
//! entries       of the larger log, bundle by bundle, each verified     (its size is not believed before)
//! ledger        what the editors released and withdrew
//! volumes       from all peers at once, each item against its leaf; withdrawn ones taken out
//! manifest      derived, by the function the publisher uses            (readers of pages see it now)
//! checkpoint    replaced last                                          (readers of the log see it now)
//! ```
//!
//! Each step can be done again. A mirror that is killed goes on where it was; what it shows is the old
//! state or the new one.
//!
//! **What is not mirrored:** `keys.jsonl`. Nothing vouches for it, so that a peer could make signatures
//! of mail look better or worse than they are.

mod error;
mod follow;
mod hold;
mod log;
mod peer;
mod report;
mod state;
mod tiles;
mod trust;
mod volume;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    thread,
};

use frelon_durable::Disk;
use frelon_log::{
    Policy, SignedCheckpoint, TreeHead, Verifier, note::NOTE_BYTES_MAX, policy::POLICY_BYTES_MAX,
    writer::CHECKPOINT_PATH,
};
use frelon_model::Instant;
use frelon_public::{Ledger, LogReader, Manifest};

use crate::{
    evidence::Fork,
    fetch::{Answer, FetchError, Request, Source},
    file,
    witness::{client::last_seen, monitoring_path},
};
pub use error::MirrorError;
pub use follow::{Follow, FollowError};
use hold::Hold;
use log::{NotGrown, Relation};
use peer::Peer;
pub use report::{Event, Options, PeerReport, Report, Shown};
use state::State;
use trust::{Trust, believe, first_contact};

/// How often a mirror cosigns an unchanged log again, in seconds: readers see from it that nothing is
/// held back.
const RECOSIGN_S: i64 = 12 * 3600;

/// A mirror: a publication without a vault, and what it keeps beside it in `mirror/`.
#[derive(Debug)]
pub struct Mirror {
    directory: PathBuf,
    public: PathBuf,
    options: Options,
    state: State,
    /// The log as of the last sync of this process.
    ledger: Option<Ledger>,
}

impl Mirror {
    /// Opens a mirror in a directory, or makes room for one.
    ///
    /// # Errors
    /// When another process mirrors into it, or the disk refuses.
    pub fn open(directory: &Path, options: Options) -> Result<Self, MirrorError> {
        let public = directory.join("public");
        options.disk.make_directory(&public)?;
        let state = State::open(directory.join("mirror"), options.disk.clone())?;
        clear(&public, &options.disk)?;
        if let Some(policy) = &options.policy {
            state.keep_policy(policy)?;
        }
        Ok(Self { directory: directory.to_owned(), public, options, state, ledger: None })
    }

    /// The public tree.
    #[must_use]
    pub fn public(&self) -> &Path {
        &self.public
    }

    /// Brings the mirror up to the best of what these peers show. `now` judges cosignatures, and is the
    /// time of the mirror's own.
    ///
    /// # Errors
    /// When it did not come to its end; readers then see what they saw before.
    pub fn sync(
        &mut self,
        sources: &[Box<dyn Source>],
        now: Instant,
        observe: &(dyn Fn(Event<'_>) + Sync),
    ) -> Result<Report, MirrorError> {
        let peers: Vec<Peer<'_>> = sources.iter().map(|source| Peer::new(&**source)).collect();
        let trust = self.trust(&peers, now, observe)?;
        let stored = self.stored(&trust)?;
        let asked = self.ask(&peers, stored.as_ref(), &trust, now);
        let mut shown = vec![Shown::Current; peers.len()];
        let mut forks = Vec::new();
        let mut candidates: Vec<(usize, SignedCheckpoint)> = Vec::new();
        for (at, asked) in asked.iter().enumerate() {
            match asked {
                Asked::Unchanged => {}
                Asked::Failed(reason) => shown[at] = Shown::Failed(reason.clone()),
                Asked::Checkpoint(checkpoint, _) => candidates.push((at, (**checkpoint).clone())),
            }
        }
        candidates.sort_by_key(|(_, checkpoint)| std::cmp::Reverse(checkpoint.head().size));

        // The largest that a peer can show the entries of.
        let floor = self.floor(stored.as_ref(), &trust)?;
        let mut next = stored.clone();
        let mut entries = 0;
        for (at, candidate) in &candidates {
            let size = candidate.head().size;
            if size <= next.as_ref().map_or(0, |next| next.head().size) && next.is_some() {
                break;
            }
            if size < floor.size {
                shown[*at] = Shown::Older { size };
                continue;
            }
            match self.grow(stored.as_ref(), candidate, &trust, &peers, *at, observe) {
                Ok(added) => {
                    (next, entries) = (Some(candidate.clone()), added);
                    shown[*at] = Shown::Newer;
                    break;
                }
                Err(NotGrown::Own(error)) => return Err(error),
                Err(NotGrown::Peer(reason)) => shown[*at] = Shown::Failed(reason),
                Err(NotGrown::Forked(fork)) => {
                    peers[*at].drop_for("it shows another history of the log");
                    shown[*at] = Shown::Forked;
                    forks.extend(self.keep(fork)?);
                }
            }
        }
        let Some(mut next) = next else { return Err(no_peer(&shown)) };
        if shown.iter().all(|shown| matches!(shown, Shown::Failed(_) | Shown::Forked)) && !peers.is_empty() {
            return Err(no_peer(&shown));
        }

        // The others, and whoever else saw this log, against the tree that is here now.
        for (at, candidate) in &candidates {
            if matches!(shown[*at], Shown::Newer | Shown::Failed(_) | Shown::Forked) {
                continue;
            }
            if candidate.head().size > next.head().size {
                shown[*at] = Shown::Failed("its entries cannot be had".to_owned());
                continue;
            }
            match self.relate(&next, candidate, &trust, &peers, observe)? {
                Relation::Known if candidate.head().size == next.head().size => {
                    next = log::join(&next, candidate, &self.keys(&trust)).unwrap_or(next);
                }
                Relation::Known => shown[*at] = Shown::Older { size: candidate.head().size },
                Relation::Forked(fork) => {
                    peers[*at].drop_for("it shows another history of the log");
                    shown[*at] = Shown::Forked;
                    forks.extend(self.keep(fork)?);
                }
            }
        }
        let is_grown = stored.as_ref().map(SignedCheckpoint::head) != Some(next.head());
        if is_grown || self.ledger.is_none() {
            forks.extend(self.gossip(&peers, &next, &trust, observe)?);
        }

        let mut report = Report {
            head: next.head(),
            has_changed: false,
            entries,
            volumes: 0,
            volume_bytes: 0,
            rewritten: 0,
            peers: Vec::new(),
            forks,
        };
        if is_grown || self.ledger.is_none() {
            let has_changed = self.bring_up(&next, &trust, &peers, &floor, &mut report, observe)?;
            report.has_changed |= has_changed || is_grown;
        }
        if stored.as_ref() != Some(&next) {
            // The last step: whoever reads the log sees it grow only now.
            self.options.disk.replace(&self.public.join(CHECKPOINT_PATH), next.to_string().as_bytes())?;
        }
        self.show_seen(&next, now)?;
        self.state.keep_tags(tags(sources, &asked, &shown, &self.state))?;
        report.peers = peers
            .iter()
            .zip(shown)
            .map(|(peer, shown)| PeerReport { name: peer.name().to_owned(), shown, dropped: peer.dropped() })
            .collect();
        Ok(report)
    }

    /// Which log this is: by the policy that was given, or kept, or that the peers show.
    fn trust(
        &self,
        peers: &[Peer<'_>],
        now: Instant,
        observe: &(dyn Fn(Event<'_>) + Sync),
    ) -> Result<Trust, MirrorError> {
        let kept = self.state.policy()?;
        if let Some(policy) = kept {
            let log = self.log_of(&policy)?;
            return Ok(Trust { policy, log, is_first_contact: false });
        }
        let mut found: Option<(Policy, Verifier, String)> = None;
        let mut last = "no peer was given".to_owned();
        for peer in peers {
            match first_contact(peer, now) {
                Err(reason) => last = format!("{}: {reason}", peer.name()),
                Ok((policy, log)) => match &found {
                    Some((_, other, _)) if *other != log => return Err(MirrorError::Disagreement),
                    Some(_) => {}
                    None => found = Some((policy, log, peer.name().to_owned())),
                },
            }
        }
        let Some((policy, log, peer)) = found else { return Err(MirrorError::NoPeer { last }) };
        observe(Event::FirstContact { peer: &peer, log: &log });
        Ok(Trust { policy, log, is_first_contact: true })
    }

    /// The log of a policy: the one that is here, else its first.
    fn log_of(&self, policy: &Policy) -> Result<Verifier, MirrorError> {
        let stored = self.stored_note()?;
        let Some(stored) = stored else {
            let first = policy.logs().first().map(|log| log.key.clone());
            return first.ok_or(MirrorError::NoPeer { last: "the policy names no log".to_owned() });
        };
        let origin = &stored.checkpoint().origin;
        let log = policy.logs().iter().find(|log| log.key.name().as_str() == origin.as_str());
        log.map(|log| log.key.clone()).ok_or_else(|| MirrorError::OtherLog { stored: origin.clone() })
    }

    /// The checkpoint that is here, unverified. What does not parse was not written by a mirror.
    fn stored_note(&self) -> Result<Option<SignedCheckpoint>, MirrorError> {
        let path = self.public.join(CHECKPOINT_PATH);
        let bytes = file::read(&path, NOTE_BYTES_MAX as u64).map_err(|source| MirrorError::Io { path, source })?;
        Ok(bytes.and_then(|bytes| SignedCheckpoint::parse(&bytes).ok()))
    }

    /// The checkpoint that is here, signed by the log.
    fn stored(&self, trust: &Trust) -> Result<Option<SignedCheckpoint>, MirrorError> {
        let stored = self.stored_note()?;
        Ok(stored.filter(|stored| {
            stored.checkpoint().origin.as_str() == trust.log.name().as_str()
                && stored.open(std::slice::from_ref(&trust.log)).is_ok()
        }))
    }

    /// What was shown before, by the checkpoint or by a manifest that got out before it: never less.
    fn floor(&self, stored: Option<&SignedCheckpoint>, trust: &Trust) -> Result<TreeHead, MirrorError> {
        let stored = stored.map_or_else(TreeHead::empty, SignedCheckpoint::head);
        let shown = Manifest::load(&self.public)?.map(|manifest| manifest.log);
        let shown = shown.filter(|shown| shown.origin.as_str() == trust.log.name().as_str());
        Ok(match shown {
            Some(shown) if shown.size > stored.size => TreeHead { size: shown.size, root: shown.root },
            _ => stored,
        })
    }

    fn keys(&self, trust: &Trust) -> Vec<Verifier> {
        let witnesses = trust.policy.witnesses().iter().map(|witness| witness.key.clone());
        std::iter::once(trust.log.clone()).chain(witnesses).collect()
    }

    /// Asks all peers for their checkpoint at once.
    fn ask(&self, peers: &[Peer<'_>], stored: Option<&SignedCheckpoint>, trust: &Trust, now: Instant) -> Vec<Asked> {
        let one = |peer: &Peer<'_>| {
            let tag = stored.and_then(|_| self.state.tag(peer.name()));
            let asked = ask(peer, tag, trust, now);
            if let Err(error) = &asked {
                peer.judge(error);
            }
            asked.unwrap_or_else(|error| Asked::Failed(error.to_string()))
        };
        thread::scope(|scope| {
            let running: Vec<_> = peers.iter().map(|peer| scope.spawn(move || one(peer))).collect();
            let failed = || Asked::Failed("asking it failed".to_owned());
            running.into_iter().map(|thread| thread.join().unwrap_or_else(|_| failed())).collect()
        })
    }

    /// Takes the entries of a larger log, from the peer that showed it, else from the others.
    fn grow(
        &self,
        stored: Option<&SignedCheckpoint>,
        next: &SignedCheckpoint,
        trust: &Trust,
        peers: &[Peer<'_>],
        first: usize,
        observe: &(dyn Fn(Event<'_>) + Sync),
    ) -> Result<u64, NotGrown> {
        let old_size = stored.map_or(0, |stored| stored.head().size);
        if next.head().size - old_size > self.options.entries_max {
            let reason = format!("it claims {} entries more, too many at once", next.head().size - old_size);
            return Err(NotGrown::Peer(reason));
        }
        let mut progress = |done, total| observe(Event::Entries { done, total });
        let others = (0..peers.len()).filter(|at| *at != first);
        let mut last = None;
        for at in std::iter::once(first).chain(others).filter(|at| peers[*at].is_live()) {
            let own = log::Own { public: &self.public, disk: &self.options.disk, log: &trust.log };
            match log::grow(&own, stored, next, &peers[at], at == first, &mut progress) {
                // The one who showed it is told first what came of it.
                Err(NotGrown::Peer(reason)) => drop(last.get_or_insert(reason)),
                other => return other,
            }
        }
        Err(NotGrown::Peer(last.unwrap_or_else(|| "no peer has its entries".to_owned())))
    }

    /// Compares with the log that is here, which is mended if it is damaged.
    fn relate(
        &self,
        next: &SignedCheckpoint,
        other: &SignedCheckpoint,
        trust: &Trust,
        peers: &[Peer<'_>],
        observe: &(dyn Fn(Event<'_>) + Sync),
    ) -> Result<Relation, MirrorError> {
        if let Ok(relation) = log::relate(&self.public, next, other, &trust.log) {
            return Ok(relation);
        }
        self.mend(next, trust, peers, observe)?;
        Ok(log::relate(&self.public, next, other, &trust.log)?)
    }

    /// Fetches again what of the log is damaged on this disk; what is good is verified and stays.
    fn mend(
        &self,
        next: &SignedCheckpoint,
        trust: &Trust,
        peers: &[Peer<'_>],
        observe: &(dyn Fn(Event<'_>) + Sync),
    ) -> Result<(), MirrorError> {
        tracing::warn!("files of the log are damaged here and are fetched again");
        let mut progress = |done, total| observe(Event::Entries { done, total });
        let own = log::Own { public: &self.public, disk: &self.options.disk, log: &trust.log };
        let mut last = "no peer can be asked".to_owned();
        for peer in peers.iter().filter(|peer| peer.is_live()) {
            match log::grow(&own, None, next, peer, false, &mut progress) {
                Ok(_) => return Ok(()),
                Err(NotGrown::Own(error)) => return Err(error),
                Err(NotGrown::Peer(reason)) => last = reason,
                Err(NotGrown::Forked(_)) => {}
            }
        }
        Err(MirrorError::NoPeer { last })
    }

    /// The log that is here, replayed.
    fn replay(&mut self, next: &SignedCheckpoint, trust: &Trust) -> Result<(LogReader, Ledger), MirrorError> {
        let reader = LogReader::with_checkpoint(&self.public, next.clone())?;
        // Ahead of it is what failed half way: then all is read again.
        let known = self.ledger.take().filter(|ledger| ledger.head().size <= next.head().size);
        let mut ledger = known.unwrap_or_else(|| Ledger::new(trust.log.clone()));
        ledger.extend(&reader)?;
        Ok((reader, ledger))
    }

    /// What witnesses of the policy and other mirrors saw last, against the log that is here.
    fn gossip(
        &self,
        peers: &[Peer<'_>],
        next: &SignedCheckpoint,
        trust: &Trust,
        observe: &(dyn Fn(Event<'_>) + Sync),
    ) -> Result<Vec<PathBuf>, MirrorError> {
        let seen: Vec<Option<SignedCheckpoint>> = thread::scope(|scope| {
            let ask = |source: &dyn Source| last_seen(source, &trust.log);
            let live = peers.iter().filter(|peer| peer.is_live()).map(|peer| peer.source);
            let all = live.chain(self.options.watch.iter().map(|source| &**source));
            let running: Vec<_> = all.map(|source| scope.spawn(move || ask(source))).collect();
            running.into_iter().map(|thread| thread.join().ok().flatten()).collect()
        });
        let mut forks = Vec::new();
        for seen in seen.iter().flatten().filter(|seen| seen.head().size <= next.head().size) {
            if let Relation::Forked(fork) = self.relate(next, seen, trust, peers, observe)? {
                forks.extend(self.keep(fork)?);
            }
        }
        Ok(forks)
    }

    /// Writes the proof of a fork beside the tree.
    fn keep(&self, fork: Option<Box<Fork>>) -> Result<Option<PathBuf>, MirrorError> {
        let Some(fork) = fork else { return Ok(None) };
        let path = fork.keep(&self.options.disk, &self.directory)?;
        tracing::error!(path = %path.display(), "the log has forked: its key signed two histories");
        Ok(Some(path))
    }

    /// Ledger, volumes, manifest. Whether the manifest changed.
    fn bring_up(
        &mut self,
        next: &SignedCheckpoint,
        trust: &Trust,
        peers: &[Peer<'_>],
        floor: &TreeHead,
        report: &mut Report,
        observe: &(dyn Fn(Event<'_>) + Sync),
    ) -> Result<bool, MirrorError> {
        let (reader, ledger) = match self.replay(next, trust) {
            Ok(replayed) => replayed,
            Err(_) => {
                self.mend(next, trust, peers, observe)?;
                self.replay(next, trust)?
            }
        };
        if floor.size <= next.head().size && reader.root_at(floor.size)? != floor.root {
            // Only a manifest can be ahead of the checkpoint, and it was derived from this very log.
            return Err(MirrorError::NoPeer { last: "what was shown here before is not in the log".to_owned() });
        }
        if trust.is_first_contact {
            self.state.keep_policy(&trust.policy)?;
        }
        let before = Manifest::load(&self.public)?;
        let disk = &self.options.disk;
        let hold = Hold {
            public: &self.public,
            disk,
            state: &self.state,
            options: &self.options,
            log: &reader,
            ledger: &ledger,
            before: before.as_ref(),
            observe,
        };
        let held = hold.run(peers)?;
        (report.volumes, report.volume_bytes, report.rewritten) = (held.fetched, held.fetched_bytes, held.rewritten);
        let mut manifest = Manifest::derive(&ledger, &held.volumes);
        manifest.withdrawn.retain(|withdrawal| self.options.follow.follows(withdrawal));
        let has_changed = before.as_ref() != Some(&manifest);
        manifest.commit(&self.public, disk)?;
        let policy = self.public.join("policy");
        let bytes = trust.policy.to_bytes();
        let there = file::read(&policy, POLICY_BYTES_MAX as u64).unwrap_or_default();
        if there.as_deref() != Some(&bytes) {
            disk.replace(&policy, &bytes)?;
        }
        self.state.clear_partial()?;
        self.ledger = Some(ledger);
        Ok(has_changed)
    }

    /// What was seen last, at the place where others look for it, with the mirror's own cosignature.
    fn show_seen(&self, next: &SignedCheckpoint, now: Instant) -> Result<(), MirrorError> {
        let path = self.public.join(monitoring_path(&next.checkpoint().origin));
        let there = file::read(&path, NOTE_BYTES_MAX as u64).unwrap_or_default();
        let there = there.and_then(|bytes| SignedCheckpoint::parse(&bytes).ok());
        let mut seen = next.clone();
        if let Some(cosigner) = &self.options.cosigner {
            let key = std::slice::from_ref(cosigner.verifier());
            let own = there.as_ref().filter(|there| there.checkpoint() == next.checkpoint());
            let cosigned_at = own.and_then(|there| there.open(key).ok()?.first()?.cosigned_at);
            if cosigned_at.is_some_and(|cosigned_at| now.0 - cosigned_at.0 < RECOSIGN_S) {
                return Ok(());
            }
            // It is on the disk, whole, and was compared with all that was here before: that is what a
            // cosignature says.
            let signature = cosigner.cosign(next, now);
            let added = signature.and_then(|signature| seen.note_mut().add(signature));
            if let Err(error) = added {
                tracing::warn!(%error, "the checkpoint could not be cosigned");
            }
        }
        if there.as_ref() != Some(&seen) {
            let folder = path.parent().expect("it lies in a folder");
            self.options.disk.make_directory(folder)?;
            self.options.disk.replace(&path, seen.to_string().as_bytes())?;
        }
        Ok(())
    }
}

/// Removes what killed runs left in a folder and those below.
fn clear(folder: &Path, disk: &Disk) -> Result<(), MirrorError> {
    disk.clear_stale(folder)?;
    let io_error = |source| MirrorError::Io { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(io_error)? {
        let entry = entry.map_err(io_error)?;
        if entry.file_type().map_err(io_error)?.is_dir() {
            clear(&entry.path(), disk)?;
        }
    }
    Ok(())
}

/// What a peer answered when it was asked for its checkpoint.
enum Asked {
    /// It has the one it showed last.
    Unchanged,
    /// One that the policy accepts, with its tag.
    Checkpoint(Box<SignedCheckpoint>, Option<String>),
    Failed(String),
}

fn ask(peer: &Peer<'_>, tag: Option<&str>, trust: &Trust, now: Instant) -> Result<Asked, FetchError> {
    let request = Request { tag, ..Request::whole(CHECKPOINT_PATH, NOTE_BYTES_MAX as u64) };
    let mut body = match peer.source.open(request)? {
        Answer::Unchanged => return Ok(Asked::Unchanged),
        Answer::Body(body) => body,
    };
    let tag = body.tag().map(str::to_owned);
    let bytes = body.read_all()?;
    let checkpoint = match believe(&bytes, trust, now) {
        Ok(checkpoint) => checkpoint,
        Err(reason) => {
            peer.drop_for(reason.clone());
            return Ok(Asked::Failed(reason));
        }
    };
    Ok(Asked::Checkpoint(Box::new(checkpoint), tag))
}

/// The tags of those whose checkpoint holds nothing new any more.
fn tags(sources: &[Box<dyn Source>], asked: &[Asked], shown: &[Shown], state: &State) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::new();
    for ((source, asked), shown) in sources.iter().zip(asked).zip(shown) {
        let tag = match (asked, shown) {
            (Asked::Unchanged, _) => state.tag(source.name()).map(str::to_owned),
            (Asked::Checkpoint(_, tag), Shown::Current | Shown::Newer | Shown::Older { .. }) => tag.clone(),
            _ => None,
        };
        tags.extend(tag.map(|tag| (source.name().to_owned(), tag)));
    }
    tags
}

fn no_peer(shown: &[Shown]) -> MirrorError {
    let last = shown.iter().rev().find_map(|shown| match shown {
        Shown::Failed(reason) => Some(reason.clone()),
        Shown::Forked => Some("it shows another history of the log".to_owned()),
        _ => None,
    });
    MirrorError::NoPeer { last: last.unwrap_or_else(|| "nothing newer than what is here".to_owned()) }
}
