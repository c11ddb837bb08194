//! Failures: what could not be taken in, with place, reason and, where there are any, its bytes.

use frelon_model::{ContentHash, Place};
use rusqlite::params;

use crate::{Accession, VaultError};

/// Something that could not be taken in, or was with a reservation.
#[derive(Debug, Clone, Copy)]
pub struct FoundFailure<'a> {
    /// Stable code of the reason.
    pub reason: &'a str,
    /// What happened and what to do, in English.
    pub message: &'a str,
    /// Whether no mail is missing by it, so that this is a note only.
    pub taken: bool,
    /// The bytes that could not be taken in, to be kept.
    pub raw: Option<FoundBytes<'a>>,
}

/// Bytes that are no item, kept all the same.
#[derive(Debug, Clone, Copy)]
pub struct FoundBytes<'a> {
    /// SHA-256 of the bytes.
    pub content: ContentHash,
    /// Length of the bytes.
    pub size_bytes: u64,
    /// The bytes as a raw deflate stream.
    pub packed: &'a [u8],
}

impl Accession<'_> {
    /// Records a failure, or a note. One of the same place and reason counts once.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn add_failure(&mut self, failure: FoundFailure<'_>, source: u32, place: &Place) -> Result<(), VaultError> {
        self.guarded(|this| {
            this.open_batch()?;
            let key = this.source_key(source);
            if let Some(raw) = failure.raw {
                this.keep(raw)?;
            }
            this.vault
                .conn
                .prepare_cached(
                    "INSERT INTO failure
                     (source, path, inner_path, offset_bytes, reason, message, taken, accession, content)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
                )
                .and_then(|mut insert| {
                    insert.execute(params![
                        key,
                        place.file,
                        place.inner,
                        place.offset_bytes,
                        failure.reason,
                        failure.message,
                        failure.taken,
                        this.id,
                        failure.raw.map(|raw| raw.content.0),
                    ])
                })
                .map_err(|source| this.vault.fail(source))?;
            *if failure.taken { &mut this.counts.notes } else { &mut this.counts.failures } += 1;
            this.pending_rows += 1;
            Ok(())
        })
    }

    /// Stores the bytes of a failure, once.
    fn keep(&mut self, raw: FoundBytes<'_>) -> Result<(), VaultError> {
        let known = "SELECT count(*) FROM kept WHERE content = ?1";
        let known: u64 = self
            .vault
            .conn
            .query_row(known, params![raw.content.0], |row| row.get(0))
            .map_err(|source| self.vault.fail(source))?;
        if known > 0 {
            return Ok(());
        }
        let (pack, start) = self.append(raw.packed)?;
        self.pending_bytes += raw.size_bytes;
        self.vault
            .conn
            .execute(
                "INSERT INTO kept (content, size_bytes, pack, pack_offset, packed_bytes) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![raw.content.0, raw.size_bytes, pack, start, raw.packed.len() as u64],
            )
            .map(|_| ())
            .map_err(|source| self.vault.fail(source))
    }
}
