//! Entries of the log: what is committed to, and what editors stated.
//!
//! ```text
//! frelon/doc/v1\n<collection>\n<tranche> <number>\n<base64 C>\n     C = SHA-256 of the opening's line
//! frelon/original/v1\n<collection>\n<number>\n<base64 C>\n          C = salted commitment to the bytes taken in
//! frelon/<kind>/v1\n{...}\n\n<signature lines>                      a statement: see `statement`
//! ```
//!
//! Each entry has one spelling: what is read prints the same bytes again. The formats are described
//! for other languages in `docs/formats/log-entries.md`.

use std::{fmt, str};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use frelon_log::tile::ENTRY_BYTES_MAX;
use frelon_model::{CollectionId, ContentHash, ItemNumber, Tranche};

use crate::{Malformed, Statement};

const DOCUMENT_HEADER: &str = "frelon/doc/v1\n";
const ORIGINAL_HEADER: &str = "frelon/original/v1\n";

/// The longest entry that is no statement: header, a collection of 64 bytes, two numbers and a hash
/// take 170.
const COMMITMENT_BYTES_MAX: usize = 256;

/// A document of a tranche, hidden behind a commitment until its opening is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentEntry {
    /// The collection.
    pub collection: CollectionId,
    /// The tranche it goes out with, from 1.
    pub tranche: Tranche,
    /// The item's number, from 1.
    pub number: ItemNumber,
    /// What [`crate::commitment`] makes of the line of its opening.
    pub commitment: ContentHash,
}

/// An item as it was taken in, before anybody decided what goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginalEntry {
    /// The collection.
    pub collection: CollectionId,
    /// The item's number, from 1.
    pub number: ItemNumber,
    /// A salted commitment to its bytes.
    pub commitment: ContentHash,
}

/// One entry of the log: well formed, and a statement not yet believed
/// ([`crate::Authority`] says whose it is).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A document that is or will be released.
    Document(DocumentEntry),
    /// An item as taken in.
    Original(OriginalEntry),
    /// What editors say and sign.
    Statement(Box<Statement>),
}

impl Entry {
    /// Reads the bytes of an entry. Printing gives the same bytes again.
    ///
    /// # Errors
    /// When they are no entry, or a statement of a kind that is not known.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > ENTRY_BYTES_MAX {
            return Err(Malformed::new("log entry", "it is longer than 65,535 bytes"));
        }
        if bytes.starts_with(DOCUMENT_HEADER.as_bytes()) {
            document(bytes).map(Self::Document)
        } else if bytes.starts_with(ORIGINAL_HEADER.as_bytes()) {
            original(bytes).map(Self::Original)
        } else {
            Statement::parse(bytes).map(Box::new).map(Self::Statement)
        }
    }

    /// The bytes that are logged.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_string().into_bytes()
    }
}

impl fmt::Display for DocumentEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { collection, tranche, number, commitment } = self;
        writeln!(formatter, "{DOCUMENT_HEADER}{collection}\n{tranche} {number}\n{}", BASE64.encode(commitment.0))
    }
}

impl fmt::Display for OriginalEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { collection, number, commitment } = self;
        writeln!(formatter, "{ORIGINAL_HEADER}{collection}\n{number}\n{}", BASE64.encode(commitment.0))
    }
}

/// The entry as it is logged.
impl fmt::Display for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document(entry) => entry.fmt(formatter),
            Self::Original(entry) => entry.fmt(formatter),
            Self::Statement(entry) => entry.fmt(formatter),
        }
    }
}

fn document(bytes: &[u8]) -> Result<DocumentEntry, Malformed> {
    const FORMAT: &str = "document entry";
    let [collection, place, commitment] = lines(FORMAT, DOCUMENT_HEADER, bytes)?;
    let malformed = |reason| Malformed::new(FORMAT, reason);
    let (tranche, number) = place.split_once(' ').ok_or(malformed("it has not a tranche and a number"))?;
    let tranche = tranche.parse().ok().filter(|tranche| *tranche > 0);
    let entry = DocumentEntry {
        collection: self::collection(FORMAT, collection)?,
        tranche: Tranche(tranche.ok_or(malformed("its tranche is not a number from 1"))?),
        number: self::number(FORMAT, number)?,
        commitment: self::commitment(FORMAT, commitment)?,
    };
    spelled(FORMAT, entry, bytes)
}

fn original(bytes: &[u8]) -> Result<OriginalEntry, Malformed> {
    const FORMAT: &str = "original entry";
    let [collection, number, commitment] = lines(FORMAT, ORIGINAL_HEADER, bytes)?;
    let entry = OriginalEntry {
        collection: self::collection(FORMAT, collection)?,
        number: self::number(FORMAT, number)?,
        commitment: self::commitment(FORMAT, commitment)?,
    };
    spelled(FORMAT, entry, bytes)
}

/// The three lines after the header.
fn lines<'a>(format: &'static str, header: &str, bytes: &'a [u8]) -> Result<[&'a str; 3], Malformed> {
    let malformed = |reason| Malformed::new(format, reason);
    if bytes.len() > COMMITMENT_BYTES_MAX {
        return Err(malformed("it is longer than 256 bytes"));
    }
    let text = str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8"))?;
    let rest = text.strip_prefix(header).ok_or(malformed("it does not start with its header"))?;
    let rest = rest.strip_suffix('\n').ok_or(malformed("its last line has no newline"))?;
    let lines: Vec<&str> = rest.split('\n').collect();
    lines.try_into().map_err(|_| malformed("it has not four lines"))
}

