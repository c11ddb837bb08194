//! Golden folders and corpora.

mod corpus;
mod dkim;
mod enmime;
mod expectation;
mod gmime;
mod golden;
mod kmime;
mod mail_auth;
mod mail_parser;
mod mailbox;
mod mime4j;
mod mime_tools;
mod mimekit;
mod shape;
mod suite;
mod xml;
