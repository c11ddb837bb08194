//! A mirror from nothing over loopback, every byte verified, beside rsync, which verifies none. Both
//! take the same public tree; nginx serves it to the one, rsync's own daemon to the other.

use std::{
    fs,
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use super::{
    load::Nginx,
    measure::{self, Figures},
    report::{Report, Target},
    server::free_address,
};

/// Takes the tree in turn with both, and reports.
pub(crate) fn measure(
    runs: usize,
    report: &mut Report,
    program: &Path,
    publication: &Path,
    scratch: &Path,
) -> Result<()> {
    let public = publication.join("public");
    if !public.join("checkpoint").is_file() {
        println!("--- no mirror is measured: the publication has no log");
        return Ok(());
    }
    let size_mb = bytes(&public)? as f64 / 1e6;
    let (web, daemon) = (free_address()?, free_address()?);
    let _nginx = Nginx::start(&web, &public, scratch)?;
    let _rsync = Rsync::start(&daemon, &public, scratch)?;
    let (mut own, mut peer, mut again) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..runs {
        let (mirror, copy) = (scratch.join("mirror"), scratch.join("copy"));
        measure::remove(&mirror)?;
        measure::remove(&copy)?;
        let figures = take(program, &web, &mirror)?;
        let rsync = measure::run(
            "rsync".as_ref(),
            &["-a".as_ref(), format!("rsync://{daemon}/public/").as_ref(), copy.as_ref()],
            &[],
        )?;
        println!("--- frelon mirror: {figures}; rsync: {rsync}; {size_mb:.1} MB");
        again.push(take(program, &web, &mirror)?);
        own.push(figures);
        peer.push(rsync);
    }
    let (own, peer, again) = (Figures::median(&own), Figures::median(&peer), Figures::median(&again));
    report.row("mirror from nothing, per CPU second", size_mb / own.cpu_s, "MB", Some(Target::above(100.0)));
    report.row("mirror from nothing, by the clock", size_mb / own.wall_s, "MB/s", None);
    report.row("mirror, peak memory", own.peak_mb(), "MB", None);
    report.row("rsync (client alone), per CPU second", size_mb / peer.cpu_s, "MB", None);
    report.row("rsync, by the clock", size_mb / peer.wall_s, "MB/s", None);
    report.row("mirror with nothing new", again.wall_s * 1000.0, "ms", None);
    Ok(())
}

fn take(program: &Path, address: &str, into: &Path) -> Result<Figures> {
    let url = format!("http://{address}");
    let words: [&std::ffi::OsStr; 7] = [
        "mirror".as_ref(),
        url.as_ref(),
        "--into".as_ref(),
        into.as_ref(),
        "--allow-private".as_ref(),
        "--no-index".as_ref(),
        "--quiet".as_ref(),
    ];
    measure::run(program.as_os_str(), &words, &[])
}

/// Bytes of all files below a folder, as they are sent.
fn bytes(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        sum += if metadata.is_dir() { bytes(&entry.path())? } else { metadata.len() };
    }
    Ok(sum)
}

/// A running daemon of rsync; dropping it ends it.
struct Rsync(Child);

impl Rsync {
    fn start(address: &str, files: &Path, scratch: &Path) -> Result<Self> {
        let (host, port) = address.rsplit_once(':').context("an address has a port")?;
        let config = scratch.join("rsyncd.conf");
        let text = format!(
            "address = {host}\nport = {port}\nuse chroot = no\n[public]\npath = {}\nread only = yes\n",
            files.display()
        );
        // As root it would change to a user who cannot enter this folder.
        let is_root = crate::step::output("id", &["-u"])?.trim() == "0";
        let text = if is_root { format!("uid = root\ngid = root\n{text}") } else { text };
        fs::write(&config, text)?;
        let child = Command::new("rsync")
            .args(["--daemon", "--no-detach", "--config"])
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start rsync")?;
        let running = Self(child);
        for _ in 0..500 {
            if TcpStream::connect(address).is_ok() {
                return Ok(running);
            }
            thread::sleep(Duration::from_millis(10));
        }
        bail!("the daemon of rsync does not answer")
    }
}

impl Drop for Rsync {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to do.
        if self.0.kill().is_ok() {
            drop(self.0.wait());
        }
    }
}
