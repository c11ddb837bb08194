//! What the catalog and the index answer with. Plain data; owned; safe to hand to any thread.

use frelon_mail::dkim::{DkimState, Provenance};
use frelon_model::{
    Address, CollectionId, ContentHash, Instant, ItemKey, ItemNumber, Problem, Tranche, YearMonth, ZonedInstant,
};
use serde::{Deserialize, Serialize};

/// A collection and its figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectionRecord {
    /// Its name in URLs.
    pub id: CollectionId,
    /// Its title.
    pub title: String,
    /// What it is and where it comes from, plain text, may be empty.
    pub about: String,
    /// Items that are out.
    pub item_count: u64,
    /// Threads.
    pub thread_count: u64,
    /// People (distinct addresses).
    pub person_count: u64,
    /// Attachments.
    pub attachment_count: u64,
    /// Messages that are referred to but not here.
    pub ghost_count: u64,
    /// Items with at least one problem.
    pub problem_count: u64,
    /// Raw size of all items, in bytes.
    pub size_bytes: u64,
    /// Earliest and latest sorting date.
    pub first_at: Option<Instant>,
    /// Latest sorting date.
    pub last_at: Option<Instant>,
    /// Items without a usable date.
    pub undated_count: u64,
    /// Languages by number of items, most frequent first (ISO 639-1 code, count).
    pub languages: Vec<(String, u64)>,
}

/// A release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReleaseRecord {
    /// The collection.
    pub collection: CollectionId,
    /// Its tranche.
    pub tranche: Tranche,
    /// When it went out.
    pub published_at: Instant,
    /// Title, may be empty.
    pub title: String,
    /// Items in it.
    pub item_count: u64,
    /// First item.
    pub first: ItemNumber,
    /// Last item.
    pub last: ItemNumber,
    /// Its volumes.
    pub volumes: Vec<VolumeRecord>,
}

/// A volume file of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeRecord {
    /// Path in the public tree.
    pub path: String,
    /// Length of the file.
    pub size_bytes: u64,
    /// SHA-256 of the file.
    pub sha256: ContentHash,
}

/// An item as lists, threads and hits show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ItemRecord {
    /// Collection and number.
    #[serde(flatten)]
    pub key: ItemKey,
    /// Subject, decoded, may be empty.
    pub subject: String,
    /// First author, if any.
    pub from: Option<Address>,
    /// First primary recipient, if any.
    pub to: Option<Address>,
    /// Number of recipients in To, Cc and Bcc.
    pub recipient_count: u32,
    /// Date field as claimed.
    pub sent: Option<ZonedInstant>,
    /// Received.
    pub received_at: Option<Instant>,
    /// The date it is sorted by: sent where that is possible, else received.
    pub sorted_at: Option<Instant>,
    /// When it was published.
    pub published_at: Instant,
    /// Raw size in bytes.
    pub size_bytes: u64,
    /// Attachments.
    pub attachment_count: u32,
    /// Language of its own text (ISO 639-1), if known.
    pub language: Option<String>,
    /// What its signatures prove, at best; `None` for what is no mail.
    pub dkim: Option<DkimState>,
    /// List-Id, if any.
    pub list_id: Option<String>,
    /// Message-ID, if any.
    pub message_id: Option<String>,
    /// Number of the first item of its thread.
    pub thread: ItemNumber,
    /// The tranche it came out with.
    pub tranche: Tranche,
    /// Index of its document entry in the log.
    pub leaf: u64,
    /// SHA-256 of the published bytes.
    pub content: ContentHash,
    /// Media type; `message/rfc822` for mail.
    pub media_type: String,
    /// What was wrong with it.
    pub problems: Vec<Problem>,
}

