//! Intake: sources into the vault. `extract` reads, two workers hash and deflate, one committer
//! numbers and stores in the order of the sources.

use std::collections::HashSet;
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use frelon_deflate::Deflater;
use frelon_extract::{Failure, Form, Options, Outcome, RawItem, Sink};
use frelon_model::{CollectionId, ContentHash, Instant, Place};
use frelon_vault::{Accession, Collection, Counts, FoundBytes, FoundFailure, NewItem, Position, Vault, VaultError};
use sha2::{Digest as _, Sha256};

use crate::pipeline::{self, Feed, Turn};
use crate::progress::Throttle;
use crate::{DeskError, Progress, Stage, Watch, summary};

/// Bytes of items that travel together: enough that handing over costs nothing.
const BATCH_BYTES: usize = 512 * 1024;
/// Rows that travel together.
const BATCH_ROWS: usize = 512;
/// Hash prefixes of stored items kept in memory (some 20 MiB), to spare deflating what is known.
const KNOWN_MAX: usize = 1_000_000;

/// Why an item that was erased is not taken in again.
const ERASED: &str = "erased";
const ERASED_MESSAGE: &str = "an item with these very bytes was withdrawn and erased; it is not taken in again";

/// What to take in.
#[derive(Debug, Clone)]
pub struct IntakeRequest {
    /// The publication directory; made where there is none.
    pub publication: PathBuf,
    /// The collection to add to. Empty texts leave what an existing collection says of itself.
    pub collection: Collection,
    /// Files and folders, taken in in this order.
    pub sources: Vec<PathBuf>,
    /// Tells the time, to record when the intake began and when it ended.
    pub clock: fn() -> Instant,
}

/// What an intake did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntakeReport {
    /// The collection.
    pub collection: CollectionId,
    /// Number of the accession in the vault.
    pub accession: i64,
    /// Whether this run went on where an interrupted one ended.
    pub resumed: bool,
    /// Whether all sources were read to their ends; otherwise the same request goes on from here.
    pub finished: bool,
    /// What this run did.
    pub counts: Counts,
    /// Bytes of the sources read or passed over.
    pub bytes: u64,
}

/// Takes sources in. Run again after an interruption, it goes on; run again after its end, it adds
/// what is new and nothing else.
///
/// # Errors
/// When a source is not there, another process writes to the vault, or the disk refuses. Everything
/// committed before stays.
pub fn intake(request: &IntakeRequest, watch: &mut dyn Watch) -> Result<IntakeReport, DeskError> {
    check_sources(request)?;
    let mut vault = Vault::open(&request.publication)?;
    intake_into(&mut vault, request, watch)
}

/// As [`intake`], into a vault that is open already.
///
/// # Errors
/// As [`intake`].
pub fn intake_into(
    vault: &mut Vault,
    request: &IntakeRequest,
    watch: &mut dyn Watch,
) -> Result<IntakeReport, DeskError> {
    let names = check_sources(request)?;
    let begun_at = (request.clock)();
    vault.ensure_collection(&request.collection, begun_at)?;
    let accession = vault.begin(&request.collection.id, &names, begun_at)?;
    let resume = accession.resume().map(|position| frelon_extract::Position {
        source: position.source,
        file: position.file.as_slice().into(),
        offset_bytes: position.offset_bytes,
    });
    let resumed = resume.is_some();
    // Large nested containers hold unreleased mail: their temporary files stay inside the vault.
    let options = Options { resume, spool_dir: Some(request.publication.join("vault")) };
    let progress = frelon_extract::Progress::default();
    let (known, is_complete) = accession.prefixes(KNOWN_MAX)?;
    let known = RwLock::new(known);
    let mut committer = Committer {
        position: accession.resume().cloned().unwrap_or_default(),
        accession,
        known: &known,
        is_complete,
        deflater: Deflater::default(),
        error: None,
    };
    let mut throttle = Throttle::new();
    let mut stopped = false;
    let outcome = pipeline::run(
        |feed| {
            let mut collector = Collector { feed, batch: Batch::default() };
            match frelon_extract::run(&request.sources, &options, &progress, &mut collector) {
                Outcome::Finished if collector.hand_over().is_continue() => Outcome::Finished,
                _ => Outcome::Stopped,
            }
        },
        || worker(&known),
        |turn| {
            if let Turn::Result(worked) = turn {
                committer.take(&worked)?;
            }
            if throttle.is_due() {
                stopped = watch.news(&news(&progress, committer.accession.counts())).is_break();
            }
            if stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        },
    );
    let Committer { mut accession, position, error, .. } = committer;
    if let Some(error) = error {
        return Err(error.into());
    }
    let id = accession.id();
    let finished = outcome == Outcome::Finished && !stopped;
    let counts = if finished {
        accession.finish(&position, (request.clock)())?
    } else {
        accession.commit(&position)?;
        accession.counts()
    };
    let _nothing_left_to_stop = watch.news(&news(&progress, counts));
    Ok(IntakeReport {
        collection: request.collection.id.clone(),
        accession: id,
        resumed,
        finished,
        counts,
        bytes: progress.bytes_done(),
    })
}

