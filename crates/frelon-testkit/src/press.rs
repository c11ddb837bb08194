//! A press for tests: releases, withdrawals and junk in a logged public tree, with keys that are the
//! same each time.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    path::{Path, PathBuf},
};

use flate2::{Compression, Crc, write::DeflateEncoder};
use frelon_durable::Disk;
use frelon_log::{Cosigner, Policy, Signer, writer::Writer as LogWriter};
use frelon_model::{CollectionId, ContentHash, Instant, ItemNumber, Tranche};
use frelon_public::{
    Draft, FileStore, Ledger, LogReader, Manifest, Opening, StatementId, VolumeEntry,
    release::{Packed, Plan, Settings, Writer},
    statement::{Body, Correct, Description, Release, Restore, Root, Terms, Withdraw, WithdrawMode, WithdrawReason},
    verify::make_proof,
    volume::{self, Restored},
};
use sha2::{Digest, Sha256};

/// The origin of every log that a [`Press`] makes.
pub const ORIGIN: &str = "frelon.example/log";

/// How a [`Press`] is set up.
#[derive(Debug, Clone)]
pub struct PressOptions {
    /// How many editors, from 1.
    pub editors: u8,
    /// How many of them it takes.
    pub threshold: u64,
    /// How many witnesses cosign; all of them are the quorum.
    pub witnesses: u8,
    /// When everything happens: made, published, cosigned.
    pub now: Instant,
    /// The largest volume, in bytes.
    pub volume_bytes_max: u64,
}

impl Default for PressOptions {
    fn default() -> Self {
        let volume_bytes_max = Settings::default().volume_bytes_max;
        Self { editors: 1, threshold: 1, witnesses: 0, now: Instant(1_700_000_000), volume_bytes_max }
    }
}

/// An item to be released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewItem {
    /// Its number.
    pub number: u64,
    /// Its name for people.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// When it was made.
    pub date: Option<Instant>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl NewItem {
    /// A message without name and date.
    #[must_use]
    pub fn message(number: u64, bytes: impl Into<Vec<u8>>) -> Self {
        let (name, media_type) = (String::new(), "message/rfc822".to_owned());
        Self { number, name, media_type, date: None, bytes: bytes.into() }
    }
}

/// Writes a publication: `public/` and, beside it, the private side of its log in `log/`.
pub struct Press {
    folder: PathBuf,
    options: PressOptions,
    /// Counts ids of statements, so that each is new.
    serial: u64,
    /// What was withdrawn, to put it back.
    removed: BTreeMap<(CollectionId, ItemNumber), Restored>,
}

impl Press {
    /// A press in this folder; nothing is written before the first statement.
    #[must_use]
    pub fn new(folder: &Path, options: PressOptions) -> Self {
        Self { folder: folder.to_owned(), options, serial: 0, removed: BTreeMap::new() }
    }

    /// The public tree.
    #[must_use]
    pub fn public(&self) -> PathBuf {
        self.folder.join("public")
    }

    /// When everything happens from now on.
    pub fn set_now(&mut self, now: Instant) {
        self.options.now = now;
    }

    /// The key of the log.
    #[must_use]
    pub fn log_signer(&self) -> Signer {
        Signer::new(ORIGIN.parse().expect("a name"), &[200; 32])
    }

    /// The nth editor, from 1.
    #[must_use]
    pub fn editor(&self, n: u8) -> Signer {
        Signer::new(format!("frelon.example/editor-{n}").parse().expect("a name"), &[n; 32])
    }

    /// The nth witness, from 1.
    #[must_use]
    pub fn witness(&self, n: u8) -> Cosigner {
        Cosigner::new(format!("witness.example/w-{n}").parse().expect("a name"), &[100 + n; 32])
    }

