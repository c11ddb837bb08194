//! The writer of a log: the only thing that signs its checkpoints.
//!
//! A log must never sign two trees of which one is not the beginning of the other. What makes logs
//! die is seldom an attacker: it is a flipped bit that gets hashed, a backup that gets signed again, a
//! second writer. Hence an order of steps that is the same for every batch, with one commit point:
//!
//! ```text
//! stage     entries, tiles, and their list, under names no reader looks at
//! re-read   all of it, hash it again, compare tiles and root
//! gate      no checkpoint that witnesses, mirrors or readers saw is larger or another
//! intend    note down which batch follows this tree; from here on it is this one or none
//! sign      the checkpoint
//! cosign    (if asked for) witnesses add their signatures
//! swap      the state, if it is still what this writer started from     <- the commit point
//! publish   tiles and bundles to their places, then the checkpoint, last
//! clean     remove what was staged
//! ```
//!
//! [`Writer::open`] recovers by running *publish* and *clean* again, whatever happened before; each is
//! idempotent. A batch that was intended is committed then, since it may have been signed and seen. After any error a writer is spent: what the store did is not known, and opening it
//! anew finds out. There is to be one writer at a time; a second is not expected to make progress, but
//! it cannot fork the log: the intent lets only one of them sign, the swap only one of them pass.

mod gate;
mod stage;
mod store;

use crate::{
    Checkpoint, Malformed, NodeHash, Note, Origin, Signature, SignedCheckpoint, Signer, TreeHead, Verifier,
    merkle::consistency_proof,
    note::NOTE_BYTES_MAX,
    tile::{EntryTooLong, Growth, ReadError, TileSource, TreeReader},
};
pub use gate::Refused;
use stage::{Stage, Staged, StagedError};
pub use store::{CHECKPOINT_PATH, LogStore, STAGING_PREFIX, Stored, StoredError};

/// The most entries in one batch: its list of packs and tiles is held in memory.
pub const BATCH_ENTRIES_MAX: u64 = 1 << 20;

/// Why a writer did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error<E: std::error::Error + 'static> {
    /// The store failed: open the writer again, which finds out what was done.
    #[error("the store of the log failed")]
    Store(#[source] E),
    /// What is stored is not what was written: nothing is signed on top of it. Fetch the object from
    /// a mirror, which can prove that its copy is right.
    #[error("`{0}` in the store of the log is missing or damaged")]
    Damaged(String),
    /// The state is no checkpoint of this log by this key.
    #[error("the state of the log is no checkpoint signed by this key")]
    ForeignState,
    /// Another writer committed in between: open again, and make sure there is only one.
    #[error("another writer committed to the log")]
    Lost,
    /// Nothing is signed because of what others have seen. Not to be overridden: catch up, or look at
    /// the evidence.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// An entry is too long for a log; nothing was appended.
    #[error(transparent)]
    Entry(#[from] EntryTooLong),
    /// More entries than a batch may have; nothing was appended.
    #[error("more than {BATCH_ENTRIES_MAX} entries in one batch")]
    TooMany,
    /// An error before this one made the writer useless: open it again.
    #[error("this writer failed before and must be opened again")]
    Spent,
    /// The name of the key cannot be an origin, or a note would be too long.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

/// What a callback that collects cosignatures is given.
pub struct Cosigning<'a> {
    /// To be cosigned: signed by the log, not yet committed.
    pub checkpoint: &'a SignedCheckpoint,
    proof: &'a dyn Fn(u64) -> Option<Vec<NodeHash>>,
}

impl Cosigning<'_> {
    /// The consistency proof for a witness that cosigned this size last; `None` for a size above that
    /// of the checkpoint, or when the store fails.
    #[must_use]
    pub fn proof_from(&self, old_size: u64) -> Option<Vec<NodeHash>> {
        if old_size > self.checkpoint.head().size { None } else { (self.proof)(old_size) }
    }
}

/// Collects cosignatures for a checkpoint. Those by keys that are not among the writer's witnesses, or
/// that are wrong, are dropped: a wrong one would make readers refuse the whole note.
///
/// There is no way to say "too few": a checkpoint that a single witness saw must be committed, else
/// the log can never grow again. Ask the others later, with [`Writer::recosign`].
pub type Cosign<'a> = &'a mut dyn FnMut(Cosigning<'_>) -> Vec<Signature>;

/// What an append did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The index of the first entry appended.
    pub first_index: u64,
    /// How many there were.
    pub count: u64,
    /// The log now.
    pub head: TreeHead,
}

/// The one writer of a log. Its origin is the name of its key.
#[derive(Debug)]
pub struct Writer<S: LogStore> {
    store: S,
    signer: Signer,
    origin: Origin,
    witnesses: Vec<Verifier>,
    /// The latest checkpoint committed; `None` while nothing was ever appended.
    state: Option<SignedCheckpoint>,
    /// The edge of the tree of that checkpoint.
    growth: Growth,
    /// An error left it unknown what the store holds.
    is_spent: bool,
}