fn news(progress: &frelon_extract::Progress, counts: Counts) -> Progress {
    Progress {
        stage: Stage::Intake,
        bytes_done: progress.bytes_done(),
        bytes_total: progress.bytes_total(),
        items: counts.added + counts.duplicates + counts.known,
        failures: counts.failures,
    }
}

/// Names of the sources in the vault: their whole paths, so that the same source is known again
/// from another working directory.
fn check_sources(request: &IntakeRequest) -> Result<Vec<String>, DeskError> {
    if request.sources.is_empty() {
        return Err(DeskError::NoSource);
    }
    let publication = std::fs::canonicalize(&request.publication);
    let name = |path: &PathBuf| {
        let whole = std::fs::canonicalize(path).map_err(|source| DeskError::Source { path: path.clone(), source })?;
        if publication.as_ref().is_ok_and(|publication: &PathBuf| holds(&whole, publication)) {
            let publication = request.publication.clone();
            return Err(DeskError::SourceHoldsPublication { path: path.clone(), publication });
        }
        Ok(whole.display().to_string())
    };
    request.sources.iter().map(name).collect()
}

fn holds(source: &Path, publication: &Path) -> bool {
    publication.starts_with(source) || source.starts_with(publication.join("vault"))
}

/// Rows that travel together, their bytes in one piece.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    rows: Vec<Row>,
    /// Bytes that the failures among the rows hold.
    raw_bytes: usize,
}

enum Row {
    Item(Box<ItemRow>),
    Failure(Box<Failure>),
}

struct ItemRow {
    source: u32,
    place: Place,
    media_type: &'static str,
    kind: &'static str,
    /// Of [`Batch::bytes`]: what stood before the item, the item, what stood behind it.
    head: Range<usize>,
    raw: Range<usize>,
    tail: Range<usize>,
    next: frelon_extract::Position,
}

/// Gathers what extraction finds into batches.
struct Collector<'c, 'p> {
    feed: &'c mut Feed<'p, Batch>,
    batch: Batch,
}

impl Collector<'_, '_> {
    fn append(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.batch.bytes.len();
        self.batch.bytes.extend_from_slice(bytes);
        start..self.batch.bytes.len()
    }

    fn push(&mut self, row: Row) -> ControlFlow<()> {
        self.batch.rows.push(row);
        if self.batch.bytes.len() + self.batch.raw_bytes >= BATCH_BYTES || self.batch.rows.len() >= BATCH_ROWS {
            return self.hand_over();
        }
        ControlFlow::Continue(())
    }

    fn hand_over(&mut self) -> ControlFlow<()> {
        let batch = std::mem::take(&mut self.batch);
        self.batch.bytes.reserve(BATCH_BYTES + BATCH_BYTES / 4);
        self.feed.send(batch.bytes.capacity() + batch.raw_bytes + batch.rows.len() * size_of::<ItemRow>(), batch)
    }
}

impl Sink for Collector<'_, '_> {
    fn item(&mut self, item: RawItem<'_>) -> ControlFlow<()> {
        let Form { kind, head, tail } = item.form;
        let (head, raw, tail) = (self.append(head), self.append(item.bytes), self.append(tail));
        self.push(Row::Item(Box::new(ItemRow {
            source: item.source,
            place: item.place.clone(),
            media_type: item.media_type,
            kind,
            head,
            raw,
            tail,
            next: item.next.clone(),
        })))
    }

    fn failure(&mut self, failure: Failure) -> ControlFlow<()> {
        self.batch.raw_bytes += failure.raw.len();
        self.push(Row::Failure(Box::new(failure)))
    }
}

/// A batch with what the workers made of it.
struct Worked {
    batch: Batch,
    /// One for each item row, in order.
    items: Vec<WorkedItem>,
    packed: Vec<u8>,
}

struct WorkedItem {
    content: ContentHash,
    crc32: u32,
    sent_at: Option<Instant>,
    /// Its stream in [`Worked::packed`]; `None` where the item seemed to be known.
    packed: Option<Range<usize>>,
}

