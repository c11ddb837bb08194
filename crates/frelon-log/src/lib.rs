//! The transparency log: Merkle trees, tiles, signed notes, checkpoints, cosignatures, witnesses,
//! policies, proofs, and the one writer of a log. Bytes and values in, values out: no files, no
//! network, no clock, no randomness but what is passed in.
//!
//! One module for each specification, and its version:
//!
//! | module | specification |
//! |---|---|
//! | [`merkle`] | RFC 6962, section 2.1, with SHA-256 |
//! | [`note`] | C2SP signed-note v1.0.0: Ed25519 (`0x01`), and the keys of cosigners (`0x04`) |
//! | [`checkpoint`] | C2SP tlog-checkpoint v1.0.0 |
//! | [`tile`] | C2SP tlog-tiles v0.1.0 |
//! | [`cosignature`] | C2SP tlog-cosignature v1.0.1: Ed25519 `cosignature/v1` alone |
//! | [`witness`] | C2SP tlog-witness v1.0.0: `add-checkpoint` |
//! | [`policy`] | C2SP tlog-policy, the text of 2026-06-22 |
//! | [`proof`] | C2SP tlog-proof, the text of 2025-12-18 |
//! | [`writer`] | none: the order in which a log commits, and what it refuses to sign |
//!
//! **What is not here:** what the entries of Frelon say (they are bytes), HTTP, files. Whoever has
//! those gives them as a [`tile::TileSource`] or a [`writer::LogStore`].
//!
//! Anything *parsed* is well formed and nothing more. It is believed after [`note::Note::open`],
//! [`policy::Policy::require`], [`proof::Proof::verify`] or by way of a [`tile::TreeReader`].

pub mod checkpoint;
pub mod cosignature;
mod decimal;
mod error;
pub mod merkle;
pub mod note;
pub mod policy;
pub mod proof;
pub mod tile;
pub mod witness;
pub mod writer;

pub use checkpoint::{Checkpoint, Origin, SignedCheckpoint};
pub use cosignature::Cosigner;
pub use error::Malformed;
pub use merkle::{NodeHash, TreeHead};
pub use note::{Note, Signature, Signer, Verifier};
pub use policy::Policy;
pub use proof::Proof;
