//! The log judged from outside: by vectors, by other implementations, by stores that fail.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test may end here, and says so when skipped")]

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
