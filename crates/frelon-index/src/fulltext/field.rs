//! Fields of the full-text index.

use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};

use crate::catalog::PersonRole;

/// Handles of all fields.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    pub(crate) schema: Schema,
    /// Words of the subject.
    pub(crate) subject: Field,
    /// Words the author wrote.
    pub(crate) own: Field,
    /// Words quoted or forwarded.
    pub(crate) quoted: Field,
    /// Words of names and addresses, one field a role.
    pub(crate) from: Field,
    pub(crate) to: Field,
    pub(crate) cc: Field,
    pub(crate) bcc: Field,
    /// Words of attachments' names.
    pub(crate) names: Field,
    /// Exact values, each with a prefix telling its sort: see [`role_term`] and `document`.
    pub(crate) exact: Field,
    /// Collection and number ([`crate::catalog::RowKey`]).
    pub(crate) key: Field,
    pub(crate) sorted_at: Field,
    pub(crate) month: Field,
    pub(crate) size: Field,
    pub(crate) recipients: Field,
    /// Ids of people in the catalog.
    pub(crate) from_person: Field,
    pub(crate) to_person: Field,
    pub(crate) release: Field,
    pub(crate) flags: Field,
    pub(crate) language: Field,
    pub(crate) list: Field,
    pub(crate) dkim: Field,
}

/// Bits of the `flags` field.
pub(crate) mod flag {
    pub(crate) const ATTACHMENT: u64 = 1;
    pub(crate) const HTML: u64 = 1 << 1;
    pub(crate) const PROBLEM: u64 = 1 << 2;
    /// Each bit with the word that `has:` takes.
    pub(crate) const NAMES: [(u64, &str); 3] = [(ATTACHMENT, "attachment"), (HTML, "html"), (PROBLEM, "problem")];
}

/// Roles with the letter that starts their exact terms.
pub(crate) const PERSON_ROLES: [(PersonRole, char); 4] =
    [(PersonRole::From, 'f'), (PersonRole::To, 't'), (PersonRole::Cc, 'c'), (PersonRole::Bcc, 'b')];

/// Exact term of a person in a role; `key` may be a whole address or `@domain`.
pub(crate) fn role_term(role: PersonRole, key: &str) -> String {
    let letter = PERSON_ROLES.iter().find(|(found, _)| *found == role).map_or('f', |(_, letter)| *letter);
    format!("{letter}:{key}")
}

impl Fields {
    pub(crate) fn new() -> Self {
        let mut builder = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(super::tokenizer::NAME)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let words = TextOptions::default().set_indexing_options(indexing);
        let exact = TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer("raw")
                .set_fieldnorms(false)
                .set_index_option(IndexRecordOption::Basic),
        );
        let fast = NumericOptions::from(FAST);
        let label = TextOptions::default().set_fast("raw");
        let subject = builder.add_text_field("subject", words.clone());
        let own = builder.add_text_field("own", words.clone());
        let quoted = builder.add_text_field("quoted", words.clone());
        let from = builder.add_text_field("from", words.clone());
        let to = builder.add_text_field("to", words.clone());
        let cc = builder.add_text_field("cc", words.clone());
        let bcc = builder.add_text_field("bcc", words.clone());
        let names = builder.add_text_field("names", words);
        let exact = builder.add_text_field("exact", exact);
        let key = builder.add_u64_field("key", fast.clone() | INDEXED);
        let sorted_at = builder.add_i64_field("sorted_at", fast.clone());
        let month = builder.add_u64_field("month", fast.clone());
        let size = builder.add_u64_field("size", fast.clone());
        let recipients = builder.add_u64_field("recipients", fast.clone());
        let from_person = builder.add_u64_field("from_person", fast.clone());
        let to_person = builder.add_u64_field("to_person", fast.clone());
        let release = builder.add_u64_field("release", fast.clone());
        let flags = builder.add_u64_field("flags", fast);
        let language = builder.add_text_field("language", label.clone());
        let list = builder.add_text_field("list", label.clone());
        let dkim = builder.add_text_field("dkim", label);
        let schema = builder.build();
        Self {
            schema,
            subject,
            own,
            quoted,
            from,
            to,
            cc,
            bcc,
            names,
            exact,
            key,
            sorted_at,
            month,
            size,
            recipients,
            from_person,
            to_person,
            release,
            flags,
            language,
            list,
            dkim,
        }
    }

    /// The word field of a role.
    pub(crate) fn role(&self, role: PersonRole) -> Field {
        match role {
            PersonRole::From => self.from,
            PersonRole::To => self.to,
            PersonRole::Cc => self.cc,
            PersonRole::Bcc => self.bcc,
        }
    }
}
