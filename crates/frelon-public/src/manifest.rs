//! `manifest.json`: what is released, derived from the log and the volumes that are here. Replacing it
//! is what readers of pages see as a release; a volume it does not name does not exist for them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use frelon_durable::Disk;
use frelon_log::{NodeHash, Origin, TreeHead};
use frelon_model::{CollectionId, ContentHash, Instant, ItemNumber, Tranche};
use serde::{Deserialize, Serialize};

use crate::{
    Ledger,
    error::{ReadError, WriteError},
    ledger::Withdrawal,
    limits::MANIFEST_BYTES_MAX,
    opening::rfc3339,
    statement::{ReleasedVolume, strict::text},
};

/// The format this crate writes and reads. Format 1 was of publications without a log.
const FORMAT: u64 = 2;

/// What is released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    format: u64,
    /// The log it was derived from.
    pub log: LogState,
    /// The collections, in the order of their ids.
    pub collections: Vec<CollectionEntry>,
    /// The releases, in the order in which they were made.
    pub releases: Vec<ReleaseEntry>,
    /// What is taken back, by collection and number.
    pub withdrawn: Vec<Withdrawal>,
}

/// A log at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogState {
    /// Which log.
    #[serde(with = "text")]
    pub origin: Origin,
    /// How many entries it had.
    pub size: u64,
    /// The root of its tree.
    #[serde(with = "text")]
    pub root: NodeHash,
}

/// A collection of which something is out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectionEntry {
    /// Its name in paths and URLs.
    pub id: CollectionId,
    /// Its name for people.
    pub title: String,
    /// What it is and where it comes from, in plain text; may be empty.
    pub about: String,
}

/// One release: a tranche that is out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseEntry {
    /// The collection.
    pub collection: CollectionId,
    /// The tranche.
    pub tranche: Tranche,
    /// The release's own title; may be empty.
    pub title: String,
    /// When it was published.
    #[serde(with = "rfc3339")]
    pub published_at: Instant,
    /// The smallest number released.
    pub first: ItemNumber,
    /// The largest number released.
    pub last: ItemNumber,
    /// How many items were released, those withdrawn since included; not always all from first to last.
    pub item_count: u64,
    /// The leaf of the statement in the log.
    pub statement_leaf: u64,
    /// The leaf of its first document entry.
    pub first_leaf: u64,
    /// The leaf of its last document entry.
    pub last_leaf: u64,
    /// Its volumes that are here, in the order of their items. One of which every item is withdrawn is
    /// gone; a mirror may not hold all.
    pub volumes: Vec<VolumeEntry>,
}

/// A volume as it is now: what is known of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeEntry {
    /// Path in the public tree, with `/`.
    pub path: String,
    /// Size of the file.
    pub size_bytes: u64,
    /// SHA-256 of the file.
    pub sha256: ContentHash,
    /// The smallest number in it.
    pub first: ItemNumber,
    /// The largest number in it.
    pub last: ItemNumber,
}

impl Manifest {
    /// The manifest of a log and of the volumes that are here: the one function that makes it, for
    /// publishers and mirrors alike. Volumes that belong to no release are left out, so that all that
    /// is known can be given.
    #[must_use]
    pub fn derive(ledger: &Ledger, volumes: &[VolumeEntry]) -> Self {
        let mut collections = BTreeMap::new();
        let mut releases = Vec::new();
        for release in ledger.releases() {
            let id = &release.collection;
            let described = ledger.collections().get(id).map(|described| &described.description);
            collections.entry(id).or_insert_with(|| CollectionEntry {
                id: id.clone(),
                title: described.map_or_else(|| id.to_string(), |described| described.title.clone()),
                about: described.map(|described| described.about.clone()).unwrap_or_default(),
            });
            let here = |stated: &ReleasedVolume| volumes.iter().find(|volume| volume.path == stated.path).cloned();
            releases.push(ReleaseEntry {
                collection: id.clone(),
                tranche: release.tranche,
                title: release.title.clone(),
                published_at: release.published_at,
                first: release.first,
                last: release.last,
                item_count: release.item_count,
                statement_leaf: release.statement_leaf,
                first_leaf: release.first_leaf,
                last_leaf: release.last_leaf,
                volumes: release.volumes.iter().filter_map(here).collect(),
            });
        }
        let mut withdrawn: Vec<Withdrawal> = ledger.withdrawals().values().cloned().collect();
        withdrawn.sort_by(|one, other| (&one.collection, one.number).cmp(&(&other.collection, other.number)));
        let TreeHead { size, root } = ledger.head();
        let log = LogState { origin: ledger.origin().clone(), size, root };
        Self { format: FORMAT, log, collections: collections.into_values().collect(), releases, withdrawn }
    }

    /// Where the manifest of a public tree is.
    #[must_use]
    pub fn path(public: &Path) -> PathBuf {
        public.join("manifest.json")
    }

    /// The collection of this id.
    #[must_use]
    pub fn collection(&self, id: &CollectionId) -> Option<&CollectionEntry> {
        self.collections.iter().find(|entry| entry.id == *id)
    }

