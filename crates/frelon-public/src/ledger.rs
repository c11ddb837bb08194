//! What a log amounts to: its entries replayed in their order, with the editors' statements given the
//! effect they have.
//!
//! The log is the truth and the manifest a summary of it. Two readers of one log hold the same ledger,
//! whoever they got it from, since nothing else goes into it: no clock, no file of the tree.
//!
//! Memory: what editors signed, and 24 bytes for each *run* of document entries whose leaves and
//! numbers follow each other, so that a release of a million items is usually one run.

mod passed_over;
mod run;

use std::collections::BTreeMap;

use frelon_log::{Origin, TreeHead, Verifier, note::KeyName};
use frelon_model::{CollectionId, ContentHash, Instant, ItemNumber, Tranche};
use serde::{Deserialize, Serialize};

use crate::{
    Authority, Entry, LogReader, Logged, ReadError, Refused, Statement,
    opening::{rfc3339, rfc3339_present},
    statement::{
        Accession, Body, Correct, Description, Release, ReleasedVolume, Restore, Root, Terms, Withdraw, WithdrawMode,
        WithdrawReason,
    },
};
pub use passed_over::{Counts, Ineffective, PassedOver, Reason};
use run::{Run, Runs};

/// Entries without effect that are kept one by one, to be shown; beyond, they are only counted.
pub const PASSED_OVER_MAX: usize = 100;

/// A statement that enough editors signed, at its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Its leaf: the index of its entry.
    pub leaf: u64,
    /// What it says.
    pub terms: Terms,
    /// The editors who signed it.
    pub editors: Vec<KeyName>,
    /// Why it changes nothing, where it does not.
    pub ineffective: Option<Ineffective>,
}

/// A collection as its latest description has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Its name and what it is.
    pub description: Description,
    /// The leaf of the statement.
    pub statement_leaf: u64,
}

/// A tranche that is out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRelease {
    /// The collection.
    pub collection: CollectionId,
    /// The tranche.
    pub tranche: Tranche,
    /// The release's own title; may be empty.
    pub title: String,
    /// How many items, and so document entries, it has; withdrawn ones count too.
    pub item_count: u64,
    /// The leaf of its first document entry.
    pub first_leaf: u64,
    /// The leaf of its last one.
    pub last_leaf: u64,
    /// The smallest number in it.
    pub first: ItemNumber,
    /// The largest number in it.
    pub last: ItemNumber,
    /// Its volumes as they were when it was made.
    pub volumes: Vec<ReleasedVolume>,
    /// When it was published.
    pub published_at: Instant,
    /// The leaf of its statement.
    pub statement_leaf: u64,
}

/// An item that is taken back, and what is said instead of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// The collection.
    pub collection: CollectionId,
    /// The item's number.
    pub number: ItemNumber,
    /// The leaf of its document entry.
    pub leaf: u64,
    /// How far it goes.
    pub mode: WithdrawMode,
    /// Why.
    pub reason: WithdrawReason,
    /// Whose law.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jurisdiction: Option<String>,
    /// When it ends by itself.
    #[serde(default, with = "rfc3339_present", skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// What readers are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// When the statement was made, as its maker says.
    #[serde(with = "rfc3339")]
    pub withdrawn_at: Instant,
    /// The leaf of its statement.
    pub statement_leaf: u64,
}

impl Withdrawal {
    /// Whether it has ended by itself. It stays listed all the same until a `restore` is logged; from
    /// this instant on whoever holds the item may show it again.
    #[must_use]
    pub fn has_ended(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

/// An item that takes the place of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// The collection of both.
    pub collection: CollectionId,
    /// The item that is corrected.
    pub number: ItemNumber,
    /// Its leaf.
    pub leaf: u64,
    /// The item in its place.
    pub replacement: ItemNumber,
    /// Its leaf.
    pub replacement_leaf: u64,
    /// Why.
    pub reason: String,
    /// The leaf of the statement.
    pub statement_leaf: u64,
}

/// One intake that was committed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedAccession {
    /// The collection.
    pub collection: CollectionId,
    /// How many original entries, and where.
    pub accession: Accession,
    /// The leaf of the statement.
    pub statement_leaf: u64,
}

