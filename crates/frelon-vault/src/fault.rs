//! Named steps of the commit path, so that tests can stop the vault at any of them.

/// A step of writing. A hook that returns an error stands for a failing disk or a kill right there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Step {
    /// Pack bytes are about to be written.
    PackWrite,
    /// Pack bytes are written, not yet synced.
    PackSync,
    /// Pack bytes are durable, the transaction is not committed.
    BeforeCommit,
    /// The transaction is committed.
    AfterCommit,
}

/// Called before each [`Step`]; an error ends the operation there.
pub type FaultHook = Box<dyn FnMut(Step) -> std::io::Result<()> + Send>;
