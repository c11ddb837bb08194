//! What statements say, kind by kind, and the checks that need nothing but the statement itself.

use std::collections::HashSet;

use frelon_log::{NodeHash, Verifier, merkle::TREE_SIZE_MAX, note::Algorithm};
use frelon_model::{CollectionId, ContentHash, Instant, ItemNumber, Tranche};
use serde::{Deserialize, Serialize};

use super::{
    FORMAT, Kind, Terms, WithdrawMode, WithdrawReason,
    strict::{instant, instant_present, objects, present, text, texts},
};
use crate::{Malformed, manifest::volume_path};

/// Editors of one root. A change of root is signed by the old and the new ones, and a note has at
/// most 64 signatures.
pub const EDITORS_MAX: usize = 32;
/// Witnesses of one root: as many as may cosign one checkpoint beside its log.
const WITNESSES_MAX: usize = 63;
/// Custodians of one root: nobody asks more people to keep a share.
const CUSTODIANS_MAX: usize = 64;
/// A recipient of age: 62 bytes for X25519, some 2,000 for the hybrid ones.
const RECIPIENT_BYTES_MAX: usize = 2_048;
/// A title: one line that fits a heading.
const TITLE_BYTES_MAX: usize = 1_000;
/// Text for people: a page or two; all of a statement must fit one entry.
const TEXT_BYTES_MAX: usize = 16 * 1024;
/// The name of a country or a court.
const JURISDICTION_BYTES_MAX: usize = 200;

/// What a statement says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Body {
    /// Who the editors are.
    Root(Root),
    /// What a collection is.
    Collection(Description),
    /// That items were taken in.
    Accession(Accession),
    /// That a tranche is out.
    Release(Release),
    /// That an item is taken back.
    Withdraw(Withdraw),
    /// That it is out again.
    Restore(Restore),
    /// That another item takes the place of one.
    Correct(Correct),
    /// That all goes on in another log.
    Succession(Succession),
}

impl Body {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Root(_) => Kind::Root,
            Self::Collection(_) => Kind::Collection,
            Self::Accession(_) => Kind::Accession,
            Self::Release(_) => Kind::Release,
            Self::Withdraw(_) => Kind::Withdraw,
            Self::Restore(_) => Kind::Restore,
            Self::Correct(_) => Kind::Correct,
            Self::Succession(_) => Kind::Succession,
        }
    }
}

/// `root`: whose signatures count from here on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Root {
    /// 1 for the first, one more for each that follows.
    pub version: u64,
    /// The keys of the editors: type `0x01`, each key and each name once.
    #[serde(with = "texts")]
    pub editors: Vec<Verifier>,
    /// How many editors it takes.
    pub threshold: u64,
    /// The keys of witnesses: type `0x04`.
    #[serde(with = "texts")]
    pub witnesses: Vec<Verifier>,
    /// The key of the log; its name is the origin.
    #[serde(with = "text")]
    pub log: Verifier,
    /// Those who keep shares of sealed tranches, as recipients of age. May be left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub custodians: Vec<String>,
}

/// `collection`: how a collection is presented; the latest one counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Its name for people: one line, not empty.
    pub title: String,
    /// What it is and where it comes from, in plain text; may be empty.
    pub about: String,
}

/// `accession`: what was taken in, as original entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accession {
    /// How many original entries it has.
    pub count: u64,
    /// The log index of the first.
    pub first_leaf: u64,
    /// The log index of the last.
    pub last_leaf: u64,
}

/// `release`: a tranche that is out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// The tranche, from 1.
    pub tranche: Tranche,
    /// The release's own title: one line, may be empty.
    pub title: String,
    /// How many items, and so document entries, it has.
    pub item_count: u64,
    /// The log index of the first document entry.
    pub first_leaf: u64,
    /// The log index of the last.
    pub last_leaf: u64,
    /// Its volumes, in the order of their items.
    #[serde(deserialize_with = "objects")]
    pub volumes: Vec<ReleasedVolume>,
    /// When it is published.
    #[serde(with = "instant")]
    pub published_at: Instant,
}

