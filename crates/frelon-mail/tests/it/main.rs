//! Golden folders and corpora.

mod corpus;
mod expectation;
mod golden;
mod mailbox;
mod mime4j;
mod mime_tools;
mod shape;
mod xml;
