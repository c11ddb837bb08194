//! What lies in a directory.

use std::{fs, io, path::Path};

/// The names in a directory, sorted; those that are not UTF-8 are not ours and left out.
pub(crate) fn names(directory: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        names.extend(entry?.file_name().into_string());
    }
    names.sort();
    Ok(names)
}
