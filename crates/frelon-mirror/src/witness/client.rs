//! Asking witnesses: what the publisher of a log does with each new checkpoint.
//!
//! Several are asked at once, each within its time; a slow or lying one costs its cosignature and
//! nothing else. A witness that answers with the size it has (409) is asked again from there.

use std::{fmt, thread};

use frelon_log::{
    NodeHash, Origin, Policy, Signature, SignedCheckpoint, Verifier,
    note::NOTE_BYTES_MAX,
    witness::{AddCheckpoint, SIZE_MEDIA_TYPE, parse_response, parse_size},
    writer::Cosigning,
};

use super::monitoring_path;
use crate::fetch::{self, FetchError, Http, Options, Posted};

/// How often one witness is asked for one checkpoint: once from where we think it is, once from where
/// it says, and once more in case somebody else was faster.
const ROUNDS_MAX: usize = 3;
/// Witnesses asked at the same time.
const PARALLEL_MAX: usize = 16;

/// Why there is no cosignature by a witness.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// It cannot be reached, or answers nothing sensible.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// It refused: 403 and 404 are matters of its configuration, 422 of ours.
    #[error("it answers {status}: {reason}")]
    Refused {
        /// Status code.
        status: u16,
        /// What it says.
        reason: String,
    },
    /// It has seen another tree of this size signed by the log's key: stop signing, find the other.
    #[error("it has cosigned another tree of the same size: the log has forked")]
    Fork,
    /// It has seen a larger log: this one was set back, or somebody else signs with its key.
    #[error("it has cosigned a log of {size} entries, more than this one has")]
    Ahead {
        /// What it has.
        size: u64,
    },
    /// Its size changes faster than it can be followed, or it makes no sense.
    #[error("it gives a different size each time it is asked")]
    Restless,
    /// Its answer has no good cosignature by its key.
    #[error("its answer holds no good cosignature by its key")]
    NotCosigned,
    /// The store of the log cannot give the proof that is needed.
    #[error("there is no proof from the {size} entries it has")]
    NoProof {
        /// What it has.
        size: u64,
    },
}

/// A witness that can be asked.
#[derive(Debug)]
pub struct Remote {
    key: Verifier,
    http: Http,
}

impl Remote {
    /// The witness of this key behind this address.
    ///
    /// # Errors
    /// When the address is none.
    pub fn new(key: Verifier, url: &str, options: Options) -> Result<Self, FetchError> {
        Ok(Self { key, http: Http::new(url, options)? })
    }

    /// Its key.
    #[must_use]
    pub fn key(&self) -> &Verifier {
        &self.key
    }
}

impl fmt::Display for Remote {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({})", self.key.name(), fetch::Source::name(&self.http))
    }
}

/// What one witness gave.
#[derive(Debug)]
pub struct Outcome {
    /// Its place among the witnesses.
    pub witness: usize,
    /// Its cosignature, or why there is none.
    pub result: Result<Signature, ClientError>,
}

/// The witnesses of a log.
#[derive(Debug, Default)]
pub struct Witnesses {
    remotes: Vec<Remote>,
}

impl Witnesses {
    /// These.
    #[must_use]
    pub fn new(remotes: Vec<Remote>) -> Self {
        Self { remotes }
    }

    /// Those of a policy that have an address.
    ///
    /// # Errors
    /// When an address is none.
    pub fn from_policy(policy: &Policy, options: Options) -> Result<Self, FetchError> {
        let mut remotes = Vec::new();
        for witness in policy.witnesses() {
            if let Some(url) = &witness.url {
                remotes.push(Remote::new(witness.key.clone(), &url.to_string(), options)?);
            }
        }
        Ok(Self { remotes })
    }

    /// The witnesses.
    #[must_use]
    pub fn remotes(&self) -> &[Remote] {
        &self.remotes
    }

    /// Their keys, as a writer of a log wants them.
    #[must_use]
    pub fn keys(&self) -> Vec<Verifier> {
        self.remotes.iter().map(|remote| remote.key.clone()).collect()
    }

