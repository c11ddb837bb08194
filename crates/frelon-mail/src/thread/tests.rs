use proptest::{collection::vec, prelude::*};

use super::*;

const DAY: i64 = 86_400;

fn entry(key: u64, message_id: u64, references: &[u64]) -> Entry<'_> {
    Entry { key, message_id: Some(message_id), references, ..Entry::default() }
}

/// Each node as key, thread, parent, inferred.
fn shape(threads: &Threads) -> Vec<(u64, u64, Option<u64>, bool)> {
    threads.nodes.iter().map(|node| (node.key, node.thread, node.parent, node.is_inferred)).collect()
}

#[test]
fn references_make_trees() {
    let threads = join(&[entry(1, 10, &[]), entry(2, 20, &[10]), entry(3, 30, &[10, 20]), entry(4, 40, &[10, 20, 20])]);
    assert_eq!(
        shape(&threads),
        [(1, 1, None, false), (2, 1, Some(1), false), (3, 1, Some(2), false), (4, 1, Some(2), false)]
    );
    assert!(threads.ghosts.is_empty());
}

#[test]
fn ghosts_hold_a_thread_together() {
    let threads = join(&[entry(5, 50, &[10]), entry(6, 60, &[10, 11]), entry(7, 70, &[99])]);
    assert_eq!(shape(&threads), [(5, 5, None, false), (6, 5, None, false), (7, 7, None, false)]);
    let found: Vec<_> =
        threads.ghosts.iter().map(|ghost| (ghost.message_id, ghost.thread, ghost.children.clone())).collect();
    assert_eq!(found, [(10, 5, vec![5]), (11, 5, vec![6]), (99, 7, vec![7])]);
}

#[test]
fn the_nearest_item_above_a_ghost_is_the_parent() {
    let threads = join(&[entry(1, 10, &[]), entry(2, 20, &[10, 15])]);
    assert_eq!(threads.nodes[1].parent, Some(1));
    assert_eq!(threads.ghosts[0].parent, Some(1));
}

#[test]
fn cycles_are_refused() {
    let threads = join(&[entry(1, 10, &[20]), entry(2, 20, &[10]), entry(3, 30, &[30])]);
    assert_eq!(shape(&threads), [(1, 1, Some(2), false), (2, 1, None, false), (3, 3, None, false)]);
}

#[test]
fn copies_stand_beside_the_first() {
    let threads =
        join(&[entry(1, 10, &[]), entry(2, 20, &[10]), entry(3, 20, &[]), entry(4, 10, &[]), entry(5, 50, &[20])]);
    assert_eq!(
        shape(&threads),
        [
            (1, 1, None, false),
            (2, 1, Some(1), false),
            (3, 1, Some(1), false),
            (4, 1, Some(1), false),
            (5, 1, Some(2), false)
        ]
    );
}

#[test]
fn replies_without_references_join_by_subject() {
    let of = |key, subject: &str, is_reply, day| Entry {
        key,
        message_id: Some(key * 1000),
        base_subject: hash_subject(subject),
        is_reply,
        sorted_at: day * DAY,
        ..Entry::default()
    };
    let threads = join(&[
        of(1, "budget plan", false, 0),
        of(2, "budget plan", true, 1),
        of(3, "budget plan", true, 20),
        // 40 days after the opening, 20 after the last reply.
        of(4, "budget plan", true, 40),
        // Too late.
        of(5, "budget plan", true, 90),
        // A new opening takes over.
        of(6, "budget plan", false, 95),
        of(7, "budget plan", true, 96),
        // Not a reply, and a subject too short.
        of(8, "budget plan", false, 97),
        of(9, "hi", false, 0),
        of(10, "hi", true, 1),
    ]);
    let found: Vec<_> = threads.nodes.iter().map(|node| (node.key, node.parent, node.is_inferred)).collect();
    assert_eq!(
        found,
        [
            (1, None, false),
            (2, Some(1), true),
            (3, Some(1), true),
            (4, Some(1), true),
            (5, None, false),
            (6, None, false),
            (7, Some(6), true),
            (8, None, false),
            (9, None, false),
            (10, None, false)
        ]
    );
}

#[test]
fn hashes_are_stable() {
    assert_eq!(hash_message_id("a@b.example"), hash_message_id("a@b.example"));
    assert_eq!(hash_message_id("abc"), 0xba78_16bf_8f01_cfea & i64::MAX as u64);
    assert_eq!(hash_subject("re"), 0);
    assert_ne!(hash_subject("会议"), 0);
}

/// Chains made to hurt: each message refers to the next, so that a walk to the root would be long.
#[test]
fn long_chains_take_near_linear_time() {
    let count = 300_000u64;
    let references: Vec<[u64; 1]> = (0..count).map(|at| [at + 2]).collect();
    let entries: Vec<Entry<'_>> = (0..count).map(|at| entry(at + 1, at + 1, &references[at as usize])).collect();
    let threads = join(&entries);
    assert!(threads.nodes.iter().all(|node| node.thread == 1));
}

proptest! {
    #[test]
    fn every_item_is_in_one_tree_whatever_the_headers_say(
        raw in vec((0u64..12, vec(0u64..16, 0..5), 0u64..3, any::<bool>(), 0i64..90), 0..30)
    ) {
        let entries: Vec<Entry<'_>> = raw.iter().zip(1u64..).map(|((id, references, subject, is_reply, day), key)| Entry {
            key, message_id: (*id > 0).then_some(*id), references, base_subject: *subject, is_reply: *is_reply, sorted_at: day * DAY,
        }).collect();
        let threads = join(&entries);
        prop_assert_eq!(threads.nodes.len(), entries.len());
        for node in &threads.nodes {
            let mut at = *node;
            let mut steps = 0;
            while let Some(parent) = at.parent {
                at = threads.nodes[parent as usize - 1];
                prop_assert_eq!(at.thread, node.thread);
                steps += 1;
                prop_assert!(steps <= entries.len(), "a cycle");
            }
            prop_assert!(node.thread <= node.key);
        }
        let mut reversed = entries.clone();
        reversed.reverse();
        let mut again = join(&reversed).nodes;
        again.reverse();
        prop_assert_eq!(again, threads.nodes);
    }
}