type Outcome<T, S> = Result<T, Error<<S as LogStore>::Error>>;

impl<S: LogStore> Writer<S> {
    /// Opens a log, or begins one where the store is empty, and finishes what an earlier writer left
    /// unfinished.
    ///
    /// `seen` are checkpoints of this log that witnesses, mirrors and readers saw last; what is not
    /// signed by this log's key is passed over. If a writer was stopped between *intend* and *swap*,
    /// its batch is committed now: compare [`Writer::head`] with what was to be appended.
    ///
    /// # Errors
    /// When the store fails or is damaged, or what was seen is larger than the log or another.
    pub fn open(store: S, signer: Signer, witnesses: Vec<Verifier>, seen: &[SignedCheckpoint]) -> Outcome<Self, S> {
        let origin: Origin = signer.verifier().name().as_str().parse()?;
        let state = match store.state().map_err(Error::Store)? {
            Some(bytes) => {
                let state = SignedCheckpoint::parse(&bytes).map_err(|_| Error::ForeignState)?;
                let is_own = gate::own(std::slice::from_ref(&state), &origin, signer.verifier()).next().is_some();
                Some(state).filter(|_| is_own).ok_or(Error::ForeignState).map(Some)?
            }
            None => None,
        };
        let mut writer = Self { store, signer, origin, witnesses, state, growth: Growth::new(), is_spent: false };
        // A restored state behind what was published is the same as one behind what others saw; so
        // this comes before anything is published.
        let seen = writer.with_published(seen)?;
        if !writer.is_behind(&seen) {
            writer.publish()?;
        }
        writer.load()?;
        let intended = Staged::intended(&writer.store, writer.head().size).map_err(from_staged)?;
        let is_intended =
            |seen: &SignedCheckpoint| intended.as_ref().is_some_and(|intended| seen.head() == intended.head);
        let others: Vec<SignedCheckpoint> = seen.into_iter().filter(|seen| !is_intended(seen)).collect();
        writer.gate(&others)?;
        if let Some(intended) = intended {
            writer.adopt(&intended)?;
        }
        Ok(writer)
    }

    /// The latest checkpoint, committed and published; `None` while nothing was ever appended.
    #[must_use]
    pub fn checkpoint(&self) -> Option<&SignedCheckpoint> {
        self.state.as_ref()
    }

    /// Size and root of the log.
    #[must_use]
    pub fn head(&self) -> TreeHead {
        self.state.as_ref().map_or_else(TreeHead::empty, SignedCheckpoint::head)
    }

    /// The public key of the log.
    #[must_use]
    pub fn verifier(&self) -> &Verifier {
        self.signer.verifier()
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &S {
        &self.store
    }

    /// The published log, to read entries and make proofs from; everything is verified as it is read.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn tree(&self) -> Outcome<TreeReader<Stored<'_, S>>, S> {
        TreeReader::open(Stored(&self.store), self.head()).map_err(from_read)
    }

    /// Appends entries as one batch, signs, commits and publishes. Without entries nothing happens.
    ///
    /// Memory is bounded by [`tile::BUNDLE_BYTES_MAX`](crate::tile::BUNDLE_BYTES_MAX) and some packs of
    /// 8 MiB, whatever the number of entries.
    ///
    /// # Errors
    /// After [`Error::Entry`], [`Error::TooMany`] and [`Error::Refused`] the log is as it was and the
    /// writer can go on; after any other error it must be opened again.
    pub fn append<E: AsRef<[u8]>>(
        &mut self,
        entries: impl IntoIterator<Item = E>,
        seen: &[SignedCheckpoint],
        cosign: Option<Cosign<'_>>,
    ) -> Outcome<Appended, S> {
        if self.is_spent {
            return Err(Error::Spent);
        }
        let outcome = self.append_batch(entries, seen, cosign);
        self.is_spent = !matches!(outcome, Ok(_) | Err(Error::Entry(_) | Error::TooMany | Error::Refused(_)));
        outcome
    }

