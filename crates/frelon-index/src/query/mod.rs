//! The query language: text to [`Query`], and back to text and to words.

mod ast;
mod error;
mod field;
mod lex;
pub mod media;
mod parse;
mod range;
mod value;

pub use ast::{AddressField, AddressTerm, Clause, NEAR_WORDS_MAX, Period, Property, Query, Range, Text, TextField};
pub use error::{QueryError, QueryErrorKind};
pub use parse::parse;

/// The query as understood, for showing to a reader.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Explanation {}
