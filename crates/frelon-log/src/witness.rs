//! The witness protocol without its transport (C2SP tlog-witness v1.0.0): the bodies of
//! `add-checkpoint`, and what a witness decides.
//!
//! [`decide`] is a pure function of a request and of what the witness remembers. Its caller must
//! make the change it yields **atomically**, only if the remembered head is still the one that was
//! decided on, and durably before the cosignature leaves: two requests may race, and the later answer
//! must not roll the earlier one back.
//!
//! `sign-subtree`, which is optional and for another kind of cosignature, is not here.

use std::{fmt, str};

use crate::{
    Malformed, NodeHash, SignedCheckpoint, TreeHead, decimal,
    merkle::{PROOF_HASHES_MAX, empty_root, verify_consistency},
    note::{NOTE_BYTES_MAX, Note, OpenError, SIGNATURES_MAX, Signature, Verifier},
};

/// The largest request: a checkpoint, and before it a size and 63 hashes.
pub const REQUEST_BYTES_MAX: usize = NOTE_BYTES_MAX + 32 + (PROOF_HASHES_MAX + 1) * 45;

/// The media type of the body that goes with [`Refusal::Conflict`].
pub const SIZE_MEDIA_TYPE: &str = "text/x.tlog.size";

/// The body of an `add-checkpoint` request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size the sender believes the witness cosigned last; 0 for never.
    pub old_size: u64,
    /// Consistency from there to the checkpoint; empty from size 0.
    pub proof: Vec<NodeHash>,
    /// What is to be cosigned.
    pub checkpoint: SignedCheckpoint,
}

impl AddCheckpoint {
    /// Reads a body. A witness answers 400 to what this refuses.
    ///
    /// # Errors
    /// When it is no such request.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let malformed = |reason| Malformed::new("add-checkpoint request", reason);
        if body.len() > REQUEST_BYTES_MAX {
            return Err(malformed("it is too long"));
        }
        // The first empty line ends the proof; the checkpoint has another of its own.
        let end = body.windows(2).position(|pair| pair == b"\n\n").ok_or(malformed("it has no empty line"))?;
        let head = str::from_utf8(&body[..end]).map_err(|_| malformed("it is not UTF-8"))?;
        let mut lines = head.split('\n');
        let old_size = lines.next().and_then(|line| line.strip_prefix("old ")).and_then(decimal::parse);
        let old_size = old_size.ok_or(malformed("it does not start with the old size"))?;
        let mut proof = Vec::new();
        for line in lines {
            if proof.len() == PROOF_HASHES_MAX {
                return Err(malformed("its proof has more than 63 hashes"));
            }
            proof.push(line.parse()?);
        }
        Ok(Self { old_size, proof, checkpoint: SignedCheckpoint::parse(&body[end + 2..])? })
    }
}

/// The body.
impl fmt::Display for AddCheckpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "old {}", self.old_size)?;
        self.proof.iter().try_for_each(|hash| writeln!(formatter, "{hash}"))?;
        write!(formatter, "\n{}", self.checkpoint)
    }
}

/// What a witness knows of one log.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The keys it trusts for the origin.
    pub verifiers: &'a [Verifier],
    /// What it cosigned last; `None` for never.
    pub last: Option<TreeHead>,
}

/// To do: replace `last` by `next`, atomically and durably, then cosign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// What must still be the last head when `next` is stored; else decide again.
    pub last: Option<TreeHead>,
    /// The new last head. It may be the same: then only the time of the cosignature is new.
    pub next: TreeHead,
}

/// Why a witness does not cosign, with the answer it gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// 400: the request makes no sense.
    #[error("the old size is larger than the checkpoint")]
    BadRequest,
    /// 403: no signature by a trusted key, or a wrong one.
    #[error("the checkpoint is not signed by a key trusted for its log")]
    Forbidden,
    /// 404: a log this witness does not follow.
    #[error("the log is not known")]
    NotFound,
    /// 409: the old size is not what was cosigned last, which is this; the body of the answer.
    #[error("the last checkpoint cosigned has size {size}")]
    Conflict {
        /// Size of what was cosigned last.
        size: u64,
    },
    /// 409: of the size that was cosigned last, and with another root: proof of misbehaviour. The body
    /// of the answer is not a size, since there is none to go on from.
    #[error("another tree of this size was cosigned")]
    OtherRoot,
    /// 422: signed by the log, and not proved consistent.
    #[error("the checkpoint is not proved consistent with the last one")]
    Unprocessable,
}

impl Refusal {
    /// The HTTP status code.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict { .. } | Self::OtherRoot => 409,
            Self::Unprocessable => 422,
        }
    }
}

/// What a witness answers to a request, in the order of checks the specification gives.
///
/// `known` is what it knows of the origin named in the request; `None` for a log it does not follow.
///
/// # Errors
/// When it does not cosign.
pub fn decide(request: &AddCheckpoint, known: Option<Known<'_>>) -> Result<Accepted, Refusal> {
    let known = known.ok_or(Refusal::NotFound)?;
    request.checkpoint.open(known.verifiers).map_err(|_: OpenError| Refusal::Forbidden)?;
    let next = request.checkpoint.head();
    if request.old_size > next.size {
        return Err(Refusal::BadRequest);
    }
    let last = known.last.unwrap_or_else(TreeHead::empty);
    if request.old_size != last.size {
        return Err(Refusal::Conflict { size: last.size });
    }
    if next.size == 0 && next.root != empty_root() {
        return Err(Refusal::Unprocessable);
    }
    if next.size == last.size && next.root != last.root {
        return Err(Refusal::OtherRoot);
    }
    verify_consistency(last, next, &request.proof).map_err(|_| Refusal::Unprocessable)?;
    Ok(Accepted { last: known.last, next })
}

/// The body of an answer: signature lines.
#[must_use]
pub fn print_response(signatures: &[Signature]) -> String {
    signatures.iter().map(|signature| format!("{signature}\n")).collect()
}

/// Reads the answer of a witness: the cosignatures by known keys that are good for this checkpoint.
///
/// # Errors
/// When the body is no list of signature lines.
pub fn parse_response(
    body: &[u8],
    checkpoint: &SignedCheckpoint,
    witnesses: &[Verifier],
) -> Result<Vec<Signature>, Malformed> {
    let malformed = |reason| Malformed::new("witness response", reason);
    if body.len() > NOTE_BYTES_MAX {
        return Err(malformed("it is longer than 64 KiB"));
    }
    let lines = str::from_utf8(body).map_err(|_| malformed("it is not UTF-8"))?;
    let lines = lines.strip_suffix('\n').ok_or(malformed("its last line has no newline"))?;
    let mut good = Vec::new();
    for (number, line) in lines.split('\n').enumerate() {
        if number == SIGNATURES_MAX {
            return Err(malformed("it has more than 64 signatures"));
        }
        let signature = Signature::parse(line)?;
        let mut note = Note::new(checkpoint.note().text())?;
        note.add(signature.clone())?;
        // One by one: a witness that sends a wrong line beside a good one has still cosigned.
        if note.open(witnesses).is_ok() {
            good.push(signature);
        }
    }
    Ok(good)
}

/// Reads the body that goes with a 409: the size the witness cosigned last.
///
/// # Errors
/// When it is no number and a newline.
pub fn parse_size(body: &[u8]) -> Result<u64, Malformed> {
    let size = str::from_utf8(body).ok().and_then(|body| body.strip_suffix('\n')).and_then(decimal::parse);
    size.ok_or(Malformed::new("tree size", "it is not a plain decimal number and a newline"))
}
