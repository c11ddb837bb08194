//! `frelon verify` on trees, volumes and items: what is good, and what is wrong in whatever way.

use std::fs;

use frelon_model::Instant;
use frelon_public::statement::WithdrawMode;
use frelon_testkit::{Press, PressOptions, logged_publication};
use serde_json::Value;

use crate::fixture::{Bench, files};

/// A publication in `pub` with a policy beside it.
fn press(bench: &Bench, options: PressOptions) -> Press {
    let press = logged_publication(&bench.path("pub"), 12, options);
    fs::write(bench.path("policy"), press.policy().to_bytes()).expect("written");
    press
}

fn now() -> Instant {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    Instant(since.as_secs() as i64)
}

#[test]
fn good_trees_are_verified_and_told_what_is_not_proved() {
    let bench = Bench::new();
    let mut press = press(&bench, PressOptions { witnesses: 2, now: now(), ..PressOptions::default() });
    let ended = bench.run(&["verify", "pub", "--policy", "policy"]);
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    for words in ["Verified: pub/public", "items       12 in 1 releases", "fresh", "frelon.example/editor-1"] {
        assert!(ended.out.contains(words), "{words}\n{}", ended.out);
    }
    let own = bench.run(&["verify", "pub/public"]);
    assert!(own.code == 0 && own.out.contains("the tree's own"), "{}{}", own.out, own.err);
    press.withdraw("lake", 5, WithdrawMode::Erase, None);
    let ended = bench.run(&["verify", "pub", "--policy", "policy", "--json"]);
    let verdict: Value = serde_json::from_str(&ended.out).expect("JSON");
    assert_eq!((ended.code, &verdict["verified"], &verdict["withdrawn_count"]), (0, &true.into(), &1.into()));
    assert_eq!(verdict["item_count"], 11);
    press.restore("lake", 5);
    assert_eq!(bench.run(&["verify", "pub", "--policy", "policy"]).code, 0);
}

#[test]
fn a_stale_or_unwitnessed_log_is_called_so() {
    let bench = Bench::new();
    press(&bench, PressOptions { witnesses: 1, ..PressOptions::default() });
    let ended = bench.run(&["verify", "pub", "--policy", "policy"]);
    assert!(ended.code == 0 && ended.out.contains("STALE"), "{}{}", ended.out, ended.err);
    // Nobody cosigned, and the policy asks for it.
    let other = Bench::new();
    press(&other, PressOptions::default());
    fs::copy(bench.path("policy"), other.path("policy")).expect("copied");
    other.run(&["verify", "pub", "--policy", "policy"]).says(4, &["NOT verified"]);
}

#[test]
fn every_damaged_file_of_a_tree_is_named() {
    let bench = Bench::new();
    press(&bench, PressOptions::default());
    let root = bench.path("pub/public");
    for name in files(&root).into_keys().filter(|name| name != "policy") {
        let path = root.join(&name);
        let good = fs::read(&path).expect("there");
        let mut flipped = good.clone();
        flipped[good.len() / 2] ^= 8;
        for bytes in [flipped, good[..good.len() / 2].to_vec()] {
            fs::write(&path, bytes).expect("written");
            let ended = bench.run(&["verify", "pub", "--policy", "policy"]);
            assert_eq!(ended.code, 4, "{name}\n{}{}", ended.out, ended.err);
            let named = if name.starts_with("tile") { "wrong  tile" } else { &name };
            assert!(ended.out.contains(named), "{name}\n{}", ended.out);
        }
        fs::write(&path, good).expect("put back");
    }
    assert_eq!(bench.run(&["verify", "pub", "--policy", "policy"]).code, 0);
}

#[test]
fn a_volume_alone_is_checked_and_said_to_be_tied_to_nothing() {
    let bench = Bench::new();
    press(&bench, PressOptions::default());
    let zip = "pub/public/volume/lake/1.1.zip";
    let ended = bench.run(&["verify", zip]);
    assert!(ended.code == 0 && ended.out.contains("tied to no log"), "{}{}", ended.out, ended.err);
    let mut bytes = fs::read(bench.path(zip)).expect("there");
    let at = bytes.windows(11).position(|window| window == b"items/7.eml").expect("there") + 20;
    bytes[at] ^= 1;
    bench.put("bad.zip", &bytes);
    let ended = bench.run(&["verify", "bad.zip"]);
    ended.says(4, &["NOT verified"]);
    assert!(ended.out.contains("items/7.eml"), "{}", ended.out);
}

#[test]
fn an_item_is_verified_by_the_proof_beside_it() {
    let bench = Bench::new();
    let press = press(&bench, PressOptions { editors: 3, threshold: 2, witnesses: 2, ..PressOptions::default() });
    let (item, proof) = press.proof("lake", 7);
    assert!(proof.len() < 20_000, "{}", proof.len());
    bench.put("7.eml", &item);
    bench.put("7.eml.tlog-proof", &proof);
    for args in [
        vec!["verify", "7.eml", "--policy", "policy"],
        vec!["verify", "7.eml.tlog-proof", "--policy", "policy"],
        vec!["verify", "7.eml.tlog-proof", "--item", "7.eml", "--policy", "policy"],
    ] {
        let ended = bench.run(&args);
        assert!(ended.code == 0 && ended.out.contains("is item 7 of lake"), "{}{}", ended.out, ended.err);
    }
    bench.run(&["verify", "7.eml"]).says(2, &["--policy"]);
    bench.put("7.eml", b"something else");
    bench.run(&["verify", "7.eml", "--policy", "policy"]).says(4, &["NOT verified", "the file is not the item"]);
}

#[test]
fn what_cannot_be_read_is_told_apart() {
    let bench = Bench::new();
    bench.put("letter.txt", b"text");
    bench.put("empty/x", b"");
    bench.run(&["verify", "nowhere"]).says(1, &["nowhere"]);
    bench.run(&["verify", "letter.txt"]).says(1, &["no proof beside it"]);
    bench.run(&["verify", "empty"]).says(1, &["no policy"]);
    bench.run(&["verify", "https://archive.example/"]).says(1, &["cannot be verified yet"]);
    bench.put("policy", b"nonsense\n");
    bench.run(&["verify", "empty", "--policy", "policy"]).says(1, &["policy"]);
}
