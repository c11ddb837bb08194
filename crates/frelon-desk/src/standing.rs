//! Where a publication stands: its log, its editors, what waits for them. Needs no key.

use std::{fs, path::Path};

use frelon_log::{Policy, TreeHead, Verifier};
use frelon_public::{Ledger, LogReader, statement::Root};
use frelon_vault::Reader;

use crate::{DeskError, OpenDraft, press::public_directory, proposal::listed, tree::POLICY_PATH};

/// Where a publication stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The key of its log; `None` before anything was stated.
    pub log: Option<Verifier>,
    /// The log.
    pub head: TreeHead,
    /// Who the editors are; `None` before anything was stated.
    pub root: Option<Root>,
    /// Items that are withdrawn.
    pub withdrawn: u64,
    /// The drafts that wait for signatures, oldest first.
    pub drafts: Vec<OpenDraft>,
}

/// Reads where a publication stands; also while another process writes.
///
/// # Errors
/// When its vault or its log cannot be read.
pub fn standing(publication: &Path) -> Result<Standing, DeskError> {
    let public = public_directory(publication);
    let policy = fs::read(public.join(POLICY_PATH)).ok().and_then(|text| Policy::parse(&text).ok());
    let Some(log) = policy.and_then(|policy| policy.logs().first().map(|log| log.key.clone())) else {
        return Ok(Standing { log: None, head: TreeHead::empty(), root: None, withdrawn: 0, drafts: Vec::new() });
    };
    let ledger = Ledger::read(&LogReader::open(&public, &log)?, &log)?;
    let stored = Reader::open(publication)?.open_drafts()?;
    Ok(Standing {
        head: ledger.head(),
        root: ledger.authority().root().cloned(),
        withdrawn: ledger.withdrawals().len() as u64,
        drafts: listed(publication, stored, ledger.authority())?,
        log: Some(log),
    })
}