/// A volume of a release, as it was when the release was made; a withdrawal rewrites volumes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleasedVolume {
    /// Path in the public tree: `volume/<collection>/<tranche>.<n>.zip`, n from 1.
    pub path: String,
    /// Size of the file.
    pub size_bytes: u64,
    /// SHA-256 of the file.
    #[serde(with = "text")]
    pub sha256: ContentHash,
}

/// `withdraw`: an item is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdraw {
    /// The log index of its document entry.
    pub leaf: u64,
    /// Its number.
    pub number: ItemNumber,
    /// How far it goes.
    pub mode: WithdrawMode,
    /// Why.
    pub reason: WithdrawReason,
    /// Whose law, such as `FR`; one line. May be left out.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub jurisdiction: Option<String>,
    /// When it ends by itself. May be left out.
    #[serde(default, with = "instant_present", skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// What readers are told, in plain text. May be left out. Never names or contents.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// `restore`: a withdrawn item is out again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restore {
    /// The log index of its document entry.
    pub leaf: u64,
    /// Its number.
    pub number: ItemNumber,
    /// What readers are told, in plain text. May be left out.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// `correct`: another document takes the place of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correct {
    /// The log index of the document entry that is corrected.
    pub leaf: u64,
    /// That of the document entry in its place.
    pub replacement_leaf: u64,
    /// Why, in plain text; not empty.
    pub reason: String,
}

/// `succession`: the log that the statement names as its origin ends, and another goes on. Judged by
/// the authority of the old log, whose editors outlive its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Succession {
    /// How much of the old log is good: entries from here on are not.
    pub last_size: u64,
    /// The root of the old log at that size.
    #[serde(with = "text")]
    pub last_root: NodeHash,
    /// The key of the new log; its name is the new origin.
    #[serde(with = "text")]
    pub log: Verifier,
}

/// Refuses with a reason.
fn require(holds: bool, reason: &str) -> Result<(), Malformed> {
    if holds { Ok(()) } else { Err(Malformed::new(FORMAT, reason)) }
}

/// One line without control characters.
fn line(text: &str, bytes_max: usize, reason: &str) -> Result<(), Malformed> {
    require(text.len() <= bytes_max && !text.chars().any(char::is_control), reason)
}

/// Lines without other control characters.
fn lines(text: &str, reason: &str) -> Result<(), Malformed> {
    let is_bad = |letter: char| letter.is_control() && letter != '\n';
    require(text.len() <= TEXT_BYTES_MAX && !text.chars().any(is_bad), reason)
}

/// So many leaves between these two, both in the range of a tree.
fn leaves(count: u64, first: u64, last: u64) -> Result<(), Malformed> {
    require(first <= last && last < TREE_SIZE_MAX, "its leaves are no range of a log")?;
    require(count > 0 && count - 1 <= last - first, "it counts more entries than its leaves, or none")
}

fn leaf(leaf: u64) -> Result<(), Malformed> {
    require(leaf < TREE_SIZE_MAX, "its leaf is beyond any log")
}

const TEXT_REASON: &str = "its text is too long or has control characters";

/// All that can be checked without a log.
pub(super) fn check(terms: &Terms) -> Result<(), Malformed> {
    let is_of_log = matches!(terms.body, Body::Root(_) | Body::Succession(_));
    require(terms.collection.is_none() || !is_of_log, "its kind names no collection")?;
    match (&terms.body, &terms.collection) {
        (Body::Root(root), _) => root.check(terms),
        (Body::Succession(succession), _) => succession.check(terms),
        (_, None) => require(false, "it does not name its collection"),
        (Body::Collection(description), _) => {
            let Description { title, about } = description;
            line(title, TITLE_BYTES_MAX, "its title is too long or has control characters")?;
            require(!title.is_empty(), "its title is empty")?;
            lines(about, TEXT_REASON)
        }
        (Body::Accession(accession), _) => leaves(accession.count, accession.first_leaf, accession.last_leaf),
        (Body::Release(release), Some(collection)) => release.check(collection),
        (Body::Withdraw(withdraw), _) => {
            leaf(withdraw.leaf)?;
            require(withdraw.number.0 > 0, "its number is not from 1")?;
            let jurisdiction = withdraw.jurisdiction.as_deref();
            require(jurisdiction != Some(""), "its jurisdiction is empty")?;
            line(jurisdiction.unwrap_or_default(), JURISDICTION_BYTES_MAX, "its jurisdiction is not one short line")?;
            lines(withdraw.text.as_deref().unwrap_or_default(), TEXT_REASON)
        }
        (Body::Restore(restore), _) => {
            leaf(restore.leaf)?;
            require(restore.number.0 > 0, "its number is not from 1")?;
            lines(restore.text.as_deref().unwrap_or_default(), TEXT_REASON)
        }
        (Body::Correct(correct), _) => {
            leaf(correct.leaf)?;
            leaf(correct.replacement_leaf)?;
            require(correct.leaf != correct.replacement_leaf, "it replaces a leaf by itself")?;
            require(!correct.reason.is_empty(), "its reason is empty")?;
            lines(&correct.reason, TEXT_REASON)
        }
    }
}

