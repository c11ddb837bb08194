//! The volumes of releases, read once each: every item against its opening, and the opening against
//! the log where there is one.
//!
//! One thread reads, in order, and hands the hashing out in batches; memory is some batches of 2 MiB.

use std::{
    collections::BTreeMap,
    num::NonZero,
    ops::ControlFlow,
    path::Path,
    sync::{
        Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use frelon_model::{CollectionId, ContentHash, Instant, ItemNumber, Tranche};

use super::{Progress, Report};
use crate::{
    Entry, Ledger, LogReader, commitment,
    inflate::Inflater,
    ledger::{LoggedRelease, Withdrawal},
    volume::{self, Head, ItemPath},
};

/// Compressed bytes handed to a worker at once.
const BATCH_BYTES: usize = 2 * 1024 * 1024;
/// Items handed to a worker at once.
const BATCH_ITEMS: usize = 4_096;

/// What should stand together: the volumes of one release.
pub(super) struct Shelf<'a> {
    pub(super) collection: &'a CollectionId,
    pub(super) tranche: Tranche,
    /// How many items were released, where that is known.
    pub(super) item_count: Option<u64>,
    /// The paths of its volumes, in order.
    pub(super) volumes: Vec<&'a str>,
    /// What of it is withdrawn.
    pub(super) withdrawn: BTreeMap<ItemNumber, &'a Withdrawal>,
    /// The release in the log, to check every opening by.
    pub(super) logged: Option<&'a LoggedRelease>,
}

/// How the checking is done.
pub(super) struct Work<'a> {
    pub(super) directory: &'a Path,
    /// The log whose releases the shelves are of.
    pub(super) log: Option<(&'a LogReader, &'a Ledger)>,
    pub(super) now: Option<Instant>,
    pub(super) threads: NonZero<usize>,
}

/// First and last number of each volume that was read, by its path.
pub(super) type Numbers = BTreeMap<String, (ItemNumber, ItemNumber)>;

/// Work that needs no order.
enum Job {
    /// Size and SHA-256 of a whole file.
    File(String),
    /// Items of one volume: heads with where their data ends in `data`.
    Items { path: String, items: Vec<(Head, Option<ContentHash>, usize)>, data: Vec<u8> },
}

/// Checks shelves; `watch` is told how it goes and may stop it. Whether it did.
pub(super) fn check(
    work: &Work<'_>,
    shelves: &[Shelf<'_>],
    watch: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> (Report, Numbers, ControlFlow<()>) {
    let threads = work.threads.get();
    let (sender, receiver) = sync_channel(threads * 2);
    let receiver = Mutex::new(receiver);
    let mut report = Report::default();
    let (mut numbers, mut flow) = (Numbers::new(), ControlFlow::Continue(()));
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| hash(work.directory, &receiver))).collect();
        let mut reading = Reading {
            work,
            sender: &sender,
            report: &mut report,
            numbers: &mut numbers,
            watch,
            progress: Progress::default(),
        };
        for shelf in shelves {
            flow = reading.read(shelf);
            if flow.is_break() {
                break;
            }
        }
        // Closing the channel lets the workers end.
        drop(sender);
        for worker in workers {
            match worker.join() {
                Ok(found) => report.absorb(found),
                Err(_) => report.find("", "", "a bug: the check of some items stopped"),
            }
        }
    });
    (report, numbers, flow)
}

struct Reading<'a, 'b> {
    work: &'a Work<'a>,
    sender: &'a SyncSender<Job>,
    report: &'b mut Report,
    numbers: &'b mut Numbers,
    watch: &'b mut dyn FnMut(&Progress) -> ControlFlow<()>,
    progress: Progress,
}

/// Where one shelf has been read to.
struct Walk<'a> {
    shelf: &'a Shelf<'a>,
    /// Number and commitment of each item that should be there.
    expected: Option<Box<dyn Iterator<Item = (ItemNumber, ContentHash)> + 'a>>,
    next: Option<(ItemNumber, ContentHash)>,
    last: Option<ItemNumber>,
    found: u64,
    /// Runs of items that should be there and are not.
    missing: Vec<(ItemNumber, ItemNumber)>,
    /// Withdrawn items that are not there, as it should be.
    gone: u64,
}

