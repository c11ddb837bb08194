//! From sources to answers: every kind of source, publishing again, more sources, a new index.

use std::fs;

use crate::{
    fixture::{Bench, items, message},
    source,
};

#[test]
fn every_kind_of_source_is_published_searched_and_kept_byte_for_byte() {
    let messages = [message("dam"), message("bridge"), message("mill")];
    let bench = Bench::new();
    for kind in source::KINDS {
        let name = source::write(&bench, kind, &messages);
        let into = format!("pub-{kind}");
        let ended = bench.run(&["publish", &name, "--into", &into, "--no-serve", "--title", "River letters"]);
        ended.says(0, &["intake 3 items taken in", "release 3 items released", "index 3 items indexed"]);
        assert_eq!(
            ended.out.lines().next(),
            Some(
                format!("published river-letters: 3 items, {} B, 3 threads, 2 people, in {into}", size(&messages))
                    .as_str()
            ),
            "{kind}"
        );
        let checked = bench.check(&into);
        assert_eq!((checked.release_count, checked.item_count), (1, 3), "{kind}");
        assert_eq!(items(&bench.path(&into)), messages, "{kind}");
        assert_eq!(
            bench.found(&into, "stands river"),
            ["river-letters/1", "river-letters/2", "river-letters/3"],
            "{kind}"
        );
        assert_eq!(bench.found(&into, "subject:bridge"), ["river-letters/2"], "{kind}");
    }
    // One message in one file, and several sources at once.
    bench.put("one.txt", &messages[0]);
    bench.publish(&["one.txt", "source-maildir"]).says(0, &["3 items taken in, 1 duplicates"]);
    assert_eq!(items(&bench.path("pub")), messages);
}

fn size(messages: &[Vec<u8>]) -> usize {
    messages.iter().map(Vec::len).sum()
}

#[test]
fn answers_come_for_people_and_for_machines() {
    let bench = Bench::new();
    bench.put("box", &frelon_testkit::mbox([message("dam"), message("bridge")]));
    bench.publish(&["box"]).says(0, &[]);
    let plain = bench.run(&["search", "--in", "pub", "subject:dam"]);
    plain.says(0, &["1 found, 1 shown, in "]);
    assert_eq!(plain.out, "letters/1  2016-10-07  Ann Example  About dam\n    The dam stands by the river.\n");
    let hit = bench.hits("pub", "subject:bridge").remove(0);
    assert_eq!(hit["item"]["from"]["email"], "ann@example.org");
    assert_eq!(hit["item"]["message_id"], "bridge@example.org");
    assert_eq!(hit["item"]["content"].as_str().map(str::len), Some(64));
    // An option after the query is an option, not a word to look for.
    assert_eq!(bench.run(&["search", "--in", "pub", "river", "--limit", "1"]).out.matches("letters/").count(), 1);
    assert!(bench.run(&["search", "--in", "pub", "--", "-dam river"]).out.starts_with("letters/2 "));
    bench.run(&["search", "--in", "pub", "-dam river"]).says(2, &["use '-- -d"]);
    bench.run(&["search", "--in", "pub", "nothing-of-the-kind"]).says(0, &["0 found"]);
    let wrong = bench.run(&["search", "--in", "pub", "dam from:"]);
    wrong.says(2, &["`from:` has no value", "\n        dam from:\n            ^^^^^"]);
    // What a machine reads is JSON, line for line.
    let ended = bench.run(&["publish", "box", "--into", "pub", "--no-serve", "--collection", "letters", "--json"]);
    ended.says(0, &[]);
    let events: Vec<serde_json::Value> =
        ended.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let stages: Vec<_> =
        events.iter().filter(|event| event["event"] == "done").map(|event| event["stage"].as_str()).collect();
    assert_eq!(stages, [Some("intake"), Some("release"), Some("index")]);
    assert_eq!(events.last().expect("lines")["collection"]["item_count"], 2);
}

#[test]
fn status_tells_what_is_there() {
    let bench = Bench::new();
    let box_bytes = frelon_testkit::mbox([message("dam"), message("bridge"), message("dam")]);
    bench.put("box", &box_bytes);
    bench.put("notes.txt", b"no mail at all\n");
    bench
        .run(&["intake", "box", "notes.txt", "--into", "pub", "--collection", "letters", "--title", "Letters"])
        .says(3, &["1 could not be taken in", "frelon status --failures pub"]);
    let before = bench.run(&["status", "pub"]);
    before.says(0, &[]);
    assert!(
        before.out.contains("letters: Letters\n") && before.out.contains("released    0 in 0 releases"),
        "{}",
        before.out
    );
    assert!(before.out.contains("no index: "), "{}", before.out);
    bench.run(&["release", "pub"]).says(0, &["release 2 items released", "index 2 items indexed"]);
    let after: serde_json::Value = serde_json::from_str(&bench.run(&["status", "pub", "--json"]).out).expect("JSON");
    let told = &after["collections"][0];
    assert_eq!(
        [&told["items"], &told["places"], &told["released"], &told["failures"], &told["releases"]]
            .map(serde_json::Value::as_u64),
        [Some(2), Some(3), Some(2), Some(1), Some(1)]
    );
    assert_eq!(after["indexed"], true);
    let failures = bench.run(&["status", "pub", "--failures"]);
    assert!(failures.out.starts_with("failure  not-mail  notes.txt at byte 0  not mail ("), "{}", failures.out);
}