impl Root {
    fn check(&self, terms: &Terms) -> Result<(), Malformed> {
        // What follows a root is signed under it: one version holds the chain together.
        require(
            self.version.checked_sub(1) == Some(terms.root_version),
            "its version does not follow its root_version",
        )?;
        require((1..=EDITORS_MAX).contains(&self.editors.len()), "it has no editors, or more than 32")?;
        require(self.witnesses.len() <= WITNESSES_MAX, "it has more than 63 witnesses")?;
        let editors = self.editors.len() as u64;
        require(
            (1..=editors).contains(&self.threshold),
            "its threshold is not between 1 and the number of its editors",
        )?;
        let signs_notes = |key: &Verifier| key.algorithm() == Algorithm::Ed25519;
        require(self.editors.iter().all(signs_notes), "the key of an editor is not of type 0x01")?;
        require(signs_notes(&self.log), "the key of the log is not of type 0x01")?;
        require(!self.witnesses.iter().any(signs_notes), "the key of a witness is not of type 0x04")?;
        require(self.log.name().as_str() == terms.origin.as_str(), "the name of the log's key is not the origin")?;
        // One key is one person: two names for it would let one sign for two. And the log's key, which
        // is online, must never count as an editor's.
        let mut keys = HashSet::from([self.log.public_key()]);
        let mut others = self.editors.iter().chain(&self.witnesses);
        require(others.all(|key| keys.insert(key.public_key())), "one key is named twice")?;
        let mut names = HashSet::new();
        require(self.editors.iter().all(|key| names.insert(key.name())), "two editors have one name")?;
        require(self.custodians.len() <= CUSTODIANS_MAX, "it has more than 64 custodians")?;
        let is_recipient = |text: &String| {
            let plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
            text.starts_with("age1") && text.len() <= RECIPIENT_BYTES_MAX && plain
        };
        require(self.custodians.iter().all(is_recipient), "a custodian is no recipient of age")
    }
}

impl Release {
    fn check(&self, collection: &CollectionId) -> Result<(), Malformed> {
        require(self.tranche.0 > 0, "its tranche is not from 1")?;
        line(&self.title, TITLE_BYTES_MAX, "its title is too long or has control characters")?;
        leaves(self.item_count, self.first_leaf, self.last_leaf)?;
        require(!self.volumes.is_empty(), "it has no volumes")?;
        // Paths are told, not chosen, so none leads out of the tree.
        let is_placed =
            |(index, volume): (usize, &ReleasedVolume)| volume.path == volume_path(collection, self.tranche, index + 1);
        require(self.volumes.iter().enumerate().all(is_placed), "a volume is not where it belongs")
    }
}

impl Succession {
    fn check(&self, terms: &Terms) -> Result<(), Malformed> {
        require(self.last_size <= TREE_SIZE_MAX, "its size is beyond any log")?;
        require(self.log.algorithm() == Algorithm::Ed25519, "the key of the new log is not of type 0x01")?;
        require(self.log.name().as_str() != terms.origin.as_str(), "the new log has the origin of the old one")
    }
}
