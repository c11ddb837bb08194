//! CPU, memory and disk as the kernel counts them.

use std::{
    ffi::OsStr,
    fs, io,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

/// What one run took, its children included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Figures {
    /// User and system time together, in seconds.
    pub(crate) cpu_s: f64,
    /// Time on the clock, in seconds.
    pub(crate) wall_s: f64,
    /// Largest resident memory of any of the processes, in KiB.
    pub(crate) peak_kib: f64,
}

impl Figures {
    pub(crate) fn median(runs: &[Self]) -> Self {
        let of = |field: fn(&Self) -> f64| median(&mut runs.iter().map(field).collect::<Vec<_>>());
        Self { cpu_s: of(|run| run.cpu_s), wall_s: of(|run| run.wall_s), peak_kib: of(|run| run.peak_kib) }
    }

    pub(crate) fn peak_mb(&self) -> f64 {
        self.peak_kib * 1024.0 / 1e6
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:.2} CPU s, {:.2} s, {:.0} MB", self.cpu_s, self.wall_s, self.peak_mb())
    }
}

/// The middle one, or the mean of the two in the middle; 0 of nothing.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        length if length % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

/// The value that this share (0 to 1) of the values does not exceed; the values are sorted.
pub(crate) fn percentile(sorted: &[f64], share: f64) -> f64 {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
}

/// Runs a program to its end under time(1), which asks the kernel (wait4) what it and its children took.
pub(crate) fn run(program: &OsStr, arguments: &[&OsStr], environment: &[(&str, &OsStr)]) -> Result<Figures> {
    let counted = std::env::temp_dir().join(format!("xtask-bench-{}", std::process::id()));
    let name = Path::new(program).display();
    let mut command = Command::new("time");
    command.args(["--format=%U %S %e %M", "--quiet", "--output"]).arg(&counted).arg(program).args(arguments);
    let output = command
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .with_context(|| format!("cannot run {name} under time"))?;
    if !output.status.success() {
        bail!("{name} failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    let text = fs::read_to_string(&counted)?;
    fs::remove_file(&counted)?;
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [user, system, wall_s, peak_kib] = numbers[..] else { bail!("time printed `{text}`") };
    Ok(Figures { cpu_s: user + system, wall_s, peak_kib })
}

/// Bytes that a file, or everything in a folder, takes on the disk.
pub(crate) fn disk_bytes(path: &Path) -> Result<u64> {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::symlink_metadata(path).with_context(|| format!("cannot look at {}", path.display()))?;
    let mut bytes = metadata.blocks() * 512;
    if metadata.is_dir() {
        for entry in fs::read_dir(path)? {
            bytes += disk_bytes(&entry?.path())?;
        }
    }
    Ok(bytes)
}

/// Removes a folder that may not be there.
pub(crate) fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other.with_context(|| format!("cannot remove {}", folder.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn middles_and_ranks() {
        assert_eq!(median(&mut []), 0.0);
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), 2.5);
        let values: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!((percentile(&values, 0.5), percentile(&values, 0.99)), (100.0, 198.0));
    }
}
