//! The words that statements choose from: kinds, modes and reasons of a withdrawal.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// A word that is none of those known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is none of the words that can stand here")]
pub struct UnknownWord;

/// Defines a set of words: the enum, its text forms, and JSON as a plain string, in one table.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name { $($(#[$word_doc])* $word,)+ }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$word),+];

            /// The word as it is written.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$word => $text),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text).ok_or(UnknownWord)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(|_| D::Error::custom(format!("`{text}` is none of the words that can stand here")))
            }
        }
    };
}

words! {
    /// What a statement does.
    Kind {
        /// Says who the editors are.
        Root = "root",
        /// Describes a collection.
        Collection = "collection",
        /// Says that items were taken in.
        Accession = "accession",
        /// Releases a tranche.
        Release = "release",
        /// Takes an item back.
        Withdraw = "withdraw",
        /// Undoes a withdrawal.
        Restore = "restore",
        /// Puts one item in the place of another.
        Correct = "correct",
        /// Goes on in another log.
        Succession = "succession",
    }
}

words! {
    /// How far a withdrawal goes.
    WithdrawMode {
        /// It is shown no longer, and kept.
        Hide = "hide",
        /// It is removed everywhere.
        Erase = "erase",
    }
}

words! {
    /// Why an item is withdrawn. Mirrors state which of these they follow.
    WithdrawReason {
        /// A court ordered it.
        CourtOrder = "court-order",
        /// It holds personal data that must not be out.
        PersonalData = "personal-data",
        /// It went out by mistake.
        Error = "error",
        /// Somebody else's right to it.
        Copyright = "copyright",
        /// It can give away where it came from.
        SourceAtRisk = "source-at-risk",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        for kind in Kind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
        assert_eq!("source-at-risk".parse(), Ok(WithdrawReason::SourceAtRisk));
        assert_eq!("Hide".parse::<WithdrawMode>(), Err(UnknownWord));
        assert!(serde_json::from_str::<WithdrawMode>("\"hide\"").is_ok());
        for bad in ["{\"hide\":null}", "0", "null", "\"\"", "[\"hide\"]"] {
            assert!(serde_json::from_str::<WithdrawMode>(bad).is_err(), "{bad}");
        }
    }
}
