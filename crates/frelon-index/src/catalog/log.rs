//! What the catalog keeps of the log: how far it reaches, statements, tombstones.

use frelon_log::NodeHash;
use frelon_model::{CollectionId, Instant, ItemKey};
use rusqlite::{Connection, OptionalExtension, Row, params, types::Type};

use super::RowKey;
use crate::change::{ChangeRecord, LogRecord, TombstoneRecord};

/// Name in the catalog of the log's origin, size and root, one a line.
const LOG: &str = "log";

/// Replaces what is known of the log: it is derived anew at every build.
pub(super) fn write(
    connection: &Connection,
    log: &LogRecord,
    changes: &[ChangeRecord],
    tombstones: &[(RowKey, TombstoneRecord)],
) -> rusqlite::Result<()> {
    let line = format!("{}\n{}\n{}", log.size, log.root, log.origin);
    connection.execute("INSERT OR REPLACE INTO meta(name, value) VALUES(?1, ?2)", [LOG, &line])?;
    connection.execute("DELETE FROM change", [])?;
    let mut insert = connection.prepare("INSERT INTO change VALUES(?1, ?2, ?3, ?4, ?5)")?;
    for one in changes {
        let collection = one.collection.as_ref().map(CollectionId::as_str);
        let says = serde_json::to_string(&one.change).unwrap_or_default();
        insert.execute(params![one.leaf.cast_signed(), one.change.kind(), collection, one.made_at.0, says])?;
    }
    connection.execute("DELETE FROM tombstone", [])?;
    let mut insert = connection.prepare("INSERT INTO tombstone VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?;
    for (key, one) in tombstones {
        insert.execute(params![
            key.sql(),
            one.leaf.cast_signed(),
            one.mode.as_str(),
            one.reason.as_str(),
            one.jurisdiction,
            one.until.map(|at| at.0),
            one.text,
            one.withdrawn_at.0,
            one.statement_leaf.cast_signed()
        ])?;
    }
    Ok(())
}

/// The log as of which the catalog was made.
pub(super) fn read_log(connection: &Connection) -> rusqlite::Result<Option<LogRecord>> {
    let line: Option<String> =
        connection.query_row("SELECT value FROM meta WHERE name = ?1", [LOG], |row| row.get(0)).optional()?;
    let record = line.and_then(|line| {
        let (size, rest) = line.split_once('\n')?;
        let (root, origin) = rest.split_once('\n')?;
        Some(LogRecord { origin: origin.to_owned(), size: size.parse().ok()?, root: root.parse::<NodeHash>().ok()? })
    });
    Ok(record)
}

/// All tombstones: withdrawals are few.
pub(super) fn read_tombstones(
    connection: &Connection,
    item_key: impl Fn(RowKey) -> ItemKey,
) -> rusqlite::Result<Vec<TombstoneRecord>> {
    let mut select = connection.prepare(
        "SELECT key, leaf, mode, reason, jurisdiction, until, text, withdrawn_at, statement FROM tombstone
         ORDER BY key",
    )?;
    let rows = select.query_map([], |row| {
        Ok(TombstoneRecord {
            key: item_key(RowKey::from_sql(row.get(0)?)),
            leaf: row.get::<_, i64>(1)?.cast_unsigned(),
            mode: word(row, 2)?,
            reason: word(row, 3)?,
            jurisdiction: row.get(4)?,
            until: row.get::<_, Option<i64>>(5)?.map(Instant),
            text: row.get(6)?,
            withdrawn_at: Instant(row.get(7)?),
            statement_leaf: row.get::<_, i64>(8)?.cast_unsigned(),
        })
    })?;
    rows.collect()
}

/// Statements before a leaf, newest first.
pub(super) fn read_changes(connection: &Connection, before: u64, limit: usize) -> rusqlite::Result<Vec<ChangeRecord>> {
    let mut select = connection.prepare_cached(
        "SELECT leaf, collection, made_at, says FROM change WHERE leaf < ?1 ORDER BY leaf DESC LIMIT ?2",
    )?;
    let before = i64::try_from(before).unwrap_or(i64::MAX);
    let rows = select.query_map(params![before, limit as i64], change)?;
    rows.collect()
}

/// The statement that says who the editors are now.
pub(super) fn read_root(connection: &Connection) -> rusqlite::Result<Option<ChangeRecord>> {
    let sql = "SELECT leaf, collection, made_at, says FROM change WHERE kind = 'root' ORDER BY leaf DESC LIMIT 1";
    connection.query_row(sql, [], change).optional()
}

fn change(row: &Row<'_>) -> rusqlite::Result<ChangeRecord> {
    let says: String = row.get(3)?;
    let change = serde_json::from_str(&says)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(3, Type::Text, Box::new(error)))?;
    let collection: Option<String> = row.get(1)?;
    Ok(ChangeRecord {
        leaf: row.get::<_, i64>(0)?.cast_unsigned(),
        collection: collection.and_then(|id| CollectionId::new(&id).ok()),
        made_at: Instant(row.get(2)?),
        change,
    })
}

/// A word of a fixed set.
fn word<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    row: &Row<'_>,
    at: usize,
) -> rusqlite::Result<T> {
    let text: String = row.get(at)?;
    text.parse().map_err(|error| rusqlite::Error::FromSqlConversionFailure(at, Type::Text, Box::new(error)))
}
