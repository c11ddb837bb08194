//! An item as one row of a list.

use std::collections::BTreeMap;

use frelon_index::{Hit, ItemRecord, SnippetPiece};
use frelon_model::{Address, CollectionId, Instant};

use super::shell::Shell;

/// What a row of a list shows.
pub(crate) struct Row {
    /// Address of the item.
    pub(crate) href: String,
    /// Number in its collection.
    pub(crate) number: u64,
    /// Subject, may be empty.
    pub(crate) subject: String,
    /// Author, may be empty.
    pub(crate) from: String,
    /// First recipient, may be empty.
    pub(crate) to: String,
    /// Recipients besides the first.
    pub(crate) more: u32,
    /// Attachments.
    pub(crate) attachments: u32,
    /// The date it is sorted by.
    pub(crate) at: Option<When>,
    /// Pieces of text around a match.
    pub(crate) snippet: Vec<SnippetPiece>,
    /// Title of the collection, where rows of several are mixed.
    pub(crate) collection: Option<String>,
}

/// A point in time for machines and for people.
pub(crate) struct When {
    /// For `<time datetime>`.
    pub(crate) machine: String,
    /// For reading.
    pub(crate) words: String,
}

impl When {
    /// The day of an instant, in UTC.
    pub(crate) fn day(shell: &Shell, at: Instant) -> Self {
        Self { machine: at.date(), words: shell.date(at) }
    }

    /// An instant to the minute, in UTC.
    pub(crate) fn moment(shell: &Shell, at: Instant) -> Self {
        Self { machine: at.to_rfc3339(), words: shell.moment(at) }
    }
}

impl Row {
    /// The row of an item.
    pub(crate) fn of(shell: &Shell, item: &ItemRecord) -> Self {
        let label = |address: &Option<Address>| address.as_ref().map_or("", Address::label).to_owned();
        let to = label(&item.to);
        Self {
            href: format!("/{}/{}", item.key.collection, item.key.number),
            number: item.key.number.0,
            subject: item.subject.clone(),
            from: label(&item.from),
            more: if to.is_empty() { 0 } else { item.recipient_count.saturating_sub(1) },
            to,
            attachments: item.attachment_count,
            at: item.sorted_at.map(|at| When::day(shell, at)),
            snippet: Vec::new(),
            collection: None,
        }
    }

    /// The rows of a list.
    pub(crate) fn all<'a>(shell: &Shell, items: impl IntoIterator<Item = &'a ItemRecord>) -> Vec<Self> {
        items.into_iter().map(|item| Self::of(shell, item)).collect()
    }

    /// The row of a hit; `titles` names the collections where hits come from several.
    pub(crate) fn of_hit(shell: &Shell, hit: &Hit, titles: &BTreeMap<CollectionId, String>) -> Self {
        let mut row = Self::of(shell, &hit.item);
        row.snippet.clone_from(&hit.snippet);
        row.collection = titles.get(&hit.item.key.collection).cloned();
        row
    }
}
