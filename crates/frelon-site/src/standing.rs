//! How the log stands now: its newest checkpoint, who cosigned it and when.
//!
//! Read from the files of the public tree every few seconds, not from the index: witnesses cosign
//! again while nothing is published. By the tree's own policy, so that it says what this site claims;
//! who does not trust the site takes the policy from elsewhere.

use std::{fs, io::Read as _, path::Path};

use frelon_log::{NodeHash, Policy, SignedCheckpoint, note::NOTE_BYTES_MAX, policy::POLICY_BYTES_MAX};
use frelon_model::Instant;
use frelon_public::verify::STALE_AFTER_S;

/// Where the policy lies in a public tree.
const POLICY_PATH: &str = "policy";
/// Where the checkpoint lies.
const CHECKPOINT_PATH: &str = frelon_log::writer::CHECKPOINT_PATH;

/// What can be said of the log in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// There is no checkpoint, or none that can be read.
    Missing,
    /// There is a checkpoint and no policy to judge it by, or it is not signed as the policy asks.
    Unsigned,
    /// Signed by the log; the policy asks for no witness.
    Unwitnessed,
    /// Fewer witnesses cosigned than the policy asks for.
    TooFew,
    /// Enough witnesses cosigned, and too long ago.
    Stale,
    /// Enough witnesses cosigned lately.
    Fresh,
}

impl State {
    /// A stable word for it, for the API and for translations.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Unsigned => "unsigned",
            Self::Unwitnessed => "unwitnessed",
            Self::TooFew => "too-few",
            Self::Stale => "stale",
            Self::Fresh => "fresh",
        }
    }
}

/// A witness of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Witness {
    /// What the policy calls it.
    pub(crate) name: String,
    /// Its key, as a `vkey`.
    pub(crate) key: String,
    /// When it last cosigned this checkpoint, as it says; `None` when it did not.
    pub(crate) cosigned_at: Option<Instant>,
}

/// How the log stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// In one word.
    pub(crate) state: State,
    /// Name of the log; empty without a checkpoint.
    pub(crate) origin: String,
    /// Entries in it.
    pub(crate) size: u64,
    /// The root of its tree.
    pub(crate) root: Option<NodeHash>,
    /// The log's key, as a `vkey`; empty without a policy.
    pub(crate) key: String,
    /// The witnesses of the policy, in its order.
    pub(crate) witnesses: Vec<Witness>,
}

impl Standing {
    /// What is known before the first look.
    pub(crate) fn unknown() -> Self {
        Self {
            state: State::Missing,
            origin: String::new(),
            size: 0,
            root: None,
            key: String::new(),
            witnesses: Vec::new(),
        }
    }

    /// Reads checkpoint and policy of a public tree and judges them as of `now`. Never fails: what cannot
    /// be read is a state too.
    pub(crate) fn look(public: &Path, now: Instant) -> Self {
        let mut standing = Self::unknown();
        let bytes = read(&public.join(CHECKPOINT_PATH), NOTE_BYTES_MAX);
        let Some(checkpoint) = bytes.and_then(|bytes| SignedCheckpoint::parse(&bytes).ok()) else { return standing };
        checkpoint.checkpoint().origin.as_str().clone_into(&mut standing.origin);
        standing.size = checkpoint.head().size;
        standing.root = Some(checkpoint.head().root);
        standing.state = State::Unsigned;
        let policy = read(&public.join(POLICY_PATH), POLICY_BYTES_MAX);
        if let Some(policy) = policy.and_then(|bytes| Policy::parse(&bytes).ok()) {
            standing.judge(&policy, checkpoint, now);
        }
        standing
    }

    fn judge(&mut self, policy: &Policy, mut checkpoint: SignedCheckpoint, now: Instant) {
        let name = |one: &frelon_log::policy::Witness| Witness {
            name: one.name.to_string(),
            key: one.key.to_string(),
            cosigned_at: None,
        };
        self.witnesses = policy.witnesses().iter().map(name).collect();
        let log = policy.logs().iter().find(|log| log.key.name().as_str() == self.origin);
        self.key = log.map(|log| log.key.to_string()).unwrap_or_default();
        let Ok(checked) = policy.check(&checkpoint, Some(now)) else { return };
        for found in &checked.witnesses {
            if let Some(witness) = self.witnesses.get_mut(found.witness) {
                witness.cosigned_at = Some(found.cosigned_at);
            }
        }
        if policy.quorum().is_none() {
            self.state = State::Unwitnessed;
            return;
        }
        if !checked.has_quorum {
            self.state = State::TooFew;
            return;
        }
        // Enough of them, counting only those that cosigned lately?
        let is_old = |at: Instant| now.0.saturating_sub(at.0) > STALE_AFTER_S;
        for found in checked.witnesses.iter().filter(|found| is_old(found.cosigned_at)) {
            let key = &policy.witnesses()[found.witness].key;
            checkpoint.note_mut().remove(key.name(), key.id());
        }
        let fresh = policy.check(&checkpoint, Some(now)).is_ok_and(|checked| checked.has_quorum);
        self.state = if fresh { State::Fresh } else { State::Stale };
    }

