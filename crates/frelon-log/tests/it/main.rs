//! The log judged from outside: by vectors, by other implementations, by stores that fail.

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
