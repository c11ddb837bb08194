//! Sources (files, folders, Maildir, MH, mbox, EML, EMLX, ZIP, tar, gzip) to raw items, bounded.
//!
//! [`run`] walks the sources in a fixed order (paths by their bytes, numbers by their value, then offset) and hands each
//! item to a [`Sink`], with its [`Place`](frelon_model::Place) and the bytes that stood around it, so
//! that the original file can be rebuilt. What is no item is handed over as a [`Failure`]; nothing
//! is dropped silently, and one bad file never stops the rest.
//!
//! What a file is, its content says, never its name. Memory stays bounded whatever the size: files
//! are read by windows, containers entry by entry. This crate hashes, parses and stores nothing:
//! see `frelon-mail` and `frelon-vault`.

mod bomb;
mod container;
mod content;
mod failure;
mod kind;
mod limit;
mod mailbox;
mod order;
mod progress;
mod sink;
mod walk;
mod zip;

pub use failure::{Failure, Reason};
pub use progress::Progress;
pub use sink::{Form, Position, RawItem, Sink};
pub use walk::{Options, Outcome, run};
