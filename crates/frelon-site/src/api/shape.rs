//! The JSON forms of the API, kept apart from the types inside so that neither binds the other.
//!
//! Instants are RFC 3339 text in UTC, hashes 64 hexadecimal digits, sizes bytes, links paths from the
//! root of this site. Every form here is described in `openapi.json`, and a test holds the two together.

use frelon_index::{
    AttachmentRecord, CollectionRecord, ItemRecord, MonthCount, PersonRecord, ReleaseRecord, ThreadEntry, ThreadRecord,
};
use frelon_mail::{
    BlockKind, Message, Part, PartRole,
    dkim::{Authentication, DkimState},
};
use frelon_model::{Address, CollectionId, Instant, ItemKey, ItemNumber, Problem, ZonedInstant};
use serde::Serialize;

use super::authenticity::{AuthenticationForm, authentication};
use crate::{link, raw::part_name};

/// A date as its sender stated it.
#[derive(Serialize)]
pub(crate) struct SentForm {
    at: String,
    offset_minutes: i16,
}

/// Where to find an item's other forms.
#[derive(Serialize)]
struct ItemLinks {
    html: String,
    raw: String,
    api: String,
    thread: String,
    proof: String,
}

/// An item in lists, hits and threads.
#[derive(Serialize)]
pub(crate) struct ItemForm<'a> {
    collection: &'a CollectionId,
    number: ItemNumber,
    subject: &'a str,
    from: Option<&'a Address>,
    to: Option<&'a Address>,
    recipient_count: u32,
    sent: Option<SentForm>,
    received_at: Option<String>,
    sorted_at: Option<String>,
    published_at: String,
    size_bytes: u64,
    attachment_count: u32,
    language: Option<&'a str>,
    dkim: Option<DkimState>,
    list_id: Option<&'a str>,
    message_id: Option<&'a str>,
    thread: ItemNumber,
    tranche: u32,
    leaf: u64,
    sha256: String,
    media_type: &'a str,
    problems: Vec<ProblemForm<'a>>,
    links: ItemLinks,
}

/// What was wrong with an item.
#[derive(Serialize)]
struct ProblemForm<'a> {
    code: &'static str,
    detail: &'a str,
}

/// An item with everything that is known of it.
#[derive(Serialize)]
pub(crate) struct FullItemForm<'a> {
    #[serde(flatten)]
    item: ItemForm<'a>,
    previous: Option<ItemNumber>,
    next: Option<ItemNumber>,
    authentication: Option<AuthenticationForm<'a>>,
    message: MessageForm<'a>,
}

/// A message: its fields, body and parts.
#[derive(Serialize)]
struct MessageForm<'a> {
    message_ids: Vec<&'a str>,
    in_reply_to: Vec<&'a str>,
    references: Vec<&'a str>,
    from: &'a [Address],
    sender: Option<&'a Address>,
    reply_to: &'a [Address],
    to: &'a [Address],
    cc: &'a [Address],
    bcc: &'a [Address],
    fields: Vec<FieldForm<'a>>,
    body: Vec<BlockForm<'a>>,
    parts: Vec<PartForm<'a>>,
}

#[derive(Serialize)]
struct FieldForm<'a> {
    name: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct BlockForm<'a> {
    kind: &'static str,
    depth: u8,
    text: &'a str,
}

#[derive(Serialize)]
struct PartForm<'a> {
    index: usize,
    media_type: &'a str,
    charset: Option<&'a str>,
    name: String,
    content_id: Option<&'a str>,
    role: &'static str,
    depth: u8,
    size_bytes: u64,
    sha256: Option<String>,
    link: String,
}

/// A collection and its figures.
#[derive(Serialize)]
pub(crate) struct CollectionForm<'a> {
    id: &'a CollectionId,
    title: &'a str,
    about: &'a str,
    item_count: u64,
    thread_count: u64,
    person_count: u64,
    attachment_count: u64,
    ghost_count: u64,
    problem_count: u64,
    undated_count: u64,
    size_bytes: u64,
    first_at: Option<String>,
    last_at: Option<String>,
    languages: Vec<LanguageForm<'a>>,
    link: String,
}

#[derive(Serialize)]
struct LanguageForm<'a> {
    code: &'a str,
    count: u64,
}

/// A thread in reading order.
#[derive(Serialize)]
pub(crate) struct ThreadForm<'a> {
    thread: ItemNumber,
    subject: &'a str,
    item_count: u64,
    nodes: Vec<NodeForm<'a>>,
}

#[derive(Serialize)]
struct NodeForm<'a> {
    depth: u32,
    inferred: bool,
    item: Option<ItemForm<'a>>,
    ghost: Option<&'a str>,
}

/// A person: one address.
#[derive(Serialize)]
pub(crate) struct PersonForm<'a> {
    key: &'a str,
    name: &'a str,
    sent_count: u64,
    received_count: u64,
    first_at: Option<String>,
    last_at: Option<String>,
    link: String,
}

