//! News of a running operation, about ten times a second.

use std::ops::ControlFlow;
use std::time::{Duration, Instant as Clock};

/// Least time between two pieces of news: fast enough for the eye, too slow to cost anything.
pub(crate) const INTERVAL: Duration = Duration::from_millis(100);

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// Sources are read into the vault.
    Intake,
    /// Items are checked by the gate and written to volumes.
    Release,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Bytes done: of the sources, or of the items to release.
    pub bytes_done: u64,
    /// Bytes in all; 0 while not known.
    pub bytes_total: u64,
    /// Items found or written so far.
    pub items: u64,
    /// Failures, or items blocked by the gate, so far.
    pub failures: u64,
}

/// Hears the news. `Break` stops the operation in good order: what is done is kept.
pub trait Watch {
    /// Called about ten times a second, and once at the end.
    fn news(&mut self, progress: &Progress) -> ControlFlow<()>;
}

impl<F: FnMut(&Progress) -> ControlFlow<()>> Watch for F {
    fn news(&mut self, progress: &Progress) -> ControlFlow<()> {
        self(progress)
    }
}

/// Lets news through when it is time.
pub(crate) struct Throttle {
    last: Clock,
}

impl Throttle {
    pub(crate) fn new() -> Self {
        Self { last: Clock::now() }
    }

    pub(crate) fn is_due(&mut self) -> bool {
        let due = self.last.elapsed() >= INTERVAL;
        if due {
            self.last = Clock::now();
        }
        due
    }
}
