//! Lists, people, threads and lookups.

use frelon_index::{Archive, ListOrder, PeopleOrder, ThreadEntry};
use frelon_model::{CollectionId, ContentHash, Instant};
use sha2::{Digest, Sha256};

use crate::fixture::{Fixture, key, message};

fn lake() -> (Fixture, Archive, Vec<String>) {
    let messages = vec![
        message("Ann <ann@lake.example>", "Plan", "Fri, 07 Oct 2016 10:00:00 +0200", "1@x", "", "one"),
        message(
            "Carl <carl@sea.example>",
            "Re: Plan",
            "Sat, 08 Oct 2016 10:00:00 +0200",
            "2@x",
            "References: <1@x> <lost@x>\r\n",
            "two",
        ),
        message("Ann <ann@lake.example>", "Other", "Thu, 01 Jan 2099 10:00:00 +0200", "3@x", "", "three"),
    ];
    let (fixture, archive) = Fixture::archive(&messages);
    (fixture, archive, messages)
}

#[test]
fn items_come_back_byte_for_byte() {
    let (_fixture, archive, messages) = lake();
    for (number, message) in (1..).zip(&messages) {
        assert_eq!(archive.raw(&key(number)).expect("read").as_deref(), Some(message.as_bytes()));
    }
    assert_eq!(archive.raw(&key(4)).expect("read"), None);
    assert_eq!(
        archive.neighbours(&key(2)).map(|(a, b)| (a.map(|n| n.0), b.map(|n| n.0))).expect("read"),
        (Some(1), Some(3))
    );
}

#[test]
fn impossible_dates_are_shown_but_not_sorted_by() {
    let (_fixture, archive, _) = lake();
    let item = archive.item(&key(3)).expect("read").expect("there");
    assert!(item.sent.is_some());
    assert_eq!(item.sorted_at, None);
    assert!(item.problems.iter().any(|problem| problem.kind.code() == "date-impossible"));
    let newest = archive.items(&key(1).collection, ListOrder::Newest, None, None, 10).expect("read");
    assert_eq!(newest.rows.iter().map(|item| item.key.number.0).collect::<Vec<_>>(), [2, 1, 3]);
}

#[test]
fn lists_page_to_their_end() {
    let (_fixture, archive, _) = lake();
    for order in [ListOrder::Number, ListOrder::Oldest, ListOrder::Newest] {
        let (mut numbers, mut cursor) = (Vec::new(), None);
        loop {
            let page = archive.items(&key(1).collection, order, None, cursor.as_deref(), 1).expect("read");
            numbers.extend(page.rows.iter().map(|item| item.key.number.0));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3], "{order:?}");
    }
    let october = (Instant::from_date(2016, 10, 8).expect("a day"), Instant::from_date(2016, 10, 9).expect("a day"));
    let page = archive.items(&key(1).collection, ListOrder::Oldest, Some(october), None, 10).expect("read");
    assert_eq!(page.rows.len(), 1);
}

#[test]
fn threads_show_ghosts_where_they_belong() {
    let (_fixture, archive, _) = lake();
    let thread = archive.thread(&key(2)).expect("read").expect("there");
    assert_eq!((thread.thread.0, thread.item_count), (1, 2));
    let shape: Vec<(u32, String)> = thread
        .nodes
        .iter()
        .map(|node| match &node.entry {
            ThreadEntry::Item(item) => (node.depth, item.key.number.to_string()),
            ThreadEntry::Ghost(id) => (node.depth, format!("ghost {id}")),
        })
        .collect();
    assert_eq!(shape, [(0, "1".into()), (1, "ghost lost@x".into()), (2, "2".into())]);
}

#[test]
fn people_are_counted_by_address() {
    let (_fixture, archive, _) = lake();
    let lake = CollectionId::new("lake").expect("a good name");
    let people = archive.people(&lake, PeopleOrder::Busiest, None, None, 10).expect("read").rows;
    let counts: Vec<_> = people.iter().map(|one| (one.key.as_str(), one.sent_count, one.received_count)).collect();
    assert_eq!(counts, [("bob@lake.example", 0, 3), ("ann@lake.example", 2, 0), ("carl@sea.example", 1, 0)]);
    let with_prefix = archive.people(&lake, PeopleOrder::Address, Some("an"), None, 10).expect("read").rows;
    assert_eq!(with_prefix.len(), 1);
    let partners = archive.correspondents(&lake, "bob@lake.example", 5).expect("read");
    assert_eq!(
        partners.iter().map(|(one, count)| (one.name.as_str(), *count)).collect::<Vec<_>>(),
        [("Ann", 2), ("Carl", 1)]
    );
}

#[test]
fn lookups_by_hash_and_message_id() {
    let (_fixture, archive, messages) = lake();
    let hash = ContentHash(Sha256::digest(messages[1].as_bytes()).into());
    assert_eq!(archive.by_hash(&hash).expect("read").0.len(), 1);
    assert_eq!(archive.by_message_id("<2@x>").expect("read")[0].key.number.0, 2);
    assert!(archive.by_message_id("lost@x").expect("read").is_empty());
}
