//! One intake: items, places and failures stored in batches, each batch whole or absent.

use std::collections::HashSet;
use std::path::Path;

use frelon_model::{CollectionId, ContentHash, Instant, ItemNumber, Place};
use rusqlite::{OptionalExtension as _, params};

use crate::fault::Step;
use crate::pack::{self, PACK_BYTES_MAX, PackWriter};
use crate::vault::pack_path;
use crate::{Vault, VaultError};

/// Bytes of items gathered before they are committed: what a kill can cost, against two syncs each.
const BATCH_BYTES: u64 = 32 * 1024 * 1024;
/// Rows gathered before they are committed.
const BATCH_ROWS: u64 = 4_000;

/// Where reading a source stands: everything before it is stored.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position {
    /// Index of the source among those of the request.
    pub source: u32,
    /// Path of the file relative to the source, as the bytes the system uses; empty at the start.
    pub file: Vec<u8>,
    /// Offset in that file, in bytes, where the next item starts.
    pub offset_bytes: u64,
}

/// How the bytes of an item stood in the file: what has to be put around them to get the file back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Form<'a> {
    /// Code of the file format and its quoting, such as `mboxrd` or `file`.
    pub kind: &'a str,
    /// Bytes that stood before the item (an mbox envelope line).
    pub head: &'a [u8],
    /// Bytes that stood behind it (the empty line between two messages).
    pub tail: &'a [u8],
}

/// An item to store.
#[derive(Debug, Clone, Copy)]
pub struct NewItem<'a> {
    /// SHA-256 of the bytes.
    pub content: ContentHash,
    /// Length of the bytes.
    pub size_bytes: u64,
    /// CRC-32 of the bytes.
    pub crc32: u32,
    /// Media type.
    pub media_type: &'a str,
    /// File name; empty for messages.
    pub name: &'a str,
    /// When it was sent, as claimed.
    pub sent_at: Option<Instant>,
    /// The bytes as a raw deflate stream.
    pub packed: &'a [u8],
}

/// What an intake did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Items that are new in the collection.
    pub added: u64,
    /// Items that were there already, found at a place not seen before.
    pub duplicates: u64,
    /// Items met again at the very place where they were found before.
    pub known: u64,
    /// Failures: nothing was stored.
    pub failures: u64,
    /// Notes on items that were stored.
    pub notes: u64,
}

/// One intake under way. Dropped without [`Accession::finish`], it can be resumed from its last
/// committed batch.
#[derive(Debug)]
pub struct Accession<'v> {
    pub(crate) vault: &'v mut Vault,
    pub(crate) id: i64,
    collection: CollectionId,
    collection_key: i64,
    last_number: u64,
    source_keys: Vec<i64>,
    resume: Option<Position>,
    pack: Option<(i64, PackWriter)>,
    /// The file of the last place: sources are read file by file.
    file: Option<(u32, String, String, i64)>,
    /// Of this run.
    pub(crate) counts: Counts,
    /// Of this run, when the last batch was committed.
    committed: Counts,
    pub(crate) pending_rows: u64,
    pub(crate) pending_bytes: u64,
    in_transaction: bool,
    /// Set by the first error: what memory holds then no longer agrees with the disk.
    broken: bool,
}

