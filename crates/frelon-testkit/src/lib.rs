//! What tests of several crates need: corpora of real mail, small mail made by code, and a checker
//! for whole publications. Nothing that ships imports this crate.

mod corpus;
mod mail;
mod publication;

pub use corpus::corpus;
pub use mail::{Mail, mbox};
pub use publication::{Checked, check};
