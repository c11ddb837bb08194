//! Samples for the tests of this crate.

use std::{io::Write as _, path::Path};

use frelon_durable::Disk;
use frelon_model::{CollectionId, ContentHash, Instant, ItemNumber, Tranche};
use sha2::{Digest, Sha256};

use super::{Finished, Packed, Plan, Settings, Writer, clear_leftovers};
use crate::{
    FileStore, Ledger, LogReader, Manifest, ReadError, ReleaseEntry, WriteError,
    statement::{Body, Description, Release, sample::*},
    volume,
};

/// An item with everything its release needs, made from bytes alone.
pub(crate) struct Sample {
    pub(crate) number: u64,
    pub(crate) bytes: Vec<u8>,
    pub(crate) name: String,
    pub(crate) date: Option<Instant>,
    pub(crate) deflated: Vec<u8>,
}

impl Sample {
    pub(crate) fn new(number: u64, bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&bytes).expect("in memory");
        let deflated = encoder.finish().expect("in memory");
        Self { number, bytes, name: format!("{number}.eml"), date: Some(Instant(number as i64 * 1_000)), deflated }
    }

    pub(crate) fn packed(&self) -> Packed<'_> {
        Packed {
            number: ItemNumber(self.number),
            name: &self.name,
            media_type: "message/rfc822",
            date: self.date,
            content: ContentHash(Sha256::digest(&self.bytes).into()),
            size_bytes: self.bytes.len() as u64,
            crc32: crc32fast::hash(&self.bytes),
            deflated: &self.deflated,
        }
    }

    pub(crate) fn salt(&self) -> [u8; 32] {
        Sha256::digest(self.number.to_le_bytes()).into()
    }
}

pub(crate) fn plan(tranche: u32) -> Plan {
    Plan {
        collection: CollectionId::new("lake").expect("a good name"),
        collection_title: "The lake papers".to_owned(),
        tranche: Tranche(tranche),
    }
}

/// Releases a tranche all the way: written on the disk of the settings, logged on a good one beside the
/// tree, shown. What a run left that stopped after its statement was logged is shown now.
pub(crate) fn write(
    public: &Path,
    tranche: u32,
    samples: &[Sample],
    settings: Settings,
) -> Result<ReleaseEntry, WriteError> {
    let (disk, plan) = (settings.disk.clone(), plan(tranche));
    let (collection, tranche) = (plan.collection.clone(), plan.tranche);
    if ledger(public).release(&collection, tranche).is_none() {
        clear_leftovers(public, |collection, tranche| ledger(public).release(collection, tranche).is_some(), &disk)?;
        let mut writer = Writer::begin_with(public, plan, settings)?;
        for sample in samples {
            writer.add(&sample.packed(), sample.salt())?;
        }
        log(public, &writer.finish()?);
    }
    show(public, &disk)?;
    let manifest = Manifest::load(public)?.expect("committed just now");
    Ok(manifest.release(&collection, tranche).expect("logged").clone())
}

/// The log of a tree, replayed.
pub(crate) fn ledger(public: &Path) -> Ledger {
    let log = log_signer().verifier().clone();
    match LogReader::open(public, &log) {
        Ok(reader) => Ledger::read(&reader, &log).expect("a good log"),
        Err(ReadError::NoLog { .. }) => Ledger::new(log),
        Err(error) => panic!("{error}"),
    }
}

/// Appends entries; the leaf of the first.
pub(crate) fn append(public: &Path, entries: impl IntoIterator<Item = Vec<u8>>) -> u64 {
    let store = FileStore::open(public, &public.join("private")).expect("a store");
    let mut writer = frelon_log::writer::Writer::open(store, log_signer(), Vec::new(), &[]).expect("a writer");
    writer.append(entries, &[], None).expect("appended").first_index
}

/// A statement in bytes, by the one editor, under the root in force.
pub(crate) fn state(public: &Path, body: Body) -> Vec<u8> {
    let ledger = ledger(public);
    let n = u8::try_from(ledger.head().size % 251).expect("below 251") + 1;
    sign(terms(n, ledger.authority().root_version(), body), &[1]).to_string().into_bytes()
}

fn log(public: &Path, finished: &Finished) {
    if ledger(public).authority().root().is_none() {
        append(public, [state(public, Body::Root(root(1, &[1], 1)))]);
        let (title, about) = ("The lake papers".to_owned(), "Invented for tests.".to_owned());
        append(public, [state(public, Body::Collection(Description { title, about }))]);
    }
    let first_leaf = append(public, finished.entries());
    let item_count = finished.commitments.len() as u64;
    let release = Release {
        tranche: finished.tranche,
        title: format!("Part {}", finished.tranche),
        item_count,
        first_leaf,
        last_leaf: first_leaf + item_count - 1,
        volumes: finished.stated(),
        published_at: Instant(1_700_000_000),
    };
    append(public, [state(public, Body::Release(release))]);
}

/// Derives the manifest and replaces it.
pub(crate) fn show(public: &Path, disk: &Disk) -> Result<(), WriteError> {
    let ledger = ledger(public);
    let stated = ledger.releases().iter().flat_map(|release| &release.volumes);
    let here = stated.filter(|volume| public.join(&volume.path).exists());
    let facts: Result<Vec<_>, _> = here.map(|volume| volume::facts(public, &volume.path)).collect();
    Manifest::derive(&ledger, &facts?).commit(public, disk)
}
