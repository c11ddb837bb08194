//! What stands in paths, read strictly: each thing has one spelling, so that it has one address.

use frelon_model::{CollectionId, ItemKey, ItemNumber, Tranche};
use percent_encoding::percent_decode_str;

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

/// The item that an address is about: `/<collection>/<number>` and all below it, on pages and in the
/// API. `None` for every other address.
pub(crate) fn item_of(path: &str) -> Option<ItemKey> {
    let steps = path.strip_prefix('/')?;
    let (collection, rest) = match steps.strip_prefix("api/v1/collections/") {
        Some(steps) => {
            let (collection, rest) = steps.split_once('/')?;
            (collection, rest.strip_prefix("items/")?)
        }
        None => steps.split_once('/')?,
    };
    let number = rest.split('/').next()?;
    // As the router does, so that a digit in another spelling leads to the same item.
    let decoded = |text: &str| percent_decode_str(text).decode_utf8().ok().map(String::from);
    item_key(&decoded(collection)?, &decoded(number)?).ok()
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
    fn addresses_below_an_item_are_about_it() {
        for path in [
            "/lake/7",
            "/lake/7/raw",
            "/lake/7/part/1/x",
            "/%6cake/%37/html",
            "/api/v1/collections/lake/items/7/thread",
        ] {
            let key = item_of(path).expect("an item");
            assert_eq!((key.collection.as_str(), key.number), ("lake", ItemNumber(7)), "{path}");
        }
        for path in
            ["/", "/lake/", "/lake/people/7", "/lake/07", "/api/v1/collections/lake", "/api/v1/search", "/tile/0/000"]
        {
            assert_eq!(item_of(path), None, "{path}");
        }
    }

    #[test]
    fn numbers_have_one_spelling() {
        assert_eq!(item_number("5205").ok(), Some(ItemNumber(5205)));
        for bad in ["", "0", "05", "-1", "+1", "1e3", "9999999999999999999", "１"] {
            assert!(item_number(bad).is_err(), "{bad}");
        }
    }
}
