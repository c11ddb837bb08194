//! A whole public tree: checkpoint, log, statements, volumes, manifest.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    num::NonZero,
    ops::ControlFlow,
    path::Path,
};

use frelon_log::{Policy, SignedCheckpoint, Verifier, note::NOTE_BYTES_MAX, policy::Checked, writer::CHECKPOINT_PATH};
use frelon_model::{ContentHash, Instant};
use serde::Serialize;

use super::{
    Finding, Progress, Report, log,
    shelf::{self, Numbers, Shelf, Work},
};
use crate::{
    Ledger, LogReader, LogState, Manifest, ReadError, VolumeEntry,
    ledger::{Counts, LoggedRelease},
    statement::Body,
};

/// After how long the last cosignatures are called stale, in seconds: witnesses cosign every day, and
/// three days without one is no accident of a weekend.
pub const STALE_AFTER_S: i64 = 3 * 24 * 60 * 60;

/// How a tree is checked.
#[derive(Debug, Clone)]
pub struct VerifyOptions {
    /// Now, to tell fresh from stale, and what has ended from what has not.
    pub now: Option<Instant>,
    /// SHA-256 of the text of the first root, where it is known from elsewhere.
    pub first_root: Option<ContentHash>,
    /// How many threads hash.
    pub threads: NonZero<usize>,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self { now: None, first_root: None, threads: NonZero::<usize>::MIN }
    }
}

/// A witness that cosigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Witness {
    /// The name of its key.
    pub name: String,
    /// When it says it did, in seconds since 1970.
    pub cosigned_at: i64,
}

/// Whether the checkpoint may be one that somebody holds back newer ones behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Freshness {
    /// No witness says when it was seen, or it is not known what time it is.
    Unknown,
    /// Enough witnesses cosigned it lately.
    Fresh,
    /// They cosigned it long ago: there may be a newer one.
    Stale,
}

impl Freshness {
    /// By the latest of these cosignatures.
    #[must_use]
    pub fn of(witnesses: &[Witness], now: Option<Instant>) -> Self {
        match (witnesses.iter().map(|witness| witness.cosigned_at).max(), now) {
            (Some(at), Some(now)) if now.0.saturating_sub(at) <= STALE_AFTER_S => Self::Fresh,
            (Some(_), Some(_)) => Self::Stale,
            _ => Self::Unknown,
        }
    }
}

/// What was proved of a tree, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TreeVerdict {
    /// The log, as its checkpoint has it; `None` if the checkpoint is not good.
    pub log: Option<LogState>,
    /// Who cosigned the checkpoint.
    pub witnesses: Vec<Witness>,
    /// Whether witnesses saw the checkpoint lately.
    pub freshness: Freshness,
    /// Names of the editors in force, and how many of them it takes.
    pub editors: Vec<String>,
    /// How many of the editors it takes.
    pub threshold: u64,
    /// How many entries of what sort the log has; `None` if it could not be read whole.
    #[serde(skip)]
    pub counts: Option<Counts>,
    /// Entries that mean nothing: junk, and statements that do not count.
    pub passed_over: u64,
    /// Statements that only a newer version can read.
    pub unknown_statements: u64,
    /// Releases that are in effect.
    pub release_count: u64,
    /// Volumes looked at.
    pub volume_count: u64,
    /// Items whose bytes are the ones that the log commits to; or only those of their openings, if the
    /// log could not be read whole.
    pub item_count: u64,
    /// Their bytes, uncompressed.
    pub size_bytes: u64,
    /// Items that are withdrawn.
    pub withdrawn_count: u64,
    /// Volumes that were rewritten after their release: their items are vouched for, their README is not.
    pub rewritten: Vec<String>,
    /// Files that are there and that nothing vouches for, such as key archives of mail.
    pub unproved: Vec<String>,
    /// What is wrong; at most a thousand are listed.
    pub findings: Vec<Finding>,
    /// How many things are wrong.
    pub finding_count: u64,
    /// Whether it was stopped before the end.
    pub stopped: bool,
}

impl TreeVerdict {
    /// Whether all of it was checked, and nothing is wrong.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.finding_count == 0 && !self.stopped && self.log.is_some() && self.counts.is_some()
    }
}

