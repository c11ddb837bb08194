//! A publication open for stating and publishing: its vault, its log, its keys.
//!
//! Opening recovers. Whatever an earlier run was stopped in is brought to its end by the same functions
//! that do it the first time: the log's writer completes its batch, drafts that are logged are known as
//! such, and the public tree is brought in line with the log.

use std::{
    io,
    path::{Path, PathBuf},
};

use frelon_durable::Disk;
use frelon_log::{
    SignedCheckpoint, Signer, Verifier,
    writer::{self, Cosigning},
};
use frelon_model::{CollectionId, Instant, ItemNumber, Tranche};
use frelon_public::{
    FileStore, Ledger, LogReader, ReadError,
    statement::{Body, Root},
};
use frelon_vault::Vault;
use zeroize::Zeroizing;

use crate::{
    DeskError, WitnessAddress, Witnesses,
    key::{self, KeyError, Passphrase},
};

/// Fills its argument with bytes that nobody can guess.
pub type Random<'a> = &'a mut dyn FnMut(&mut [u8]) -> io::Result<()>;

/// What a publication is opened with.
pub struct Means<'a> {
    /// What locks its keys. New keys are locked with it too.
    pub passphrase: Option<Passphrase>,
    /// The log's origin, where its key is yet to be made; a random one where nothing is said.
    pub origin: Option<String>,
    /// Checkpoints of this log that others saw: nothing is signed if they know more than we do.
    pub seen: Vec<SignedCheckpoint>,
    /// Who cosigns what is logged, where somebody does.
    pub witnesses: Option<&'a mut dyn Witnesses>,
    /// The time.
    pub now: Instant,
    /// Where keys, salts and ids come from.
    pub random: Random<'a>,
    /// Where files go.
    pub disk: Disk,
}

/// A publication open for stating and publishing. One process at a time holds it.
pub struct Press<'a> {
    pub(crate) publication: PathBuf,
    pub(crate) vault: Vault,
    pub(crate) log: LogWriter,
    pub(crate) editor: Option<Signer>,
    pub(crate) ledger: Ledger,
    pub(crate) now: Instant,
    pub(crate) random: Random<'a>,
    pub(crate) disk: Disk,
    /// Tranches that went out since this was last looked at.
    pub(crate) settled: Vec<(CollectionId, Tranche)>,
    seen: Vec<SignedCheckpoint>,
    witnesses: Option<&'a mut dyn Witnesses>,
    /// Whether the latest checkpoint was brought to the witnesses by this run.
    is_cosigned: bool,
}

/// The writer of a log in files.
pub(crate) type LogWriter = writer::Writer<FileStore>;

/// Whether a publication has keys, and whether they are locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// None yet: they are made when it is first opened.
    Absent,
    /// They are there, and any process of this user can use them.
    Open,
    /// A passphrase locks them.
    Locked,
}

/// The public tree of a publication.
pub(crate) fn public_directory(publication: &Path) -> PathBuf {
    publication.join("public")
}

/// Where volumes wait until they may be seen.
pub(crate) fn outgoing_directory(publication: &Path) -> PathBuf {
    publication.join("vault/outgoing")
}

/// The key of the log, in a publication.
#[must_use]
pub fn log_key_path(publication: &Path) -> PathBuf {
    publication.join("vault/key/log")
}

/// The publication's own editor's key. It may be kept elsewhere: then statements wait for it.
#[must_use]
pub fn editor_key_path(publication: &Path) -> PathBuf {
    publication.join("vault/key/editor")
}

