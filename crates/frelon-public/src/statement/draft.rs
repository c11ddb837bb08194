//! Drafts: statements on their way from editor to editor, in a file, unsigned or partly signed.

use std::{fmt, str};

use frelon_log::{Note, Signer};

use super::{FORMAT, STATEMENT_BYTES_MAX, Statement, Terms};
use crate::Malformed;

/// The longest text of a draft. What is left of an entry has room for 64 signatures under names of a
/// hundred bytes.
const TEXT_BYTES_MAX: usize = 48 * 1024;

/// A statement that may lack signatures. In a file it is the note itself: with no signature yet, the
/// text and the empty line after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    statement: Statement,
}

impl Draft {
    /// A draft without signatures.
    ///
    /// # Errors
    /// When it says what no reader would accept, or is too long.
    pub fn new(terms: Terms) -> Result<Self, Malformed> {
        let text = terms.to_text()?;
        if text.len() > TEXT_BYTES_MAX {
            return Err(Malformed::new(FORMAT, "its text is longer than 48 KiB"));
        }
        // Read back: what is signed is what readers will see, or it is not signed.
        if Terms::parse(&text)? != terms {
            return Err(Malformed::new(FORMAT, "a value in it has no text form, such as a year beyond 9999"));
        }
        Ok(Self { statement: Statement { terms, note: Note::new(text)? } })
    }

    /// Reads the file of a draft, or a statement to which signatures are added.
    ///
    /// # Errors
    /// When it is no statement.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > STATEMENT_BYTES_MAX {
            return Err(Malformed::new(FORMAT, "it is longer than 65,535 bytes"));
        }
        let unsigned = bytes.strip_suffix(b"\n").filter(|text| text.ends_with(b"\n"));
        let note = match unsigned {
            Some(text) => {
                let text = str::from_utf8(text).map_err(|_| Malformed::new(FORMAT, "it is not UTF-8"))?;
                Note::new(text)?
            }
            None => Note::parse(bytes)?,
        };
        Ok(Self { statement: Statement::from_note(note)? })
    }

    /// What it says and who signed so far, as [`crate::Authority::check`] takes it.
    #[must_use]
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// What it says, in plain English lines.
    #[must_use]
    pub fn describe(&self) -> String {
        self.statement.describe()
    }

    /// Shows what the draft says ([`Terms::describe`]) and, if `show` answers yes, adds a signature.
    /// Whether it was signed. There is no way to sign what was not shown.
    ///
    /// # Errors
    /// When the statement would become longer than an entry may be.
    pub fn sign(&mut self, signer: &Signer, show: impl FnOnce(&str) -> bool) -> Result<bool, Malformed> {
        if !show(&self.describe()) {
            return Ok(false);
        }
        let mut note = self.statement.note.clone();
        signer.sign(&mut note)?;
        self.take(note)?;
        Ok(true)
    }

    /// Takes over the signatures of another copy of the same draft. How many were new.
    ///
    /// # Errors
    /// When the other says something else, or both together are too long.
    pub fn merge(&mut self, other: &Self) -> Result<usize, Malformed> {
        if other.statement.note.text() != self.statement.note.text() {
            return Err(Malformed::new(FORMAT, "the two drafts are not of one statement"));
        }
        let mut note = self.statement.note.clone();
        let before = note.signatures().len();
        other.statement.note.signatures().iter().try_for_each(|signature| note.add(signature.clone()))?;
        let added = note.signatures().len() - before;
        self.take(note)?;
        Ok(added)
    }

    fn take(&mut self, note: Note) -> Result<(), Malformed> {
        if note.to_string().len() > STATEMENT_BYTES_MAX {
            return Err(Malformed::new(FORMAT, "with its signatures it is longer than 65,535 bytes"));
        }
        self.statement.note = note;
        Ok(())
    }

    /// The statement, to be logged.
    ///
    /// # Errors
    /// When nobody has signed it.
    pub fn finish(self) -> Result<Statement, Malformed> {
        if self.statement.note.signatures().is_empty() {
            return Err(Malformed::new(FORMAT, "nobody has signed it"));
        }
        Ok(self.statement)
    }
}

/// The file.
impl fmt::Display for Draft {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.statement.fmt(formatter)
    }
}
