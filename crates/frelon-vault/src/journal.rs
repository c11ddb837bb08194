//! The journal of a release on its way: what of it is done, so that a run that follows goes on there.

use frelon_model::{CollectionId, Tranche};
use rusqlite::{OptionalExtension as _, Row, params};

use crate::{Vault, VaultError, read::collection_id};

/// How far the release of a planned tranche has come. It is there from when its volumes are whole on the
/// disk until the tranche is marked as published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseJournal {
    /// The collection.
    pub collection: CollectionId,
    /// The tranche.
    pub tranche: Tranche,
    /// How many items its volumes hold.
    pub item_count: u64,
    /// Its volumes, in whatever words the desk describes them.
    pub volumes: String,
    /// The log had so many entries before any of this release was appended: nothing of it is before.
    pub from_leaf: u64,
    /// First and last leaf of its document entries, once all of them are logged.
    pub leaves: Option<(u64, u64)>,
}

const COLUMNS: &str = "collection.name, journal.tranche, item_count, volumes, from_leaf, first_leaf, last_leaf";

impl ReleaseJournal {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let (first, last): (Option<u64>, Option<u64>) = (row.get(5)?, row.get(6)?);
        Ok(Self {
            collection: collection_id(row, 0)?,
            tranche: Tranche(row.get(1)?),
            item_count: row.get(2)?,
            volumes: row.get(3)?,
            from_leaf: row.get(4)?,
            leaves: first.zip(last),
        })
    }
}

impl Vault {
    /// The journal of a tranche's release, if there is one.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn journal(&self, collection: &CollectionId, tranche: Tranche) -> Result<Option<ReleaseJournal>, VaultError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM journal JOIN collection ON collection.id = journal.collection
             WHERE name = ?1 AND tranche = ?2"
        );
        self.conn
            .query_row(&sql, params![collection.as_str(), tranche.0], ReleaseJournal::from_row)
            .optional()
            .map_err(|source| self.fail(source))
    }

    /// All journals, by collection and tranche.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn journals(&self) -> Result<Vec<ReleaseJournal>, VaultError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM journal JOIN collection ON collection.id = journal.collection
             ORDER BY name, tranche"
        );
        self.conn
            .prepare(&sql)
            .and_then(|mut select| select.query_map([], ReleaseJournal::from_row)?.collect())
            .map_err(|source| self.fail(source))
    }

    /// Writes a journal, in place of an earlier one of the same tranche.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn set_journal(&mut self, journal: &ReleaseJournal) -> Result<(), VaultError> {
        let key = self.collection_key(&journal.collection)?;
        self.conn
            .execute(
                "INSERT OR REPLACE INTO journal
                 (collection, tranche, item_count, volumes, from_leaf, first_leaf, last_leaf)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    key,
                    journal.tranche.0,
                    journal.item_count,
                    journal.volumes,
                    journal.from_leaf,
                    journal.leaves.map(|(first, _)| first),
                    journal.leaves.map(|(_, last)| last),
                ],
            )
            .map(|_| ())
            .map_err(|source| self.fail(source))
    }

    /// Removes a journal: its release is over, or given up.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn drop_journal(&mut self, collection: &CollectionId, tranche: Tranche) -> Result<(), VaultError> {
        let key = self.collection_key(collection)?;
        self.conn
            .execute("DELETE FROM journal WHERE collection = ?1 AND tranche = ?2", params![key, tranche.0])
            .map(|_| ())
            .map_err(|source| self.fail(source))
    }
}

#[cfg(test)]
mod tests {
    use frelon_model::Instant;

    use super::*;
    use crate::Collection;

    #[test]
    fn a_journal_is_kept_until_it_is_dropped() {
        let folder = tempfile::tempdir().expect("room");
        let mut vault = Vault::open(folder.path()).expect("a vault");
        let id = CollectionId::new("letters").expect("a good name");
        vault
            .ensure_collection(&Collection { id: id.clone(), title: String::new(), about: String::new() }, Instant(1))
            .expect("stored");
        let mut journal = ReleaseJournal {
            collection: id.clone(),
            tranche: Tranche(2),
            item_count: 3,
            volumes: "[]".to_owned(),
            from_leaf: 7,
            leaves: None,
        };
        vault.set_journal(&journal).expect("stored");
        assert_eq!(vault.journal(&id, Tranche(2)).expect("read"), Some(journal.clone()));
        journal.leaves = Some((7, 9));
        vault.set_journal(&journal).expect("stored");
        assert_eq!(vault.journals().expect("read"), [journal]);
        assert_eq!(vault.journal(&id, Tranche(1)).expect("read"), None);
        vault.drop_journal(&id, Tranche(2)).expect("dropped");
        assert!(vault.journals().expect("read").is_empty());
    }
}
