//! The key archive of a tree, `keys.jsonl`: the records that signatures of mail are judged by, one JSON
//! object a line. It is public, so that every copy of a tree comes to the same verdicts. What the lines
//! mean is `frelon-mail`'s; here they are bytes.

use std::{fs::File, io::Read, path::Path};

use frelon_durable::Disk;

use crate::{ReadError, WriteError};

/// Path of the key archive in the public tree.
pub const KEYS_PATH: &str = "keys.jsonl";
/// Longest key archive, in bytes: some hundred thousand records.
pub const KEYS_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// Reads the key archive of the tree in a directory; empty where it has none.
///
/// # Errors
/// When it cannot be read or is too long.
pub fn read_keys(directory: &Path) -> Result<String, ReadError> {
    let path = directory.join(KEYS_PATH);
    let io_error = |source| ReadError::Io { path: path.clone(), source };
    let file = match File::open(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(String::new()),
        other => other.map_err(io_error)?,
    };
    let mut bytes = Vec::new();
    file.take(KEYS_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(io_error)?;
    let damaged = |reason: String| ReadError::Damaged { path: path.clone(), reason };
    if bytes.len() as u64 > KEYS_BYTES_MAX {
        return Err(damaged(format!("it has more than {KEYS_BYTES_MAX} bytes")));
    }
    String::from_utf8(bytes).map_err(|error| damaged(error.to_string()))
}

/// Replaces the key archive of the tree in a directory, durably and as a whole.
///
/// # Errors
/// When the disk refuses; the archive is then as it was.
pub fn write_keys(directory: &Path, text: &str) -> Result<(), WriteError> {
    let path = directory.join(KEYS_PATH);
    Ok(Disk::new().replace(&path, text.as_bytes())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_and_none_are_none() {
        let folder = tempfile::tempdir().expect("room");
        assert_eq!(read_keys(folder.path()).expect("none"), "");
        write_keys(folder.path(), "{}\n").expect("room");
        assert_eq!(read_keys(folder.path()).expect("some"), "{}\n");
        std::fs::write(folder.path().join(KEYS_PATH), b"\xff").expect("room");
        assert!(matches!(read_keys(folder.path()), Err(ReadError::Damaged { .. })));
    }
}
