//! Opening a vault for writing: directory, lock, database, recovery of packs.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use frelon_durable::Disk;
use frelon_model::{CollectionId, Instant};
use rusqlite::{Connection, params};

use crate::error::VaultError;
use crate::fault::FaultHook;
use crate::{pack, schema};

/// A vault open for writing. One process at a time holds it.
pub struct Vault {
    pub(crate) dir: PathBuf,
    pub(crate) database: PathBuf,
    pub(crate) conn: Connection,
    pub(crate) fault: Option<FaultHook>,
    /// Held, never read: the exclusive lock ends with it.
    _lock: File,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Vault").field("dir", &self.dir).finish_non_exhaustive()
    }
}

/// The vault's directory in a publication directory.
pub(crate) fn directory(publication: &Path) -> PathBuf {
    publication.join("vault")
}

/// The database in a vault's directory.
pub(crate) fn database(vault: &Path) -> PathBuf {
    vault.join("vault.sqlite")
}

/// A pack in a vault's directory.
pub(crate) fn pack_path(vault: &Path, name: &str) -> PathBuf {
    vault.join("pack").join(name)
}

impl Vault {
    /// Opens the vault of a publication directory for writing; creates it where there is none.
    /// What a killed writer left uncommitted is removed.
    ///
    /// # Errors
    /// When another process writes to it, when it is damaged, or when the disk refuses.
    pub fn open(publication: &Path) -> Result<Self, VaultError> {
        let dir = directory(publication);
        let packs = dir.join("pack");
        let disk = Disk::new();
        disk.make_private_directory(&dir).map_err(|source| VaultError::io(&dir, "create", source.into()))?;
        disk.make_private_directory(&packs).map_err(|source| VaultError::io(&packs, "create", source.into()))?;
        let lock = lock(&dir.join("lock"))?;
        let database = database(&dir);
        let conn = schema::open(&database)?;
        let vault = Self { dir, database, conn, fault: None, _lock: lock };
        vault.recover_packs(&packs)?;
        Ok(vault)
    }

    /// Lets a hook see, and fail, each step of writing. For tests of recovery.
    pub fn set_fault_hook(&mut self, hook: FaultHook) {
        self.fault = Some(hook);
    }

    /// Adds a row to the audit trail: what was done, when, in a few words.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn audit(&self, at: Instant, action: &str, collection: &CollectionId, detail: &str) -> Result<(), VaultError> {
        self.conn
            .prepare_cached("INSERT INTO audit (at, action, collection, detail) VALUES (?1, ?2, ?3, ?4)")
            .and_then(|mut insert| insert.execute(params![at.0, action, collection.as_str(), detail]))
            .map_err(|source| self.fail(source))?;
        Ok(())
    }

    pub(crate) fn fail(&self, source: rusqlite::Error) -> VaultError {
        VaultError::database(&self.database, source)
    }

    /// Cuts every pack to its committed length and removes those no transaction ever named.
    fn recover_packs(&self, packs: &Path) -> Result<(), VaultError> {
        let mut select = self.conn.prepare("SELECT name, size_bytes FROM pack").map_err(|source| self.fail(source))?;
        let rows = select
            .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, u64>(1)?)))
            .and_then(Iterator::collect::<Result<BTreeMap<_, _>, _>>)
            .map_err(|source| self.fail(source))?;
        for (name, committed) in &rows {
            let path = packs.join(name);
            let file =
                OpenOptions::new().append(true).open(&path).map_err(|source| VaultError::io(&path, "open", source))?;
            pack::cut(&path, &file, *committed)?;
        }
        let listing = |source| VaultError::io(packs, "list", source);
        for entry in std::fs::read_dir(packs).map_err(listing)? {
            let entry = entry.map_err(listing)?;
            let named = entry.file_name().to_str().is_some_and(|name| rows.contains_key(name));
            if !named {
                let path = entry.path();
                frelon_durable::remove(&path).map_err(|source| VaultError::io(&path, "remove", source.into()))?;
            }
        }
        Ok(())
    }
}

/// Takes the lock that keeps a second writer out. The kernel frees it when the process ends, however it ends.
fn lock(path: &Path) -> Result<File, VaultError> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(|source| VaultError::io(path, "open", source))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(VaultError::Locked { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(VaultError::io(path, "lock", source)),
    }
}
