//! Signatures of a public tree whose keys are not known: which selectors they name, what of them a key can be
//! recovered from, and how far such recoveries have come.
//!
//! Reads the tree alone, through its volumes, so that no index is needed. Progress lies in
//! `derived/recovery`: it can be deleted, and costs the time it stands for.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use frelon_mail::dkim::{self, KeyArchive, KeySource as _, Specimen};
use frelon_public::{PublicTree, ReadError};

use crate::BuildProgress;

/// Signatures held of one selector: enough to choose from, spread over all its time.
const SPECIMENS_PER_SELECTOR_MAX: usize = 2_000;
/// Signatures held in all: some 300 MB. Beyond, selectors not met before are counted as left out.
const SPECIMENS_MAX: usize = 500_000;
/// Selectors told of; an archive of decades has some thousands.
const SELECTORS_MAX: usize = 100_000;
/// Longest saved recovery read: three numbers of 268 million bits, and a little.
const SAVED_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// A selector with signatures that no known key made.
#[derive(Debug, Clone)]
pub struct UnknownKey {
    /// `d=` in lower case.
    pub signing_domain: String,
    /// `s=` in lower case.
    pub selector: String,
    /// Signatures found that a key could be recovered from, copies counted.
    pub signature_count: u64,
    /// These, or as many as are held, spread evenly.
    pub specimens: Vec<Specimen>,
    /// Whether a key is known under this selector all the same: it then made none of these.
    pub has_other_key: bool,
    /// Of so many, one is held.
    stride: u64,
}

/// What a tree has of signatures that no known key made.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// By number of signatures, most first; selectors under which another key is known come last.
    pub unknown: Vec<UnknownKey>,
    /// Signatures that were left out for want of memory.
    pub left_out_count: u64,
    /// Entries of volumes that could not be read.
    pub bad_entry_count: u64,
}

/// Collects, from all messages of the tree in a directory, the signatures that none of these keys made.
///
/// # Errors
/// When the tree cannot be read.
pub fn survey(public: &Path, keys: &KeyArchive, progress: &mut dyn FnMut(BuildProgress)) -> Result<Survey, ReadError> {
    let mut found: BTreeMap<(String, String), UnknownKey> = BTreeMap::new();
    let (mut held, mut left_out_count) = (0_usize, 0);
    let bad_entry_count = each_message(public, progress, &mut |raw| {
        for specimen in Specimen::collect(raw) {
            let selector = specimen.selector.to_ascii_lowercase();
            let known = keys.keys(&specimen.signing_domain, &selector);
            if known.iter().any(|key| specimen.is_of(key)) {
                continue;
            }
            let name = (specimen.signing_domain.clone(), selector);
            if held >= SPECIMENS_MAX && !found.contains_key(&name) {
                left_out_count += 1;
                continue;
            }
            let unknown = found.entry(name).or_insert_with_key(|(domain, selector)| UnknownKey {
                signing_domain: domain.clone(),
                selector: selector.clone(),
                signature_count: 0,
                specimens: Vec::new(),
                has_other_key: known.iter().any(|key| key.record.as_ref().is_ok_and(|record| !record.is_revoked())),
                stride: 1,
            });
            let before = unknown.specimens.len();
            unknown.add(specimen);
            held = held + unknown.specimens.len() - before;
        }
    })?;
    let mut unknown: Vec<UnknownKey> = found.into_values().collect();
    unknown.sort_by_key(|one| (one.has_other_key, std::cmp::Reverse(one.signature_count)));
    Ok(Survey { unknown, left_out_count, bad_entry_count })
}

impl UnknownKey {
    /// Takes every so-manyth, and of those held every second once there are too many.
    fn add(&mut self, specimen: Specimen) {
        if self.signature_count.is_multiple_of(self.stride) {
            if self.specimens.len() == SPECIMENS_PER_SELECTOR_MAX {
                let mut is_odd = false;
                self.specimens.retain(|_| {
                    is_odd = !is_odd;
                    is_odd
                });
                self.stride *= 2;
            }
            self.specimens.push(specimen);
        }
        self.signature_count += 1;
    }
}

/// The selectors that signatures of the tree name, those of ARC too, with how many messages name each. Beyond a
/// hundred thousand, new ones are left out.
///
/// # Errors
/// When the tree cannot be read.
pub fn selectors(
    public: &Path,
    progress: &mut dyn FnMut(BuildProgress),
) -> Result<BTreeMap<(String, String), u64>, ReadError> {
    let mut found = BTreeMap::new();
    each_message(public, progress, &mut |raw| {
        for name in dkim::selectors(raw) {
            if found.len() < SELECTORS_MAX || found.contains_key(&name) {
                *found.entry(name).or_default() += 1;
            }
        }
    })?;
    Ok(found)
}

