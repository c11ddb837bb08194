//! Mirrors and witnesses: fetch what others published, check every byte, hold it, pass it on.
//!
//! | need | use |
//! |---|---|
//! | bytes from a peer that nobody trusts | [`fetch`] |
//!
//! Knows neither vault nor desk: a mirror cannot leak what it does not hold.

pub mod fetch;
