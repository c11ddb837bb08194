//! The public tree: what is out, as plain files that any host can carry and anybody can check.
//!
//! ```text
//! public/manifest.json                           what is released: derived from the log and the volumes
//! public/keys.jsonl                              the keys that signatures of mail are judged by, where there are any
//! public/volume/<collection>/<tranche>.<n>.zip   the items, ordinary ZIPs: items/, openings.jsonl, README.txt
//! public/checkpoint                              size and root of the log, signed
//! public/tile/...                                the log: hashes, and entries in bundles
//! public/policy                                  the key of the log and its witnesses, as the publisher says
//! ```
//!
//! | need | use |
//! |---|---|
//! | release items | [`release::Writer`], then the log, then [`Manifest::derive`] and [`Manifest::commit`] |
//! | withdraw or restore one | [`volume::without`], [`volume::rewrite`] |
//! | read what is released, in order | [`PublicTree`], [`volume::Reader`] |
//! | one item from its place in a volume | [`inflate()`] |
//! | check everything | [`verify::verify_tree`] |
//! | prove one item, and check the proof | [`verify::make_proof`], [`verify::verify_item`] |
//! | write the log | [`FileStore`], under `frelon_log::writer::Writer` |
//! | read the log | [`LogReader`], [`Entry`] |
//! | make a statement | [`statement::Terms`], [`Draft`] |
//! | know whether a statement counts | [`Authority`] |
//! | know what the log amounts to | [`Ledger`] |
//!
//! Everything read is treated as hostile: a mirror's disk, or a copy handed over by a stranger. This
//! crate knows neither the vault nor HTTP, and writes through `frelon-durable` alone.

mod authority;
mod directory;
mod entry;
mod error;
mod inflate;
mod keys;
pub mod ledger;
mod limits;
mod log_reader;
mod log_store;
mod malformed;
mod manifest;
mod opening;
pub mod release;
pub mod statement;
mod tree;
pub mod verify;
pub mod volume;

pub use authority::{Approval, Authority, Refused, Side};
pub use entry::{DocumentEntry, Entry, OriginalEntry};
pub use error::{ReadError, WriteError};
pub use inflate::{InflateError, inflate};
pub use keys::{KEYS_BYTES_MAX, KEYS_PATH, read_keys, write_keys};
pub use ledger::Ledger;
pub use log_reader::{Entries, LogReader, Logged, TileFiles};
pub use log_store::{FileStore, StoreError};
pub use malformed::Malformed;
pub use manifest::{CollectionEntry, LogState, Manifest, ReleaseEntry, VolumeEntry};
pub use opening::{Opening, OpeningError, commitment};
pub use statement::{Draft, Statement, StatementId};
pub use tree::PublicTree;
pub use verify::{Finding, Report};