    fn append_batch<E: AsRef<[u8]>>(
        &mut self,
        entries: impl IntoIterator<Item = E>,
        seen: &[SignedCheckpoint],
        cosign: Option<Cosign<'_>>,
    ) -> Outcome<Appended, S> {
        let old_size = self.head().size;
        let mut entries = entries.into_iter().peekable();
        if entries.peek().is_none() {
            return Ok(Appended { first_index: old_size, count: 0, head: self.head() });
        }
        let staged = self.stage(entries)?;
        // If we stop here: packs and a list that nothing refers to. The next writer starts from the
        // same state; the same batch is staged under the same names.

        let growth = staged.verify(&self.store, &self.growth).map_err(from_staged)?;
        // If we stop here: the same. Nothing was signed, so nobody can have seen anything.

        let seen = self.with_published(seen)?;
        self.gate(&seen)?;
        // If we stop here: the same.

        if !staged.intend(&self.store).map_err(Error::Store)? || !self.is_current()? {
            return Err(Error::Lost);
        }
        // If we stop here: `open` finds the intent, verifies the batch again, and commits it.

        let mut next = self.sign(staged.head)?;
        // If we stop here: the same; the signature was in memory only, and is made again.

        if let Some(cosign) = cosign {
            let overlay = staged.over(&self.store).map_err(from_staged)?;
            let tree = TreeReader::open(overlay, staged.head).map_err(from_read)?;
            self.collect(&mut next, &tree, cosign)?;
        }
        // If we stop here: a witness may have cosigned what we have not committed, and will refuse any
        // other batch. `open` commits this one; its cosignatures are lost, and asked for again.

        self.swap(next)?;
        self.growth = growth;
        // If we stop here: the log *is* larger; readers do not know yet. `open` publishes.

        self.publish()?;
        // If we stop here: all is done.
        let head = self.head();
        Ok(Appended { first_index: old_size, count: head.size - old_size, head })
    }

    /// Asks for fresh cosignatures on the latest checkpoint and publishes it with them; older ones by
    /// the same witnesses are replaced. Witnesses cosign an unchanged log again, so that readers can see
    /// that it is not held back. `false` when there was nothing new.
    ///
    /// # Errors
    /// As [`Writer::append`].
    pub fn recosign(&mut self, seen: &[SignedCheckpoint], cosign: Cosign<'_>) -> Outcome<bool, S> {
        if self.is_spent {
            return Err(Error::Spent);
        }
        let outcome = self.recosign_state(seen, cosign);
        self.is_spent = !matches!(outcome, Ok(_) | Err(Error::Refused(_)));
        outcome
    }

    fn recosign_state(&mut self, seen: &[SignedCheckpoint], cosign: Cosign<'_>) -> Outcome<bool, S> {
        let Some(state) = self.state.clone() else { return Ok(false) };
        let seen = self.with_published(seen)?;
        self.gate(&seen)?;
        let mut next = state.clone();
        self.collect(&mut next, &self.tree()?, cosign)?;
        if next == state {
            return Ok(false);
        }
        self.swap(next)?;
        // If we stop here: the state has cosignatures that readers do not see yet. `open` publishes.
        self.publish()?;
        Ok(true)
    }

    /// Stage: hashes the entries and writes all that the larger log consists of, apart.
    fn stage<E: AsRef<[u8]>>(&self, entries: impl Iterator<Item = E>) -> Outcome<Staged, S> {
        let mut growth = self.growth.clone();
        let old_size = growth.size();
        let mut stage = Stage::new(&self.store, old_size);
        let mut full = Vec::new();
        for entry in entries {
            if growth.size() - old_size == BATCH_ENTRIES_MAX {
                return Err(Error::TooMany);
            }
            growth.push(entry.as_ref(), &mut full)?;
            stage.add(&full).map_err(Error::Store)?;
            full.clear();
        }
        stage.add(&growth.partial(old_size)).map_err(Error::Store)?;
        stage.finish(growth.head()).map_err(Error::Store)
    }

    /// Gate: nothing is signed if others saw a larger log of ours, or another.
    fn gate(&self, seen: &[SignedCheckpoint]) -> Outcome<(), S> {
        let mut own = gate::own(seen, &self.origin, self.signer.verifier()).peekable();
        if own.peek().is_none() {
            return Ok(());
        }
        let tree = self.tree()?;
        for seen in own {
            if let Some(refused) = gate::compare(seen, &tree).map_err(from_read)? {
                return Err(Error::Refused(refused));
            }
        }
        Ok(())
    }

    /// What was seen, with what is published: a state set back below it is noticed even alone.
    fn with_published(&self, seen: &[SignedCheckpoint]) -> Outcome<Vec<SignedCheckpoint>, S> {
        let published = self.store.published().map_err(Error::Store)?;
        // What does not parse was not written by us, and publishing will replace it.
        let published = published.and_then(|bytes| SignedCheckpoint::parse(&bytes).ok());
        Ok(seen.iter().cloned().chain(published).collect())
    }

    fn is_behind(&self, seen: &[SignedCheckpoint]) -> bool {
        let size = self.head().size;
        gate::own(seen, &self.origin, self.signer.verifier()).any(|seen| seen.head().size > size)
    }

