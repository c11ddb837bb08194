//! Proof files: that an entry is in a log, checkable offline (C2SP tlog-proof, the text of
//! 2025-12-18, `c2sp.org/tlog-proof@v1`).
//!
//! A proof does not carry the entry: the verifier has it, or makes it from what it has.

use std::{fmt, str};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use frelon_model::Instant;

use crate::{
    Malformed, NodeHash, SignedCheckpoint, decimal,
    merkle::{PROOF_HASHES_MAX, ProofError, verify_inclusion},
    note::NOTE_BYTES_MAX,
    policy::{Checked, Policy, PolicyError},
};

const HEADER: &str = "c2sp.org/tlog-proof@v1\n";

/// The most extra data in a proof: an opening is at most as long.
pub const EXTRA_BYTES_MAX: usize = 64 * 1024;

/// The longest proof file: extra data in base64, the path, and the checkpoint.
pub const PROOF_BYTES_MAX: usize =
    HEADER.len() + 64 + EXTRA_BYTES_MAX.div_ceil(3) * 4 + PROOF_HASHES_MAX * 45 + 1 + NOTE_BYTES_MAX;

/// A proof file, well formed and **not verified** before [`Proof::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// What the application put beside it; nothing vouches for it.
    pub extra: Option<Vec<u8>>,
    /// The place of the entry in the log, from 0.
    pub index: u64,
    /// Hashes from the leaf's sibling to the root's child.
    pub path: Vec<NodeHash>,
    /// The checkpoint the path leads to, with its cosignatures.
    pub checkpoint: SignedCheckpoint,
}

/// Why a proof is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The checkpoint is not what the policy asks for.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The entry is not at that place of the log.
    #[error(transparent)]
    Inclusion(#[from] ProofError),
}

impl Proof {
    /// Reads a proof file. Printing gives the same bytes again.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let malformed = |reason| Malformed::new("tlog-proof", reason);
        if bytes.len() > PROOF_BYTES_MAX {
            return Err(malformed("it is too long"));
        }
        let text = str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8"))?;
        let rest = text.strip_prefix(HEADER).ok_or(malformed("its first line is not c2sp.org/tlog-proof@v1"))?;
        let (head, checkpoint) = rest.split_once("\n\n").ok_or(malformed("it has no empty line"))?;
        let mut lines = head.split('\n').peekable();
        let mut extra = None;
        if let Some(data) = lines.peek().and_then(|line| line.strip_prefix("extra ")) {
            let data = BASE64.decode(data).map_err(|_| malformed("its extra data is not base64"))?;
            if data.len() > EXTRA_BYTES_MAX {
                return Err(malformed("its extra data is longer than 64 KiB"));
            }
            extra = Some(data);
            let _read = lines.next();
        }
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).and_then(decimal::parse);
        let index = index.ok_or(malformed("it has no index"))?;
        let mut path = Vec::new();
        for line in lines {
            if path.len() == PROOF_HASHES_MAX {
                return Err(malformed("its path has more than 63 hashes"));
            }
            path.push(line.parse()?);
        }
        Ok(Self { extra, index, path, checkpoint: SignedCheckpoint::parse(checkpoint.as_bytes())? })
    }

    /// Verifies that the entry with this leaf hash is in a log the policy accepts, cosigned as it
    /// asks. With `now`, cosignatures from the future do not count.
    ///
    /// # Errors
    /// When anything of it does not hold.
    pub fn verify(&self, leaf: NodeHash, policy: &Policy, now: Option<Instant>) -> Result<Checked, VerifyError> {
        let checked = policy.require(&self.checkpoint, now)?;
        verify_inclusion(leaf, self.index, &self.path, self.checkpoint.head())?;
        Ok(checked)
    }
}

/// The file.
impl fmt::Display for Proof {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(HEADER)?;
        if let Some(extra) = &self.extra {
            writeln!(formatter, "extra {}", BASE64.encode(extra))?;
        }
        writeln!(formatter, "index {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(formatter, "{hash}"))?;
        write!(formatter, "\n{}", self.checkpoint)
    }
}
