//! A public tree opened for reading.

use std::path::{Path, PathBuf};

use crate::{
    error::ReadError,
    keys::read_keys,
    manifest::{Manifest, ReleaseEntry, VolumeEntry},
    volume,
};

/// A public tree as its manifest stood when it was opened. Nothing but the tree is ever touched.
#[derive(Debug, Clone)]
pub struct PublicTree {
    directory: PathBuf,
    manifest: Manifest,
}

impl PublicTree {
    /// Opens the tree in a directory.
    ///
    /// # Errors
    /// When there is none, it is of another format, or its manifest is damaged.
    pub fn open(directory: &Path) -> Result<Self, ReadError> {
        let manifest =
            Manifest::load(directory)?.ok_or_else(|| ReadError::NotAPublicTree { path: directory.to_owned() })?;
        Ok(Self { directory: directory.to_owned(), manifest })
    }

    /// The directory it is in.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// What is released.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The key archive, as JSON lines; empty where there is none.
    ///
    /// # Errors
    /// When it cannot be read or is too long.
    pub fn keys(&self) -> Result<String, ReadError> {
        read_keys(&self.directory)
    }

    /// All volumes, with the release each belongs to, in the order of the manifest.
    pub fn volumes(&self) -> impl Iterator<Item = (&ReleaseEntry, &VolumeEntry)> {
        self.manifest.releases.iter().flat_map(|release| release.volumes.iter().map(move |volume| (release, volume)))
    }

    /// Where the file of a volume is.
    #[must_use]
    pub fn volume_file(&self, volume: &VolumeEntry) -> PathBuf {
        self.directory.join(&volume.path)
    }

    /// Opens a volume for reading from its first item on.
    ///
    /// # Errors
    /// When the file is not there, cannot be read, or is no volume.
    pub fn read_volume(&self, volume: &VolumeEntry) -> Result<volume::Reader, ReadError> {
        volume::Reader::open(&self.volume_file(volume))
    }
}
