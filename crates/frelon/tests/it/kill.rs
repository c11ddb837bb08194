//! Publishing killed at many moments, and run again: the outcome is that of a run left in peace.

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Child, Stdio},
    time::Instant,
};

use serde_json::Value;

use crate::{
    fixture::{Bench, checkpoint, entries, files, grew_from, ledger},
    source,
};

/// Publications that are killed, and how often each: early, midway and late in a run, so that all
/// moments together are spread evenly over one, each a little aside of its place.
const CHAINS: u32 = 9;
const LINKS: u32 = 3;
/// The last moment, as a share of a whole run: what an earlier run has done need not be done again,
/// so a later one ends before that.
const LATEST: f64 = 0.85;
/// Messages in the mailbox: several commits of the intake (one every 4,000 rows).
const MESSAGES: usize = 8_500;
const MESSAGE_BYTES: usize = 900;

const ARGS: [&str; 8] = ["publish", "box", "--no-serve", "--quiet", "--collection", "letters", "--title", "Letters"];

fn start(bench: &Bench, into: &str) -> Child {
    let mut command = bench.command(&ARGS);
    command.args(["--into", into]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts")
}

/// What must be equal: entries of volumes and the manifest without salts and times, answers, and the
/// files there are.
#[derive(PartialEq)]
struct State {
    entries: BTreeMap<String, Vec<u8>>,
    manifest: Value,
    answers: Vec<Vec<Value>>,
    files: Vec<String>,
    packed_bytes: u64,
}

impl State {
    fn of(bench: &Bench, publication: &str) -> Self {
        let root = bench.path(publication);
        let mut entries = entries(&root);
        for (name, bytes) in &mut entries {
            if name.ends_with("openings.jsonl") {
                *bytes = without_salts(bytes);
            }
        }
        let queries = ["dam minister", "\"river report\"", "from:w7@example.org", "subject:turbine -leak"];
        let answers = queries.map(|query| {
            let mut hits = bench.hits(publication, query);
            assert!(!hits.is_empty(), "{query}");
            hits.iter_mut().for_each(strip);
            hits
        });
        let mut manifest = bench.manifest(publication);
        strip(&mut manifest);
        Self { entries, manifest, answers: answers.into(), files: names(&root), packed_bytes: packed(&root) }
    }
}

/// Openings without their salts.
fn without_salts(bytes: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).expect("JSON lines are UTF-8");
    let line = |line: &str| {
        let mut value: Value = serde_json::from_str(line).expect("JSON");
        strip(&mut value);
        value.to_string()
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n").into_bytes()
}

/// Takes away what is drawn at random or read from the clock, and what is computed from that.
fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let drawn = ["salt", "published_at", "sha256", "volume_sha256", "commitment", "root", "score"];
            // Entries that a killed run logged without a statement stay in the log, and mean nothing.
            let logged = ["log", "leaf", "statement_leaf", "first_leaf", "last_leaf"];
            for name in drawn.into_iter().chain(logged) {
                fields.remove(name);
            }
            // Salts deflate a little differently; what an item measures stays.
            if fields.contains_key("path") {
                fields.remove("size_bytes");
            }
            fields.values_mut().for_each(strip);
        }
        Value::Array(list) => list.iter_mut().for_each(strip),
        _ => {}
    }
}

/// Files with names that do not hang on when they were written: the index is a folder named at random.
fn names(root: &Path) -> Vec<String> {
    let current = std::fs::read_to_string(root.join("derived/current")).expect("an index");
    let mut names: Vec<String> = Vec::new();
    for name in files(root).into_keys() {
        if let Some(inner) = name.strip_prefix("derived/") {
            assert!(inner == "current" || inner.starts_with(current.trim()), "left over: {name}");
        } else if !name.starts_with("vault/pack/") && !name.starts_with("public/tile/") {
            names.push(name);
        }
    }
    names
}

fn packed(root: &Path) -> u64 {
    files(&root.join("vault/pack")).values().sum()
}

#[test]
fn a_run_killed_at_any_moment_is_completed_by_the_next() {
    let bench = Bench::new();
    bench.put("box", &frelon_testkit::mbox(source::generated(1, MESSAGES, MESSAGE_BYTES)));
    let started = Instant::now();
    assert!(start(&bench, "whole").wait().expect("it ended").success());
    let run_time = started.elapsed();
    let whole = State::of(&bench, "whole");
    assert_eq!(bench.check("whole").item_count, MESSAGES as u64);

    let mut state = 0x9e37_79b9_u64;
    let mut aside = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / (1_u64 << 24) as f64
    };
    let mut killed = 0;
    for chain in 0..CHAINS {
        let into = format!("killed{chain}");
        for link in 0..LINKS {
            let moment = (f64::from(chain + CHAINS * link) + aside()) / f64::from(CHAINS * LINKS);
            let before = checkpoint(&bench.path(&into));
            let mut child = start(&bench, &into);
            std::thread::sleep(run_time.mul_f64(moment * LATEST));
            killed += u32::from(child.try_wait().expect("a child").is_none());
            child.kill().expect("killed, or ended before");
            child.wait().expect("dead");
            grew_from(&bench.path(&into), before.as_ref());
            // Whatever the moment, what is public is whole. Until the manifest names them, volumes are not.
            if bench.path(&into).join("public/manifest.json").is_file() {
                bench.check(&into);
            }
        }
        complete(&bench, &into, &whole);
    }
    assert!(killed >= 18, "only {killed} were killed, the others had ended");
}

/// Runs once more, undisturbed, and compares.
fn complete(bench: &Bench, into: &str, whole: &State) {
    let before = checkpoint(&bench.path(into));
    let output = start(bench, into).wait_with_output().expect("it ended");
    assert!(output.status.success(), "{into}: {}", String::from_utf8_lossy(&output.stderr));
    grew_from(&bench.path(into), before.as_ref());
    // Root, collection, documents, release: each once, however often it was killed.
    assert_eq!(ledger(&bench.path(into)).0.head().size, MESSAGES as u64 + 3);
    let again = State::of(bench, into);
    assert!(again.entries == whole.entries, "{into}: other items");
    assert_eq!(again.manifest, whole.manifest, "{into}");
    assert!(again.answers == whole.answers, "{into}: other answers");
    assert_eq!(again.files, whole.files, "{into}");
    assert_eq!(again.packed_bytes, whole.packed_bytes, "{into}: bytes nobody refers to");
    bench.check(into);
    std::fs::remove_dir_all(bench.path(into)).expect("it was there");
}
