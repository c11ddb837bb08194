//! The query language: text to [`Query`], and back to text and to words.

mod ast;
pub mod media;

pub use ast::{
    AddressField, AddressTerm, Clause, NEAR_WORDS_MAX, Period, Property, Query, Range, Text, TextField,
};

/// The query as understood, for showing to a reader.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Explanation {}

/// Why a query is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("query error")]
pub struct QueryError {}
