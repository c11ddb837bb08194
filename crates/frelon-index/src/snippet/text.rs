//! The texts that snippets are cut from, read out of the items themselves and kept while they are
//! asked for again: the best hits of one query are often those of the next.

use std::sync::Arc;

use frelon_model::ContentHash;
use quick_cache::{Weighter, sync::Cache};

use crate::{Archive, ReadError, archive::HeadInflater, catalog::Located};

/// Memory that texts may take, in bytes.
const MEMORY_BYTES_MAX: u64 = 24 * 1024 * 1024;
/// Texts that fit, by a guess at their mean length; only sizes tables.
const TEXTS_GUESS: usize = 8_192;
/// Longest text that is kept: one long document must not drive out a thousand messages.
const TEXT_BYTES_MAX: usize = 64 * 1024;
/// What a text weighs besides its letters.
const OVERHEAD_BYTES: u64 = 128;

/// The text of one item: what its author wrote, and what was quoted.
pub(crate) struct Text {
    pub(crate) own: String,
    pub(crate) quoted: String,
}

#[derive(Clone)]
struct Weight;

impl Weighter<ContentHash, Arc<Text>> for Weight {
    fn weight(&self, _: &ContentHash, text: &Arc<Text>) -> u64 {
        (text.own.len() + text.quoted.len()) as u64 + OVERHEAD_BYTES
    }
}

/// Texts read lately. Belongs to one index and goes with it, so nothing outlives what is published.
pub(crate) struct Texts(Cache<ContentHash, Arc<Text>, Weight>);

impl Default for Texts {
    fn default() -> Self {
        Self(Cache::with_weighter(TEXTS_GUESS, MEMORY_BYTES_MAX, Weight))
    }
}

impl Texts {
    /// The text of an item, from memory or from its volume.
    pub(crate) fn of(
        &self,
        archive: &Archive,
        inflater: &mut HeadInflater,
        found: &Located,
    ) -> Result<Arc<Text>, ReadError> {
        if let Some(text) = self.0.get(&found.item.content) {
            return Ok(text);
        }
        let message = frelon_mail::parse(&archive.head(found, inflater)?);
        let text = Arc::new(Text { own: message.own_text(), quoted: message.quoted_text() });
        if text.own.len() + text.quoted.len() <= TEXT_BYTES_MAX {
            self.0.insert(found.item.content, Arc::clone(&text));
        }
        Ok(text)
    }
}
