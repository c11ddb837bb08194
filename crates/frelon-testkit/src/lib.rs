//! What tests of several crates need: corpora of real mail, small mail made by code, a press for
//! logged publications, and a checker for whole ones. Nothing that ships imports this crate.

mod corpus;
mod mail;
mod press;
mod publication;

pub use corpus::corpus;
pub use mail::{Mail, mbox};
pub use press::{NewItem, ORIGIN, Press, PressOptions, logged_publication};
pub use publication::{Checked, check};
