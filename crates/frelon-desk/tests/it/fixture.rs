//! A publication in a temporary directory, sources to take in, and a checker.

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use frelon_desk::{
    DeskError, IntakeReport, IntakeRequest, Means, Press, Progress, ReleaseReport, SourceFile, intake, rebuild,
};
use frelon_durable::Disk;
use frelon_model::{CollectionId, Instant, ItemNumber};
use frelon_vault::{Collection, FaultHook, Reader, Vault};

/// What stands for randomness.
static DRAWN: AtomicU64 = AtomicU64::new(1);

/// A publication and a folder for its sources.
pub(crate) struct Bench {
    dir: tempfile::TempDir,
}

pub(crate) fn message(text: &str) -> Vec<u8> {
    format!(
        "From: Ann <ann@example.org>\nTo: bob@example.org\nSubject: {text}\nMessage-ID: <{text}@example.org>\n\
         Date: Fri, 7 Oct 2016 14:03:00 +0000\n\nThis is {text}.\n"
    )
    .into_bytes()
}

/// A mailbox of messages, written as mboxrd does.
pub(crate) fn mbox(messages: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for message in messages {
        out.extend_from_slice(b"From ann@example.org Fri Oct  7 14:03:00 2016\n");
        out.extend_from_slice(message);
        out.push(b'\n');
    }
    out
}