/// Items of a month.
#[derive(Serialize)]
pub(crate) struct MonthForm {
    month: String,
    count: u64,
}

/// A release.
#[derive(Serialize)]
pub(crate) struct ReleaseForm<'a> {
    collection: &'a CollectionId,
    tranche: u32,
    published_at: String,
    title: &'a str,
    item_count: u64,
    first: ItemNumber,
    last: ItemNumber,
    volumes: Vec<VolumeForm<'a>>,
}

#[derive(Serialize)]
struct VolumeForm<'a> {
    path: &'a str,
    size_bytes: u64,
    sha256: String,
}

/// An attachment found by its content.
#[derive(Serialize)]
pub(crate) struct AttachmentForm<'a> {
    collection: &'a CollectionId,
    number: ItemNumber,
    part: u32,
    name: &'a str,
    media_type: &'a str,
    size_bytes: u64,
    sha256: String,
    link: String,
}

/// A list, with the cursor of its next page.
#[derive(Serialize)]
pub(crate) struct ListForm<T> {
    pub(crate) rows: Vec<T>,
    pub(crate) next: Option<String>,
}

pub(crate) fn instant(at: Instant) -> String {
    at.to_rfc3339()
}

fn sent(at: ZonedInstant) -> SentForm {
    SentForm { at: instant(at.at), offset_minutes: at.offset_minutes }
}

fn problems(problems: &[Problem]) -> Vec<ProblemForm<'_>> {
    problems.iter().map(|problem| ProblemForm { code: problem.kind.code(), detail: &problem.detail }).collect()
}

/// Path of a collection in the API.
fn api_collection(id: &CollectionId) -> String {
    format!("/api/v1/collections/{id}")
}

/// An item as lists show it.
pub(crate) fn item(record: &ItemRecord) -> ItemForm<'_> {
    let key = &record.key;
    ItemForm {
        collection: &key.collection,
        number: key.number,
        subject: &record.subject,
        from: record.from.as_ref(),
        to: record.to.as_ref(),
        recipient_count: record.recipient_count,
        sent: record.sent.map(sent),
        received_at: record.received_at.map(instant),
        sorted_at: record.sorted_at.map(instant),
        published_at: instant(record.published_at),
        size_bytes: record.size_bytes,
        attachment_count: record.attachment_count,
        language: record.language.as_deref(),
        dkim: record.dkim,
        list_id: record.list_id.as_deref(),
        message_id: record.message_id.as_deref(),
        thread: record.thread,
        tranche: record.tranche.0,
        leaf: record.leaf,
        sha256: record.content.to_string(),
        media_type: &record.media_type,
        problems: problems(&record.problems),
        links: ItemLinks {
            html: link::item(key),
            raw: link::raw(key),
            api: format!("{}/items/{}", api_collection(&key.collection), key.number),
            thread: format!("{}/items/{}/thread", api_collection(&key.collection), key.number),
            proof: link::proof(key),
        },
    }
}

/// An item with its message. `attachments` gives the hashes that are known, `found` what its signatures prove.
pub(crate) fn full_item<'a>(
    record: &'a ItemRecord,
    message: &'a Message,
    attachments: &[AttachmentRecord],
    neighbours: (Option<ItemNumber>, Option<ItemNumber>),
    found: Option<&'a Authentication>,
) -> FullItemForm<'a> {
    let ids = |ids: &'a [frelon_model::MessageId]| ids.iter().map(frelon_model::MessageId::as_str).collect();
    FullItemForm {
        item: item(record),
        previous: neighbours.0,
        next: neighbours.1,
        authentication: found.map(authentication),
        message: MessageForm {
            message_ids: ids(&message.message_ids),
            in_reply_to: ids(&message.in_reply_to),
            references: ids(&message.references),
            from: &message.from,
            sender: message.sender.as_ref(),
            reply_to: &message.reply_to,
            to: &message.to,
            cc: &message.cc,
            bcc: &message.bcc,
            fields: message.fields.iter().map(|field| FieldForm { name: &field.name, value: &field.value }).collect(),
            body: message.body.iter().map(block).collect(),
            parts: message
                .parts
                .iter()
                .enumerate()
                .map(|(index, found)| part(&record.key, index, found, attachments))
                .collect(),
        },
    }
}

fn block(block: &frelon_mail::Block) -> BlockForm<'_> {
    let (kind, depth) = match block.kind {
        BlockKind::Own => ("own", 0),
        BlockKind::Quoted(depth) => ("quoted", depth),
        BlockKind::Attribution => ("attribution", 0),
        BlockKind::Signature => ("signature", 0),
        BlockKind::Forwarded => ("forwarded", 0),
    };
    BlockForm { kind, depth, text: &block.text }
}

