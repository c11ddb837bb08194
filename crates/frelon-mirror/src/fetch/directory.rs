//! A public tree in a directory: a stick, a disk, another mirror on this machine.

use std::{
    fs,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use super::{Answer, Body, FetchError, Request, Source};

/// A directory with a public tree in it, as little trusted as a server.
#[derive(Debug)]
pub struct Directory {
    directory: PathBuf,
    name: String,
}

impl Directory {
    /// The tree in this directory. Of a publication, that is its `public/`.
    #[must_use]
    pub fn new(directory: &Path) -> Self {
        let inner = directory.join("public");
        let directory = if inner.is_dir() { inner } else { directory.to_owned() };
        Self { name: directory.display().to_string(), directory }
    }
}

impl Source for Directory {
    fn name(&self) -> &str {
        &self.name
    }

    fn open(&self, request: Request<'_>) -> Result<Answer, FetchError> {
        let path = self.directory.join(request.path);
        let at = path.display().to_string();
        let unreachable =
            |error: io::Error| FetchError::Unreachable { at: at.clone(), reason: format!("cannot read it: {error}") };
        // Looked at before it is opened: a pipe would keep us waiting, a link lead anywhere.
        let metadata = match fs::symlink_metadata(&path) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Err(FetchError::Missing { at });
            }
            other => other.map_err(unreachable)?,
        };
        if !metadata.is_file() {
            return Err(FetchError::Misbehaved { at, reason: "it is no file".to_owned() });
        }
        if metadata.len() > request.bytes_max {
            return Err(FetchError::TooLong { at, bytes_max: request.bytes_max });
        }
        let mut file = fs::File::open(&path).map_err(unreachable)?;
        let first = request.first.min(metadata.len());
        let _place = file.seek(SeekFrom::Start(first)).map_err(unreachable)?;
        let reader = Box::new(file.take(request.bytes_max.saturating_add(1)));
        Ok(Answer::Body(Body::new(at, request, first, reader)))
    }
}
