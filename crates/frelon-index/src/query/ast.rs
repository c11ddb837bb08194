//! A query as understood: what [`parse`](super::parse) yields and the search carries out.

use frelon_mail::dkim::DkimState;
use frelon_model::{CollectionId, Instant, MessageId};
use serde::Serialize;

/// A query.
///
/// From the parser it comes in normal form: `And` and `Or` have two children or more and never one
/// of their own sort; `Not` never holds a `Not`; `All` never stands inside `And` or `Or`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Query {
    /// Every item.
    All,
    /// Items that match all of these. May consist of `Not` alone: everything but those.
    And(Vec<Query>),
    /// Items that match one of these or more.
    Or(Vec<Query>),
    /// Items that do not match this.
    Not(Box<Query>),
    /// A single condition.
    Clause(Clause),
}

/// A single condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clause {
    /// Words in text.
    Text(TextField, Text),
    /// A person, by address or by words of name or address.
    Address(AddressField, AddressTerm),
    /// Media type of the item or of an attachment (`type:`), lower case: `application/pdf`, `image`
    /// or a short name such as `pdf`; [`super::media::patterns`] says which types it stands for.
    Type(String),
    /// A property (`has:`).
    Has(Property),
    /// Mailing list (`list:`), lower case: the whole List-Id (RFC 2919) or words of it.
    List(String),
    /// Number of the item in its collection (`number:`).
    Number(Range),
    /// Number of the release (tranche) it came out with (`release:`).
    Release(Range),
    /// Thread, named by the number of its first item (`thread:`).
    Thread(u64),
    /// Language of the own text (`lang:`), ISO 639-1, lower case.
    Language(String),
    /// What the signatures of the message prove (`dkim:`).
    Dkim(DkimState),
    /// Raw size in bytes (`size:`).
    Size(Range),
    /// Number of recipients in To, Cc and Bcc (`recipients:`).
    Recipients(Range),
    /// The date the item is sorted by (`date:`, `after:`, `before:`).
    Date(Period),
    /// Message-ID (`id:`), without angle brackets.
    Id(MessageId),
    /// Only this collection (`in:`).
    Collection(CollectionId),
}

/// Where words are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextField {
    /// No field given: subject, own body, quoted body, names and addresses, attachment names.
    Any,
    /// `subject:`
    Subject,
    /// `body:`, the author's own text.
    Body,
    /// `quoted:`, text quoted from other messages.
    Quoted,
    /// `attachment:`, file names of attachments.
    Attachment,
}

/// What is looked for in text. Words are kept as typed: case and accents are folded when the query
/// is carried out, by the tokenizer that also made the index. One typed word may be several tokens
/// (`foo-bar`, `ann@example.org`, Chinese): they are then meant as a phrase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Text {
    /// `word`: any form of it, by the stemmers of the languages in the archive.
    Word(String),
    /// `=word`: this form alone.
    Exact(String),
    /// `word*`: words that start so.
    Prefix(String),
    /// `word~`, `word~2`: words at most so many edits away.
    Fuzzy {
        /// The word.
        word: String,
        /// Insertions, deletions, replacements and swaps allowed, 1 or 2.
        edits: u8,
    },
    /// `"some words"`: these forms, in this order, next to each other.
    Phrase(String),
    /// `"some words"~5`: these words with at most so many others between them.
    Near {
        /// The words.
        words: String,
        /// Other words allowed between, 0 to [`NEAR_WORDS_MAX`].
        distance: u32,
    },
}

/// Largest distance of `"near words"~n`: beyond, words are in one message rather than near.
pub const NEAR_WORDS_MAX: u32 = 100;

/// Fields that hold people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddressField {
    /// `from:`
    From,
    /// `to:`
    To,
    /// `cc:`
    Cc,
    /// `bcc:`
    Bcc,
    /// `participant:`, any of them.
    Participant,
}

/// How a person is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddressTerm {
    /// `ann@example.org`, lower case: the whole addr-spec.
    Exact(String),
    /// `@example.org`, lower case, without the `@`: every address of this domain.
    Domain(String),
    /// Words of the name or the address.
    Text(Text),
}

/// What an item can have (`has:`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Property {
    /// An attachment or more.
    Attachment,
    /// An HTML body.
    Html,
    /// A problem found while reading it.
    Problem,
    /// A date it can be sorted by.
    Date,
}

/// Whole numbers from `min` to `max`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Range {
    /// Least.
    pub min: u64,
    /// Greatest; `u64::MAX` where there is no upper end.
    pub max: u64,
}

/// A stretch of time: `from` included, `until` excluded; always on day boundaries in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Period {
    /// First second; `None`: from the beginning.
    pub from: Option<Instant>,
    /// First second after it; `None`: without end.
    pub until: Option<Instant>,
}

impl Query {
    /// All of these, in normal form.
    #[must_use]
    pub fn and(parts: Vec<Query>) -> Self {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::All => {}
                Self::And(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 => Self::All,
            1 => flat.swap_remove(0),
            _ => Self::And(flat),
        }
    }

    /// One of these or more, in normal form; `All` for none.
    #[must_use]
    pub fn or(parts: Vec<Query>) -> Self {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::All => return Self::All,
                Self::Or(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 => Self::All,
            1 => flat.swap_remove(0),
            _ => Self::Or(flat),
        }
    }

    /// The opposite, in normal form.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// Every clause with whether it must not match, in order of writing.
    pub fn for_each_clause<'a>(&'a self, visit: &mut impl FnMut(&'a Clause, bool)) {
        fn walk<'a>(query: &'a Query, negated: bool, visit: &mut impl FnMut(&'a Clause, bool)) {
            match query {
                Query::All => {}
                Query::And(parts) | Query::Or(parts) => parts.iter().for_each(|part| walk(part, negated, visit)),
                Query::Not(inner) => walk(inner, !negated, visit),
                Query::Clause(clause) => visit(clause, negated),
            }
        }
        walk(self, false, visit);
    }

    /// Whether nothing in it is asked for, only things not wanted.
    #[must_use]
    pub fn is_only_negative(&self) -> bool {
        match self {
            Self::All | Self::Clause(_) => false,
            Self::And(parts) | Self::Or(parts) => parts.iter().all(Self::is_only_negative),
            Self::Not(_) => true,
        }
    }
}

impl Text {
    /// The word or words as typed.
    #[must_use]
    pub fn words(&self) -> &str {
        match self {
            Self::Word(words)
            | Self::Exact(words)
            | Self::Prefix(words)
            | Self::Fuzzy { word: words, .. }
            | Self::Phrase(words)
            | Self::Near { words, .. } => words,
        }
    }
}

impl Range {
    /// Whether a number lies in it.
    #[must_use]
    pub fn contains(self, number: u64) -> bool {
        (self.min..=self.max).contains(&number)
    }
}

impl Period {
    /// Whether an instant lies in it.
    #[must_use]
    pub fn contains(self, at: Instant) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}
