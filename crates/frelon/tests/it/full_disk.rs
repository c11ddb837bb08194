//! A full disk: told, harmless, and over once there is room.

use std::{fs, process::Command};

use crate::{
    fixture::{Bench, Ended, items, message},
    source,
};

/// A first letter, and a source too large for the room that is left.
fn bench() -> (Bench, Vec<Vec<u8>>) {
    let bench = Bench::new();
    bench.put("small.eml", &message("dam"));
    let large = source::generated(11, 3_000, 1_500);
    bench.put("large.mbox", &frelon_testkit::mbox(&large));
    (bench, large)
}

/// Publishing went through in the end: everything is there, as it was given.
#[track_caller]
fn complete(bench: &Bench, publication: &str, large: &[Vec<u8>]) {
    assert_eq!(bench.check(publication).item_count, 3_001);
    let stored = items(&bench.path(publication));
    assert!(stored[0] == message("dam") && stored[1..] == *large, "the bytes that were given");
    assert_eq!(bench.found(publication, "subject:\"about dam\""), ["letters/1"]);
    assert_eq!(bench.hits(publication, "list:none OR river OR -river").len(), 3_001);
}

/// No file may grow beyond a size: each stage meets its limit at another one.
#[test]
fn files_that_cannot_grow_are_told_and_lose_nothing() {
    let (bench, large) = bench();
    bench.publish(&["small.eml"]).says(0, &[]);
    let mut stages = Vec::new();
    for kib in [40, 200, 1_000, 1_700, 2_400, 4_000] {
        let script = "trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"";
        let mut command = Command::new("bash");
        command.args(["-c", script, "bash", &kib.to_string(), env!("CARGO_BIN_EXE_frelon"), "publish", "large.mbox"]);
        command.args(["--into", "pub", "--no-serve", "--collection", "letters"]).current_dir(bench.path(""));
        let ended = Ended::of(&mut command);
        if ended.code == 0 {
            stages.push("done");
            continue;
        }
        ended.says(1, &["pub/"]);
        stages.push(if ended.err.contains(" release ") {
            "index"
        } else if ended.err.contains(" intake ") {
            "release"
        } else {
            "intake"
        });
        // What was public before still is, whole, and can be found.
        assert!(bench.check("pub").item_count >= 1);
        assert_eq!(bench.found("pub", "subject:\"about dam\""), ["letters/1"], "at {kib} KiB");
    }
    assert!(stages.contains(&"intake") && stages.len() == 6, "{stages:?}");
    bench.publish(&["large.mbox"]).says(0, &[]);
    complete(&bench, "pub", &large);
}

/// A real file system without room, in a mount namespace of its own, so that nothing stays mounted.
#[test]
fn a_full_file_system_is_told_and_loses_nothing() {
    let (bench, large) = bench();
    fs::create_dir(bench.path("disk")).expect("room");
    let script = r#"
        set -e
        frelon=$1 size=$2
        mount -t tmpfs -o size=8m tmpfs disk || exit 77
        "$frelon" publish small.eml --into disk/pub --no-serve --collection letters
        mount -o "remount,size=$size" disk
        code=0
        "$frelon" publish large.mbox --into disk/pub --no-serve --collection letters || code=$?
        echo "code $code" >&2
        "$frelon" search --in disk/pub --json 'subject:"about dam"' | grep -c '"number":1,' >&2
        mount -o remount,size=200m disk
        "$frelon" publish large.mbox --into disk/pub --no-serve --collection letters
        rm -rf kept && cp -a disk/pub kept
    "#;
    let mut full = 0;
    for size in ["1200k", "3m", "5m"] {
        let mut command = Command::new("unshare");
        command
            .args(["-m", "bash", "-c", script, "bash", env!("CARGO_BIN_EXE_frelon"), size])
            .current_dir(bench.path(""));
        let Ok(output) = command.output() else {
            eprintln!("skipped: needs unshare of util-linux");
            return;
        };
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        let may_not = output.status.code() == Some(77) || err.contains("Operation not permitted");
        if may_not {
            eprintln!("skipped: needs the right to mount a file system: {}", err.trim());
            return;
        }
        assert!(output.status.success(), "{size}: {err}");
        if err.contains("\ncode 1\n") {
            full += 1;
            let told = err.to_lowercase();
            assert!(
                told.contains("disk/pub/") && (told.contains("no space left") || told.contains("full")),
                "{size}: {err}"
            );
        }
        assert!(err.contains("code 1\n1\n") || err.contains("code 0\n1\n"), "{size}: {err}");
        complete(&bench, "kept", &large);
    }
    assert!(full >= 2, "the disk was never full");
}
