//! The crate from outside: peers and witnesses behind a scripted server on this machine.

mod crash;
mod fetch;
mod host;
mod hostile;
mod log;
mod rewritten;
mod server;
mod sync;
mod witness;
