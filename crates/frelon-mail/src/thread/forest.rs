//! Trees of nodes in which a link never makes a cycle: parents beside a union-find.

/// No node.
pub(super) const NONE: u32 = u32::MAX;

/// Parents of nodes, and which nodes hang together.
///
/// A node gets a parent once. A node without one is the root of its tree; so a link from it closes
/// a cycle exactly when the parent is in the same tree, which union-find tells without a walk.
pub(super) struct Forest {
    parents: Vec<u32>,
    sets: Vec<u32>,
}

impl Forest {
    pub(super) fn new(nodes: usize) -> Self {
        Self { parents: vec![NONE; nodes], sets: (0..nodes).map(super::index).collect() }
    }

    pub(super) fn parent(&self, node: u32) -> u32 {
        self.parents[node as usize]
    }

    /// Representative of the tree of a node.
    pub(super) fn tree(&mut self, mut node: u32) -> u32 {
        while self.sets[node as usize] != node {
            // Halving the path keeps later walks short.
            let above = self.sets[self.sets[node as usize] as usize];
            self.sets[node as usize] = above;
            node = above;
        }
        node
    }

    /// Hangs a node on a parent; refused when it has one, or when that would close a cycle.
    pub(super) fn link(&mut self, node: u32, parent: u32) -> bool {
        if self.parents[node as usize] != NONE {
            return false;
        }
        let (own, other) = (self.tree(node), self.tree(parent));
        if own == other {
            return false;
        }
        self.parents[node as usize] = parent;
        // The lower index represents: with path halving, near enough to balanced.
        let (low, high) = (own.min(other), own.max(other));
        self.sets[high as usize] = low;
        true
    }

    /// For each node its nearest ancestor with an index below `limit`, or [`NONE`].
    pub(super) fn nearest_below(&self, limit: u32) -> Vec<u32> {
        const UNKNOWN: u32 = u32::MAX - 1;
        let mut nearest = vec![UNKNOWN; self.parents.len()];
        let mut path = Vec::new();
        for start in 0..self.parents.len() {
            let mut node = super::index(start);
            let found = loop {
                if nearest[node as usize] != UNKNOWN {
                    break nearest[node as usize];
                }
                path.push(node);
                let parent = self.parents[node as usize];
                if parent == NONE || parent < limit {
                    break parent;
                }
                node = parent;
            };
            for node in path.drain(..) {
                nearest[node as usize] = found;
            }
        }
        nearest
    }
}
