//! The public tree: what is out, as plain files that any host can carry and anybody can check.
//!
//! ```text
//! public/manifest.json                           what is released; its replacement is the commit of a release
//! public/keys.jsonl                              the keys that signatures of mail are judged by, where there are any
//! public/volume/<collection>/<tranche>.<n>.zip   the items, ordinary ZIPs: items/, openings.jsonl, README.txt
//! ```
//!
//! | need | use |
//! |---|---|
//! | release items | [`release::Writer`] |
//! | read what is released, in order | [`PublicTree`], [`volume::Reader`] |
//! | one item from its place in a volume | [`inflate()`] |
//! | check everything | [`PublicTree::verify`] |
//!
//! Everything read is treated as hostile: a mirror's disk, or a copy handed over by a stranger. This
//! crate knows neither the vault nor HTTP, and writes through `frelon-durable` alone.

mod error;
mod inflate;
mod keys;
mod limits;
mod manifest;
mod opening;
pub mod release;
mod tree;
mod verify;
pub mod volume;

pub use error::{ReadError, WriteError};
pub use inflate::{InflateError, inflate};
pub use keys::{KEYS_BYTES_MAX, KEYS_PATH, read_keys, write_keys};
pub use manifest::{CollectionEntry, Manifest, ReleaseEntry, VolumeEntry};
pub use opening::{Opening, OpeningError, commitment};
pub use tree::PublicTree;
pub use verify::{Finding, Report};
