//! A witness: cosigns that logs only grow (C2SP tlog-witness), and the client that asks witnesses.
//!
//! What it answers is decided by [`frelon_log::witness`]; here are the keeping and the order. One file
//! for each log holds the checkpoint that was cosigned last, with the cosignature. It is replaced
//! durably, under a lock of that log, **before** the cosignature leaves: two requests may race, and
//! none sets back what another one stored.
//!
//! ```text
//! <directory>/lock                                   one process
//! <directory>/<SHA-256 of the origin>/checkpoint     what was cosigned last
//! <directory>/fork-<hash>.txt                        proof that a log signed two trees of one size
//! ```
//!
//! HTTP is the caller's: [`Witness::add_checkpoint`] takes a body and yields an answer.

pub mod client;

use std::{
    collections::BTreeMap,
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use frelon_durable::Disk;
use frelon_log::{
    Cosigner, Note, Origin, SignedCheckpoint, Verifier,
    note::NOTE_BYTES_MAX,
    witness::{AddCheckpoint, Known, REQUEST_BYTES_MAX, Refusal, SIZE_MEDIA_TYPE, decide, print_response},
};
use frelon_model::Instant;
use sha2::{Digest, Sha256};

use crate::{evidence::Fork, file};

/// The longest body of a request that is read.
pub const BODY_BYTES_MAX: usize = REQUEST_BYTES_MAX;

/// The most logs one witness follows: all are in memory.
const LOGS_MAX: usize = 10_000;

/// Where a witness, or a mirror, shows what it saw last of a log, below its own address.
#[must_use]
pub fn monitoring_path(origin: &Origin) -> String {
    format!("witness/{}/checkpoint", origin_hash(origin))
}

/// SHA-256 of an origin, in hexadecimal digits.
#[must_use]
pub fn origin_hash(origin: &Origin) -> String {
    frelon_log::NodeHash(Sha256::digest(origin.as_str()).into()).to_hex()
}

/// Why a witness cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessError {
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] frelon_durable::Error),
    /// A file cannot be read.
    #[error("cannot read {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Another process is this witness.
    #[error("another witness is running on {path}: two would cosign two histories")]
    Locked {
        /// The file that is locked.
        path: PathBuf,
    },
    /// What was stored is not what this witness cosigned. Never start from nothing instead: it would
    /// forget what it vouched for.
    #[error("{path} is not a checkpoint cosigned by this witness: {reason}; restore it, or take a new key")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// In what way.
        reason: String,
    },
    /// More logs than it can follow.
    #[error("more than {LOGS_MAX} logs")]
    TooMany,
}

/// An answer, to be sent as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// `Content-Type`.
    pub media_type: &'static str,
    /// The body.
    pub body: String,
}

impl Answer {
    fn text(status: u16, body: impl Into<String>) -> Self {
        Self { status, media_type: "text/plain; charset=utf-8", body: body.into() }
    }
}

/// What is kept of one log.
#[derive(Debug)]
struct Log {
    verifiers: Vec<Verifier>,
    path: PathBuf,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
enum Kept {
    /// What the file holds, durably; `None` while nothing was cosigned.
    Last(Option<SignedCheckpoint>),
    /// A write failed: whether it was done is not known before the file is read again.
    Unsure,
}

/// A witness of some logs.
#[derive(Debug)]
pub struct Witness {
    directory: PathBuf,
    disk: Disk,
    cosigner: Cosigner,
    logs: BTreeMap<Origin, Log>,
    /// The kernel frees it when the process ends, however it ends.
    _lock: File,
}

impl Witness {
    /// A witness that keeps what it saw in `directory` and follows the logs of these keys; several
    /// keys may have one origin.
    ///
    /// # Errors
    /// When another process has the directory, or what is there was not cosigned by this key.
    pub fn open(directory: &Path, cosigner: Cosigner, logs: &[Verifier]) -> Result<Self, WitnessError> {
        Self::open_on(Disk::new(), directory, cosigner, logs)
    }