/// The work on one batch: hash, checksum, date, deflate.
fn worker(known: &RwLock<HashSet<i64>>) -> impl FnMut(Batch) -> Worked + '_ {
    let mut deflater = Deflater::default();
    move |batch| {
        let mut items = Vec::with_capacity(batch.rows.len());
        let mut packed = Vec::with_capacity(batch.bytes.len() / 2);
        for row in &batch.rows {
            let Row::Item(row) = row else { continue };
            let raw = &batch.bytes[row.raw.clone()];
            let content = ContentHash(Sha256::digest(raw).into());
            let is_known = known.read().unwrap_or_else(PoisonError::into_inner).contains(&content.prefix());
            items.push(WorkedItem {
                content,
                crc32: crc32fast::hash(raw),
                sent_at: summary::sent_at(raw),
                packed: (!is_known).then(|| {
                    let start = packed.len();
                    deflater.deflate(raw, &mut packed);
                    start..packed.len()
                }),
            });
        }
        Worked { batch, items, packed }
    }
}

/// Numbers and stores, in order.
struct Committer<'v, 'k> {
    accession: Accession<'v>,
    /// Behind the last row stored.
    position: Position,
    known: &'k RwLock<HashSet<i64>>,
    /// What is not in `known` is not in the vault.
    is_complete: bool,
    deflater: Deflater,
    error: Option<VaultError>,
}

impl Committer<'_, '_> {
    fn take(&mut self, worked: &Worked) -> ControlFlow<()> {
        match self.store(worked) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.error = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    fn store(&mut self, worked: &Worked) -> Result<(), VaultError> {
        let mut items = worked.items.iter();
        for row in &worked.batch.rows {
            let next = match row {
                Row::Item(row) => {
                    let item = items.next().expect("the workers made one for each item row");
                    self.store_item(worked, row, item)?;
                    &row.next
                }
                Row::Failure(failure) => {
                    self.store_failure(failure)?;
                    &failure.next
                }
            };
            self.position.source = next.source;
            self.position.offset_bytes = next.offset_bytes;
            if *self.position.file != *next.file {
                self.position.file = next.file.to_vec();
            }
            if self.accession.batch_is_full() {
                self.accession.commit(&self.position)?;
            }
        }
        Ok(())
    }

    fn store_failure(&mut self, failure: &Failure) -> Result<(), VaultError> {
        let mut packed = Vec::new();
        let raw = (!failure.raw.is_empty()).then(|| {
            // Few and far between: not worth a worker's time.
            self.deflater.deflate(&failure.raw, &mut packed);
            FoundBytes {
                content: ContentHash(Sha256::digest(&failure.raw).into()),
                size_bytes: failure.raw.len() as u64,
                packed: &packed,
            }
        });
        let found = FoundFailure {
            reason: failure.reason.code(),
            message: &failure.message,
            taken: failure.reason.is_note(),
            raw,
        };
        self.accession.add_failure(found, failure.source, &failure.place)
    }

    fn store_item(&mut self, worked: &Worked, row: &ItemRow, item: &WorkedItem) -> Result<(), VaultError> {
        let bytes = &worked.batch.bytes;
        let form =
            frelon_vault::Form { kind: row.kind, head: &bytes[row.head.clone()], tail: &bytes[row.tail.clone()] };
        let prefix = item.content.prefix();
        let is_known = self.known.read().unwrap_or_else(PoisonError::into_inner).contains(&prefix);
        if (is_known || !self.is_complete)
            && let Some(number) = self.accession.find(&item.content)?
        {
            self.accession.add_place(number, row.source, &row.place, form)?;
            return Ok(());
        }
        if self.accession.is_denied(&item.content)? {
            // Its bytes are not kept, and nothing is said of what they hold.
            let denied = FoundFailure { reason: ERASED, message: ERASED_MESSAGE, taken: true, raw: None };
            return self.accession.add_failure(denied, row.source, &row.place);
        }
        let raw = &bytes[row.raw.clone()];
        let mut late = Vec::new();
        let packed = match &item.packed {
            Some(range) => &worked.packed[range.clone()],
            None => {
                // Same prefix, other bytes: chance or malice. It is an item like any other.
                self.deflater.deflate(raw, &mut late);
                &late
            }
        };
        let new = NewItem {
            content: item.content,
            size_bytes: raw.len() as u64,
            crc32: item.crc32,
            media_type: row.media_type,
            name: "",
            sent_at: item.sent_at,
            packed,
        };
        self.accession.add(&new, row.source, &row.place, form)?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < KNOWN_MAX {
            known.insert(prefix);
        } else {
            self.is_complete = false;
        }
        Ok(())
    }
}
