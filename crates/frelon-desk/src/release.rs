//! Release: items from the vault, through the gate, into the log and the public tree.
//!
//! Order of what happens, and what a stop after each step leaves behind:
//!
//! 1. the tranche is planned in the vault: the next run publishes this very plan;
//! 2. volumes are written inside the vault, where no server looks: the next run removes and writes them
//!    again, unless the journal says that they are whole;
//! 3. items that the gate keeps back leave the plan: the next run goes without them;
//! 4. the journal says that the volumes are whole: from here on these very volumes go out;
//! 5. document entries are logged, which hide everything: the next run counts those that are there and
//!    logs the others;
//! 6. the statement is drafted, and waits until enough editors have signed;
//! 7. volumes are moved to their places in the public tree, where no manifest names them yet;
//! 8. the statement is logged: **the commit point**;
//! 9. the manifest is replaced, and the vault marks the tranche as published: the next run does what of
//!    it is missing.

use std::ops::{ControlFlow, Range};

use frelon_log::writer::BATCH_ENTRIES_MAX;
use frelon_model::{CollectionId, Tranche};
use frelon_public::{
    Draft, Entry, LogReader, Manifest, ReleaseEntry, VolumeEntry,
    release::{Finished, Packed, Plan, Settings, Writer},
    statement::{Body, Description, Release},
};
use frelon_vault::{PackedItems, Reader, ReleaseJournal, StoredDraft, StoredItem, TranchePlan, VaultError};

use crate::gate::{Blocked, Gate, GateReport, Hit};
use crate::pipeline::{self, Feed, Turn};
use crate::press::{Random, outgoing_directory};
use crate::progress::Throttle;
use crate::{DeskError, Press, Progress, Stage, Stated, Waiting, Watch};

/// Bytes of streams that travel together.
const BATCH_BYTES: usize = 256 * 1024;
/// Items that travel together.
const BATCH_ITEMS: usize = 256;
/// The longest title and description that a statement takes, in bytes.
const TITLE_BYTES_MAX: usize = 1_000;
const ABOUT_BYTES_MAX: usize = 16 * 1024;

/// One tranche that went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// Its row in the manifest.
    pub entry: ReleaseEntry,
    /// Whether it had been begun by an earlier run that was interrupted.
    pub recovered: bool,
}

/// What a release did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReleaseReport {
    /// Tranches that are out now: none when there was nothing to release, two when an interrupted
    /// release was completed first.
    pub released: Vec<Released>,
    /// Statements that wait for more editors: nothing of a release that waits can be seen.
    pub waiting: Vec<Waiting>,
    /// What the gate did.
    pub gate: GateReport,
    /// The watch asked to stop: nothing went out but what is listed.
    pub stopped: bool,
}

