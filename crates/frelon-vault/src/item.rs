//! An item as stored, and its row.

use frelon_model::{ContentHash, Instant, ItemNumber, Tranche};
use rusqlite::Row;

/// What the vault knows of an item, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredItem {
    /// Number in the collection.
    pub number: ItemNumber,
    /// SHA-256 of the bytes.
    pub content: ContentHash,
    /// Length of the bytes.
    pub size_bytes: u64,
    /// CRC-32 (ISO-HDLC, as in ZIP) of the bytes.
    pub crc32: u32,
    /// Media type, `message/rfc822` for mail.
    pub media_type: String,
    /// File name; empty for messages.
    pub name: String,
    /// When it was sent, as claimed.
    pub sent_at: Option<Instant>,
    /// The tranche it is planned for or was released in.
    pub tranche: Option<Tranche>,
    /// Why the gate keeps it back.
    pub blocked: Option<String>,
    /// Pack that holds its deflate stream, and where.
    pub(crate) pack: i64,
    pub(crate) pack_offset: u64,
    pub(crate) packed_bytes: u64,
}

/// Columns that [`StoredItem::from_row`] reads, in order.
pub(crate) const COLUMNS: &str =
    "number, content, size_bytes, crc32, media_type, name, sent_at, tranche, blocked, pack, pack_offset, packed_bytes";

impl StoredItem {
    pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            number: ItemNumber(row.get(0)?),
            content: ContentHash(row.get(1)?),
            size_bytes: row.get(2)?,
            crc32: row.get(3)?,
            media_type: row.get(4)?,
            name: row.get(5)?,
            sent_at: row.get::<_, Option<i64>>(6)?.map(Instant),
            tranche: row.get::<_, Option<u32>>(7)?.map(Tranche),
            blocked: row.get(8)?,
            pack: row.get(9)?,
            pack_offset: row.get(10)?,
            packed_bytes: row.get(11)?,
        })
    }

    /// Length of the deflate stream, in bytes.
    #[must_use]
    pub fn packed_bytes(&self) -> u64 {
        self.packed_bytes
    }
}
