//! Reading one thread from the catalog in reading order.

use std::collections::BTreeMap;

use frelon_model::MessageId;

use crate::{
    Archive, ReadError,
    archive::HeadInflater,
    catalog::{Ghost, Located, Member, RowKey},
    record::{ThreadEntry, ThreadNode, ThreadRecord},
};

/// Items of one thread that are shown; the rest is counted.
const NODES_MAX: usize = 5_000;
/// Ghosts of one thread whose Message-ID is looked up, each in a message that refers to it.
const GHOST_NAMES_MAX: usize = 100;

/// Hash under which a Message-ID is linked.
pub(crate) fn message_hash(id: &MessageId) -> u64 {
    frelon_mail::thread::hash_message_id(id.as_str())
}

/// A node before it has its place: ghosts have negative ids, as in the catalog.
struct Loose {
    parent: Option<i64>,
    inferred: bool,
    sorting: (i64, i64),
    entry: ThreadEntry,
}

pub(crate) fn read(archive: &Archive, root: RowKey) -> Result<ThreadRecord, ReadError> {
    let (members, ghosts) = archive.catalog().thread(root, NODES_MAX)?;
    let keys: Vec<RowKey> = members.iter().map(|member| member.item).collect();
    let items = archive.catalog().items(&keys)?;
    let subject = items.first().map(|found| found.item.subject.clone()).unwrap_or_default();
    let number = root.number();
    let mut loose = BTreeMap::new();
    for (member, found) in members.iter().zip(items) {
        loose.insert(member.item.sql(), loosen(member, found));
    }
    let item_count = loose.len() as u64;
    for (at, ghost) in ghosts.iter().enumerate() {
        let name = if at < GHOST_NAMES_MAX { ghost_name(archive, ghost)? } else { String::new() };
        let date = loose.get(&ghost.child.sql()).map_or(i64::MAX, |child| child.sorting.0);
        let node = Loose {
            parent: ghost.parent,
            inferred: false,
            sorting: (date, ghost.child.sql()),
            entry: ThreadEntry::Ghost(name),
        };
        loose.insert(-ghost.id, node);
    }
    Ok(ThreadRecord { thread: number, subject, item_count, nodes: unroll(loose) })
}

fn loosen(member: &Member, found: Located) -> Loose {
    let date = found.item.sorted_at.map_or(i64::MAX, |at| at.0);
    Loose {
        parent: member.parent,
        inferred: member.inferred,
        sorting: (date, member.item.sql()),
        entry: ThreadEntry::Item(Box::new(found.item)),
    }
}

/// Depth-first, siblings by date; a node whose parent is not among them is a root.
fn unroll(mut loose: BTreeMap<i64, Loose>) -> Vec<ThreadNode> {
    let mut children: BTreeMap<Option<i64>, Vec<i64>> = BTreeMap::new();
    for (id, node) in &loose {
        let parent = node.parent.filter(|parent| loose.contains_key(parent) && parent != id);
        children.entry(parent).or_default().push(*id);
    }
    for siblings in children.values_mut() {
        // Descending, since the stack below takes the last first.
        siblings.sort_unstable_by_key(|id| std::cmp::Reverse(loose.get(id).map(|node| node.sorting)));
    }
    let mut nodes = Vec::with_capacity(loose.len());
    let mut stack: Vec<(i64, u32)> = children.remove(&None).unwrap_or_default().into_iter().map(|id| (id, 0)).collect();
    while let Some((id, depth)) = stack.pop() {
        if let Some(node) = loose.remove(&id) {
            nodes.push(ThreadNode { depth, inferred: node.inferred, entry: node.entry });
            stack.extend(children.remove(&Some(id)).unwrap_or_default().into_iter().map(|child| (child, depth + 1)));
        }
    }
    // A cycle cannot come from our own linking; if a catalog has one, its nodes are still shown.
    nodes.extend(loose.into_values().map(|node| ThreadNode { depth: 0, inferred: node.inferred, entry: node.entry }));
    nodes
}

/// The Message-ID of a ghost, from an item that refers to it.
fn ghost_name(archive: &Archive, ghost: &Ghost) -> Result<String, ReadError> {
    let Some(child) = archive.catalog().item(ghost.child)? else { return Ok(String::new()) };
    let message = frelon_mail::parse(&archive.head(&child, &mut HeadInflater::default())?);
    let mut referred = message.references.iter().chain(&message.in_reply_to);
    let name = referred.find(|id| message_hash(id) == ghost.message_hash);
    Ok(name.map(|id| id.as_str().to_owned()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(parent: Option<i64>, date: i64) -> Loose {
        Loose { parent, inferred: false, sorting: (date, 0), entry: ThreadEntry::Ghost(date.to_string()) }
    }

    fn shape(loose: impl IntoIterator<Item = (i64, Loose)>) -> Vec<(u32, String)> {
        let name = |entry| match entry {
            ThreadEntry::Ghost(name) => name,
            ThreadEntry::Item(_) => unreachable!("only ghosts here"),
        };
        unroll(loose.into_iter().collect()).into_iter().map(|node| (node.depth, name(node.entry))).collect()
    }

    #[test]
    fn replies_follow_what_they_answer() {
        let nodes = [(1, node(None, 10)), (2, node(Some(1), 30)), (3, node(Some(1), 20)), (4, node(Some(3), 40))];
        let expected = [(0, "10"), (1, "20"), (2, "40"), (1, "30")].map(|(depth, name)| (depth, name.to_owned()));
        assert_eq!(shape(nodes), expected);
    }

    #[test]
    fn cycles_and_orphans_are_shown_once() {
        let nodes = [(1, node(Some(2), 10)), (2, node(Some(1), 20)), (3, node(Some(99), 5))];
        assert_eq!(shape(nodes).len(), 3);
    }
}
