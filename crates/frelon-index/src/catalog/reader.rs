//! Reading a finished catalog from many threads.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError, RwLock},
};

use frelon_model::{
    Address, CollectionId, ContentHash, Instant, ItemKey, ItemNumber, Problem, Tranche, YearMonth, ZonedInstant,
};
use hashbrown::HashSet;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};

use super::{CollectionNo, RowKey, log, row::StreamRow, schema, signing};
use crate::{
    change::{ChangeRecord, LogRecord, TombstoneRecord},
    error::ReadError,
    record::{
        AttachmentRecord, CollectionRecord, GradeCount, ItemRecord, ListOrder, MonthCount, PeopleOrder, PersonRecord,
        ReleaseRecord, SigningKeyRecord,
    },
};

/// Idle connections kept open; more are opened when more threads ask at once.
const IDLE_CONNECTIONS_MAX: usize = 8;
/// Address space of one connection's memory map, in bytes: reads cost no system call.
const MMAP_BYTES: i64 = 1 << 31;

/// A finished catalog, opened read-only.
pub(crate) struct CatalogReader {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    collections: Vec<(CollectionNo, CollectionRecord)>,
    releases: Vec<ReleaseRecord>,
    volumes: Vec<(u32, String)>,
    log: Option<LogRecord>,
    root: Option<ChangeRecord>,
    /// By key.
    tombstones: Vec<TombstoneRecord>,
    /// What was taken back since this was made, and is left out of every answer.
    denied: RwLock<HashSet<RowKey>>,
}

/// An item's record and where its bytes lie.
pub(crate) struct Located {
    pub(crate) item: ItemRecord,
    pub(crate) stream: StreamRow,
}

/// Columns of an item row, with its two shown people and its thread.
const ITEM: &str = "SELECT i.key, i.tranche, i.volume, i.offset, i.compressed, i.size, i.crc32, i.content, i.media_type,
  i.subject, i.from_name, coalesce(i.from_email, f.key), i.to_name, coalesce(i.to_email, t.key), i.recipients, i.sent_at,
  i.sent_offset, i.received_at, i.sorted_at, i.attachments, i.language, i.list, i.message_id, i.problems, l.thread, i.dkim,
  i.leaf
  FROM item i LEFT JOIN person f ON f.id = i.from_person LEFT JOIN person t ON t.id = i.to_person
  LEFT JOIN link l ON l.item = i.key";

/// A place in a list sorted by date: sorting date (undated last) and key.
pub(crate) type DatePlace = (Option<i64>, RowKey);

impl CatalogReader {
    pub(crate) fn open(dir: &Path) -> Result<Self, ReadError> {
        let mut reader = Self {
            path: dir.join(schema::FILE_NAME),
            idle: Mutex::new(Vec::new()),
            collections: Vec::new(),
            releases: Vec::new(),
            volumes: Vec::new(),
            log: None,
            root: None,
            tombstones: Vec::new(),
            denied: RwLock::default(),
        };
        let (collections, volumes) = reader.with(|connection| {
            let mut select = connection.prepare("SELECT no, figures FROM collection ORDER BY title, id")?;
            let rows = select.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
            let collections = rows.collect::<Result<Vec<(u16, String)>, _>>()?;
            let mut select = connection.prepare("SELECT no, path FROM volume ORDER BY no")?;
            let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok((collections, rows.collect::<Result<Vec<_>, _>>()?))
        })?;
        for (no, figures) in collections {
            let record = serde_json::from_str(&figures).map_err(|error| reader.damage(&error))?;
            reader.collections.push((CollectionNo(no), record));
        }
        reader.volumes = volumes;
        reader.releases = reader.read_releases()?;
        reader.log = reader.with(log::read_log)?;
        reader.root = reader.with(log::read_root)?;
        reader.tombstones = reader.with(|connection| log::read_tombstones(connection, |key| reader.item_key(key)))?;
        reader.tombstones.sort_by(|one, other| one.key.cmp(&other.key));
        Ok(reader)
    }

    pub(crate) fn collections(&self) -> impl Iterator<Item = &CollectionRecord> {
        self.collections.iter().map(|(_, record)| record)
    }

    pub(crate) fn collection(&self, id: &CollectionId) -> Option<(CollectionNo, &CollectionRecord)> {
        self.collections.iter().find(|(_, record)| record.id == *id).map(|(no, record)| (*no, record))
    }

