//! One volume: fetched into a file of its own, checked item by item, and only then put into its place.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Read, Write},
    path::Path,
};

use frelon_model::{CollectionId, ContentHash, ItemNumber};
use frelon_public::{Entry, Inflater, Ledger, LogReader, commitment, ledger::LoggedRelease, volume};
use sha2::{Digest, Sha256};

use super::{MirrorError, peer::Peer};
use crate::fetch::{Answer, FetchError, PIECE_BYTES, Request, unasked};

/// How often a broken line is taken up again with the same peer.
const RESUMES_MAX: usize = 3;
/// Entries of the log that are rather read through than skipped.
const SKIP_ENTRIES: u64 = 512;

/// Bytes of the buffer that items are inflated into, kept from one to the next.
const BUFFER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Numbers of items, as runs from first to last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Numbers(Vec<(u64, u64)>);

impl Numbers {
    /// Adds the next; numbers rise.
    pub(crate) fn push(&mut self, number: ItemNumber) {
        match self.0.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(number.0) => *last = number.0,
            _ => self.0.push((number.0, number.0)),
        }
    }

    pub(crate) fn contains(&self, number: ItemNumber) -> bool {
        let place = self.0.partition_point(|(_, last)| *last < number.0);
        self.0.get(place).is_some_and(|(first, _)| *first <= number.0)
    }

    /// The smallest and the largest.
    pub(crate) fn ends(&self) -> Option<(ItemNumber, ItemNumber)> {
        Some((ItemNumber(self.0.first()?.0), ItemNumber(self.0.last()?.1)))
    }
}

/// The numbers a volume that is here lists, without looking at the items.
pub(crate) fn numbers(file: &Path) -> Result<Numbers, frelon_public::ReadError> {
    let mut reader = volume::Reader::open(file)?;
    let mut numbers = Numbers::default();
    let damaged = |reason: String| frelon_public::ReadError::Damaged { path: file.to_owned(), reason };
    while let Some(number) = reader.next_number().map_err(|bad| damaged(bad.to_string()))? {
        numbers.push(number);
    }
    Ok(numbers)
}

/// Why a volume is not good.
#[derive(Debug)]
pub(crate) enum Fault {
    /// It is not what it should be: whoever gave it is to blame.
    Bad(String),
    /// Our own side failed.
    Own(MirrorError),
}

/// Checks each item of a volume against the log: its opening against the document entry of its number,
/// its bytes against the opening.
pub(crate) fn check(file: &Path, log: &LogReader, ledger: &Ledger, release: &LoggedRelease) -> Result<Numbers, Fault> {
    let own = |error: frelon_public::ReadError| Fault::Own(error.into());
    let mut reader = volume::Reader::open(file).map_err(|error| match error {
        frelon_public::ReadError::Damaged { reason, .. } => Fault::Bad(reason),
        error => own(error),
    })?;
    let mut numbers = Numbers::default();
    let mut entries = log.entries_from(release.first_leaf);
    let mut next = release.first_leaf;
    let (mut inflater, mut bytes) = (Inflater::default(), Vec::new());
    while let Some(item) = reader.next_item() {
        let item = item.map_err(|bad| Fault::Bad(bad.to_string()))?;
        let number = item.head.number;
        let bad = |reason: &str| Fault::Bad(format!("{}: {reason}", item.head.path));
        let leaf = ledger.leaf(&release.collection, number);
        let leaf = leaf.filter(|leaf| (release.first_leaf..=release.last_leaf).contains(leaf));
        let leaf = leaf.ok_or_else(|| bad("the release has no such item"))?;
        if leaf < next || leaf - next > SKIP_ENTRIES {
            entries = log.entries_from(leaf);
        }
        let logged = loop {
            let Some(logged) = entries.next() else { return Err(bad("the log has no entry for it")) };
            let logged = logged.map_err(own)?;
            next = logged.index + 1;
            if logged.index == leaf {
                break logged;
            }
        };
        let Ok(Entry::Document(entry)) = logged.entry else { return Err(bad("the log has no entry for it")) };
        if entry.number != number || entry.commitment != commitment(&item.head.opening_line) {
            return Err(bad("its opening is not the one the log commits to"));
        }
        let whole =
            inflater.inflate(item.deflated, item.head.size_bytes, item.head.crc32, &item.content_hash(), &mut bytes);
        whole.map_err(|error| bad(&error.to_string()))?;
        if bytes.capacity() > BUFFER_BYTES_MAX {
            // One huge item does not set the memory for all that follow.
            bytes = Vec::new();
        }
        numbers.push(number);
    }
    if numbers.ends().is_none() { Err(Fault::Bad("it holds no item".to_owned())) } else { Ok(numbers) }
}

