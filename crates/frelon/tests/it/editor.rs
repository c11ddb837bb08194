//! Keys, editors and withdrawals through the program.

use std::{fs, os::unix::fs::PermissionsExt as _};

use crate::fixture::{Bench, Ended, items, message};

/// Two letters, published.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.put("box", &frelon_testkit::mbox([message("dam"), message("heron")]));
    bench.publish(&["box"]).says(0, &[]);
    bench
}

/// The only draft that waits in `pub`.
fn draft(bench: &Bench) -> String {
    let mut names =
        fs::read_dir(bench.path("pub/drafts")).expect("drafts").map(|entry| entry.expect("one").file_name());
    let name = names.next().expect("one").into_string().expect("plain");
    assert!(names.next().is_none(), "one alone");
    format!("pub/drafts/{name}")
}

#[test]
fn keys_are_made_kept_private_and_locked() {
    let bench = bench();
    for key in ["pub/vault/key/log", "pub/vault/key/editor"] {
        assert_eq!(fs::metadata(bench.path(key)).expect("made").permissions().mode() & 0o777, 0o600);
    }
    fs::set_permissions(bench.path("pub/vault/key/log"), fs::Permissions::from_mode(0o644)).expect("ours");
    bench.run(&["release", "pub"]).says(4, &["other users of this machine can read this key", "chmod 600"]);
    fs::set_permissions(bench.path("pub/vault/key/log"), fs::Permissions::from_mode(0o600)).expect("ours");
    bench.run(&["release", "pub", "--origin", "example.org/log"]).says(4, &["cannot become `example.org/log`"]);

    bench.put("pass", b"seven river stones\n");
    bench.put("wrong", b"eight river stones\n");
    let locked = ["publish", "box", "--into", "locked", "--no-serve", "--origin", "example.org/log"];
    bench.run(&[&locked[..], &["--passphrase-file", "pass"]].concat()).says(0, &[]);
    let key = fs::read_to_string(bench.path("locked/vault/key/log")).expect("made");
    assert!(key.starts_with("-----BEGIN AGE ENCRYPTED FILE-----"));
    assert!(fs::read_to_string(bench.path("locked/public/policy")).expect("there").starts_with("log example.org/log+"));
    bench.run(&locked).says(4, &["this key is locked", "FRELON_PASSPHRASE", "--passphrase-file"]);
    bench.run(&[&locked[..], &["--passphrase-file", "wrong"]].concat()).says(4, &["the passphrase is wrong"]);
    let mut command = bench.command(&["release", "locked"]);
    Ended::of(command.env("FRELON_PASSPHRASE", "seven river stones")).says(0, &[]);
}

#[test]
fn a_checkpoint_seen_elsewhere_stops_a_copy_that_fell_behind() {
    let bench = bench();
    let copied = std::process::Command::new("cp").arg("-a").args([bench.path("pub"), bench.path("old")]).status();
    assert!(copied.expect("cp runs").success());
    bench.put("new", &message("mill"));
    bench.publish(&["new"]).says(0, &[]);
    let seen = ["release", "old", "--seen", "pub/public/checkpoint"];
    bench.run(&seen).says(1, &["must not go on", "older backup", "Nothing was signed"]);
    bench.run(&["release", "pub", "--seen", "old/public/checkpoint"]).says(0, &[]);
    bench.run(&["release", "pub", "--seen", "box"]).says(4, &["this is no checkpoint"]);
}

