//! Running other programs, one after the other, with their names and times shown.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, bail};

/// The top of the checkout.
pub(crate) fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().expect("xtask lies in the workspace").to_owned()
}

/// The cargo that runs us, so that a toolchain chosen by the user stays chosen.
pub(crate) fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// Runs a program in the top of the checkout, its output going where ours goes.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Result<()> {
    let started = Instant::now();
    let name = Path::new(program).file_name().unwrap_or_default().to_string_lossy().into_owned();
    println!("--- {name} {}", arguments.join(" "));
    let status = Command::new(program)
        .args(arguments)
        .current_dir(root())
        .status()
        .with_context(|| format!("cannot start {program}"))?;
    if !status.success() {
        bail!("`{name} {}` failed ({status})", arguments.join(" "));
    }
    println!("--- done in {:.1} s", started.elapsed().as_secs_f64());
    Ok(())
}

/// Runs a program and takes what it prints.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {program}"))?;
    if !output.status.success() {
        bail!("`{program} {}` failed ({})", arguments.join(" "), output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("{program} printed something that is not UTF-8"))
}

/// Whether a program can be found.
pub(crate) fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]).any(|folder| folder.join(program).is_file())
}

/// Prints what is wrong and fails if anything is.
pub(crate) fn refuse(what: &str, findings: &[String]) -> Result<()> {
    for finding in findings {
        println!("{what}: {finding}");
    }
    if findings.is_empty() {
        println!("{what}: good");
        return Ok(());
    }
    bail!("{what}: {} finding(s)", findings.len());
}