    /// The release of this tranche.
    #[must_use]
    pub fn release(&self, collection: &CollectionId, tranche: Tranche) -> Option<&ReleaseEntry> {
        self.releases.iter().find(|entry| entry.collection == *collection && entry.tranche == tranche)
    }

    /// The withdrawal of this item.
    #[must_use]
    pub fn withdrawal(&self, collection: &CollectionId, number: ItemNumber) -> Option<&Withdrawal> {
        let place = self.withdrawn.binary_search_by(|one| (&one.collection, one.number).cmp(&(collection, number)));
        place.ok().map(|place| &self.withdrawn[place])
    }

    /// All volumes.
    pub fn volumes(&self) -> impl Iterator<Item = &VolumeEntry> {
        self.releases.iter().flat_map(|release| &release.volumes)
    }

    /// The file's bytes: JSON, indented, for people too.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("strings and numbers always serialise");
        bytes.push(b'\n');
        bytes
    }

    /// Makes this the manifest of a tree, durably: the commit of whatever it says. Nothing is written
    /// when it says what is there already.
    ///
    /// # Errors
    /// When the tree has the manifest of another log or of a larger one, or the disk refuses.
    pub fn commit(&self, public: &Path, disk: &Disk) -> Result<(), WriteError> {
        let path = Self::path(public);
        if let Some(there) = Self::load(public)? {
            if there == *self {
                return Ok(());
            }
            if there.log.origin != self.log.origin || there.log.size > self.log.size {
                return Err(WriteError::Overtaken { path });
            }
        }
        // Volumes and their directory were synced before, so whoever sees this manifest finds them.
        Ok(disk.replace(&path, &self.to_bytes())?)
    }

    /// Reads and checks the manifest of a tree; `None` when the tree has none.
    ///
    /// # Errors
    /// When it cannot be read, is of another format, or damaged.
    pub fn load(public: &Path) -> Result<Option<Self>, ReadError> {
        let path = Self::path(public);
        let io_error = |source| ReadError::Io { path: path.clone(), source };
        let file = match fs::File::open(&path) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            other => other.map_err(io_error)?,
        };
        let mut bytes = Vec::new();
        file.take(MANIFEST_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(io_error)?;
        if bytes.len() as u64 > MANIFEST_BYTES_MAX {
            return Err(ReadError::Damaged { path, reason: format!("it has more than {MANIFEST_BYTES_MAX} bytes") });
        }
        Self::parse(&bytes, &path).map(Some)
    }

    /// Reads and checks a manifest; `path` is for messages alone.
    ///
    /// # Errors
    /// As [`Manifest::load`].
    pub fn parse(bytes: &[u8], path: &Path) -> Result<Self, ReadError> {
        #[derive(Deserialize)]
        struct Head {
            format: u64,
        }
        let damaged = |reason: String| ReadError::Damaged { path: path.to_owned(), reason };
        let head: Head = serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))?;
        if head.format < FORMAT {
            return Err(ReadError::OldFormat { path: path.to_owned(), format: head.format });
        }
        if head.format > FORMAT {
            return Err(ReadError::Format { path: path.to_owned(), format: head.format });
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))?;
        manifest.check().map_err(damaged)?;
        Ok(manifest)
    }

    /// Whatever a stranger wrote there, paths stay inside the tree and numbers make sense.
    fn check(&self) -> Result<(), String> {
        for pair in self.collections.windows(2) {
            if pair[0].id >= pair[1].id {
                return Err(format!("collection {} is out of order or named twice", pair[1].id));
            }
        }
        let mut seen = BTreeSet::new();
        for release in &self.releases {
            let what = format!("release {} of {}", release.tranche, release.collection);
            if !seen.insert((&release.collection, release.tranche)) {
                return Err(format!("{what} is named twice"));
            }
            if self.collection(&release.collection).is_none() {
                return Err(format!("{what} belongs to no collection"));
            }
            release.check().map_err(|reason| format!("{what}: {reason}"))?;
        }
        for pair in self.withdrawn.windows(2) {
            if (&pair[0].collection, pair[0].number) >= (&pair[1].collection, pair[1].number) {
                return Err(format!("what is withdrawn of {} is out of order or named twice", pair[1].collection));
            }
        }
        Ok(())
    }
}

impl ReleaseEntry {
    fn check(&self) -> Result<(), String> {
        let leaves = self.last_leaf.checked_sub(self.first_leaf).and_then(|between| between.checked_add(1));
        let is_counted = leaves.is_some_and(|leaves| (1..=leaves).contains(&self.item_count));
        if !is_counted || self.last_leaf >= self.statement_leaf {
            return Err("its leaves are no range before its statement".to_owned());
        }
        let (mut number, mut after) = (0, None);
        for volume in &self.volumes {
            // Some may be missing, so the numbers of volumes rise and need not follow each other.
            let n = volume_number(&self.collection, self.tranche, &volume.path).filter(|n| *n > number);
            number = n.ok_or_else(|| format!("it names a volume {:?}, which is none of its own", volume.path))?;
            let is_inside = self.first <= volume.first && volume.first <= volume.last && volume.last <= self.last;
            if !is_inside || after.is_some_and(|last| volume.first <= last) {
                return Err(format!("the numbers of {} are out of order", volume.path));
            }
            after = Some(volume.last);
        }
        if self.first > self.last {
            return Err("its numbers are out of order".to_owned());
        }
        Ok(())
    }
}

