//! Threads of a collection, worked out anew from all its items.

use frelon_mail::thread::{Entry, join};
use hashbrown::HashMap;
use rusqlite::{Connection, params};

use super::{CollectionNo, RowKey};

/// What is read of one item: its references lie in one long vector, not in one of their own.
struct Member {
    key: u64,
    message: Option<u64>,
    references: std::ops::Range<usize>,
    base_subject: u64,
    is_reply: bool,
    sorted_at: i64,
}

/// Replaces the links and ghosts of a collection.
pub(super) fn relink(connection: &Connection, collection: CollectionNo) -> rusqlite::Result<()> {
    let (first, last) = RowKey::range(collection);
    connection.execute("DELETE FROM link WHERE item BETWEEN ?1 AND ?2", [first, last])?;
    connection.execute("DELETE FROM ghost WHERE thread BETWEEN ?1 AND ?2", [first, last])?;
    let (members, references) = members(connection, collection)?;
    let entries: Vec<Entry<'_>> = members
        .iter()
        .map(|member| Entry {
            key: member.key,
            message_id: member.message,
            references: &references[member.references.clone()],
            base_subject: member.base_subject,
            is_reply: member.is_reply,
            sorted_at: member.sorted_at,
        })
        .collect();
    let threads = join(&entries);
    drop(entries);
    let mut ghost_of: HashMap<u64, i64> = HashMap::new();
    let mut insert =
        connection.prepare("INSERT INTO ghost(thread, message_hash, parent, child) VALUES(?1, ?2, ?3, ?4)")?;
    for ghost in &threads.ghosts {
        let Some(child) = ghost.children.first() else { continue };
        let key = |key: u64| key.cast_signed();
        insert.execute(params![
            key(ghost.thread),
            ghost.message_id.cast_signed(),
            ghost.parent.map(key),
            key(*child)
        ])?;
        let id = connection.last_insert_rowid();
        ghost_of.extend(ghost.children.iter().map(|child| (*child, id)));
    }
    let mut insert = connection.prepare("INSERT INTO link(item, thread, parent, inferred) VALUES(?1, ?2, ?3, ?4)")?;
    for node in &threads.nodes {
        let parent = ghost_of.get(&node.key).map(|ghost| -ghost).or(node.parent.map(u64::cast_signed));
        insert.execute(params![node.key.cast_signed(), node.thread.cast_signed(), parent, node.is_inferred])?;
    }
    Ok(())
}

fn members(connection: &Connection, collection: CollectionNo) -> rusqlite::Result<(Vec<Member>, Vec<u64>)> {
    let (first, last) = RowKey::range(collection);
    let mut select = connection.prepare(
        "SELECT key, message_hash, refs, base_subject, is_reply, sorted_at FROM item
         WHERE key BETWEEN ?1 AND ?2 ORDER BY key",
    )?;
    let mut rows = select.query([first, last])?;
    let (mut members, mut references) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let start = references.len();
        if let Some(packed) = row.get_ref(2)?.as_blob_or_null()? {
            references.extend(packed.chunks_exact(8).filter_map(|hash| hash.try_into().ok().map(u64::from_be_bytes)));
        }
        members.push(Member {
            key: RowKey::from_sql(row.get(0)?).0,
            message: row.get::<_, Option<i64>>(1)?.map(i64::cast_unsigned),
            references: start..references.len(),
            base_subject: row.get::<_, Option<i64>>(3)?.map_or(0, i64::cast_unsigned),
            is_reply: row.get(4)?,
            sorted_at: row.get::<_, Option<i64>>(5)?.unwrap_or(i64::MAX),
        });
    }
    Ok((members, references))
}