#[test]
fn two_editors_decide_together() {
    let bench = bench();
    let made = bench.run(&["editor", "new", "example.org/ann", "--out", "ann.key"]);
    made.says(0, &["keep it to yourself"]);
    bench.run(&["editor", "new", "example.org/ann", "--out", "ann.key"]).says(4, &["never overwritten"]);
    let ann = made.out.trim();
    let listed = bench.run(&["editor", "list", "pub"]);
    assert!(listed.out.starts_with("a statement takes 1 of 1 editors (version 1):\n"), "{}", listed.out);
    let own = listed.out.lines().nth(1).expect("an editor").trim().to_owned();

    let change = ["editor", "change", "--editor", &own, "--editor", ann, "--threshold", "2", "--into", "pub"];
    bench.run(&change).says(3, &["waiting for 1 more editor: pub/drafts/", "frelon editor sign"]);
    let waiting = draft(&bench);
    let sign = ["editor", "sign", &waiting, "--key", "ann.key"];
    bench.run(&sign).says(2, &["no terminal", "--yes"]);
    let signed = bench.run(&[&sign[..], &["--yes"]].concat());
    signed.says(0, &[]);
    assert!(signed.out.contains("A statement takes 2 of these 2 editors:"), "{}", signed.out);
    bench.run(&["editor", "approve", &waiting, "--into", "pub"]).says(0, &[]);

    bench.put("new", &message("mill"));
    bench.publish(&["new"]).says(3, &["waiting for 1 more editor", "nothing of it is public"]);
    assert_eq!(bench.check("pub").item_count, 2);
    assert!(bench.found("pub", "subject:mill").is_empty());
    let waiting = draft(&bench);
    let status = bench.run(&["status", "pub"]);
    assert!(status.out.contains("of whom 2 must sign") && status.out.contains("RELEASES tranche 2"), "{}", status.out);
    bench.run(&["editor", "sign", &waiting, "--key", "ann.key", "--yes"]).says(0, &[]);
    bench.run(&["editor", "approve", &waiting, "--into", "pub"]).says(0, &[]);
    assert_eq!(bench.check("pub").item_count, 3);
    assert_eq!(bench.found("pub", "subject:mill"), ["letters/3"]);
    bench.run(&["editor", "approve", "box", "--into", "pub"]).says(4, &["this is no draft"]);
}

#[test]
fn an_item_is_hidden_restored_and_erased() {
    let bench = bench();
    let withdraw = |mode: &str, more: &[&str]| {
        let args = ["withdraw", "2", "--into", "pub", "--mode", mode, "--reason", "court-order"];
        bench.run(&[&args[..], more].concat())
    };
    let hidden = withdraw("hide", &["--jurisdiction", "FR", "--text", "Ordered by a court."]);
    hidden.says(0, &[]);
    assert!(hidden.out.contains("item 2 is hidden"), "{}", hidden.out);
    assert!(bench.found("pub", "heron").is_empty());
    assert_eq!(bench.check("pub").item_count, 1);
    assert_eq!(bench.manifest("pub")["withdrawn"][0]["reason"], "court-order");
    withdraw("hide", &[]).says(4, &["withdrawn already"]);
    // Taking the same file in again does not bring it back.
    bench.publish(&["box"]).says(0, &[]);
    assert!(bench.found("pub", "heron").is_empty());

    bench.run(&["restore", "2", "--into", "pub"]).says(0, &[]);
    assert_eq!(bench.found("pub", "subject:heron"), ["letters/2"]);
    assert_eq!(items(&bench.path("pub")), [message("dam"), message("heron")]);

    withdraw("erase", &["--until", "2099-01-01"]).says(4, &["cannot come back by itself"]);
    withdraw("erase", &[]).says(0, &[]);
    assert!(bench.found("pub", "heron").is_empty());
    bench.publish(&["box"]).says(0, &["1 notes"]);
    assert!(bench.found("pub", "heron").is_empty());
    assert_eq!(bench.check("pub").item_count, 1);
    bench.run(&["restore", "2", "--into", "pub"]).says(4, &["was erased"]);
    bench.run(&["withdraw", "9", "--into", "pub", "--mode", "hide", "--reason", "error"]).says(4, &["not released"]);
    bench.run(&["correct", "1", "--by", "1", "--reason", "x", "--into", "pub"]).says(4, &["cannot be stated"]);
}
