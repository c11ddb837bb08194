//! Runs the fuzz targets, each for a while.

use anyhow::{Result, bail};

use crate::step;

/// Largest input tried: large enough for every structure, small enough for speed.
const INPUT_BYTES_MAX: u64 = 65_536;

/// Runs every target of `fuzz/`, or one, for so many seconds.
pub(crate) fn run(seconds: u64, only: Option<&str>) -> Result<()> {
    if !step::is_installed("cargo-fuzz") {
        bail!("cargo-fuzz is missing: `cargo install cargo-fuzz`, and `rustup toolchain install nightly`");
    }
    let mut targets = Vec::new();
    for entry in std::fs::read_dir(step::root().join("fuzz/fuzz_targets"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            targets.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    targets.sort();
    targets.retain(|target| only.is_none_or(|only| only == target));
    if targets.is_empty() {
        bail!("there is no such fuzz target");
    }
    let time = format!("-max_total_time={seconds}");
    let length = format!("-max_len={INPUT_BYTES_MAX}");
    for target in &targets {
        step::run("cargo", &["+nightly", "fuzz", "run", target, "--", &time, &length])?;
    }
    Ok(())
}
