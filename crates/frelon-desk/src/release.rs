//! Release: items from the vault, through the gate, into the public tree.
//!
//! Order of what happens, and what a stop after each step leaves behind:
//!
//! 1. the tranche is planned in the vault: the next run publishes this very plan;
//! 2. volumes are written: files nobody names, which the next run removes;
//! 3. items that the gate keeps back leave the plan: the next run goes without them;
//! 4. document entries are logged: they mean nothing alone, and the next run logs them again;
//! 5. the `release` statement is logged: **the commit point**, from here on the tranche is out;
//! 6. the manifest is derived from the log and replaced: the next run does it;
//! 7. the vault marks the tranche as published: the next run sees it in the log and marks it.

mod log;

use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};

use frelon_durable::Disk;
use frelon_model::{CollectionId, Instant, Tranche};
use frelon_public::ReleaseEntry;
use frelon_public::release::{Packed, Plan, Writer, clear_leftovers};
use frelon_vault::{PackedItems, Reader, StoredItem, TranchePlan, Vault, VaultError};

use crate::gate::{Blocked, Gate, GateReport, Hit};
use crate::pipeline::{self, Feed, Turn};
use crate::progress::Throttle;
use crate::{DeskError, Progress, Stage, Watch};
pub use log::log_release;

/// Bytes of streams that travel together.
const BATCH_BYTES: usize = 256 * 1024;
/// Items that travel together.
const BATCH_ITEMS: usize = 256;

/// What to release: everything in the collection that is not released yet.
#[derive(Debug, Clone)]
pub struct ReleaseRequest {
    /// The publication directory.
    pub publication: PathBuf,
    /// The collection.
    pub collection: CollectionId,
    /// Title of the release; may be empty.
    pub title: String,
    /// The time of publication.
    pub now: Instant,
}

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
    /// What the gate did.
    pub gate: GateReport,
    /// The watch asked to stop: nothing went out but what is listed.
    pub stopped: bool,
}

/// The public tree of a publication.
pub(crate) fn public_directory(publication: &Path) -> PathBuf {
    publication.join("public")
}

/// Releases everything not yet released as the next tranche; completes an interrupted release first.
/// `random` fills its argument with 32 bytes that nobody can guess: the salt of one opening.
///
/// # Errors
/// When another process writes to the vault or a disk refuses. A release is then either absent or
/// complete.
pub fn release(
    request: &ReleaseRequest,
    random: &mut dyn FnMut(&mut [u8; 32]),
    watch: &mut dyn Watch,
) -> Result<ReleaseReport, DeskError> {
    let mut vault = Vault::open(&request.publication)?;
    release_from(&mut vault, request, random, watch)
}

/// As [`release`], from a vault that is open already.
///
/// # Errors
/// As [`release`].
pub fn release_from(
    vault: &mut Vault,
    request: &ReleaseRequest,
    random: &mut dyn FnMut(&mut [u8; 32]),
    watch: &mut dyn Watch,
) -> Result<ReleaseReport, DeskError> {
    let mut report = ReleaseReport::default();
    let mut publish = |vault: &mut Vault, plan: &TranchePlan, recovered, report: &mut ReleaseReport| {
        Publication { request, plan, recovered }.publish(vault, random, watch, report)
    };
    if let Some(plan) = vault.planned(&request.collection)? {
        publish(vault, &plan, true, &mut report)?;
    }
    if !report.stopped
        && let Some(plan) = vault.plan(&request.collection, &request.title, request.now)?
    {
        publish(vault, &plan, false, &mut report)?;
    }
    Ok(report)
}

/// One planned tranche on its way out; the same for a new one and after an interruption.
struct Publication<'a> {
    request: &'a ReleaseRequest,
    plan: &'a TranchePlan,
    recovered: bool,
}

impl Publication<'_> {
    fn publish(
        &self,
        vault: &mut Vault,
        random: &mut dyn FnMut(&mut [u8; 32]),
        watch: &mut dyn Watch,
        report: &mut ReleaseReport,
    ) -> Result<(), DeskError> {
        let (plan, now) = (self.plan, self.request.now);
        let public = public_directory(&self.request.publication);
        if let Some(entry) = log::show(&self.request.publication, plan)? {
            vault.mark_published(plan, now)?;
            report.released.push(Released { entry, recovered: self.recovered });
            return Ok(());
        }
        let collection = vault.collection(&plan.collection)?;
        let ledger = log::ledger(&self.request.publication)?;
        let is_out = |collection: &CollectionId, tranche| {
            ledger.as_ref().is_some_and(|ledger| ledger.release(collection, tranche).is_some())
        };
        clear_leftovers(&public, is_out, &Disk::new())?;
        let collection_title = collection.title.clone();
        let mut writer = Writer::begin(
            &public,
            Plan { collection: plan.collection.clone(), collection_title, tranche: plan.tranche },
        )?;
        let gate = match self.write(&mut writer, random, watch)? {
            ControlFlow::Continue(gate) => gate,
            ControlFlow::Break(()) => {
                drop(writer);
                vault.unplan(plan, now)?;
                report.stopped = true;
                return Ok(());
            }
        };
        if !gate.blocked.is_empty() {
            let rows: Vec<_> = gate
                .blocked
                .iter()
                .map(|blocked| (blocked.number, format!("{}: {}", blocked.hit.rule, blocked.hit.detail)))
                .collect();
            vault.block(plan, &rows, now)?;
        }
        if gate.passed == 0 {
            drop(writer);
            vault.unplan(plan, now)?;
        } else {
            let finished = writer.finish()?;
            log_release(&self.request.publication, &collection, plan, &finished, now, random)?;
            let entry = log::show(&self.request.publication, plan)?.ok_or(DeskError::NotLogged)?;
            vault.mark_published(plan, now)?;
            report.released.push(Released { entry, recovered: self.recovered });
        }
        report.gate.passed += gate.passed;
        report.gate.blocked.extend(gate.blocked);
        Ok(())
    }

    /// Takes every item of the plan through the gate into the volumes. `Break` when asked to stop.
    fn write(
        &self,
        writer: &mut Writer,
        random: &mut dyn FnMut(&mut [u8; 32]),
        watch: &mut dyn Watch,
    ) -> Result<ControlFlow<(), GateReport>, DeskError> {
        let items = Reader::open(&self.request.publication)?.tranche(&self.plan.collection, self.plan.tranche);
        let mut gate = GateReport::default();
        let mut progress =
            Progress { stage: Stage::Release, bytes_done: 0, bytes_total: self.plan.bytes, items: 0, failures: 0 };
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
            return Err(error.into());
        }
        read?;
        if stopped || watch.news(&progress).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        Ok(ControlFlow::Continue(gate))
    }
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
    random: &mut dyn FnMut(&mut [u8; 32]),
    gate: &mut GateReport,
    progress: &mut Progress,
) -> Result<(), frelon_public::WriteError> {
    for ((item, range), verdict) in checked.batch.items.iter().zip(&checked.verdicts) {
        progress.bytes_done += item.size_bytes;
        if let Err(hit) = verdict {
            gate.blocked.push(Blocked { number: item.number, hit: hit.clone() });
            progress.failures += 1;
            continue;
        }
        let mut salt = [0; 32];
        random(&mut salt);
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
