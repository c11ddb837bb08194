//! Domain types, ids and limits shared by every crate of Frelon.
//!
//! This crate knows no I/O, no clock, no environment and no randomness: values in, values out.
//! Parsing of mail lives in `frelon-mail`, files in `frelon-public` and `frelon-vault`.

mod address;
mod hash;
mod id;
mod instant;
pub mod limits;
mod place;
mod problem;

pub use address::Address;
pub use hash::{ContentHash, HashParseError};
pub use id::{CollectionId, CollectionIdError, ItemKey, ItemNumber, MessageId, Tranche};
pub use instant::{Instant, YearMonth, ZonedInstant};
pub use place::Place;
pub use problem::{Problem, ProblemKind};
