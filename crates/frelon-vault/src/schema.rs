//! Tables of `vault.sqlite` and how the database is opened.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::VaultError;

/// `PRAGMA user_version` of the vaults this code reads and writes.
const FORMAT: i64 = 3;
/// `PRAGMA application_id`: "frlv".
const APPLICATION_ID: i64 = 0x6672_6c76;
/// How long a statement waits for another connection's write, in milliseconds. Commits are short.
const BUSY_MS: u64 = 10_000;

/// `item` is clustered by number so that intake appends and release reads in order. Its content is
/// found through an integer prefix of the hash: eight bytes a row instead of 32, and no text.
/// `place` is clustered by file and offset, so a second intake of a source finds each row at once.
/// `kept` holds the bytes of failures once, however often a source is taken in again.
const TABLES: &str = "
CREATE TABLE collection (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, title TEXT NOT NULL, about TEXT NOT NULL,
    created_at INTEGER NOT NULL, last_number INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE accession (
    id INTEGER PRIMARY KEY, collection INTEGER NOT NULL, request TEXT NOT NULL,
    started_at INTEGER NOT NULL, finished_at INTEGER,
    position_source INTEGER NOT NULL DEFAULT 0, position_file BLOB NOT NULL DEFAULT x'',
    position_offset INTEGER NOT NULL DEFAULT 0,
    added INTEGER NOT NULL DEFAULT 0, duplicates INTEGER NOT NULL DEFAULT 0,
    known INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0, notes INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX accession_request ON accession (collection, request);
CREATE TABLE source (
    id INTEGER PRIMARY KEY, collection INTEGER NOT NULL, path TEXT NOT NULL, UNIQUE (collection, path)
) STRICT;
CREATE TABLE file (
    id INTEGER PRIMARY KEY, source INTEGER NOT NULL, path TEXT NOT NULL, inner_path TEXT NOT NULL,
    UNIQUE (source, path, inner_path)
) STRICT;
CREATE TABLE pack (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, size_bytes INTEGER NOT NULL
) STRICT;
CREATE TABLE item (
    collection INTEGER NOT NULL, number INTEGER NOT NULL, prefix INTEGER NOT NULL, content BLOB NOT NULL,
    size_bytes INTEGER NOT NULL, crc32 INTEGER NOT NULL,
    pack INTEGER NOT NULL, pack_offset INTEGER NOT NULL, packed_bytes INTEGER NOT NULL,
    media_type TEXT NOT NULL, name TEXT NOT NULL, sent_at INTEGER, accession INTEGER NOT NULL,
    tranche INTEGER, blocked TEXT, erased_at INTEGER,
    PRIMARY KEY (collection, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX item_content ON item (collection, prefix);
CREATE TABLE place (
    file INTEGER NOT NULL, offset_bytes INTEGER NOT NULL, number INTEGER NOT NULL,
    kind TEXT NOT NULL, head BLOB NOT NULL, tail BLOB NOT NULL,
    PRIMARY KEY (file, offset_bytes, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX place_item ON place (number);
CREATE TABLE failure (
    source INTEGER NOT NULL, path TEXT NOT NULL, inner_path TEXT NOT NULL, offset_bytes INTEGER NOT NULL,
    reason TEXT NOT NULL, message TEXT NOT NULL, taken INTEGER NOT NULL, accession INTEGER NOT NULL,
    content BLOB,
    PRIMARY KEY (source, path, inner_path, offset_bytes, reason)
) STRICT, WITHOUT ROWID;
CREATE TABLE kept (
    content BLOB PRIMARY KEY, size_bytes INTEGER NOT NULL,
    pack INTEGER NOT NULL, pack_offset INTEGER NOT NULL, packed_bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE tranche (
    collection INTEGER NOT NULL, number INTEGER NOT NULL, title TEXT NOT NULL,
    planned_at INTEGER NOT NULL, published_at INTEGER,
    PRIMARY KEY (collection, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE audit (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, action TEXT NOT NULL, collection TEXT NOT NULL, detail TEXT NOT NULL
) STRICT;
";

/// What the log brought: releases on their way, drafts, what is withdrawn.
const LOG_TABLES: &str = "
CREATE TABLE journal (
    collection INTEGER NOT NULL, tranche INTEGER NOT NULL, item_count INTEGER NOT NULL, volumes TEXT NOT NULL,
    from_leaf INTEGER NOT NULL, first_leaf INTEGER, last_leaf INTEGER,
    PRIMARY KEY (collection, tranche)
) STRICT, WITHOUT ROWID;
CREATE TABLE draft (
    id BLOB PRIMARY KEY, kind TEXT NOT NULL, collection TEXT NOT NULL, text TEXT NOT NULL,
    made_at INTEGER NOT NULL, state TEXT NOT NULL, leaf INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE withdrawn (
    collection INTEGER NOT NULL, number INTEGER NOT NULL, volume TEXT NOT NULL, opening BLOB NOT NULL,
    PRIMARY KEY (collection, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE denied (
    content BLOB PRIMARY KEY, prefix INTEGER NOT NULL, denied_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

/// From format 1: the bytes of failures are kept.
const FROM_1: &str = "
ALTER TABLE failure ADD COLUMN content BLOB;
CREATE TABLE kept (
    content BLOB PRIMARY KEY, size_bytes INTEGER NOT NULL,
    pack INTEGER NOT NULL, pack_offset INTEGER NOT NULL, packed_bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

/// From format 2: items can be erased. [`LOG_TABLES`] come with it.
const FROM_2: &str = "ALTER TABLE item ADD COLUMN erased_at INTEGER;";

/// Opens the database for writing, creating it where there is none.
pub(crate) fn open(path: &Path) -> Result<Connection, VaultError> {
    let fail = |source| VaultError::database(path, source);
    let mut conn = Connection::open(path).map_err(fail)?;
    conn.busy_timeout(Duration::from_millis(BUSY_MS)).map_err(fail)?;
    // FULL: a commit is on the disk when it returns, also in WAL mode.
    // Checkpoints every 16 MiB of log instead of 4: fewer random writes during a long intake.
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;
         PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY;
         PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;",
    )
    .map_err(fail)?;
    let transaction = conn.transaction().map_err(fail)?;
    let format: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(fail)?;
    let steps: &[&str] = match format {
        0 => &[TABLES, LOG_TABLES],
        1 => &[FROM_1, FROM_2, LOG_TABLES],
        2 => &[FROM_2, LOG_TABLES],
        FORMAT => &[],
        found => return Err(VaultError::Format { path: path.to_owned(), found, known: FORMAT }),
    };
    if steps.is_empty() {
        drop(transaction);
    } else {
        steps.iter().try_for_each(|step| transaction.execute_batch(step)).map_err(fail)?;
        transaction.pragma_update(None, "user_version", FORMAT).map_err(fail)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(fail)?;
        transaction.commit().map_err(fail)?;
    }
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

/// Opens an existing database for looking only.
pub(crate) fn open_for_reading(path: &Path) -> Result<Connection, VaultError> {
    let fail = |source| VaultError::database(path, source);
    if !path.exists() {
        return Err(VaultError::Absent { path: path.to_owned() });
    }
    // Write permission is for the WAL's shared-memory file; `query_only` keeps the content safe.
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(fail)?;
    conn.busy_timeout(Duration::from_millis(BUSY_MS)).map_err(fail)?;
    conn.execute_batch("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -8192;")
        .map_err(fail)?;
    let found: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(fail)?;
    match found {
        FORMAT => Ok(conn),
        0 => Err(VaultError::Absent { path: path.to_owned() }),
        found => Err(VaultError::Format { path: path.to_owned(), found, known: FORMAT }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vault_of_format_2_is_carried_on() {
        let folder = tempfile::tempdir().expect("room");
        let path = folder.path().join("vault.sqlite");
        let old = Connection::open(&path).expect("a new file");
        let tables = TABLES.replace(", erased_at INTEGER", "");
        old.execute_batch(&format!("{tables} PRAGMA user_version = 2;")).expect("as format 2 was");
        old.execute("INSERT INTO item VALUES (1, 1, 0, x'00', 1, 0, 1, 0, 1, '', '', NULL, 1, NULL, NULL)", [])
            .expect("fifteen columns");
        drop(old);
        let conn = open(&path).expect("carried on");
        let found: (Option<i64>, i64) = conn
            .query_row("SELECT erased_at, (SELECT count(*) FROM journal) FROM item", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .expect("both tables");
        assert_eq!(found, (None, 0));
    }

    #[test]
    fn a_vault_of_format_1_is_carried_on() {
        let folder = tempfile::tempdir().expect("room");
        let path = folder.path().join("vault.sqlite");
        drop(open(&path).expect("a new vault"));
        let old = Connection::open(&path).expect("there");
        old.execute_batch(
            "DROP TABLE kept; ALTER TABLE failure DROP COLUMN content; ALTER TABLE item DROP COLUMN erased_at;
             DROP TABLE journal; DROP TABLE draft; DROP TABLE withdrawn; DROP TABLE denied;
             PRAGMA user_version = 1;",
        )
        .expect("as format 1 was");
        old.execute("INSERT INTO failure VALUES (1, 'a', '', 0, 'not-mail', 'no mail', 0, 1)", [])
            .expect("eight columns");
        drop(old);
        let conn = open(&path).expect("carried on");
        let found: (i64, Option<[u8; 32]>, i64) = conn
            .query_row("SELECT taken, content, (SELECT count(*) FROM kept) FROM failure", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .expect("both tables");
        assert_eq!(found, (0, None, 0));
        drop(conn);
        open_for_reading(&path).expect("now of this format");
    }
}
