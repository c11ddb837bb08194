//! The editors' work: taking sources in, releasing what was taken in, and what is stated afterwards.
//!
//! | need | use |
//! |---|---|
//! | sources into the vault | [`intake()`] |
//! | state and publish: the log, its keys, the public tree | [`Press`] |
//! | everything not yet released into the public tree | [`Press::release`] |
//! | take an item back, bring it back, replace it | [`Press::withdraw`], [`Press::restore`], [`Press::correct`] |
//! | who cosigns the log, and who asks them | [`Witnesses`], [`remember`], [`Press::refresh`] |
//! | editors, drafts, signatures | [`Press::change_editors`], [`Press::approve`], [`sign`], [`key`] |
//! | numbers, and what could not be taken in | [`status()`], [`failures`], [`kept`] |
//! | a source file again, byte for byte | [`rebuild()`] |
//!
//! The way of an item: `extract` finds it, the vault keeps it, the [`gate`] looks at what is about
//! to go out, the log commits to it, `public` shows it. All of it can be killed at any moment and run
//! again. Nothing here prints or reads a clock: the time comes with the request, news go to a [`Watch`].

mod editor;
mod error;
pub mod gate;
pub mod intake;
pub mod key;
mod pipeline;
mod press;
mod progress;
mod proposal;
mod rebuild;
mod release;
mod standing;
mod status;
mod summary;
mod tree;
mod withdrawal;
mod witness;

pub use editor::EditorsRequest;
pub use error::DeskError;
pub use frelon_vault::FailureRow;
pub use intake::{IntakeReport, IntakeRequest, intake};
pub use press::{KeyState, Means, Press, Random, editor_key_path, key_state, log_key_path};
pub use progress::{Progress, Stage, Watch};
pub use proposal::{OpenDraft, Stated, Waiting, drafts_directory, load_draft, sign};
pub use rebuild::{SourceFile, rebuild};
pub use release::{ReleaseReport, Released};
pub use standing::{Standing, standing};
pub use status::{Status, failures, kept, status};
pub use withdrawal::WithdrawRequest;
pub use witness::{WitnessAddress, Witnesses, remember, witnesses};
