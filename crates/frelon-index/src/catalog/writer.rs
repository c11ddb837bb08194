//! Filling the catalog while an index is built.

use std::{collections::BTreeMap, path::Path};

use frelon_mail::dkim::DkimState;
use frelon_model::{Address, Instant, ItemNumber};
use hashbrown::HashMap;
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    CollectionNo, RowKey, log,
    row::{ItemRow, PersonRole},
    schema,
    signing::SigningKeys,
};
use crate::{
    change::{ChangeRecord, LogRecord, TombstoneRecord},
    record::{CollectionRecord, VolumeRecord},
};

/// How far a volume has been indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct VolumeProgress {
    /// Number of the volume in this catalog.
    pub(crate) no: u32,
    /// Last item whose row is in.
    pub(crate) last_number: ItemNumber,
    /// Whether all its items are.
    pub(crate) done: bool,
}

/// A catalog being written. Rows become durable at [`CatalogWriter::commit`].
pub(crate) struct CatalogWriter {
    connection: Connection,
    people: HashMap<(u16, String), Person>,
    next_person: i64,
    signing: SigningKeys,
}

/// Figures of a person, kept in memory until the end: people are few beside items.
struct Person {
    id: i64,
    name: String,
    sent: u64,
    received: u64,
    first_at: Option<Instant>,
    last_at: Option<Instant>,
}