impl Vault {
    /// Begins an intake, or resumes an unfinished one of the same sources. `sources` are the paths
    /// as the operator may recognise them, in the order given; equal lists mean the same intake.
    ///
    /// # Errors
    /// When the collection does not exist or the disk refuses.
    pub fn begin(
        &mut self,
        collection: &CollectionId,
        sources: &[String],
        now: Instant,
    ) -> Result<Accession<'_>, VaultError> {
        let collection_key = self.collection_key(collection)?;
        let request = serde_json::to_string(sources).expect("a list of texts is JSON");
        let unfinished = self
            .conn
            .query_row(
                "SELECT id, position_source, position_file, position_offset FROM accession
                 WHERE collection = ?1 AND request = ?2 AND finished_at IS NULL ORDER BY id DESC LIMIT 1",
                params![collection_key, request],
                |row| {
                    let position = Position { source: row.get(1)?, file: row.get(2)?, offset_bytes: row.get(3)? };
                    Ok((row.get::<_, i64>(0)?, position))
                },
            )
            .optional()
            .map_err(|source| self.fail(source))?;
        let (id, resume, source_keys) = match unfinished {
            Some((id, position)) => {
                (id, (position != Position::default()).then_some(position), self.source_keys(collection_key, sources)?)
            }
            None => {
                let transaction = self.conn.unchecked_transaction().map_err(|source| self.fail(source))?;
                let keys = self.source_keys(collection_key, sources)?;
                for key in &keys {
                    // They are found again if they are still there; what was mended goes away.
                    transaction
                        .execute("DELETE FROM failure WHERE source = ?1", params![key])
                        .map_err(|source| self.fail(source))?;
                }
                transaction
                    .execute(
                        "INSERT INTO accession (collection, request, started_at) VALUES (?1, ?2, ?3)",
                        params![collection_key, request, now.0],
                    )
                    .map_err(|source| self.fail(source))?;
                let id = transaction.last_insert_rowid();
                self.audit(now, "intake begun", collection, &request)?;
                transaction.commit().map_err(|source| self.fail(source))?;
                (id, None, keys)
            }
        };
        let last_number = self
            .conn
            .query_row("SELECT last_number FROM collection WHERE id = ?1", params![collection_key], |row| row.get(0))
            .map_err(|source| self.fail(source))?;
        Ok(Accession {
            vault: self,
            id,
            collection: collection.clone(),
            collection_key,
            last_number,
            source_keys,
            resume,
            pack: None,
            file: None,
            counts: Counts::default(),
            committed: Counts::default(),
            pending_rows: 0,
            pending_bytes: 0,
            in_transaction: false,
            broken: false,
        })
    }

    fn source_keys(&self, collection: i64, sources: &[String]) -> Result<Vec<i64>, VaultError> {
        let key = |path: &String| {
            self.conn.execute(
                "INSERT INTO source (collection, path) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                params![collection, path],
            )?;
            self.conn.query_row(
                "SELECT id FROM source WHERE collection = ?1 AND path = ?2",
                params![collection, path],
                |row| row.get(0),
            )
        };
        sources.iter().map(key).collect::<Result<_, _>>().map_err(|source| self.fail(source))
    }
}

