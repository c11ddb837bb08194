//! What can be wrong with a query, said so that a reader can put it right.

use serde::Serialize;

/// Why a query is wrong, and where: the bytes `start..end` of the query as typed, on character
/// boundaries. `Display` is one line of English: what is wrong, then what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QueryError {
    /// What is wrong.
    #[serde(flatten)]
    pub kind: QueryErrorKind,
    /// First byte of the place.
    pub start: usize,
    /// First byte after the place.
    pub end: usize,
}

/// The sorts of mistake; `code` and the fields are stable, for translations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum QueryErrorKind {
    /// Longer than is read.
    TooLong {
        /// Bytes allowed.
        max: usize,
    },
    /// More conditions than are carried out.
    TooManyClauses {
        /// Conditions allowed.
        max: usize,
    },
    /// Parentheses nested deeper than is read.
    TooDeep {
        /// Levels allowed.
        max: usize,
    },
    /// A quotation mark without its partner.
    UnclosedQuote,
    /// `(` without `)`.
    UnclosedParenthesis,
    /// `)` without `(`.
    UnopenedParenthesis,
    /// `()`.
    EmptyGroup,
    /// `AND`, `OR`, `NOT` or `-` with nothing on a side that needs something.
    DanglingOperator {
        /// The operator as typed.
        operator: String,
    },
    /// Only things not wanted.
    OnlyNegations,
    /// Nothing that could be looked for, only punctuation.
    NoWords,
    /// What looks like a misspelt field.
    UnknownField {
        /// As typed.
        name: String,
        /// The field probably meant.
        nearest: String,
    },
    /// A field without a value.
    MissingValue {
        /// The field.
        field: String,
    },
    /// Not a date.
    BadDate {
        /// As typed.
        value: String,
    },
    /// Not a size.
    BadSize {
        /// As typed.
        value: String,
    },
    /// Not a whole number or a range of them.
    BadNumber {
        /// The field.
        field: String,
        /// As typed.
        value: String,
    },
    /// Not a language code.
    BadLanguage {
        /// As typed.
        value: String,
    },
    /// Not a state of signatures.
    BadDkim {
        /// As typed.
        value: String,
    },
    /// Not something an item can have.
    BadProperty {
        /// As typed.
        value: String,
    },
    /// Not a media type.
    BadType {
        /// As typed.
        value: String,
    },
    /// Not a name a collection could have.
    BadCollection {
        /// As typed.
        value: String,
    },
    /// A range that holds nothing: its end lies before its start.
    EmptyRange {
        /// As typed.
        value: String,
    },
    /// `*` elsewhere than at the end of a word.
    MisplacedWildcard {
        /// The word.
        word: String,
    },
    /// `word~n` with too large a number.
    TooFuzzy {
        /// Edits allowed.
        max: u8,
    },
    /// `"words"~n` with too large a number.
    TooFar {
        /// Distance allowed.
        max: u32,
    },
}

impl QueryErrorKind {
    /// The stable code, in kebab case, as serialised.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "too-long",
            Self::TooManyClauses { .. } => "too-many-clauses",
            Self::TooDeep { .. } => "too-deep",
            Self::UnclosedQuote => "unclosed-quote",
            Self::UnclosedParenthesis => "unclosed-parenthesis",
            Self::UnopenedParenthesis => "unopened-parenthesis",
            Self::EmptyGroup => "empty-group",
            Self::DanglingOperator { .. } => "dangling-operator",
            Self::OnlyNegations => "only-negations",
            Self::NoWords => "no-words",
            Self::UnknownField { .. } => "unknown-field",
            Self::MissingValue { .. } => "missing-value",
            Self::BadDate { .. } => "bad-date",
            Self::BadSize { .. } => "bad-size",
            Self::BadNumber { .. } => "bad-number",
            Self::BadLanguage { .. } => "bad-language",
            Self::BadDkim { .. } => "bad-dkim",
            Self::BadProperty { .. } => "bad-property",
            Self::BadType { .. } => "bad-type",
            Self::BadCollection { .. } => "bad-collection",
            Self::EmptyRange { .. } => "empty-range",
            Self::MisplacedWildcard { .. } => "misplaced-wildcard",
            Self::TooFuzzy { .. } => "too-fuzzy",
            Self::TooFar { .. } => "too-far",
        }
    }

    /// The particulars by name, for translated messages.
    #[must_use]
    pub fn arguments(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::TooLong { max } | Self::TooManyClauses { max } | Self::TooDeep { max } => {
                vec![("max", max.to_string())]
            }
            Self::TooFuzzy { max } => vec![("max", max.to_string())],
            Self::TooFar { max } => vec![("max", max.to_string())],
            Self::DanglingOperator { operator } => vec![("operator", operator.clone())],
            Self::UnknownField { name, nearest } => vec![("name", name.clone()), ("nearest", nearest.clone())],
            Self::MissingValue { field } => vec![("field", field.clone())],
            Self::BadNumber { field, value } => vec![("field", field.clone()), ("value", value.clone())],
            Self::BadDate { value }
            | Self::BadSize { value }
            | Self::BadLanguage { value }
            | Self::BadDkim { value }
            | Self::BadProperty { value }
            | Self::BadType { value }
            | Self::BadCollection { value }
            | Self::EmptyRange { value } => vec![("value", value.clone())],
            Self::MisplacedWildcard { word } => vec![("word", word.clone())],
            Self::UnclosedQuote
            | Self::UnclosedParenthesis
            | Self::UnopenedParenthesis
            | Self::EmptyGroup
            | Self::OnlyNegations
            | Self::NoWords => Vec::new(),
        }
    }
}