/// Checks a public tree against a policy: the checkpoint's signatures and quorum, every tile and every
/// entry to the root, every statement by the editors' keys, every volume's items by their openings and
/// these by the log, what is missing and what is too much, what is withdrawn, and the manifest by what
/// the log gives. It goes on after what is wrong, and names each thing.
///
/// # Errors
/// When there is nothing to check: no directory, or one with neither checkpoint nor manifest.
pub fn verify_tree(
    public: &Path,
    policy: &Policy,
    options: &VerifyOptions,
    watch: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<TreeVerdict, ReadError> {
    fs::read_dir(public).map_err(|source| ReadError::Io { path: public.to_owned(), source })?;
    if !public.join(CHECKPOINT_PATH).exists() && !Manifest::path(public).exists() {
        return Err(ReadError::NotAPublicTree { path: public.to_owned() });
    }
    let mut report = Report::default();
    let found = open(public, policy, options, &mut report);
    let ledger = found.as_ref().and_then(|found| {
        log::check_rest(&found.reader, &mut report);
        log::replay(&found.reader, &found.log, options.first_root, &mut report)
    });
    let manifest = match Manifest::load(public) {
        Ok(Some(manifest)) => Some(manifest),
        Ok(None) => {
            if ledger.as_ref().is_none_or(|ledger| !ledger.releases().is_empty()) {
                report.find("manifest.json", "", "it is not there");
            }
            None
        }
        Err(error) => {
            match error {
                ReadError::Damaged { reason, .. } => report.find("manifest.json", "", reason),
                other => report.find("manifest.json", "", other.to_string()),
            }
            None
        }
    };
    let shelves = shelves(ledger.as_ref(), manifest.as_ref());
    let log = found.as_ref().map(|found| &found.reader).zip(ledger.as_ref());
    let work = Work { directory: public, log, now: options.now, threads: options.threads };
    let (volumes, numbers, flow) = shelf::check(&work, &shelves, watch);
    drop(shelves);
    report.volume_count = volumes.volume_count;
    report.absorb(volumes);
    let mut stated = Stated::default();
    if flow.is_continue() {
        if let Some(ledger) = &ledger {
            stated = compare_stated(ledger, &mut report);
        }
        for volume in manifest.iter().flat_map(Manifest::volumes) {
            compare_volume(volume, stated.same.contains(&volume.path), &numbers, &mut report);
        }
        if let Some((ledger, manifest)) = ledger.as_ref().zip(manifest.as_ref()) {
            compare_manifest(ledger, manifest, &numbers, &mut report);
            compare_bytes(public, manifest, &mut report);
        }
    }
    report.findings.sort();
    let unproved = ["keys.jsonl", "policy"].into_iter().filter(|name| public.join(name).exists());
    let root = ledger.as_ref().and_then(|ledger| ledger.authority().root());
    let counts = ledger.as_ref().map(Ledger::counts);
    let passed_over = counts.map(|counts| counts.malformed + counts.refused + counts.ineffective);
    Ok(TreeVerdict {
        witnesses: found.as_ref().map(|found| found.witnesses.clone()).unwrap_or_default(),
        freshness: found.as_ref().map_or(Freshness::Unknown, |found| Freshness::of(&found.witnesses, options.now)),
        log: found.map(|found| found.state),
        editors: root.map(|root| root.editors.iter().map(|key| key.name().to_string()).collect()).unwrap_or_default(),
        threshold: root.map_or(0, |root| root.threshold),
        counts,
        passed_over: passed_over.unwrap_or(0),
        unknown_statements: counts.map_or(0, |counts| counts.unknown),
        release_count: ledger.as_ref().map_or(0, |ledger| ledger.releases().len() as u64),
        volume_count: report.volume_count,
        item_count: report.item_count,
        size_bytes: report.size_bytes,
        withdrawn_count: ledger.as_ref().map_or(0, |ledger| ledger.withdrawals().len() as u64),
        rewritten: stated.rewritten,
        unproved: unproved.map(str::to_owned).collect(),
        findings: report.findings,
        finding_count: report.finding_count,
        stopped: flow.is_break(),
    })
}

/// A log whose checkpoint is signed.
struct Found {
    reader: LogReader,
    log: Verifier,
    state: LogState,
    witnesses: Vec<Witness>,
}

/// The witnesses of a checkpoint, by the names of their keys.
pub(super) fn witnesses(policy: &Policy, checked: &Checked) -> Vec<Witness> {
    let witness = |witnessed: &frelon_log::policy::Witnessed| Witness {
        name: policy.witnesses()[witnessed.witness].key.name().to_string(),
        cosigned_at: witnessed.cosigned_at.0,
    };
    checked.witnesses.iter().map(witness).collect()
}

fn open(public: &Path, policy: &Policy, options: &VerifyOptions, report: &mut Report) -> Option<Found> {
    let bytes = match read_checkpoint(&public.join(CHECKPOINT_PATH)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            report.find(CHECKPOINT_PATH, "", "it is not there: nothing can be tied to a log");
            return None;
        }
        Err(error) => {
            report.find(CHECKPOINT_PATH, "", format!("it cannot be read: {error}"));
            return None;
        }
    };
    let checkpoint = SignedCheckpoint::parse(&bytes);
    let checkpoint = checkpoint.map_err(|error| report.find(CHECKPOINT_PATH, "", error.to_string())).ok()?;
    let checked = policy.check(&checkpoint, options.now);
    let checked = checked.map_err(|error| report.find(CHECKPOINT_PATH, "", error.to_string())).ok()?;
    if !checked.has_quorum {
        let count = checked.witnesses.len();
        report.find(CHECKPOINT_PATH, "", format!("it has {count} known cosignature(s), and the policy asks for more"));
    }
    let (head, origin) = (checkpoint.head(), checkpoint.checkpoint().origin.clone());
    let state = LogState { origin, size: head.size, root: head.root };
    let reader = match LogReader::with_checkpoint(public, checkpoint) {
        Ok(reader) => reader,
        Err(error) => {
            log::tell(public, &error, report);
            return None;
        }
    };
    let log = policy.logs()[checked.log].key.clone();
    Some(Found { reader, log, state, witnesses: witnesses(policy, &checked) })
}

