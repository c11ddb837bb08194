//! Withdrawing items, restoring them, and putting one in the place of another.
//!
//! Each is a statement first; what it does to the public tree and the vault follows from the log
//! ([`Press::settle`]).

use frelon_model::{CollectionId, Instant, ItemNumber};
use frelon_public::statement::{Body, Correct, Restore, Withdraw, WithdrawMode, WithdrawReason};

use crate::{DeskError, Press, Stated};

/// What is withdrawn, how and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawRequest {
    /// The collection.
    pub collection: CollectionId,
    /// The item.
    pub number: ItemNumber,
    /// Hidden, or erased from the vault too.
    pub mode: WithdrawMode,
    /// Why.
    pub reason: WithdrawReason,
    /// Whose law, such as `FR`.
    pub jurisdiction: Option<String>,
    /// When it ends by itself.
    pub until: Option<Instant>,
    /// What readers are told. Never names, never contents.
    pub text: Option<String>,
}

impl Press<'_> {
    /// Takes a released item back.
    ///
    /// # Errors
    /// When it is not released or withdrawn in this mode already, or a disk refuses.
    pub fn withdraw(&mut self, request: WithdrawRequest) -> Result<Stated, DeskError> {
        let WithdrawRequest { collection, number, mode, reason, jurisdiction, until, text } = request;
        let leaf = self.leaf(&collection, number)?;
        if mode == WithdrawMode::Erase && until.is_some() {
            return Err(DeskError::EraseUntil);
        }
        // What is hidden can still be erased.
        let earlier = self.ledger.withdrawal(&collection, number).map(|withdrawal| withdrawal.mode);
        if earlier.is_some_and(|earlier| earlier == mode || earlier == WithdrawMode::Erase) {
            return Err(DeskError::Withdrawn { collection, number });
        }
        let withdraw = Withdraw { leaf, number, mode, reason, jurisdiction, until, text };
        let stated = self.propose(Some(collection), Body::Withdraw(withdraw))?;
        self.settle()?;
        Ok(stated)
    }

    /// Brings a withdrawn item back.
    ///
    /// # Errors
    /// When it is not withdrawn, or was erased, or a disk refuses.
    pub fn restore(
        &mut self,
        collection: CollectionId,
        number: ItemNumber,
        text: Option<String>,
    ) -> Result<Stated, DeskError> {
        let leaf = self.leaf(&collection, number)?;
        match self.ledger.withdrawal(&collection, number) {
            None => return Err(DeskError::NotWithdrawn { collection, number }),
            Some(withdrawal) if withdrawal.mode == WithdrawMode::Erase => {
                return Err(DeskError::Erased { collection, number });
            }
            Some(_) => {}
        }
        let stated = self.propose(Some(collection), Body::Restore(Restore { leaf, number, text }))?;
        self.settle()?;
        Ok(stated)
    }

    /// States that another item takes the place of one; both stay out.
    ///
    /// # Errors
    /// When one of them is not released, or a disk refuses.
    pub fn correct(
        &mut self,
        collection: CollectionId,
        number: ItemNumber,
        replacement: ItemNumber,
        reason: String,
    ) -> Result<Stated, DeskError> {
        let correct = Correct {
            leaf: self.leaf(&collection, number)?,
            replacement_leaf: self.leaf(&collection, replacement)?,
            reason,
        };
        let stated = self.propose(Some(collection), Body::Correct(correct))?;
        self.settle()?;
        Ok(stated)
    }

    /// Restores what was withdrawn until a time that has come. What was stated about each.
    ///
    /// # Errors
    /// When a disk refuses.
    pub fn end_withdrawals(&mut self) -> Result<Vec<Stated>, DeskError> {
        let waiting = self.open_statements_about()?;
        let ended: Vec<_> = self
            .ledger
            .withdrawals()
            .values()
            .filter(|withdrawal| withdrawal.mode == WithdrawMode::Hide && withdrawal.has_ended(self.now))
            .filter(|withdrawal| !waiting.contains(&withdrawal.leaf))
            .map(|withdrawal| (withdrawal.collection.clone(), withdrawal.leaf, withdrawal.number))
            .collect();
        let mut stated = Vec::new();
        for (collection, leaf, number) in ended {
            let restore = Restore { leaf, number, text: None };
            stated.push(self.propose(Some(collection), Body::Restore(restore))?);
        }
        if !stated.is_empty() {
            self.settle()?;
        }
        Ok(stated)
    }

    /// The leaves that drafts of a `restore` wait for: they are not drafted twice.
    fn open_statements_about(&self) -> Result<Vec<u64>, DeskError> {
        let mut leaves = Vec::new();
        for stored in self.vault.open_drafts()? {
            let draft = frelon_public::Draft::parse(stored.text.as_bytes())?;
            if let Body::Restore(restore) = draft.statement().body() {
                leaves.push(restore.leaf);
            }
        }
        Ok(leaves)
    }
}
