//! Checking a whole tree: every byte against what vouches for it.

use std::{
    collections::BTreeMap,
    num::NonZero,
    path::Path,
    sync::{
        Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use frelon_model::{CollectionId, ItemNumber};

use crate::{
    inflate::Inflater,
    limits::FINDINGS_MAX,
    manifest::{ReleaseEntry, VolumeEntry},
    tree::PublicTree,
    volume::Head,
};

/// Compressed bytes handed to a worker at once.
const BATCH_BYTES: usize = 2 * 1024 * 1024;
/// Items handed to a worker at once.
const BATCH_ITEMS: usize = 4_096;

/// What a check of a tree found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Volumes looked at.
    pub volume_count: u64,
    /// Items whose bytes are the published ones.
    pub item_count: u64,
    /// Their bytes, uncompressed.
    pub size_bytes: u64,
    /// What is wrong, by path and entry; at most a thousand are listed.
    pub findings: Vec<Finding>,
    /// How many things are wrong, listed or not.
    pub finding_count: u64,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Path in the public tree.
    pub path: String,
    /// The entry of the volume; empty when it is about the whole file.
    pub entry: String,
    /// What.
    pub reason: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.path)?;
        if !self.entry.is_empty() {
            write!(out, " > {}", self.entry)?;
        }
        write!(out, ": {}", self.reason)
    }
}

impl Report {
    /// Whether everything is as it should be.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.finding_count == 0
    }

    fn find(&mut self, path: &str, entry: impl Into<String>, reason: impl Into<String>) {
        self.finding_count += 1;
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding { path: path.to_owned(), entry: entry.into(), reason: reason.into() });
        }
    }

    fn absorb(&mut self, other: Self) {
        self.item_count += other.item_count;
        self.size_bytes += other.size_bytes;
        self.finding_count += other.finding_count;
        let room = FINDINGS_MAX.saturating_sub(self.findings.len());
        self.findings.extend(other.findings.into_iter().take(room));
    }
}

/// Work that needs no order.
enum Job<'a> {
    /// The SHA-256 of a whole file.
    File(&'a VolumeEntry),
    /// Items of one volume: heads with where their data ends in `data`.
    Items { volume: &'a VolumeEntry, heads: Vec<(Head, usize)>, data: Vec<u8> },
}

impl PublicTree {
    /// Checks the whole tree: volumes against the manifest, each item against its opening and the
    /// ZIP's own checksum, numbers against releases. `threads` do the hashing.
    #[must_use]
    pub fn verify(&self, threads: NonZero<usize>) -> Report {
        let threads = threads.get();
        let (sender, receiver) = sync_channel(threads * 2);
        let receiver = Mutex::new(receiver);
        let mut report = Report::default();
        thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| work(self.directory(), &receiver))).collect();
            self.read_all(&sender, &mut report);
            // Closing the channel lets the workers end.
            drop(sender);
            for worker in workers {
                report.absorb(worker.join().unwrap_or_default());
            }
        });
        report.findings.sort();
        report
    }

    /// Reads every volume once, in order, and hands the hashing out.
    fn read_all<'a>(&'a self, sender: &SyncSender<Job<'a>>, report: &mut Report) {
        let mut numbers: BTreeMap<&CollectionId, Vec<ItemNumber>> = BTreeMap::new();
        for release in &self.manifest().releases {
            let seen = numbers.entry(&release.collection).or_default();
            let before = seen.len();
            for volume in &release.volumes {
                report.volume_count += 1;
                self.read_volume_into(volume, sender, seen, report);
            }
            let withdrawn = |number: &ItemNumber| self.manifest().withdrawal(&release.collection, *number).is_some();
            for number in seen[before..].iter().filter(|number| withdrawn(number)) {
                let what = format!("{} {number}", release.collection);
                report.find("manifest.json", what, "this item is withdrawn, and is in a volume");
            }
            let gone = self.manifest().withdrawn.iter().filter(|one| {
                one.collection == release.collection && (release.first_leaf..=release.last_leaf).contains(&one.leaf)
            });
            check_count(release, (seen.len() - before + gone.count()) as u64, report);
        }
        for (collection, mut seen) in numbers {
            seen.sort_unstable();
            for pair in seen.windows(2).filter(|pair| pair[0] == pair[1]) {
                report.find("manifest.json", format!("{collection} {}", pair[0]), "this number was released twice");
            }
        }
    }

    fn read_volume_into<'a>(
        &self,
        volume: &'a VolumeEntry,
        sender: &SyncSender<Job<'a>>,
        seen: &mut Vec<ItemNumber>,
        report: &mut Report,
    ) {
        // A send fails only when all workers have panicked; their items are then missing from the
        // count, which the caller sees.
        let hand_out = |job| drop(sender.send(job));
        hand_out(Job::File(volume));
        let mut reader = match self.read_volume(volume) {
            Ok(reader) => reader,
            Err(error) => return report.find(&volume.path, "", error.to_string()),
        };
        let (mut heads, mut data) = (Vec::new(), Vec::new());
        while let Some(item) = reader.next_item() {
            match item {
                Ok(item) => {
                    let number = item.head.number;
                    if number < volume.first || number > volume.last {
                        let range = format!("{} to {}", volume.first, volume.last);
                        report.find(&volume.path, item.head.path.to_string(), format!("the volume holds {range}"));
                    }
                    seen.push(number);
                    data.extend_from_slice(item.deflated);
                    heads.push((item.head, data.len()));
                }
                Err(bad) => report.find(&volume.path, bad.entry, bad.reason),
            }
            if data.len() >= BATCH_BYTES || heads.len() >= BATCH_ITEMS {
                let batch = (std::mem::take(&mut heads), std::mem::take(&mut data));
                hand_out(Job::Items { volume, heads: batch.0, data: batch.1 });
            }
        }
        hand_out(Job::Items { volume, heads, data });
    }
}

