//! One volume through the threads of a build.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use frelon_mail::dkim::KeyArchive;
use frelon_model::{ItemNumber, Problem, ProblemKind};
use frelon_public::{Inflater, ReleaseEntry, VolumeEntry, volume};

use super::{Build, BuildError, BuildProgress, COMMIT_BYTES, Source, digest};
use crate::{
    catalog::{CollectionNo, VolumeProgress},
    fulltext::{Digest, document},
};

/// Raw bytes of a batch: large enough that hand-over costs nothing, small enough to share out evenly.
const BATCH_BYTES: u64 = 1024 * 1024;
const BATCH_ITEMS: usize = 512;
/// Batches waiting at each hand-over: bounds the memory whatever the archive.
const BATCHES_WAITING: usize = 4;

/// A volume to be indexed.
pub(super) struct Job<'a> {
    pub(super) source: Source<'a>,
    pub(super) release: &'a ReleaseEntry,
    pub(super) volume: &'a VolumeEntry,
    pub(super) collection: CollectionNo,
    pub(super) state: VolumeProgress,
}

impl Job<'_> {
    /// Index of an item's document entry in the log.
    pub(super) fn leaf(&self, number: ItemNumber) -> Option<u64> {
        self.source.ledger.leaf(&self.release.collection, number)
    }

    fn is_withdrawn(&self, number: ItemNumber) -> bool {
        self.source.tree.manifest().withdrawal(&self.release.collection, number).is_some()
    }
}

/// Items as they lie in the volume.
struct Batch {
    order: u64,
    items: Vec<(volume::Head, Vec<u8>)>,
    bad: Vec<String>,
}

/// The same items, read.
struct Done {
    order: u64,
    digests: Vec<Digest>,
    bad: Vec<String>,
}

impl Build<'_> {
    pub(super) fn index_volume(
        &mut self,
        job: &Job<'_>,
        progress: &mut dyn FnMut(BuildProgress),
    ) -> Result<(), BuildError> {
        let reader = job.source.tree.read_volume(job.volume)?;
        let (batches, waiting) = sync_channel::<Batch>(BATCHES_WAITING);
        let (finished, done) = sync_channel::<Done>(BATCHES_WAITING);
        let waiting = Mutex::new(waiting);
        let keys = job.source.keys;
        thread::scope(|scope| {
            scope.spawn(|| read_batches(reader, job, batches));
            for _ in 0..self.options.threads.max(1) {
                let finished = finished.clone();
                let waiting = &waiting;
                scope.spawn(move || digest_batches(waiting, job, keys, &finished));
            }
            drop(finished);
            let answer = self.take_in(job, &done, progress);
            // On failure this ends the workers, whose sends then fail, and they the reader.
            drop(done);
            if answer.is_err() {
                let waiting = waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                while waiting.recv().is_ok() {}
            }
            answer
        })
    }

    /// Adds what the workers read, in the order of the volume.
    fn take_in(
        &mut self,
        job: &Job<'_>,
        done: &Receiver<Done>,
        progress: &mut dyn FnMut(BuildProgress),
    ) -> Result<(), BuildError> {
        let mut early = BTreeMap::new();
        let mut next = 0;
        let mut state = job.state;
        for batch in done {
            early.insert(batch.order, batch);
            while let Some(batch) = early.remove(&next) {
                next += 1;
                self.report.bad_entries.extend(batch.bad);
                for digest in &batch.digests {
                    self.add(job, digest)?;
                    state.last_number = digest.row.number;
                }
                progress(self.progress);
                if self.uncommitted_bytes >= COMMIT_BYTES {
                    self.sql(|catalog| catalog.advance(state))?;
                    self.commit()?;
                }
            }
        }
        if !early.is_empty() {
            return Err(BuildError::Worker);
        }
        state.done = true;
        self.sql(|catalog| catalog.advance(state))
    }

    fn add(&mut self, job: &Job<'_>, digest: &Digest) -> Result<(), BuildError> {
        let people = self.sql(|catalog| catalog.add(&digest.row))?;
        let document = document(&self.fields, job.release.collection.as_str(), digest, &people);
        self.writer.add_document(document).map_err(|source| BuildError::Fulltext { path: self.dir.clone(), source })?;
        let size_bytes = digest.row.stream.size_bytes;
        self.uncommitted_bytes += size_bytes;
        self.progress.bytes += size_bytes;
        self.progress.items += 1;
        self.report.added += 1;
        Ok(())
    }
}

/// Cuts the volume into batches, leaving out items that an earlier run has indexed.
#[expect(clippy::needless_pass_by_value, reason = "dropping the sender is what tells the workers the end")]
fn read_batches(mut reader: volume::Reader, job: &Job<'_>, batches: SyncSender<Batch>) {
    let mut order = 0;
    let mut batch = Batch { order, items: Vec::new(), bad: Vec::new() };
    let mut bytes = 0;
    while let Some(next) = reader.next_item() {
        match next {
            Ok(item) if item.head.number <= job.state.last_number => {}
            // Whatever lies in the volume, what was taken back is not taken in.
            Ok(item) if job.is_withdrawn(item.head.number) => {}
            Ok(item) if job.leaf(item.head.number).is_none() => {
                batch.bad.push(format!("{}: item {} was not released", job.volume.path, item.head.number));
            }
            Ok(item) => {
                bytes += item.head.size_bytes;
                let deflated = item.deflated.to_vec();
                batch.items.push((item.head, deflated));
            }
            Err(bad) => batch.bad.push(format!("{}: {bad}", job.volume.path)),
        }
        if bytes >= BATCH_BYTES || batch.items.len() >= BATCH_ITEMS {
            order += 1;
            bytes = 0;
            let full = std::mem::replace(&mut batch, Batch { order, items: Vec::new(), bad: Vec::new() });
            if batches.send(full).is_err() {
                return;
            }
        }
    }
    // When the receiving side is gone, the build has failed and says so itself.
    let _gone = batches.send(batch).is_err();
}

fn digest_batches(waiting: &Mutex<Receiver<Batch>>, job: &Job<'_>, keys: &KeyArchive, finished: &SyncSender<Done>) {
    let (mut inflater, mut raw) = (Inflater::default(), Vec::new());
    loop {
        let batch = waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner).recv();
        let Ok(mut batch) = batch else { return };
        let mut digests = Vec::with_capacity(batch.items.len());
        for (head, deflated) in batch.items {
            let place = format!("{}: item {}", job.volume.path, head.number);
            match inflater.inflate(&deflated, head.size_bytes, head.crc32, &head.opening.content, &mut raw) {
                Ok(()) => digests.push(digest_item(job, &head, &raw, keys)),
                Err(error) => batch.bad.push(format!("{place}: {error}")),
            }
        }
        if finished.send(Done { order: batch.order, digests, bad: batch.bad }).is_err() {
            return;
        }
    }
}

/// Reads one item. A parser that gives up costs that item its text, nothing else.
fn digest_item(job: &Job<'_>, head: &volume::Head, raw: &[u8], keys: &KeyArchive) -> Digest {
    let read = catch_unwind(AssertUnwindSafe(|| digest::digest(job, head, raw, keys)));
    read.unwrap_or_else(|_| {
        let mut digest = digest::empty(job, head);
        digest.row.problems.push(Problem::new(ProblemKind::Unparsed, ""));
        digest
    })
}
