//! The catalog: one row per item and what lists, threads and people need (SQLite).
//!
//! Written once by `build`, then opened read-only and never changed: a new release makes a new one.

mod link;
mod log;
pub(crate) mod opening;
mod reader;
mod row;
mod schema;
mod signing;
mod writer;

pub(crate) use reader::{CatalogReader, Ghost, Located, Member};
pub(crate) use row::{AttachmentRow, ItemRow, PersonRole, StreamRow};
pub(crate) use schema::FILE_NAME;
pub(crate) use writer::{CatalogWriter, VolumeProgress};

use frelon_model::ItemNumber;

/// Number of a collection inside one derived store; never shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CollectionNo(pub(crate) u16);

/// Collection and number in one integer: what SQLite and tantivy call the item.
///
/// 23 bits of collection above 40 bits of number, so that keys of a collection are one range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RowKey(pub(crate) u64);

const NUMBER_BITS: u32 = 40;

impl RowKey {
    pub(crate) fn new(collection: CollectionNo, number: ItemNumber) -> Self {
        Self(u64::from(collection.0) << NUMBER_BITS | (number.0 & ((1 << NUMBER_BITS) - 1)))
    }

    pub(crate) fn collection(self) -> CollectionNo {
        CollectionNo(u16::try_from(self.0 >> NUMBER_BITS).unwrap_or(u16::MAX))
    }

    pub(crate) fn number(self) -> ItemNumber {
        ItemNumber(self.0 & ((1 << NUMBER_BITS) - 1))
    }

    /// As SQLite stores it.
    pub(crate) fn sql(self) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX)
    }

    pub(crate) fn from_sql(value: i64) -> Self {
        Self(u64::try_from(value).unwrap_or(0))
    }

    /// Keys of a whole collection, as an SQL range (both ends included).
    pub(crate) fn range(collection: CollectionNo) -> (i64, i64) {
        let first = Self::new(collection, ItemNumber(0));
        let last = Self::new(collection, ItemNumber((1 << NUMBER_BITS) - 1));
        (first.sql(), last.sql())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_hold_both_parts() {
        let key = RowKey::new(CollectionNo(7), ItemNumber(123_456_789));
        assert_eq!((key.collection(), key.number()), (CollectionNo(7), ItemNumber(123_456_789)));
        let (first, last) = RowKey::range(CollectionNo(7));
        assert!((first..=last).contains(&key.sql()));
        assert_eq!(RowKey::from_sql(key.sql()), key);
    }
}