    pub(crate) fn releases(&self) -> &[ReleaseRecord] {
        &self.releases
    }

    /// Leaves these out of every answer from now on.
    pub(crate) fn deny(&self, keys: impl IntoIterator<Item = RowKey>) {
        *self.denied.write().unwrap_or_else(PoisonError::into_inner) = keys.into_iter().collect();
    }

    fn is_denied(&self, key: RowKey) -> bool {
        self.denied.read().unwrap_or_else(PoisonError::into_inner).contains(&key)
    }

    /// The log as of which this was made.
    pub(crate) fn log(&self) -> Option<&LogRecord> {
        self.log.as_ref()
    }

    /// Who the editors are.
    pub(crate) fn root(&self) -> Option<&ChangeRecord> {
        self.root.as_ref()
    }

    /// What was taken back, by key.
    pub(crate) fn tombstones(&self) -> &[TombstoneRecord] {
        &self.tombstones
    }

    /// Statements before a leaf, newest first.
    pub(crate) fn changes(&self, before: u64, limit: usize) -> Result<Vec<ChangeRecord>, ReadError> {
        self.with(|connection| log::read_changes(connection, before, limit))
    }

    /// Path of a volume in the public tree.
    pub(crate) fn volume(&self, no: u32) -> Option<&str> {
        self.volumes.iter().find(|(found, _)| *found == no).map(|(_, path)| path.as_str())
    }

    pub(crate) fn key(&self, key: &ItemKey) -> Option<RowKey> {
        self.collection(&key.collection).map(|(no, _)| RowKey::new(no, key.number))
    }

    pub(crate) fn collection_id(&self, no: CollectionNo) -> Option<&CollectionId> {
        self.collections.iter().find(|(found, _)| *found == no).map(|(_, record)| &record.id)
    }

    pub(crate) fn item(&self, key: RowKey) -> Result<Option<Located>, ReadError> {
        if self.is_denied(key) {
            return Ok(None);
        }
        self.with(|connection| {
            let mut select = connection.prepare_cached(&format!("{ITEM} WHERE i.key = ?1"))?;
            select.query_row([key.sql()], |row| self.located(row)).optional()
        })
    }

    /// Many items, in the order of `keys`; missing ones are left out.
    pub(crate) fn items(&self, keys: &[RowKey]) -> Result<Vec<Located>, ReadError> {
        self.with(|connection| {
            let mut select = connection.prepare_cached(&format!("{ITEM} WHERE i.key = ?1"))?;
            let mut found = Vec::with_capacity(keys.len());
            for key in keys.iter().filter(|key| !self.is_denied(**key)) {
                found.extend(select.query_row([key.sql()], |row| self.located(row)).optional()?);
            }
            Ok(found)
        })
    }

    pub(crate) fn neighbours(&self, key: RowKey) -> Result<(Option<ItemNumber>, Option<ItemNumber>), ReadError> {
        let (first, last) = RowKey::range(key.collection());
        self.with(|connection| {
            let mut before = connection
                .prepare_cached("SELECT key FROM item WHERE key < ?1 AND key >= ?2 ORDER BY key DESC LIMIT 1")?;
            let mut after =
                connection.prepare_cached("SELECT key FROM item WHERE key > ?1 AND key <= ?2 ORDER BY key LIMIT 1")?;
            let number = |row: &Row<'_>| row.get(0).map(|key| RowKey::from_sql(key).number());
            let before = before.query_row([key.sql(), first], number).optional()?;
            Ok((before, after.query_row([key.sql(), last], number).optional()?))
        })
    }

