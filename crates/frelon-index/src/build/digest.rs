//! An item's bytes to what catalog and index keep of it.

use frelon_mail::{
    Message, PartRole,
    dkim::{self, KeyArchive},
    thread::hash_subject,
};
use frelon_model::{Address, ContentHash, Instant, Problem, ProblemKind};
use frelon_public::volume;
use sha2::{Digest as _, Sha256};

use super::pipeline::Job;
use crate::{
    catalog::{AttachmentRow, ItemRow, PersonRole, StreamRow, opening},
    fulltext::Digest,
    text::{Lang, language},
    thread::message_hash,
};

/// A date may lie this far after the release it came out with: clocks and zones are wrong by hours.
const DATE_SLACK_SECONDS: i64 = 2 * 86_400;
/// Text of one item that is indexed, in bytes of own and of quoted text each. The rest is in the item.
const TEXT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// People of one item that are kept; a longer list is a mailing that has no use for them.
const PEOPLE_MAX: usize = 2_000;
/// Messages referred to that are kept for threading; the oldest and the newest matter.
const REFERENCES_MAX: usize = 64;

pub(super) fn digest(job: &Job<'_>, head: &volume::Head, raw: &[u8], keys: &KeyArchive) -> Digest {
    let message = frelon_mail::parse(raw);
    let mut digest = empty(job, head);
    let row = &mut digest.row;
    let (own, quoted) = (cut(message.own_text()), cut(message.quoted_text()));
    row.attachments = attachments(&message, raw);
    row.people = people(&message);
    row.references = references(&message);
    row.base_subject = hash_subject(&message.base_subject);
    row.is_reply = message.is_reply_subject;
    row.message_hash = message.message_id().map(message_hash);
    row.message_id = message.message_id().map(|id| id.as_str().to_owned());
    row.list_id = message.list_id.clone();
    row.language = language::detect(if own.len() >= quoted.len() / 4 { &own } else { &quoted }).map(Lang::code);
    if row.media_type.is_empty() {
        let found = dkim::assess(raw, keys, message.received_at);
        row.dkim = Some(found.grade);
        row.signatures = found.signatures;
    }
    row.sent = message.sent;
    row.received_at = message.received_at;
    row.problems = message.problems.clone();
    let limit = Instant(job.release.published_at.0.saturating_add(DATE_SLACK_SECONDS));
    let possible = |at: &Instant| frelon_mail::date_is_possible(*at, limit);
    row.sorted_at = message.sent.map(|sent| sent.at).filter(possible);
    if row.sorted_at.is_none() {
        if message.sent.is_some() {
            row.problems.push(Problem::new(ProblemKind::DateImpossible, ""));
        }
        row.sorted_at = message.received_at.filter(possible);
    }
    digest.has_html = message.html_part.is_some();
    row.subject = message.subject;
    digest.own = own;
    digest.quoted = quoted;
    digest
}

/// What is known without reading the item.
pub(super) fn empty(job: &Job<'_>, head: &volume::Head) -> Digest {
    let mail = head.opening.media_type == "message/rfc822";
    let row = ItemRow {
        collection: job.collection,
        number: head.number,
        tranche: job.release.tranche.0,
        stream: StreamRow {
            volume: job.state.no,
            offset_bytes: head.data_offset,
            compressed_bytes: head.compressed_bytes,
            size_bytes: head.size_bytes,
            crc32: head.crc32,
        },
        content: head.opening.content,
        media_type: if mail { String::new() } else { head.opening.media_type.clone() },
        subject: String::new(),
        people: Vec::new(),
        sent: None,
        received_at: None,
        sorted_at: None,
        language: None,
        dkim: None,
        signatures: Vec::new(),
        list_id: None,
        message_id: None,
        message_hash: None,
        references: Vec::new(),
        base_subject: 0,
        is_reply: false,
        attachments: Vec::new(),
        problems: Vec::new(),
        // The reader of the volume leaves out what has none.
        leaf: job.leaf(head.number).unwrap_or_default(),
        opening: opening::pack(&head.opening, &head.opening_line),
    };
    Digest { row, own: String::new(), quoted: String::new(), has_html: false }
}

fn attachments(message: &Message, raw: &[u8]) -> Vec<AttachmentRow> {
    let indexes: Vec<usize> = message.attachments().map(|(index, _)| index).collect();
    let mut rows = Vec::with_capacity(indexes.len());
    frelon_mail::decode_parts(raw, &indexes, &mut |index, bytes| {
        let part = &message.parts[index];
        rows.push(AttachmentRow {
            part: u32::try_from(index).unwrap_or(u32::MAX),
            name: part.name.clone().unwrap_or_else(|| default_name(part.role).to_owned()),
            media_type: part.media_type.clone(),
            size_bytes: bytes.len() as u64,
            content: ContentHash(Sha256::digest(bytes).into()),
        });
    });
    rows
}

fn default_name(role: PartRole) -> &'static str {
    if role == PartRole::Message { "message.eml" } else { "" }
}

fn people(message: &Message) -> Vec<(PersonRole, Address)> {
    let in_role = |role: PersonRole, list: &[Address]| -> Vec<(PersonRole, Address)> {
        list.iter().map(|address| (role, address.clone())).collect()
    };
    let mut people = in_role(PersonRole::From, &message.from);
    people.extend(in_role(PersonRole::To, &message.to));
    people.extend(in_role(PersonRole::Cc, &message.cc));
    people.extend(in_role(PersonRole::Bcc, &message.bcc));
    people.retain(|(_, address)| !address.name.is_empty() || !address.email.is_empty());
    people.truncate(PEOPLE_MAX);
    people
}

/// References, then In-Reply-To where it adds something; the middle of a very long list goes.
fn references(message: &Message) -> Vec<u64> {
    let mut hashes: Vec<u64> = Vec::new();
    for id in message.references.iter().chain(&message.in_reply_to) {
        let hash = message_hash(id);
        if !hashes.contains(&hash) {
            hashes.push(hash);
        }
    }
    if hashes.len() > REFERENCES_MAX {
        let newest = hashes.split_off(hashes.len() - REFERENCES_MAX / 2);
        hashes.truncate(REFERENCES_MAX / 2);
        hashes.extend(newest);
    }
    hashes
}

fn cut(mut text: String) -> String {
    if text.len() > TEXT_BYTES_MAX {
        text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
    }
    text
}
