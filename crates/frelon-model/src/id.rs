//! Identifiers: of collections, items, tranches and messages.

use serde::{Deserialize, Serialize};

/// Name of a collection in paths and URLs: 1 to 64 of `a-z`, `0-9` and inner `-`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CollectionId(String);

/// The text cannot name a collection.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` cannot name a collection: use 1 to 64 of a-z, 0-9 and - (not first or last), and none of the site's own words"
)]
pub struct CollectionIdError(pub String);

/// First path segments the site keeps for itself.
const RESERVED: [&str; 12] =
    ["search", "changes", "lookup", "verify", "api", "asset", "volume", "tile", "pack", "lock", "beacon", "export"];

impl CollectionId {
    /// Checks and takes a name.
    ///
    /// # Errors
    /// When the text breaks the rule above or is a path the site needs.
    pub fn new(text: &str) -> Result<Self, CollectionIdError> {
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let good = (1..=64).contains(&text.len())
            && text.bytes().all(inner)
            && !text.starts_with('-')
            && !text.ends_with('-')
            && !RESERVED.contains(&text);
        if good { Ok(Self(text.to_owned())) } else { Err(CollectionIdError(text.to_owned())) }
    }

    /// The nearest valid name for a title: lower case, runs of anything else become one `-`.
    #[must_use]
    pub fn from_title(title: &str) -> Self {
        let mut slug = String::new();
        for letter in title.chars().flat_map(char::to_lowercase) {
            if letter.is_ascii_alphanumeric() {
                slug.push(letter);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
            if slug.len() >= 64 {
                break;
            }
        }
        let slug = slug.trim_matches('-');
        Self::new(slug).unwrap_or_else(|_| Self("archive".to_owned()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for CollectionId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

impl TryFrom<String> for CollectionId {
    type Error = CollectionIdError;

    fn try_from(text: String) -> Result<Self, CollectionIdError> {
        Self::new(&text)
    }
}

impl From<CollectionId> for String {
    fn from(id: CollectionId) -> Self {
        id.0
    }
}

/// Number of an item in its collection: 1 for the first, in original order, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ItemNumber(pub u64);

impl std::fmt::Display for ItemNumber {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(out)
    }
}

/// An item anywhere in a publication.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ItemKey {
    /// The collection it belongs to.
    pub collection: CollectionId,
    /// Its number there.
    pub number: ItemNumber,
}

/// Number of a tranche in its collection: 1 for the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tranche(pub u32);

impl std::fmt::Display for Tranche {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(out)
    }
}

/// Identifier of a message as its sender gave it (RFC 5322 section 3.6.4), without `<` and `>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(String);

impl MessageId {
    /// Takes an identifier with or without angle brackets; inner white space (a folded field) goes.
    /// `None` when nothing is left.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('<').trim_end_matches('>');
        let text: String = text.chars().filter(|letter| !letter.is_whitespace() && !letter.is_control()).collect();
        (!text.is_empty()).then_some(Self(text))
    }

    /// The identifier without angle brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for MessageId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collection_names_are_checked() {
        assert!(CollectionId::new("lists-2019").is_ok());
        for bad in ["", "-a", "a-", "A", "a b", "a/b", "..", "search", &"a".repeat(65)] {
            assert!(CollectionId::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn titles_become_names() {
        assert_eq!(CollectionId::from_title("Ministry of Water, 2014–16").as_str(), "ministry-of-water-2014-16");
        assert_eq!(CollectionId::from_title("أرشيف").as_str(), "archive");
        assert_eq!(CollectionId::from_title("Search").as_str(), "archive");
    }

    #[test]
    fn message_ids_lose_brackets_and_folding() {
        let id = MessageId::new(" <abc\r\n def@host> ").expect("not empty");
        assert_eq!(id.as_str(), "abcdef@host");
        assert_eq!(MessageId::new("<>"), None);
    }
}
