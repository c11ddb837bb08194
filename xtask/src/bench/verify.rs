//! Verifying a whole publication beside `sha256sum` over the same mail, per CPU second.

use std::{ffi::OsStr, path::Path};

use anyhow::Result;

use super::{
    measure::{self, median},
    report::{Report, Target},
};

/// Megabytes of raw mail for each CPU second, both in the same rounds.
pub(crate) fn run(program: &Path, publication: &Path, corpus: &Path, runs: usize, report: &mut Report) -> Result<()> {
    let megabytes = report.raw_bytes as f64 / 1e6;
    let (mut own, mut peer, mut shares) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..runs {
        let verify = ["verify".as_ref(), publication.as_os_str(), "--json".as_ref()];
        let verified = megabytes / measure::run(program.as_os_str(), &verify, &[])?.cpu_s;
        let summed = megabytes / measure::run(OsStr::new("sha256sum"), &[corpus.as_os_str()], &[])?.cpu_s;
        own.push(verified);
        peer.push(summed);
        shares.push(100.0 * verified / summed);
    }
    report.row("frelon verify, mail per CPU second", median(&mut own), "MB/s", None);
    report.row("sha256sum of the mailbox, per CPU second", median(&mut peer), "MB/s", None);
    report.row("frelon verify, of sha256sum", median(&mut shares), "%", Some(Target::above(100.0)));
    Ok(())
}
