//! Withdrawn items: the opening lines of those that may come back, and the removal of those that
//! must not.

use std::{fs::OpenOptions, io, os::unix::fs::FileExt as _, path::Path};

use frelon_model::{CollectionId, ContentHash, Instant, ItemNumber};
use rusqlite::{OptionalExtension as _, params};
use rustix::fs::{FallocateFlags, fallocate};

use crate::{Accession, Vault, VaultError, vault::pack_path};

/// Zeros written at a time over bytes that are erased.
const ZEROS_BYTES: usize = 64 * 1024;

/// What is kept of a withdrawn item that may come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptOpening {
    /// Its number.
    pub number: ItemNumber,
    /// The path, in the public tree, of the volume it was in.
    pub volume: String,
    /// The line of its opening, without its newline.
    pub opening: Vec<u8>,
}

impl Vault {
    /// Keeps the opening line of a withdrawn item, from which its volume can be made again.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn keep_opening(&mut self, collection: &CollectionId, kept: &KeptOpening) -> Result<(), VaultError> {
        let key = self.collection_key(collection)?;
        self.conn
            .execute(
                "INSERT OR REPLACE INTO withdrawn (collection, number, volume, opening) VALUES (?1, ?2, ?3, ?4)",
                params![key, kept.number.0, kept.volume, kept.opening],
            )
            .map(|_| ())
            .map_err(|source| self.fail(source))
    }

    /// What is kept of the withdrawn items of a collection, by number.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn kept_openings(&self, collection: &CollectionId) -> Result<Vec<KeptOpening>, VaultError> {
        let key = self.collection_key(collection)?;
        let row = |row: &rusqlite::Row<'_>| {
            Ok(KeptOpening { number: ItemNumber(row.get(0)?), volume: row.get(1)?, opening: row.get(2)? })
        };
        self.conn
            .prepare_cached("SELECT number, volume, opening FROM withdrawn WHERE collection = ?1 ORDER BY number")
            .and_then(|mut select| select.query_map(params![key], row)?.collect())
            .map_err(|source| self.fail(source))
    }

    /// Forgets the opening line of an item that is out again.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn drop_opening(&mut self, collection: &CollectionId, number: ItemNumber) -> Result<(), VaultError> {
        let key = self.collection_key(collection)?;
        self.conn
            .execute("DELETE FROM withdrawn WHERE collection = ?1 AND number = ?2", params![key, number.0])
            .map(|_| ())
            .map_err(|source| self.fail(source))
    }

    /// Whether an item was erased.
    ///
    /// # Errors
    /// When the database refuses; an item that is not there was not erased.
    pub fn is_erased(&self, collection: &CollectionId, number: ItemNumber) -> Result<bool, VaultError> {
        let key = self.collection_key(collection)?;
        self.conn
            .query_row(
                "SELECT erased_at IS NOT NULL FROM item WHERE collection = ?1 AND number = ?2",
                params![key, number.0],
                |row| row.get(0),
            )
            .optional()
            .map(|erased| erased.unwrap_or(false))
            .map_err(|source| self.fail(source))
    }

    /// Erases items: their bytes, names, hashes, places and openings, also from the free space of the
    /// database. Their numbers stay, and what had their content is not taken in again. Runs again
    /// where an earlier run was stopped; what is erased already stays so.
    ///
    /// What a file system, a disk or a backup keeps of older states is out of reach.
    ///
    /// # Errors
    /// When the disk refuses: some of it may then still be there, and the next call goes on.
    pub fn erase(&mut self, collection: &CollectionId, numbers: &[ItemNumber], now: Instant) -> Result<(), VaultError> {
        let key = self.collection_key(collection)?;
        let mut erased = 0;
        for number in numbers {
            erased += usize::from(self.erase_one(collection, key, *number, now)?);
        }
        if erased > 0 {
            self.clear_free_space()?;
        }
        Ok(())
    }

    /// One item; `false` when it was erased before.
    fn erase_one(
        &mut self,
        collection: &CollectionId,
        key: i64,
        number: ItemNumber,
        now: Instant,
    ) -> Result<bool, VaultError> {
        let row = self
            .conn
            .query_row(
                "SELECT content, prefix, pack.name, pack_offset, packed_bytes FROM item
                 JOIN pack ON pack.id = item.pack WHERE collection = ?1 AND number = ?2 AND erased_at IS NULL",
                params![key, number.0],
                |row| {
                    let place = (row.get::<_, String>(2)?, row.get::<_, u64>(3)?, row.get::<_, u64>(4)?);
                    Ok((row.get::<_, [u8; 32]>(0)?, row.get::<_, i64>(1)?, place))
                },
            )
            .optional()
            .map_err(|source| self.fail(source))?;
        let Some((content, prefix, (pack, offset, length))) = row else { return Ok(false) };
        // First the bytes, then the row that names them: stopped in between, the next run does both
        // again.
        let path = pack_path(&self.dir, &pack);
        overwrite(&path, offset, length).map_err(|source| VaultError::io(&path, "erase a part of", source))?;
        let transaction = self.conn.unchecked_transaction().map_err(|source| self.fail(source))?;
        let run = || {
            // The bytes of failures are kept by their hash; those of this item are its own once more.
            transaction.execute(
                "INSERT OR IGNORE INTO denied (content, prefix, denied_at) VALUES (?1, ?2, ?3)",
                params![content, prefix, now.0],
            )?;
            transaction.execute(
                "DELETE FROM failure WHERE EXISTS (
                   SELECT 1 FROM place JOIN file ON file.id = place.file JOIN source ON source.id = file.source
                   WHERE place.number = ?2 AND source.collection = ?1 AND failure.source = source.id
                   AND failure.path = file.path AND failure.inner_path = file.inner_path
                   AND failure.offset_bytes = place.offset_bytes)",
                params![key, number.0],
            )?;
            transaction.execute(
                "DELETE FROM place WHERE number = ?2 AND file IN (
                   SELECT file.id FROM file JOIN source ON source.id = file.source WHERE source.collection = ?1)",
                params![key, number.0],
            )?;
            transaction
                .execute("DELETE FROM withdrawn WHERE collection = ?1 AND number = ?2", params![key, number.0])?;
            transaction.execute(
                "UPDATE item SET prefix = 0, content = zeroblob(32), size_bytes = 0, crc32 = 0, packed_bytes = 0,
                 pack_offset = 0, media_type = '', name = '', sent_at = NULL, erased_at = ?3
                 WHERE collection = ?1 AND number = ?2",
                params![key, number.0, now.0],
            )
        };
        run().map_err(|source| self.fail(source))?;
        self.audit(now, "item erased", collection, &format!("item {number}"))?;
        transaction.commit().map_err(|source| self.fail(source))?;
        Ok(true)
    }

    /// Rewrites the database without what deleted rows left in it, and empties its log.
    fn clear_free_space(&self) -> Result<(), VaultError> {
        self.conn
            .execute_batch("PRAGMA wal_checkpoint(TRUNCATE); VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")
            .map_err(|source| self.fail(source))
    }
}

