//! Checks a whole publication: to be called after each step of a test that changes one.

use std::{
    fs,
    num::NonZero,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use frelon_public::{KEYS_PATH, PublicTree};

/// What a checked publication holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Releases in the manifest.
    pub release_count: usize,
    /// Volumes.
    pub volume_count: u64,
    /// Items, each of which has the bytes its opening commits to.
    pub item_count: u64,
    /// Their bytes, uncompressed.
    pub size_bytes: u64,
}

/// Checks a publication directory: the public tree is whole, holds what its manifest names and
/// nothing else that is visible; the vault, where there is one, is closed to others. A publication
/// that has released nothing yet is good, and empty.
///
/// # Errors
/// With everything that is wrong.
pub fn check(publication: &Path) -> Result<Checked> {
    let vault = publication.join("vault");
    if vault.exists() {
        let mode = fs::metadata(&vault)?.permissions().mode() & 0o777;
        ensure!(mode == 0o700, "{} has mode {mode:o}, not 700", vault.display());
    }
    let public = publication.join("public");
    if !public.join("manifest.json").exists() {
        ensure!(!public.join("volume").exists() || files(&public.join("volume"))?.is_empty(), "volumes, no manifest");
        return Ok(Checked::default());
    }
    let tree = PublicTree::open(&public)?;
    let report = tree.verify(NonZero::<usize>::MIN);
    if !report.is_clean() {
        let list: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        bail!("{} finding(s):\n{}", report.finding_count, list.join("\n"));
    }
    let mut expected: Vec<PathBuf> = tree.volumes().map(|(_, volume)| tree.volume_file(volume)).collect();
    expected.extend(["manifest.json", "checkpoint", "policy", KEYS_PATH].map(|name| public.join(name)));
    for file in files(&public)?.into_iter().filter(|file| !file.starts_with(public.join("tile"))) {
        ensure!(expected.contains(&file), "{} is in the public tree and nobody names it", file.display());
    }
    let release_count = tree.manifest().releases.len();
    let (volume_count, item_count, size_bytes) = (report.volume_count, report.item_count, report.size_bytes);
    Ok(Checked { release_count, volume_count, item_count, size_bytes })
}

/// All files below a folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PressOptions, logged_publication};

    #[test]
    fn good_publications_pass_and_strangers_in_them_do_not() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(check(folder.path()).expect("empty"), Checked::default());
        let public = logged_publication(folder.path(), 1, PressOptions::default()).public();
        let checked = check(folder.path()).expect("good");
        assert_eq!((checked.release_count, checked.volume_count, checked.item_count), (1, 1, 1));
        fs::write(public.join("volume/lake/secret.txt"), "x").expect("written");
        assert!(check(folder.path()).expect_err("a stranger").to_string().contains("secret.txt"));
        fs::remove_file(public.join("volume/lake/secret.txt")).expect("removed");
        fs::create_dir(folder.path().join("vault")).expect("made");
        fs::set_permissions(folder.path().join("vault"), fs::Permissions::from_mode(0o755)).expect("set");
        assert!(check(folder.path()).expect_err("an open vault").to_string().contains("mode 755"));
    }
}
