//! Original order: in which order the files of a folder are taken in.

use std::{cmp::Ordering, ffi::OsStr, os::unix::ffi::OsStrExt, path::Path};

/// Names by their bytes, but numbers by their value: an MH folder names its messages 1, 2, 10.
pub(crate) fn compare_names(left: &OsStr, right: &OsStr) -> Ordering {
    match (number(left.as_bytes()), number(right.as_bytes())) {
        // More digits is more; with as many, the bytes tell. `01` and `1` differ in their bytes only.
        (Some(one), Some(other)) => {
            one.len().cmp(&other.len()).then_with(|| one.cmp(other)).then_with(|| left.cmp(right))
        }
        _ => left.cmp(right),
    }
}

/// Paths in the order in which folders are walked: component by component.
pub(crate) fn compare_paths(left: &Path, right: &Path) -> Ordering {
    let (mut left, mut right) = (left.components(), right.components());
    loop {
        match (left.next(), right.next()) {
            (Some(one), Some(other)) => match compare_names(one.as_os_str(), other.as_os_str()) {
                Ordering::Equal => {}
                unequal => return unequal,
            },
            (one, other) => return one.is_some().cmp(&other.is_some()),
        }
    }
}

/// The digits of a name that is a number, without leading zeros.
fn number(name: &[u8]) -> Option<&[u8]> {
    if name.is_empty() || !name.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let first = name.iter().position(|digit| *digit != b'0').unwrap_or(name.len() - 1);
    Some(&name[first..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_and_names_spell() {
        let mut names = ["b", "10", "a10", "9", "a9", "01", "1", "100"].map(OsStr::new);
        names.sort_by(|left, right| compare_names(left, right));
        assert_eq!(names, ["01", "1", "9", "10", "100", "a10", "a9", "b"].map(OsStr::new));
    }

    #[test]
    fn folders_come_as_a_whole() {
        let mut paths = ["mh/10", "mh/9", "mh-old/1", "mh/9/1"].map(Path::new);
        paths.sort_by(|left, right| compare_paths(left, right));
        assert_eq!(paths, ["mh/9", "mh/9/1", "mh/10", "mh-old/1"].map(Path::new));
    }
}