fn read_checkpoint(path: &Path) -> io::Result<Vec<u8>> {
    use io::Read;
    let mut bytes = Vec::new();
    // One byte more than may be, which the parser refuses.
    fs::File::open(path)?.take(NOTE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What should be there: by the log, or by the manifest if the log cannot be read.
pub(super) fn shelves<'a>(ledger: Option<&'a Ledger>, manifest: Option<&'a Manifest>) -> Vec<Shelf<'a>> {
    if let Some(ledger) = ledger {
        let shelf = |release: &'a LoggedRelease| Shelf {
            collection: &release.collection,
            tranche: release.tranche,
            item_count: Some(release.item_count),
            volumes: release.volumes.iter().map(|volume| &*volume.path).collect(),
            withdrawn: ledger
                .withdrawals()
                .range(release.first_leaf..=release.last_leaf)
                .filter(|(_, withdrawal)| withdrawal.collection == release.collection)
                .map(|(_, withdrawal)| (withdrawal.number, withdrawal))
                .collect(),
            logged: Some(release),
        };
        return ledger.releases().iter().map(shelf).collect();
    }
    let Some(manifest) = manifest else { return Vec::new() };
    let shelf = |release: &'a crate::ReleaseEntry| Shelf {
        collection: &release.collection,
        tranche: release.tranche,
        item_count: Some(release.item_count),
        volumes: release.volumes.iter().map(|volume| &*volume.path).collect(),
        withdrawn: manifest
            .withdrawn
            .iter()
            .filter(|one| {
                one.collection == release.collection && (release.first_leaf..=release.last_leaf).contains(&one.leaf)
            })
            .map(|one| (one.number, one))
            .collect::<BTreeMap<_, _>>(),
        logged: None,
    };
    manifest.releases.iter().map(shelf).collect()
}

