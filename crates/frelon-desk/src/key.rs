//! Private keys in files: of the log, and of editors.
//!
//! A key file holds one line, `PRIVATE+KEY+<name>+<id>+<base64>` (C2SP signed-note), or that line
//! locked with a passphrase: an armored age file (scrypt), which any `age` opens. Files have mode 0600
//! and are refused when others can read them. The keys of a publication are in `vault/key/`; an
//! editor's own may be anywhere but below a public tree.

use std::{
    fs,
    io::{self, Read as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use age::secrecy::SecretString;
use frelon_durable::Disk;
use frelon_log::{Malformed, Signer, note::KeyName};
use zeroize::Zeroizing;

/// The longest key file read: the line is below 2 kB, locked and armored below 4 kB.
const KEY_FILE_BYTES_MAX: u64 = 16 * 1024;
/// How much work a guess at a passphrase takes: 2^18 rounds of scrypt, a second and 256 MiB.
const WORK: u8 = 18;
/// The most work a key file may ask of us: 4 GiB of memory.
const WORK_MAX: u8 = 22;
/// What a locked file begins with.
const ARMOR: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";

/// What locks a key. Wiped from memory when dropped.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// A passphrase that is not empty.
    #[must_use]
    pub fn new(text: Zeroizing<String>) -> Option<Self> {
        if text.is_empty() { None } else { Some(Self(text)) }
    }

    fn secret(&self) -> SecretString {
        SecretString::from(self.0.as_str())
    }
}

/// Nothing of it is shown.
impl std::fmt::Debug for Passphrase {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Passphrase")
    }
}

/// Why a key cannot be used or kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// There is no such file.
    #[error("{}: there is no key here; name the file that `frelon editor new` wrote", path.display())]
    Absent {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file is locked, and no passphrase was given.
    #[error(
        "{}: this key is locked: give its passphrase with --passphrase-file FILE, in FRELON_PASSPHRASE, or at a terminal",
        path.display()
    )]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The passphrase does not open the file.
    #[error("{}: the passphrase is wrong: type it again, or look whether it belongs to another key", path.display())]
    WrongPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// Others can read the file.
    #[error(
        "{}: other users of this machine can read this key (mode {mode:04o}): run `chmod 600` on it, and think whether it is still yours alone",
        path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The file would lie, or lies, in a public tree.
    #[error("{}: a private key must not lie in a public tree: choose another place", path.display())]
    Public {
        /// The file.
        path: PathBuf,
    },
    /// A key is there already: it is never overwritten.
    #[error("{}: there is a file already, and a key is never overwritten: choose another name", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file holds no private key.
    #[error("{}: this is no private key ({reason})", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The name is none for a key.
    #[error("`{name}` cannot be the name of a key: {source}")]
    Name {
        /// The name.
        name: String,
        /// Why.
        source: Malformed,
    },
    /// The system refused to read.
    #[error("{}: cannot be read: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The disk refused to write.
    #[error(transparent)]
    Disk(#[from] frelon_durable::Error),
}

/// A new key of this name, from 32 secret random bytes.
///
/// # Errors
/// When the name has spaces or a plus sign, is empty or too long.
pub fn make(name: &str, seed: &Zeroizing<[u8; 32]>) -> Result<Signer, KeyError> {
    let parsed: Result<KeyName, Malformed> = name.parse();
    let name = parsed.map_err(|source| KeyError::Name { name: name.to_owned(), source })?;
    Ok(Signer::new(name, seed))
}

/// Whether a key file is locked with a passphrase.
///
/// # Errors
/// When it is not there or cannot be read.
pub fn is_locked(path: &Path) -> Result<bool, KeyError> {
    Ok(bytes(path)?.starts_with(ARMOR))
}

/// Reads a key file.
///
/// # Errors
/// When it is not there, others can read it, it is locked and `passphrase` does not open it, or it is
/// no key.
pub fn read(path: &Path, passphrase: Option<&Passphrase>) -> Result<Signer, KeyError> {
    let bytes = bytes(path)?;
    let malformed = |reason: String| KeyError::Malformed { path: path.to_owned(), reason };
    let text = if bytes.starts_with(ARMOR) {
        let passphrase = passphrase.ok_or_else(|| KeyError::Locked { path: path.to_owned() })?;
        let mut identity = age::scrypt::Identity::new(passphrase.secret());
        identity.set_max_work_factor(WORK_MAX);
        Zeroizing::new(age::decrypt(&identity, &bytes).map_err(|error| match error {
            // A wrong passphrase opens no stanza.
            age::DecryptError::DecryptionFailed
            | age::DecryptError::KeyDecryptionFailed
            | age::DecryptError::NoMatchingKeys => KeyError::WrongPassphrase { path: path.to_owned() },
            other => malformed(other.to_string()),
        })?)
    } else {
        bytes
    };
    let text = std::str::from_utf8(&text).map_err(|_| malformed("it is not text".to_owned()))?;
    Signer::parse(text.trim_end()).map_err(|error| malformed(error.to_string()))
}

/// Writes a new key file, locked if there is a passphrase. Its directory must be there.
///
/// # Errors
/// When a file is there, the place is in a public tree, or the disk refuses.
pub fn write(disk: &Disk, path: &Path, key: &Signer, passphrase: Option<&Passphrase>) -> Result<(), KeyError> {
    write_with(disk, path, key, passphrase, WORK)
}

