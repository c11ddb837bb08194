//! Tranches: which items go out together, planned first and marked as published afterwards.
//!
//! The public tree's own commit point decides whether a tranche is out. The plan is written before
//! it, so that after a kill the same items can be published under the same number, or marked.

use frelon_model::{CollectionId, Instant, ItemNumber, Tranche};
use rusqlite::{OptionalExtension as _, params};

use crate::{Vault, VaultError};

/// A tranche with its items chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranchePlan {
    /// The collection.
    pub collection: CollectionId,
    /// Number of the tranche.
    pub tranche: Tranche,
    /// Its title for readers.
    pub title: String,
    /// When it was planned; also the time of publication that readers see.
    pub planned_at: Instant,
    /// Number of items.
    pub items: u64,
    /// Their bytes, not deflated.
    pub bytes: u64,
}

impl Vault {
    /// The tranche that was planned and not yet marked as published, if there is one.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn planned(&self, collection: &CollectionId) -> Result<Option<TranchePlan>, VaultError> {
        let key = self.collection_key(collection)?;
        self.conn
            .query_row(
                "SELECT number, title, planned_at FROM tranche WHERE collection = ?1 AND published_at IS NULL",
                params![key],
                |row| Ok((Tranche(row.get(0)?), row.get::<_, String>(1)?, Instant(row.get(2)?))),
            )
            .optional()
            .map_err(|source| self.fail(source))?
            .map(|(tranche, title, planned_at)| {
                let (items, bytes) = self.tranche_size(key, tranche)?;
                Ok(TranchePlan { collection: collection.clone(), tranche, title, planned_at, items, bytes })
            })
            .transpose()
    }

    /// Plans the next tranche of all items that are in none and not blocked; `None` when there are
    /// none. A plan that is not yet published must be finished first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn plan(
        &mut self,
        collection: &CollectionId,
        title: &str,
        now: Instant,
    ) -> Result<Option<TranchePlan>, VaultError> {
        if let Some(plan) = self.planned(collection)? {
            return Ok(Some(plan));
        }
        let key = self.collection_key(collection)?;
        let transaction = self.conn.unchecked_transaction().map_err(|source| self.fail(source))?;
        let number: u32 = transaction
            .query_row("SELECT coalesce(max(number), 0) + 1 FROM tranche WHERE collection = ?1", params![key], |row| {
                row.get(0)
            })
            .map_err(|source| self.fail(source))?;
        let chosen = transaction
            .execute(
                "UPDATE item SET tranche = ?2 WHERE collection = ?1 AND tranche IS NULL AND blocked IS NULL",
                params![key, number],
            )
            .map_err(|source| self.fail(source))?;
        if chosen == 0 {
            return Ok(None);
        }
        transaction
            .execute(
                "INSERT INTO tranche (collection, number, title, planned_at) VALUES (?1, ?2, ?3, ?4)",
                params![key, number, title, now.0],
            )
            .map_err(|source| self.fail(source))?;
        self.audit(now, "tranche planned", collection, &format!("tranche {number}: {chosen} items"))?;
        transaction.commit().map_err(|source| self.fail(source))?;
        self.planned(collection)
    }

    /// Takes items out of a planned tranche because the gate keeps them back.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn block(
        &mut self,
        plan: &TranchePlan,
        items: &[(ItemNumber, String)],
        now: Instant,
    ) -> Result<(), VaultError> {
        let key = self.collection_key(&plan.collection)?;
        let transaction = self.conn.unchecked_transaction().map_err(|source| self.fail(source))?;
        for (number, reason) in items {
            transaction
                .execute(
                    "UPDATE item SET tranche = NULL, blocked = ?3 WHERE collection = ?1 AND number = ?2",
                    params![key, number.0, reason],
                )
                .map_err(|source| self.fail(source))?;
            self.audit(now, "item blocked by the gate", &plan.collection, &format!("item {number}: {reason}"))?;
        }
        transaction.commit().map_err(|source| self.fail(source))
    }

    /// Lifts all blocks of a collection, so that its items are looked at again by the next release.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn unblock(&mut self, collection: &CollectionId) -> Result<u64, VaultError> {
        let key = self.collection_key(collection)?;
        self.conn
            .execute("UPDATE item SET blocked = NULL WHERE collection = ?1 AND blocked IS NOT NULL", params![key])
            .map(|rows| rows as u64)
            .map_err(|source| self.fail(source))
    }

    /// Gives up a planned tranche; its items are unreleased again.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn unplan(&mut self, plan: &TranchePlan, now: Instant) -> Result<(), VaultError> {
        let key = self.collection_key(&plan.collection)?;
        let transaction = self.conn.unchecked_transaction().map_err(|source| self.fail(source))?;
        for statement in [
            "UPDATE item SET tranche = NULL WHERE collection = ?1 AND tranche = ?2",
            "DELETE FROM tranche WHERE collection = ?1 AND number = ?2 AND published_at IS NULL",
        ] {
            transaction.execute(statement, params![key, plan.tranche.0]).map_err(|source| self.fail(source))?;
        }
        self.audit(now, "tranche given up", &plan.collection, &format!("tranche {}", plan.tranche))?;
        transaction.commit().map_err(|source| self.fail(source))
    }

    /// Marks a tranche as published; called after the public tree's commit point.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn mark_published(&mut self, plan: &TranchePlan, now: Instant) -> Result<(), VaultError> {
        let key = self.collection_key(&plan.collection)?;
        let transaction = self.conn.unchecked_transaction().map_err(|source| self.fail(source))?;
        transaction
            .execute(
                "UPDATE tranche SET published_at = ?3 WHERE collection = ?1 AND number = ?2",
                params![key, plan.tranche.0, now.0],
            )
            .map_err(|source| self.fail(source))?;
        self.audit(now, "tranche published", &plan.collection, &format!("tranche {}", plan.tranche))?;
        transaction.commit().map_err(|source| self.fail(source))
    }

    fn tranche_size(&self, collection: i64, tranche: Tranche) -> Result<(u64, u64), VaultError> {
        self.conn
            .query_row(
                "SELECT count(*), coalesce(sum(size_bytes), 0) FROM item WHERE collection = ?1 AND tranche = ?2",
                params![collection, tranche.0],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .map_err(|source| self.fail(source))
    }
}