    /// When the newest cosignature was made.
    pub(crate) fn cosigned_at(&self) -> Option<Instant> {
        self.witnesses.iter().filter_map(|witness| witness.cosigned_at).max()
    }

    /// Changes whenever something of it does; part of the entity tags of pages that show it.
    pub(crate) fn tag(&self) -> String {
        let root: String = self.root.map(NodeHash::to_hex).unwrap_or_default().chars().take(8).collect();
        let at = self.cosigned_at().map_or(0, |at| at.0);
        format!("{}-{root}-{at:x}-{}", self.size, self.state.code())
    }
}

/// The key of the log of this name, by the tree's own policy.
pub(crate) fn log_key(public: &Path, origin: &str) -> Option<frelon_log::Verifier> {
    let policy = Policy::parse(&read(&public.join(POLICY_PATH), POLICY_BYTES_MAX)?).ok()?;
    policy.logs().iter().find(|log| log.key.name().as_str() == origin).map(|log| log.key.clone())
}

/// A file of at most so many bytes.
fn read(path: &Path, bytes_max: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path).ok()?;
    file.take(bytes_max as u64 + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() <= bytes_max).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use frelon_log::{Checkpoint, Cosigner, Note, Origin, Signer, TreeHead, note::KeyName};

    use super::*;

    const NOW: Instant = Instant(1_700_000_000);

    fn name(text: &str) -> KeyName {
        text.parse().expect("a name")
    }

    /// A tree with a checkpoint that these witnesses cosigned at these times, of two in the policy.
    fn tree(quorum: &str, cosigned_at: &[i64]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let log = Signer::new(name("log.example/a"), &[1; 32]);
        let witnesses: Vec<Cosigner> =
            (0..2).map(|n| Cosigner::new(name(&format!("w.example/{n}")), &[10 + n; 32])).collect();
        let origin: Origin = "log.example/a".parse().expect("an origin");
        let text = Checkpoint::new(origin, TreeHead { size: 7, root: NodeHash([3; 32]) }).to_string();
        let mut note = Note::new(text).expect("a note");
        log.sign(&mut note).expect("signed");
        let mut checkpoint = SignedCheckpoint::from_note(note).expect("a checkpoint");
        for (witness, at) in witnesses.iter().zip(cosigned_at) {
            let line = witness.cosign(&checkpoint, Instant(*at)).expect("cosigned");
            checkpoint.note_mut().add(line).expect("room");
        }
        fs::write(folder.path().join("checkpoint"), checkpoint.to_string()).expect("written");
        let mut policy = format!("log {}\n", log.verifier());
        for (n, witness) in witnesses.iter().enumerate() {
            policy.push_str(&format!("witness w{n} {}\n", witness.verifier()));
        }
        policy.push_str(&format!("group all 2 w0 w1\nquorum {quorum}\n"));
        fs::write(folder.path().join("policy"), policy).expect("written");
        folder
    }

    #[test]
    fn cosignatures_are_fresh_for_three_days() {
        let day = 86_400;
        for (quorum, cosigned_at, state) in [
            ("all", &[NOW.0 - day, NOW.0 - 2 * day][..], State::Fresh),
            ("all", &[NOW.0 - day, NOW.0 - 4 * day], State::Stale),
            ("w0", &[NOW.0 - day, NOW.0 - 4 * day], State::Fresh),
            ("w1", &[NOW.0 - day, NOW.0 - 4 * day], State::Stale),
            ("all", &[NOW.0 - day], State::TooFew),
            ("all", &[NOW.0 + day, NOW.0], State::TooFew),
            ("none", &[], State::Unwitnessed),
        ] {
            let folder = tree(quorum, cosigned_at);
            let standing = Standing::look(folder.path(), NOW);
            assert_eq!(standing.state, state, "{quorum} {cosigned_at:?}");
            assert_eq!((standing.size, standing.origin.as_str()), (7, "log.example/a"));
        }
    }

    #[test]
    fn what_cannot_be_read_is_a_state() {
        let folder = tree("all", &[NOW.0, NOW.0]);
        fs::write(folder.path().join("policy"), "nonsense").expect("written");
        assert_eq!(Standing::look(folder.path(), NOW).state, State::Unsigned);
        fs::write(folder.path().join("checkpoint"), "nonsense").expect("written");
        assert_eq!(Standing::look(folder.path(), NOW), Standing::unknown());
        fs::remove_file(folder.path().join("checkpoint")).expect("removed");
        assert_eq!(Standing::look(folder.path(), NOW), Standing::unknown());
    }
}
