//! Proofs of items, made from the log as it stands on disk.
//!
//! A proof is a C2SP tlog-proof of the item's document entry. Its extra data is one JSON object with what
//! else is needed to judge the item without this site: the opening, and the editors' statements that count,
//! each with its own path to the same checkpoint.

use std::{
    path::Path,
    sync::{Mutex, PoisonError},
};

use frelon_index::{Archive, ReadError};
use frelon_log::{Proof, merkle::inclusion_proof};
use frelon_model::ItemKey;
use frelon_public::{Ledger, LogReader};
use serde::Serialize;

/// The log of the publication, replayed; kept from one proof to the next and extended as it grows.
#[derive(Default)]
pub(crate) struct Ledgers(Mutex<Option<Ledger>>);

/// The extra data.
#[derive(Serialize)]
struct Extra {
    v: u64,
    /// The document entry as it is logged.
    entry: String,
    /// The opening's line as it lies in the volume.
    opening: String,
    /// The roots up to the release, then the release, in the order of the log.
    statements: Vec<Stated>,
}

/// A statement at its place.
#[derive(Serialize)]
struct Stated {
    index: u64,
    /// The signed note as it is logged.
    entry: String,
    /// As in the proof itself: from the leaf's sibling to the root's child, base64.
    path: Vec<String>,
}

/// The proof of an item; `None` when there is no such item.
///
/// # Errors
/// When the log cannot be read, or is not what its checkpoint commits to.
pub(crate) fn of_item(archive: &Archive, ledgers: &Ledgers, key: &ItemKey) -> Result<Option<Vec<u8>>, ReadError> {
    let Some(line) = archive.opening_line(key)? else { return Ok(None) };
    let public = archive.public();
    let origin = archive.log()?.origin;
    let damaged = |reason: String| ReadError::Damaged { path: public.to_owned(), reason };
    let make = || -> Result<Option<Vec<u8>>, frelon_public::ReadError> {
        let Some(log) = crate::standing::log_key(public, &origin) else { return Ok(None) };
        let reader = LogReader::open(public, &log)?;
        let mut kept = ledgers.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ledger = match kept.take().filter(|ledger| is_before(ledger, &reader, &log)) {
            Some(mut ledger) => {
                ledger.extend(&reader)?;
                ledger
            }
            None => Ledger::read(&reader, &log)?,
        };
        let proof = make(&reader, &ledger, key, &line);
        *kept = Some(ledger);
        proof
    };
    make().map_err(|error| damaged(error.to_string()))
}

/// Whether what was replayed is the beginning of this log.
fn is_before(ledger: &Ledger, reader: &LogReader, log: &frelon_log::Verifier) -> bool {
    let head = ledger.head();
    ledger.log() == log
        && head.size <= reader.head().size
        && reader.root_at(head.size).is_ok_and(|root| root == head.root)
}

fn make(
    reader: &LogReader,
    ledger: &Ledger,
    key: &ItemKey,
    line: &[u8],
) -> Result<Option<Vec<u8>>, frelon_public::ReadError> {
    let leaf = ledger.leaf(&key.collection, key.number);
    let Some(item) = leaf.and_then(|leaf| ledger.item(leaf)) else { return Ok(None) };
    let release = item.release.statement_leaf;
    let roots = ledger.roots().iter().map(|(leaf, _)| *leaf).take_while(|leaf| *leaf < release);
    let mut statements = Vec::new();
    for index in roots.chain([release]) {
        let path = path(reader, index)?.iter().map(ToString::to_string).collect();
        statements.push(Stated { index, path, entry: entry(reader, index)? });
    }
    let opening = String::from_utf8_lossy(line).into_owned();
    let extra = Extra { v: 1, entry: entry(reader, item.leaf)?, opening, statements };
    let extra = serde_json::to_vec(&extra).unwrap_or_default();
    let proof = Proof {
        extra: Some(extra),
        index: item.leaf,
        path: path(reader, item.leaf)?,
        checkpoint: reader.checkpoint().clone(),
    };
    Ok(Some(proof.to_string().into_bytes()))
}

fn path(reader: &LogReader, index: u64) -> Result<Vec<frelon_log::NodeHash>, frelon_public::ReadError> {
    let reason = |error: frelon_log::tile::ReadError<frelon_public::ReadError>| frelon_public::ReadError::Damaged {
        path: Path::new("tile").to_owned(),
        reason: error.to_string(),
    };
    inclusion_proof(reader.tree(), index, reader.head().size).map_err(reason)
}

/// The text of an entry; empty for what is none.
fn entry(reader: &LogReader, index: u64) -> Result<String, frelon_public::ReadError> {
    let logged = reader.entries_from(index).next().transpose()?;
    Ok(logged.and_then(|logged| logged.entry.ok()).map(|entry| entry.to_string()).unwrap_or_default())
}
