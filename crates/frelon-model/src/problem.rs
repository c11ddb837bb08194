//! What was wrong with the input of an item. A problem never stops an item from being published.

use serde::{Deserialize, Serialize};

/// One defect found while reading an item, shown with the item.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Problem {
    /// What sort of defect.
    pub kind: ProblemKind,
    /// The particulars, short, in English: a charset's name, a count, a field; may be empty.
    pub detail: String,
}

impl Problem {
    /// A problem with its particulars.
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }
}

macro_rules! problem_kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// The sorts of defect, each with a stable code used in the API and for translations.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum ProblemKind { $($(#[$doc])* $name,)* }

        impl ProblemKind {
            /// Every kind, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable code, in kebab case.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

problem_kinds! {
    /// No Message-ID field, or an empty one.
    MessageIdMissing = "message-id-missing",
    /// More than one Message-ID; the first is used.
    MessageIdRepeated = "message-id-repeated",
    /// No Date field.
    DateMissing = "date-missing",
    /// A Date field that cannot be read.
    DateUnreadable = "date-unreadable",
    /// A date before electronic mail or after the item was taken in.
    DateImpossible = "date-impossible",
    /// No From field, or none that can be read.
    FromMissing = "from-missing",
    /// A field that may stand once (RFC 5322 section 3.6) stands more often; the first is used.
    FieldRepeated = "field-repeated",
    /// Bytes above 127 in the header block that no encoding declares.
    HeaderNotAscii = "header-not-ascii",
    /// The header block is longer than is parsed; the rest was left out of the fields.
    HeaderTooLong = "header-too-long",
    /// A line of the header block that is neither a field nor its continuation.
    HeaderMalformed = "header-malformed",
    /// A charset nobody knows, or one that contradicts the bytes.
    CharsetWrong = "charset-wrong",
    /// A transfer encoding that could not be undone cleanly.
    EncodingWrong = "encoding-wrong",
    /// NUL bytes.
    NulBytes = "nul-bytes",
    /// A carriage return that does not end a line, or two before one line feed.
    BareCarriageReturn = "bare-carriage-return",
    /// Lines end in different ways in one message.
    MixedLineEndings = "mixed-line-endings",
    /// A multipart whose end was never written: the message was probably cut off.
    Truncated = "truncated",
    /// MIME structure broken otherwise: no boundary, or a boundary that never appears.
    StructureBroken = "structure-broken",
    /// More parts or deeper nesting than is parsed; the rest is only in the raw message.
    TooManyParts = "too-many-parts",
    /// Mailbox quoting of `From ` lines could not be undone without doubt; bytes kept as found.
    QuotingAmbiguous = "quoting-ambiguous",
    /// The item has no body at all.
    BodyMissing = "body-missing",
    /// The parser gave up on this item; the raw bytes are kept and shown.
    Unparsed = "unparsed",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_match_the_serialised_form() {
        let mut codes: Vec<_> = ProblemKind::ALL.iter().map(|kind| kind.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), ProblemKind::ALL.len());
    }
}
