//! `manifest.json`: what is released. Replacing this file is the commit of a release; a volume it
//! does not name does not exist for any reader.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use frelon_model::{CollectionId, ContentHash, Instant, ItemNumber, Tranche};
use serde::{Deserialize, Serialize};

use crate::{error::ReadError, limits::MANIFEST_BYTES_MAX, opening::rfc3339};

/// The format this crate writes and reads.
const FORMAT: u64 = 1;

/// What is released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    format: u64,
    /// The collections, in the order of their ids.
    pub collections: Vec<CollectionEntry>,
    /// The releases, in the order in which they were made.
    pub releases: Vec<ReleaseEntry>,
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
    /// The smallest number in it.
    pub first: ItemNumber,
    /// The largest number in it.
    pub last: ItemNumber,
    /// How many items; not always all from first to last.
    pub item_count: u64,
    /// Its volumes, in the order of their items.
    pub volumes: Vec<VolumeEntry>,
}

/// One volume of a release.
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

impl Default for Manifest {
    fn default() -> Self {
        Self { format: FORMAT, collections: Vec::new(), releases: Vec::new() }
    }
}

impl Manifest {
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

    /// Whether a path in the tree is a volume of a release.
    pub(crate) fn names(&self, path: &str) -> bool {
        self.releases.iter().flat_map(|release| &release.volumes).any(|volume| volume.path == path)
    }

    /// The file's bytes: JSON, indented, for people too.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("strings and numbers always serialise");
        bytes.push(b'\n');
        bytes
    }

    /// Reads and checks the manifest of a tree; `None` when the tree has none.
    pub(crate) fn load(public: &Path) -> Result<Option<Self>, ReadError> {
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
    pub(crate) fn parse(bytes: &[u8], path: &Path) -> Result<Self, ReadError> {
        #[derive(Deserialize)]
        struct Head {
            format: u64,
        }
        let damaged = |reason: String| ReadError::Damaged { path: path.to_owned(), reason };
        let head: Head = serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))?;
        if head.format != FORMAT {
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
        let mut seen = std::collections::BTreeSet::new();
        for release in &self.releases {
            let what = format!("release {} of {}", release.tranche, release.collection);
            if !seen.insert((&release.collection, release.tranche)) {
                return Err(format!("{what} is named twice"));
            }
            if self.collection(&release.collection).is_none() {
                return Err(format!("{what} belongs to no collection"));
            }
            let mut after = None;
            for (index, volume) in release.volumes.iter().enumerate() {
                let expected = volume_path(&release.collection, release.tranche, index + 1);
                if volume.path != expected {
                    return Err(format!("{what} names a volume {:?} where {expected} belongs", volume.path));
                }
                if volume.first > volume.last || after.is_some_and(|last| volume.first <= last) {
                    return Err(format!("the numbers of {expected} are out of order"));
                }
                after = Some(volume.last);
            }
            let ends = (release.volumes.first().map(|volume| volume.first), after);
            if ends != (Some(release.first), Some(release.last)) {
                return Err(format!("{what} does not begin and end with its volumes"));
            }
        }
        Ok(())
    }
}

/// Path of the nth volume of a tranche in the public tree, counted from 1.
pub(crate) fn volume_path(collection: &CollectionId, tranche: Tranche, n: usize) -> String {
    format!("volume/{collection}/{tranche}.{n}.zip")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Manifest {
        let collection = CollectionId::new("lake").expect("a good name");
        let (first, last) = (ItemNumber(1), ItemNumber(9));
        let path = volume_path(&collection, Tranche(1), 1);
        Manifest {
            collections: vec![CollectionEntry { id: collection.clone(), title: "Lake".into(), about: String::new() }],
            releases: vec![ReleaseEntry {
                collection,
                tranche: Tranche(1),
                title: String::new(),
                published_at: Instant(0),
                first,
                last,
                item_count: 9,
                volumes: vec![VolumeEntry { path, size_bytes: 10, sha256: ContentHash([1; 32]), first, last }],
            }],
            ..Manifest::default()
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
        ] {
            assert!(text.contains(from), "{from}");
            assert!(matches!(read(&text.replace(from, to)), Err(ReadError::Damaged { .. })), "{to}");
        }
        assert!(matches!(read("nonsense"), Err(ReadError::Damaged { .. })));
        assert!(matches!(read("{\"format\": 2}"), Err(ReadError::Format { format: 2, .. })));
    }
}
