//! Golden folders and corpora.

mod corpus;
mod golden;
mod mailbox;
mod shape;