/// A volume of the manifest against what was read. If the file is the very one that was released, it is
/// the manifest that is wrong.
pub(super) fn compare_volume(volume: &VolumeEntry, is_released: bool, numbers: &Numbers, report: &mut Report) {
    let Some((size_bytes, sha256)) = report.files.get(&volume.path).copied() else { return };
    let (path, entry) = if is_released { ("manifest.json", &*volume.path) } else { (&*volume.path, "") };
    if size_bytes != volume.size_bytes {
        let stated = volume.size_bytes;
        report.find(path, entry, format!("the volume has {size_bytes} bytes, the manifest says {stated}"));
    } else if sha256 != volume.sha256 {
        let stated = volume.sha256;
        report.find(path, entry, format!("the volume has SHA-256 {sha256}, the manifest says {stated}"));
    }
    if let Some((first, last)) = numbers.get(&volume.path).filter(|ends| **ends != (volume.first, volume.last)) {
        let (from, to) = (volume.first, volume.last);
        report.find(path, entry, format!("the volume holds items {first} to {last}, the manifest says {from} to {to}"));
    }
}

/// How volumes compare with what the release statements say of them, by their paths.
#[derive(Default)]
struct Stated {
    /// Those that are the very files that were released.
    same: BTreeSet<String>,
    /// Those that were rewritten since, as a withdrawal does.
    rewritten: Vec<String>,
}

/// Volumes against the release statements.
fn compare_stated(ledger: &Ledger, report: &mut Report) -> Stated {
    // What was ever withdrawn: a restored item leaves a rewritten volume behind, too.
    let mut touched = BTreeSet::new();
    for statement in ledger.statements().iter().filter(|statement| statement.ineffective.is_none()) {
        if let Body::Withdraw(withdraw) = &statement.terms.body
            && let Some(item) = ledger.item(withdraw.leaf)
        {
            touched.insert(item.release.statement_leaf);
        }
    }
    let mut found = Stated::default();
    for release in ledger.releases() {
        for stated in &release.volumes {
            let Some((size_bytes, sha256)) = report.files.get(&stated.path).copied() else { continue };
            if (size_bytes, sha256) == (stated.size_bytes, stated.sha256) {
                found.same.insert(stated.path.clone());
            } else if touched.contains(&release.statement_leaf) {
                found.rewritten.push(stated.path.clone());
            } else if size_bytes != stated.size_bytes {
                let said = stated.size_bytes;
                report.find(&stated.path, "", format!("it has {size_bytes} bytes, its release says {said}"));
            } else {
                let said = stated.sha256;
                report.find(&stated.path, "", format!("it has SHA-256 {sha256}, its release says {said}"));
            }
        }
    }
    found
}

/// The manifest against what the log gives with the volumes it names itself.
fn compare_manifest(ledger: &Ledger, manifest: &Manifest, numbers: &Numbers, report: &mut Report) {
    let volumes: Vec<VolumeEntry> = manifest.volumes().cloned().collect();
    let expected = Manifest::derive(ledger, &volumes);
    let mut find = |entry: &str, reason: &str| report.find("manifest.json", entry, reason);
    if manifest.log != expected.log {
        find("log", "it was made from another log than the one that is here, or from an earlier one");
    }
    if manifest.collections != expected.collections {
        find("collections", "they are not as the log has them");
    }
    if manifest.releases != expected.releases {
        find("releases", "they are not as the log has them");
    }
    if manifest.withdrawn != expected.withdrawn {
        find("withdrawn", "it is not as the log has it");
    }
    for path in numbers.keys().filter(|path| volumes.iter().all(|volume| volume.path != **path)) {
        find(path, "it does not name this volume, which is here and belongs to a release");
    }
}

/// Whether the manifest says what it says in the one way there is: two copies must be the same file.
fn compare_bytes(public: &Path, manifest: &Manifest, report: &mut Report) {
    let expected = manifest.to_bytes();
    let Ok(bytes) = fs::read(Manifest::path(public)) else { return };
    if bytes != expected {
        let same = bytes.iter().zip(&expected).take_while(|(one, other)| one == other).count();
        report.find_at("manifest.json", "", Some(same as u64), "it is not written as the log gives it");
    }
}
