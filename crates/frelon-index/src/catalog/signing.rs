//! What the signatures of a collection come to: items by year and grade, and items by the key that signed
//! them. Counted while an index is built, so that a page over a million items reads a few rows.

use std::collections::BTreeMap;

use frelon_mail::dkim::{DkimState, KeyUse};
use frelon_model::Instant;
use hashbrown::HashMap;
use rusqlite::{Connection, Row, params};

use super::{CollectionNo, RowKey, row::ItemRow};
use crate::record::{GradeCount, SigningKey, SigningKeyRecord};

/// Keys and selectors held for all collections together: mail of decades has some thousands, and a hostile
/// archive one for each signature. Those beyond are counted under no name.
const SIGNING_KEYS_MAX: usize = 100_000;

/// Collection, domain, selector and the fingerprint of the key, which is empty where none is known.
type Name = (u16, String, String, String);

/// What is counted of a key, or of a selector without one.
struct Counts {
    key: Option<SigningKey>,
    items: u64,
    passed: u64,
    first_at: Option<Instant>,
    last_at: Option<Instant>,
}

/// The keys met so far.
#[derive(Default)]
pub(super) struct SigningKeys(HashMap<Name, Counts>);

impl SigningKeys {
    /// Those of a catalog that is gone on with.
    pub(super) fn load(connection: &Connection) -> rusqlite::Result<Self> {
        let mut select = connection.prepare(
            "SELECT collection, domain, selector, fingerprint, key, items, passed, first_at, last_at FROM signing_key",
        )?;
        let rows = select.query_map([], |row| {
            let counts = Counts {
                key: key_of(row, 4)?,
                items: row.get::<_, i64>(5)?.unsigned_abs(),
                passed: row.get::<_, i64>(6)?.unsigned_abs(),
                first_at: row.get::<_, Option<i64>>(7)?.map(Instant),
                last_at: row.get::<_, Option<i64>>(8)?.map(Instant),
            };
            Ok(((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?), counts))
        })?;
        Ok(Self(rows.collect::<Result<_, _>>()?))
    }

    /// Counts the signatures of an item; several by one key count once.
    pub(super) fn count(&mut self, row: &ItemRow) {
        let mut seen: Vec<(Name, bool, Option<&KeyUse>)> = Vec::new();
        for signature in row.signatures.iter().filter(|one| one.state != DkimState::Malformed) {
            let fingerprint = signature.key.as_ref().map(|key| key.fingerprint.clone()).unwrap_or_default();
            let selector = signature.selector.to_ascii_lowercase();
            let name = (row.collection.0, signature.signing_domain.clone(), selector, fingerprint);
            match seen.iter_mut().find(|(known, ..)| *known == name) {
                Some((_, passed, _)) => *passed |= signature.state.is_pass(),
                None => seen.push((name, signature.state.is_pass(), signature.key.as_ref())),
            }
        }
        for (name, passed, key) in seen {
            let is_full = self.0.len() >= SIGNING_KEYS_MAX && !self.0.contains_key(&name);
            let (name, key) =
                if is_full { ((name.0, String::new(), String::new(), String::new()), None) } else { (name, key) };
            let counts = self.0.entry(name).or_insert_with(|| Counts {
                key: key.map(facts),
                items: 0,
                passed: 0,
                first_at: None,
                last_at: None,
            });
            counts.items += 1;
            counts.passed += u64::from(passed);
            if let Some(at) = row.sorted_at {
                counts.first_at = Some(counts.first_at.map_or(at, |first| first.min(at)));
                counts.last_at = Some(counts.last_at.map_or(at, |last| last.max(at)));
            }
        }
    }

