//! The log judged from outside: by vectors, by other implementations, by stores that fail.
#![expect(clippy::unwrap_used, reason = "what tests share is test code too, though it carries no #[test]")]

mod fixture;

mod differential;
mod fault;
mod judge;
mod policy;
mod proof;
mod reader;
mod vector;
mod witness;
mod writer;
