//! The way through the sources: files in the order of their paths' bytes, one after another.

use std::fs::{File, FileType, Metadata};
use std::io;
use std::ops::ControlFlow;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use frelon_model::Place;
use walkdir::WalkDir;

use crate::content::Extraction;
use crate::{
    Failure, Position, Progress, Reason, Sink,
    order::{compare_names, compare_paths},
};

/// How to extract.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where to begin; the start where there is none. Files before it are passed over.
    pub resume: Option<Position>,
    /// Directory for unnamed temporary files with large nested containers. They hold unreleased
    /// mail, so it should be the vault's own; the system's directory where there is none.
    pub spool_dir: Option<PathBuf>,
}

/// How extraction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All sources were read to their ends.
    Finished,
    /// The sink asked to stop.
    Stopped,
}

/// Extracts all sources in order. Never fails: what cannot be read is a row.
pub fn run(sources: &[PathBuf], options: &Options, progress: &Progress, sink: &mut dyn Sink) -> Outcome {
    progress.set_total(sources.iter().map(|source| total(source)).sum());
    for (index, path) in sources.iter().enumerate() {
        let source = u32::try_from(index).expect("a list of arguments");
        if options.resume.as_ref().is_some_and(|resume| source < resume.source) {
            progress.add_done(total(path));
            continue;
        }
        let mut walk = Walk { source, path, options, progress, sink };
        if walk.source().is_break() {
            return Outcome::Stopped;
        }
    }
    Outcome::Finished
}

/// Bytes of all files of a source.
fn total(path: &Path) -> u64 {
    let files = WalkDir::new(path).follow_root_links(true).into_iter().filter_map(Result::ok);
    files
        .filter(|entry| entry.file_type().is_file() || entry.depth() == 0)
        .filter_map(|entry| if entry.depth() == 0 { std::fs::metadata(path).ok() } else { entry.metadata().ok() })
        .filter(Metadata::is_file)
        .map(|metadata| metadata.len())
        .sum()
}

/// One source on the way.
struct Walk<'a> {
    source: u32,
    path: &'a Path,
    options: &'a Options,
    progress: &'a Progress,
    sink: &'a mut dyn Sink,
}

impl Walk<'_> {
    fn source(&mut self) -> ControlFlow<()> {
        match std::fs::metadata(self.path) {
            Ok(metadata) if metadata.is_dir() => self.folder(),
            Ok(metadata) => {
                let name = PathBuf::from(self.path.file_name().unwrap_or(self.path.as_os_str()));
                self.file(self.path, &name, metadata.file_type())
            }
            Err(error) => {
                let name = PathBuf::from(self.path.file_name().unwrap_or(self.path.as_os_str()));
                self.unreadable(&name, &error)
            }
        }
    }

    fn folder(&mut self) -> ControlFlow<()> {
        let entries = WalkDir::new(self.path).min_depth(1).follow_links(false);
        let entries = entries.sort_by(|left, right| compare_names(left.file_name(), right.file_name()));
        for entry in entries {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {}
                Ok(entry) => {
                    let relative = entry.path().strip_prefix(self.path).unwrap_or(entry.path());
                    self.file(entry.path(), relative, entry.file_type())?;
                }
                Err(error) => {
                    let path = error.path().unwrap_or(self.path);
                    let relative = path.strip_prefix(self.path).unwrap_or(path).to_owned();
                    let error = error.into_io_error().unwrap_or_else(|| io::Error::other("a loop of folders"));
                    self.unreadable(&relative, &error)?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn file(&mut self, path: &Path, relative: &Path, sort: FileType) -> ControlFlow<()> {
        let start = match &self.options.resume {
            Some(resume) if resume.source == self.source => {
                let reached = PathBuf::from(std::ffi::OsString::from_vec(resume.file.to_vec()));
                match compare_paths(relative, &reached) {
                    std::cmp::Ordering::Less => None,
                    std::cmp::Ordering::Equal if resume.offset_bytes >= Position::FINISHED => None,
                    std::cmp::Ordering::Equal => Some(resume.offset_bytes),
                    std::cmp::Ordering::Greater => Some(0),
                }
            }
            _ => Some(0),
        };
        let Some(start) = start else {
            self.progress.add_done(std::fs::metadata(path).map(|metadata| metadata.len()).unwrap_or(0));
            return ControlFlow::Continue(());
        };
        if sort.is_symlink() {
            return self.fail(
                relative,
                Reason::Link,
                "a symbolic link, not followed; what lies inside the source is taken at its own place, anything else has to be given as a source",
            );
        }
        if !sort.is_file() {
            let what = if sort.is_fifo() {
                "a pipe"
            } else if sort.is_socket() {
                "a socket"
            } else {
                "a device"
            };
            let message = format!("{what}, not a file; left out: save its content as a file first");
            return self.fail(relative, Reason::SpecialFile, &message);
        }
        let opened = File::open(path).and_then(|file| file.metadata().map(|metadata| (file, metadata)));
        let (file, metadata) = match opened {
            Ok(opened) => opened,
            Err(error) => return self.unreadable(relative, &error),
        };
        let done = self.progress.bytes_done();
        let mut extraction = Extraction::new(
            &mut *self.sink,
            self.progress,
            self.options.spool_dir.as_deref(),
            self.source,
            relative,
            metadata.len(),
        );
        let flow = extraction.file(file, metadata.len(), start);
        if flow.is_continue() {
            self.progress.set_done(done + metadata.len());
        }
        flow
    }

    fn unreadable(&mut self, relative: &Path, error: &io::Error) -> ControlFlow<()> {
        if error.kind() == io::ErrorKind::NotFound {
            let message = "it was there when the folder was listed and is gone now; stop whatever changes the source and run again";
            return self.fail(relative, Reason::Vanished, message);
        }
        let message = format!("cannot be read: {error}; check permissions and the disk, then run again");
        self.fail(relative, Reason::Unreadable, &message)
    }

    fn fail(&mut self, relative: &Path, reason: Reason, message: &str) -> ControlFlow<()> {
        let next = Position {
            source: self.source,
            file: Arc::from(relative.as_os_str().as_bytes()),
            offset_bytes: Position::FINISHED,
        };
        let place = Place { file: shown(relative.as_os_str().as_bytes()), ..Place::default() };
        self.sink.failure(Failure {
            source: self.source,
            place,
            reason,
            message: message.to_owned(),
            raw: Vec::new(),
            next,
        })
    }
}

/// A path or name as text; bytes that are no UTF-8 and control characters are escaped, so that no
/// two paths look alike and none breaks a terminal.
pub(crate) fn shown(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for letter in chunk.valid().chars() {
            if letter.is_control() {
                text.extend(letter.escape_default());
            } else {
                text.push(letter);
            }
        }
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names_are_shown_without_loss() {
        assert_eq!(shown("Année/1".as_bytes()), "Année/1");
        assert_eq!(shown(b"a\xff\n"), "a\\xff\\n");
    }
}
