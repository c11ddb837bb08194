//! The directory of a publication: which parts it has and where they are.

use std::path::{Path, PathBuf};

use crate::failure::{Failure, Kind};

/// Paths of a publication.
#[derive(Debug, Clone)]
pub(crate) struct Publication {
    root: PathBuf,
}

impl Publication {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// A publication that must be there already.
    pub(crate) fn existing(root: &Path) -> Result<Self, Failure> {
        let publication = Self::new(root);
        if publication.public().is_dir() || publication.vault().is_dir() {
            return Ok(publication);
        }
        let what =
            if root.is_dir() { "is not a publication: it has neither vault/ nor public/" } else { "does not exist" };
        Err(Failure::message(Kind::Input, format!("{} {what}", root.display()))
            .hint("make one with `frelon publish SOURCE --into DIR`, or name the directory of one"))
    }

    #[cfg(feature = "desk")]
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Everything private.
    pub(crate) fn vault(&self) -> PathBuf {
        self.root.join("vault")
    }

    /// What is out.
    pub(crate) fn public(&self) -> PathBuf {
        self.root.join("public")
    }

    /// The index.
    pub(crate) fn derived(&self) -> PathBuf {
        self.root.join("derived")
    }

    /// A directory that is neither empty nor a publication is not ours to write into.
    #[cfg(feature = "desk")]
    pub(crate) fn ready_for_intake(&self) -> Result<(), Failure> {
        if self.public().is_dir() || self.vault().is_dir() || !self.root.exists() {
            return Ok(());
        }
        if !self.root.is_dir() {
            return Err(Failure::message(Kind::Input, format!("{} is a file, not a directory", self.root.display()))
                .hint("give --into another name"));
        }
        let mut entries = std::fs::read_dir(&self.root).map_err(|error| {
            Failure::new(Kind::Failed, anyhow::anyhow!("cannot read {}: {error}", self.root.display()))
        })?;
        if entries.next().is_some() {
            let message = format!("{} is not empty and not a publication", self.root.display());
            return Err(Failure::message(Kind::Input, message).hint("give --into a new or empty directory"));
        }
        Ok(())
    }
}

#[cfg(all(test, feature = "desk"))]
mod tests {
    use super::*;

    #[test]
    fn only_publications_and_empty_directories_are_accepted() {
        let dir = tempfile::tempdir().expect("a directory");
        assert!(Publication::existing(dir.path()).is_err());
        assert!(Publication::new(dir.path()).ready_for_intake().is_ok());
        std::fs::write(dir.path().join("notes.txt"), "mine").expect("written");
        assert!(Publication::new(dir.path()).ready_for_intake().is_err());
        std::fs::create_dir(dir.path().join("public")).expect("made");
        assert!(Publication::existing(dir.path()).is_ok());
    }
}
