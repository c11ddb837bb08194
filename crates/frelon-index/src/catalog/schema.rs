//! Tables of the catalog.

use rusqlite::Connection;

/// Name of the database in its index directory.
pub(crate) const FILE_NAME: &str = "catalog.sqlite";

/// Tables without their indexes: those are made once all rows are in.
const TABLES: &str = "
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE collection(no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, about TEXT NOT NULL,
  figures TEXT NOT NULL DEFAULT '{}');
CREATE TABLE release(collection INTEGER NOT NULL, tranche INTEGER NOT NULL, published_at INTEGER NOT NULL,
  title TEXT NOT NULL, item_count INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  volumes TEXT NOT NULL, PRIMARY KEY(collection, tranche)) WITHOUT ROWID;
CREATE TABLE volume(no INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, collection INTEGER NOT NULL,
  tranche INTEGER NOT NULL, last_number INTEGER NOT NULL DEFAULT 0, done INTEGER NOT NULL DEFAULT 0);
CREATE TABLE item(key INTEGER PRIMARY KEY, tranche INTEGER NOT NULL, volume INTEGER NOT NULL, offset INTEGER NOT NULL,
  compressed INTEGER NOT NULL, size INTEGER NOT NULL, crc32 INTEGER NOT NULL, content BLOB NOT NULL, media_type TEXT,
  subject TEXT, from_person INTEGER, from_name TEXT, from_email TEXT, to_person INTEGER, to_name TEXT, to_email TEXT,
  recipients INTEGER NOT NULL, sent_at INTEGER, sent_offset INTEGER, received_at INTEGER, sorted_at INTEGER,
  attachments INTEGER NOT NULL, language TEXT, list TEXT, message_id TEXT, problems TEXT,
  message_hash INTEGER, refs BLOB, base_subject INTEGER, is_reply INTEGER NOT NULL, dkim TEXT, leaf INTEGER NOT NULL,
  opening BLOB NOT NULL);
CREATE TABLE person(id INTEGER PRIMARY KEY, collection INTEGER NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL,
  sent INTEGER NOT NULL, received INTEGER NOT NULL, first_at INTEGER, last_at INTEGER);
CREATE TABLE attachment(item INTEGER NOT NULL, part INTEGER NOT NULL, name TEXT NOT NULL, media_type TEXT NOT NULL,
  size INTEGER NOT NULL, content BLOB NOT NULL, PRIMARY KEY(item, part)) WITHOUT ROWID;
CREATE TABLE link(item INTEGER PRIMARY KEY, thread INTEGER NOT NULL, parent INTEGER, inferred INTEGER NOT NULL);
CREATE TABLE ghost(id INTEGER PRIMARY KEY, thread INTEGER NOT NULL, message_hash INTEGER NOT NULL,
  parent INTEGER, child INTEGER NOT NULL);
CREATE TABLE change(leaf INTEGER PRIMARY KEY, kind TEXT NOT NULL, collection TEXT, made_at INTEGER NOT NULL, says TEXT NOT NULL);
CREATE TABLE tombstone(key INTEGER PRIMARY KEY, leaf INTEGER NOT NULL, mode TEXT NOT NULL, reason TEXT NOT NULL,
  jurisdiction TEXT, until INTEGER, text TEXT, withdrawn_at INTEGER NOT NULL, statement INTEGER NOT NULL);
CREATE TABLE month(collection INTEGER NOT NULL, year INTEGER NOT NULL, month INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY(collection, year, month)) WITHOUT ROWID;
CREATE TABLE grade(collection INTEGER NOT NULL, year INTEGER, grade TEXT NOT NULL, count INTEGER NOT NULL);
CREATE TABLE signing_key(collection INTEGER NOT NULL, domain TEXT NOT NULL, selector TEXT NOT NULL,
  fingerprint TEXT NOT NULL, key TEXT, items INTEGER NOT NULL, passed INTEGER NOT NULL, first_at INTEGER,
  last_at INTEGER, PRIMARY KEY(collection, domain, selector, fingerprint)) WITHOUT ROWID;
";

/// Indexes, with the question each answers.
const INDEXES: [&str; 10] = [
    // a list of a collection by date
    "CREATE INDEX IF NOT EXISTS item_sorted ON item(key >> 40, sorted_at, key)",
    // is this Message-ID here?
    "CREATE INDEX IF NOT EXISTS item_message ON item(message_hash) WHERE message_hash IS NOT NULL",
    // is this content here?
    "CREATE INDEX IF NOT EXISTS item_content ON item(substr(content, 1, 8))",
    "CREATE INDEX IF NOT EXISTS attachment_content ON attachment(substr(content, 1, 8))",
    // who is in this thread?
    "CREATE INDEX IF NOT EXISTS link_thread ON link(thread)",
    "CREATE INDEX IF NOT EXISTS ghost_thread ON ghost(thread)",
    // one person; people by name
    "CREATE UNIQUE INDEX IF NOT EXISTS person_key ON person(collection, key)",
    // shares of grades; keys, most used first
    "CREATE INDEX IF NOT EXISTS grade_year ON grade(collection, year)",
    "CREATE INDEX IF NOT EXISTS signing_key_busy ON signing_key(collection, -items, domain, selector, fingerprint)",
    // people, busiest first
    "CREATE INDEX IF NOT EXISTS person_busy ON person(collection, -(sent + received), key)",
];

pub(super) fn create_tables(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(TABLES)
}

pub(super) fn create_indexes(connection: &Connection) -> rusqlite::Result<()> {
    INDEXES.iter().try_for_each(|sql| connection.execute_batch(sql))
}