    /// The line of an item's opening, as it was committed to.
    pub(crate) fn opening_line(&self, key: RowKey) -> Result<Option<Vec<u8>>, ReadError> {
        let found = self.with(|connection| {
            let mut select =
                connection.prepare_cached("SELECT opening, content, size, media_type FROM item WHERE key = ?1")?;
            let row = |row: &Row<'_>| {
                let media_type: Option<String> = row.get(3)?;
                Ok((row.get::<_, Vec<u8>>(0)?, ContentHash(row.get(1)?), row.get::<_, i64>(2)?, media_type))
            };
            select.query_row([key.sql()], row).optional()
        })?;
        let Some((packed, content, size, media_type)) = found else { return Ok(None) };
        let media_type = media_type.as_deref().unwrap_or("message/rfc822");
        let line = super::opening::unpack(&packed, content, size.unsigned_abs(), media_type);
        line.map(Some).ok_or_else(|| self.damage(&"an opening cannot be read"))
    }

    /// Items by number after a number.
    pub(crate) fn by_number(
        &self,
        collection: CollectionNo,
        after: ItemNumber,
        limit: usize,
    ) -> Result<Vec<Located>, ReadError> {
        let (_, last) = RowKey::range(collection);
        let from = RowKey::new(collection, after).sql();
        let sql = format!("{ITEM} WHERE i.key > ?1 AND i.key <= ?2 ORDER BY i.key LIMIT ?3");
        self.list(&sql, params![from, last, limit as i64])
    }

    /// Items by sorting date after a place, undated ones last, optionally within a span.
    pub(crate) fn by_date(
        &self,
        collection: CollectionNo,
        order: ListOrder,
        between: Option<(Instant, Instant)>,
        after: Option<DatePlace>,
        limit: usize,
    ) -> Result<Vec<Located>, ReadError> {
        let (from, until) = between.map_or((i64::MIN, i64::MAX), |(from, until)| (from.0, until.0));
        let (comparison, direction) = if order == ListOrder::Newest { ("<", "DESC") } else { (">", "ASC") };
        let mut found = Vec::new();
        if !matches!(after, Some((None, _))) {
            let place = match after {
                Some((Some(at), key)) => format!("AND (i.sorted_at, i.key) {comparison} ({at}, {})", key.sql()),
                _ => String::new(),
            };
            let sql = format!(
                "{ITEM} WHERE i.key >> 40 = ?1 AND i.sorted_at >= ?2 AND i.sorted_at < ?3 {place}
                 ORDER BY i.sorted_at {direction}, i.key {direction} LIMIT ?4"
            );
            found = self.list(&sql, params![collection.0, from, until, limit as i64])?;
        }
        if found.len() < limit && between.is_none() {
            let after = if let Some((None, key)) = after { key.sql() } else { i64::MIN };
            let sql =
                format!("{ITEM} WHERE i.key >> 40 = ?1 AND i.sorted_at IS NULL AND i.key > ?2 ORDER BY i.key LIMIT ?3");
            found.extend(self.list(&sql, params![collection.0, after, (limit - found.len()) as i64])?);
        }
        Ok(found)
    }

    pub(crate) fn by_content(&self, hash: &ContentHash) -> Result<(Vec<Located>, Vec<AttachmentRecord>), ReadError> {
        let sql = format!("{ITEM} WHERE substr(i.content, 1, 8) = substr(?1, 1, 8) AND i.content = ?1 ORDER BY i.key");
        let items = self.list(&sql, params![&hash.0[..]])?;
        let parts =
            self.attachments_where("substr(content, 1, 8) = substr(?1, 1, 8) AND content = ?1", params![&hash.0[..]])?;
        Ok((items, parts))
    }

    pub(crate) fn by_message_hash(&self, hash: u64) -> Result<Vec<Located>, ReadError> {
        let sql = format!("{ITEM} WHERE i.message_hash = ?1 ORDER BY i.key");
        self.list(&sql, params![hash.cast_signed()])
    }

    pub(crate) fn attachments(&self, key: RowKey) -> Result<Vec<AttachmentRecord>, ReadError> {
        self.attachments_where("item = ?1", params![key.sql()])
    }

    pub(crate) fn person(&self, collection: CollectionNo, key: &str) -> Result<Option<(i64, PersonRecord)>, ReadError> {
        self.with(|connection| {
            let mut select = connection.prepare_cached(
                "SELECT id, key, name, sent, received, first_at, last_at FROM person WHERE collection = ?1 AND key = ?2",
            )?;
            select.query_row(params![collection.0, key], |row| Ok((row.get(0)?, person(row)?))).optional()
        })
    }

    pub(crate) fn person_by_id(&self, id: i64) -> Result<Option<PersonRecord>, ReadError> {
        self.with(|connection| {
            let mut select = connection
                .prepare_cached("SELECT id, key, name, sent, received, first_at, last_at FROM person WHERE id = ?1")?;
            select.query_row([id], person).optional()
        })
    }

    /// People after a place in their order; `prefix` keeps those with a word starting so.
    pub(crate) fn people(
        &self,
        collection: CollectionNo,
        order: PeopleOrder,
        prefix: Option<&str>,
        after: Option<(u64, String)>,
        limit: usize,
    ) -> Result<Vec<PersonRecord>, ReadError> {
        let (count, key) = after.map_or((None, String::new()), |(count, key)| (Some(count as i64), key));
        let place = match order {
            PeopleOrder::Busiest => "(?2 IS NULL OR (-(sent + received), key) > (-?2, ?3))",
            PeopleOrder::Address => "(?2 IS NULL OR key > ?3)",
        };
        let by = match order {
            PeopleOrder::Busiest => "-(sent + received), key",
            PeopleOrder::Address => "key",
        };
        let sql = format!(
            "SELECT id, key, name, sent, received, first_at, last_at FROM person WHERE collection = ?1 AND {place}
             AND (?4 IS NULL OR key LIKE ?4 ESCAPE '\\' OR name LIKE ?4 ESCAPE '\\' OR name LIKE '% ' || ?4 ESCAPE '\\')
             ORDER BY {by} LIMIT ?5"
        );
        let pattern = prefix.filter(|prefix| !prefix.is_empty()).map(|prefix| {
            let escaped = prefix.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            format!("{escaped}%")
        });
        self.with(|connection| {
            let mut select = connection.prepare_cached(&sql)?;
            let rows = select.query_map(params![collection.0, count, key, pattern, limit as i64], person)?;
            rows.collect()
        })
    }

    pub(crate) fn months(&self, collection: CollectionNo) -> Result<Vec<MonthCount>, ReadError> {
        self.with(|connection| {
            let mut select = connection
                .prepare_cached("SELECT year, month, count FROM month WHERE collection = ?1 ORDER BY year, month")?;
            let rows = select.query_map([collection.0], |row| {
                let month = YearMonth { year: row.get(0)?, month: row.get(1)? };
                Ok(MonthCount { month, count: row.get::<_, i64>(2)?.unsigned_abs() })
            })?;
            rows.collect()
        })
    }

    pub(crate) fn grades(&self, collection: CollectionNo) -> Result<Vec<GradeCount>, ReadError> {
        self.with(|connection| signing::grades(connection, collection))
    }

    pub(crate) fn signing_keys(
        &self,
        collection: CollectionNo,
        limit: usize,
    ) -> Result<(Vec<SigningKeyRecord>, u64), ReadError> {
        self.with(|connection| signing::signing_keys(connection, collection, limit))
    }

    pub(crate) fn days(
        &self,
        collection: CollectionNo,
        between: (Instant, Instant),
    ) -> Result<Vec<(String, u64)>, ReadError> {
        self.with(|connection| {
            let mut select = connection.prepare_cached(
                "SELECT date(sorted_at, 'unixepoch') AS day, count(*) FROM item
                 WHERE key >> 40 = ?1 AND sorted_at >= ?2 AND sorted_at < ?3 GROUP BY day ORDER BY day",
            )?;
            let rows = select.query_map(params![collection.0, between.0.0, between.1.0], |row| {
                Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
            })?;
            rows.collect()
        })
    }

    /// Items of a thread with parent and whether that link is inferred; and its ghosts.
    pub(crate) fn thread(&self, thread: RowKey, limit: usize) -> Result<(Vec<Member>, Vec<Ghost>), ReadError> {
        self.with(|connection| {
            let mut select = connection
                .prepare_cached("SELECT item, parent, inferred FROM link WHERE thread = ?1 ORDER BY item LIMIT ?2")?;
            let members = select.query_map(params![thread.sql(), limit as i64], |row| {
                Ok(Member { item: RowKey::from_sql(row.get(0)?), parent: row.get(1)?, inferred: row.get(2)? })
            })?;
            let mut members = members.collect::<Result<Vec<_>, _>>()?;
            members.retain(|member| !self.is_denied(member.item));
            let mut select = connection.prepare_cached(
                "SELECT id, message_hash, parent, child FROM ghost WHERE thread = ?1 ORDER BY id LIMIT ?2",
            )?;
            let ghosts = select.query_map(params![thread.sql(), limit as i64], |row| {
                Ok(Ghost {
                    id: row.get(0)?,
                    message_hash: row.get::<_, i64>(1)?.cast_unsigned(),
                    parent: row.get(2)?,
                    child: RowKey::from_sql(row.get(3)?),
                })
            })?;
            Ok((members, ghosts.collect::<Result<Vec<_>, _>>()?))
        })
    }

    /// Keys of all items of a thread.
    pub(crate) fn thread_items(&self, thread: RowKey, limit: usize) -> Result<Vec<RowKey>, ReadError> {
        self.with(|connection| {
            let mut select =
                connection.prepare_cached("SELECT item FROM link WHERE thread = ?1 ORDER BY item LIMIT ?2")?;
            let rows = select.query_map(params![thread.sql(), limit as i64], |row| row.get(0).map(RowKey::from_sql))?;
            rows.collect()
        })
    }

    fn attachments_where(
        &self,
        clause: &str,
        values: impl rusqlite::Params,
    ) -> Result<Vec<AttachmentRecord>, ReadError> {
        let sql = format!(
            "SELECT item, part, name, media_type, size, content FROM attachment WHERE {clause} ORDER BY item, part"
        );
        self.with(|connection| {
            let mut select = connection.prepare_cached(&sql)?;
            let rows = select.query_map(values, |row| {
                Ok(AttachmentRecord {
                    key: self.item_key(RowKey::from_sql(row.get(0)?)),
                    part: row.get(1)?,
                    name: row.get(2)?,
                    media_type: row.get(3)?,
                    size_bytes: row.get::<_, i64>(4)?.unsigned_abs(),
                    content: ContentHash(row.get(5)?),
                })
            })?;
            rows.filter(|row| {
                !row.as_ref().is_ok_and(|found| self.key(&found.key).is_some_and(|key| self.is_denied(key)))
            })
            .collect()
        })
    }

    fn list(&self, sql: &str, values: impl rusqlite::Params) -> Result<Vec<Located>, ReadError> {
        self.with(|connection| {
            let mut select = connection.prepare_cached(sql)?;
            let rows = select.query_map(values, |row| self.located(row))?;
            let is_denied = |found: &Located| self.key(&found.item.key).is_some_and(|key| self.is_denied(key));
            rows.filter(|row| !row.as_ref().is_ok_and(is_denied)).collect()
        })
    }

    fn item_key(&self, key: RowKey) -> ItemKey {
        let unknown = || CollectionId::from_title("unknown");
        ItemKey {
            collection: self.collection_id(key.collection()).cloned().unwrap_or_else(unknown),
            number: key.number(),
        }
    }

    fn located(&self, row: &Row<'_>) -> rusqlite::Result<Located> {
        let key = RowKey::from_sql(row.get(0)?);
        let tranche = Tranche(row.get(1)?);
        let natural = |at: usize| row.get::<_, i64>(at).map(i64::unsigned_abs);
        let address = |name: usize, email: usize| -> rusqlite::Result<Option<Address>> {
            let (name, email): (Option<String>, Option<String>) = (row.get(name)?, row.get(email)?);
            let name = name.unwrap_or_default();
            // A person known by name only has that name as key: it is no addr-spec.
            let email = email.filter(|email| *email != name.to_lowercase() || email.contains('@')).unwrap_or_default();
            Ok((!name.is_empty() || !email.is_empty()).then_some(Address { name, email }))
        };
        let item_key = self.item_key(key);
        let published_at = self
            .releases
            .iter()
            .find(|release| release.collection == item_key.collection && release.tranche == tranche)
            .map_or(Instant(0), |release| release.published_at);
        let sent: Option<i64> = row.get(15)?;
        let offset_minutes = row.get::<_, Option<i16>>(16)?.unwrap_or(0);
        let stream = StreamRow {
            volume: row.get(2)?,
            offset_bytes: natural(3)?,
            compressed_bytes: natural(4)?,
            size_bytes: natural(5)?,
            crc32: row.get(6)?,
        };
        let problems: Option<String> = row.get(23)?;
        let problems: Vec<Problem> =
            problems.map(|json| serde_json::from_str(&json).unwrap_or_default()).unwrap_or_default();
        let item = ItemRecord {
            subject: row.get::<_, Option<String>>(9)?.unwrap_or_default(),
            from: address(10, 11)?,
            to: address(12, 13)?,
            recipient_count: row.get(14)?,
            sent: sent.map(|at| ZonedInstant { at: Instant(at), offset_minutes }),
            received_at: row.get::<_, Option<i64>>(17)?.map(Instant),
            sorted_at: row.get::<_, Option<i64>>(18)?.map(Instant),
            published_at,
            size_bytes: stream.size_bytes,
            attachment_count: row.get(19)?,
            language: row.get(20)?,
            dkim: row.get::<_, Option<String>>(25)?.and_then(|code| code.parse().ok()),
            list_id: row.get(21)?,
            message_id: row.get(22)?,
            thread: RowKey::from_sql(row.get::<_, Option<i64>>(24)?.unwrap_or(key.sql())).number(),
            tranche,
            content: ContentHash(row.get(7)?),
            media_type: row.get::<_, Option<String>>(8)?.unwrap_or_else(|| "message/rfc822".to_owned()),
            problems,
            leaf: natural(26)?,
            key: item_key,
        };
        Ok(Located { item, stream })
    }

    fn read_releases(&self) -> Result<Vec<ReleaseRecord>, ReadError> {
        self.with(|connection| {
            let mut select = connection.prepare(
                "SELECT collection, tranche, published_at, title, item_count, first, last, volumes FROM release
                 ORDER BY published_at DESC, collection, tranche DESC",
            )?;
            let rows = select.query_map([], |row| {
                let collection = self.collection_id(CollectionNo(row.get(0)?)).cloned();
                let number = |at: usize| row.get::<_, i64>(at).map(i64::unsigned_abs);
                Ok(ReleaseRecord {
                    collection: collection.unwrap_or_else(|| CollectionId::from_title("unknown")),
                    tranche: Tranche(row.get(1)?),
                    published_at: Instant(row.get(2)?),
                    title: row.get(3)?,
                    item_count: number(4)?,
                    first: ItemNumber(number(5)?),
                    last: ItemNumber(number(6)?),
                    volumes: serde_json::from_str(&row.get::<_, String>(7)?).unwrap_or_default(),
                })
            })?;
            rows.collect()
        })
    }

    /// Runs `work` on an idle connection. The file never changes, so no locks are taken on it.
    fn with<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, ReadError> {
        let idle = self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.connect().map_err(|error| self.damage(&error))?,
        };
        let answer = work(&connection).map_err(|error| self.damage(&error));
        let mut idle = self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if idle.len() < IDLE_CONNECTIONS_MAX {
            idle.push(connection);
        }
        answer
    }

    fn connect(&self) -> rusqlite::Result<Connection> {
        let name: String = self.path.to_string_lossy().chars().fold(String::new(), |mut name, letter| {
            match letter {
                '?' => name.push_str("%3f"),
                '#' => name.push_str("%23"),
                '%' => name.push_str("%25"),
                _ => name.push(letter),
            }
            name
        });
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(format!("file:{name}?immutable=1"), flags)?;
        connection.pragma_update(None, "mmap_size", MMAP_BYTES)?;
        connection.pragma_update(None, "cache_size", -4_096)?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(connection)
    }

    fn damage(&self, reason: &dyn std::fmt::Display) -> ReadError {
        ReadError::Damaged { path: self.path.clone(), reason: reason.to_string() }
    }
}

/// An item in its thread.
pub(crate) struct Member {
    pub(crate) item: RowKey,
    /// Key of the parent item, or minus the id of a ghost.
    pub(crate) parent: Option<i64>,
    pub(crate) inferred: bool,
}

/// A message that is referred to but absent.
pub(crate) struct Ghost {
    pub(crate) id: i64,
    pub(crate) message_hash: u64,
    /// As in [`Member::parent`].
    pub(crate) parent: Option<i64>,
    /// An item that refers to it: its references tell the ghost's Message-ID.
    pub(crate) child: RowKey,
}

fn person(row: &Row<'_>) -> rusqlite::Result<PersonRecord> {
    let natural = |at: usize| row.get::<_, i64>(at).map(i64::unsigned_abs);
    Ok(PersonRecord {
        key: row.get(1)?,
        name: row.get(2)?,
        sent_count: natural(3)?,
        received_count: natural(4)?,
        first_at: row.get::<_, Option<i64>>(5)?.map(Instant),
        last_at: row.get::<_, Option<i64>>(6)?.map(Instant),
    })
}