fn collection(format: &'static str, text: &str) -> Result<CollectionId, Malformed> {
    CollectionId::new(text).map_err(|_| Malformed::new(format, "its second line cannot name a collection"))
}

fn number(format: &'static str, text: &str) -> Result<ItemNumber, Malformed> {
    let number = text.parse().ok().filter(|number| *number > 0).map(ItemNumber);
    number.ok_or(Malformed::new(format, "its number is not a number from 1"))
}

fn commitment(format: &'static str, text: &str) -> Result<ContentHash, Malformed> {
    let hash = BASE64.decode(text).ok().and_then(|hash| hash.try_into().ok()).map(ContentHash);
    hash.ok_or(Malformed::new(format, "its commitment is not the base64 of 32 bytes"))
}

/// Refuses a second spelling, such as a number with a plus sign or leading zeroes.
fn spelled<T: ToString>(format: &'static str, entry: T, bytes: &[u8]) -> Result<T, Malformed> {
    let same = entry.to_string().as_bytes() == bytes;
    if same { Ok(entry) } else { Err(Malformed::new(format, "a number has a sign or leading zeroes")) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HASH: &str = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

    fn entries() -> impl Strategy<Value = Entry> {
        let collection =
            "[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?".prop_filter_map("reserved", |text| CollectionId::new(&text).ok());
        (collection, 1..=u32::MAX, 1..=u64::MAX, any::<[u8; 32]>(), any::<bool>()).prop_map(
            |(collection, tranche, number, commitment, is_document)| {
                let (number, commitment) = (ItemNumber(number), ContentHash(commitment));
                if is_document {
                    Entry::Document(DocumentEntry { collection, tranche: Tranche(tranche), number, commitment })
                } else {
                    Entry::Original(OriginalEntry { collection, number, commitment })
                }
            },
        )
    }

    proptest! {
        #[test]
        fn entries_round_trip(entry in entries()) {
            let bytes = entry.to_bytes();
            prop_assert!(bytes.len() <= COMMITMENT_BYTES_MAX);
            prop_assert_eq!(Entry::parse(&bytes), Ok(entry));
        }

        #[test]
        fn a_changed_byte_is_another_entry_or_none(entry in entries(), at in any::<prop::sample::Index>(), byte: u8) {
            let bytes = entry.to_bytes();
            let mut changed = bytes.clone();
            changed[at.index(bytes.len())] = byte;
            if let Ok(read) = Entry::parse(&changed) {
                prop_assert_eq!(read.to_bytes(), changed.clone());
                prop_assert_eq!(read == entry, changed == bytes);
            }
        }

        #[test]
        fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..400), header in 0..3_usize) {
            let header: &[u8] = [&b""[..], DOCUMENT_HEADER.as_bytes(), ORIGINAL_HEADER.as_bytes()][header];
            let _refused = Entry::parse(&[header, &bytes].concat());
        }
    }

    #[test]
    fn entries_are_as_the_format_says() {
        let text = format!("frelon/doc/v1\nlake\n2 17\n{HASH}\n");
        let Ok(Entry::Document(entry)) = Entry::parse(text.as_bytes()) else { panic!("a document entry") };
        assert_eq!((entry.collection.as_str(), entry.tranche, entry.number), ("lake", Tranche(2), ItemNumber(17)));
        let text = format!("frelon/original/v1\nlake\n17\n{HASH}\n");
        assert!(matches!(Entry::parse(text.as_bytes()), Ok(Entry::Original(_))));
    }

    #[test]
    fn second_spellings_and_junk_are_refused() {
        for text in [
            String::new(),
            "frelon/doc/v1".to_owned(),
            "frelon/doc/v1\n".to_owned(),
            format!("frelon/doc/v1\nlake\n2 17\n{HASH}"),
            format!("frelon/doc/v1\nlake\n2 17\n{HASH}\n\n"),
            format!("frelon/doc/v1\r\nlake\n2 17\n{HASH}\n"),
            format!("frelon/doc/v1\nLake\n2 17\n{HASH}\n"),
            format!("frelon/doc/v1\nsearch\n2 17\n{HASH}\n"),
            format!("frelon/doc/v1\nlake\n2  17\n{HASH}\n"),
            format!("frelon/doc/v1\nlake\n02 17\n{HASH}\n"),
            format!("frelon/doc/v1\nlake\n+2 17\n{HASH}\n"),
            format!("frelon/doc/v1\nlake\n0 17\n{HASH}\n"),
            format!("frelon/doc/v1\nlake\n2 0\n{HASH}\n"),
            format!("frelon/doc/v1\nlake\n4294967296 17\n{HASH}\n"),
            format!("frelon/doc/v1\nlake\n2 17\n{}\n", HASH.replace('=', "")),
            format!("frelon/doc/v1\nlake\n2 17\n{}\n", HASH.replace("2I=", "2J=")),
            format!("frelon/doc/v2\nlake\n2 17\n{HASH}\n"),
            format!("frelon/original/v1\nlake\n2 17\n{HASH}\n"),
            format!("frelon/original/v1\nlake\n18446744073709551616\n{HASH}\n"),
            format!("frelon/doc/v1\nlake\n2 17\n{HASH}{}\n", "x".repeat(70_000)),
        ] {
            assert!(Entry::parse(text.as_bytes()).is_err(), "{text:?}");
        }
    }
}
