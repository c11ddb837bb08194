//! Proofs of items (`docs/formats/item-proof.md`), made from the log as it stands on disk.

use std::sync::{Mutex, PoisonError};

use frelon_index::{Archive, ReadError};
use frelon_log::Verifier;
use frelon_model::ItemKey;
use frelon_public::{
    Ledger, LogReader,
    verify::{MakeProofError, make_proof},
};

/// The log of the publication, replayed; kept from one proof to the next and extended as it grows.
#[derive(Default)]
pub(crate) struct Ledgers(Mutex<Option<Ledger>>);

/// The proof of an item; `None` when there is no such item.
///
/// # Errors
/// When the log cannot be read, or is not what its checkpoint commits to.
pub(crate) fn of_item(archive: &Archive, ledgers: &Ledgers, key: &ItemKey) -> Result<Option<Vec<u8>>, ReadError> {
    let Some(line) = archive.opening_line(key)? else { return Ok(None) };
    let public = archive.public();
    let origin = archive.log()?.origin;
    let damaged = |reason: String| ReadError::Damaged { path: public.to_owned(), reason };
    let Some(log) = crate::standing::log_key(public, &origin) else { return Ok(None) };
    let reader = LogReader::open(public, &log).map_err(|error| damaged(error.to_string()))?;
    let mut kept = ledgers.0.lock().unwrap_or_else(PoisonError::into_inner);
    let ledger = replay(kept.take(), &reader, &log).map_err(|error| damaged(error.to_string()))?;
    let leaf = ledger.leaf(&key.collection, key.number);
    let proof = leaf.map(|leaf| make_proof(&reader, &ledger, leaf, &line)).transpose();
    *kept = Some(ledger);
    proof.map_err(|error: MakeProofError| damaged(error.to_string()))
}

/// The log as it is now: what was replayed before goes on, if it is the beginning of this log.
fn replay(kept: Option<Ledger>, reader: &LogReader, log: &Verifier) -> Result<Ledger, frelon_public::ReadError> {
    let is_before = |ledger: &Ledger| {
        let head = ledger.head();
        let same = || reader.root_at(head.size).is_ok_and(|root| root == head.root);
        ledger.log() == log && head.size <= reader.head().size && same()
    };
    let Some(mut ledger) = kept.filter(is_before) else { return Ledger::read(reader, log) };
    ledger.extend(reader)?;
    Ok(ledger)
}