fn check_count(release: &ReleaseEntry, found: u64, report: &mut Report) {
    if found != release.item_count {
        let what = format!("{} tranche {}", release.collection, release.tranche);
        report.find("manifest.json", what, format!("{} items are listed, {found} were found", release.item_count));
    }
}

fn work(directory: &Path, jobs: &Mutex<Receiver<Job<'_>>>) -> Report {
    let mut report = Report::default();
    let mut inflater = Inflater::default();
    let mut bytes = Vec::new();
    loop {
        // The lock is held while waiting, not while working.
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Err(_) => return report,
            Ok(Job::File(volume)) => check_file(directory, volume, &mut report),
            Ok(Job::Items { volume, heads, data }) => {
                let mut start = 0;
                for (head, end) in heads {
                    check_item(volume, &head, &data[start..end], &mut inflater, &mut bytes, &mut report);
                    start = end;
                }
            }
        }
    }
}

fn check_item(
    volume: &VolumeEntry,
    head: &Head,
    deflated: &[u8],
    inflater: &mut Inflater,
    bytes: &mut Vec<u8>,
    report: &mut Report,
) {
    match inflater.inflate(deflated, head.size_bytes, &head.opening.content, bytes) {
        Err(error) => report.find(&volume.path, head.path.to_string(), error.to_string()),
        Ok(()) if crc32fast::hash(bytes) != head.crc32 => {
            report.find(&volume.path, head.path.to_string(), "the ZIP states another CRC-32");
        }
        Ok(()) => {
            report.item_count += 1;
            report.size_bytes += head.size_bytes;
        }
    }
}

fn check_file(directory: &Path, volume: &VolumeEntry, report: &mut Report) {
    match crate::volume::hash(&directory.join(&volume.path)) {
        Err(error) => report.find(&volume.path, "", format!("it cannot be read: {error}")),
        Ok((size_bytes, _)) if size_bytes != volume.size_bytes => {
            let stated = volume.size_bytes;
            report.find(&volume.path, "", format!("it has {size_bytes} bytes, the manifest says {stated}"));
        }
        Ok((_, found)) if found != volume.sha256 => {
            let stated = volume.sha256;
            report.find(&volume.path, "", format!("it has SHA-256 {found}, the manifest says {stated}"));
        }
        Ok(_) => {}
    }
}