impl Bench {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        fs::create_dir(dir.path().join("in")).expect("room");
        Self { dir }
    }

    /// In memory where the system offers that: for tests that would wait for thousands of syncs.
    pub(crate) fn in_memory() -> Self {
        let shared = Path::new("/dev/shm");
        let dir = if shared.is_dir() { tempfile::tempdir_in(shared) } else { tempfile::tempdir() };
        let dir = dir.expect("a temporary directory");
        fs::create_dir(dir.path().join("in")).expect("room");
        Self { dir }
    }

    pub(crate) fn publication(&self) -> PathBuf {
        self.dir.path().join("publication")
    }

    pub(crate) fn source(&self) -> PathBuf {
        self.dir.path().join("in")
    }

    /// Writes a file below the source folder.
    pub(crate) fn put(&self, path: &str, bytes: &[u8]) -> PathBuf {
        let path = self.source().join(path);
        fs::create_dir_all(path.parent().expect("below the source")).expect("room");
        fs::write(&path, bytes).expect("room");
        path
    }

    pub(crate) fn collection(&self) -> CollectionId {
        CollectionId::new("letters").expect("a good name")
    }

    pub(crate) fn request(&self, sources: &[PathBuf]) -> IntakeRequest {
        IntakeRequest {
            publication: self.publication(),
            collection: Collection { id: self.collection(), title: "Letters".into(), about: "Found.".into() },
            sources: sources.to_vec(),
            clock: || Instant(1_700_000_000),
        }
    }

    pub(crate) fn try_intake(&self, sources: &[PathBuf]) -> Result<IntakeReport, DeskError> {
        intake(&self.request(sources), &mut |_: &Progress| ControlFlow::Continue(()))
    }

    /// Takes the whole source folder in, and checks the vault.
    pub(crate) fn intake(&self) -> IntakeReport {
        let report = self.try_intake(&[self.source()]).expect("taken in");
        self.check();
        report
    }

    pub(crate) fn vault_with(&self, hook: FaultHook) -> Vault {
        let mut vault = Vault::open(&self.publication()).expect("the vault opens");
        vault.set_fault_hook(hook);
        vault
    }

    pub(crate) fn try_release(&self) -> Result<ReleaseReport, DeskError> {
        self.press(Disk::new(), |press| {
            press.release(&self.collection(), "First", &mut |_: &Progress| ControlFlow::Continue(()))
        })
    }

    /// Opens the publication for stating, at a fixed time, and does something.
    pub(crate) fn press<T>(
        &self,
        disk: Disk,
        run: impl FnOnce(&mut Press<'_>) -> Result<T, DeskError>,
    ) -> Result<T, DeskError> {
        self.press_at(disk, Instant(1_700_000_100), run)
    }

    pub(crate) fn press_at<T>(
        &self,
        disk: Disk,
        now: Instant,
        run: impl FnOnce(&mut Press<'_>) -> Result<T, DeskError>,
    ) -> Result<T, DeskError> {
        let mut random = |bytes: &mut [u8]| {
            // Ids and salts must never come twice, also not in another run of the same test.
            for piece in bytes.chunks_mut(8) {
                let count = DRAWN.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
                piece.copy_from_slice(&count.to_le_bytes()[..piece.len()]);
            }
            Ok(())
        };
        let means =
            Means { passphrase: None, origin: None, seen: Vec::new(), witnesses: None, now, random: &mut random, disk };
        run(&mut Press::open(&self.publication(), means)?)
    }

    /// The bytes of all items by number, each checked against its hash by the reader.
    pub(crate) fn items(&self) -> BTreeMap<u64, Vec<u8>> {
        let mut reader = Reader::open(&self.publication()).expect("a vault");
        let count = reader.collections().expect("readable").first().map_or(0, |totals| totals.items);
        let item = |number| {
            let item = reader.item(&self.collection(), ItemNumber(number)).expect("numbers have no gaps");
            (number, reader.bytes(&item).expect("what was stored"))
        };
        (1..=count).map(item).collect()
    }

    /// All places as `number file > inner at byte n (kind)`.
    pub(crate) fn places(&self) -> Vec<String> {
        let reader = Reader::open(&self.publication()).expect("a vault");
        let collection = self.collection();
        let rows = reader.places(&collection).map(|row| row.expect("readable"));
        rows.map(|row| format!("{} {} ({})", row.number, row.place, row.kind)).collect()
    }

    /// All failures and notes, one a line.
    pub(crate) fn failures(&self) -> String {
        let rows = frelon_desk::failures(&self.publication()).expect("a vault").map(|row| row.expect("readable"));
        rows.map(|row| {
            format!("{}{}: {}: {}\n", if row.taken { "note " } else { "" }, row.place, row.reason, row.message)
        })
        .collect()
    }

    pub(crate) fn rebuilt(&self, file: &str, inner: &str) -> Vec<u8> {
        self.rebuilt_from(&self.source(), file, inner)
    }

    pub(crate) fn rebuilt_from(&self, source: &Path, file: &str, inner: &str) -> Vec<u8> {
        let mut out = Vec::new();
        let source = source.canonicalize().expect("it is there").display().to_string();
        let wanted = SourceFile { source: &source, file, inner };
        rebuild(&self.publication(), &self.collection(), wanted, &mut out).expect("rebuilt");
        out
    }

    /// Everything that must hold of a vault at any time.
    pub(crate) fn check(&self) {
        // Opening for writing recovers; a second process would do the same.
        drop(Vault::open(&self.publication()).expect("the vault opens"));
        let reader = Reader::open(&self.publication()).expect("a vault");
        let totals = reader.collections().expect("readable").remove(0);
        let items = self.items();
        assert_eq!(totals.items, items.len() as u64);
        assert_eq!(totals.bytes, items.values().map(|bytes| bytes.len() as u64).sum::<u64>());
        assert_eq!(totals.places, self.places().len() as u64);
        let distinct: std::collections::BTreeSet<_> = items.values().collect();
        assert_eq!(distinct.len(), items.len(), "the same bytes twice");
        let packed: u64 = packs(&self.publication()).iter().map(|path| fs::metadata(path).expect("there").len()).sum();
        let stored: u64 = items
            .keys()
            .map(|&number| reader.item(&self.collection(), ItemNumber(number)).expect("there").packed_bytes())
            .sum();
        let kept = reader.kept_packed_bytes().expect("readable");
        assert_eq!(packed, stored + kept, "packs hold the items, the bytes of failures, and nothing else");
    }
}

/// The pack files of a publication.
pub(crate) fn packs(publication: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(publication.join("vault/pack")).expect("a vault");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}