/// Which volume of a tranche a path names, from 1; `None` for any path but the one we write.
fn volume_number(collection: &CollectionId, tranche: Tranche, path: &str) -> Option<usize> {
    volume_place(path).filter(|place| (&place.0, place.1) == (collection, tranche)).map(|place| place.2)
}

/// Collection, tranche and number of the volume that a path names; `None` for any path but those we
/// write, so that none leads out of the tree.
pub(crate) fn volume_place(path: &str) -> Option<(CollectionId, Tranche, usize)> {
    let (collection, name) = path.strip_prefix("volume/")?.strip_suffix(".zip")?.split_once('/')?;
    let (tranche, n) = name.split_once('.')?;
    let place = (CollectionId::new(collection).ok()?, Tranche(tranche.parse().ok()?), n.parse().ok()?);
    (path == volume_path(&place.0, place.1, place.2)).then_some(place)
}

/// Path of the nth volume of a tranche in the public tree, counted from 1.
pub(crate) fn volume_path(collection: &CollectionId, tranche: Tranche, n: usize) -> String {
    format!("volume/{collection}/{tranche}.{n}.zip")
}

#[cfg(test)]
mod tests {
    use frelon_log::merkle::empty_root;

    use super::*;
    use crate::statement::{WithdrawMode, WithdrawReason};

    fn sample() -> Manifest {
        let collection = CollectionId::new("lake").expect("a good name");
        let (first, last) = (ItemNumber(1), ItemNumber(9));
        let path = volume_path(&collection, Tranche(1), 1);
        Manifest {
            format: FORMAT,
            log: LogState { origin: "frelon.example/log".parse().expect("an origin"), size: 12, root: empty_root() },
            collections: vec![CollectionEntry { id: collection.clone(), title: "Lake".into(), about: String::new() }],
            releases: vec![ReleaseEntry {
                collection,
                tranche: Tranche(1),
                title: String::new(),
                published_at: Instant(0),
                first,
                last,
                item_count: 9,
                statement_leaf: 11,
                first_leaf: 2,
                last_leaf: 10,
                volumes: vec![VolumeEntry { path, size_bytes: 10, sha256: ContentHash([1; 32]), first, last }],
            }],
            withdrawn: vec![Withdrawal {
                collection: CollectionId::new("lake").expect("a good name"),
                number: ItemNumber(3),
                leaf: 4,
                mode: WithdrawMode::Hide,
                reason: WithdrawReason::CourtOrder,
                jurisdiction: None,
                until: Some(Instant(60)),
                text: None,
                withdrawn_at: Instant(1),
                statement_leaf: 11,
            }],
        }
    }

    fn read(text: &str) -> Result<Manifest, ReadError> {
        Manifest::parse(text.as_bytes(), Path::new("manifest.json"))
    }

    #[test]
    fn manifests_round_trip() {
        let bytes = sample().to_bytes();
        assert_eq!(Manifest::parse(&bytes, Path::new("m")).expect("our own"), sample());
        assert!(String::from_utf8(bytes).expect("UTF-8").contains("\"published_at\": \"1970-01-01T00:00:00Z\""));
    }

    #[test]
    fn paths_out_of_the_tree_and_false_numbers_are_refused() {
        let text = String::from_utf8(sample().to_bytes()).expect("UTF-8");
        for (from, to) in [
            ("volume/lake/1.1.zip", "../../etc/passwd"),
            ("volume/lake/1.1.zip", "/volume/lake/1.1.zip"),
            ("\"collection\": \"lake\"", "\"collection\": \"sea\""),
            ("\"collection\": \"lake\"", "\"collection\": \"../x\""),
            ("\"first\": 1", "\"first\": 10"),
            ("\"statement_leaf\": 11,\n      \"first_leaf\"", "\"statement_leaf\": 10,\n      \"first_leaf\""),
            ("\"item_count\": 9", "\"item_count\": 10"),
        ] {
            assert!(text.contains(from), "{from}");
            assert!(matches!(read(&text.replace(from, to)), Err(ReadError::Damaged { .. })), "{to}");
        }
        assert!(matches!(read("nonsense"), Err(ReadError::Damaged { .. })));
        assert!(matches!(read("{\"format\": 3}"), Err(ReadError::Format { format: 3, .. })));
        let old = read("{\"format\": 1, \"collections\": [], \"releases\": []}").expect_err("without a log");
        assert!(old.to_string().contains("publish again into a new directory"), "{old}");
    }
}