impl Accession<'_> {
    /// Whether an item of this content was erased, and must not be taken in again.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn is_denied(&self, content: &ContentHash) -> Result<bool, VaultError> {
        self.vault
            .conn
            .prepare_cached("SELECT count(*) FROM denied WHERE content = ?1")
            .and_then(|mut select| select.query_row(params![content.0], |row| row.get::<_, u64>(0)))
            .map(|rows| rows > 0)
            .map_err(|source| self.vault.fail(source))
    }
}

/// Writes zeros over a range of a file, durably, and gives the room back where the file system can.
fn overwrite(path: &Path, offset: u64, length: u64) -> io::Result<()> {
    if length == 0 {
        return Ok(());
    }
    let file = OpenOptions::new().write(true).open(path)?;
    let zeros = vec![0; ZEROS_BYTES];
    let mut done = 0;
    while done < length {
        let piece = usize::try_from(length - done).unwrap_or(ZEROS_BYTES).min(ZEROS_BYTES);
        file.write_all_at(&zeros[..piece], offset + done)?;
        done += piece as u64;
    }
    file.sync_data()?;
    // A hole reads as zeros too. Where there are no holes, the zeros stay.
    let _where_possible = fallocate(&file, FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE, offset, length);
    file.sync_data()
}

#[cfg(test)]
mod tests;
