//! A volume that came alone: what can be said of it without its log.

use std::{num::NonZero, ops::ControlFlow, path::Path};

use frelon_model::{CollectionId, Tranche};
use serde::Serialize;

use super::{
    Finding, Progress,
    shelf::{self, Shelf, Work},
};
use crate::{ReadError, volume};

/// What is said of a ZIP alone. Whoever made it may have made up all of it: it is tied to no log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VolumeVerdict {
    /// Items that are what their openings say.
    pub item_count: u64,
    /// Their bytes, uncompressed.
    pub size_bytes: u64,
    /// What is wrong; at most a thousand are listed.
    pub findings: Vec<Finding>,
    /// How many things are wrong.
    pub finding_count: u64,
    /// Whether it was stopped before the end.
    pub stopped: bool,
}

impl VolumeVerdict {
    /// Whether every item is what its opening says.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        self.finding_count == 0 && !self.stopped
    }
}

/// Checks a volume that came alone: each item against its opening, and that nothing else is in it.
///
/// # Errors
/// When the file cannot be read, or is no volume.
pub fn verify_volume(
    path: &Path,
    threads: NonZero<usize>,
    watch: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<VolumeVerdict, ReadError> {
    drop(volume::Reader::open(path)?);
    let directory = path.parent().unwrap_or(Path::new(""));
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // Nothing of these is asked for: they only say what stands together.
    let collection = CollectionId::from_title(&name);
    let withdrawn = std::collections::BTreeMap::new();
    let volumes = vec![&*name];
    let shelf =
        Shelf { collection: &collection, tranche: Tranche(1), item_count: None, volumes, withdrawn, logged: None };
    let work = Work { directory, log: None, now: None, threads };
    let (mut report, _, flow) = shelf::check(&work, &[shelf], watch);
    report.findings.sort();
    Ok(VolumeVerdict {
        item_count: report.item_count,
        size_bytes: report.size_bytes,
        findings: report.findings,
        finding_count: report.finding_count,
        stopped: flow.is_break(),
    })
}
