//! One item with its proof: a C2SP tlog-proof of its document entry, which carries what else it takes to
//! see offline that the editors released it.
//!
//! The format is described for other languages in `docs/formats/item-proof.md`.

use frelon_log::{
    NodeHash, Policy, Proof,
    merkle::{PROOF_HASHES_MAX, ProofError, leaf_hash, verify_inclusion},
    proof::{EXTRA_BYTES_MAX, PROOF_BYTES_MAX, VerifyError},
};
use frelon_model::{CollectionId, ContentHash, Instant, ItemNumber, Tranche};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Freshness, Witness, tree::witnesses};
use crate::{
    Authority, DocumentEntry, Entry, Ledger, LogReader, Malformed, Opening, OpeningError, ReadError, Refused,
    Statement, commitment, statement::Body,
};

/// The longest proof of an item.
pub const ITEM_PROOF_BYTES_MAX: usize = PROOF_BYTES_MAX;

/// The version of what a proof carries.
const VERSION: u64 = 1;
/// Statements in one proof: roots, and the release. A log has few roots.
const STATEMENTS_MAX: usize = 64;

/// What a proof carries beside the path, as JSON in its extra data.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Extra {
    v: u64,
    /// The document entry, as it is logged.
    entry: String,
    /// The line of the opening, without its newline.
    opening: String,
    /// The roots up to the release, then the release.
    statements: Vec<Stated>,
}

/// A statement with its own way to the root of the checkpoint.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stated {
    index: u64,
    /// The statement, as it is logged.
    entry: String,
    path: Vec<String>,
}

/// Why no proof can be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MakeProofError {
    /// The log cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The leaf is no item that was released.
    #[error("leaf {0} of the log is no released item")]
    NoItem(u64),
    /// The opening is not the one that the log commits to.
    #[error("the opening is not the one that leaf {0} commits to")]
    OtherOpening(u64),
    /// It would be longer than a proof may be.
    #[error("the proof would be longer than 64 KiB: the statements it needs are too long")]
    TooLong,
}

/// Why an item is not proved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ItemError {
    /// The file is no proof of an item.
    #[error("the proof cannot be read: {0}")]
    Malformed(String),
    /// The checkpoint is not what the policy asks for, or the entry is not in the log.
    #[error(transparent)]
    Log(#[from] VerifyError),
    /// A statement in it is not in the log.
    #[error("a statement in the proof is not in the log: {0}")]
    Statement(ProofError),
    /// A statement in it does not count.
    #[error("the editors did not release this: {0}")]
    Refused(Refused),
    /// The release in it is not that of the item.
    #[error("the release in the proof is not the one of this item")]
    OtherRelease,
    /// The opening is not the one that the log commits to.
    #[error("the opening in the proof is not the one that the log commits to")]
    OtherOpening,
    /// The bytes are not those of the item.
    #[error("the file is not the item: it has {size_bytes} bytes and SHA-256 {content}, the item has {} and {}", .expected.0, .expected.1)]
    OtherBytes {
        /// Bytes of the file.
        size_bytes: u64,
        /// Its SHA-256.
        content: ContentHash,
        /// What the item has.
        expected: (u64, ContentHash),
    },
}

/// What was proved of an item. Not proved: that it was not withdrawn since, and that no later root of
/// editors was in force when it was released; both take the log itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemVerdict {
    /// The log.
    pub origin: String,
    /// Its size as of the proof.
    pub log_size: u64,
    /// The item's leaf.
    pub leaf: u64,
    /// The collection.
    pub collection: CollectionId,
    /// The tranche it was released with.
    pub tranche: Tranche,
    /// Its number.
    pub number: ItemNumber,
    /// What it is.
    pub opening: Opening,
    /// When it was published, as the editors say.
    pub published_at: Instant,
    /// The editors who signed the release.
    pub editors: Vec<String>,
    /// The witnesses that cosigned the checkpoint.
    pub witnesses: Vec<Witness>,
    /// Whether they did so lately.
    pub freshness: Freshness,
}

impl From<Malformed> for ItemError {
    fn from(error: Malformed) -> Self {
        Self::Malformed(error.to_string())
    }
}

impl From<OpeningError> for ItemError {
    fn from(error: OpeningError) -> Self {
        Self::Malformed(error.to_string())
    }
}

fn text(bytes: Vec<u8>, leaf: u64) -> Result<String, MakeProofError> {
    // Entries that count are text.
    String::from_utf8(bytes).map_err(|_| MakeProofError::NoItem(leaf))
}