    fn witnesses(&self) -> impl Iterator<Item = Cosigner> + '_ {
        (1..=self.options.witnesses).map(|n| self.witness(n))
    }

    /// The policy: this log, and all its witnesses as quorum.
    #[must_use]
    pub fn policy(&self) -> Policy {
        let mut text = format!("log {}\n", self.log_signer().verifier());
        for (index, witness) in self.witnesses().enumerate() {
            text.push_str(&format!("witness w{index} {}\n", witness.verifier()));
        }
        let names: Vec<String> = (0..self.options.witnesses).map(|index| format!("w{index}")).collect();
        if names.is_empty() {
            text.push_str("quorum none\n");
        } else {
            text.push_str(&format!("group all {} {}\nquorum all\n", names.len(), names.join(" ")));
        }
        Policy::parse(text.as_bytes()).expect("a good policy")
    }

    /// The log as it is published.
    #[must_use]
    pub fn reader(&self) -> LogReader {
        LogReader::open(&self.public(), self.log_signer().verifier()).expect("a log")
    }

    /// The log, replayed.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        if !self.public().join("checkpoint").exists() {
            return Ledger::new(self.log_signer().verifier().clone());
        }
        Ledger::read(&self.reader(), self.log_signer().verifier()).expect("a log")
    }

    /// Appends entries as they are, junk too; the leaf of the first.
    pub fn append<E: AsRef<[u8]>>(&mut self, entries: impl IntoIterator<Item = E>) -> u64 {
        let store = FileStore::open(&self.public(), &self.folder.join("log")).expect("a store");
        let witnesses: Vec<Cosigner> = self.witnesses().collect();
        let known = witnesses.iter().map(|witness| witness.verifier().clone()).collect();
        let mut writer = LogWriter::open(store, self.log_signer(), known, &[]).expect("a writer");
        let now = self.options.now;
        let mut cosign = |cosigning: frelon_log::writer::Cosigning<'_>| {
            witnesses.iter().map(|witness| witness.cosign(cosigning.checkpoint, now).expect("after 1970")).collect()
        };
        writer.append(entries, &[], Some(&mut cosign)).expect("appended").first_index
    }

    /// A statement signed by the first editors, as many as it takes.
    pub fn statement(&mut self, collection: Option<&CollectionId>, body: Body) -> Vec<u8> {
        let signers: Vec<u8> = (1..=self.options.editors).take(self.options.threshold as usize).collect();
        self.signed(collection, body, &signers)
    }

    /// A statement signed by these editors.
    pub fn signed(&mut self, collection: Option<&CollectionId>, body: Body, signers: &[u8]) -> Vec<u8> {
        self.serial += 1;
        let hash: [u8; 32] = Sha256::digest(self.serial.to_le_bytes()).into();
        let terms = Terms {
            origin: ORIGIN.parse().expect("an origin"),
            collection: collection.cloned(),
            id: StatementId(*hash.first_chunk().expect("32 bytes")),
            root_version: self.ledger().authority().root_version(),
            made_at: self.options.now,
            body,
        };
        let mut draft = Draft::new(terms).expect("good terms");
        for n in signers {
            draft.sign(&self.editor(*n), |_| true).expect("room for a signature");
        }
        draft.finish().expect("signed").to_string().into_bytes()
    }

    /// Logs a statement and writes the manifest anew; the leaf of the statement.
    pub fn state(&mut self, collection: Option<&CollectionId>, body: Body) -> u64 {
        self.begin();
        let statement = self.statement(collection, body);
        let leaf = self.append([statement]);
        self.commit();
        leaf
    }

    /// The first root, where there is none.
    fn begin(&mut self) {
        if self.ledger().authority().root().is_some() {
            return;
        }
        let root = Root {
            version: 1,
            editors: (1..=self.options.editors).map(|n| self.editor(n).verifier().clone()).collect(),
            threshold: self.options.threshold,
            witnesses: self.witnesses().map(|witness| witness.verifier().clone()).collect(),
            log: self.log_signer().verifier().clone(),
            custodians: Vec::new(),
        };
        let root = self.statement(None, Body::Root(root));
        self.append([root]);
    }

    /// Derives the manifest from the log and what volumes are there, and replaces it and the policy.
    pub fn commit(&self) {
        let (public, ledger) = (self.public(), self.ledger());
        let stated = ledger.releases().iter().flat_map(|release| &release.volumes);
        let here = stated.filter(|volume| public.join(&volume.path).exists());
        let facts: Vec<VolumeEntry> =
            here.map(|volume| volume::facts(&public, &volume.path).expect("a good volume")).collect();
        let disk = Disk::new();
        Manifest::derive(&ledger, &facts).commit(&public, &disk).expect("committed");
        disk.replace(&public.join("policy"), &self.policy().to_bytes()).expect("written");
    }

    /// Describes a collection.
    pub fn describe(&mut self, collection: &str, title: &str, about: &str) -> u64 {
        let description = Description { title: title.to_owned(), about: about.to_owned() };
        self.state(Some(&id(collection)), Body::Collection(description))
    }

    /// Releases items as a tranche: written, logged, stated, shown. The leaf of the statement.
    pub fn release(&mut self, collection: &str, tranche: u32, title: &str, items: &[NewItem]) -> u64 {
        self.begin();
        let (collection, tranche) = (id(collection), Tranche(tranche));
        let described = self.ledger().collections().get(&collection).map(|one| one.description.title.clone());
        let collection_title = described.unwrap_or_else(|| collection.to_string());
        let plan = Plan { collection: collection.clone(), collection_title, tranche };
        let settings = Settings { volume_bytes_max: self.options.volume_bytes_max, ..Settings::default() };
        let mut writer = Writer::begin_with(&self.public(), plan, settings).expect("begun");
        for item in items {
            let mut deflater = DeflateEncoder::new(Vec::new(), Compression::fast());
            deflater.write_all(&item.bytes).expect("in memory");
            let deflated = deflater.finish().expect("in memory");
            let mut crc = Crc::new();
            crc.update(&item.bytes);
            let packed = Packed {
                number: ItemNumber(item.number),
                name: &item.name,
                media_type: &item.media_type,
                date: item.date,
                content: ContentHash(Sha256::digest(&item.bytes).into()),
                size_bytes: item.bytes.len() as u64,
                crc32: crc.sum(),
                deflated: &deflated,
            };
            writer.add(&packed, Sha256::digest(item.number.to_le_bytes()).into()).expect("added");
        }
        let finished = writer.finish().expect("written");
        let first_leaf = self.append(finished.entries());
        let item_count = finished.commitments.len() as u64;
        let release = Release {
            tranche,
            title: title.to_owned(),
            item_count,
            first_leaf,
            last_leaf: first_leaf + item_count - 1,
            volumes: finished.stated(),
            published_at: self.options.now,
        };
        self.state(Some(&collection), Body::Release(release))
    }

    /// Withdraws an item: stated, taken out of its volume, shown as withdrawn. The leaf of the statement.
    pub fn withdraw(&mut self, collection: &str, number: u64, mode: WithdrawMode, until: Option<Instant>) -> u64 {
        let (collection, number) = (id(collection), ItemNumber(number));
        let leaf = self.ledger().leaf(&collection, number).expect("a released item");
        let withdraw = Withdraw {
            leaf,
            number,
            mode,
            reason: WithdrawReason::PersonalData,
            jurisdiction: Some("FR".to_owned()),
            until,
            text: Some("At the request of a person named in it.".to_owned()),
        };
        let statement = self.statement(Some(&collection), Body::Withdraw(withdraw));
        let leaf = self.append([statement]);
        let (path, item) = self.find(&collection, number).expect("in a volume");
        self.removed.insert((collection, number), item);
        volume::without(&self.public(), &path, &BTreeSet::from([number]), &Disk::new()).expect("rewritten");
        self.commit();
        leaf
    }

    /// Restores a withdrawn item. The leaf of the statement.
    pub fn restore(&mut self, collection: &str, number: u64) -> u64 {
        let (collection, number) = (id(collection), ItemNumber(number));
        let ledger = self.ledger();
        let leaf = ledger.leaf(&collection, number).expect("a released item");
        let release = ledger.item(leaf).expect("a released item").release;
        let statement = self.statement(Some(&collection), Body::Restore(Restore { leaf, number, text: None }));
        let leaf = self.append([statement]);
        let item = self.removed.remove(&(collection, number)).expect("withdrawn here");
        // Samples have one volume a release, or their first takes it.
        let path = &release.volumes[0].path;
        let restored = BTreeMap::from([(number, item)]);
        volume::rewrite(&self.public(), path, "", &BTreeSet::new(), &restored, &Disk::new()).expect("rewritten");
        self.commit();
        leaf
    }

    /// Says that one released item takes the place of another. The leaf of the statement.
    pub fn correct(&mut self, collection: &str, number: u64, replacement: u64, reason: &str) -> u64 {
        let (collection, ledger) = (id(collection), self.ledger());
        let leaf = |number| ledger.leaf(&collection, ItemNumber(number)).expect("a released item");
        let (leaf, replacement_leaf) = (leaf(number), leaf(replacement));
        self.state(Some(&collection), Body::Correct(Correct { leaf, replacement_leaf, reason: reason.to_owned() }))
    }

    /// The bytes of a released item, and its proof against the checkpoint as it stands.
    #[must_use]
    pub fn proof(&self, collection: &str, number: u64) -> (Vec<u8>, Vec<u8>) {
        let (collection, number) = (id(collection), ItemNumber(number));
        let (reader, ledger) = (self.reader(), self.ledger());
        let leaf = ledger.leaf(&collection, number).expect("a released item");
        let (_, item) = self.find(&collection, number).expect("in a volume");
        let opening = Opening::parse(&item.opening_line).expect("an opening");
        let bytes = frelon_public::inflate(&item.deflated, opening.size_bytes, &opening.content).expect("its bytes");
        (bytes, make_proof(&reader, &ledger, leaf, &item.opening_line).expect("made"))
    }

    /// The volume an item is in, and what of it is needed to put it back.
    fn find(&self, collection: &CollectionId, number: ItemNumber) -> Option<(String, Restored)> {
        let ledger = self.ledger();
        let own = ledger.releases().iter().filter(|release| release.collection == *collection);
        for volume in own.flat_map(|release| &release.volumes) {
            let Ok(mut reader) = volume::Reader::open(&self.public().join(&volume.path)) else { continue };
            while let Some(item) = reader.next_item() {
                let item = item.expect("a good item");
                if item.head.number == number {
                    let (opening_line, deflated) = (item.head.opening_line.clone(), item.deflated.to_vec());
                    return Some((volume.path.clone(), Restored { opening_line, deflated }));
                }
            }
        }
        None
    }
}

fn id(text: &str) -> CollectionId {
    CollectionId::new(text).expect("a good name")
}

/// A small logged publication: the collection `lake`, described, with one release of `count` messages,
/// numbered from 1.
#[must_use]
pub fn logged_publication(folder: &Path, count: u64, options: PressOptions) -> Press {
    let mut press = Press::new(folder, options);
    press.describe("lake", "The lake papers", "Invented for tests.");
    let text = |number: u64| {
        format!(
            "From: Ann <ann@lake.example>\r\nTo: Bob <bob@lake.example>\r\nSubject: Letter {number}\r\n\
             Date: Fri, 07 Oct 2016 14:03:00 +0200\r\nMessage-ID: <{number}@lake.example>\r\n\r\n{}",
            format!("Line {number} of the letter.\r\n").repeat(1 + number as usize % 40)
        )
    };
    let items: Vec<NewItem> = (1..=count).map(|number| NewItem::message(number, text(number))).collect();
    press.release("lake", 1, "First part", &items);
    press
}
