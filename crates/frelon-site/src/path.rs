//! What stands in paths, read strictly: each thing has one spelling, so that it has one address.

use frelon_model::{CollectionId, ItemKey, ItemNumber, Tranche};

use crate::fault::Fault;

/// Reads the name of a collection in a path.
///
/// # Errors
/// [`Fault::NotFound`]: a name that cannot be is a path that is not there.
pub(crate) fn collection_id(text: &str) -> Result<CollectionId, Fault> {
    CollectionId::new(text).map_err(|_| Fault::NotFound)
}

/// Reads an item's number in a path: digits only, no leading zero, at least 1.
///
/// # Errors
/// [`Fault::NotFound`]: one item has one address.
pub(crate) fn item_number(text: &str) -> Result<ItemNumber, Fault> {
    strict_number(text).map(ItemNumber).ok_or(Fault::NotFound)
}

/// Reads an item's key from its two path segments.
///
/// # Errors
/// [`Fault::NotFound`] when either is not well formed.
pub(crate) fn item_key(collection: &str, number: &str) -> Result<ItemKey, Fault> {
    Ok(ItemKey { collection: collection_id(collection)?, number: item_number(number)? })
}

/// Reads a tranche's number in a path.
///
/// # Errors
/// [`Fault::NotFound`] when it is not well formed.
pub(crate) fn tranche(text: &str) -> Result<Tranche, Fault> {
    let number = strict_number(text).ok_or(Fault::NotFound)?;
    u32::try_from(number).map(Tranche).map_err(|_| Fault::NotFound)
}

/// A positive number in the one way it is written here.
fn strict_number(text: &str) -> Option<u64> {
    let good = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0') && text.len() <= 18;
    if good { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_spelling() {
        assert_eq!(item_number("5205").ok(), Some(ItemNumber(5205)));
        for bad in ["", "0", "05", "-1", "+1", "1e3", "9999999999999999999", "１"] {
            assert!(item_number(bad).is_err(), "{bad}");
        }
    }
}