/// A released document: what a leaf stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Released<'a> {
    /// The release it belongs to.
    pub release: &'a LoggedRelease,
    /// Its number in the collection.
    pub number: ItemNumber,
    /// The leaf of its document entry.
    pub leaf: u64,
}

/// A log, replayed.
#[derive(Debug, Clone)]
pub struct Ledger {
    log: Verifier,
    first_root: Option<ContentHash>,
    origin: Origin,
    authority: Authority,
    /// As of which tree all of it was read; behind `size` after a read that failed.
    head: TreeHead,
    /// How many entries went in.
    size: u64,
    /// What a succession ended was taken out again.
    is_cut: bool,
    counts: Counts,
    passed_over: Vec<PassedOver>,
    statements: Vec<Accepted>,
    roots: Vec<(u64, Root)>,
    collections: BTreeMap<CollectionId, Described>,
    releases: Vec<LoggedRelease>,
    /// Places among `releases`.
    tranches: BTreeMap<(CollectionId, Tranche), usize>,
    withdrawals: BTreeMap<u64, Withdrawal>,
    corrections: Vec<Correction>,
    accessions: Vec<LoggedAccession>,
    /// Document entries that no release has claimed yet.
    documents: BTreeMap<(CollectionId, Tranche), Runs>,
    /// Leaves of original entries.
    originals: BTreeMap<CollectionId, Runs>,
    /// The document entries of releases, by their first leaf, with the place of the release.
    by_leaf: BTreeMap<u64, (Run, usize)>,
    /// The same, by collection and first number.
    by_number: BTreeMap<CollectionId, BTreeMap<u64, Run>>,
}

impl Ledger {
    /// Before the first entry of the log with this key. Its first root is believed.
    #[must_use]
    pub fn new(log: Verifier) -> Self {
        Self::begin(log, None)
    }

    /// As [`Ledger::new`], but the first root must be the one of this hash ([`Authority::pinned`]).
    #[must_use]
    pub fn pinned(log: Verifier, first_root: ContentHash) -> Self {
        Self::begin(log, Some(first_root))
    }

    fn begin(log: Verifier, first_root: Option<ContentHash>) -> Self {
        let authority = match first_root {
            Some(first_root) => Authority::pinned(log.clone(), first_root),
            None => Authority::new(log.clone()),
        };
        Self {
            origin: log.name().as_str().parse().expect("a key name is a line of at most 1,024 bytes, as an origin is"),
            log,
            first_root,
            authority,
            head: TreeHead::empty(),
            size: 0,
            is_cut: false,
            counts: Counts::default(),
            passed_over: Vec::new(),
            statements: Vec::new(),
            roots: Vec::new(),
            collections: BTreeMap::new(),
            releases: Vec::new(),
            tranches: BTreeMap::new(),
            withdrawals: BTreeMap::new(),
            corrections: Vec::new(),
            accessions: Vec::new(),
            documents: BTreeMap::new(),
            originals: BTreeMap::new(),
            by_leaf: BTreeMap::new(),
            by_number: BTreeMap::new(),
        }
    }

    /// Reads a whole log.
    ///
    /// # Errors
    /// When its files cannot be read or are not what the checkpoint commits to.
    pub fn read(reader: &LogReader, log: &Verifier) -> Result<Self, ReadError> {
        let mut ledger = Self::new(log.clone());
        ledger.extend(reader)?;
        Ok(ledger)
    }

    /// Reads what a log holds beyond what was read before. The caller has seen to it that the larger
    /// log begins with the smaller one.
    ///
    /// # Errors
    /// As [`Ledger::read`]; then the ledger is to be dropped, or extended again to the same log.
    pub fn extend(&mut self, reader: &LogReader) -> Result<(), ReadError> {
        if reader.head().size < self.size {
            return Err(reader.damaged("the log is smaller than it was when it was read before"));
        }
        for logged in reader.entries_from(self.size) {
            self.push(logged?);
        }
        self.finish(reader)
    }

    /// After all entries of a log were pushed.
    pub(crate) fn finish(&mut self, reader: &LogReader) -> Result<(), ReadError> {
        self.head = reader.head();
        self.cut(reader)
    }

