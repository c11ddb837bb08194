//! A message as a document of the full-text index.

use frelon_model::Instant;
use tantivy::TantivyDocument;

use super::{Fields, field::role_term, flag};
use crate::catalog::{ItemRow, PersonRole, RowKey};

/// What is indexed of one item: its catalog row and its text.
pub(crate) struct Digest {
    pub(crate) row: ItemRow,
    pub(crate) own: String,
    pub(crate) quoted: String,
    pub(crate) has_html: bool,
}

/// Months since year 0, as the `month` field holds them.
pub(crate) fn month_ordinal(at: Instant) -> u64 {
    let month = at.year_month();
    let ordinal = i64::from(month.year) * 12 + i64::from(month.month) - 1;
    u64::try_from(ordinal).unwrap_or(0)
}

/// Makes the document. `person_ids` are in the order of `digest.row.people`.
pub(crate) fn document(fields: &Fields, collection: &str, digest: &Digest, person_ids: &[i64]) -> TantivyDocument {
    let row = &digest.row;
    let key = RowKey::new(row.collection, row.number);
    let mut document = TantivyDocument::new();
    document.add_text(fields.subject, &row.subject);
    document.add_text(fields.own, &digest.own);
    if !digest.quoted.is_empty() {
        document.add_text(fields.quoted, &digest.quoted);
    }
    for ((role, address), id) in row.people.iter().zip(person_ids) {
        let word_field = fields.role(*role);
        if !address.name.is_empty() {
            document.add_text(word_field, &address.name);
        }
        if !address.email.is_empty() {
            document.add_text(word_field, &address.email);
        }
        let person = address.key();
        document.add_text(fields.exact, role_term(*role, &person));
        if let Some((_, domain)) = person.rsplit_once('@') {
            document.add_text(fields.exact, role_term(*role, &format!("@{domain}")));
        }
        match role {
            PersonRole::From => document.add_u64(fields.from_person, id.unsigned_abs()),
            PersonRole::To => document.add_u64(fields.to_person, id.unsigned_abs()),
            PersonRole::Cc | PersonRole::Bcc => {}
        }
    }
    for part in &row.attachments {
        document.add_text(fields.names, &part.name);
        document.add_text(fields.exact, format!("type:{}", part.media_type));
    }
    let mut flags = 0;
    let mut raise = |bit: u64, holds: bool| flags |= if holds { bit } else { 0 };
    raise(flag::ATTACHMENT, !row.attachments.is_empty());
    raise(flag::HTML, digest.has_html);
    raise(flag::PROBLEM, !row.problems.is_empty());
    for (bit, name) in flag::NAMES {
        if flags & bit != 0 {
            document.add_text(fields.exact, format!("has:{name}"));
        }
    }
    for problem in &row.problems {
        document.add_text(fields.exact, format!("problem:{}", problem.kind.code()));
    }
    document.add_text(fields.exact, format!("in:{collection}"));
    if let Some(language) = row.language {
        document.add_text(fields.exact, format!("lang:{language}"));
        document.add_text(fields.language, language);
    } else {
        document.add_text(fields.exact, "lang:und");
    }
    if let Some(state) = row.dkim {
        document.add_text(fields.exact, format!("dkim:{state}"));
        document.add_text(fields.dkim, state.code());
    }
    if let Some(list) = &row.list_id {
        document.add_text(fields.exact, format!("list:{list}"));
        document.add_text(fields.list, list);
    }
    if let Some(at) = row.sorted_at {
        document.add_text(fields.exact, "has:date");
        document.add_i64(fields.sorted_at, at.0);
        document.add_u64(fields.month, month_ordinal(at));
    }
    document.add_u64(fields.key, key.0);
    document.add_u64(fields.size, row.stream.size_bytes);
    document.add_u64(fields.recipients, row.people.len() as u64 - from_count(row));
    document.add_u64(fields.release, u64::from(row.collection.0) << 32 | u64::from(row.tranche));
    document.add_u64(fields.flags, flags);
    document
}

fn from_count(row: &ItemRow) -> u64 {
    row.people.iter().filter(|(role, _)| *role == PersonRole::From).count() as u64
}
