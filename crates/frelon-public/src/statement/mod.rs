//! Statements: what editors say, as signed notes in the log.
//!
//! ```text
//! frelon/<kind>/v1
//! {"origin":"...","collection":"...","id":"...","root_version":1,"made_at":"...","says":{...}}
//!
//! — <editor> <base64 of key id and signature>
//! ```
//!
//! The two lines are signed as they are; nothing is ever written again from what was read. A member
//! that is not known is refused: to pass over it would let two versions read two meanings out of one
//! signature. What is parsed here is well formed; whether it counts, [`crate::Authority`] says.

mod body;
mod describe;
mod draft;
pub(crate) mod strict;
mod word;

use std::{fmt, str::FromStr};

use frelon_log::{Note, Origin, tile::ENTRY_BYTES_MAX};
use frelon_model::{CollectionId, ContentHash, Instant};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::Malformed;
pub use body::{
    Accession, Body, Correct, Description, EDITORS_MAX, Release, ReleasedVolume, Restore, Root, Succession, Withdraw,
};
pub use draft::Draft;
pub use word::{Kind, UnknownWord, WithdrawMode, WithdrawReason};

/// The longest statement with its signatures: it must fit one entry of the log.
pub const STATEMENT_BYTES_MAX: usize = ENTRY_BYTES_MAX;

const FORMAT: &str = "statement";

/// Tells statements apart, so that none counts twice: 16 random bytes, which the caller draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatementId(pub [u8; 16]);

/// 32 lower-case hexadecimal digits.
impl fmt::Display for StatementId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

impl FromStr for StatementId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let mut id = [0; 16];
        let is_lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        let is_read = is_lower && hex::decode_to_slice(text, &mut id).is_ok();
        if is_read { Ok(Self(id)) } else { Err(Malformed::new("statement id", "it is not 32 hexadecimal digits")) }
    }
}

/// What a statement says, without its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The log it is for: it counts in no other.
    pub origin: Origin,
    /// The collection it is about; `None` for `root` and `succession`.
    pub collection: Option<CollectionId>,
    /// Its own id.
    pub id: StatementId,
    /// The root under which it is made; for a `root` the one before, 0 for the first.
    pub root_version: u64,
    /// When it was made, as its maker says. The log's order counts, not this.
    pub made_at: Instant,
    /// What it says.
    pub body: Body,
}

/// The JSON object.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "B: Deserialize<'de>"))]
struct Stored<B> {
    #[serde(with = "strict::text")]
    origin: Origin,
    #[serde(default, deserialize_with = "strict::present", skip_serializing_if = "Option::is_none")]
    collection: Option<CollectionId>,
    #[serde(with = "strict::text")]
    id: StatementId,
    root_version: u64,
    #[serde(with = "strict::instant")]
    made_at: Instant,
    #[serde(deserialize_with = "strict::object")]
    says: B,
}

impl Terms {
    /// The text that is signed, checked as it will be when it is read.
    ///
    /// # Errors
    /// When it says what no reader would accept.
    pub fn to_text(&self) -> Result<String, Malformed> {
        body::check(self)?;
        let json = match &self.body {
            Body::Root(says) => self.json(says),
            Body::Collection(says) => self.json(says),
            Body::Accession(says) => self.json(says),
            Body::Release(says) => self.json(says),
            Body::Withdraw(says) => self.json(says),
            Body::Restore(says) => self.json(says),
            Body::Correct(says) => self.json(says),
            Body::Succession(says) => self.json(says),
        };
        Ok(format!("{}{json}\n", header(self.body.kind())))
    }

    fn json<B: Serialize>(&self, says: &B) -> String {
        let stored = Stored {
            origin: self.origin.clone(),
            collection: self.collection.clone(),
            id: self.id,
            root_version: self.root_version,
            made_at: self.made_at,
            says,
        };
        serde_json::to_string(&stored).expect("strings and numbers always serialise")
    }