    /// Takes in the next entry. Most callers want [`Ledger::extend`]; this is for entries that come
    /// from elsewhere, verified, from index 0 on and each once.
    pub fn push(&mut self, logged: Logged) {
        debug_assert_eq!(logged.index, self.size, "entries come in their order");
        let leaf = logged.index;
        self.size = leaf + 1;
        match logged.entry {
            Err(malformed) => self.pass_over(leaf, malformed.into()),
            // What follows the end of a log means nothing.
            Ok(_) if self.authority.succession().is_some() => self.pass_over(leaf, Reason::Refused(Refused::Ended)),
            Ok(Entry::Document(entry)) => {
                self.counts.documents += 1;
                let key = (entry.collection, entry.tranche);
                // A tranche goes out once, so later entries for it can never count.
                if !self.tranches.contains_key(&key) {
                    self.documents.entry(key).or_default().push(leaf, entry.number.0);
                }
            }
            Ok(Entry::Original(entry)) => {
                self.counts.originals += 1;
                // Only how many there are is asked for, so that their numbers need not follow each other.
                self.originals.entry(entry.collection).or_default().push(leaf, leaf);
            }
            Ok(Entry::Statement(statement)) => self.state(leaf, &statement),
        }
    }

    fn state(&mut self, leaf: u64, statement: &Statement) {
        let approval = match self.authority.accept(statement) {
            Err(refused) => return self.pass_over(leaf, Reason::Refused(refused)),
            Ok(approval) => approval,
        };
        let terms = statement.terms().clone();
        self.counts.statements += 1;
        let ineffective = self.give_effect(leaf, &terms).err();
        if let Some(ineffective) = &ineffective {
            self.pass_over(leaf, Reason::Ineffective(ineffective.clone()));
        }
        self.statements.push(Accepted { leaf, terms, editors: approval.editors, ineffective });
    }

    fn pass_over(&mut self, index: u64, reason: Reason) {
        self.counts.count(&reason);
        if self.passed_over.len() < PASSED_OVER_MAX {
            self.passed_over.push(PassedOver { index, reason });
        }
    }

    fn give_effect(&mut self, leaf: u64, terms: &Terms) -> Result<(), Ineffective> {
        match (&terms.body, &terms.collection) {
            (Body::Root(root), _) => self.roots.push((leaf, root.clone())),
            (Body::Collection(description), Some(collection)) => {
                let described = Described { description: description.clone(), statement_leaf: leaf };
                self.collections.insert(collection.clone(), described);
            }
            (Body::Accession(accession), Some(collection)) => self.take_in(leaf, collection, accession)?,
            (Body::Release(release), Some(collection)) => self.release_tranche(leaf, collection, release)?,
            (Body::Withdraw(withdraw), Some(collection)) => self.withdraw(leaf, terms, collection, withdraw)?,
            (Body::Restore(restore), Some(collection)) => self.restore(collection, restore)?,
            (Body::Correct(correct), Some(collection)) => self.correct(leaf, collection, correct)?,
            // A succession has its effect through the authority; a kind without its collection is not
            // well formed.
            _ => {}
        }
        Ok(())
    }

    fn take_in(&mut self, leaf: u64, collection: &CollectionId, accession: &Accession) -> Result<(), Ineffective> {
        let (first, last) = (accession.first_leaf, accession.last_leaf);
        let found = self.originals.get(collection).map(|runs| runs.between(first, last)).unwrap_or_default();
        Run::check(&found, accession.count, first, last)?;
        let (collection, accession) = (collection.clone(), accession.clone());
        self.accessions.push(LoggedAccession { collection, accession, statement_leaf: leaf });
        Ok(())
    }

