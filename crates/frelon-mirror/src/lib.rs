//! Mirrors and witnesses: fetch what others published, check every byte, hold it, pass it on.
//!
//! | need | use |
//! |---|---|
//! | bytes from a peer that nobody trusts | [`fetch`] |
//! | cosign that logs only grow | [`witness::Witness`] |
//! | ask witnesses for cosignatures | [`witness::client::Witnesses`] |
//! | hold a copy of a publication | [`sync::Mirror`] |
//! | proof that a log forked | [`evidence::Fork`] |
//!
//! Everything blocks; whoever needs otherwise gives it a thread. Knows neither vault nor desk: a mirror
//! cannot leak what it does not hold.

pub mod evidence;
pub mod fetch;
mod file;
pub mod key;
pub mod sync;
pub mod witness;
