//! Golden folders and corpora.

mod corpus;
mod dkim;
mod golden;
mod mailbox;
mod shape;
