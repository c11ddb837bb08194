//! What a check finds: counts, and what is wrong, each with its place.

use std::{collections::BTreeMap, fmt};

use frelon_model::ContentHash;
use serde::Serialize;

use crate::limits::FINDINGS_MAX;

/// What a check of volumes found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Volumes looked at.
    pub volume_count: u64,
    /// Items whose bytes are the published ones.
    pub item_count: u64,
    /// Their bytes, uncompressed.
    pub size_bytes: u64,
    /// What is wrong, by path and entry; at most a thousand are listed.
    pub findings: Vec<Finding>,
    /// How many things are wrong, listed or not.
    pub finding_count: u64,
    /// Size and hash of each volume's file, by its path.
    pub(super) files: BTreeMap<String, (u64, ContentHash)>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// Path in the public tree.
    pub path: String,
    /// The entry of the volume, or what else of the file is meant; empty for the whole file.
    pub entry: String,
    /// Where in the file it begins, in bytes, as far as that can be said. What a hash covers as a whole
    /// is wrong from its first byte on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// What.
    pub reason: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.path)?;
        if !self.entry.is_empty() {
            write!(out, " > {}", self.entry)?;
        }
        if let Some(offset) = self.offset {
            write!(out, " at byte {offset}")?;
        }
        write!(out, ": {}", self.reason)
    }
}

impl Report {
    /// Whether everything is as it should be.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.finding_count == 0
    }

    pub(super) fn find(&mut self, path: &str, entry: impl Into<String>, reason: impl Into<String>) {
        self.find_at(path, entry, None, reason);
    }

    pub(super) fn find_at(
        &mut self,
        path: &str,
        entry: impl Into<String>,
        offset: Option<u64>,
        reason: impl Into<String>,
    ) {
        self.finding_count += 1;
        if self.findings.len() < FINDINGS_MAX {
            let (path, entry, reason) = (path.to_owned(), entry.into(), reason.into());
            self.findings.push(Finding { path, entry, offset, reason });
        }
    }

    pub(super) fn absorb(&mut self, other: Self) {
        self.item_count += other.item_count;
        self.size_bytes += other.size_bytes;
        self.finding_count += other.finding_count;
        let room = FINDINGS_MAX.saturating_sub(self.findings.len());
        self.findings.extend(other.findings.into_iter().take(room));
        self.files.extend(other.files);
    }
}
