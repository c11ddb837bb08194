//! The key of a cosigner: one file, for its owner alone (mode 0600), in the text form of C2SP
//! signed-note.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use frelon_log::{Cosigner, Malformed, note::KeyName};

use crate::file;

/// The longest file of a key.
const KEY_BYTES_MAX: u64 = 4 * 1024;

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("cannot read or write {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Others may have read it.
    #[error("{path} can be read by other users: run chmod 600 on it, and take a new key if they may have")]
    Open {
        /// The file.
        path: PathBuf,
    },
    /// What it holds is no key of a cosigner.
    #[error("{path} holds no key of a cosigner: {source}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Malformed,
    },
    /// It is the key of another name.
    #[error("{path} holds the key of `{found}`, not of `{asked}`: a cosigner keeps its name")]
    OtherName {
        /// The file.
        path: PathBuf,
        /// Whose key it is.
        found: KeyName,
        /// Whose was asked for.
        asked: KeyName,
    },
}

/// Makes a directory that only its owner can look into; one that is there stays as it is.
///
/// # Errors
/// When the disk refuses.
pub fn directory(path: &Path) -> Result<(), frelon_durable::Error> {
    frelon_durable::Disk::new().make_private_directory(path)
}

/// Reads the key in a file, or makes one from 32 random bytes where there is none.
///
/// # Errors
/// When it cannot be read or written, is open to others, or of another name.
pub fn cosigner(path: &Path, name: &KeyName, seed: &[u8; 32]) -> Result<Cosigner, KeyError> {
    let io_error = |source| KeyError::Io { path: path.to_owned(), source };
    let Some(bytes) = file::read(path, KEY_BYTES_MAX).map_err(io_error)? else {
        let cosigner = Cosigner::new(name.clone(), seed);
        write(path, format!("{}\n", *cosigner.to_private_key()).as_bytes()).map_err(io_error)?;
        return Ok(cosigner);
    };
    if fs::metadata(path).map_err(io_error)?.permissions().mode() & 0o077 != 0 {
        return Err(KeyError::Open { path: path.to_owned() });
    }
    let text = String::from_utf8_lossy(&bytes);
    let parsed = Cosigner::parse(text.trim_end());
    let cosigner = parsed.map_err(|source| KeyError::Malformed { path: path.to_owned(), source })?;
    let found = cosigner.verifier().name();
    if found != name {
        let (found, asked) = (found.clone(), name.clone());
        return Err(KeyError::OtherName { path: path.to_owned(), found, asked });
    }
    Ok(cosigner)
}

/// Whole and durable, and never open to others, not even for a moment.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    File::open(path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_kept_from_others() {
        let folder = tempfile::tempdir().unwrap();
        let (path, name) = (folder.path().join("key"), "m.example".parse().unwrap());
        let made = cosigner(&path, &name, &[7; 32]).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(cosigner(&path, &name, &[8; 32]).unwrap().verifier(), made.verifier());
        let other = cosigner(&path, &"n.example".parse().unwrap(), &[7; 32]);
        assert!(matches!(other, Err(KeyError::OtherName { .. })));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(cosigner(&path, &name, &[7; 32]), Err(KeyError::Open { .. })));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "nothing").unwrap();
        assert!(matches!(cosigner(&path, &name, &[7; 32]), Err(KeyError::Malformed { .. })));
    }
}
