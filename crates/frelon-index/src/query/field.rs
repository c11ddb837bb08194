//! The names of the fields, and what a misspelt one probably meant.

macro_rules! fields {
    ($($field:ident = $name:literal,)*) => {
        /// A field of the query language.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Field { $($field,)* }

        impl Field {
            const ALL: &'static [Self] = &[$(Self::$field,)*];

            /// Its name, without the colon.
            pub(super) fn name(self) -> &'static str {
                match self { $(Self::$field => $name,)* }
            }
        }
    };
}

fields! {
    From = "from",
    To = "to",
    Cc = "cc",
    Bcc = "bcc",
    Participant = "participant",
    Subject = "subject",
    Body = "body",
    Quoted = "quoted",
    Attachment = "attachment",
    Type = "type",
    Has = "has",
    List = "list",
    Number = "number",
    Release = "release",
    Thread = "thread",
    Lang = "lang",
    Dkim = "dkim",
    Size = "size",
    Recipients = "recipients",
    Date = "date",
    After = "after",
    Before = "before",
    Id = "id",
    In = "in",
}

/// Names other search tools use for the same things.
const ALIASES: [(&str, Field); 6] = [
    ("filename", Field::Attachment),
    ("language", Field::Lang),
    ("since", Field::After),
    ("collection", Field::In),
    ("message-id", Field::Id),
    ("tranche", Field::Release),
];

/// Longest name compared when looking for the nearest one.
const NAME_BYTES_MAX: usize = 16;

impl Field {
    /// The field of this name, whatever its case.
    pub(super) fn named(name: &str) -> Option<Self> {
        let own = Self::ALL.iter().find(|field| field.name().eq_ignore_ascii_case(name)).copied();
        own.or_else(|| ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name)).map(|(_, field)| *field))
    }

    /// The field a misspelt name probably means: one edit away, two for names of six letters or
    /// more. Names of two letters are left alone: too many words are one edit from `to`.
    pub(super) fn nearest(name: &str) -> Option<Self> {
        if !(3..=NAME_BYTES_MAX).contains(&name.len()) {
            return None;
        }
        let name = name.to_ascii_lowercase();
        let allowed = if name.len() < 6 { 1 } else { 2 };
        let long = Self::ALL.iter().filter(|field| field.name().len() > 2);
        let (distance, field) = long
            .map(|field| (edits(name.as_bytes(), field.name().as_bytes()), *field))
            .min_by_key(|(edits, _)| *edits)?;
        (distance <= allowed).then_some(field)
    }
}

/// Edits between two short names: insertions, deletions, replacements, swaps of neighbours
/// (optimal string alignment).
fn edits(left: &[u8], right: &[u8]) -> usize {
    let width = right.len() + 1;
    let mut table = vec![0; (left.len() + 1) * width];
    for row in 0..=left.len() {
        for column in 0..=right.len() {
            table[row * width + column] = if row == 0 || column == 0 {
                row + column
            } else {
                let differ = usize::from(left[row - 1] != right[column - 1]);
                let mut best = (table[(row - 1) * width + column] + 1)
                    .min(table[row * width + column - 1] + 1)
                    .min(table[(row - 1) * width + column - 1] + differ);
                let swapped =
                    row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1];
                if swapped {
                    best = best.min(table[(row - 2) * width + column - 2] + 1);
                }
                best
            };
        }
    }
    table[left.len() * width + right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_case_and_aliases() {
        assert_eq!(Field::named("From"), Some(Field::From));
        assert_eq!(Field::named("message-id"), Some(Field::Id));
        assert_eq!(Field::named("http"), None);
        for field in Field::ALL {
            assert_eq!(Field::named(field.name()), Some(*field));
        }
    }

    #[test]
    fn nearest_finds_slips_and_leaves_words_alone() {
        for (slip, meant) in [
            ("form", Field::From),
            ("fron", Field::From),
            ("subjct", Field::Subject),
            ("atachmnet", Field::Attachment),
            ("recipient", Field::Recipients),
            ("bodi", Field::Body),
        ] {
            assert_eq!(Field::nearest(slip), Some(meant), "{slip}");
        }
        for word in ["re", "http", "https", "fwd", "note", "mailto", "is", "no", "urn", "std"] {
            assert_eq!(Field::nearest(word), None, "{word}");
        }
    }
}
