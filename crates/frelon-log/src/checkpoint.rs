//! Checkpoints: origin, tree size and root of a log, as the text of a signed note (C2SP
//! tlog-checkpoint v1.0.0).

use std::{fmt, str::FromStr};

use crate::{
    Malformed, NodeHash, TreeHead, decimal,
    merkle::TREE_SIZE_MAX,
    note::{Note, OpenError, Verified, Verifier},
};

const FORMAT: &str = "checkpoint";

/// The longest origin read, in bytes.
const ORIGIN_BYTES_MAX: usize = 1024;

/// Which log: best a URL without its scheme. One line, not empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

impl Origin {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        if text.is_empty() || text.len() > ORIGIN_BYTES_MAX || text.bytes().any(|byte| byte < b' ') {
            return Err(Malformed::new("origin", "it is empty, too long, or has control characters"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What a log says of itself at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: Origin,
    /// Size and root of its tree.
    pub head: TreeHead,
    /// Further lines, each not empty; other logs may have them, ours do not.
    extensions: Vec<String>,
}

impl Checkpoint {
    /// A checkpoint without extension lines.
    #[must_use]
    pub fn new(origin: Origin, head: TreeHead) -> Self {
        Self { origin, head, extensions: Vec::new() }
    }

    /// The extension lines, without their newlines.
    #[must_use]
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }

    /// Reads the text of a note. Printing gives the same text again.
    ///
    /// # Errors
    /// When it is no checkpoint, or of a tree larger than [`TREE_SIZE_MAX`].
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let malformed = |reason| Malformed::new(FORMAT, reason);
        let lines = text.strip_suffix('\n').ok_or(malformed("the last line has no newline"))?;
        let mut lines = lines.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(malformed("it has fewer than three lines"));
        };
        let origin = origin.parse()?;
        let size = decimal::parse(size).ok_or(malformed("its size is not a plain decimal number"))?;
        if size > TREE_SIZE_MAX {
            return Err(malformed("its size is beyond 63 bits"));
        }
        let root: NodeHash = root.parse()?;
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(malformed("it has an empty line"));
        }
        Ok(Self { origin, head: TreeHead { size, root }, extensions })
    }
}

/// The text of the note, with its last newline.
impl fmt::Display for Checkpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}\n{}\n{}", self.origin, self.head.size, self.head.root)?;
        self.extensions.iter().try_for_each(|line| writeln!(formatter, "{line}"))
    }
}

/// A checkpoint in its note: well formed, and **not verified** before [`SignedCheckpoint::open`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

impl SignedCheckpoint {
    /// Reads a note whose text is a checkpoint.
    ///
    /// # Errors
    /// When it is no note or no checkpoint.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        Self::from_note(Note::parse(bytes)?)
    }

    /// The same from a note already read.
    ///
    /// # Errors
    /// When the text is no checkpoint.
    pub fn from_note(note: Note) -> Result<Self, Malformed> {
        Ok(Self { checkpoint: Checkpoint::parse(note.text())?, note })
    }

    /// What it says, believed or not.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Size and root.
    #[must_use]
    pub fn head(&self) -> TreeHead {
        self.checkpoint.head
    }

    /// The note: text and signatures.
    #[must_use]
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// The note, to add signatures to; its text stays.
    #[must_use]
    pub fn note_mut(&mut self) -> &mut Note {
        &mut self.note
    }

    /// Verifies the signatures by known keys, as [`Note::open`].
    ///
    /// # Errors
    /// When none is by a known key, or one of a known key is wrong.
    pub fn open(&self, verifiers: &[Verifier]) -> Result<Vec<Verified>, OpenError> {
        self.note.open(verifiers)
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.note, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

    #[test]
    fn what_is_read_prints_the_same() {
        for text in [
            format!("example.com/behind-the-sofa\n20852163\n{ROOT}\n"),
            format!("o\n0\n{ROOT}\n"),
            format!("an origin with spaces + plus\n9223372036854775807\n{ROOT}\nextension\n more\n"),
        ] {
            assert_eq!(Checkpoint::parse(&text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_checkpoint_is_refused() {
        for text in [
            String::new(),
            "\n".to_owned(),
            format!("o\n1\n{ROOT}"),
            format!("\n1\n{ROOT}\n"),
            format!("o\n01\n{ROOT}\n"),
            format!("o\n-1\n{ROOT}\n"),
            format!("o\n+1\n{ROOT}\n"),
            format!("o\n1 \n{ROOT}\n"),
            format!("o\n\n{ROOT}\n"),
            format!("o\n9223372036854775808\n{ROOT}\n"),
            format!("o\n1\n{}\n", &ROOT[1..]),
            format!("o\n1\n{}==\n", &ROOT[..42]),
            format!("o\n1\n{}J=\n", &ROOT[..42]),
            format!("o\n1\n{ROOT}\n\n"),
            format!("o\n1\n{ROOT}\n\nextension\n"),
            format!("o\r\n1\r\n{ROOT}\r\n"),
            "o\n1\n".to_owned(),
        ] {
            assert!(Checkpoint::parse(&text).is_err(), "{text:?}");
        }
    }
}