fn part<'a>(key: &ItemKey, index: usize, part: &'a Part, attachments: &[AttachmentRecord]) -> PartForm<'a> {
    let name = part_name(part, index);
    let hash = attachments.iter().find(|attachment| attachment.part as usize == index);
    PartForm {
        index,
        media_type: &part.media_type,
        charset: part.charset.as_deref(),
        link: link::part(key, index, &name),
        name,
        content_id: part.content_id.as_deref(),
        role: match part.role {
            PartRole::Body => "body",
            PartRole::Alternative => "alternative",
            PartRole::Inline => "inline",
            PartRole::Attachment => "attachment",
            PartRole::Message => "message",
        },
        depth: part.depth,
        size_bytes: part.size_bytes,
        sha256: hash.map(|attachment| attachment.content.to_string()),
    }
}

pub(crate) fn collection(record: &CollectionRecord) -> CollectionForm<'_> {
    CollectionForm {
        id: &record.id,
        title: &record.title,
        about: &record.about,
        item_count: record.item_count,
        thread_count: record.thread_count,
        person_count: record.person_count,
        attachment_count: record.attachment_count,
        ghost_count: record.ghost_count,
        problem_count: record.problem_count,
        undated_count: record.undated_count,
        size_bytes: record.size_bytes,
        first_at: record.first_at.map(instant),
        last_at: record.last_at.map(instant),
        languages: record.languages.iter().map(|(code, count)| LanguageForm { code, count: *count }).collect(),
        link: link::collection(&record.id),
    }
}

pub(crate) fn thread(record: &ThreadRecord) -> ThreadForm<'_> {
    let nodes = record.nodes.iter().map(|node| {
        let (present, ghost) = match &node.entry {
            ThreadEntry::Item(record) => (Some(item(record)), None),
            ThreadEntry::Ghost(message_id) => (None, Some(message_id.as_str())),
        };
        NodeForm { depth: node.depth, inferred: node.inferred, item: present, ghost }
    });
    ThreadForm {
        thread: record.thread,
        subject: &record.subject,
        item_count: record.item_count,
        nodes: nodes.collect(),
    }
}

pub(crate) fn person<'a>(collection: &CollectionId, record: &'a PersonRecord) -> PersonForm<'a> {
    PersonForm {
        key: &record.key,
        name: &record.name,
        sent_count: record.sent_count,
        received_count: record.received_count,
        first_at: record.first_at.map(instant),
        last_at: record.last_at.map(instant),
        link: link::person(collection, &record.key),
    }
}

pub(crate) fn month(record: MonthCount) -> MonthForm {
    MonthForm { month: record.month.to_string(), count: record.count }
}

/// A month of a histogram.
pub(crate) fn bar(&(month, count): &(frelon_model::YearMonth, u64)) -> MonthForm {
    MonthForm { month: month.to_string(), count }
}

pub(crate) fn release(record: &ReleaseRecord) -> ReleaseForm<'_> {
    ReleaseForm {
        collection: &record.collection,
        tranche: record.tranche.0,
        published_at: instant(record.published_at),
        title: &record.title,
        item_count: record.item_count,
        first: record.first,
        last: record.last,
        volumes: record
            .volumes
            .iter()
            .map(|volume| VolumeForm {
                path: &volume.path,
                size_bytes: volume.size_bytes,
                sha256: volume.sha256.to_string(),
            })
            .collect(),
    }
}

pub(crate) fn attachment(record: &AttachmentRecord) -> AttachmentForm<'_> {
    AttachmentForm {
        collection: &record.key.collection,
        number: record.key.number,
        part: record.part,
        name: &record.name,
        media_type: &record.media_type,
        size_bytes: record.size_bytes,
        sha256: record.content.to_string(),
        // Without its name: the server sends on to the one address a part has.
        link: format!("{}/part/{}", link::item(&record.key), record.part),
    }
}

/// Correspondents told of a person.
pub(crate) const CORRESPONDENTS_MAX: usize = 20;

/// A person with whom they write to.
#[derive(Serialize)]
pub(crate) struct FullPersonForm<'a> {
    #[serde(flatten)]
    person: PersonForm<'a>,
    correspondents: Vec<CorrespondentForm<'a>>,
}

#[derive(Serialize)]
struct CorrespondentForm<'a> {
    key: &'a str,
    name: &'a str,
    count: u64,
}

pub(crate) fn full_person<'a>(
    collection: &CollectionId,
    record: &'a PersonRecord,
    correspondents: &'a [(PersonRecord, u64)],
) -> FullPersonForm<'a> {
    let other = |(record, count): &'a (PersonRecord, u64)| CorrespondentForm {
        key: &record.key,
        name: &record.name,
        count: *count,
    };
    FullPersonForm { person: person(collection, record), correspondents: correspondents.iter().map(other).collect() }
}