/// Whether a publication has keys, and whether a passphrase must be given.
///
/// # Errors
/// When a key file cannot be read.
pub fn key_state(publication: &Path) -> Result<KeyState, KeyError> {
    let mut state = KeyState::Absent;
    for path in [log_key_path(publication), editor_key_path(publication)] {
        match key::is_locked(&path) {
            Ok(true) => return Ok(KeyState::Locked),
            Ok(false) => state = KeyState::Open,
            Err(KeyError::Absent { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(state)
}

impl<'a> Press<'a> {
    /// Opens a publication, makes its keys where it has none, and completes what an earlier run began.
    ///
    /// # Errors
    /// When another process has it open, its keys cannot be used, its log is damaged or behind what
    /// others saw of it, or a disk refuses.
    pub fn open(publication: &Path, means: Means<'a>) -> Result<Self, DeskError> {
        let vault = Vault::open(publication)?;
        Self::with_vault(publication, vault, means)
    }

    /// As [`Press::open`], from a vault that is open already.
    ///
    /// # Errors
    /// The same.
    pub fn with_vault(publication: &Path, vault: Vault, mut means: Means<'a>) -> Result<Self, DeskError> {
        let public = public_directory(publication);
        let (log_key, editor) = keys(publication, &mut means)?;
        let verifier = log_key.verifier().clone();
        let store = FileStore::open_on(means.disk.clone(), &public, &publication.join("vault/log"))?;
        // Witnesses are asked what they saw before anything is signed: a vault that was set back shows.
        let mut keys = Vec::new();
        if let Some(witnesses) = &mut means.witnesses {
            means.seen.extend(witnesses.last_seen(&verifier));
            keys.extend(witnesses.addresses().iter().map(|one| one.key.clone()));
        }
        let log = writer::Writer::open(store, log_key, keys, &means.seen)?;
        let _removed = log.store().sweep()?;
        let ledger = read(&public, &verifier)?;
        let Means { seen, witnesses, now, random, disk, .. } = means;
        let (publication, settled) = (publication.to_owned(), Vec::new());
        let is_cosigned = false;
        let mut press =
            Self { publication, vault, log, editor, ledger, now, random, disk, settled, seen, witnesses, is_cosigned };
        press.recover()?;
        Ok(press)
    }

    /// What the log amounts to.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The publication's own editor, where its key is here.
    #[must_use]
    pub fn editor(&self) -> Option<&Verifier> {
        self.editor.as_ref().map(Signer::verifier)
    }

    /// The publication's vault, closed for stating.
    #[must_use]
    pub fn into_vault(self) -> Vault {
        self.vault
    }

    pub(crate) fn public(&self) -> PathBuf {
        public_directory(&self.publication)
    }

    /// 16 or 32 random bytes.
    pub(crate) fn draw<const N: usize>(&mut self) -> Result<[u8; N], DeskError> {
        let mut bytes = [0; N];
        (self.random)(&mut bytes).map_err(DeskError::Random)?;
        Ok(bytes)
    }

    /// Completes what an earlier run was stopped in.
    fn recover(&mut self) -> Result<(), DeskError> {
        self.clear_leftovers()?;
        self.resume_drafts()?;
        self.settle()
    }

    /// Appends entries as one batch and takes them into the ledger.
    pub(crate) fn append<E: AsRef<[u8]>>(
        &mut self,
        entries: impl IntoIterator<Item = E>,
    ) -> Result<writer::Appended, DeskError> {
        let (last_size, witnesses) = (self.log.head().size, &mut self.witnesses);
        let mut ask = |cosigning: Cosigning<'_>| match witnesses {
            Some(witnesses) => witnesses.cosign(&cosigning, last_size),
            None => Vec::new(),
        };
        let appended = self.log.append(entries, &self.seen, Some(&mut ask))?;
        self.is_cosigned |= appended.count > 0;
        let reader = LogReader::open(&self.public(), self.log.verifier())?;
        self.ledger.extend(&reader)?;
        Ok(appended)
    }

    /// Asks the witnesses to cosign the log as it is, if this run did not yet: readers see that it is not
    /// held back. `false` where there is nobody to ask, or nobody answered.
    ///
    /// # Errors
    /// When the log is behind what others saw of it, or a disk refuses.
    pub fn refresh(&mut self) -> Result<bool, DeskError> {
        let Some(witnesses) = &mut self.witnesses else { return Ok(false) };
        if std::mem::replace(&mut self.is_cosigned, true) {
            return Ok(true);
        }
        let last_size = self.log.head().size;
        let mut ask = |cosigning: Cosigning<'_>| witnesses.cosign(&cosigning, last_size);
        Ok(self.log.recosign(&self.seen, &mut ask)?)
    }

    /// Makes sure that the log says who the editors are: where it does not, the publication's own editor
    /// alone.
    pub(crate) fn ensure_root(&mut self) -> Result<(), DeskError> {
        if self.ledger.authority().root().is_some() {
            return Ok(());
        }
        let editor =
            self.editor().cloned().ok_or_else(|| KeyError::Absent { path: editor_key_path(&self.publication) })?;
        let root = Root {
            version: 1,
            editors: vec![editor],
            threshold: 1,
            witnesses: self.asked().map(|one| one.key.clone()).collect(),
            log: self.log.verifier().clone(),
            custodians: Vec::new(),
        };
        let _logged = self.propose(None, Body::Root(root))?;
        Ok(())
    }

    /// The witnesses that are asked.
    pub(crate) fn asked(&self) -> impl Iterator<Item = &WitnessAddress> {
        self.witnesses.iter().flat_map(|witnesses| witnesses.addresses())
    }

    /// Looks up the leaf of a released item.
    pub(crate) fn leaf(&self, collection: &CollectionId, number: ItemNumber) -> Result<u64, DeskError> {
        let leaf = self.ledger.leaf(collection, number);
        leaf.ok_or_else(|| DeskError::NotReleased { collection: collection.clone(), number })
    }
}

/// The ledger of the log in a public tree; an empty one where there is no log yet.
fn read(public: &Path, log: &Verifier) -> Result<Ledger, DeskError> {
    match LogReader::open(public, log) {
        Ok(reader) => Ok(Ledger::read(&reader, log)?),
        Err(ReadError::NoLog { .. }) => Ok(Ledger::new(log.clone())),
        Err(error) => Err(error.into()),
    }
}

/// The keys of the log and of the publication's own editor, made where there are none.
fn keys(publication: &Path, means: &mut Means<'_>) -> Result<(Signer, Option<Signer>), DeskError> {
    let (log_path, editor_path) = (log_key_path(publication), editor_key_path(publication));
    // A log without its key cannot go on, and another key would make another log.
    let has_log = publication.join("vault/log/state").exists() || publication.join("public/checkpoint").exists();
    means.disk.make_private_directory(&publication.join("vault/key")).map_err(KeyError::Disk)?;
    means.disk.clear_stale(&publication.join("vault/key")).map_err(KeyError::Disk)?;
    let log = match key::read(&log_path, means.passphrase.as_ref()) {
        Err(KeyError::Absent { path }) if has_log => return Err(DeskError::NoLogKey { path }),
        Err(KeyError::Absent { .. }) => {
            let origin = match &means.origin {
                Some(origin) => origin.clone(),
                None => {
                    let mut bytes = [0; 8];
                    (means.random)(&mut bytes).map_err(DeskError::Random)?;
                    format!("frelon/{}", hex::encode(bytes))
                }
            };
            make(&origin, &log_path, means)?
        }
        other => other?,
    };
    if let Some(origin) = &means.origin
        && log.verifier().name().as_str() != origin
    {
        return Err(DeskError::OtherOrigin {
            wanted: origin.clone(),
            found: log.verifier().name().as_str().to_owned(),
        });
    }
    let editor = match key::read(&editor_path, means.passphrase.as_ref()) {
        // It may be kept elsewhere on purpose.
        Err(KeyError::Absent { .. }) if has_log => None,
        Err(KeyError::Absent { .. }) => {
            let name = format!("{}/editor", log.verifier().name());
            Some(make(&name, &editor_path, means)?)
        }
        other => Some(other?),
    };
    Ok((log, editor))
}

/// A new key, kept in a file.
fn make(name: &str, path: &Path, means: &mut Means<'_>) -> Result<Signer, DeskError> {
    let mut seed = Zeroizing::new([0; 32]);
    (means.random)(&mut *seed).map_err(DeskError::Random)?;
    let key = key::make(name, &seed)?;
    key::write(&means.disk, path, &key, means.passphrase.as_ref())?;
    Ok(key)
}