/// Shows each message, as it is published, in the order of the manifest. Returns how many entries of the volumes
/// could not be read.
fn each_message(
    public: &Path,
    progress: &mut dyn FnMut(BuildProgress),
    visit: &mut dyn FnMut(&[u8]),
) -> Result<u64, ReadError> {
    let tree = PublicTree::open(public)?;
    let items_total = tree.manifest().releases.iter().map(|release| release.item_count).sum();
    let mut at = BuildProgress { items_total, ..BuildProgress::default() };
    let mut bad_entry_count = 0;
    for (_, volume) in tree.volumes() {
        let mut reader = tree.read_volume(volume)?;
        while let Some(item) = reader.next_item() {
            match item {
                Ok(item) if item.head.opening.media_type == "message/rfc822" => match item.content() {
                    Ok(raw) => visit(&raw),
                    Err(_) => bad_entry_count += 1,
                },
                Ok(_) => {}
                Err(_) => bad_entry_count += 1,
            }
            at.items += 1;
            progress(at);
        }
    }
    Ok(bad_entry_count)
}

/// How far recoveries have come, kept below `derived/`. Each is known by its name, which stands for the
/// signatures it works on: other signatures make another.
#[derive(Debug, Clone)]
pub struct RecoveryState {
    directory: PathBuf,
    exhausted: BTreeSet<String>,
}

/// Name of the list of recoveries that found nothing.
const EXHAUSTED: &str = "exhausted";

impl RecoveryState {
    /// Opens the state below a `derived/` directory; makes it where there is none.
    ///
    /// # Errors
    /// When the directory cannot be made or read.
    pub fn open(derived: &Path) -> io::Result<Self> {
        let directory = derived.join("recovery");
        fs::create_dir_all(&directory)?;
        let exhausted = match fs::read_to_string(directory.join(EXHAUSTED)) {
            Ok(text) => text.lines().map(str::to_owned).collect(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeSet::new(),
            Err(error) => return Err(error),
        };
        Ok(Self { directory, exhausted })
    }

    /// Whether this one was carried to its end and found nothing.
    #[must_use]
    pub fn is_exhausted(&self, name: &str) -> bool {
        self.exhausted.contains(name)
    }

    /// Notes that this one found nothing.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn mark_exhausted(&mut self, name: &str) -> io::Result<()> {
        self.exhausted.insert(name.to_owned());
        let text: String = self.exhausted.iter().map(|name| format!("{name}\n")).collect();
        self.replace(EXHAUSTED, text.as_bytes())?;
        self.discard(name);
        Ok(())
    }

    /// Where this one stood, if that was kept.
    #[must_use]
    pub fn load(&self, name: &str) -> Option<Vec<u8>> {
        let path = self.path(name)?;
        let size_bytes = fs::metadata(&path).ok()?.len();
        (size_bytes <= SAVED_BYTES_MAX).then(|| fs::read(path).ok()).flatten()
    }

    /// Keeps where this one stands.
    ///
    /// # Errors
    /// When the disk refuses; what was kept before is then still there.
    pub fn save(&self, name: &str, saved: &[u8]) -> io::Result<()> {
        match self.path(name) {
            Some(_) => self.replace(&format!("{name}.saved"), saved),
            None => Ok(()),
        }
    }

    /// Forgets where this one stood.
    pub fn discard(&self, name: &str) {
        if let Some(path) = self.path(name) {
            // Left behind, it costs room and nothing else.
            let _absent = fs::remove_file(path).is_err();
        }
    }

    /// Forgets all but these: releases change which signatures there are, and with them every name.
    pub fn retain(&self, names: &BTreeSet<String>) {
        let entries = fs::read_dir(&self.directory).into_iter().flatten().flatten();
        for entry in entries {
            let file = entry.file_name().to_string_lossy().into_owned();
            if file.strip_suffix(".saved").is_some_and(|name| !names.contains(name)) {
                self.discard(file.trim_end_matches(".saved"));
            }
        }
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        let is_name = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_name.then(|| self.directory.join(format!("{name}.saved")))
    }

    /// Written beside and renamed: whole against a killed process. A power cut may leave a damaged one, which its
    /// own sum tells.
    fn replace(&self, file: &str, bytes: &[u8]) -> io::Result<()> {
        let temporary = self.directory.join(format!("{file}.new"));
        fs::write(&temporary, bytes)?;
        fs::rename(temporary, self.directory.join(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_kept_by_name_and_forgotten_with_it() {
        let folder = tempfile::tempdir().expect("room");
        let mut state = RecoveryState::open(folder.path()).expect("room");
        let (one, two) = ("1".repeat(64), "2".repeat(64));
        state.save(&one, b"here").expect("room");
        state.save(&two, b"there").expect("room");
        state.save("../elsewhere", b"no").expect("not written");
        assert_eq!(state.load(&one).as_deref(), Some(&b"here"[..]));
        state.mark_exhausted(&one).expect("room");
        let again = RecoveryState::open(folder.path()).expect("it is there");
        assert!(again.is_exhausted(&one) && !again.is_exhausted(&two));
        assert_eq!((again.load(&one), again.load(&two).as_deref()), (None, Some(&b"there"[..])));
        again.retain(&BTreeSet::from([one]));
        assert_eq!(again.load(&two), None);
        let files = fs::read_dir(folder.path().join("recovery")).expect("a folder").count();
        assert_eq!(files, 1, "only the list of those that found nothing");
    }
}