impl CatalogWriter {
    /// Opens or creates the catalog in an index directory and starts a transaction.
    pub(crate) fn open(dir: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(dir.join(schema::FILE_NAME))?;
        connection.pragma_update(None, "page_size", 8192)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "cache_size", -32_768)?;
        connection.pragma_update(None, "wal_autocheckpoint", 8_000)?;
        connection.set_prepared_statement_cache_capacity(64);
        let exists: bool =
            connection.query_row("SELECT count(*) > 0 FROM sqlite_master WHERE name = 'item'", [], |row| row.get(0))?;
        if !exists {
            schema::create_tables(&connection)?;
        }
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let signing = SigningKeys::load(&connection)?;
        let mut writer = Self { connection, people: HashMap::new(), next_person: 1, signing };
        writer.load_people()?;
        Ok(writer)
    }

    /// Makes everything so far durable and goes on.
    pub(crate) fn commit(&mut self) -> rusqlite::Result<()> {
        self.save_people()?;
        self.signing.save(&self.connection)?;
        self.connection.execute_batch("COMMIT; BEGIN IMMEDIATE")
    }

    pub(crate) fn meta(&self, name: &str) -> rusqlite::Result<Option<String>> {
        let sql = "SELECT value FROM meta WHERE name = ?1";
        self.connection.query_row(sql, [name], |row| row.get(0)).optional()
    }

    pub(crate) fn set_meta(&self, name: &str, value: &str) -> rusqlite::Result<()> {
        self.connection.execute("INSERT OR REPLACE INTO meta(name, value) VALUES(?1, ?2)", [name, value]).map(drop)
    }

    /// Number of a collection, given at its first appearance; its texts are brought up to date.
    pub(crate) fn collection(&self, id: &str, title: &str, about: &str) -> rusqlite::Result<CollectionNo> {
        let sql = "INSERT INTO collection(id, title, about) VALUES(?1, ?2, ?3)
            ON CONFLICT(id) DO UPDATE SET title = ?2, about = ?3 RETURNING no";
        self.connection.query_row(sql, [id, title, about], |row| row.get(0)).map(CollectionNo)
    }

    pub(crate) fn release(
        &self,
        collection: CollectionNo,
        tranche: u32,
        published_at: Instant,
        title: &str,
        span: (u64, ItemNumber, ItemNumber),
        volumes: &[VolumeRecord],
    ) -> rusqlite::Result<()> {
        let sql =
            "INSERT OR REPLACE INTO release(collection, tranche, published_at, title, item_count, first, last, volumes)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let volumes = serde_json::to_string(volumes).unwrap_or_default();
        let values = params![
            collection.0,
            tranche,
            published_at.0,
            title,
            span.0 as i64,
            span.1.0 as i64,
            span.2.0 as i64,
            volumes
        ];
        self.connection.execute(sql, values).map(drop)
    }

    pub(crate) fn volume(
        &self,
        path: &str,
        collection: CollectionNo,
        tranche: u32,
    ) -> rusqlite::Result<VolumeProgress> {
        let sql = "INSERT INTO volume(path, collection, tranche) VALUES(?1, ?2, ?3)
            ON CONFLICT(path) DO UPDATE SET tranche = ?3 RETURNING no, last_number, done";
        self.connection.query_row(sql, params![path, collection.0, tranche], |row| {
            let last: i64 = row.get(1)?;
            Ok(VolumeProgress { no: row.get(0)?, last_number: ItemNumber(last.unsigned_abs()), done: row.get(2)? })
        })
    }

    pub(crate) fn advance(&self, progress: VolumeProgress) -> rusqlite::Result<()> {
        let sql = "UPDATE volume SET last_number = ?2, done = ?3 WHERE no = ?1";
        self.connection.execute(sql, params![progress.no, progress.last_number.0 as i64, progress.done]).map(drop)
    }

    /// Replaces what is known of the log.
    pub(crate) fn log(
        &self,
        log: &LogRecord,
        changes: &[ChangeRecord],
        tombstones: &[(RowKey, TombstoneRecord)],
    ) -> rusqlite::Result<()> {
        log::write(&self.connection, log, changes, tombstones)
    }

    /// Adds an item. Returns the ids of its people, in the order of `row.people`.
    pub(crate) fn add(&mut self, row: &ItemRow) -> rusqlite::Result<Vec<i64>> {
        let key = RowKey::new(row.collection, row.number);
        let ids: Vec<i64> = row.people.iter().map(|(role, address)| self.count_person(row, *role, address)).collect();
        let first = |wanted: PersonRole| row.people.iter().position(|(role, _)| *role == wanted);
        let spoken = |place: Option<usize>| place.map(|at| spoken_parts(&row.people[at].1)).unwrap_or_default();
        let (from, to) = (first(PersonRole::From), first(PersonRole::To));
        let ((from_name, from_email), (to_name, to_email)) = (spoken(from), spoken(to));
        let recipients = row.people.iter().filter(|(role, _)| *role != PersonRole::From).count();
        let problems = (!row.problems.is_empty()).then(|| serde_json::to_string(&row.problems).unwrap_or_default());
        let references: Vec<u8> = row.references.iter().flat_map(|hash| hash.to_be_bytes()).collect();
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO item VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
             ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33)",
        )?;
        insert.execute(params![
            key.sql(),
            row.tranche,
            row.stream.volume,
            row.stream.offset_bytes as i64,
            row.stream.compressed_bytes as i64,
            row.stream.size_bytes as i64,
            row.stream.crc32,
            &row.content.0[..],
            text(&row.media_type),
            text(&row.subject),
            from.map(|at| ids[at]),
            from_name,
            from_email,
            to.map(|at| ids[at]),
            to_name,
            to_email,
            recipients as i64,
            row.sent.map(|sent| sent.at.0),
            row.sent.map(|sent| sent.offset_minutes),
            row.received_at.map(|at| at.0),
            row.sorted_at.map(|at| at.0),
            row.attachments.len() as i64,
            row.language,
            row.list_id,
            row.message_id,
            problems,
            row.message_hash.map(u64::cast_signed),
            (!references.is_empty()).then_some(references),
            (row.base_subject != 0).then_some(row.base_subject.cast_signed()),
            row.is_reply,
            row.dkim.map(DkimState::code),
            row.leaf.cast_signed(),
            row.opening,
        ])?;
        drop(insert);
        self.add_attachments(key, row)?;
        self.signing.count(row);
        Ok(ids)
    }

    fn add_attachments(&self, key: RowKey, row: &ItemRow) -> rusqlite::Result<()> {
        let mut insert = self.connection.prepare_cached("INSERT INTO attachment VALUES(?1, ?2, ?3, ?4, ?5, ?6)")?;
        for part in &row.attachments {
            let content = &part.content.0[..];
            insert.execute(params![
                key.sql(),
                part.part,
                part.name,
                part.media_type,
                part.size_bytes as i64,
                content
            ])?;
        }
        Ok(())
    }

    /// Finishes after the last [`Self::commit`]: links, indexes, figures; leaves one plain file that is
    /// never written again.
    pub(crate) fn finish(self) -> rusqlite::Result<()> {
        schema::create_indexes(&self.connection)?;
        for collection in self.collections()? {
            super::link::relink(&self.connection, collection)?;
            self.count_months(collection)?;
            super::signing::count_grades(&self.connection, collection)?;
            self.count_collection(collection)?;
        }
        self.connection.execute_batch("COMMIT; ANALYZE;")?;
        self.connection.pragma_update(None, "wal_checkpoint", "TRUNCATE").ok();
        self.connection.pragma_update(None, "journal_mode", "DELETE")?;
        Ok(())
    }

    fn collections(&self) -> rusqlite::Result<Vec<CollectionNo>> {
        let mut select = self.connection.prepare("SELECT no FROM collection ORDER BY no")?;
        let rows = select.query_map([], |row| row.get(0).map(CollectionNo))?;
        rows.collect()
    }

    fn count_person(&mut self, row: &ItemRow, role: PersonRole, address: &Address) -> i64 {
        let next = self.next_person;
        let person = self.people.entry((row.collection.0, address.key())).or_insert_with(|| Person {
            id: next,
            name: address.name.clone(),
            sent: 0,
            received: 0,
            first_at: None,
            last_at: None,
        });
        if person.id == next {
            self.next_person += 1;
        }
        if person.name.is_empty() && !address.name.is_empty() {
            person.name.clone_from(&address.name);
        }
        if role == PersonRole::From {
            person.sent += 1;
        } else {
            person.received += 1;
        }
        if let Some(at) = row.sorted_at {
            person.first_at = Some(person.first_at.map_or(at, |first| first.min(at)));
            person.last_at = Some(person.last_at.map_or(at, |last| last.max(at)));
        }
        person.id
    }

    fn load_people(&mut self) -> rusqlite::Result<()> {
        let mut select = self
            .connection
            .prepare("SELECT id, collection, key, name, sent, received, first_at, last_at FROM person")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let person = Person {
                id,
                name: row.get(3)?,
                sent: row.get::<_, i64>(4)?.unsigned_abs(),
                received: row.get::<_, i64>(5)?.unsigned_abs(),
                first_at: row.get::<_, Option<i64>>(6)?.map(Instant),
                last_at: row.get::<_, Option<i64>>(7)?.map(Instant),
            };
            self.people.insert((row.get(1)?, row.get(2)?), person);
            self.next_person = self.next_person.max(id + 1);
        }
        Ok(())
    }

    fn save_people(&self) -> rusqlite::Result<()> {
        self.connection.execute("DELETE FROM person", [])?;
        let mut insert = self.connection.prepare_cached("INSERT INTO person VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
        let mut people: Vec<_> = self.people.iter().collect();
        people.sort_unstable_by_key(|(_, person)| person.id);
        for ((collection, key), person) in people {
            let (first, last) = (person.first_at.map(|at| at.0), person.last_at.map(|at| at.0));
            let counts = (person.sent as i64, person.received as i64);
            insert.execute(params![person.id, collection, key, person.name, counts.0, counts.1, first, last])?;
        }
        Ok(())
    }

    fn count_months(&self, collection: CollectionNo) -> rusqlite::Result<()> {
        let mut counts: BTreeMap<(i16, i8), i64> = BTreeMap::new();
        let mut select = self
            .connection
            .prepare("SELECT sorted_at FROM item WHERE key >> 40 = ?1 AND sorted_at IS NOT NULL ORDER BY sorted_at")?;
        let mut rows = select.query([collection.0])?;
        while let Some(row) = rows.next()? {
            let month = Instant(row.get(0)?).year_month();
            *counts.entry((month.year, month.month)).or_default() += 1;
        }
        self.connection.execute("DELETE FROM month WHERE collection = ?1", [collection.0])?;
        let mut insert = self.connection.prepare("INSERT INTO month VALUES(?1, ?2, ?3, ?4)")?;
        for ((year, month), count) in counts {
            insert.execute(params![collection.0, year, month, count])?;
        }
        Ok(())
    }

    fn count_collection(&self, collection: CollectionNo) -> rusqlite::Result<()> {
        let (first, last) = RowKey::range(collection);
        let one =
            |sql: &str| -> rusqlite::Result<i64> { self.connection.query_row(sql, [first, last], |row| row.get(0)) };
        let when = |sql: &str| -> rusqlite::Result<Option<i64>> {
            self.connection.query_row(sql, [collection.0], |row| row.get(0))
        };
        let (id, title, about) = self.connection.query_row(
            "SELECT id, title, about FROM collection WHERE no = ?1",
            [collection.0],
            |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?)),
        )?;
        let mut languages = self.connection.prepare(
            "SELECT language, count(*) FROM item WHERE key BETWEEN ?1 AND ?2 AND language IS NOT NULL
             GROUP BY language ORDER BY 2 DESC, 1",
        )?;
        let languages: Vec<(String, i64)> =
            languages.query_map([first, last], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        let count = |value: i64| value.unsigned_abs();
        let figures = CollectionRecord {
            id: frelon_model::CollectionId::new(&id).unwrap_or_else(|_| frelon_model::CollectionId::from_title(&id)),
            title,
            about,
            item_count: count(one("SELECT count(*) FROM item WHERE key BETWEEN ?1 AND ?2")?),
            thread_count: count(one("SELECT count(*) FROM link WHERE item BETWEEN ?1 AND ?2 AND thread = item")?),
            person_count: count(self.connection.query_row(
                "SELECT count(*) FROM person WHERE collection = ?1",
                [collection.0],
                |row| row.get::<_, i64>(0),
            )?),
            attachment_count: count(one("SELECT count(*) FROM attachment WHERE item BETWEEN ?1 AND ?2")?),
            ghost_count: count(one("SELECT count(*) FROM ghost WHERE thread BETWEEN ?1 AND ?2")?),
            problem_count: count(one(
                "SELECT count(*) FROM item WHERE key BETWEEN ?1 AND ?2 AND problems IS NOT NULL",
            )?),
            size_bytes: count(one("SELECT coalesce(sum(size), 0) FROM item WHERE key BETWEEN ?1 AND ?2")?),
            first_at: when("SELECT min(sorted_at) FROM item WHERE key >> 40 = ?1")?.map(Instant),
            last_at: when("SELECT max(sorted_at) FROM item WHERE key >> 40 = ?1")?.map(Instant),
            undated_count: count(one("SELECT count(*) FROM item WHERE key BETWEEN ?1 AND ?2 AND sorted_at IS NULL")?),
            languages: languages.into_iter().map(|(code, n)| (code, count(n))).collect(),
        };
        let figures = serde_json::to_string(&figures).unwrap_or_default();
        self.connection
            .execute("UPDATE collection SET figures = ?2 WHERE no = ?1", params![collection.0, figures])
            .map(drop)
    }
}

/// Name, and the addr-spec only where it is not its own key: most are, and need no second copy.
fn spoken_parts(address: &Address) -> (Option<&str>, Option<&str>) {
    let own_key = address.key() == address.email;
    (text(&address.name), if own_key { None } else { text(&address.email) })
}

fn text(value: &str) -> Option<&str> {
    (!value.is_empty()).then_some(value)
}