    /// Sign: the only place where it happens. Ed25519 has no randomness: the same tree gives the same
    /// note.
    fn sign(&self, head: TreeHead) -> Outcome<SignedCheckpoint, S> {
        let mut note = Note::new(Checkpoint::new(self.origin.clone(), head).to_string())?;
        self.signer.sign(&mut note)?;
        Ok(SignedCheckpoint::from_note(note)?)
    }

    /// Cosign: adds what the callback brings, if it is good.
    fn collect<T: TileSource>(
        &self,
        next: &mut SignedCheckpoint,
        tree: &TreeReader<T>,
        cosign: Cosign<'_>,
    ) -> Outcome<(), S> {
        let size = next.head().size;
        let proof = |old_size| consistency_proof(tree, old_size, size).ok();
        let signatures = cosign(Cosigning { checkpoint: next, proof: &proof });
        for signature in signatures {
            let mut alone = Note::new(next.note().text())?;
            if alone.add(signature.clone()).is_err() || alone.open(&self.witnesses).is_err() {
                continue;
            }
            let mut with = next.clone();
            with.note_mut().remove(&signature.name, signature.id);
            // One too many is left out; what is there stays.
            if with.note_mut().add(signature).is_ok() && with.to_string().len() <= NOTE_BYTES_MAX {
                *next = with;
            }
        }
        Ok(())
    }

    /// Swap: the commit point.
    fn swap(&mut self, next: SignedCheckpoint) -> Outcome<(), S> {
        let expected = self.state.as_ref().map(|state| state.to_string().into_bytes());
        let is_ours = self.store.swap(expected.as_deref(), next.to_string().as_bytes()).map_err(Error::Store)?;
        if !is_ours {
            return Err(Error::Lost);
        }
        self.state = Some(next);
        Ok(())
    }

    /// Publish and clean: brings what readers see up to the state. Idempotent; `open` runs it whatever
    /// happened before.
    fn publish(&self) -> Outcome<(), S> {
        let Some(state) = &self.state else { return Ok(()) };
        let note = state.to_string().into_bytes();
        let published = self.store.published().map_err(Error::Store)?;
        let staged = Staged::find(&self.store, state.head()).map_err(from_staged)?;
        let is_head_out = published
            .as_deref()
            .and_then(|bytes| SignedCheckpoint::parse(bytes).ok())
            .is_some_and(|published| published.checkpoint() == state.checkpoint());
        // The checkpoint goes out last; where it is out already, so are the tiles, and what was staged
        // may be half removed.
        if let Some(staged) = staged.as_ref().filter(|_| !is_head_out) {
            staged.publish(&self.store).map_err(from_staged)?;
            // If we stop here: some tiles are in their places, and no checkpoint speaks of them.
        }
        if published.as_deref() != Some(&note) {
            // Read back before readers are told: the edge and the last bundle, which are new.
            let tree = self.tree()?;
            let _last_bundle = Growth::after(&tree).map_err(from_read)?;
            // Another writer may have gone on meanwhile; its checkpoint must not be set back.
            if !self.is_current()? {
                return Err(Error::Lost);
            }
            self.store.publish(&note).map_err(Error::Store)?;
        }
        // If we stop here: all is out; what was staged takes space until `open` removes it.
        if let Some(staged) = staged {
            staged.remove(&self.store).map_err(Error::Store)?;
        }
        Ok(())
    }

    /// Reads the edge of the log as it is stored.
    fn load(&mut self) -> Outcome<(), S> {
        self.growth = Growth::after(&self.tree()?).map_err(from_read)?;
        Ok(())
    }

    /// Whether the state in the store is still ours.
    fn is_current(&self) -> Outcome<bool, S> {
        let stored = self.store.state().map_err(Error::Store)?;
        Ok(stored == self.state.as_ref().map(|state| state.to_string().into_bytes()))
    }

    /// Commits a batch that was intended, perhaps signed and seen, but not committed.
    fn adopt(&mut self, intended: &Staged) -> Outcome<(), S> {
        let growth = intended.verify(&self.store, &self.growth).map_err(from_staged)?;
        let next = self.sign(intended.head)?;
        self.swap(next)?;
        self.growth = growth;
        self.publish()
    }
}

fn from_read<E: std::error::Error + 'static>(error: ReadError<StoredError<E>>) -> Error<E> {
    match error {
        ReadError::Source(StoredError::Store(error)) => Error::Store(error),
        ReadError::Source(StoredError::Missing(resource)) | ReadError::Unverified(resource) => {
            Error::Damaged(resource.to_string())
        }
        ReadError::WrongRoot | ReadError::Outside(_) => Error::Damaged("tile/".to_owned()),
    }
}

fn from_staged<E: std::error::Error + 'static>(error: StagedError<E>) -> Error<E> {
    match error {
        StagedError::Store(error) => Error::Store(error),
        StagedError::Damaged(name) => Error::Damaged(name),
    }
}
