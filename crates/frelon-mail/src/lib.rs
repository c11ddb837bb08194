//! Raw bytes to [`Message`]: header fields, bodies, parts; mailboxes to raw messages; messages to
//! threads. Never fails on input, and does no I/O.

mod message;
mod parse;

mod attribution;
mod body;
mod charset;
mod date;
mod fields;
mod header;
mod html;
mod line;
mod name;
mod quote;
mod structure;
mod subject;
mod summary;
mod transfer;
mod uuencode;
mod value;

pub mod dkim;
pub mod mailbox;
pub mod thread;

pub use date::{date_is_possible, parse_date};
pub use message::{Block, BlockKind, Field, Message, Part, PartRole};
pub use parse::{decode_parts, parse, part_bytes};
pub use subject::base_subject;
pub use summary::{Header, parse_header};