    fn release_tranche(&mut self, leaf: u64, collection: &CollectionId, release: &Release) -> Result<(), Ineffective> {
        if self.release(collection, release.tranche).is_some() {
            return Err(Ineffective::ReleasedBefore);
        }
        let (first_leaf, last_leaf) = (release.first_leaf, release.last_leaf);
        let key = (collection.clone(), release.tranche);
        let runs = self.documents.get(&key).map(|runs| runs.between(first_leaf, last_leaf)).unwrap_or_default();
        Run::check(&runs, release.item_count, first_leaf, last_leaf)?;
        if runs.windows(2).any(|pair| pair[1].first_number <= pair[0].last_number()) {
            return Err(Ineffective::NumbersNotRising);
        }
        let out = self.by_number.get(collection);
        let is_out = |run: &Run| out.is_some_and(|out| run::overlaps(out, run));
        if runs.iter().any(is_out) {
            return Err(Ineffective::NumberReleasedBefore);
        }
        let (Some(first), Some(last)) = (runs.first(), runs.last()) else {
            return Err(Ineffective::WrongEntries);
        };
        let logged = LoggedRelease {
            collection: collection.clone(),
            tranche: release.tranche,
            title: release.title.clone(),
            item_count: release.item_count,
            first_leaf,
            last_leaf,
            first: ItemNumber(first.first_number),
            last: ItemNumber(last.last_number()),
            volumes: release.volumes.clone(),
            published_at: release.published_at,
            statement_leaf: leaf,
        };
        let by_number = self.by_number.entry(collection.clone()).or_default();
        for run in runs {
            by_number.insert(run.first_number, run);
            self.by_leaf.insert(run.first_leaf, (run, self.releases.len()));
        }
        self.documents.remove(&key);
        self.tranches.insert(key, self.releases.len());
        self.releases.push(logged);
        Ok(())
    }

    fn withdraw(
        &mut self,
        statement_leaf: u64,
        terms: &Terms,
        collection: &CollectionId,
        withdraw: &Withdraw,
    ) -> Result<(), Ineffective> {
        let Withdraw { leaf, number, mode, reason, jurisdiction, until, text } = withdraw.clone();
        self.require_item(collection, number, leaf)?;
        let (collection, withdrawn_at) = (collection.clone(), terms.made_at);
        let withdrawal = Withdrawal {
            collection,
            number,
            leaf,
            mode,
            reason,
            jurisdiction,
            until,
            text,
            withdrawn_at,
            statement_leaf,
        };
        // The latest one counts: a hidden item can be erased later.
        self.withdrawals.insert(leaf, withdrawal);
        Ok(())
    }

    fn restore(&mut self, collection: &CollectionId, restore: &Restore) -> Result<(), Ineffective> {
        self.require_item(collection, restore.number, restore.leaf)?;
        self.withdrawals.remove(&restore.leaf).map(drop).ok_or(Ineffective::NotWithdrawn)
    }

    fn correct(&mut self, leaf: u64, collection: &CollectionId, correct: &Correct) -> Result<(), Ineffective> {
        let number = |leaf| match self.item(leaf) {
            Some(item) if item.release.collection == *collection => Ok(item.number),
            _ => Err(Ineffective::NoSuchItem),
        };
        let correction = Correction {
            number: number(correct.leaf)?,
            leaf: correct.leaf,
            replacement: number(correct.replacement_leaf)?,
            replacement_leaf: correct.replacement_leaf,
            collection: collection.clone(),
            reason: correct.reason.clone(),
            statement_leaf: leaf,
        };
        self.corrections.push(correction);
        Ok(())
    }

    fn require_item(&self, collection: &CollectionId, number: ItemNumber, leaf: u64) -> Result<(), Ineffective> {
        if self.leaf(collection, number) == Some(leaf) { Ok(()) } else { Err(Ineffective::NoSuchItem) }
    }

    /// After a succession that says how much of the log is good: entries from there on mean nothing,
    /// also those that were read before it.
    fn cut(&mut self, reader: &LogReader) -> Result<(), ReadError> {
        let Some(end) = self.statements.iter().position(|one| matches!(one.terms.body, Body::Succession(_))) else {
            return Ok(());
        };
        let mut end = self.statements[end].clone();
        let Body::Succession(succession) = end.terms.body.clone() else { return Ok(()) };
        if self.is_cut || end.ineffective.is_some() || succession.last_size >= end.leaf {
            return Ok(());
        }
        if reader.root_at(succession.last_size)? != succession.last_root {
            // It speaks of another tree of the same name: what is here is not what the editors saw.
            end.ineffective = Some(Ineffective::OtherTree);
            self.pass_over(end.leaf, Reason::Ineffective(Ineffective::OtherTree));
            if let Some(kept) = self.statements.iter_mut().find(|one| one.leaf == end.leaf) {
                *kept = end;
            }
            return Ok(());
        }
        let mut good = Self::begin(self.log.clone(), self.first_root);
        for logged in reader.entries().take(usize::try_from(succession.last_size).unwrap_or(usize::MAX)) {
            good.push(logged?);
        }
        good.counts.refused += self.size - succession.last_size;
        good.counts.statements += 1;
        good.statements.push(end);
        (good.size, good.head, good.is_cut) = (self.size, self.head, true);
        // The authority as it ended, so that nothing that follows counts.
        good.authority = self.authority.clone();
        *self = good;
        Ok(())
    }

