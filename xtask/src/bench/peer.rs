//! The mail indexers that Frelon is measured beside, set up in a folder of their own.

use std::{ffi::OsStr, fs, path::Path};

use anyhow::Result;

use super::measure::{self, Figures};

/// A mail indexer.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    run: fn(&Path, &Path) -> Result<(Figures, u64)>,
}

/// All of them.
pub(crate) const ALL: &[Peer] = &[Peer { name: "notmuch new", run: notmuch }, Peer { name: "mu index", run: mu }];

impl Peer {
    /// Indexes a Maildir from nothing: what it took, and the bytes of the index.
    pub(crate) fn index(&self, mail: &Path, scratch: &Path) -> Result<(Figures, u64)> {
        (self.run)(mail, scratch)
    }
}

fn notmuch(mail: &Path, scratch: &Path) -> Result<(Figures, u64)> {
    let config = scratch.join("notmuch-config");
    let text = format!(
        "[database]\npath={}\n[user]\nname=bench\nprimary_email=bench@example.org\n[new]\ntags=new\n",
        mail.display()
    );
    fs::write(&config, text)?;
    let database = mail.join(".notmuch");
    measure::remove(&database)?;
    let environment = [("NOTMUCH_CONFIG", config.as_os_str())];
    let figures = measure::run(OsStr::new("notmuch"), &["new".as_ref(), "--quiet".as_ref()], &environment)?;
    let bytes = measure::disk_bytes(&database)?;
    measure::remove(&database)?;
    Ok((figures, bytes))
}

fn mu(mail: &Path, scratch: &Path) -> Result<(Figures, u64)> {
    let home = scratch.join("mu-home");
    measure::remove(&home)?;
    let (maildir, muhome) = (format!("--maildir={}", mail.display()), format!("--muhome={}", home.display()));
    let init = ["init".as_ref(), maildir.as_ref(), muhome.as_ref(), "--quiet".as_ref()];
    let first = measure::run(OsStr::new("mu"), &init, &[])?;
    let index = ["index".as_ref(), muhome.as_ref(), "--quiet".as_ref()];
    let second = measure::run(OsStr::new("mu"), &index, &[])?;
    let figures = Figures {
        cpu_s: first.cpu_s + second.cpu_s,
        wall_s: first.wall_s + second.wall_s,
        peak_kib: first.peak_kib.max(second.peak_kib),
    };
    let bytes = measure::disk_bytes(&home)?;
    measure::remove(&home)?;
    Ok((figures, bytes))
}
