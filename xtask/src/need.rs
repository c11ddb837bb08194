//! Programs of the system that tests and benches use, installed from Debian's packages where missing.

use anyhow::{Context, Result, bail};

use crate::step;

/// A program and the Debian package that has it.
pub(crate) type Need = (&'static str, &'static str);

/// What the tests use: a browser for the pages, ZIP readers that are not ours, the commit.
pub(crate) const TEST: &[Need] = &[
    ("git", "git"),
    ("unzip", "unzip"),
    ("python3", "python3"),
    ("chromium", "chromium"),
    ("chromedriver", "chromium-driver"),
];

/// What the bench uses: the peers, a load generator, and how the kernel counts.
pub(crate) const BENCH: &[Need] =
    &[("notmuch", "notmuch"), ("mu", "maildir-utils"), ("nginx", "nginx-light"), ("wrk", "wrk"), ("time", "time")];

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
