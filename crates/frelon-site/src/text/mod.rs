//! Words, numbers and dates in the reader's language.
//!
//! A language is a file: `lang/xx.ftl` (Project Fluent) and one line in [`language::FILES`]. What a
//! translation lacks is shown in English.

mod format;
mod language;
#[cfg(test)]
mod tests;

pub(crate) use format::{machine_time, percent_encode};
pub(crate) use language::{LANGUAGES, Words, choose, sources};
