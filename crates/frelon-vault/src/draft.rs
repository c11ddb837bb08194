//! Statement drafts: what is to be stated, who signed it so far, and what became of it.

use frelon_model::{CollectionId, Instant};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::{Reader, Vault, VaultError};

/// What became of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DraftState {
    /// It waits for signatures, or to be logged.
    Open,
    /// It is in the log, at this leaf.
    Logged {
        /// Its index there.
        leaf: u64,
    },
    /// It was given up: it must not be logged any more.
    GivenUp,
}

/// A draft as the vault keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDraft {
    /// The id of the statement.
    pub id: [u8; 16],
    /// Its kind, such as `release`.
    pub kind: String,
    /// The collection it is about; `None` where it is about the whole log.
    pub collection: Option<CollectionId>,
    /// The draft's file: its text, and the signatures it has.
    pub text: String,
    /// When it was made.
    pub made_at: Instant,
    /// What became of it.
    pub state: DraftState,
}

const COLUMNS: &str = "id, kind, collection, text, made_at, state, leaf";

impl StoredDraft {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let collection: String = row.get(2)?;
        let (state, leaf): (String, Option<u64>) = (row.get(5)?, row.get(6)?);
        let state = match (state.as_str(), leaf) {
            ("logged", Some(leaf)) => DraftState::Logged { leaf },
            ("open", _) => DraftState::Open,
            _ => DraftState::GivenUp,
        };
        Ok(Self {
            id: row.get(0)?,
            kind: row.get(1)?,
            // What is no collection was never written here.
            collection: CollectionId::new(&collection).ok(),
            text: row.get(3)?,
            made_at: Instant(row.get(4)?),
            state,
        })
    }
}

impl Vault {
    /// Stores a draft, in place of an earlier state of it.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn set_draft(&mut self, draft: &StoredDraft) -> Result<(), VaultError> {
        let (state, leaf) = match draft.state {
            DraftState::Open => ("open", None),
            DraftState::Logged { leaf } => ("logged", Some(leaf)),
            DraftState::GivenUp => ("given up", None),
        };
        self.conn
            .execute(
                "INSERT OR REPLACE INTO draft (id, kind, collection, text, made_at, state, leaf)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    draft.id,
                    draft.kind,
                    draft.collection.as_ref().map_or("", CollectionId::as_str),
                    draft.text,
                    draft.made_at.0,
                    state,
                    leaf,
                ],
            )
            .map(|_| ())
            .map_err(|source| self.fail(source))
    }

    /// A draft by its id.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn draft(&self, id: &[u8; 16]) -> Result<Option<StoredDraft>, VaultError> {
        self.conn
            .query_row(&format!("SELECT {COLUMNS} FROM draft WHERE id = ?1"), params![id], StoredDraft::from_row)
            .optional()
            .map_err(|source| self.fail(source))
    }

    /// The drafts that wait, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn open_drafts(&self) -> Result<Vec<StoredDraft>, VaultError> {
        open_drafts(&self.conn).map_err(|source| self.fail(source))
    }
}

impl Reader {
    /// The drafts that wait, oldest first; also while another process writes.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn open_drafts(&self) -> Result<Vec<StoredDraft>, VaultError> {
        open_drafts(&self.conn).map_err(|source| self.fail(source))
    }
}

fn open_drafts(conn: &Connection) -> rusqlite::Result<Vec<StoredDraft>> {
    conn.prepare(&format!("SELECT {COLUMNS} FROM draft WHERE state = 'open' ORDER BY made_at, id"))?
        .query_map([], StoredDraft::from_row)?
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_waits_until_it_is_logged_or_given_up() {
        let folder = tempfile::tempdir().expect("room");
        let mut vault = Vault::open(folder.path()).expect("a vault");
        let mut draft = StoredDraft {
            id: [1; 16],
            kind: "release".to_owned(),
            collection: Some(CollectionId::new("letters").expect("a good name")),
            text: "a text".to_owned(),
            made_at: Instant(9),
            state: DraftState::Open,
        };
        vault.set_draft(&draft).expect("stored");
        let root = StoredDraft { id: [2; 16], collection: None, made_at: Instant(3), ..draft.clone() };
        vault.set_draft(&root).expect("stored");
        assert_eq!(vault.open_drafts().expect("read"), [root, draft.clone()]);
        draft.state = DraftState::Logged { leaf: 12 };
        vault.set_draft(&draft).expect("stored");
        assert_eq!(vault.draft(&[1; 16]).expect("read"), Some(draft));
        assert_eq!(vault.open_drafts().expect("read").len(), 1);
        assert_eq!(vault.draft(&[3; 16]).expect("read"), None);
    }
}
