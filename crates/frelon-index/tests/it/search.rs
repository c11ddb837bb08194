//! What queries find.

use std::time::Duration;

use frelon_index::{Archive, SearchError, SearchRequest, Sort};

use crate::fixture::{Fixture, found, message, search};

const LONG_ENGLISH: &str = "The committee met on Tuesday and talked about what should be done with the old dam, since \
    there were some who thought that it would not hold, and others that it had held for long enough.";
const LONG_FRENCH: &str = "La commission s'est réunie mardi pour parler de ce qu'il faut faire du vieux barrage, parce que \
    certains pensent qu'il ne tiendra pas, et les autres qu'il a tenu assez longtemps jusqu'ici.";

fn lake() -> (Fixture, Archive) {
    let day = "Fri, 07 Oct 2016 10:00:00 +0200";
    Fixture::archive(&[
        message(
            "Ann <ann@lake.example>",
            "Budgets of the dam",
            day,
            "1@x",
            "",
            &format!("{LONG_ENGLISH}\r\nTwo budgets were refused."),
        ),
        message(
            "Carl <carl@sea.example>",
            "Re: Budgets of the dam",
            "Sat, 08 Oct 2016 10:00:00 +0200",
            "2@x",
            "In-Reply-To: <1@x>\r\n",
            "Refused?\r\n\r\n> Two budgets were refused.\r\n> All of it in vain",
        ),
        message(
            "Émile <emile@lake.example>",
            "Le barrage",
            "Mon, 02 Jan 2017 08:00:00 +0100",
            "3@x",
            "",
            &format!("{LONG_FRENCH}\r\nLes ingénieurs étaient fatigués."),
        ),
        message(
            "Ann <ann@lake.example>",
            "=?utf-8?q?Toplant=C4=B1?=",
            "Tue, 03 Jan 2017 08:00:00 +0300",
            "4@x",
            "Cc: Dora <dora@sea.example>\r\n",
            "İstanbul 东京都 water-level foo",
        ),
    ])
}

#[test]
fn words_are_found_in_every_form_and_exactly_on_request() {
    let (_fixture, archive) = lake();
    assert_eq!(found(&archive, "budget"), [1, 2]);
    assert_eq!(found(&archive, "=budget"), [0; 0]);
    assert_eq!(found(&archive, "=budgets"), [1, 2]);
    assert_eq!(found(&archive, "ingenieur"), [3]);
    assert_eq!(found(&archive, "istanbul"), [4]);
    assert_eq!(found(&archive, "东京"), [4]);
    assert_eq!(found(&archive, "budg*"), [1, 2]);
    assert_eq!(found(&archive, "budgtes~2"), [1, 2]);
}

#[test]
fn own_and_quoted_text_are_apart() {
    let (_fixture, archive) = lake();
    assert_eq!(found(&archive, "quoted:vain"), [2]);
    assert_eq!(found(&archive, "body:vain"), [0; 0]);
    assert_eq!(found(&archive, "body:refused"), [1, 2]);
}

#[test]
fn phrases_and_nearness() {
    let (_fixture, archive) = lake();
    assert_eq!(found(&archive, "\"two budgets were\""), [1, 2]);
    assert_eq!(found(&archive, "\"budgets two\""), [0; 0]);
    assert_eq!(found(&archive, "\"refused two\"~3"), [1, 2]);
    assert_eq!(found(&archive, "water-level"), [4]);
}

#[test]
fn fields_narrow() {
    let (_fixture, archive) = lake();
    for (query, expected) in [
        ("from:ann@lake.example", vec![1, 4]),
        ("from:@lake.example", vec![1, 3, 4]),
        ("from:ann", vec![1, 4]),
        ("cc:dora", vec![4]),
        ("participant:carl@sea.example", vec![2]),
        ("participant:@sea.example", vec![2, 4]),
        ("subject:barrage", vec![3]),
        ("date:2016-10", vec![1, 2]),
        ("date:2016-10-08", vec![2]),
        ("after:2017", vec![3, 4]),
        ("before:2017", vec![1, 2]),
        ("number:2..3", vec![2, 3]),
        ("recipients:2", vec![4]),
        ("size:<1mb", vec![1, 2, 3, 4]),
        ("lang:fr", vec![3]),
        ("thread:1", vec![1, 2]),
        ("id:3@x", vec![3]),
        ("in:lake -from:ann", vec![2, 3]),
        ("release:1 toplantı", vec![4]),
        ("carl OR barrage", vec![2, 3]),
        ("* -budget", vec![3, 4]),
    ] {
        assert_eq!(found(&archive, query), expected, "{query}");
    }
}

