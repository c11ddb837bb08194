//! The commands, one file each.

#[cfg(feature = "desk")]
mod demo;
#[cfg(feature = "desk")]
mod intake;
#[cfg(feature = "desk")]
mod keys;
#[cfg(feature = "desk")]
mod publish;
mod reindex;
#[cfg(feature = "desk")]
mod release;
mod search;
mod serve;
#[cfg(feature = "desk")]
mod status;
mod verify;

use crate::{cli::Command, failure::Failure};

/// Runs a command to its end.
pub(crate) fn run(command: Command) -> Result<(), Failure> {
    match command {
        #[cfg(feature = "desk")]
        Command::Publish(args) => publish::run(&args),
        #[cfg(feature = "desk")]
        Command::Intake(args) => intake::run(&args),
        #[cfg(feature = "desk")]
        Command::Release(args) => release::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Reindex(args) => reindex::run(&args),
        Command::Search(args) => search::run(&args),
        Command::Verify(args) => verify::run(&args),
        #[cfg(feature = "desk")]
        Command::Status(args) => status::run(&args),
        #[cfg(feature = "desk")]
        Command::Keys(args) => keys::run(&args),
        #[cfg(feature = "desk")]
        Command::Demo(args) => demo::run(&args),
    }
}
