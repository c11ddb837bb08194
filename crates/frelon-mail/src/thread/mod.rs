//! Messages to threads, after Jamie Zawinski's algorithm, over hashes instead of texts.
//!
//! Links come from References and In-Reply-To; where a reply has neither, from its base subject,
//! with care and marked as inferred. Each link is set once and joins two trees that were apart, so
//! that there are no cycles whatever the headers claim, and the time is near linear: sorting, and
//! one step per reference. About 80 bytes are held for each entry.

mod forest;
mod hash;

use std::cmp::Ordering;

use forest::{Forest, NONE};
pub use hash::{hash_message_id, hash_subject};

/// References of one entry that are used: the oldest, and the nearest before the entry itself.
const REFERENCES_USED: usize = 16;
/// Seconds that may lie between a reply without references and the message it is hung on by its
/// subject: 30 days. Longer, and yearly notices of the same title run together.
pub const SUBJECT_GAP_SECONDS: i64 = 30 * 24 * 60 * 60;

/// One message, as far as threads need it. Hashes come from [`hash_message_id`] and
/// [`hash_subject`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Entry<'x> {
    /// The item's number; a thread is named by its lowest.
    pub key: u64,
    /// Its own Message-ID.
    pub message_id: Option<u64>,
    /// References, oldest first, then In-Reply-To.
    pub references: &'x [u64],
    /// Base subject; 0 for none, or none worth joining by.
    pub base_subject: u64,
    /// The subject carried a reply or forward mark.
    pub is_reply: bool,
    /// The instant the item is sorted by, in seconds.
    pub sorted_at: i64,
}

/// Where an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// The item.
    pub key: u64,
    /// Its thread: the lowest key in it.
    pub thread: u64,
    /// The nearest ancestor that is an item.
    pub parent: Option<u64>,
    /// The link to the parent was inferred from the subject.
    pub is_inferred: bool,
}

/// A message that others refer to and that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ghost {
    /// Hash of its Message-ID.
    pub message_id: u64,
    /// The thread it belongs to.
    pub thread: u64,
    /// The nearest ancestor that is an item.
    pub parent: Option<u64>,
    /// Items that reply to it directly, in the order of the entries; never empty.
    pub children: Vec<u64>,
}

/// All threads of a set of entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Threads {
    /// One node for each entry, in the order of the entries.
    pub nodes: Vec<Node>,
    /// Ghosts with direct replies, by message id.
    pub ghosts: Vec<Ghost>,
}

