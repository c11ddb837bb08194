//! Evidence: that a log signed two trees of which one is not the beginning of the other. A file that
//! anybody can check who has the log's key, or takes it from the file and knows whose it is.
//!
//! ```text
//! frelon/fork/v1
//! log <vkey>
//! root <base64>            the root of the larger tree's first entries, as many as the smaller has
//! proof <base64>           ... that it is: a consistency proof (RFC 6962, 2.1.2), a line a hash
//! smaller <bytes>          length of the first note below
//! larger <bytes>           length of the second
//!
//! <note><note>
//! ```
//!
//! It proves a fork if both notes are signed by the log, the proof leads from (size of the smaller,
//! `root`) to the larger, and `root` is not the root of the smaller.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use frelon_durable::Disk;
use frelon_log::{
    NodeHash, SignedCheckpoint, TreeHead, Verifier,
    merkle::{PROOF_HASHES_MAX, verify_consistency},
    note::NOTE_BYTES_MAX,
};
use sha2::{Digest, Sha256};

const HEADER: &str = "frelon/fork/v1\n";

/// The longest file: two notes, a key, and 64 hashes.
pub const FORK_BYTES_MAX: usize = 2 * NOTE_BYTES_MAX + 8 * 1024;

/// Proof of a fork.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    log: Verifier,
    smaller: SignedCheckpoint,
    larger: SignedCheckpoint,
    /// Root of the first entries of the larger tree, as many as the smaller one has.
    root: NodeHash,
    proof: Vec<NodeHash>,
}

/// What is no proof of a fork.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it proves no fork: {0}")]
pub struct NoFork(&'static str);

impl Fork {
    /// Two notes of one log, and what the larger tree says of its beginning.
    ///
    /// # Errors
    /// When they prove nothing.
    pub fn new(
        log: &Verifier,
        smaller: &SignedCheckpoint,
        larger: &SignedCheckpoint,
        root: NodeHash,
        proof: Vec<NodeHash>,
    ) -> Result<Self, NoFork> {
        let fork = Self { log: log.clone(), smaller: smaller.clone(), larger: larger.clone(), root, proof };
        fork.check().map(|()| fork)
    }

    /// Two notes for trees of one size, which prove it by themselves.
    #[must_use]
    pub fn of_one_size(log: &Verifier, one: &SignedCheckpoint, other: &SignedCheckpoint) -> Option<Self> {
        if one.head().size != other.head().size {
            return None;
        }
        Self::new(log, one, other, other.head().root, Vec::new()).ok()
    }

    fn check(&self) -> Result<(), NoFork> {
        for checkpoint in [&self.smaller, &self.larger] {
            if checkpoint.checkpoint().origin.as_str() != self.log.name().as_str() {
                return Err(NoFork("a checkpoint is of another log"));
            }
            let opened = checkpoint.open(std::slice::from_ref(&self.log));
            opened.map_err(|_| NoFork("a checkpoint is not signed by the log"))?;
        }
        let (smaller, larger) = (self.smaller.head(), self.larger.head());
        if smaller.root == self.root {
            return Err(NoFork("the larger tree begins with the smaller one"));
        }
        let beginning = TreeHead { size: smaller.size, root: self.root };
        if smaller.size == larger.size && self.root != larger.root {
            return Err(NoFork("the root is not that of the second checkpoint"));
        }
        verify_consistency(beginning, larger, &self.proof)
            .map_err(|_| NoFork("the proof does not lead to the larger tree"))
    }

    /// The key of the log that forked.
    #[must_use]
    pub fn log(&self) -> &Verifier {
        &self.log
    }

    /// The file.
    #[must_use]
    pub fn to_text(&self) -> String {
        let (smaller, larger) = (self.smaller.to_string(), self.larger.to_string());
        let mut text = format!("{HEADER}log {}\nroot {}\n", self.log, self.root);
        for hash in &self.proof {
            let _infallible = writeln!(text, "proof {hash}");
        }
        let _infallible = write!(text, "smaller {}\nlarger {}\n\n{smaller}{larger}", smaller.len(), larger.len());
        text
    }

    /// Reads and checks a file.
    ///
    /// # Errors
    /// When it is none, or proves nothing.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoFork> {
        const FORM: NoFork = NoFork("it has not the form of one");
        if bytes.len() > FORK_BYTES_MAX {
            return Err(FORM);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| FORM)?;
        let (head, notes) = text.strip_prefix(HEADER).and_then(|rest| rest.split_once("\n\n")).ok_or(FORM)?;
        let mut lines = head.split('\n').peekable();
        let mut field = |name: &str| {
            let value = lines.peek().and_then(|line| line.strip_prefix(name)).and_then(|rest| rest.strip_prefix(' '));
            let _taken = value.and_then(|_| lines.next());
            value
        };
        let log: Verifier = field("log").and_then(|key| key.parse().ok()).ok_or(FORM)?;
        let root = field("root").and_then(|hash| hash.parse().ok()).ok_or(FORM)?;
        let mut proof = Vec::new();
        while let Some(hash) = field("proof") {
            if proof.len() == PROOF_HASHES_MAX {
                return Err(FORM);
            }
            proof.push(hash.parse().map_err(|_| FORM)?);
        }
        let length: usize = field("smaller").and_then(|length| length.parse().ok()).ok_or(FORM)?;
        let rest: usize = field("larger").and_then(|length| length.parse().ok()).ok_or(FORM)?;
        let (smaller, larger) = notes.as_bytes().split_at_checked(length).ok_or(FORM)?;
        if larger.len() != rest || lines.next().is_some() {
            return Err(FORM);
        }
        let note = |bytes| SignedCheckpoint::parse(bytes).map_err(|_| FORM);
        Self::new(&log, &note(smaller)?, &note(larger)?, root, proof)
    }

    /// Writes the file into a directory, durably, under a name made from what the two notes say: the
    /// same fork is kept once.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn keep(&self, disk: &Disk, directory: &Path) -> Result<PathBuf, frelon_durable::Error> {
        let texts = [self.smaller.note().text(), self.larger.note().text()].concat();
        let hash = NodeHash(Sha256::digest(texts).into()).to_hex();
        let path = directory.join(format!("fork-{}.txt", &hash[..16]));
        if !path.exists() {
            disk.replace(&path, self.to_text().as_bytes())?;
        }
        Ok(path)
    }
}
