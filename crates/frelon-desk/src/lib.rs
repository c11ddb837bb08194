//! The editors' work: taking sources in, and releasing what was taken in.
//!
//! | need | use |
//! |---|---|
//! | sources into the vault | [`intake()`] |
//! | everything not yet released into the public tree | [`release()`] |
//! | numbers, and what could not be taken in | [`status()`], [`failures`], [`kept`] |
//! | a source file again, byte for byte | [`rebuild()`] |
//!
//! The way of an item: `extract` finds it, the vault keeps it, the [`gate`] looks at what is about
//! to go out, `public` writes it. Both verbs can be killed at any moment and run again. Nothing here
//! prints or reads a clock: the time comes with the request, news go to a [`Watch`].

mod error;
pub mod gate;
pub mod intake;
mod pipeline;
mod progress;
mod rebuild;
pub mod release;
mod status;
mod summary;

pub use error::DeskError;
pub use frelon_vault::FailureRow;
pub use intake::{IntakeReport, IntakeRequest, intake};
pub use progress::{Progress, Stage, Watch};
pub use rebuild::{SourceFile, rebuild};
pub use release::{ReleaseReport, ReleaseRequest, Released, release};
pub use status::{Status, failures, kept, status};
