//! `cargo deny`: licences, bans and sources, as `deny.toml` says.

use anyhow::Result;

use crate::step;

/// The version in use; another one reads `deny.toml` differently.
const VERSION: &str = "0.20.2";

/// Runs the checks, first building cargo-deny into `target/tools` where it is not installed.
pub(crate) fn run() -> Result<()> {
    let checks = ["check", "--hide-inclusion-graph", "licenses", "bans", "sources"];
    if step::is_installed("cargo-deny") {
        return step::run("cargo-deny", &checks);
    }
    let tools = step::root().join("target/tools");
    let program = tools.join("bin/cargo-deny");
    if !program.is_file() {
        let (folder, build) = (tools.to_string_lossy(), tools.join("build"));
        let build = build.to_string_lossy();
        println!("cargo-deny is built once; that takes some minutes");
        step::run(
            &step::cargo(),
            &[
                "install",
                "cargo-deny",
                "--version",
                VERSION,
                "--locked",
                "--no-default-features",
                "--quiet",
                "--root",
                &folder,
                "--target-dir",
                &build,
            ],
        )?;
        std::fs::remove_dir_all(&*build)?;
    }
    step::run(&program.to_string_lossy(), &checks)
}