    /// As [`Witness::open`], on a disk that may fail.
    ///
    /// # Errors
    /// The same.
    pub fn open_on(disk: Disk, directory: &Path, cosigner: Cosigner, keys: &[Verifier]) -> Result<Self, WitnessError> {
        disk.make_directory(directory)?;
        let lock = lock(&directory.join("lock"))?;
        let mut logs: BTreeMap<Origin, Log> = BTreeMap::new();
        for key in keys {
            // A key name is never empty and has no control characters, so it always is an origin.
            let Ok(origin) = key.name().as_str().parse::<Origin>() else { continue };
            if let Some(log) = logs.get_mut(&origin) {
                log.verifiers.push(key.clone());
                continue;
            }
            if logs.len() == LOGS_MAX {
                return Err(WitnessError::TooMany);
            }
            let folder = directory.join(origin_hash(&origin));
            disk.make_directory(&folder)?;
            disk.clear_stale(&folder)?;
            let path = folder.join("checkpoint");
            let log = Log { verifiers: vec![key.clone()], path, kept: Mutex::new(Kept::Unsure) };
            let _new = logs.insert(origin, log);
        }
        let witness = Self { directory: directory.to_owned(), disk, cosigner, logs, _lock: lock };
        for (origin, log) in &witness.logs {
            let last = witness.load(origin, log)?;
            *hold(log) = Kept::Last(last);
        }
        Ok(witness)
    }

    /// The key it cosigns with.
    #[must_use]
    pub fn verifier(&self) -> &Verifier {
        self.cosigner.verifier()
    }

    /// The logs it follows.
    pub fn origins(&self) -> impl Iterator<Item = &Origin> {
        self.logs.keys()
    }

    /// Reads what was cosigned last, and makes sure that it is on the disk.
    fn load(&self, origin: &Origin, log: &Log) -> Result<Option<SignedCheckpoint>, WitnessError> {
        let io_error = |source| WitnessError::Io { path: log.path.clone(), source };
        let Some(bytes) = file::read(&log.path, NOTE_BYTES_MAX as u64).map_err(io_error)? else { return Ok(None) };
        let damaged = |reason: String| WitnessError::Damaged { path: log.path.clone(), reason };
        let last = SignedCheckpoint::parse(&bytes).map_err(|error| damaged(error.to_string()))?;
        last.open(std::slice::from_ref(self.cosigner.verifier())).map_err(|error| damaged(error.to_string()))?;
        if last.checkpoint().origin != *origin {
            return Err(damaged("it is of another log".to_owned()));
        }
        // What is answered from it must not outlive it.
        self.disk.replace(&log.path, &bytes)?;
        Ok(Some(last))
    }

    /// Answers `POST add-checkpoint`. `now` is the time the cosignature carries.
    #[must_use]
    pub fn add_checkpoint(&self, body: &[u8], now: Instant) -> Answer {
        let request = match AddCheckpoint::parse(body) {
            Ok(request) => request,
            Err(error) => return Answer::text(400, format!("{error}\n")),
        };
        let origin = &request.checkpoint.checkpoint().origin;
        let Some(log) = self.logs.get(origin) else { return refuse(Refusal::NotFound) };
        // Held until the new checkpoint is on the disk.
        let mut kept = hold(log);
        if matches!(*kept, Kept::Unsure) {
            match self.load(origin, log) {
                Ok(last) => *kept = Kept::Last(last),
                Err(error) => return trouble(&error),
            }
        }
        let Kept::Last(last) = &*kept else { return Answer::text(500, "") };
        let known = Known { verifiers: &log.verifiers, last: last.as_ref().map(SignedCheckpoint::head) };
        let decided = decide(&request, Some(known));
        if let (Err(Refusal::OtherRoot), Some(last)) = (&decided, last) {
            self.keep_evidence(log, last, &request.checkpoint);
        }
        if let Err(refusal) = decided {
            return refuse(refusal);
        }
        let (signature, next) = match self.cosign(log, &request.checkpoint, now) {
            Ok(cosigned) => cosigned,
            Err(error) => return Answer::text(500, format!("{error}\n")),
        };
        // Until the write is known to have worked, nothing is known.
        *kept = Kept::Unsure;
        if let Err(error) = self.disk.replace(&log.path, next.to_string().as_bytes()) {
            return trouble(&error.into());
        }
        *kept = Kept::Last(Some(next));
        Answer { status: 200, media_type: "text/plain; charset=utf-8", body: print_response(&[signature]) }
    }

