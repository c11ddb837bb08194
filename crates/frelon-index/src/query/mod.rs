//! The query language: text to [`Query`], and back to text and to words.

mod ast;
mod error;
mod explain;
mod field;
mod lex;
pub mod media;
mod parse;
mod print;
mod range;
mod value;
mod words;

pub use ast::{AddressField, AddressTerm, Clause, NEAR_WORDS_MAX, Period, Property, Query, Range, Text, TextField};
pub use error::{QueryError, QueryErrorKind};
pub use explain::{Condition, Explanation, Step};
pub use parse::parse;
pub use print::{print, print_clause};

#[cfg(test)]
mod tests;
