//! What `build` hands to the catalog for one item.

use frelon_mail::dkim::{AssessedSignature, DkimState};
use frelon_model::{Address, ContentHash, Instant, ItemNumber, Problem, ZonedInstant};

use super::CollectionNo;

/// Everything the catalog keeps of one item.
#[derive(Debug, Clone)]
pub(crate) struct ItemRow {
    pub(crate) collection: CollectionNo,
    pub(crate) number: ItemNumber,
    pub(crate) tranche: u32,
    pub(crate) stream: StreamRow,
    pub(crate) content: ContentHash,
    /// Empty for `message/rfc822`.
    pub(crate) media_type: String,
    pub(crate) subject: String,
    pub(crate) people: Vec<(PersonRole, Address)>,
    pub(crate) sent: Option<ZonedInstant>,
    pub(crate) received_at: Option<Instant>,
    pub(crate) sorted_at: Option<Instant>,
    pub(crate) language: Option<&'static str>,
    /// Grade of its signatures; `None` for what is no mail.
    pub(crate) dkim: Option<DkimState>,
    /// Its signatures.
    pub(crate) signatures: Vec<AssessedSignature>,
    pub(crate) list_id: Option<String>,
    pub(crate) message_id: Option<String>,
    /// Hash of the Message-ID, for links.
    pub(crate) message_hash: Option<u64>,
    /// Hashes of the messages referred to, oldest first.
    pub(crate) references: Vec<u64>,
    /// Hash of the base subject; 0 for none.
    pub(crate) base_subject: u64,
    pub(crate) is_reply: bool,
    pub(crate) attachments: Vec<AttachmentRow>,
    pub(crate) problems: Vec<Problem>,
    /// Index of its document entry in the log.
    pub(crate) leaf: u64,
    /// Its opening as [`super::opening::pack`] has it.
    pub(crate) opening: Vec<u8>,
}

/// Where the deflate stream lies in its volume.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StreamRow {
    pub(crate) volume: u32,
    pub(crate) offset_bytes: u64,
    pub(crate) compressed_bytes: u64,
    pub(crate) size_bytes: u64,
    pub(crate) crc32: u32,
}

/// One attachment.
#[derive(Debug, Clone)]
pub(crate) struct AttachmentRow {
    pub(crate) part: u32,
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) size_bytes: u64,
    pub(crate) content: ContentHash,
}

/// In which field a person stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PersonRole {
    From,
    To,
    Cc,
    Bcc,
}
