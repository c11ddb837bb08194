//! The crate from outside: peers and witnesses behind a scripted server on this machine.

#![expect(clippy::unwrap_used, reason = "what a test arranged is there; where it is not, the line says so")]

mod crash;
mod fetch;
mod host;
mod hostile;
mod log;
mod rewritten;
mod server;
mod sync;
mod witness;