fn write_with(
    disk: &Disk,
    path: &Path,
    key: &Signer,
    passphrase: Option<&Passphrase>,
    work: u8,
) -> Result<(), KeyError> {
    if path.symlink_metadata().is_ok() {
        return Err(KeyError::Exists { path: path.to_owned() });
    }
    if is_public(path) {
        return Err(KeyError::Public { path: path.to_owned() });
    }
    let mut line = key.to_private_key();
    line.push('\n');
    match passphrase {
        None => disk.replace_private(path, line.as_bytes())?,
        Some(passphrase) => {
            let mut recipient = age::scrypt::Recipient::new(passphrase.secret());
            recipient.set_work_factor(work);
            let locked = age::encrypt_and_armor(&recipient, line.as_bytes())
                .map_err(|error| KeyError::Malformed { path: path.to_owned(), reason: error.to_string() })?;
            disk.replace_private(path, locked.as_bytes())?;
        }
    }
    Ok(())
}

/// The bytes of a key file that nobody else can read.
fn bytes(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let io_error = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => KeyError::Absent { path: path.to_owned() },
        _ => KeyError::Io { path: path.to_owned(), source },
    };
    let file = fs::File::open(path).map_err(io_error)?;
    let metadata = file.metadata().map_err(io_error)?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(KeyError::Exposed { path: path.to_owned(), mode });
    }
    if is_public(path) {
        return Err(KeyError::Public { path: path.to_owned() });
    }
    if metadata.len() > KEY_FILE_BYTES_MAX {
        return Err(KeyError::Malformed { path: path.to_owned(), reason: "it is too long".to_owned() });
    }
    // Room from the start: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(KEY_FILE_BYTES_MAX as usize + 1));
    file.take(KEY_FILE_BYTES_MAX).read_to_end(&mut bytes).map_err(io_error)?;
    Ok(bytes)
}

/// Whether a path lies in a public tree: in or below a directory that holds a manifest or a log.
fn is_public(path: &Path) -> bool {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    // Where links lead is what counts.
    let folder = absolute.parent().map(|parent| parent.canonicalize().unwrap_or_else(|_| parent.to_owned()));
    folder.is_some_and(|folder| {
        folder.ancestors().any(|above| above.join("manifest.json").is_file() || above.join("tile").is_dir())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Signer {
        make("example/editor", &Zeroizing::new([7; 32])).expect("a good name")
    }

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(Zeroizing::new(text.to_owned())).expect("not empty")
    }

    #[test]
    fn a_key_is_read_back_open_and_locked() {
        let folder = tempfile::tempdir().expect("room");
        let (open, locked) = (folder.path().join("open"), folder.path().join("locked"));
        write(&Disk::new(), &open, &key(), None).expect("written");
        write_with(&Disk::new(), &locked, &key(), Some(&passphrase("river stone")), 2).expect("written");
        for path in [&open, &locked] {
            assert_eq!(fs::metadata(path).expect("there").permissions().mode() & 0o777, 0o600);
        }
        assert!(!is_locked(&open).expect("read") && is_locked(&locked).expect("read"));
        let bytes = fs::read_to_string(&locked).expect("read");
        assert!(!bytes.contains("PRIVATE") && bytes.starts_with("-----BEGIN AGE"));
        assert_eq!(read(&open, None).expect("read").verifier(), key().verifier());
        assert_eq!(read(&locked, Some(&passphrase("river stone"))).expect("read").verifier(), key().verifier());
        assert!(matches!(read(&locked, None), Err(KeyError::Locked { .. })));
        assert!(matches!(read(&locked, Some(&passphrase("river"))), Err(KeyError::WrongPassphrase { .. })));
    }

    #[test]
    fn a_key_is_never_overwritten_nor_left_where_others_read() {
        let folder = tempfile::tempdir().expect("room");
        let path = folder.path().join("key");
        write(&Disk::new(), &path, &key(), None).expect("written");
        assert!(matches!(write(&Disk::new(), &path, &key(), None), Err(KeyError::Exists { .. })));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("ours");
        let error = read(&path, None).map(|_| ()).expect_err("others can read it");
        assert!(matches!(error, KeyError::Exposed { mode: 0o640, .. }), "{error}");
        let public = folder.path().join("public");
        fs::create_dir_all(public.join("volume/letters")).expect("room");
        fs::write(public.join("manifest.json"), "{}").expect("room");
        let inside = public.join("volume/letters/key");
        assert!(matches!(write(&Disk::new(), &inside, &key(), None), Err(KeyError::Public { .. })));
        assert!(matches!(read(&folder.path().join("none"), None), Err(KeyError::Absent { .. })));
    }

    #[test]
    fn what_is_no_key_is_told() {
        let folder = tempfile::tempdir().expect("room");
        for (name, bytes) in
            [("text", &b"hello"[..]), ("binary", &[0xff; 40]), ("empty", b""), ("long", &[b'a'; 20_000])]
        {
            let path = folder.path().join(name);
            Disk::new().replace_private(&path, bytes).expect("written");
            assert!(matches!(read(&path, None), Err(KeyError::Malformed { .. })), "{name}");
        }
        assert!(matches!(make("two words", &Zeroizing::new([1; 32])), Err(KeyError::Name { .. })));
        assert!(Passphrase::new(Zeroizing::default()).is_none());
    }
}