impl<'a> Walk<'a> {
    fn new(shelf: &'a Shelf<'a>, log: Option<(&'a LogReader, &'a Ledger)>) -> Self {
        let mut expected = shelf.logged.zip(log).map(|(release, (reader, ledger))| expected(reader, ledger, release));
        let next = expected.as_mut().and_then(Iterator::next);
        Self { shelf, expected, next, last: None, found: 0, missing: Vec::new(), gone: 0 }
    }

    /// Passes over what should have come before this number.
    fn pass(&mut self, before: Option<ItemNumber>) {
        while let Some((number, _)) = self.next.filter(|(number, _)| before.is_none_or(|before| *number < before)) {
            if self.shelf.withdrawn.contains_key(&number) {
                self.gone += 1;
            } else {
                match self.missing.last_mut().filter(|(_, last)| last.0 + 1 == number.0) {
                    Some((_, last)) => *last = number,
                    None => self.missing.push((number, number)),
                }
            }
            self.advance();
        }
    }

    fn advance(&mut self) {
        self.next = self.expected.as_mut().and_then(Iterator::next);
    }

    /// What the log holds for this number.
    fn take(&mut self, number: ItemNumber) -> Option<ContentHash> {
        self.pass(Some(number));
        let found = self.next.filter(|(next, _)| *next == number).map(|(_, commitment)| commitment);
        if found.is_some() {
            self.advance();
        }
        found
    }
}

/// The document entries of a release. What cannot be read any more is missing, and will be told.
fn expected<'a>(
    reader: &'a LogReader,
    ledger: &'a Ledger,
    release: &'a LoggedRelease,
) -> Box<dyn Iterator<Item = (ItemNumber, ContentHash)> + 'a> {
    let entries = reader.entries_from(release.first_leaf).map_while(Result::ok);
    let inside = entries.take_while(|logged| logged.index <= release.last_leaf);
    let own = inside.filter_map(|logged| {
        let item = ledger.item(logged.index)?;
        match logged.entry {
            Ok(Entry::Document(entry)) if item.release.statement_leaf == release.statement_leaf => {
                Some((entry.number, entry.commitment))
            }
            _ => None,
        }
    });
    Box::new(own)
}

impl Reading<'_, '_> {
    fn read(&mut self, shelf: &Shelf<'_>) -> ControlFlow<()> {
        let mut walk = Walk::new(shelf, self.work.log);
        let mut absent = Vec::new();
        for path in &shelf.volumes {
            if self.work.directory.join(path).exists() {
                self.report.volume_count += 1;
                self.read_volume(path, &mut walk)?;
            } else {
                absent.push(*path);
            }
        }
        walk.pass(None);
        let what = format!("{} tranche {}", shelf.collection, shelf.tranche);
        if shelf.logged.is_some() {
            for (first, last) in &walk.missing {
                let items = if first == last { format!("item {first}") } else { format!("items {first} to {last}") };
                self.report.find("volume", format!("{what}, {items}"), "released, not withdrawn, and in no volume");
            }
            if !walk.missing.is_empty() {
                for path in absent {
                    self.report.find(path, "", "it is not there");
                }
            }
        } else {
            absent.iter().for_each(|path| self.report.find(path, "", "it is not there"));
            // Withdrawn ones that are there all the same were told already.
            let gone = (shelf.withdrawn.len() as u64).saturating_sub(walk.gone);
            if let Some(count) = shelf.item_count.filter(|count| walk.found + gone != *count) {
                let reason = format!("{count} items were released, {} are here", walk.found);
                self.report.find("manifest.json", what, reason);
            }
        }
        ControlFlow::Continue(())
    }

