//! Looking into a vault: totals, failures, places, items and their bytes. Never writes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use frelon_model::{CollectionId, ContentHash, Instant, ItemNumber, Place, Tranche};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use sha2::{Digest as _, Sha256};

use crate::item::{COLUMNS, StoredItem};
use crate::pack::PackReader;
use crate::vault::{database, directory, pack_path};
use crate::{Collection, Counts, VaultError, schema};

/// Rows fetched at a time by the iterators: bounded memory, and no statement stays open between.
const PAGE_ROWS: u32 = 1_000;

/// A vault open for looking; also while another process writes to it.
#[derive(Debug)]
pub struct Reader {
    dir: PathBuf,
    database: PathBuf,
    pub(crate) conn: Connection,
    packs: BTreeMap<i64, PathBuf>,
    pack: PackReader,
}

/// Numbers of a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionTotals {
    /// The collection.
    pub collection: Collection,
    /// Items.
    pub items: u64,
    /// Bytes of all items, not deflated.
    pub bytes: u64,
    /// Places where items were found; more than `items` where there are duplicates.
    pub places: u64,
    /// Items in a published tranche.
    pub released: u64,
    /// Items the gate keeps back.
    pub blocked: u64,
    /// Failures of its sources.
    pub failures: u64,
    /// Notes on items that were taken.
    pub notes: u64,
    /// Published tranches.
    pub tranches: u32,
    /// A tranche that was planned and not published: an interrupted release.
    pub planned: Option<Tranche>,
}

/// One intake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessionRow {
    /// Its number.
    pub id: i64,
    /// The collection it went to.
    pub collection: CollectionId,
    /// The sources, as given.
    pub sources: Vec<String>,
    /// When it began.
    pub started_at: Instant,
    /// When it ended; `None` while it is under way or after an interruption.
    pub finished_at: Option<Instant>,
    /// What it did in all its runs.
    pub counts: Counts,
}

/// One failure or note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureRow {
    /// The collection.
    pub collection: CollectionId,
    /// The source, as given.
    pub source: String,
    /// Where.
    pub place: Place,
    /// Stable code of the reason.
    pub reason: String,
    /// What happened and what to do.
    pub message: String,
    /// Whether no mail is missing by it.
    pub taken: bool,
    /// The bytes that could not be taken in, where they were kept: [`Reader::kept`].
    pub content: Option<ContentHash>,
}

/// One place of an item, with what stood around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceRow {
    /// The item.
    pub number: ItemNumber,
    /// The source, as given.
    pub source: String,
    /// Where.
    pub place: Place,
    /// Code of the file format and its quoting.
    pub kind: String,
    /// Bytes before the item.
    pub head: Vec<u8>,
    /// Bytes behind it.
    pub tail: Vec<u8>,
}

impl Reader {
    /// Opens the vault of a publication directory.
    ///
    /// # Errors
    /// When there is none, or it was written by another version.
    pub fn open(publication: &Path) -> Result<Self, VaultError> {
        let dir = directory(publication);
        let database = database(&dir);
        let conn = schema::open_for_reading(&database)?;
        Ok(Self { dir, database, conn, packs: BTreeMap::new(), pack: PackReader::default() })
    }