impl Press<'_> {
    /// Releases everything not yet released of a collection as the next tranche; completes an
    /// interrupted release first. `title` is the release's own, and may be empty.
    ///
    /// # Errors
    /// When a disk refuses, or the log must not go on. A release is then either absent or complete, or
    /// the next run completes it.
    pub fn release(
        &mut self,
        collection: &CollectionId,
        title: &str,
        watch: &mut dyn Watch,
    ) -> Result<ReleaseReport, DeskError> {
        let mut report = ReleaseReport::default();
        // What was completed when the publication was opened.
        self.report_settled(collection, true, &mut report)?;
        if let Some(plan) = self.vault.planned(collection)? {
            self.publish(&plan, true, watch, &mut report)?;
        }
        // What waits goes out first: tranches follow each other.
        if !report.stopped
            && report.waiting.is_empty()
            && let Some(plan) = self.vault.plan(collection, title, self.now)?
        {
            self.publish(&plan, false, watch, &mut report)?;
        }
        if report.released.is_empty() && report.waiting.is_empty() && self.ledger.collections().contains_key(collection)
        {
            // Nothing new to read, but perhaps another title.
            self.describe(collection, &mut report)?;
            self.settle()?;
        }
        Ok(report)
    }

    /// Takes a planned tranche as far as it can go; the same for a new one and after an interruption.
    fn publish(
        &mut self,
        plan: &TranchePlan,
        recovered: bool,
        watch: &mut dyn Watch,
        report: &mut ReleaseReport,
    ) -> Result<(), DeskError> {
        if self.ledger.release(&plan.collection, plan.tranche).is_some() {
            // A vault that was set back: it is out, and only marked.
            self.vault.mark_published(plan, self.now)?;
            self.vault.drop_journal(&plan.collection, plan.tranche)?;
            self.settled.push((plan.collection.clone(), plan.tranche));
            return self.report_settled(&plan.collection, true, report);
        }
        let journal = match self.vault.journal(&plan.collection, plan.tranche)? {
            Some(journal) => Some(journal),
            None => self.stage(plan, watch, report)?,
        };
        let Some(mut journal) = journal else { return Ok(()) };
        // A log begins with its editors, and without any there is nobody to release.
        self.ensure_root()?;
        let leaves = match journal.leaves {
            Some(leaves) => leaves,
            None => self.log_documents(&mut journal)?,
        };
        self.describe(&plan.collection, report)?;
        let draft = self.release_draft(plan, &journal, leaves)?;
        match self.submit(draft)? {
            Stated::Waiting(waiting) => report.waiting.push(waiting),
            Stated::Logged { .. } => {
                self.settle()?;
                self.report_settled(&plan.collection, recovered, report)?;
            }
        }
        Ok(())
    }

    /// Reports the tranches of a collection that went out.
    fn report_settled(
        &mut self,
        collection: &CollectionId,
        recovered: bool,
        report: &mut ReleaseReport,
    ) -> Result<(), DeskError> {
        let (own, others) = std::mem::take(&mut self.settled).into_iter().partition(|(of, _)| of == collection);
        self.settled = others;
        let own: Vec<(CollectionId, Tranche)> = own;
        if let Some(manifest) = Manifest::load(&self.public())? {
            let entries = own.iter().filter_map(|(of, tranche)| manifest.release(of, *tranche).cloned());
            report.released.extend(entries.map(|entry| Released { entry, recovered }));
        }
        Ok(())
    }

    /// Writes the volumes, out of sight. `None` when nothing is left to go out, or a stop was asked for.
    fn stage(
        &mut self,
        plan: &TranchePlan,
        watch: &mut dyn Watch,
        report: &mut ReleaseReport,
    ) -> Result<Option<ReleaseJournal>, DeskError> {
        let outgoing = outgoing_directory(&self.publication);
        self.disk.make_private_directory(&outgoing)?;
        let collection = self.vault.collection(&plan.collection)?;
        let mut writer = Writer::begin_with(
            &outgoing,
            Plan { collection: plan.collection.clone(), collection_title: collection.title, tranche: plan.tranche },
            Settings { disk: self.disk.clone(), ..Settings::default() },
        )?;
        let items = Reader::open(&self.publication)?.tranche(&plan.collection, plan.tranche);
        let gate = match write(&mut writer, items, plan, &mut *self.random, watch)? {
            ControlFlow::Continue(gate) => gate,
            ControlFlow::Break(()) => {
                drop(writer);
                self.vault.unplan(plan, self.now)?;
                report.stopped = true;
                return Ok(None);
            }
        };
        if !gate.blocked.is_empty() {
            let rows: Vec<_> = gate
                .blocked
                .iter()
                .map(|blocked| (blocked.number, format!("{}: {}", blocked.hit.rule, blocked.hit.detail)))
                .collect();
            self.vault.block(plan, &rows, self.now)?;
        }
        let passed = gate.passed;
        report.gate.passed += passed;
        report.gate.blocked.extend(gate.blocked);
        if passed == 0 {
            drop(writer);
            self.vault.unplan(plan, self.now)?;
            return Ok(None);
        }
        let finished = writer.finish()?;
        let journal = ReleaseJournal {
            collection: plan.collection.clone(),
            tranche: plan.tranche,
            item_count: finished.commitments.len() as u64,
            volumes: serde_json::to_string(&finished.volumes).expect("strings and numbers always serialise"),
            from_leaf: self.ledger.head().size,
            leaves: None,
        };
        self.vault.set_journal(&journal)?;
        Ok(Some(journal))
    }

    /// Logs the document entries of a release that are not in the log yet; the leaves of the first and
    /// the last.
    fn log_documents(&mut self, journal: &mut ReleaseJournal) -> Result<(u64, u64), DeskError> {
        let outgoing = outgoing_directory(&self.publication);
        let no_volume = || DeskError::NoVolume { path: outgoing.join("volume").join(journal.collection.as_str()) };
        // What is committed to is what lies on the disk, not what was in memory when it was written.
        let finished = Finished::recover(&outgoing, &journal.collection, journal.tranche)?.ok_or_else(no_volume)?;
        if finished.volumes != volumes(journal) {
            return Err(no_volume());
        }
        let (mut done, mut leaves): (usize, Option<(u64, u64)>) = (0, None);
        if self.ledger.head().size > journal.from_leaf {
            let mut expected = finished.entries().peekable();
            let reader = LogReader::open(&self.public(), self.log.verifier())?;
            for logged in reader.entries_from(journal.from_leaf) {
                let logged = logged?;
                let Ok(entry @ Entry::Document(_)) = logged.entry else { continue };
                if expected.next_if(|expected| *expected == entry.to_bytes()).is_some() {
                    done += 1;
                    leaves = Some((leaves.map_or(logged.index, |(first, _)| first), logged.index));
                }
            }
        }
        let batch = usize::try_from(BATCH_ENTRIES_MAX).unwrap_or(usize::MAX);
        let mut rest = finished.entries().skip(done).peekable();
        while rest.peek().is_some() {
            let appended = self.append(rest.by_ref().take(batch))?;
            let last = appended.first_index + appended.count - 1;
            leaves = Some((leaves.map_or(appended.first_index, |(first, _)| first), last));
        }
        let leaves = leaves.ok_or_else(no_volume)?;
        journal.leaves = Some(leaves);
        self.vault.set_journal(journal)?;
        Ok(leaves)
    }

    /// The draft of a release's statement: the one that waits, or a new one.
    fn release_draft(
        &mut self,
        plan: &TranchePlan,
        journal: &ReleaseJournal,
        (first_leaf, last_leaf): (u64, u64),
    ) -> Result<StoredDraft, DeskError> {
        for stored in self.vault.open_drafts()? {
            let draft = Draft::parse(stored.text.as_bytes())?;
            let terms = draft.statement().terms();
            if let Body::Release(release) = &terms.body
                && terms.collection.as_ref() == Some(&plan.collection)
                && release.tranche == plan.tranche
            {
                return Ok(stored);
            }
        }
        let stated = |volume: VolumeEntry| frelon_public::statement::ReleasedVolume {
            path: volume.path,
            size_bytes: volume.size_bytes,
            sha256: volume.sha256,
        };
        let release = Release {
            tranche: plan.tranche,
            title: line(&plan.title),
            item_count: journal.item_count,
            first_leaf,
            last_leaf,
            volumes: volumes(journal).into_iter().map(stated).collect(),
            published_at: plan.planned_at,
        };
        self.draft(Some(plan.collection.clone()), Body::Release(release))
    }

    /// States what a collection is, where the log does not say it yet.
    fn describe(&mut self, collection: &CollectionId, report: &mut ReleaseReport) -> Result<(), DeskError> {
        let known = self.vault.collection(collection)?;
        let title = line(&known.title);
        let description = Description {
            title: if title.is_empty() { collection.to_string() } else { title },
            about: lines(&known.about),
        };
        if self.ledger.collections().get(collection).is_some_and(|described| described.description == description) {
            return Ok(());
        }
        for open in self.vault.open_drafts()? {
            let draft = Draft::parse(open.text.as_bytes())?;
            let is_same = draft.statement().body() == &Body::Collection(description.clone());
            if is_same && open.collection.as_ref() == Some(collection) {
                if let Stated::Waiting(waiting) = self.submit(open)? {
                    report.waiting.push(waiting);
                }
                return Ok(());
            }
        }
        if let Stated::Waiting(waiting) = self.propose(Some(collection.clone()), Body::Collection(description))? {
            report.waiting.push(waiting);
        }
        Ok(())
    }
}