    /// Reads the text of a note.
    fn parse(text: &str) -> Result<Self, Malformed> {
        let malformed = |reason| Malformed::new(FORMAT, reason);
        let (first, rest) = text.split_once('\n').ok_or(malformed("it has not two lines"))?;
        let json = rest.strip_suffix('\n').filter(|line| !line.contains('\n'));
        let json = json.ok_or(malformed("its text has not two lines"))?;
        let kind = first.strip_prefix("frelon/").and_then(|rest| rest.strip_suffix("/v1"));
        let kind = kind.ok_or(malformed("its first line is not frelon/<kind>/v1"))?;
        // Spaces around it would be signed too, and say nothing.
        if !json.starts_with('{') || !json.ends_with('}') {
            return Err(malformed("its second line is not a JSON object"));
        }
        let terms = match kind.parse() {
            Ok(Kind::Root) => read(json, Body::Root),
            Ok(Kind::Collection) => read(json, Body::Collection),
            Ok(Kind::Accession) => read(json, Body::Accession),
            Ok(Kind::Release) => read(json, Body::Release),
            Ok(Kind::Withdraw) => read(json, Body::Withdraw),
            Ok(Kind::Restore) => read(json, Body::Restore),
            Ok(Kind::Correct) => read(json, Body::Correct),
            Ok(Kind::Succession) => read(json, Body::Succession),
            Err(UnknownWord) if is_kind(kind) => Err(Malformed::UnknownKind(kind.to_owned())),
            Err(UnknownWord) => Err(malformed("its first line is not frelon/<kind>/v1")),
        }?;
        body::check(&terms)?;
        Ok(terms)
    }
}

fn header(kind: Kind) -> String {
    format!("frelon/{kind}/v1\n")
}

/// Whether a later version may have such a kind. `doc` and `original` are other entries.
fn is_kind(text: &str) -> bool {
    let is_word = (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    is_word && text != "doc" && text != "original"
}

/// Reads the JSON of one kind.
fn read<B: DeserializeOwned>(json: &str, body: impl FnOnce(B) -> Body) -> Result<Terms, Malformed> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let stored: Result<Stored<B>, serde_json::Error> = strict::object(&mut deserializer);
    let whole = stored.and_then(|stored| deserializer.end().map(|()| stored));
    let stored = whole.map_err(|error| Malformed::new(FORMAT, error.to_string()))?;
    let Stored { origin, collection, id, root_version, made_at, says } = stored;
    Ok(Terms { origin, collection, id, root_version, made_at, body: body(says) })
}

/// A statement with its signatures: well formed, and **not believed** before
/// [`crate::Authority::check`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    terms: Terms,
    note: Note,
}

impl Statement {
    /// Reads an entry of the log. Printing gives the same bytes again.
    ///
    /// # Errors
    /// When the bytes are no statement, too long, or of a kind that is not known.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > STATEMENT_BYTES_MAX {
            return Err(Malformed::new(FORMAT, "it is longer than 65,535 bytes"));
        }
        Self::from_note(Note::parse(bytes)?)
    }

    fn from_note(note: Note) -> Result<Self, Malformed> {
        Ok(Self { terms: Terms::parse(note.text())?, note })
    }

    /// What it says, believed or not.
    #[must_use]
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// What it says of its kind.
    #[must_use]
    pub fn body(&self) -> &Body {
        &self.terms.body
    }

    /// The note: the text that is signed, and the signatures.
    #[must_use]
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// SHA-256 of the text that is signed. Unlike the id it cannot be copied: by it a first root is
    /// made known ([`crate::Authority::pinned`]), or a statement compared by voice.
    #[must_use]
    pub fn text_hash(&self) -> ContentHash {
        ContentHash(Sha256::digest(self.note.text()).into())
    }

    /// What it says, in plain English lines; safe to print whoever wrote it. See [`Terms::describe`].
    #[must_use]
    pub fn describe(&self) -> String {
        self.terms.describe()
    }
}

/// The entry as it is logged.
impl fmt::Display for Statement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(formatter)
    }
}

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
