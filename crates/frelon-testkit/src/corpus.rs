//! Where real mail lies. It is never part of the repository; tests that need it are skipped, with a
//! line that says so, where it is not there.
#![expect(clippy::print_stderr, reason = "a skipped test says so, and tests print to standard error")]

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// A file or folder of the corpora by its path in them, such as `mail/mixed-1k.mbox`.
///
/// The folder is `FRELON_CORPUS`; without that, what `../shared/corpus/unpack` beside the checkout
/// unpacks. `None`, with a line printed, where there is neither: the test then ends as passed.
#[must_use]
pub fn corpus(name: &str) -> Option<PathBuf> {
    static FOLDER: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let found = FOLDER.get_or_init(|| folder(std::env::var_os("FRELON_CORPUS").map(PathBuf::from), &top()));
    let found = found.clone().and_then(|folder| {
        let path = folder.join(name);
        if path.exists() { Ok(path) } else { Err(format!("{} is not there", path.display())) }
    });
    found.inspect_err(|reason| eprintln!("skipped: needs {name} of the corpora: {reason}")).ok()
}

/// The top of the checkout.
fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn folder(named: Option<PathBuf>, top: &Path) -> Result<PathBuf, String> {
    if let Some(folder) = named.filter(|folder| folder.is_dir()) {
        return Ok(folder);
    }
    let unpack = top.join("../shared/corpus/unpack");
    if !unpack.is_file() {
        return Err("FRELON_CORPUS names no folder, and there is none to unpack".to_owned());
    }
    let output = Command::new(&unpack).output().map_err(|error| format!("unpacking: {error}"))?;
    if !output.status.success() {
        return Err(format!("unpacking: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    // It prints the folder last.
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().last().map(PathBuf::from).ok_or_else(|| "unpacking printed no folder".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_there_is_none_the_reason_is_said() {
        let empty = tempfile::tempdir().expect("a folder");
        let inner = empty.path().join("checkout");
        assert!(folder(None, &inner).expect_err("nothing there").contains("FRELON_CORPUS"));
        assert_eq!(folder(Some(empty.path().to_owned()), &inner), Ok(empty.path().to_owned()));
        assert_eq!(corpus("no/such/thing"), None);
    }
}