impl Accession<'_> {
    /// Number of this accession in the vault.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.id
    }

    /// Where an interrupted run of the same intake ended; `None` to start from the beginning.
    #[must_use]
    pub fn resume(&self) -> Option<&Position> {
        self.resume.as_ref()
    }

    /// What this run did so far, batches not yet committed included.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Hash prefixes of the items the collection has, at most `limit` of them; whether these are all.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn prefixes(&self, limit: usize) -> Result<(HashSet<i64>, bool), VaultError> {
        let read = || {
            let mut select =
                self.vault.conn.prepare_cached("SELECT prefix FROM item WHERE collection = ?1 LIMIT ?2")?;
            let rows = select.query_map(params![self.collection_key, limit as u64 + 1], |row| row.get(0))?;
            rows.collect::<Result<HashSet<i64>, _>>()
        };
        let found = read().map_err(|source| self.vault.fail(source))?;
        let all = found.len() <= limit;
        Ok((found, all))
    }

    /// The item with these bytes, if the collection has it.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn find(&mut self, content: &ContentHash) -> Result<Option<ItemNumber>, VaultError> {
        let found = || {
            let mut select = self
                .vault
                .conn
                // Without being told, SQLite reads the whole collection in the order of its numbers.
                .prepare_cached(
                    "SELECT number, content FROM item INDEXED BY item_content WHERE collection = ?1 AND prefix = ?2",
                )?;
            let mut rows = select.query(params![self.collection_key, content.prefix()])?;
            while let Some(row) = rows.next()? {
                if row.get_ref(1)?.as_blob()? == content.0 {
                    return Ok(Some(ItemNumber(row.get(0)?)));
                }
            }
            Ok(None)
        };
        found().map_err(|source| self.vault.fail(source))
    }

    /// Stores an item that [`Accession::find`] does not know, and its first place; gives it the next number.
    ///
    /// # Errors
    /// When the disk refuses; the batch is then not stored, the ones before it are.
    pub fn add(
        &mut self,
        item: &NewItem<'_>,
        source: u32,
        place: &Place,
        form: Form<'_>,
    ) -> Result<ItemNumber, VaultError> {
        self.guarded(|this| {
            this.open_batch()?;
            let (pack, start) = this.append(item.packed)?;
            let number = this.last_number + 1;
            this.vault
                .conn
                .prepare_cached(
                    "INSERT INTO item (collection, number, prefix, content, size_bytes, crc32, pack, pack_offset,
                     packed_bytes, media_type, name, sent_at, accession)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
                )
                .and_then(|mut insert| {
                    insert.execute(params![
                        this.collection_key,
                        number,
                        item.content.prefix(),
                        item.content.0,
                        item.size_bytes,
                        item.crc32,
                        pack,
                        start,
                        item.packed.len() as u64,
                        item.media_type,
                        item.name,
                        item.sent_at.map(|at| at.0),
                        this.id,
                    ])
                })
                .map_err(|source| this.vault.fail(source))?;
            this.last_number = number;
            this.insert_place(ItemNumber(number), source, place, form)?;
            this.counts.added += 1;
            this.pending_rows += 1;
            this.pending_bytes += item.size_bytes;
            Ok(ItemNumber(number))
        })
    }

    /// Records that a stored item was found at one more place; `false` when that was known.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn add_place(
        &mut self,
        number: ItemNumber,
        source: u32,
        place: &Place,
        form: Form<'_>,
    ) -> Result<bool, VaultError> {
        self.guarded(|this| {
            this.open_batch()?;
            let new = this.insert_place(number, source, place, form)?;
            *if new { &mut this.counts.duplicates } else { &mut this.counts.known } += 1;
            this.pending_rows += 1;
            Ok(new)
        })
    }

    /// Whether enough has gathered that it should be committed.
    #[must_use]
    pub fn batch_is_full(&self) -> bool {
        self.pending_bytes >= BATCH_BYTES || self.pending_rows >= BATCH_ROWS
    }

    /// Makes everything added so far durable, with the position from which to go on after a kill.
    ///
    /// # Errors
    /// When the disk refuses; the batch is then not stored, the ones before it are.
    pub fn commit(&mut self, position: &Position) -> Result<(), VaultError> {
        self.guarded(|this| {
            this.open_batch()?;
            this.write_batch(position, None)
        })
    }

    /// Commits the last batch and closes the accession: the same sources then start a new one.
    ///
    /// # Errors
    /// As [`Accession::commit`].
    pub fn finish(mut self, position: &Position, now: Instant) -> Result<Counts, VaultError> {
        self.guarded(|this| {
            this.open_batch()?;
            this.write_batch(position, Some(now))?;
            Ok(this.counts)
        })
    }

    /// Runs one operation; after an error no other is accepted.
    pub(crate) fn guarded<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T, VaultError>) -> Result<T, VaultError> {
        if self.broken {
            let source = std::io::Error::other("an earlier write failed");
            return Err(VaultError::io(&self.vault.dir, "go on writing to", source));
        }
        let result = run(self);
        self.broken = result.is_err();
        result
    }

    pub(crate) fn open_batch(&mut self) -> Result<(), VaultError> {
        if !self.in_transaction {
            self.vault.conn.execute_batch("BEGIN IMMEDIATE").map_err(|source| self.vault.fail(source))?;
            self.in_transaction = true;
        }
        Ok(())
    }

    pub(crate) fn source_key(&self, source: u32) -> i64 {
        self.source_keys[usize::try_from(source).expect("an index of a list in memory")]
    }

    fn insert_place(
        &mut self,
        number: ItemNumber,
        source: u32,
        place: &Place,
        form: Form<'_>,
    ) -> Result<bool, VaultError> {
        let file = self.file_key(source, place)?;
        self.vault
            .conn
            .prepare_cached(
                "INSERT INTO place (file, offset_bytes, number, kind, head, tail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT DO NOTHING",
            )
            .and_then(|mut insert| {
                insert.execute(params![file, place.offset_bytes, number.0, form.kind, form.head, form.tail])
            })
            .map(|rows| rows == 1)
            .map_err(|source| self.vault.fail(source))
    }

    fn file_key(&mut self, source: u32, place: &Place) -> Result<i64, VaultError> {
        if let Some((known_source, file, inner, key)) = &self.file
            && (*known_source, file, inner) == (source, &place.file, &place.inner)
        {
            return Ok(*key);
        }
        let source_key = self.source_key(source);
        let find = || {
            self.vault
                .conn
                .prepare_cached("SELECT id FROM file WHERE source = ?1 AND path = ?2 AND inner_path = ?3")?
                .query_row(params![source_key, place.file, place.inner], |row| row.get(0))
                .optional()
        };
        let insert = || {
            self.vault
                .conn
                .prepare_cached("INSERT INTO file (source, path, inner_path) VALUES (?1, ?2, ?3)")?
                .insert(params![source_key, place.file, place.inner])
        };
        let key = match find().map_err(|source| self.vault.fail(source))? {
            Some(key) => key,
            None => insert().map_err(|source| self.vault.fail(source))?,
        };
        self.file = Some((source, place.file.clone(), place.inner.clone(), key));
        Ok(key)
    }

    /// Appends a stream to the current pack, rolling to the next one where it is full.
    pub(crate) fn append(&mut self, stream: &[u8]) -> Result<(i64, u64), VaultError> {
        if self.pack.is_none() {
            self.pack = self.last_pack()?;
        }
        let room = |pack: &PackWriter| pack.len() == 0 || pack.len() + stream.len() as u64 <= PACK_BYTES_MAX;
        if !self.pack.as_ref().is_some_and(|(_, pack)| room(pack)) {
            if let Some((key, mut full)) = self.pack.take() {
                full.sync(&mut self.vault.fault)?;
                self.record_pack(key, full.len())?;
            }
            self.pack = Some(self.next_pack()?);
        }
        let (key, pack) = self.pack.as_mut().expect("opened above");
        Ok((*key, pack.append(stream, &mut self.vault.fault)?))
    }

    /// The pack an interrupted run of this accession wrote last.
    fn last_pack(&self) -> Result<Option<(i64, PackWriter)>, VaultError> {
        let row = self
            .vault
            .conn
            .query_row(
                "SELECT id, name, size_bytes FROM pack WHERE name GLOB ?1 ORDER BY id DESC LIMIT 1",
                params![format!("{}.*", self.id)],
                |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, u64>(2)?)),
            )
            .optional()
            .map_err(|source| self.vault.fail(source))?;
        let Some((key, name, committed)) = row else { return Ok(None) };
        Ok(Some((key, PackWriter::open(&pack_path(&self.vault.dir, &name), committed)?)))
    }

    fn next_pack(&self) -> Result<(i64, PackWriter), VaultError> {
        let fail = |source| self.vault.fail(source);
        let packs: u64 = self
            .vault
            .conn
            .query_row("SELECT count(*) FROM pack WHERE name GLOB ?1", params![format!("{}.*", self.id)], |row| {
                row.get(0)
            })
            .map_err(fail)?;
        let name = format!("{}.{}.pack", self.id, packs + 1);
        self.vault.conn.execute("INSERT INTO pack (name, size_bytes) VALUES (?1, 0)", params![name]).map_err(fail)?;
        let key = self.vault.conn.last_insert_rowid();
        Ok((key, PackWriter::open(&pack_path(&self.vault.dir, &name), 0)?))
    }

    fn record_pack(&self, key: i64, len: u64) -> Result<(), VaultError> {
        self.vault
            .conn
            .execute("UPDATE pack SET size_bytes = ?2 WHERE id = ?1", params![key, len])
            .map(|_| ())
            .map_err(|source| self.vault.fail(source))
    }

    fn write_batch(&mut self, position: &Position, finished: Option<Instant>) -> Result<(), VaultError> {
        if let Some((key, mut pack)) = self.pack.take() {
            // Killed before this returns: the tail is cut off at the next open, no row names it.
            pack.sync(&mut self.vault.fault)?;
            self.record_pack(key, pack.len())?;
            self.pack = Some((key, pack));
        }
        let new = self.counts;
        let old = self.committed;
        let fail = |source| self.vault.fail(source);
        self.vault
            .conn
            .prepare_cached(
                "UPDATE accession SET position_source = ?2, position_file = ?3, position_offset = ?4, finished_at = ?5,
                 added = added + ?6, duplicates = duplicates + ?7, known = known + ?8,
                 failures = failures + ?9, notes = notes + ?10 WHERE id = ?1",
            )
            .and_then(|mut update| {
                update.execute(params![
                    self.id,
                    position.source,
                    position.file,
                    position.offset_bytes,
                    finished.map(|at| at.0),
                    new.added - old.added,
                    new.duplicates - old.duplicates,
                    new.known - old.known,
                    new.failures - old.failures,
                    new.notes - old.notes,
                ])
            })
            .map_err(fail)?;
        self.vault
            .conn
            .prepare_cached("UPDATE collection SET last_number = ?2 WHERE id = ?1")
            .and_then(|mut update| update.execute(params![self.collection_key, self.last_number]))
            .map_err(fail)?;
        if let Some(at) = finished {
            let detail = format!("accession {}: {} new, {} failures", self.id, new.added, new.failures);
            self.vault.audit(at, "intake finished", &self.collection, &detail)?;
        }
        let database = self.vault.database.clone();
        pack::step(&mut self.vault.fault, Step::BeforeCommit, &database)?;
        // Killed before this returns: SQLite rolls back. After: the batch is there for good.
        self.vault.conn.execute_batch("COMMIT").map_err(|source| self.vault.fail(source))?;
        self.in_transaction = false;
        self.pending_rows = 0;
        self.pending_bytes = 0;
        self.committed = new;
        pack::step(&mut self.vault.fault, Step::AfterCommit, Path::new(&database))
    }
}

impl Drop for Accession<'_> {
    fn drop(&mut self) {
        if self.in_transaction {
            // SQLite does the same when a process dies; the pack's tail is cut when it is next opened.
            let _rolled_back_by_close_otherwise = self.vault.conn.execute_batch("ROLLBACK");
        }
    }
}