    /// All collections with their totals, in order of their names.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn collections(&self) -> Result<Vec<CollectionTotals>, VaultError> {
        let rows = self.rows("SELECT id, name, title, about FROM collection ORDER BY name", params![], |row| {
            let id = collection_id(row, 1)?;
            Ok((row.get::<_, i64>(0)?, Collection { id, title: row.get(2)?, about: row.get(3)? }))
        })?;
        rows.into_iter().map(|(key, collection)| self.totals(key, collection)).collect()
    }

    fn totals(&self, key: i64, collection: Collection) -> Result<CollectionTotals, VaultError> {
        let one = |sql: &str| self.conn.query_row(sql, params![key], |row| row.get::<_, u64>(0));
        let totals = || {
            let (items, bytes, blocked) = self.conn.query_row(
                "SELECT count(*), coalesce(sum(size_bytes), 0), count(blocked) FROM item WHERE collection = ?1",
                params![key],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )?;
            Ok(CollectionTotals {
                collection,
                items,
                bytes,
                blocked,
                places: one(
                    "SELECT count(*) FROM source JOIN file ON file.source = source.id JOIN place ON place.file = file.id
                     WHERE source.collection = ?1",
                )?,
                released: one(
                    "SELECT count(*) FROM item JOIN tranche ON tranche.collection = item.collection
                     AND tranche.number = item.tranche WHERE item.collection = ?1 AND published_at IS NOT NULL",
                )?,
                failures: one(
                    "SELECT count(*) FROM failure JOIN source ON source.id = failure.source
                     WHERE source.collection = ?1 AND NOT taken",
                )?,
                notes: one(
                    "SELECT count(*) FROM failure JOIN source ON source.id = failure.source
                     WHERE source.collection = ?1 AND taken",
                )?,
                tranches: self.conn.query_row(
                    "SELECT count(*) FROM tranche WHERE collection = ?1 AND published_at IS NOT NULL",
                    params![key],
                    |row| row.get(0),
                )?,
                planned: self
                    .conn
                    .query_row(
                        "SELECT number FROM tranche WHERE collection = ?1 AND published_at IS NULL",
                        params![key],
                        |row| row.get(0).map(Tranche),
                    )
                    .optional()?,
            })
        };
        totals().map_err(|source| self.fail(source))
    }

    /// All accessions, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn accessions(&self) -> Result<Vec<AccessionRow>, VaultError> {
        self.rows(
            "SELECT accession.id, name, request, started_at, finished_at, added, duplicates, known, failures, notes
             FROM accession JOIN collection ON collection.id = accession.collection ORDER BY accession.id",
            params![],
            |row| {
                let request: String = row.get(2)?;
                Ok(AccessionRow {
                    id: row.get(0)?,
                    collection: collection_id(row, 1)?,
                    sources: serde_json::from_str(&request).unwrap_or_else(|_| vec![request]),
                    started_at: Instant(row.get(3)?),
                    finished_at: row.get::<_, Option<i64>>(4)?.map(Instant),
                    counts: Counts {
                        added: row.get(5)?,
                        duplicates: row.get(6)?,
                        known: row.get(7)?,
                        failures: row.get(8)?,
                        notes: row.get(9)?,
                    },
                })
            },
        )
    }

    /// All failures and notes, by source, path and offset; read page by page.
    pub fn failures(self) -> impl Iterator<Item = Result<FailureRow, VaultError>> {
        pages(move |done| {
            self.rows(
                "SELECT collection.name, source.path, failure.path, inner_path, offset_bytes, reason, message, taken,
                 content FROM failure JOIN source ON source.id = failure.source
                 JOIN collection ON collection.id = source.collection
                 ORDER BY failure.source, failure.path, inner_path, offset_bytes, reason LIMIT ?1 OFFSET ?2",
                params![PAGE_ROWS, done],
                |row| {
                    Ok(FailureRow {
                        collection: collection_id(row, 0)?,
                        source: row.get(1)?,
                        place: Place { file: row.get(2)?, inner: row.get(3)?, offset_bytes: row.get(4)? },
                        reason: row.get(5)?,
                        message: row.get(6)?,
                        taken: row.get(7)?,
                        content: row.get::<_, Option<[u8; 32]>>(8)?.map(ContentHash),
                    })
                },
            )
        })
    }

    /// All places of one collection, by source, file and offset; read page by page.
    pub fn places<'a>(
        &'a self,
        collection: &'a CollectionId,
    ) -> impl Iterator<Item = Result<PlaceRow, VaultError>> + 'a {
        pages(move |done| {
            self.rows(
                "SELECT number, source.path, file.path, inner_path, offset_bytes, kind, head, tail
                 FROM source JOIN file ON file.source = source.id JOIN place ON place.file = file.id
                 WHERE source.collection = (SELECT id FROM collection WHERE name = ?1)
                 ORDER BY source.id, file.path, inner_path, offset_bytes, number LIMIT ?2 OFFSET ?3",
                params![collection.as_str(), PAGE_ROWS, done],
                place_row,
            )
        })
    }

    /// All places where one item was found, by source, file and offset.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn places_of(&self, collection: &CollectionId, number: ItemNumber) -> Result<Vec<PlaceRow>, VaultError> {
        self.rows(
            "SELECT number, source.path, file.path, inner_path, offset_bytes, kind, head, tail
             FROM place JOIN file ON file.id = place.file JOIN source ON source.id = file.source
             WHERE place.number = ?2 AND source.collection = (SELECT id FROM collection WHERE name = ?1)
             ORDER BY source.id, file.path, inner_path, offset_bytes",
            params![collection.as_str(), number.0],
            place_row,
        )
    }

    /// What is known of an item.
    ///
    /// # Errors
    /// When there is no such item, or the database refuses.
    pub fn item(&self, collection: &CollectionId, number: ItemNumber) -> Result<StoredItem, VaultError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM item WHERE number = ?2 AND collection = (SELECT id FROM collection WHERE name = ?1)"
        );
        self.conn
            .prepare_cached(&sql)
            .and_then(|mut select| {
                select.query_row(params![collection.as_str(), number.0], StoredItem::from_row).optional()
            })
            .map_err(|source| self.fail(source))?
            .ok_or_else(|| VaultError::NoItem { collection: collection.clone(), number })
    }

    /// The bytes of an item, checked against its hash.
    ///
    /// # Errors
    /// When they cannot be read or are not what was stored.
    pub fn bytes(&mut self, item: &StoredItem) -> Result<Vec<u8>, VaultError> {
        let mut packed = Vec::new();
        self.packed(item, &mut packed)?;
        self.inflate(&packed, item.size_bytes, &item.content).map_err(|detail| VaultError::Damaged {
            path: self.packs.get(&item.pack).cloned().unwrap_or_default(),
            detail: format!("item {}, stored at byte {}: {detail}", item.number, item.pack_offset),
        })
    }

    /// The bytes of a failure, checked against their hash; `None` when they were not kept.
    ///
    /// # Errors
    /// When they cannot be read or are not what was stored.
    pub fn kept(&mut self, content: &ContentHash) -> Result<Option<Vec<u8>>, VaultError> {
        let row = self
            .conn
            .query_row(
                "SELECT size_bytes, pack, pack_offset, packed_bytes FROM kept WHERE content = ?1",
                params![content.0],
                |row| Ok((row.get::<_, u64>(0)?, row.get::<_, i64>(1)?, row.get::<_, u64>(2)?, row.get::<_, u64>(3)?)),
            )
            .optional()
            .map_err(|source| self.fail(source))?;
        let Some((size_bytes, pack, offset, length)) = row else { return Ok(None) };
        let mut packed = Vec::new();
        self.read_pack(pack, offset, length, &mut packed)?;
        let bytes = self.inflate(&packed, size_bytes, content).map_err(|detail| VaultError::Damaged {
            path: self.packs.get(&pack).cloned().unwrap_or_default(),
            detail: format!("kept bytes {content}, stored at byte {offset}: {detail}"),
        })?;
        Ok(Some(bytes))
    }

    /// Room that the bytes of failures take in the packs, in bytes.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn kept_packed_bytes(&self) -> Result<u64, VaultError> {
        self.conn
            .query_row("SELECT coalesce(sum(packed_bytes), 0) FROM kept", [], |row| row.get(0))
            .map_err(|source| self.fail(source))
    }

    fn inflate(&self, packed: &[u8], size_bytes: u64, content: &ContentHash) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        frelon_deflate::Inflater::default()
            .inflate_unchecked(packed, size_bytes, &mut bytes)
            .map_err(|error| error.to_string())?;
        if ContentHash(Sha256::digest(&bytes).into()) != *content {
            return Err("its SHA-256 differs from the one recorded".to_owned());
        }
        Ok(bytes)
    }

    /// Appends the deflate stream of an item to `out`, unchecked.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn packed(&mut self, item: &StoredItem, out: &mut Vec<u8>) -> Result<(), VaultError> {
        self.read_pack(item.pack, item.pack_offset, item.packed_bytes, out)
    }

    fn read_pack(&mut self, pack: i64, offset: u64, length: u64, out: &mut Vec<u8>) -> Result<(), VaultError> {
        if !self.packs.contains_key(&pack) {
            let name: String = self
                .conn
                .query_row("SELECT name FROM pack WHERE id = ?1", params![pack], |row| row.get(0))
                .map_err(|source| self.fail(source))?;
            self.packs.insert(pack, pack_path(&self.dir, &name));
        }
        let length = usize::try_from(length).expect("an item fits into memory");
        self.pack.read(&self.packs[&pack], offset, length, out)
    }

    /// The items of a tranche in order of their numbers, to go through with their streams.
    #[must_use]
    pub fn tranche(self, collection: &CollectionId, tranche: Tranche) -> PackedItems {
        PackedItems { reader: self, collection: collection.clone(), tranche, page: Vec::new().into_iter(), last: 0 }
    }

    fn rows<T>(
        &self,
        sql: &str,
        arguments: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, VaultError> {
        self.conn
            .prepare_cached(sql)
            .and_then(|mut select| select.query_map(arguments, read)?.collect())
            .map_err(|source| self.fail(source))
    }

    pub(crate) fn fail(&self, source: rusqlite::Error) -> VaultError {
        VaultError::database(&self.database, source)
    }
}

