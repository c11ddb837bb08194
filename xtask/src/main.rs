//! All automation of the project: `cargo xtask test` and its parts, the bench, fuzzing.
//!
//! The rules of the house are ordinary functions here ([`tidy`], [`layers`]), run as verbs and as
//! `#[test]`s alike, so that a plain `cargo test` already refuses what breaks them.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for terminals and logs")]

mod bench;
mod deny;
mod fuzz;
mod layers;
mod need;
mod step;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Automation for Frelon.
#[derive(Parser)]
#[command(name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Everything a change must pass: formatting, lints, house rules, licences, tests.
    Test,
    /// The rules of the house for files: names, lengths, docs, words.
    Tidy,
    /// Who may import whom.
    Layers,
    /// Licences, banned crates and sources of all dependencies.
    Deny,
    /// Runs every fuzz target for a while.
    Fuzz {
        /// Seconds for each target.
        seconds: u64,
        /// Only this target.
        #[arg(long)]
        target: Option<String>,
    },
    /// Measures Frelon beside its peers on a mailbox.
    Bench(bench::Arguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().verb {
        Verb::Test => test::run(),
        Verb::Tidy => tidy::run(),
        Verb::Layers => layers::run(),
        Verb::Deny => deny::run(),
        Verb::Fuzz { seconds, target } => fuzz::run(seconds, target.as_deref()),
        Verb::Bench(arguments) => bench::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