#[test]
fn stop_words_beside_others_are_left_out_and_said() {
    let (_fixture, archive) = lake();
    let mixed = search(&archive, "the istanbul");
    assert_eq!(
        mixed.ignored.iter().map(String::as_str).collect::<Vec<_>>(),
        if mixed.total == 1 { vec!["the"] } else { vec![] }
    );
}

#[test]
fn facets_and_months_count_all_hits() {
    let (_fixture, archive) = lake();
    let answer = search(&archive, "");
    assert_eq!(answer.total, 4);
    let months: Vec<String> = answer.histogram.iter().map(|(month, count)| format!("{month}={count}")).collect();
    assert_eq!(months, ["2016-10=2", "2017-01=2"]);
    let from = answer.facets.iter().find(|facet| facet.name == "from").expect("a facet of senders");
    assert_eq!((from.distinct, from.values[0].count, from.values[0].clause.as_str()), (3, 2, "from:ann@lake.example"));
    for facet in &answer.facets {
        for value in &facet.values {
            assert_eq!(search(&archive, &value.clause).total, value.count, "{}", value.clause);
        }
    }
}

#[test]
fn paging_reaches_the_last_hit_in_every_order() {
    let messages: Vec<String> = (0..137)
        .map(|n| {
            let date = format!("{:02} Mar 2015 10:00:00 +0000", n % 28 + 1);
            message("Ann <ann@lake.example>", "report", &date, &format!("{n}@x"), "", &"report ".repeat(n % 7 + 1))
        })
        .collect();
    let (_fixture, archive) = Fixture::archive(&messages);
    for sort in [Sort::Relevance, Sort::Newest, Sort::Oldest, Sort::Number, Sort::Largest] {
        let mut request = SearchRequest { query: "report".into(), sort, limit: 10, ..SearchRequest::default() };
        let mut paged = Vec::new();
        loop {
            let answer = archive.search(&request).expect("an answer");
            assert_eq!(answer.total, 137);
            paged.extend(answer.hits.iter().map(|hit| hit.item.key.number.0));
            request.cursor = answer.next;
            if request.cursor.is_none() {
                break;
            }
        }
        let mut all = Vec::new();
        request.cursor = None;
        archive
            .search_all(&request, &mut |item| {
                all.push(item.key.number.0);
                true
            })
            .expect("an answer");
        assert_eq!(paged, all, "{sort:?}");
        all.sort_unstable();
        assert_eq!(all, (1..=137).collect::<Vec<_>>(), "{sort:?}");
    }
}

#[test]
fn snippets_mark_what_matched() {
    let (_fixture, archive) = lake();
    let answer = search(&archive, "budget from:ann");
    let marked: Vec<&str> =
        answer.hits[0].snippet.iter().filter(|piece| piece.matched).map(|piece| piece.text.as_str()).collect();
    assert_eq!(marked, ["budgets"]);
}

#[test]
fn a_spent_budget_and_a_wrong_query_are_told() {
    let (_fixture, archive) = lake();
    let request = SearchRequest { query: "(dam".into(), ..SearchRequest::default() };
    assert!(matches!(archive.search(&request), Err(SearchError::Query(_))));
    let request = SearchRequest { cursor: Some("nonsense".into()), ..SearchRequest::default() };
    assert!(matches!(archive.search(&request), Err(SearchError::Read(_))));
    let messages: Vec<String> =
        (0..3_000).map(|n| message("a@b.example", "s", "", &format!("{n}@y"), "", "word")).collect();
    let (_fixture, archive) = Fixture::archive(&messages);
    let request = SearchRequest { query: "word".into(), budget: Duration::ZERO, ..SearchRequest::default() };
    assert!(archive.search(&request).expect("an answer").cut_short);
}
