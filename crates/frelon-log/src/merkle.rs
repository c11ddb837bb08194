//! Merkle trees as in RFC 6962, section 2.1, with SHA-256: hashes, proofs, and their verification.
//!
//! Proofs are made from any [`NodeSource`]: a list of complete subtrees is asked for at once, so that
//! a source may fetch them together. Consistency is verified by the crate `ct-merkle`; inclusion is
//! verified here, because what is to be verified is often only the *hash* of an entry (a proof file
//! does not carry the entry), and that crate takes entries. The walk is that of RFC 9162, section
//! 2.1.3.2.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use ct_merkle::{ConsistencyProof, RootHash};
use sha2::{Digest, Sha256};

use crate::Malformed;

/// The most entries a tree may have. The reference implementation reads sizes as signed 64-bit
/// numbers; a larger one could not be checked by it.
pub const TREE_SIZE_MAX: u64 = i64::MAX as u64;

/// The most hashes in a proof: one for each level of the largest tree (tlog-witness says the same).
pub const PROOF_HASHES_MAX: usize = 63;

/// The hash of a node or a leaf of a tree: SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeHash(pub [u8; 32]);

impl NodeHash {
    /// Its length in tiles.
    pub const BYTES: usize = 32;

    /// As 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn to_hex(self) -> String {
        use fmt::Write;
        self.0.iter().fold(String::with_capacity(64), |mut text, byte| {
            let _infallible = write!(text, "{byte:02x}");
            text
        })
    }
}

/// Standard base64, as in checkpoints and proofs.
impl fmt::Display for NodeHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&BASE64.encode(self.0))
    }
}

impl fmt::Debug for NodeHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for NodeHash {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        const MALFORMED: Malformed = Malformed::new("hash", "it is not the base64 of 32 bytes");
        // 32 bytes have one spelling of 44 characters; checked first, so that nothing long is decoded.
        if text.len() != 44 {
            return Err(MALFORMED);
        }
        let bytes = BASE64.decode(text).map_err(|_| MALFORMED)?;
        Ok(Self(bytes.try_into().map_err(|_| MALFORMED)?))
    }
}

/// The size of a tree and its root: what a checkpoint says of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeHead {
    /// The number of entries.
    pub size: u64,
    /// The root of the tree over them.
    pub root: NodeHash,
}

impl TreeHead {
    /// That of the tree without entries.
    #[must_use]
    pub fn empty() -> Self {
        Self { size: 0, root: empty_root() }
    }
}

/// The root of the empty tree: the hash of the empty string.
#[must_use]
pub fn empty_root() -> NodeHash {
    NodeHash(Sha256::digest([]).into())
}

/// The hash of a leaf: `SHA-256(0x00 || entry)`.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> NodeHash {
    NodeHash(Sha256::new_with_prefix([0]).chain_update(entry).finalize().into())
}

/// The hash of an inner node: `SHA-256(0x01 || left || right)`.
#[must_use]
pub fn node_hash(left: NodeHash, right: NodeHash) -> NodeHash {
    let mut message = [1; 1 + 2 * NodeHash::BYTES];
    message[1..33].copy_from_slice(&left.0);
    message[33..].copy_from_slice(&right.0);
    NodeHash(Sha256::digest(message).into())
}

/// The root over hashes that are the leaves of a subtree; the empty root for none.
#[must_use]
pub fn root_of(hashes: &[NodeHash]) -> NodeHash {
    let mut frontier = Frontier::default();
    for hash in hashes {
        frontier.push(*hash);
    }
    frontier.root()
}

/// The right edge of a growing tree: all that is needed to go on hashing, 32 bytes for each level.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    /// Roots of the complete subtrees, the largest first: one for each bit set in `size`.
    peaks: Vec<NodeHash>,
}

