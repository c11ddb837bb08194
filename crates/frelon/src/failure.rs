//! How a command fails: what is wrong, what to do about it, and the exit code.

use std::process::ExitCode;

/// Sorts of failure, each with its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Disk, permissions, network, damage.
    Failed,
    /// The command line asks for something that cannot be.
    Usage,
    /// Done, but something was left out.
    Incomplete,
    /// The input or the directory is not what the command needs.
    Input,
}

/// A command's failure.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    error: anyhow::Error,
    hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(kind: Kind, error: impl Into<anyhow::Error>) -> Self {
        Self { kind, error: error.into(), hint: None }
    }

    pub(crate) fn message(kind: Kind, message: impl Into<String>) -> Self {
        Self::new(kind, anyhow::Error::msg(message.into()))
    }

    /// Adds a line that says what to do.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whether the work was done and only something was left out.
    #[cfg(feature = "desk")]
    pub(crate) fn is_incomplete(&self) -> bool {
        self.kind == Kind::Incomplete
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self.kind {
            Kind::Failed => 1,
            Kind::Usage => 2,
            Kind::Incomplete => 3,
            Kind::Input => 4,
        })
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::new(Kind::Failed, error)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "frelon: {}", self.error)?;
        let mut shown = self.error.to_string();
        for cause in self.error.chain().skip(1) {
            let cause = cause.to_string();
            // Many errors already quote their source.
            if !shown.contains(&cause) {
                write!(out, ": {cause}")?;
                shown.push_str(&cause);
            }
        }
        match &self.hint {
            Some(hint) => write!(out, "\n        {hint}"),
            None => Ok(()),
        }
    }
}

/// Why an index or public tree could not be opened, as a failure of the command.
impl From<frelon_index::ReadError> for Failure {
    fn from(error: frelon_index::ReadError) -> Self {
        use frelon_index::ReadError::{NotAPublication, NotIndexed};
        let kind = if matches!(error, NotAPublication { .. } | NotIndexed { .. }) { Kind::Input } else { Kind::Failed };
        Self::new(kind, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_say_what_and_what_to_do() {
        let failure = Failure::message(Kind::Input, "x.mbox is not mail").hint("give an mbox file");
        assert_eq!(failure.to_string(), "frelon: x.mbox is not mail\n        give an mbox file");
        assert_eq!(format!("{:?}", failure.exit_code()), format!("{:?}", ExitCode::from(4)));
    }
}