/// Where an item's deflate stream lies, for serving it without inflating.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamRecord {
    /// Volume file, absolute.
    pub volume: std::path::PathBuf,
    /// Offset of the first byte of the raw deflate stream (RFC 1951).
    pub offset_bytes: u64,
    /// Its length.
    pub compressed_bytes: u64,
    /// Length when inflated.
    pub size_bytes: u64,
    /// CRC-32 of the inflated bytes (for gzip framing, RFC 1952).
    pub crc32: u32,
}

/// A thread in reading order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ThreadRecord {
    /// The number that names it: its first item.
    pub thread: ItemNumber,
    /// Subject of its first item.
    pub subject: String,
    /// Total of its nodes, ghosts not counted.
    pub item_count: u64,
    /// Depth-first, siblings by date.
    pub nodes: Vec<ThreadNode>,
}

/// One place in a thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ThreadNode {
    /// Depth; 0 for the root.
    pub depth: u32,
    /// Whether the link to its parent is inferred from the subject, not from the header fields.
    pub inferred: bool,
    /// The item, or the Message-ID of a ghost.
    pub entry: ThreadEntry,
}

/// A present or absent message of a thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThreadEntry {
    /// In the archive.
    Item(Box<ItemRecord>),
    /// Referred to but not in the archive.
    Ghost(String),
}

/// A person: one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonRecord {
    /// Key: the addr-spec in lower case (or the name where there is none).
    pub key: String,
    /// Name most often seen with it.
    pub name: String,
    /// Items sent.
    pub sent_count: u64,
    /// Items received (To, Cc, Bcc).
    pub received_count: u64,
    /// First seen.
    pub first_at: Option<Instant>,
    /// Last seen.
    pub last_at: Option<Instant>,
}

/// Items of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MonthCount {
    /// The month.
    pub month: YearMonth,
    /// Items sorted into it.
    pub count: u64,
}

/// Items of a year with one grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct GradeCount {
    /// The year they are sorted into; `None` for those without a usable date.
    pub year: Option<i16>,
    /// What their signatures prove, at best.
    pub grade: DkimState,
    /// How many they are.
    pub count: u64,
}

/// A key that signatures rest on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningKey {
    /// Which key it is, whatever the record around it.
    pub fingerprint: String,
    /// Its size in bits.
    pub bits: u32,
    /// How it came to be known.
    pub provenance: Provenance,
    /// Where it comes from.
    pub source: String,
    /// When it was first seen under its selector.
    pub first_seen_at: Option<Instant>,
    /// When it was last seen there.
    pub last_seen_at: Option<Instant>,
}

/// Items signed with one key, or under one selector whose key is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SigningKeyRecord {
    /// `d=` in lower case; empty, as the selector is, for all that are beyond what is counted by name.
    pub signing_domain: String,
    /// `s=` in lower case.
    pub selector: String,
    /// The key; `None` where it is not known.
    pub key: Option<SigningKey>,
    /// Items with a signature of it.
    pub item_count: u64,
    /// Items of which such a signature holds.
    pub passed_count: u64,
    /// Earliest sorting date of these items.
    pub first_at: Option<Instant>,
    /// Latest sorting date of these items.
    pub last_at: Option<Instant>,
}

/// A page of a list, with the cursors to go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Cursor of the next page; `None` on the last.
    pub next: Option<String>,
}

/// How a list of a collection is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ListOrder {
    /// By number, first to last.
    #[default]
    Number,
    /// By sorting date, oldest first, undated last.
    Oldest,
    /// By sorting date, newest first, undated last.
    Newest,
}

/// How people are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PeopleOrder {
    /// Most items sent and received first.
    #[default]
    Busiest,
    /// By address.
    Address,
}

/// An attachment found by its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttachmentRecord {
    /// The item that carries it.
    #[serde(flatten)]
    pub key: ItemKey,
    /// Index of the part.
    pub part: u32,
    /// File name, may be empty.
    pub name: String,
    /// Media type as declared.
    pub media_type: String,
    /// Size after decoding.
    pub size_bytes: u64,
    /// SHA-256 of the decoded bytes.
    pub content: ContentHash,
}