impl Frontier {
    /// Adds the hash of the next leaf.
    pub fn push(&mut self, leaf: NodeHash) {
        let mut hash = leaf;
        // Each bit of the old size that turns from 1 to 0 is a subtree that gets its right half.
        for _ in 0..self.size.trailing_ones() {
            let left = self.peaks.pop().expect("there is a peak for each bit set");
            hash = node_hash(left, hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The number of leaves so far.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root over the leaves so far.
    #[must_use]
    pub fn root(&self) -> NodeHash {
        fold(&self.peaks).unwrap_or_else(empty_root)
    }

    /// Size and root.
    #[must_use]
    pub fn head(&self) -> TreeHead {
        TreeHead { size: self.size, root: self.root() }
    }
}

/// Hashes peaks, the largest first, into one: the smallest two first.
pub(crate) fn fold(peaks: &[NodeHash]) -> Option<NodeHash> {
    peaks.iter().copied().rev().reduce(|right, left| node_hash(left, right))
}

/// A complete subtree: the node at `level` (0 is a leaf) that spans the leaves from
/// `index << level` to before `(index + 1) << level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Node {
    /// Its height above the leaves, at most 62.
    pub level: u8,
    /// Its place among the nodes of the level.
    pub index: u64,
}

/// Where the hashes of nodes come from: memory, tiles, a network.
pub trait NodeSource {
    /// Why a hash cannot be had.
    type Error;

    /// The hashes of these nodes, in their order. Nodes are asked for together, to be fetched
    /// together; all lie within the tree the source is for.
    ///
    /// # Errors
    /// When one of them cannot be had.
    fn nodes(&self, nodes: &[Node]) -> Result<Vec<NodeHash>, Self::Error>;
}

/// Leaves `from..to` of a tree that are one argument of a node hash.
type Span = (u64, u64);

/// The largest power of two below `size`, for sizes above 1: where RFC 6962 splits.
fn split(size: u64) -> u64 {
    debug_assert!(size > 1, "a leaf has no halves");
    1 << (u64::BITS - 1 - (size - 1).leading_zeros())
}

/// The complete subtrees a span is made of, the largest first.
fn nodes_of((mut from, to): Span) -> Vec<Node> {
    let mut nodes = Vec::new();
    while from < to {
        let level = (to - from).ilog2();
        // A span starts at a multiple of the power of two its length needs, so the shift is exact.
        nodes.push(Node { level: u8::try_from(level).expect("at most 63"), index: from >> level });
        from += 1 << level;
    }
    nodes
}

/// Fetches the nodes of all spans together and hashes each span to one.
fn resolve<S: NodeSource + ?Sized>(source: &S, spans: &[Span]) -> Result<Vec<NodeHash>, S::Error> {
    let parts: Vec<Vec<Node>> = spans.iter().map(|span| nodes_of(*span)).collect();
    let hashes = source.nodes(&parts.concat())?;
    let mut rest = &hashes[..];
    let hash = |part: &Vec<Node>| {
        let (own, others) = rest.split_at(part.len());
        rest = others;
        fold(own).expect("a span is not empty")
    };
    Ok(parts.iter().map(hash).collect())
}

/// The root of the tree of the first `size` leaves.
///
/// # Errors
/// When the source fails.
pub fn root_at<S: NodeSource + ?Sized>(source: &S, size: u64) -> Result<NodeHash, S::Error> {
    if size == 0 {
        return Ok(empty_root());
    }
    Ok(resolve(source, &[(0, size)])?[0])
}

/// Proof that the leaf at `index` is in the tree of `size` leaves (RFC 6962, 2.1.1): hashes from the
/// leaf's sibling up to the root's child.
///
/// # Panics
/// When `index` is not below `size`: the caller chose both.
///
/// # Errors
/// When the source fails.
pub fn inclusion_proof<S: NodeSource + ?Sized>(source: &S, index: u64, size: u64) -> Result<Vec<NodeHash>, S::Error> {
    assert!(index < size && size <= TREE_SIZE_MAX, "the leaf lies in the tree");
    let (mut from, mut to) = (0, size);
    let mut spans = Vec::new();
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            spans.push((middle, to));
            to = middle;
        } else {
            spans.push((from, middle));
            from = middle;
        }
    }
    spans.reverse();
    resolve(source, &spans)
}