    fn read_volume(&mut self, path: &str, walk: &mut Walk<'_>) -> ControlFlow<()> {
        // A send fails only when all workers have panicked, which is told at the end.
        let hand_out = |sender: &SyncSender<Job>, job| drop(sender.send(job));
        hand_out(self.sender, Job::File(path.to_owned()));
        let mut reader = match volume::Reader::open(&self.work.directory.join(path)) {
            Ok(reader) => reader,
            Err(error) => {
                self.report.find(path, "", error.to_string());
                return ControlFlow::Continue(());
            }
        };
        let (mut items, mut data) = (Vec::new(), Vec::new());
        loop {
            let item = reader.next_item();
            let is_end = item.is_none();
            match item {
                Some(Ok(item)) => {
                    let number = item.head.number;
                    let ends = self.numbers.entry(path.to_owned()).or_insert((number, number));
                    ends.1 = number;
                    let commitment = judge(self.work, &item.head, path, walk, self.report);
                    data.extend_from_slice(item.deflated);
                    self.progress.items += 1;
                    self.progress.bytes += item.head.size_bytes;
                    items.push((item.head, commitment, data.len()));
                }
                Some(Err(bad)) => {
                    if let Some(place) = ItemPath::parse(bad.entry.as_bytes()) {
                        // It is there, and damaged: not missing besides.
                        let _told = walk.take(place.number);
                        walk.found += 1;
                    }
                    self.report.find(path, bad.entry, bad.reason);
                }
                None => {}
            }
            if is_end || data.len() >= BATCH_BYTES || items.len() >= BATCH_ITEMS {
                let (items, data) = (std::mem::take(&mut items), std::mem::take(&mut data));
                hand_out(self.sender, Job::Items { path: path.to_owned(), items, data });
                (self.watch)(&self.progress)?;
            }
            if is_end {
                return ControlFlow::Continue(());
            }
        }
    }
}

/// Whether an item belongs where it is; what its opening must hash to, if that is known.
fn judge(work: &Work<'_>, head: &Head, path: &str, walk: &mut Walk<'_>, report: &mut Report) -> Option<ContentHash> {
    let number = head.number;
    let mut find = |reason: &str| report.find_at(path, head.path.to_string(), Some(head.data_offset), reason);
    if walk.last.is_some_and(|last| number <= last) {
        find("its number is not above those before: it is here twice, or the volumes are mixed up");
        return None;
    }
    walk.last = Some(number);
    walk.found += 1;
    if let Some(withdrawal) = walk.shelf.withdrawn.get(&number) {
        if walk.shelf.logged.is_none() {
            walk.gone += 1;
        }
        // Without a clock nothing has ended.
        if !work.now.is_some_and(|now| withdrawal.has_ended(now)) {
            find("it is withdrawn, and is here");
        }
    }
    walk.shelf.logged?;
    let commitment = walk.take(number);
    if commitment.is_none() {
        find("the release in the log does not hold this item");
    }
    commitment
}

fn hash(directory: &Path, jobs: &Mutex<Receiver<Job>>) -> Report {
    let mut report = Report::default();
    let mut inflater = Inflater::default();
    let mut bytes = Vec::new();
    loop {
        // The lock is held while waiting, not while working.
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Err(_) => return report,
            Ok(Job::File(path)) => match volume::hash(&directory.join(&path)) {
                Err(error) => report.find(&path, "", format!("it cannot be read: {error}")),
                Ok(found) => drop(report.files.insert(path, found)),
            },
            Ok(Job::Items { path, items, data }) => {
                let mut start = 0;
                for (head, expected, end) in items {
                    check_item(&path, &head, expected, &data[start..end], &mut inflater, &mut bytes, &mut report);
                    start = end;
                }
            }
        }
    }
}

fn check_item(
    path: &str,
    head: &Head,
    expected: Option<ContentHash>,
    deflated: &[u8],
    inflater: &mut Inflater,
    bytes: &mut Vec<u8>,
    report: &mut Report,
) {
    let mut find = |reason: String| report.find_at(path, head.path.to_string(), Some(head.data_offset), reason);
    if expected.is_some_and(|expected| commitment(&head.opening_line) != expected) {
        return find("its opening is not the one the log commits to".to_owned());
    }
    match inflater.inflate(deflated, head.size_bytes, &head.opening.content, bytes) {
        Err(error) => find(error.to_string()),
        Ok(()) if crc32fast::hash(bytes) != head.crc32 => find("the ZIP states another CRC-32".to_owned()),
        Ok(()) => {
            report.item_count += 1;
            report.size_bytes += head.size_bytes;
        }
    }
}
