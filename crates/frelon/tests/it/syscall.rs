//! System calls that fail or are the last of a process, at many moments of publishing and of a
//! withdrawal: the next run completes, and nobody ever saw a log that was cut or forked.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

use frelon_log::SignedCheckpoint;

use crate::fixture::{Ended, checkpoint, entries, grew_from, ledger, message};

/// Calls by which files come to be what they are.
const CALLS: [&str; 10] =
    ["openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "unlink", "mkdir", "ftruncate", "fallocate"];
/// Moments of each call and sort of failure, spread over all there are.
const MOMENTS: u64 = 12;
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

    /// Runs the program, with what strace is asked to do.
    fn run(&self, args: &[&str], strace: &[&str]) -> Ended {
        let mut command = match strace {
            [] => Command::new(env!("CARGO_BIN_EXE_frelon")),
            strace => {
                let mut command = Command::new("strace");
                command.args(["-f", "--seccomp-bpf", "-qq"]).args(strace).arg(env!("CARGO_BIN_EXE_frelon"));
                command
            }
        };
        Ended::of(command.args(args).current_dir(self.dir.path()).env_remove("FRELON_LOG"))
    }

    /// A copy of a publication.
    fn copy(&self, from: &str, to: &str) {
        let copied = Command::new("cp").arg("-a").args([self.path(from), self.path(to)]).status();
        assert!(copied.expect("cp runs").success());
    }

    /// The log is whole, means what it says, begins with what was seen before, and is so long.
    fn check(&self, name: &str, before: Option<&SignedCheckpoint>, size: u64, items: u64, what: &str) {
        let publication = self.path(name);
        grew_from(&publication, before);
        let (ledger, _) = ledger(&publication);
        assert_eq!(ledger.head().size, size, "{what}");
        let checked = frelon_testkit::check(&publication).unwrap_or_else(|error| panic!("{what}: {error:#}"));
        assert_eq!((checked.item_count, checked.release_count), (items, 1), "{what}");
        let holds = |mail: &str| entries(&publication).values().any(|bytes| *bytes == message(mail));
        assert!(holds("dam") && holds("mill") == (items == 2), "{what}");
    }
}

/// How often one thread makes each call in an undisturbed run, since failures are counted for each
/// thread; why not, where strace cannot be used.
fn counts(place: &Place, args: &[&str]) -> Result<BTreeMap<&'static str, u64>, String> {
    let list = place.path("calls");
    if Command::new("strace").arg("--version").output().is_err() {
        return Err("needs strace".to_owned());
    }
    let trace = format!("trace={}", CALLS.join(","));
    let ended = place.run(args, &["-o", list.to_str().expect("plain"), "-e", &trace]);
    if ended.code != 0 || !list.exists() {
        return Err(format!("strace may not trace here: {}", ended.err.trim()));
    }
    let text = fs::read_to_string(&list).expect("written");
    let count = |call: &&'static str| {
        let begins = format!("{call}(");
        let mut threads: BTreeMap<&str, u64> = BTreeMap::new();
        for line in text.lines().filter(|line| line.contains(&begins)) {
            *threads.entry(line.split(' ').next().unwrap_or_default()).or_default() += 1;
        }
        (*call, threads.into_values().max().unwrap_or(0))
    };
    Ok(CALLS.iter().map(count).filter(|(_, count)| *count > 0).collect())
}

/// Runs a command once for each failure, and then undisturbed. `args` and `check` are given the name of
/// the publication; `check` also what was public in between, and what failed. What was done, in words.
fn survives(
    place: &Place,
    counts: &BTreeMap<&'static str, u64>,
    prepare: impl Fn(&str) + Sync,
    args: impl Fn(&str) -> Vec<String> + Sync,
    check: impl Fn(&str, Ended, Option<&SignedCheckpoint>, &str) + Sync,
) -> String {
    let mut runs = Vec::new();
    for (call, count) in counts {
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
            prepare(&name);
            let args = args(&name);
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let ended = place.run(&args, &["-o", "/dev/null", "-e", &trace, "-e", &inject]);
            assert!(!ended.err.contains("panicked"), "{what}: {}", ended.err);
            hurt.fetch_add(usize::from(ended.code != 0), Ordering::Relaxed);
            let before = checkpoint(&place.path(&name));
            check(&name, place.run(&args, &[]), before.as_ref(), &what);
            fs::remove_dir_all(place.path(&name)).expect("it was there");
        }
    };
    std::thread::scope(|scope| {
        let second = scope.spawn(work);
        work();
        second.join().expect("the other half holds too");
    });
    let hurt = hurt.into_inner();
    assert!(hurt * 2 > runs.len(), "only {hurt} of {} runs were hurt", runs.len());
    format!("{} runs, {hurt} of them hurt, of {counts:?} calls", runs.len())
}

#[test]
fn publishing_and_withdrawing_survive_every_sort_of_failing_call() {
    let place = Place::new();
    fs::write(place.path("box"), frelon_testkit::mbox([message("dam"), message("mill")])).expect("room");
    let publish = |name: &str| {
        ["publish", "box", "--into", name, "--no-serve", "--collection", "letters", "--quiet"]
            .map(str::to_owned)
            .to_vec()
    };
    let withdraw = |name: &str| {
        let args = ["withdraw", "2", "--into", name, "--mode", "erase", "--reason", "error", "--quiet"];
        args.map(str::to_owned).to_vec()
    };
    let counted = |args: Vec<String>| counts(&place, &args.iter().map(String::as_str).collect::<Vec<_>>());
    let of_publish = match counted(publish("whole")) {
        Ok(counts) => counts,
        Err(why) => {
            eprintln!("skipped: {why}");
            return;
        }
    };
    // Root, collection, two documents, release.
    place.check("whole", None, 5, 2, "undisturbed");
    let publishing = survives(
        &place,
        &of_publish,
        |_| {},
        publish,
        |name, ended, before, what| {
            ended.says(0, &[]);
            place.check(name, before, 5, 2, what);
        },
    );
    place.copy("whole", "counted");
    let of_withdraw = counted(withdraw("counted")).expect("it could trace before");
    let withdrawing = survives(
        &place,
        &of_withdraw,
        |name| place.copy("whole", name),
        withdraw,
        |name, ended, before, what| {
            // An earlier run may have stated it already; what was left to do is done all the same.
            assert!(
                ended.code == 0 || (ended.code == 4 && ended.err.contains("withdrawn already")),
                "{what}: {}",
                ended.err
            );
            place.check(name, before, 6, 1, what);
            let found = place.run(&["search", "--in", name, "mill"], &[]);
            assert!(found.code == 0 && !found.out.contains("letters/2"), "{what}: {}{}", found.out, found.err);
        },
    );
    eprintln!("publish: {publishing}\nwithdraw: {withdrawing}");
}