    /// Asks all of them to cosign. `last_size` is where they are believed to be, as a rule the size of
    /// the checkpoint before; `proof_from` makes the consistency proof from a size to the checkpoint.
    pub fn collect(
        &self,
        checkpoint: &SignedCheckpoint,
        last_size: u64,
        proof_from: &dyn Fn(u64) -> Option<Vec<NodeHash>>,
    ) -> Vec<Outcome> {
        let size = checkpoint.head().size;
        let mut outcomes = Vec::new();
        // Proofs are made here and not in the threads: the log's store need not be shared.
        let mut open: Vec<(usize, u64)> = (0..self.remotes.len()).map(|at| (at, last_size.min(size))).collect();
        for _ in 0..ROUNDS_MAX {
            let mut asked = Vec::new();
            for (at, old_size) in open.drain(..) {
                match proof_from(old_size) {
                    Some(proof) => {
                        asked.push((at, AddCheckpoint { old_size, proof, checkpoint: checkpoint.clone() }));
                    }
                    None => {
                        outcomes.push(Outcome { witness: at, result: Err(ClientError::NoProof { size: old_size }) });
                    }
                }
            }
            for group in asked.chunks(PARALLEL_MAX) {
                let answers: Vec<(usize, Step)> = thread::scope(|scope| {
                    let ask = |(at, request): &(usize, AddCheckpoint)| (*at, self.remotes[*at].ask(request));
                    let running: Vec<_> = group.iter().map(|one| scope.spawn(move || ask(one))).collect();
                    running.into_iter().filter_map(|thread| thread.join().ok()).collect()
                });
                for (at, step) in answers {
                    match step {
                        Step::Done(result) => outcomes.push(Outcome { witness: at, result }),
                        Step::From(old_size) if old_size > size => {
                            let result = Err(ClientError::Ahead { size: old_size });
                            outcomes.push(Outcome { witness: at, result });
                        }
                        Step::From(old_size) => open.push((at, old_size)),
                    }
                }
            }
            if open.is_empty() {
                break;
            }
        }
        outcomes.extend(open.into_iter().map(|(at, _)| Outcome { witness: at, result: Err(ClientError::Restless) }));
        outcomes.sort_by_key(|outcome| outcome.witness);
        outcomes
    }

    /// As a writer of a log asks: `writer.append(entries, &seen, Some(&mut |cosigning| ...))`.
    /// What each of them answered goes to `report`.
    pub fn cosign(
        &self,
        cosigning: &Cosigning<'_>,
        last_size: u64,
        report: &mut dyn FnMut(&Remote, &Result<Signature, ClientError>),
    ) -> Vec<Signature> {
        let outcomes = self.collect(cosigning.checkpoint, last_size, &|old_size| cosigning.proof_from(old_size));
        for outcome in &outcomes {
            report(&self.remotes[outcome.witness], &outcome.result);
        }
        outcomes.into_iter().filter_map(|outcome| outcome.result.ok()).collect()
    }

    /// What they saw last of a log, for the gate before signing: checkpoints signed by the log. Those
    /// that cannot be asked are left out; `None` in their place.
    #[must_use]
    pub fn last_seen(&self, log: &Verifier) -> Vec<Option<SignedCheckpoint>> {
        thread::scope(|scope| {
            let ask = |remote: &Remote| last_seen(&remote.http, log);
            let running: Vec<_> = self.remotes.iter().map(|remote| scope.spawn(move || ask(remote))).collect();
            running.into_iter().map(|thread| thread.join().ok().flatten()).collect()
        })
    }
}

/// The checkpoint that a witness or mirror shows of a log, if it is signed by it.
#[must_use]
pub fn last_seen(source: &dyn fetch::Source, log: &Verifier) -> Option<SignedCheckpoint> {
    let origin: Origin = log.name().as_str().parse().ok()?;
    let bytes = fetch::get(source, &monitoring_path(&origin), NOTE_BYTES_MAX as u64).ok()?;
    let seen = SignedCheckpoint::parse(&bytes).ok()?;
    let is_of_log = seen.checkpoint().origin == origin && seen.open(std::slice::from_ref(log)).is_ok();
    is_of_log.then_some(seen)
}

/// Where the asking of one witness stands.
enum Step {
    Done(Result<Signature, ClientError>),
    /// It has this size.
    From(u64),
}

impl Remote {
    fn ask(&self, request: &AddCheckpoint) -> Step {
        let body = request.to_string();
        match self.http.post("add-checkpoint", body.as_bytes(), NOTE_BYTES_MAX as u64) {
            Ok(answer) => self.judge(request, &answer),
            Err(error) => Step::Done(Err(error.into())),
        }
    }

    fn judge(&self, request: &AddCheckpoint, answer: &Posted) -> Step {
        match answer.status {
            200 => {
                let keys = std::slice::from_ref(&self.key);
                let good = parse_response(&answer.body, &request.checkpoint, keys).unwrap_or_default();
                Step::Done(good.into_iter().next().ok_or(ClientError::NotCosigned))
            }
            409 => {
                let media_type = answer.media_type.as_deref().unwrap_or_default();
                let is_size = media_type.split(';').next().is_some_and(|kind| kind.trim() == SIZE_MEDIA_TYPE);
                match parse_size(&answer.body) {
                    // The size it was asked from, and still refused: the roots differ.
                    Ok(size) if is_size && size == request.old_size => Step::Done(Err(ClientError::Fork)),
                    Ok(size) if is_size => Step::From(size),
                    _ if request.old_size == request.checkpoint.head().size => Step::Done(Err(ClientError::Fork)),
                    _ => Step::Done(Err(refused(answer))),
                }
            }
            _ => Step::Done(Err(refused(answer))),
        }
    }
}

/// Bytes of a refusal that are shown.
const REASON_BYTES_MAX: usize = 200;

fn refused(answer: &Posted) -> ClientError {
    let reason = String::from_utf8_lossy(&answer.body[..answer.body.len().min(REASON_BYTES_MAX)]);
    ClientError::Refused { status: answer.status, reason: reason.trim().escape_debug().collect() }
}