/// Joins entries to threads. The result depends on the entries alone, and not on their order but
/// for the order of `nodes`, as long as keys are unique.
///
/// # Panics
/// With 2^32 - 1 entries and ghosts or more.
#[must_use]
pub fn join(entries: &[Entry<'_>]) -> Threads {
    let ids = Ids::new(entries);
    let mut forest = Forest::new(entries.len() + ids.ghosts.len());
    let order = by_key(entries);
    link_parents(entries, &order, &ids, &mut forest);
    link_ancestors(entries, &order, &ids, &mut forest);
    link_copies(&ids, &mut forest);
    let inferred = link_subjects(entries, &mut forest);
    collect(entries, &ids, &mut forest, &inferred)
}

/// Indexes of the entries by key.
fn by_key(entries: &[Entry<'_>]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..entries.len()).map(index).collect();
    order.sort_unstable_by_key(|&at| entries[at as usize].key);
    order
}

fn index(at: usize) -> u32 {
    u32::try_from(at).expect("fewer than 2^32 nodes")
}

/// Nodes by message id: entries first, ghosts after them.
struct Ids {
    /// The first entry (by key) of each id, by id.
    own: Vec<(u64, u32)>,
    /// Later entries with an id that is taken, ascending, each with the first one.
    copies: Vec<(u32, u32)>,
    /// Ids that are referred to and belong to no entry, ascending.
    ghosts: Vec<u64>,
    entries: usize,
}

impl Ids {
    fn new(entries: &[Entry<'_>]) -> Self {
        let mut own: Vec<(u64, u32)> =
            entries.iter().enumerate().filter_map(|(at, entry)| Some((entry.message_id?, index(at)))).collect();
        own.sort_unstable_by_key(|&(id, at)| (id, entries[at as usize].key));
        let mut copies = Vec::new();
        own.dedup_by(|later, first| {
            let is_copy = later.0 == first.0;
            if is_copy {
                copies.push((later.1, first.1));
            }
            is_copy
        });
        copies.sort_unstable();
        let mut ids = Self { own, copies, ghosts: Vec::new(), entries: entries.len() };
        ids.ghosts = ids.find_ghosts(entries);
        ids
    }

    fn find_ghosts(&self, entries: &[Entry<'_>]) -> Vec<u64> {
        let mut ghosts = Vec::new();
        let mut room = 1 << 16;
        let mut chain = Vec::new();
        for entry in entries {
            fill_chain(entry, &mut chain);
            ghosts.extend(chain.iter().filter(|id| self.entry(**id).is_none()));
            if ghosts.len() > room {
                ghosts.sort_unstable();
                ghosts.dedup();
                room = ghosts.len() * 2 + (1 << 16);
            }
        }
        ghosts.sort_unstable();
        ghosts.dedup();
        ghosts
    }

    fn entry(&self, id: u64) -> Option<u32> {
        self.own.binary_search_by_key(&id, |&(own, _)| own).ok().map(|at| self.own[at].1)
    }

    /// The node of an id that is known to be an entry's or a ghost's.
    fn node(&self, id: u64) -> Option<u32> {
        let ghost = || self.ghosts.binary_search(&id).ok().map(|at| index(self.entries + at));
        self.entry(id).or_else(ghost)
    }

    fn is_copy(&self, at: u32) -> bool {
        self.copies.binary_search_by_key(&at, |&(copy, _)| copy).is_ok()
    }
}

/// The references that are used, oldest first, each once, without the entry's own id. The first
/// mention counts: an In-Reply-To that repeats a reference adds nothing.
fn fill_chain(entry: &Entry<'_>, chain: &mut Vec<u64>) {
    chain.clear();
    let references = entry.references;
    let near = references.len().saturating_sub(REFERENCES_USED - 1).max(1).min(references.len());
    for &id in references.iter().take(1).chain(&references[near..]) {
        if Some(id) != entry.message_id && !chain.contains(&id) {
            chain.push(id);
        }
    }
}

/// First each message's own word on its parent: the last reference.
fn link_parents(entries: &[Entry<'_>], order: &[u32], ids: &Ids, forest: &mut Forest) {
    let mut chain = Vec::new();
    for &at in order {
        if ids.is_copy(at) {
            continue;
        }
        fill_chain(&entries[at as usize], &mut chain);
        if let Some(parent) = chain.last().and_then(|&id| ids.node(id)) {
            forest.link(at, parent);
        }
    }
}

/// Then what messages say of their ancestors, where those say nothing themselves.
fn link_ancestors(entries: &[Entry<'_>], order: &[u32], ids: &Ids, forest: &mut Forest) {
    let mut chain = Vec::new();
    for &at in order {
        fill_chain(&entries[at as usize], &mut chain);
        for pair in chain.windows(2) {
            if let (Some(parent), Some(child)) = (ids.node(pair[0]), ids.node(pair[1])) {
                forest.link(child, parent);
            }
        }
    }
}

/// Copies of a message stand beside the first of them, or under it where it is a root.
fn link_copies(ids: &Ids, forest: &mut Forest) {
    for &(copy, first) in &ids.copies {
        let parent = forest.parent(first);
        forest.link(copy, if parent == NONE { first } else { parent });
    }
}

/// Last, replies without any reference, by subject. Gives the entries that were so linked, ascending.
fn link_subjects(entries: &[Entry<'_>], forest: &mut Forest) -> Vec<u32> {
    let mut order: Vec<u32> = (0..entries.len()).filter(|&at| entries[at].base_subject != 0).map(index).collect();
    let sorted_by = |at: &u32| {
        let entry = &entries[*at as usize];
        (entry.base_subject, entry.sorted_at, entry.key)
    };
    order.sort_unstable_by_key(sorted_by);
    let mut inferred = Vec::new();
    // The newest message that opens the subject, and the newest of all with what it was hung on.
    let mut opening: Option<u32> = None;
    let mut newest: Option<(u32, u32)> = None;
    let mut subject = 0;
    for &at in &order {
        let entry = &entries[at as usize];
        if entry.base_subject != subject {
            (subject, opening, newest) = (entry.base_subject, None, None);
        }
        let is_near = |other: u32| {
            let gap = entry.sorted_at.saturating_sub(entries[other as usize].sorted_at);
            gap.cmp(&SUBJECT_GAP_SECONDS) != Ordering::Greater
        };
        let mut hung_on = at;
        if entry.is_reply && entry.references.is_empty() && forest.parent(at) == NONE {
            let by_newest = newest.filter(|(newest, _)| is_near(*newest)).map(|(_, hung_on)| hung_on);
            let target = opening.filter(|opening| is_near(*opening)).or(by_newest);
            if let Some(target) = target
                && forest.link(at, target)
            {
                inferred.push(at);
                hung_on = target;
            }
        }
        if !entry.is_reply {
            opening = Some(at);
        }
        newest = Some((at, hung_on));
    }
    inferred.sort_unstable();
    inferred
}

fn collect(entries: &[Entry<'_>], ids: &Ids, forest: &mut Forest, inferred: &[u32]) -> Threads {
    // The lowest key of each tree, at the tree's representative.
    let mut lowest = vec![u64::MAX; entries.len() + ids.ghosts.len()];
    for (at, entry) in entries.iter().enumerate() {
        let tree = forest.tree(index(at)) as usize;
        lowest[tree] = lowest[tree].min(entry.key);
    }
    let nearest = forest.nearest_below(index(entries.len()));
    let key_of = |at: u32| (at != NONE).then(|| entries[at as usize].key);
    let mut ghosts: Vec<Ghost> = Vec::new();
    let mut replies: Vec<(u32, u64)> = Vec::new();
    let mut nodes = Vec::with_capacity(entries.len());
    for (at, entry) in entries.iter().enumerate() {
        let at = index(at);
        let parent = forest.parent(at);
        if parent != NONE && parent as usize >= entries.len() {
            replies.push((parent, entry.key));
        }
        nodes.push(Node {
            key: entry.key,
            thread: lowest[forest.tree(at) as usize],
            parent: key_of(nearest[at as usize]),
            is_inferred: inferred.binary_search(&at).is_ok(),
        });
    }
    replies.sort_by_key(|&(ghost, _)| ghost);
    for children in replies.chunk_by(|a, b| a.0 == b.0) {
        let ghost = children[0].0;
        ghosts.push(Ghost {
            message_id: ids.ghosts[ghost as usize - entries.len()],
            thread: lowest[forest.tree(ghost) as usize],
            parent: key_of(nearest[ghost as usize]),
            children: children.iter().map(|&(_, key)| key).collect(),
        });
    }
    Threads { nodes, ghosts }
}

#[cfg(test)]
mod tests;
