//! A source file again, byte for byte, from its items and their places: the proof that nothing
//! was lost on the way in.

use std::io::Write;
use std::path::Path;

use frelon_mail::mailbox::{MailboxKind, quote};
use frelon_model::CollectionId;
use frelon_vault::{PlaceRow, Reader};

use crate::DeskError;

/// A file that was taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceFile<'a> {
    /// The source it belongs to, as the vault names it: its whole path.
    pub source: &'a str,
    /// Its path relative to its source, as [`frelon_model::Place::file`] has it.
    pub file: &'a str,
    /// Path inside the container; empty for the file itself.
    pub inner: &'a str,
}

/// Writes a mailbox or message file as it was when it was taken in. Bytes that were listed as
/// failures are missing.
///
/// # Errors
/// When no item was found in such a file, an item does not read back, or `out` refuses.
pub fn rebuild(
    publication: &Path,
    collection: &CollectionId,
    wanted: SourceFile<'_>,
    out: &mut dyn Write,
) -> Result<u64, DeskError> {
    let places = Reader::open(publication)?;
    let mut items = Reader::open(publication)?;
    let mut written = 0;
    for row in places.places(collection) {
        let row = row?;
        let found = SourceFile { source: &row.source, file: &row.place.file, inner: &row.place.inner };
        if found != wanted {
            continue;
        }
        let item = items.item(collection, row.number)?;
        let bytes = items.bytes(&item)?;
        for piece in [&row.head[..], &requoted(&row, &bytes), &row.tail] {
            out.write_all(piece).map_err(DeskError::Rebuild)?;
            written += piece.len() as u64;
        }
    }
    if written == 0 {
        return Err(DeskError::NoSuchFile { file: wanted.file.to_owned() });
    }
    Ok(written)
}

fn requoted<'b>(row: &PlaceRow, bytes: &'b [u8]) -> std::borrow::Cow<'b, [u8]> {
    let kinds = [MailboxKind::Mboxo, MailboxKind::Mboxrd, MailboxKind::Mboxcl, MailboxKind::Mboxcl2];
    match kinds.into_iter().find(|kind| kind.name() == row.kind) {
        Some(kind) => quote(kind, bytes),
        None => bytes.into(),
    }
}
