//! The one binary: command line, wiring, exit codes. Everything it does lives in the crates below.

mod cli;
mod clock;
mod command;
#[cfg(feature = "desk")]
mod demo;
mod failure;
mod progress;
mod publication;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    // clap prints usage errors itself and leaves with 2, help and version with 0.
    let cli = cli::Cli::parse();
    start_log();
    match command::run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            progress::eprint_line(&failure.to_string());
            failure.exit_code()
        }
    }
}

/// Warnings go to standard error; `FRELON_LOG` asks for more.
fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("FRELON_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,tantivy=error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
