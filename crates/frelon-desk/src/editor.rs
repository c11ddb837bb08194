//! Who the editors are, and how that changes.

use frelon_log::Verifier;
use frelon_public::statement::{Body, Root};

use crate::{DeskError, Press, Stated, press::editor_key_path};

/// The next root of the editors' keys. What is `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EditorsRequest {
    /// The editors from then on.
    pub editors: Vec<Verifier>,
    /// How many of them it takes.
    pub threshold: u64,
    /// The witnesses of the log.
    pub witnesses: Option<Vec<Verifier>>,
    /// Recipients (age) who keep shares of sealed tranches.
    pub custodians: Option<Vec<String>>,
}

impl Press<'_> {
    /// States who the editors are from then on. It takes the threshold of the present editors and of the
    /// next ones.
    ///
    /// # Errors
    /// When the keys or the threshold are no root, or a disk refuses.
    pub fn change_editors(&mut self, request: EditorsRequest) -> Result<Stated, DeskError> {
        self.ensure_root()?;
        let present = self
            .ledger
            .authority()
            .root()
            .cloned()
            .ok_or_else(|| crate::key::KeyError::Absent { path: editor_key_path(&self.publication) })?;
        let EditorsRequest { editors, threshold, witnesses, custodians } = request;
        let next = Root {
            version: present.version + 1,
            editors,
            threshold,
            witnesses: witnesses.unwrap_or(present.witnesses),
            log: present.log,
            custodians: custodians.unwrap_or(present.custodians),
        };
        let stated = self.propose(None, Body::Root(next))?;
        self.settle()?;
        Ok(stated)
    }
}
