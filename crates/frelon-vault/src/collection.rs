//! Collections: what items are gathered and numbered in.

use frelon_model::{CollectionId, Instant};
use rusqlite::{OptionalExtension as _, params};

use crate::{Vault, VaultError};

/// A collection as the vault knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// Its name in paths and URLs.
    pub id: CollectionId,
    /// Its title for readers.
    pub title: String,
    /// What it is and where it comes from, plain text.
    pub about: String,
}

impl Vault {
    /// Makes sure a collection is there. Of one that is, an empty `title` or `about` changes nothing,
    /// any other text replaces what stood there.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn ensure_collection(&mut self, wanted: &Collection, now: Instant) -> Result<Collection, VaultError> {
        let title = if wanted.title.is_empty() { wanted.id.as_str() } else { &wanted.title };
        self.conn
            .execute(
                "INSERT INTO collection (name, title, about, created_at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (name) DO UPDATE SET
                   title = CASE ?5 WHEN '' THEN title ELSE ?5 END, about = CASE ?3 WHEN '' THEN about ELSE ?3 END",
                params![wanted.id.as_str(), title, wanted.about, now.0, wanted.title],
            )
            .map_err(|source| self.fail(source))?;
        self.collection(&wanted.id)
    }

    /// A collection by its name.
    ///
    /// # Errors
    /// When there is none of this name, or the database refuses.
    pub fn collection(&self, id: &CollectionId) -> Result<Collection, VaultError> {
        self.conn
            .query_row("SELECT title, about FROM collection WHERE name = ?1", params![id.as_str()], |row| {
                Ok(Collection { id: id.clone(), title: row.get(0)?, about: row.get(1)? })
            })
            .optional()
            .map_err(|source| self.fail(source))?
            .ok_or_else(|| VaultError::NoCollection { path: self.dir.clone(), collection: id.clone() })
    }

    /// Key of a collection's row.
    pub(crate) fn collection_key(&self, id: &CollectionId) -> Result<i64, VaultError> {
        self.conn
            .query_row("SELECT id FROM collection WHERE name = ?1", params![id.as_str()], |row| row.get(0))
            .optional()
            .map_err(|source| self.fail(source))?
            .ok_or_else(|| VaultError::NoCollection { path: self.dir.clone(), collection: id.clone() })
    }
}