/// Makes the proof of a released item, against the checkpoint of the reader: some 3 kB, more where the
/// editors changed often. The opening's line is given without its newline.
///
/// # Errors
/// When the leaf is no released item, the opening is another, or the log cannot be read.
pub fn make_proof(reader: &LogReader, ledger: &Ledger, leaf: u64, opening: &[u8]) -> Result<Vec<u8>, MakeProofError> {
    let item = ledger.item(leaf).ok_or(MakeProofError::NoItem(leaf))?;
    let entry = reader.entry_bytes(leaf)?.ok_or(MakeProofError::NoItem(leaf))?;
    let Ok(Entry::Document(document)) = Entry::parse(&entry) else { return Err(MakeProofError::NoItem(leaf)) };
    if commitment(opening) != document.commitment {
        return Err(MakeProofError::OtherOpening(leaf));
    }
    let release = item.release.statement_leaf;
    let roots = ledger.roots().iter().map(|(index, _)| *index).filter(|index| *index < release);
    let mut statements = Vec::new();
    for index in roots.chain([release]) {
        let entry = reader.entry_bytes(index)?.ok_or(MakeProofError::NoItem(leaf))?;
        let path = reader.inclusion_proof(index)?.iter().map(NodeHash::to_string).collect();
        statements.push(Stated { index, entry: text(entry, leaf)?, path });
    }
    let opening = text(opening.to_vec(), leaf)?;
    let extra = Extra { v: VERSION, entry: text(entry, leaf)?, opening, statements };
    let extra = serde_json::to_vec(&extra).expect("strings and numbers always serialise");
    if extra.len() > EXTRA_BYTES_MAX {
        return Err(MakeProofError::TooLong);
    }
    let (path, checkpoint) = (reader.inclusion_proof(leaf)?, reader.checkpoint().clone());
    Ok(Proof { extra: Some(extra), index: leaf, path, checkpoint }.to_string().into_bytes())
}

/// Checks an item by its proof and a policy, offline: that these bytes are what the opening says, that
/// the log commits to the opening, that the log and its witnesses signed for the log, and that enough
/// editors signed the release the item belongs to.
///
/// # Errors
/// When anything of it does not hold, and what.
pub fn verify_item(item: &[u8], proof: &[u8], policy: &Policy, now: Option<Instant>) -> Result<ItemVerdict, ItemError> {
    let malformed = |reason: &str| ItemError::Malformed(reason.to_owned());
    let proof = Proof::parse(proof).map_err(|error| ItemError::Malformed(error.to_string()))?;
    let extra = proof.extra.as_deref().ok_or_else(|| malformed("it carries no opening and no statements"))?;
    let extra: Extra = serde_json::from_slice(extra).map_err(|error| ItemError::Malformed(error.to_string()))?;
    if extra.v != VERSION {
        return Err(malformed("it is of a version that is not known here"));
    }
    if !(2..=STATEMENTS_MAX).contains(&extra.statements.len()) {
        return Err(malformed("it has not a root and a release, or too many statements"));
    }
    let Entry::Document(document) = Entry::parse(extra.entry.as_bytes())? else {
        return Err(malformed("its entry is not that of a document"));
    };
    let checked = proof.verify(leaf_hash(extra.entry.as_bytes()), policy, now)?;
    let mut authority = Authority::new(policy.logs()[checked.log].key.clone());
    let mut last: Option<(u64, Statement, Vec<String>)> = None;
    for stated in &extra.statements {
        if last.as_ref().is_some_and(|(before, ..)| *before >= stated.index) {
            return Err(malformed("its statements are not in the order of the log"));
        }
        if stated.path.len() > PROOF_HASHES_MAX {
            return Err(malformed("a path in it has more than 63 hashes"));
        }
        let path: Result<Vec<NodeHash>, _> = stated.path.iter().map(|hash| hash.parse()).collect();
        let path = path.map_err(|_| malformed("a hash in it is not the base64 of 32 bytes"))?;
        let leaf = leaf_hash(stated.entry.as_bytes());
        verify_inclusion(leaf, stated.index, &path, proof.checkpoint.head()).map_err(ItemError::Statement)?;
        let statement = Statement::parse(stated.entry.as_bytes())?;
        let approval = authority.accept(&statement).map_err(ItemError::Refused)?;
        let editors = approval.editors.iter().map(ToString::to_string).collect();
        last = Some((stated.index, statement, editors));
    }
    let (released_by, statement, editors) = last.expect("there are two at least");
    let published_at = published(&statement, &document, proof.index, released_by)?;
    let opening = Opening::parse(extra.opening.as_bytes())?;
    if commitment(extra.opening.as_bytes()) != document.commitment {
        return Err(ItemError::OtherOpening);
    }
    let (size_bytes, content) = (item.len() as u64, ContentHash(Sha256::digest(item).into()));
    if (size_bytes, content) != (opening.size_bytes, opening.content) {
        let expected = (opening.size_bytes, opening.content);
        return Err(ItemError::OtherBytes { size_bytes, content, expected });
    }
    let witnesses = witnesses(policy, &checked);
    Ok(ItemVerdict {
        origin: proof.checkpoint.checkpoint().origin.to_string(),
        log_size: proof.checkpoint.head().size,
        leaf: proof.index,
        collection: document.collection,
        tranche: document.tranche,
        number: document.number,
        opening,
        published_at,
        editors,
        freshness: Freshness::of(&witnesses, now),
        witnesses,
    })
}

/// When the release was published, if it is that of the document.
fn published(
    statement: &Statement,
    document: &DocumentEntry,
    leaf: u64,
    released_by: u64,
) -> Result<Instant, ItemError> {
    let Body::Release(release) = statement.body() else { return Err(ItemError::OtherRelease) };
    let is_own = statement.terms().collection.as_ref() == Some(&document.collection)
        && release.tranche == document.tranche
        && (release.first_leaf..=release.last_leaf).contains(&leaf)
        && release.last_leaf < released_by;
    if is_own { Ok(release.published_at) } else { Err(ItemError::OtherRelease) }
}
