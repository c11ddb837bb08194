//! A log in memory, with its key: signs any tree it is asked to.

use frelon_log::{
    Checkpoint, NodeHash, Note, SignedCheckpoint, Signer, TreeHead, Verifier,
    merkle::{self, Frontier, Node, NodeSource, leaf_hash},
};

pub(crate) const ORIGIN: &str = "log.example/archive";

/// The key of the log; always the same.
pub(crate) fn signer() -> Signer {
    Signer::new(ORIGIN.parse().unwrap(), &[42; 32])
}

pub(crate) fn log_key() -> Verifier {
    signer().verifier().clone()
}

/// A tree whose leaves are told apart by a word.
pub(crate) struct Tree {
    leaves: Vec<NodeHash>,
}

impl Tree {
    /// Leaves common to all up to `from`, its own from there on.
    pub(crate) fn forked(size: u64, from: u64, word: &str) -> Self {
        let leaf = |number: u64| match number < from {
            true => leaf_hash(format!("{number}").as_bytes()),
            false => leaf_hash(format!("{word}{number}").as_bytes()),
        };
        Self { leaves: (0..size).map(leaf).collect() }
    }

    pub(crate) fn new(size: u64) -> Self {
        Self::forked(size, size, "")
    }

    pub(crate) fn head(&self, size: u64) -> TreeHead {
        let mut frontier = Frontier::default();
        for leaf in &self.leaves[..usize::try_from(size).unwrap()] {
            frontier.push(*leaf);
        }
        frontier.head()
    }

    pub(crate) fn checkpoint(&self, size: u64) -> SignedCheckpoint {
        sign(self.head(size))
    }

    pub(crate) fn proof(&self, old_size: u64, new_size: u64) -> Vec<NodeHash> {
        merkle::consistency_proof(self, old_size, new_size).unwrap()
    }
}

/// What the log's key says of a tree, true or not.
pub(crate) fn sign(head: TreeHead) -> SignedCheckpoint {
    let mut note = Note::new(Checkpoint::new(ORIGIN.parse().unwrap(), head).to_string()).unwrap();
    signer().sign(&mut note).unwrap();
    SignedCheckpoint::from_note(note).unwrap()
}

impl NodeSource for Tree {
    type Error = std::convert::Infallible;

    fn nodes(&self, nodes: &[Node]) -> Result<Vec<NodeHash>, Self::Error> {
        let hash = |node: &Node| {
            let first = usize::try_from(node.index << node.level).unwrap();
            merkle::root_of(&self.leaves[first..first + (1 << node.level)])
        };
        Ok(nodes.iter().map(hash).collect())
    }
}