    pub(super) fn save(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute("DELETE FROM signing_key", [])?;
        let mut insert =
            connection.prepare_cached("INSERT INTO signing_key VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?;
        let rows: BTreeMap<_, _> = self.0.iter().collect();
        for ((collection, domain, selector, fingerprint), counts) in rows {
            let key = counts.key.as_ref().map(|key| serde_json::to_string(key).unwrap_or_default());
            let (first, last) = (counts.first_at.map(|at| at.0), counts.last_at.map(|at| at.0));
            let (items, passed) = (counts.items as i64, counts.passed as i64);
            insert.execute(params![collection, domain, selector, fingerprint, key, items, passed, first, last])?;
        }
        Ok(())
    }
}

fn facts(key: &KeyUse) -> SigningKey {
    SigningKey {
        fingerprint: key.fingerprint.clone(),
        bits: key.bits,
        provenance: key.provenance,
        source: key.source.clone(),
        first_seen_at: key.first_seen_at,
        last_seen_at: key.last_seen_at,
    }
}

fn key_of(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<SigningKey>> {
    Ok(row.get::<_, Option<String>>(at)?.and_then(|json| serde_json::from_str(&json).ok()))
}

/// Counts the items of a collection by year and grade, when all are in.
pub(super) fn count_grades(connection: &Connection, collection: CollectionNo) -> rusqlite::Result<()> {
    let mut counts: BTreeMap<(Option<i16>, String), i64> = BTreeMap::new();
    let mut select =
        connection.prepare("SELECT sorted_at, dkim FROM item WHERE key BETWEEN ?1 AND ?2 AND dkim IS NOT NULL")?;
    let (first, last) = RowKey::range(collection);
    let mut rows = select.query([first, last])?;
    while let Some(row) = rows.next()? {
        let year = row.get::<_, Option<i64>>(0)?.map(|at| Instant(at).year_month().year);
        *counts.entry((year, row.get(1)?)).or_default() += 1;
    }
    connection.execute("DELETE FROM grade WHERE collection = ?1", [collection.0])?;
    let mut insert = connection.prepare("INSERT INTO grade VALUES(?1, ?2, ?3, ?4)")?;
    for ((year, grade), count) in counts {
        insert.execute(params![collection.0, year, grade, count])?;
    }
    Ok(())
}

/// Items by year and grade, oldest year first, those without a date last, grades best first.
pub(super) fn grades(connection: &Connection, collection: CollectionNo) -> rusqlite::Result<Vec<GradeCount>> {
    let mut select = connection
        .prepare_cached("SELECT year, grade, count FROM grade WHERE collection = ?1 ORDER BY year IS NULL, year")?;
    let rows = select.query_map([collection.0], |row| {
        let grade = row.get::<_, String>(1)?.parse().unwrap_or(DkimState::Malformed);
        Ok(GradeCount { year: row.get(0)?, grade, count: row.get::<_, i64>(2)?.unsigned_abs() })
    })?;
    let mut counts = rows.collect::<Result<Vec<_>, _>>()?;
    counts.sort_by_key(|one| (one.year.is_none(), one.year, one.grade));
    Ok(counts)
}

/// The keys that signed most items, and selectors whose key is not known among them; and how many there are
/// in all.
pub(super) fn signing_keys(
    connection: &Connection,
    collection: CollectionNo,
    limit: usize,
) -> rusqlite::Result<(Vec<SigningKeyRecord>, u64)> {
    let mut select = connection.prepare_cached(
        "SELECT domain, selector, key, items, passed, first_at, last_at FROM signing_key
         WHERE collection = ?1 ORDER BY -items, domain, selector, fingerprint LIMIT ?2",
    )?;
    let natural = |row: &Row<'_>, at: usize| row.get::<_, i64>(at).map(i64::unsigned_abs);
    let rows = select.query_map(params![collection.0, limit as i64], |row| {
        Ok(SigningKeyRecord {
            signing_domain: row.get(0)?,
            selector: row.get(1)?,
            key: key_of(row, 2)?,
            item_count: natural(row, 3)?,
            passed_count: natural(row, 4)?,
            first_at: row.get::<_, Option<i64>>(5)?.map(Instant),
            last_at: row.get::<_, Option<i64>>(6)?.map(Instant),
        })
    })?;
    let keys = rows.collect::<Result<_, _>>()?;
    let mut count = connection.prepare_cached("SELECT count(*) FROM signing_key WHERE collection = ?1")?;
    Ok((keys, count.query_row([collection.0], |row| natural(row, 0))?))
}

#[cfg(test)]
mod tests {
    use frelon_mail::dkim::{AssessedSignature, Provenance};
    use frelon_model::{ContentHash, ItemNumber};

    use super::*;
    use crate::catalog::{StreamRow, schema};

    fn row(number: u64, signatures: Vec<AssessedSignature>) -> ItemRow {
        ItemRow {
            collection: CollectionNo(1),
            number: ItemNumber(number),
            tranche: 1,
            leaf: number,
            opening: Vec::new(),
            stream: StreamRow { volume: 1, offset_bytes: 0, compressed_bytes: 0, size_bytes: 0, crc32: 0 },
            content: ContentHash([0; 32]),
            media_type: String::new(),
            subject: String::new(),
            people: Vec::new(),
            sent: None,
            received_at: None,
            sorted_at: Some(Instant(number.cast_signed())),
            language: None,
            dkim: None,
            signatures,
            list_id: None,
            message_id: None,
            message_hash: None,
            references: Vec::new(),
            base_subject: 0,
            is_reply: false,
            attachments: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn signed(selector: &str, fingerprint: &str, state: DkimState) -> AssessedSignature {
        let key = KeyUse {
            bits: 1_024,
            fingerprint: fingerprint.to_owned(),
            provenance: Provenance::Archive,
            source: "a copy".to_owned(),
            first_seen_at: Some(Instant(5)),
            last_seen_at: None,
            was_seen_then: None,
            revoked_at: None,
            disclosed_at: None,
            is_testing: false,
        };
        let key = (!fingerprint.is_empty()).then_some(key);
        AssessedSignature { state, signing_domain: "a.example".to_owned(), selector: selector.to_owned(), key }
    }

    #[test]
    fn a_message_counts_once_for_each_of_its_keys_and_counts_go_on() {
        let connection = Connection::open_in_memory().expect("memory");
        schema::create_tables(&connection).expect("tables");
        let mut counted = SigningKeys::default();
        let (holds, altered) = (DkimState::Pass, DkimState::BodyAltered);
        counted.count(&row(7, vec![signed("S", "aa", altered), signed("s", "aa", holds), signed("s", "bb", altered)]));
        counted.save(&connection).expect("saved");
        let mut counted = SigningKeys::load(&connection).expect("loaded");
        counted.count(&row(9, vec![signed("s", "aa", holds), signed("t", "", DkimState::KeyNotFound)]));
        counted.count(&row(3, vec![signed("u", "", DkimState::Malformed)]));
        counted.save(&connection).expect("saved");
        let (keys, total) = signing_keys(&connection, CollectionNo(1), 2).expect("read");
        assert_eq!(total, 3, "what is malformed names nobody");
        let [first, second] = &keys[..] else { panic!("two") };
        assert_eq!((first.item_count, first.passed_count, first.selector.as_str()), (2, 2, "s"));
        assert_eq!((first.first_at, first.last_at), (Some(Instant(7)), Some(Instant(9))));
        assert_eq!(first.key.as_ref().map(|key| (key.fingerprint.as_str(), key.bits)), Some(("aa", 1_024)));
        assert_eq!((second.item_count, second.passed_count), (1, 0));
        assert_eq!(signing_keys(&connection, CollectionNo(2), 9).expect("read").1, 0);
    }
}