impl std::fmt::Display for QueryErrorKind {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLong { max } => {
                write!(out, "the query is too long: use at most {max} bytes, or split it into several searches")
            }
            Self::TooManyClauses { max } => {
                write!(out, "too many conditions: use at most {max}, or split the query into several searches")
            }
            Self::TooDeep { max } => write!(out, "parentheses nested too deeply: use at most {max} levels"),
            Self::UnclosedQuote => out.write_str("this quotation mark is never closed: add \" where the phrase ends"),
            Self::UnclosedParenthesis => {
                out.write_str("this parenthesis is never closed: add ) where the group ends, or leave out the (")
            }
            Self::UnopenedParenthesis => {
                out.write_str("this ) closes nothing: leave it out, or add ( before the group")
            }
            Self::EmptyGroup => {
                out.write_str("nothing stands between these parentheses: leave them out, or write words inside")
            }
            Self::DanglingOperator { operator } => write!(
                out,
                "something is missing beside `{operator}`: write what it applies to, or put it in quotes to look for the word"
            ),
            Self::OnlyNegations => {
                out.write_str("this says only what not to find: add what to find, or * for everything, as in * -draft")
            }
            Self::NoWords => out.write_str("there is no word to look for here: use letters or digits"),
            Self::UnknownField { name, nearest } => write!(
                out,
                "there is no field `{name}:`: write `{nearest}:`, or put a space after the colon to look for the words"
            ),
            Self::MissingValue { field } => write!(
                out,
                "`{field}:` has no value: write one right after the colon, or leave out the colon to look for the word"
            ),
            Self::BadDate { value } => write!(
                out,
                "`{value}` is not a date: write a year, month or day such as 2016, 2016-10 or 2016-10-07, or a range such as 2016-10-01..2016-10-31"
            ),
            Self::BadSize { value } => {
                write!(out, "`{value}` is not a size: write a number with b, kb, mb or gb, such as >1mb or 10kb..2mb")
            }
            Self::BadNumber { field, value } => write!(
                out,
                "`{value}` is not a number: write `{field}:` with a whole number or a range, such as 5, >5 or 5..9"
            ),
            Self::BadLanguage { value } => {
                write!(out, "`{value}` is not a language: write its code of two letters, such as lang:fr")
            }
            Self::BadDkim { value } => write!(
                out,
                "`dkim:{value}` is unknown: write dkim: with pass, expired, body-altered, headers-altered, altered, key-not-found, key-revoked, malformed or unsigned"
            ),
            Self::BadProperty { value } => {
                write!(out, "`has:{value}` is unknown: write has:attachment, has:html, has:problem or has:date")
            }
            Self::BadType { value } => write!(
                out,
                "`{value}` is not a media type: write one such as type:pdf, type:image or type:text/calendar"
            ),
            Self::BadCollection { value } => {
                write!(
                    out,
                    "`{value}` cannot name a collection: write the name as it stands in the address of its page"
                )
            }
            Self::EmptyRange { value } => {
                write!(out, "nothing lies in `{value}`: its end is before its start, so swap the two")
            }
            Self::MisplacedWildcard { word } => {
                write!(out, "in `{word}` the * is not at the end: only a word's ending can be left open, as in budg*")
            }
            Self::TooFuzzy { max } => write!(out, "too many edits: write word~1 or at most word~{max}"),
            Self::TooFar { max } => write!(out, "too far apart: use at most ~{max}, or leave out the quotes"),
        }
    }
}

impl std::fmt::Display for QueryError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.kind.fmt(out)
    }
}

impl std::error::Error for QueryError {}
