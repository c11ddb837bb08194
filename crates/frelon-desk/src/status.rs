//! What is in a publication, for the editor to see.

use std::path::Path;

use frelon_model::ContentHash;
use frelon_vault::{AccessionRow, CollectionTotals, FailureRow, Reader};

use crate::DeskError;

/// Numbers of a publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Collections with their totals, by name.
    pub collections: Vec<CollectionTotals>,
    /// Intakes, oldest first.
    pub accessions: Vec<AccessionRow>,
}

/// Reads the status of a publication; also while something is being taken in.
///
/// # Errors
/// When there is no vault, or it cannot be read.
pub fn status(publication: &Path) -> Result<Status, DeskError> {
    let reader = Reader::open(publication)?;
    Ok(Status { collections: reader.collections()?, accessions: reader.accessions()? })
}

/// All failures and notes of a publication, by source and place.
///
/// # Errors
/// When there is no vault. Each row may bring an error of its own if the disk fails meanwhile.
pub fn failures(publication: &Path) -> Result<impl Iterator<Item = Result<FailureRow, DeskError>> + use<>, DeskError> {
    Ok(Reader::open(publication)?.failures().map(|row| row.map_err(DeskError::from)))
}

/// The bytes of a failure, where they were kept.
///
/// # Errors
/// When there is no vault, or the bytes are not what was stored.
pub fn kept(publication: &Path, content: &ContentHash) -> Result<Option<Vec<u8>>, DeskError> {
    Ok(Reader::open(publication)?.kept(content)?)
}
