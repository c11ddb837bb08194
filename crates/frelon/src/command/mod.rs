//! The commands, one file each.

#[cfg(feature = "desk")]
mod demo;
#[cfg(feature = "desk")]
mod editor;
#[cfg(feature = "desk")]
mod intake;
#[cfg(feature = "desk")]
mod keys;
mod mirror;
#[cfg(feature = "desk")]
mod press;
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
#[cfg(feature = "desk")]
mod withdraw;
mod witness;

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
        #[cfg(feature = "desk")]
        Command::Withdraw(args) => withdraw::withdraw(&args),
        #[cfg(feature = "desk")]
        Command::Restore(args) => withdraw::restore(&args),
        #[cfg(feature = "desk")]
        Command::Correct(args) => withdraw::correct(&args),
        #[cfg(feature = "desk")]
        Command::Editor(args) => editor::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Reindex(args) => reindex::run(&args),
        Command::Search(args) => search::run(&args),
        Command::Mirror(args) => mirror::run(args),
        Command::Witness(args) => witness::run(&args),
        Command::Verify(args) => verify::run(&args),
        #[cfg(feature = "desk")]
        Command::Status(args) => status::run(&args),
        #[cfg(feature = "desk")]
        Command::Keys(args) => keys::run(&args),
        #[cfg(feature = "desk")]
        Command::Demo(args) => demo::run(&args),
    }
}