/// Goes through the items of a tranche. Owns its reader, so that it can move to a thread.
#[derive(Debug)]
pub struct PackedItems {
    reader: Reader,
    collection: CollectionId,
    tranche: Tranche,
    page: std::vec::IntoIter<StoredItem>,
    last: u64,
}

impl PackedItems {
    /// The next item; its deflate stream, not yet checked, is appended to `packed`.
    ///
    /// # Errors
    /// When the vault cannot be read.
    pub fn next(&mut self, packed: &mut Vec<u8>) -> Result<Option<StoredItem>, VaultError> {
        if self.page.len() == 0 {
            let sql = format!(
                "SELECT {COLUMNS} FROM item WHERE collection = (SELECT id FROM collection WHERE name = ?1)
                 AND number > ?2 AND tranche = ?3 ORDER BY number LIMIT ?4"
            );
            let arguments = params![self.collection.as_str(), self.last, self.tranche.0, PAGE_ROWS];
            self.page = self.reader.rows(&sql, arguments, StoredItem::from_row)?.into_iter();
        }
        let Some(item) = self.page.next() else { return Ok(None) };
        self.last = item.number.0;
        self.reader.packed(&item, packed)?;
        Ok(Some(item))
    }
}

/// Turns a query with an offset into an iterator that ends at the first short page or error.
fn pages<T>(mut fetch: impl FnMut(u64) -> Result<Vec<T>, VaultError>) -> impl Iterator<Item = Result<T, VaultError>> {
    let (mut done, mut ended) = (0_u64, false);
    std::iter::from_fn(move || {
        if ended {
            return None;
        }
        let page = fetch(done);
        ended = page.as_ref().map_or(true, |rows| rows.len() < PAGE_ROWS as usize);
        Some(match page {
            Ok(rows) => {
                done += rows.len() as u64;
                rows.into_iter().map(Ok).collect::<Vec<_>>()
            }
            Err(error) => vec![Err(error)],
        })
    })
    .flatten()
}

fn place_row(row: &Row<'_>) -> rusqlite::Result<PlaceRow> {
    Ok(PlaceRow {
        number: ItemNumber(row.get(0)?),
        source: row.get(1)?,
        place: Place { file: row.get(2)?, inner: row.get(3)?, offset_bytes: row.get(4)? },
        kind: row.get(5)?,
        head: row.get(6)?,
        tail: row.get(7)?,
    })
}

pub(crate) fn collection_id(row: &Row<'_>, column: usize) -> rusqlite::Result<CollectionId> {
    let text: String = row.get(column)?;
    CollectionId::new(&text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}
