//! The full-text index (tantivy): its fields, how a message becomes a document, how a query runs.
//!
//! Words are indexed as folded, never stemmed: stemming happens when a query is planned, by
//! looking up which indexed words share a stem. That keeps the index small, makes the exact form
//! free, and lets each language use its own stemmer only where it is the language of the message.

mod collect;
mod column;
mod count;
mod document;
mod field;
mod form;
mod plan;
mod tokenizer;

pub(crate) use collect::{Collected, Collector, Place};
pub(crate) use column::Columns;
pub(crate) use count::{Counts, FacetCounts};
pub(crate) use document::{Digest, document};
pub(crate) use field::{Fields, flag, role_term};
pub(crate) use form::FormCache;
pub(crate) use plan::{Plan, plan};
pub(crate) use tokenizer::register;