    /// The tree it was read from.
    #[must_use]
    pub fn head(&self) -> TreeHead {
        self.head
    }

    /// The log's origin: the name of its key.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The key of the log.
    #[must_use]
    pub fn log(&self) -> &Verifier {
        &self.log
    }

    /// Whose statements count now: what the next one is checked against.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// All statements that enough editors signed, in the order of the log, with and without effect.
    #[must_use]
    pub fn statements(&self) -> &[Accepted] {
        &self.statements
    }

    /// The roots, each with the leaf of its statement; the last one is in force.
    #[must_use]
    pub fn roots(&self) -> &[(u64, Root)] {
        &self.roots
    }

    /// The collections that were described.
    #[must_use]
    pub fn collections(&self) -> &BTreeMap<CollectionId, Described> {
        &self.collections
    }

    /// All releases, in the order of the log.
    #[must_use]
    pub fn releases(&self) -> &[LoggedRelease] {
        &self.releases
    }

    /// The release of this tranche.
    #[must_use]
    pub fn release(&self, collection: &CollectionId, tranche: Tranche) -> Option<&LoggedRelease> {
        self.tranches.get(&(collection.clone(), tranche)).map(|place| &self.releases[*place])
    }

    /// The withdrawals in effect, by the leaf of the item.
    #[must_use]
    pub fn withdrawals(&self) -> &BTreeMap<u64, Withdrawal> {
        &self.withdrawals
    }

    /// The withdrawal of this item, if it is in effect.
    #[must_use]
    pub fn withdrawal(&self, collection: &CollectionId, number: ItemNumber) -> Option<&Withdrawal> {
        self.leaf(collection, number).and_then(|leaf| self.withdrawals.get(&leaf))
    }

    /// The corrections, in the order of the log.
    #[must_use]
    pub fn corrections(&self) -> &[Correction] {
        &self.corrections
    }

    /// The accessions, in the order of the log.
    #[must_use]
    pub fn accessions(&self) -> &[LoggedAccession] {
        &self.accessions
    }

    /// How many entries there are of what sort.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The first entries that mean nothing, with reasons; at most [`PASSED_OVER_MAX`].
    #[must_use]
    pub fn passed_over(&self) -> &[PassedOver] {
        &self.passed_over
    }

    /// The leaf of a released item's document entry, withdrawn or not.
    #[must_use]
    pub fn leaf(&self, collection: &CollectionId, number: ItemNumber) -> Option<u64> {
        let (_, run) = self.by_number.get(collection)?.range(..=number.0).next_back()?;
        run.leaf_of(number.0)
    }

    /// What a leaf stands for, if it is the document entry of a release.
    #[must_use]
    pub fn item(&self, leaf: u64) -> Option<Released<'_>> {
        let (_, (run, release)) = self.by_leaf.range(..=leaf).next_back()?;
        let number = ItemNumber(run.number_of(leaf)?);
        Some(Released { release: &self.releases[*release], number, leaf })
    }

    /// The leaves and numbers of a release's document entries, in their order.
    pub fn items<'a>(&'a self, release: &'a LoggedRelease) -> impl Iterator<Item = (u64, ItemNumber)> + 'a {
        let runs = self.by_leaf.range(release.first_leaf..=release.last_leaf).map(|(_, run)| run);
        let own = runs.filter(move |(_, place)| self.releases[*place].statement_leaf == release.statement_leaf);
        own.flat_map(|(run, _)| run.items())
    }
}

#[cfg(test)]
mod tests;