/// Proof that the tree of `new_size` leaves begins with that of `old_size` leaves (RFC 6962, 2.1.2).
/// Empty for equal sizes and for an empty old tree.
///
/// # Panics
/// When `old_size` is above `new_size`: the caller chose both.
///
/// # Errors
/// When the source fails.
pub fn consistency_proof<S: NodeSource + ?Sized>(
    source: &S,
    old_size: u64,
    new_size: u64,
) -> Result<Vec<NodeHash>, S::Error> {
    assert!(old_size <= new_size && new_size <= TREE_SIZE_MAX, "the old tree is the smaller one");
    let mut spans = Vec::new();
    if old_size > 0 {
        let (mut from, mut to) = (0, new_size);
        while to != old_size {
            let middle = from + split(to - from);
            if old_size <= middle {
                spans.push((middle, to));
                to = middle;
            } else {
                spans.push((from, middle));
                from = middle;
            }
        }
        // While nothing was cut off on the left, what remains is the old tree, which the verifier knows.
        if from > 0 {
            spans.push((from, to));
        }
        spans.reverse();
    }
    resolve(source, &spans)
}

/// Why a proof does not prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The index is not in the tree, the old tree is larger than the new one, or a tree is too large.
    #[error("the proof is for a place outside the tree")]
    OutOfRange,
    /// Not as many hashes as such a proof has.
    #[error("the proof has too many or too few hashes")]
    WrongLength,
    /// The hashes do not lead to the root.
    #[error("the proof does not lead to the root")]
    Mismatch,
}

/// Verifies that the leaf with this hash is the entry at `index` of the tree.
///
/// # Errors
/// When the proof does not prove it.
pub fn verify_inclusion(leaf: NodeHash, index: u64, proof: &[NodeHash], head: TreeHead) -> Result<(), ProofError> {
    if index >= head.size || head.size > TREE_SIZE_MAX {
        return Err(ProofError::OutOfRange);
    }
    // Place of our node and of the last node, level by level.
    let (mut place, mut last) = (index, head.size - 1);
    let mut hash = leaf;
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::WrongLength);
        }
        if place & 1 == 1 || place == last {
            hash = node_hash(*sibling, hash);
            // The last node of a level may have no sibling there; it goes up unchanged until it has.
            while place & 1 == 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(hash, *sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::WrongLength);
    }
    if hash == head.root { Ok(()) } else { Err(ProofError::Mismatch) }
}

/// Verifies that the new tree begins with the old one.
///
/// Every tree begins with the empty one; the proof is then empty, and the old root must be that of
/// the empty tree.
///
/// # Errors
/// When the proof does not prove it.
pub fn verify_consistency(old: TreeHead, new: TreeHead, proof: &[NodeHash]) -> Result<(), ProofError> {
    if old.size > new.size || new.size > TREE_SIZE_MAX {
        return Err(ProofError::OutOfRange);
    }
    if proof.len() > PROOF_HASHES_MAX {
        return Err(ProofError::WrongLength);
    }
    if old.size == 0 {
        if !proof.is_empty() {
            return Err(ProofError::WrongLength);
        }
        let same = old.root == empty_root() && (new.size > 0 || new.root == old.root);
        return if same { Ok(()) } else { Err(ProofError::Mismatch) };
    }
    let head = |head: TreeHead| RootHash::<Sha256>::new(head.root.0.into(), head.size);
    let bytes = proof.iter().flat_map(|hash| hash.0).collect();
    let proof = ConsistencyProof::<Sha256>::try_from_bytes(bytes).map_err(|_| ProofError::WrongLength)?;
    head(new).verify_consistency(&head(old), &proof).map_err(|error| match error {
        ct_merkle::ConsistencyVerifError::MalformedProof => ProofError::WrongLength,
        ct_merkle::ConsistencyVerifError::VerificationFailure => ProofError::Mismatch,
        ct_merkle::ConsistencyVerifError::OldTreeEmpty
        | ct_merkle::ConsistencyVerifError::OldTreeLarger
        | ct_merkle::ConsistencyVerifError::NewTreeTooBig => ProofError::OutOfRange,
    })
}

#[cfg(test)]
mod tests;