/// The volumes a journal names.
fn volumes(journal: &ReleaseJournal) -> Vec<VolumeEntry> {
    // What is not as it was written fits no volumes, which is told.
    serde_json::from_str(&journal.volumes).unwrap_or_default()
}

/// One line as a statement takes it.
fn line(text: &str) -> String {
    cut(text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }), TITLE_BYTES_MAX)
}

/// Lines as a statement takes them.
fn lines(text: &str) -> String {
    cut(text.chars().filter(|letter| !letter.is_control() || *letter == '\n'), ABOUT_BYTES_MAX)
}

fn cut(letters: impl Iterator<Item = char>, bytes_max: usize) -> String {
    let mut text = String::new();
    for letter in letters {
        if text.len() + letter.len_utf8() > bytes_max {
            break;
        }
        text.push(letter);
    }
    text
}

/// Takes every item of the plan through the gate into the volumes. `Break` when asked to stop.
fn write(
    writer: &mut Writer,
    items: PackedItems,
    plan: &TranchePlan,
    random: Random<'_>,
    watch: &mut dyn Watch,
) -> Result<ControlFlow<(), GateReport>, DeskError> {
    let mut gate = GateReport::default();
    let mut progress =
        Progress { stage: Stage::Release, bytes_done: 0, bytes_total: plan.bytes, items: 0, failures: 0 };
    let (mut throttle, mut error, mut stopped) = (Throttle::new(), None, false);
    let read = pipeline::run(
        |feed| read(items, feed),
        || {
            let mut gate = Gate::default();
            move |batch: Batch| check(&mut gate, batch)
        },
        |turn| {
            if let Turn::Result(checked) = turn
                && let Err(failed) = add(writer, &checked, random, &mut gate, &mut progress)
            {
                error = Some(failed);
                return ControlFlow::Break(());
            }
            stopped = throttle.is_due() && watch.news(&progress).is_break();
            if stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        },
    );
    if let Some(error) = error {
        return Err(error);
    }
    read?;
    if stopped || watch.news(&progress).is_break() {
        return Ok(ControlFlow::Break(()));
    }
    Ok(ControlFlow::Continue(gate))
}

