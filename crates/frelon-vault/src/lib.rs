//! Everything that is not released: sources as taken in, editorial state, failures, the audit trail.
//!
//! A vault is the directory `vault/` (mode 0700) of a publication directory: `vault.sqlite`, and
//! append-only packs `pack/<accession>.<n>.pack` that hold each item once, as a raw deflate stream
//! (RFC 1951) which a release copies unchanged into its ZIP volumes.
//!
//! Use [`Vault`] to write (one process at a time; the second is told so) and [`Reader`] to look,
//! also while another process writes. What is committed survives a power cut: pack bytes are
//! synced before the transaction that names them, and [`Vault::open`] cuts off whatever a killed
//! writer left behind it.
//!
//! Reading mail, walking sources and publishing are not here: see `frelon-mail`, `frelon-extract`
//! and `frelon-public`.

mod accession;
mod collection;
mod draft;
mod error;
mod failure;
mod fault;
mod item;
mod journal;
mod pack;
mod read;
mod schema;
mod tranche;
mod vault;
mod withdrawn;

pub use accession::{Accession, Counts, Form, NewItem, Position};
pub use collection::Collection;
pub use draft::{DraftState, StoredDraft};
pub use error::VaultError;
pub use failure::{FoundBytes, FoundFailure};
pub use fault::{FaultHook, Step};
pub use item::StoredItem;
pub use journal::ReleaseJournal;
pub use read::{AccessionRow, CollectionTotals, FailureRow, PackedItems, PlaceRow, Reader};
pub use tranche::TranchePlan;
pub use vault::Vault;
pub use withdrawn::KeptOpening;
