//! `cargo xtask test`: everything a change must pass, cheapest first.

use anyhow::Result;

use crate::{deny, layers, need, step, tidy};

/// Runs all of it. After `.ci/run` has run the first steps on their own, they cost seconds here.
pub(crate) fn run() -> Result<()> {
    let cargo = step::cargo();
    step::run(&cargo, &["fmt", "--all", "--check"])?;
    tidy::run()?;
    layers::run()?;
    step::run(&cargo, &["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"])?;
    // What a mirror runs: neither vault nor desk.
    step::run(
        &cargo,
        &["clippy", "-p", "frelon", "--no-default-features", "--locked", "--quiet", "--", "-D", "warnings"],
    )?;
    deny::run()?;
    need::install(need::TEST)?;
    need::install_judges()?;
    if step::is_installed("cargo-nextest") {
        // The examples in the documentation, which nextest leaves out; its own summary comes last.
        step::run(&cargo, &["test", "--workspace", "--doc", "--locked", "--quiet"])?;
        step::run(&cargo, &["nextest", "run", "--workspace", "--locked", "--no-fail-fast"])
    } else {
        step::run(&cargo, &["test", "--workspace", "--locked", "--no-fail-fast"])
    }
}