/// Items that travel together, their streams in one piece.
#[derive(Default)]
struct Batch {
    packed: Vec<u8>,
    items: Vec<(StoredItem, Range<usize>)>,
}

/// A batch and what the gate says of each of its items.
struct Checked {
    batch: Batch,
    verdicts: Vec<Result<(), Hit>>,
}

fn read(mut items: PackedItems, feed: &mut Feed<'_, Batch>) -> Result<(), VaultError> {
    let mut batch = Batch::default();
    loop {
        let start = batch.packed.len();
        let item = items.next(&mut batch.packed)?;
        let is_end = item.is_none();
        if let Some(item) = item {
            let range = start..batch.packed.len();
            batch.items.push((item, range));
        }
        if is_end || batch.packed.len() >= BATCH_BYTES || batch.items.len() >= BATCH_ITEMS {
            let full = std::mem::take(&mut batch);
            if feed.send(full.packed.capacity(), full).is_break() || is_end {
                return Ok(());
            }
        }
    }
}

fn check(gate: &mut Gate, batch: Batch) -> Checked {
    let verdicts = batch.items.iter().map(|(item, range)| gate.check(item, &batch.packed[range.clone()])).collect();
    Checked { batch, verdicts }
}

fn add(
    writer: &mut Writer,
    checked: &Checked,
    random: &mut dyn FnMut(&mut [u8]) -> std::io::Result<()>,
    gate: &mut GateReport,
    progress: &mut Progress,
) -> Result<(), DeskError> {
    for ((item, range), verdict) in checked.batch.items.iter().zip(&checked.verdicts) {
        progress.bytes_done += item.size_bytes;
        if let Err(hit) = verdict {
            gate.blocked.push(Blocked { number: item.number, hit: hit.clone() });
            progress.failures += 1;
            continue;
        }
        let mut salt = [0; 32];
        // A salt that could be guessed would let anybody test what an unreleased item says.
        random(&mut salt).map_err(DeskError::Random)?;
        let packed = Packed {
            number: item.number,
            name: &item.name,
            media_type: &item.media_type,
            date: item.sent_at,
            content: item.content,
            size_bytes: item.size_bytes,
            crc32: item.crc32,
            deflated: &checked.batch.packed[range.clone()],
        };
        writer.add(&packed, salt)?;
        gate.passed += 1;
        progress.items += 1;
    }
    Ok(())
}

impl Released {
    /// Number of the tranche.
    #[must_use]
    pub fn tranche(&self) -> Tranche {
        self.entry.tranche
    }
}
