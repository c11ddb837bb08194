//! System calls that fail or are the last of a process, at many moments of publishing: the next run
//! completes, and nobody ever saw a log that was cut or forked.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

use frelon_log::{Policy, SignedCheckpoint};
use frelon_public::{Ledger, LogReader};

use crate::fixture::{Ended, entries, message};

/// Calls by which files come to be what they are.
const CALLS: [&str; 10] =
    ["openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "unlink", "mkdir", "ftruncate", "fallocate"];
/// Moments of each call and sort of failure, spread over all there are.
const MOMENTS: u64 = 5;
const SORTS: [&str; 3] = ["error=EIO", "error=ENOSPC", "signal=KILL"];

struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    /// In memory where the system offers that: thousands of syncs are not what is waited for.
    fn new() -> Self {
        let shared = Path::new("/dev/shm");
        let dir = if shared.is_dir() { tempfile::tempdir_in(shared) } else { tempfile::tempdir() };
        Self { dir: dir.expect("a temporary directory") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Publishes the mailbox into `name`, with what strace is asked to do.
    fn publish(&self, name: &str, strace: &[&str]) -> Ended {
        let mut command = match strace {
            [] => Command::new(env!("CARGO_BIN_EXE_frelon")),
            strace => {
                let mut command = Command::new("strace");
                command.args(["-f", "--seccomp-bpf", "-qq"]).args(strace).arg(env!("CARGO_BIN_EXE_frelon"));
                command
            }
        };
        command.args(["publish", "box", "--into", name, "--no-serve", "--collection", "letters", "--quiet"]);
        Ended::of(command.current_dir(self.dir.path()).env_remove("FRELON_LOG"))
    }

    fn checkpoint(&self, name: &str) -> Option<SignedCheckpoint> {
        let bytes = fs::read(self.path(name).join("public/checkpoint")).ok()?;
        Some(SignedCheckpoint::parse(&bytes).expect("whole, whenever it is looked at"))
    }

    /// The log is whole, means what it says, and begins with what was seen before.
    fn check(&self, name: &str, before: Option<&SignedCheckpoint>, what: &str) {
        let public = self.path(name).join("public");
        let policy = Policy::parse(&fs::read(public.join("policy")).expect("a policy")).expect("a good one");
        let log = &policy.logs()[0].key;
        let reader = LogReader::open(&public, log).expect(what);
        let ledger = Ledger::read(&reader, log).expect(what);
        assert!(ledger.passed_over().is_empty(), "{what}: {:?}", ledger.passed_over());
        if let Some(before) = before {
            assert!(before.head().size <= reader.head().size, "{what}: cut");
            LogReader::with_checkpoint(&public, before.clone()).expect(what);
        }
        assert_eq!(ledger.releases().iter().map(|release| release.item_count).sum::<u64>(), 2, "{what}");
        let checked = frelon_testkit::check(&self.path(name)).unwrap_or_else(|error| panic!("{what}: {error:#}"));
        assert_eq!((checked.item_count, checked.release_count), (2, 1), "{what}");
        assert!(entries(&self.path(name)).values().any(|bytes| *bytes == message("dam")), "{what}");
    }
}

/// How often each call is made in an undisturbed run; `None` where strace cannot be used.
fn counts(place: &Place) -> Option<BTreeMap<&'static str, u64>> {
    let list = place.path("calls");
    let ended = Command::new("strace").arg("--version").output();
    if ended.is_err() {
        eprintln!("skipped: needs strace");
        return None;
    }
    let trace = format!("trace={}", CALLS.join(","));
    let ended = place.publish("counted", &["-o", list.to_str().expect("plain"), "-e", &trace]);
    if ended.code != 0 || !list.exists() {
        eprintln!("skipped: strace may not trace here: {}", ended.err.trim());
        return None;
    }
    let text = fs::read_to_string(&list).expect("written");
    let count = |call: &&'static str| {
        let begins = format!("{call}(");
        (*call, text.lines().filter(|line| line.contains(&begins)).count() as u64)
    };
    Some(CALLS.iter().map(count).filter(|(_, count)| *count > 0).collect())
}

#[test]
fn publishing_survives_every_sort_of_failing_call() {
    let place = Place::new();
    fs::write(place.path("box"), frelon_testkit::mbox([message("dam"), message("mill")])).expect("room");
    let Some(counts) = counts(&place) else { return };
    place.check("counted", None, "undisturbed");
    let mut runs = Vec::new();
    for (call, count) in &counts {
        for (sort, kind) in SORTS.iter().enumerate() {
            for moment in 0..MOMENTS.min(*count) {
                // Spread over all, each sort a little aside of the others.
                let at = 1 + (moment * count + sort as u64 * count / SORTS.len() as u64) / MOMENTS.min(*count);
                runs.push((*call, *kind, at.min(*count)));
            }
        }
    }
    let (next, hurt) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some((call, kind, at)) = runs.get(index) else { return };
            let (what, name) = (format!("{call}:{kind}:when={at}"), format!("run{index}"));
            let (inject, trace) = (format!("inject={what}"), format!("trace={call}"));
            let ended = place.publish(&name, &["-o", "/dev/null", "-e", &trace, "-e", &inject]);
            assert!(!ended.err.contains("panicked"), "{what}: {}", ended.err);
            hurt.fetch_add(usize::from(ended.code != 0), Ordering::Relaxed);
            let before = place.checkpoint(&name);
            let again = place.publish(&name, &[]);
            again.says(0, &[]);
            place.check(&name, before.as_ref(), &what);
            fs::remove_dir_all(place.path(&name)).expect("it was there");
        }
    };
    std::thread::scope(|scope| {
        let second = scope.spawn(work);
        work();
        second.join().expect("the other half holds too");
    });
    let hurt = hurt.into_inner();
    assert!(hurt * 3 > runs.len(), "only {hurt} of {} runs were hurt", runs.len());
}