    /// The cosignature, and the checkpoint with it and the signatures of the log that were verified.
    /// Others that came along are left out: one of them may be a false line in this witness's name.
    fn cosign(
        &self,
        log: &Log,
        checkpoint: &SignedCheckpoint,
        now: Instant,
    ) -> Result<(frelon_log::Signature, SignedCheckpoint), frelon_log::Malformed> {
        let mut note = Note::new(checkpoint.note().text())?;
        for signature in checkpoint.note().signatures() {
            if log.verifiers.iter().any(|key| *key.name() == signature.name && key.id() == signature.id) {
                note.add(signature.clone())?;
            }
        }
        let signature = self.cosigner.cosign(checkpoint, now)?;
        note.add(signature.clone())?;
        Ok((signature, SignedCheckpoint::from_note(note)?))
    }

    /// Two trees of one size, both signed by the log: proof, whoever sent it.
    fn keep_evidence(&self, log: &Log, last: &SignedCheckpoint, other: &SignedCheckpoint) {
        let fork = log.verifiers.iter().find_map(|key| Fork::of_one_size(key, last, other));
        let Some(fork) = fork else { return };
        match fork.keep(&self.disk, &self.directory) {
            Ok(path) => tracing::error!(path = %path.display(), "a log signed two trees of one size"),
            Err(error) => tracing::error!(%error, "the proof of a fork could not be written"),
        }
    }

    /// Answers `GET witness/<SHA-256 of the origin>/checkpoint`: what was cosigned last.
    #[must_use]
    pub fn checkpoint(&self, origin_hash: &str) -> Answer {
        let log = self.logs.iter().find(|(origin, _)| self::origin_hash(origin) == origin_hash);
        let last = log.and_then(|(_, log)| match &*hold(log) {
            Kept::Last(last) => last.as_ref().map(ToString::to_string),
            Kept::Unsure => None,
        });
        match last {
            Some(body) => Answer::text(200, body),
            None => Answer::text(404, "no checkpoint of such a log\n"),
        }
    }
}

fn hold(log: &Log) -> MutexGuard<'_, Kept> {
    // A panic between the two steps leaves `Unsure`, which is looked up again.
    log.kept.lock().unwrap_or_else(PoisonError::into_inner)
}

fn refuse(refusal: Refusal) -> Answer {
    match refusal {
        Refusal::Conflict { size } => Answer { status: 409, media_type: SIZE_MEDIA_TYPE, body: format!("{size}\n") },
        other => Answer::text(other.status(), format!("{other}\n")),
    }
}

/// The disk failed: nobody outside is told in what way.
fn trouble(error: &WitnessError) -> Answer {
    tracing::error!(error = error as &dyn std::error::Error, "a checkpoint could not be kept");
    Answer::text(500, "the witness cannot store checkpoints now\n")
}

/// Takes the lock that keeps a second process out.
fn lock(path: &Path) -> Result<File, WitnessError> {
    let io_error = |source| WitnessError::Io { path: path.to_owned(), source };
    // It holds nothing, so nothing of it need be durable.
    let file = File::options().create(true).truncate(false).write(true).open(path).map_err(io_error)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(WitnessError::Locked { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(io_error(source)),
    }
}
