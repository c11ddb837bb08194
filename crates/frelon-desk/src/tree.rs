//! The public tree, brought in line with the log. Whatever was stated takes effect here, by one
//! function that runs after every statement and whenever a publication is opened.
//!
//! Order of what happens, and what a stop after each step leaves behind:
//!
//! 1. openings of items about to leave are kept in the vault: nothing has changed for readers;
//! 2. volumes are written anew, each in one step: a reader of the old manifest gets nothing where the
//!    volume no longer fits it, and never what was withdrawn;
//! 3. the manifest is replaced: **readers of pages see it**;
//! 4. the vault forgets what must not be kept, and knows what is out.
//!
//! Each step looks at what is there, so that the next run goes on wherever this one was stopped.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};

use frelon_log::Policy;
use frelon_model::ItemNumber;
use frelon_public::{
    Ledger, Manifest, VolumeEntry,
    ledger::LoggedRelease,
    release::clear_leftovers,
    statement::{Release, ReleasedVolume, WithdrawMode},
    volume::{self, Restored},
};
use frelon_vault::{KeptOpening, Reader};

use crate::{DeskError, Press, press::outgoing_directory};

/// Where the policy of a public tree is.
pub(crate) const POLICY_PATH: &str = "policy";

impl Press<'_> {
    /// Removes files that runs left which were stopped before anything named them.
    pub(crate) fn clear_leftovers(&mut self) -> Result<(), DeskError> {
        let journals = self.vault.journals()?;
        let planned: BTreeSet<_> = journals.into_iter().map(|journal| (journal.collection, journal.tranche)).collect();
        let is_on_its_way = |collection: &_, tranche| planned.contains(&(Clone::clone(collection), tranche));
        let is_out = |collection: &_, tranche| {
            self.ledger.release(collection, tranche).is_some() || is_on_its_way(collection, tranche)
        };
        let (public, outgoing) = (self.public(), outgoing_directory(&self.publication));
        self.disk.clear_stale(&public)?;
        // Before the first release there are no volumes, and so no folder for them.
        if public.join("volume").is_dir() {
            clear_leftovers(&public, is_out, &self.disk)?;
        }
        if outgoing.join("volume").is_dir() {
            clear_leftovers(&outgoing, is_on_its_way, &self.disk)?;
        }
        Ok(())
    }

    /// Moves the volumes of a release from where they waited to where they are seen.
    pub(crate) fn place_volumes(&self, release: &Release) -> Result<(), DeskError> {
        let (outgoing, public) = (outgoing_directory(&self.publication), self.public());
        for ReleasedVolume { path, .. } in &release.volumes {
            let (from, to) = (outgoing.join(path), public.join(path));
            if from.exists() {
                self.disk.make_directory(to.parent().expect("volumes lie in directories"))?;
                self.give_place(&from, &to)?;
            } else if !to.exists() {
                return Err(DeskError::NoVolume { path: to });
            }
        }
        Ok(())
    }

    fn give_place(&self, from: &Path, to: &Path) -> Result<(), DeskError> {
        match self.disk.rename(from, to) {
            Err(frelon_durable::Error::Io { source, .. }) if source.kind() == io::ErrorKind::CrossesDevices => {
                let read = |source| DeskError::DraftFile { path: from.to_owned(), source };
                let mut file = self.disk.create(to)?;
                io::copy(&mut fs::File::open(from).map_err(read)?, &mut file).map_err(read)?;
                file.commit()?;
                self.disk.remove(from)?;
                Ok(())
            }
            other => Ok(other?),
        }
    }

    /// Brings the public tree and the vault in line with the log.
    ///
    /// # Errors
    /// When a volume is gone or damaged, or a disk refuses. The next call goes on.
    pub fn settle(&mut self) -> Result<(), DeskError> {
        let public = self.public();
        let before = Manifest::load(&public)?;
        if self.ledger.releases().is_empty() && before.is_none() {
            return self.write_policy();
        }
        let mut volumes = Vec::new();
        let mut restored = Vec::new();
        for release in self.ledger.releases().to_vec() {
            self.settle_release(&release, before.as_ref(), &mut volumes, &mut restored)?;
        }
        Manifest::derive(&self.ledger, &volumes).commit(&public, &self.disk)?;
        self.write_policy()?;
        for (collection, number) in restored {
            self.vault.drop_opening(&collection, number)?;
        }
        self.erase()?;
        for journal in self.vault.journals()? {
            if self.ledger.release(&journal.collection, journal.tranche).is_some() {
                if let Some(plan) = self.vault.planned(&journal.collection)?
                    && plan.tranche == journal.tranche
                {
                    self.vault.mark_published(&plan, self.now)?;
                }
                self.vault.drop_journal(&journal.collection, journal.tranche)?;
                self.settled.push((journal.collection, journal.tranche));
            }
        }
        Ok(())
    }

    /// The volumes of one release as the log wants them.
    fn settle_release(
        &mut self,
        release: &LoggedRelease,
        before: Option<&Manifest>,
        volumes: &mut Vec<VolumeEntry>,
        back: &mut Vec<(frelon_model::CollectionId, ItemNumber)>,
    ) -> Result<(), DeskError> {
        let public = self.public();
        let collection = &release.collection;
        let gone = withdrawn(&self.ledger, release);
        let entry = before.and_then(|manifest| manifest.release(collection, release.tranche));
        let gone_before: BTreeSet<ItemNumber> = before
            .iter()
            .flat_map(|manifest| &manifest.withdrawn)
            .filter(|withdrawal| (release.first_leaf..=release.last_leaf).contains(&withdrawal.leaf))
            .map(|withdrawal| withdrawal.number)
            .collect();
        if let Some(entry) = entry
            && gone == gone_before
            && entry.volumes.iter().all(|volume| has_size(&public.join(&volume.path), volume.size_bytes))
        {
            volumes.extend(entry.volumes.iter().cloned());
            return Ok(());
        }
        let mut kept: BTreeMap<String, Vec<KeptOpening>> = BTreeMap::new();
        for opening in self.vault.kept_openings(collection)? {
            // Numbers are of the collection; the volume says which release.
            if release.volumes.iter().any(|stated| stated.path == opening.volume) {
                kept.entry(opening.volume.clone()).or_default().push(opening);
            }
        }
        let title = self.ledger.collections().get(collection).map(|described| described.description.title.clone());
        for ReleasedVolume { path, size_bytes, sha256 } in &release.volumes {
            let file = public.join(path);
            let kept = kept.remove(path).unwrap_or_default();
            if gone.is_empty() && kept.is_empty() && has_size(&file, *size_bytes) {
                // Never rewritten: it is as the statement has it.
                let (first, last) = (release.first, release.last);
                let facts = match &release.volumes[..] {
                    [_] => VolumeEntry { path: path.clone(), size_bytes: *size_bytes, sha256: *sha256, first, last },
                    _ => volume::facts(&public, path)?,
                };
                volumes.push(facts);
                continue;
            }
            if file.exists() {
                self.keep_openings(release, &file, path, &gone)?;
            }
            let mut returning = BTreeMap::new();
            for opening in kept.into_iter().filter(|opening| !gone.contains(&opening.number)) {
                back.push((collection.clone(), opening.number));
                if let Some(item) = self.stored(collection, opening)? {
                    returning.insert(item.0, item.1);
                }
            }
            let title = title.as_deref().unwrap_or(collection.as_str());
            volumes.extend(volume::rewrite(&public, path, title, &gone, &returning, &self.disk)?);
        }
        Ok(())
    }

    /// Keeps the openings of items that leave a volume and may come back.
    fn keep_openings(
        &mut self,
        release: &LoggedRelease,
        file: &Path,
        path: &str,
        gone: &BTreeSet<ItemNumber>,
    ) -> Result<(), DeskError> {
        let mut reader = volume::Reader::open(file)?;
        while let Some(item) = reader.next_item() {
            // What is damaged is told when the volume is written anew.
            let Ok(item) = item else { continue };
            let number = item.head.number;
            let is_hidden = self
                .ledger
                .withdrawal(&release.collection, number)
                .is_some_and(|withdrawal| withdrawal.mode == WithdrawMode::Hide);
            if gone.contains(&number) && is_hidden {
                let kept = KeptOpening { number, volume: path.to_owned(), opening: item.head.opening_line };
                self.vault.keep_opening(&release.collection, &kept)?;
            }
        }
        Ok(())
    }

    /// A withdrawn item as it goes back into its volume; `None` where it was erased.
    fn stored(
        &self,
        collection: &frelon_model::CollectionId,
        kept: KeptOpening,
    ) -> Result<Option<(ItemNumber, Restored)>, DeskError> {
        if self.vault.is_erased(collection, kept.number)? {
            return Ok(None);
        }
        let mut reader = Reader::open(&self.publication)?;
        let item = reader.item(collection, kept.number)?;
        let mut deflated = Vec::new();
        reader.packed(&item, &mut deflated)?;
        Ok(Some((kept.number, Restored { opening_line: kept.opening, deflated })))
    }

    /// Erases from the vault what the log says is erased.
    fn erase(&mut self) -> Result<(), DeskError> {
        let mut erased: BTreeMap<_, Vec<ItemNumber>> = BTreeMap::new();
        for withdrawal in self.ledger.withdrawals().values() {
            if withdrawal.mode == WithdrawMode::Erase {
                erased.entry(withdrawal.collection.clone()).or_default().push(withdrawal.number);
            }
        }
        for (collection, numbers) in erased {
            self.vault.erase(&collection, &numbers, self.now)?;
        }
        Ok(())
    }

    /// Writes the tree's own policy: the log, and its witnesses.
    pub(crate) fn write_policy(&self) -> Result<(), DeskError> {
        let Some(root) = self.ledger.authority().root() else { return Ok(()) };
        let mut text = format!("log {}\n", root.log);
        for (index, witness) in root.witnesses.iter().enumerate() {
            // With its address, so that mirrors can ask it too.
            let asked = self.asked().find(|one| one.key.public_key() == witness.public_key());
            let url = asked.map(|one| format!(" {}", one.url)).unwrap_or_default();
            text.push_str(&format!("witness w{} {witness}{url}\n", index + 1));
        }
        if root.witnesses.is_empty() {
            text.push_str("quorum none\n");
        } else {
            let names: Vec<String> = (1..=root.witnesses.len()).map(|index| format!("w{index}")).collect();
            // More than half, so that no two quorums lack a common member.
            let threshold = root.witnesses.len() / 2 + 1;
            text.push_str(&format!("group witnesses {threshold} {}\nquorum witnesses\n", names.join(" ")));
        }
        debug_assert!(Policy::parse(text.as_bytes()).is_ok(), "a policy of our own is one");
        let path = self.public().join(POLICY_PATH);
        if fs::read(&path).is_ok_and(|there| there == text.as_bytes()) {
            return Ok(());
        }
        Ok(self.disk.replace(&path, text.as_bytes())?)
    }
}

/// The numbers of a release that are withdrawn.
fn withdrawn(ledger: &Ledger, release: &LoggedRelease) -> BTreeSet<ItemNumber> {
    let between = ledger.withdrawals().range(release.first_leaf..=release.last_leaf);
    let own = between.filter(|(leaf, _)| {
        ledger.item(**leaf).is_some_and(|item| item.release.statement_leaf == release.statement_leaf)
    });
    own.map(|(_, withdrawal)| withdrawal.number).collect()
}

fn has_size(path: &Path, size_bytes: u64) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.len() == size_bytes)
}