/// What was fetched.
pub(crate) struct Fetched {
    pub(crate) sha256: ContentHash,
    pub(crate) size_bytes: u64,
    /// Whether some of it was there before, perhaps from somebody else.
    pub(crate) is_mixed: bool,
}

/// Fetches a volume from a peer into a file. What the file holds already is kept and gone on from, if
/// `may_resume`; it counts as anybody's.
pub(crate) fn fetch(
    peer: &Peer<'_>,
    path: &str,
    file: &Path,
    bytes_max: u64,
    may_resume: bool,
) -> Result<Fetched, FetchFault> {
    let mut hasher = Sha256::new();
    let mut size_bytes = 0;
    let mut out = fs::File::options().create(true).truncate(false).read(true).write(true).open(file)?;
    if may_resume {
        size_bytes = take_in(&mut out, &mut hasher)?;
    }
    if size_bytes > bytes_max {
        size_bytes = 0;
    }
    let is_mixed = size_bytes > 0;
    if !is_mixed {
        (hasher, size_bytes) = restart(&mut out)?;
    }
    let mut resumes = 0;
    loop {
        match fetch_rest(peer, path, &mut out, &mut hasher, &mut size_bytes, bytes_max) {
            Ok(()) => break,
            Err(FetchFault::Fetch(FetchError::Unreachable { .. })) if size_bytes > 0 && resumes < RESUMES_MAX => {
                resumes += 1;
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(Fetched { sha256: ContentHash(hasher.finalize().into()), size_bytes, is_mixed })
}

/// Why a volume could not be fetched.
pub(crate) enum FetchFault {
    Fetch(FetchError),
    Io(io::Error),
}

impl From<io::Error> for FetchFault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<FetchError> for FetchFault {
    fn from(error: FetchError) -> Self {
        Self::Fetch(error)
    }
}

fn restart(out: &mut fs::File) -> io::Result<(Sha256, u64)> {
    use io::Seek;
    out.set_len(0)?;
    out.rewind()?;
    Ok((Sha256::new(), 0))
}

/// Hashes what a file holds; its end is where writing goes on.
fn take_in(out: &mut fs::File, hasher: &mut Sha256) -> io::Result<u64> {
    let mut piece = vec![0; PIECE_BYTES];
    let mut size_bytes = 0;
    loop {
        let count = out.read(&mut piece)?;
        if count == 0 {
            return Ok(size_bytes);
        }
        hasher.update(&piece[..count]);
        size_bytes += count as u64;
    }
}

fn fetch_rest(
    peer: &Peer<'_>,
    path: &str,
    out: &mut fs::File,
    hasher: &mut Sha256,
    size_bytes: &mut u64,
    bytes_max: u64,
) -> Result<(), FetchFault> {
    // One that is whole already has no byte to ask for.
    if *size_bytes == bytes_max {
        return Ok(());
    }
    let request = Request { path, first: *size_bytes, bytes_max, tag: None };
    let Answer::Body(mut body) = peer.source.open(request)? else {
        return Err(unasked(peer.source, path).into());
    };
    if body.first() != *size_bytes {
        // It sends everything again.
        (*hasher, *size_bytes) = restart(out)?;
    }
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let count = body.read(&mut piece)?;
        if count == 0 {
            return Ok(());
        }
        hasher.update(&piece[..count]);
        out.write_all(&piece[..count])?;
        *size_bytes += count as u64;
    }
}

/// The numbers of a release that are withdrawn, and those of them that this mirror takes out.
pub(crate) struct Withdrawn {
    /// In effect, whether followed or not: nobody need have them.
    pub(crate) all: BTreeSet<ItemNumber>,
    /// To be taken out here.
    pub(crate) followed: BTreeSet<ItemNumber>,
}

/// The names a collection had, for the READMEs of its volumes: a volume was written under one of them.
pub(crate) fn titles(ledger: &Ledger, collection: &CollectionId) -> Vec<String> {
    let mut titles = vec![collection.to_string()];
    for accepted in ledger.statements() {
        if let frelon_public::statement::Body::Collection(description) = &accepted.terms.body
            && accepted.terms.collection.as_ref() == Some(collection)
        {
            titles.push(description.title.clone());
        }
    }
    titles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_kept_as_runs() {
        let mut numbers = Numbers::default();
        assert_eq!(numbers.ends(), None);
        for number in [2, 3, 4, 9, 11, 12] {
            numbers.push(ItemNumber(number));
        }
        assert_eq!(numbers.0, [(2, 4), (9, 9), (11, 12)]);
        let held: Vec<u64> = (0..15).filter(|number| numbers.contains(ItemNumber(*number))).collect();
        assert_eq!(held, [2, 3, 4, 9, 11, 12]);
        assert_eq!(numbers.ends(), Some((ItemNumber(2), ItemNumber(12))));
    }
}
