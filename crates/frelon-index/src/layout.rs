//! Where the derived store keeps its files.
//!
//! `derived/current` holds the name of the index directory in use, `index-<generation>`. A build
//! works in `derived/building` and becomes current by one rename of `current`, so readers see the
//! old index or the new one, never a mixture, and a killed build goes on where it stopped.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use crate::error::ReadError;

/// Changes whenever an index made by older code must be rebuilt.
pub(crate) const FORMAT: &str = "4";
const CURRENT: &str = "current";
const BUILDING: &str = "building";

/// Paths below a `derived/` directory.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    root: PathBuf,
}

impl Layout {
    pub(crate) fn new(derived: &Path) -> Self {
        Self { root: derived.to_owned() }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where the next index is built.
    pub(crate) fn building(&self) -> PathBuf {
        self.root.join(BUILDING)
    }

    /// Full-text part of an index directory.
    pub(crate) fn fulltext(index: &Path) -> PathBuf {
        index.join("fulltext")
    }

    /// The index in use and its generation.
    pub(crate) fn current(&self) -> Result<(PathBuf, String), ReadError> {
        let broken = |reason: &str| ReadError::NotIndexed { path: self.root.clone(), reason: reason.to_owned() };
        let name = match fs::read_to_string(self.root.join(CURRENT)) {
            Ok(name) => name,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(broken("it was never built, or not to the end"));
            }
            Err(source) => return Err(ReadError::Io { path: self.root.join(CURRENT), source }),
        };
        let generation =
            name.trim().strip_prefix("index-").filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let generation = generation.ok_or_else(|| broken("its file `current` is not one of ours"))?;
        let path = self.root.join(name.trim());
        if !path.is_dir() {
            return Err(broken("the index that `current` names is missing"));
        }
        Ok((path, generation.to_owned()))
    }

    /// Makes the finished build the current index and removes older ones.
    pub(crate) fn promote(&self, generation: &str) -> io::Result<PathBuf> {
        let name = format!("index-{generation}");
        let target = self.root.join(&name);
        if target.exists() {
            fs::remove_dir_all(&target)?;
        }
        fs::rename(self.building(), &target)?;
        sync_dir(&self.root)?;
        let temporary = self.root.join("current.new");
        let mut file = fs::File::create(&temporary)?;
        file.write_all(name.as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, self.root.join(CURRENT))?;
        sync_dir(&self.root)?;
        self.remove_others(&name)?;
        Ok(target)
    }

    /// Removes indexes that are not current. Servers still reading one keep it through their open files.
    fn remove_others(&self, keep: &str) -> io::Result<()> {
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            let name = entry.file_name();
            if name.to_string_lossy().starts_with("index-") && name.to_string_lossy() != keep {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(())
    }
}

/// Names a state of the public tree as indexed by this code: from the manifest as it was opened, since
/// the file may be replaced by a release meanwhile.
pub(crate) fn generation(manifest: &frelon_public::Manifest, keys: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"frelon index ");
    hash.update(FORMAT);
    hash.update(b"\n");
    hash.update(serde_json::to_vec(manifest).expect("strings and numbers always serialise"));
    hash.update(b"\n");
    hash.update(keys);
    hex::encode(&hash.finalize()[..8])
}

fn sync_dir(path: &Path) -> io::Result<()> {
    fs::File::open(path)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promote_replaces_and_cleans() {
        let dir = tempfile::tempdir().expect("a directory");
        let layout = Layout::new(dir.path());
        assert!(matches!(layout.current(), Err(ReadError::NotIndexed { .. })));
        for generation in ["aa", "bb"] {
            fs::create_dir(layout.building()).expect("created");
            layout.promote(generation).expect("promoted");
            assert_eq!(layout.current().expect("current").1, generation);
        }
        assert!(!dir.path().join("index-aa").exists());
    }
}