#[test]
fn without_its_index_a_publication_gets_the_same_answers_back() {
    let bench = Bench::new();
    bench.put("box", &frelon_testkit::mbox(source::generated(7, 300, 400)));
    bench.publish(&["box"]).says(0, &[]);
    let queries = [
        "dam",
        "\"river report\"",
        "from:w3@example.org lake",
        "date:2016-10-07",
        "toplanti OR rivière -dam",
        "subject:flood",
    ];
    let answers = || queries.map(|query| ["relevance", "newest"].map(|sort| answer(&bench, query, sort)));
    let before = answers();
    assert!(before.iter().flatten().all(|answer| !answer.is_empty()), "every query finds something");
    fs::remove_dir_all(bench.path("pub/derived")).expect("it was there");
    bench.run(&["search", "--in", "pub", "dam"]).says(4, &["pub/derived", "run `frelon reindex`"]);
    bench.run(&["serve", "pub", "--listen", "127.0.0.1:0"]).says(4, &["run `frelon reindex`"]);
    bench.run(&["reindex", "pub"]).says(0, &["300 items indexed"]);
    assert_eq!(answers(), before);
    bench.run(&["reindex", "pub"]).says(0, &["the index is up to date; --afresh makes it anew"]);
    bench.run(&["reindex", "pub", "--afresh"]).says(0, &["300 items indexed"]);
    assert_eq!(answers(), before);
    // The public part alone is enough.
    fs::remove_dir_all(bench.path("pub/vault")).expect("it was there");
    fs::remove_dir_all(bench.path("pub/derived")).expect("it was there");
    bench.run(&["reindex", "pub"]).says(0, &["300 items indexed"]);
    assert_eq!(answers(), before);
    bench.run(&["status", "pub"]).says(4, &["pub holds no vault", "`frelon search`"]);
}

fn answer(bench: &Bench, query: &str, sort: &str) -> String {
    let ended = bench.run(&["search", "--in", "pub", "--json", "--limit", "0", "--sort", sort, query]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    ended.out
}

#[test]
fn publishing_the_same_again_adds_nothing() {
    let bench = Bench::new();
    bench.put("box", &frelon_testkit::mbox([message("dam"), message("bridge")]));
    bench.publish(&["box"]).says(0, &[]);
    let manifest = fs::read(bench.path("pub/public/manifest.json")).expect("a manifest");
    let index = fs::read_to_string(bench.path("pub/derived/current")).expect("an index");
    bench.publish(&["box"]).says(0, &["0 items taken in, 2 known already", "0 items released", "0 items indexed"]);
    assert_eq!(fs::read(bench.path("pub/public/manifest.json")).expect("a manifest"), manifest);
    assert_eq!(fs::read_to_string(bench.path("pub/derived/current")).expect("an index"), index);
    assert_eq!(bench.check("pub").item_count, 2);
}

#[test]
fn a_second_source_is_a_second_release() {
    let bench = Bench::new();
    bench.put("first", &frelon_testkit::mbox([message("dam"), message("bridge")]));
    bench.put("second", &frelon_testkit::mbox([message("bridge"), message("mill")]));
    bench.put("third", &frelon_testkit::mbox([message("castle")]));
    bench.publish(&["first"]).says(0, &[]);
    bench.publish(&["second"]).says(0, &["1 items taken in, 1 duplicates", "1 items released", "1 items indexed"]);
    let checked = bench.check("pub");
    assert_eq!((checked.release_count, checked.volume_count, checked.item_count), (2, 2, 3));
    assert_eq!(items(&bench.path("pub")), [message("dam"), message("bridge"), message("mill")]);
    assert_eq!(bench.found("pub", "river"), ["letters/1", "letters/2", "letters/3"]);
    assert_eq!(bench.hits("pub", "mill")[0]["item"]["tranche"], 2);
    // Another collection beside it.
    bench.run(&["publish", "third", "--into", "pub", "--no-serve", "--title", "Castles"]).says(0, &[]);
    let mut found = bench.found("pub", "river");
    found.sort();
    assert_eq!(found, ["castles/1", "letters/1", "letters/2", "letters/3"]);
    let titles: Vec<_> = bench.manifest("pub")["collections"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["title"].clone())
        .collect();
    assert!(titles.contains(&"Castles".into()), "{titles:?}");
    let generations = fs::read_dir(bench.path("pub/derived")).expect("an index").count();
    assert_eq!(generations, 2, "one index and the file that names it");
}
