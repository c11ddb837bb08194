//! Failures on request: the seam by which tests of every writer see a disk fail at a chosen step.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::error::{Error, Operation};

/// One failure to inject: the operation with this position among all that a [`crate::Disk`] is
/// asked for, counted from 0, fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Position of the operation that fails.
    pub at: usize,
    /// Whether its effect reached the disk all the same: a caller may trust neither.
    pub persisted: bool,
    /// What the system says.
    pub kind: io::ErrorKind,
    /// What becomes of the operations after it.
    pub after: After,
}

/// What happens after a [`Fault`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// The process lives on and its clean-up works.
    Alive,
    /// As if the process had been killed at that moment: nothing more reaches the disk.
    Dead,
}

/// One operation that was asked for, as a recording [`crate::Disk`] lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What.
    pub operation: Operation,
    /// On which path; for a rename, the new name.
    pub path: PathBuf,
}

/// The state shared by all clones of a disk under test.
#[derive(Debug)]
pub(crate) struct Script {
    fault: Option<Fault>,
    records: Mutex<Vec<Record>>,
}

impl Script {
    pub(crate) fn new(fault: Option<Fault>) -> Self {
        Self { fault, records: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Record>> {
        // A list of records is whole after every push, so a panic elsewhere cannot have broken it.
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn records(&self) -> Vec<Record> {
        self.lock().clone()
    }

    /// Records the operation and runs it, or fails as the script says.
    pub(crate) fn step<T>(
        &self,
        operation: Operation,
        path: &Path,
        run: impl FnOnce() -> io::Result<T>,
    ) -> Result<T, Error> {
        let at = {
            let mut records = self.lock();
            records.push(Record { operation, path: path.to_owned() });
            records.len() - 1
        };
        let fail = |kind: io::ErrorKind| Error::new(operation, path, io::Error::new(kind, "injected failure"));
        match self.fault {
            Some(fault) if at == fault.at => {
                if fault.persisted {
                    run().map_err(|source| Error::new(operation, path, source))?;
                }
                Err(fail(fault.kind))
            }
            Some(fault) if at > fault.at && fault.after == After::Dead => Err(fail(io::ErrorKind::Other)),
            _ => run().map_err(|source| Error::new(operation, path, source)),
        }
    }
}
