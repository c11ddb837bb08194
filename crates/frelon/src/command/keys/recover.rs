//! `frelon keys recover`: keys nobody kept, from the signatures that were made with them.
//!
//! Needs the public tree alone. Threads work on a selector each, and keep where they stand below
//! `derived/`, so that a run that is stopped or killed is gone on with by the next.

use std::{
    collections::{BTreeSet, VecDeque},
    io,
    path::Path,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use frelon_index::recovery::{self, RecoveryState};
use frelon_mail::dkim::{KeyArchive, Progress as Found, RecoveredKey, Recovery};
use indicatif::HumanCount;

use super::{JUDGE_AGAIN, read_archive, write_archive};
use crate::{
    cli::KeysRecover,
    failure::{Failure, Kind},
    progress::{Progress, Step, eprint_line, print_line},
    publication::Publication,
};

/// How often it is kept where a recovery stands: some 50 MB are written then.
const SAVE_EVERY: Duration = Duration::from_secs(20);
/// How often the main thread looks up.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Threads when nothing is said: each works on numbers that take some 300 MB.
const THREADS_MAX: usize = 4;

/// The recovery of the key of one selector.
struct Job {
    domain: String,
    selector: String,
    name: String,
    recovery: Recovery,
    /// Signatures found, of which the recovery may hold fewer.
    signature_count: u64,
}

/// What a thread tells.
enum Event {
    Found(Box<Job>, Box<RecoveredKey>),
    Nothing { domain: String, selector: String },
    Stopped,
    Failed(io::Error),
}

/// What the threads share.
struct Work {
    queue: Mutex<VecDeque<Job>>,
    state: Mutex<RecoveryState>,
    until: Option<Instant>,
    /// Set when the whole command fails.
    is_over: AtomicBool,
}

pub(super) fn run(args: &KeysRecover) -> Result<(), Failure> {
    let publication = Publication::existing(&args.place.dir)?;
    let public = publication.public();
    let until = args.time.map(|time| Instant::now() + time);
    let mut archive = read_archive(&public)?;
    let mut progress = Progress::new(&args.output);
    progress.stage("read");
    let mut step = |at: frelon_index::BuildProgress| {
        progress.step(Step { items: at.items, items_total: Some(at.items_total), ..Step::default() });
    };
    let survey = recovery::survey(&public, &archive, &mut step).map_err(|error| Failure::new(Kind::Failed, error))?;
    let selectors = HumanCount(survey.unknown.len() as u64);
    progress.done(&format!("signatures of {selectors} selectors were made by keys not known"));

    let failed = |error: io::Error| {
        Failure::message(Kind::Failed, format!("cannot keep progress in {}: {error}", publication.derived().display()))
    };
    let state = RecoveryState::open(&publication.derived()).map_err(failed)?;
    let (queue, single, tried_before) = jobs(survey.unknown, &state);
    let total = queue.len();
    let work = Work { queue: Mutex::new(queue), state: Mutex::new(state), until, is_over: AtomicBool::new(false) };
    let mut totals = Totals::default();
    progress.stage("recover");
    let threads = args.threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let outcome = thread::scope(|scope| {
        let (events, told) = channel();
        for _ in 0..threads.clamp(1, THREADS_MAX).min(total) {
            let events = events.clone();
            let work = &work;
            scope.spawn(move || work_off(work, &events));
        }
        drop(events);
        let outcome = loop {
            let event = match told.recv_timeout(LOOK_EVERY) {
                Ok(event) => event,
                Err(RecvTimeoutError::Timeout) => {
                    progress.step(totals.step(total));
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => break Ok(()),
            };
            if let Err(failure) = totals.take(event, &work, &public, &mut archive, args.output.json) {
                break Err(failure);
            }
            progress.step(totals.step(total));
        };
        work.is_over.store(true, Ordering::Relaxed);
        outcome
    });
    outcome?;
    let left = totals.stopped + lock(&work.queue).len();
    progress.done(&format!(
        "{} keys recovered; for {} selectors none could be found",
        HumanCount(totals.found as u64),
        HumanCount((totals.nothing + tried_before) as u64)
    ));
    if !args.output.quiet && !args.output.json {
        if single > 0 {
            eprint_line(&format!("   {} selectors have one signature: a key takes two", HumanCount(single as u64)));
        }
        if survey.left_out_count > 0 {
            let count = HumanCount(survey.left_out_count);
            eprint_line(&format!("   {count} signatures were left out: recover again once these keys are there"));
        }
        if left > 0 {
            eprint_line(&format!("   {left} selectors are left: run the same command again to go on"));
        }
    }
    if totals.found > 0 {
        eprint_line(JUDGE_AGAIN);
    }
    if survey.bad_entry_count > 0 {
        let message = format!("{} entries of the volumes could not be read", survey.bad_entry_count);
        return Err(Failure::message(Kind::Incomplete, message).hint("restore the volumes from a copy"));
    }
    Ok(())
}

/// The work to do: first what was begun, then what has most signatures. With it, how many selectors have too few
/// signatures, and for how many nothing was found before.
fn jobs(unknown: Vec<recovery::UnknownKey>, state: &RecoveryState) -> (VecDeque<Job>, usize, usize) {
    let (mut begun, mut fresh) = (VecDeque::new(), Vec::new());
    let (mut single, mut tried_before) = (0, 0);
    let mut names = BTreeSet::new();
    for one in unknown {
        let recovery = Recovery::new(one.specimens);
        let name = recovery.name();
        names.insert(name.clone());
        if recovery.specimen_count() < 2 {
            single += 1;
        } else if state.is_exhausted(&name) {
            tried_before += 1;
        } else {
            let is_begun = state.load(&name).is_some();
            let (domain, selector) = (one.signing_domain, one.selector);
            let job = Job { domain, selector, name, recovery, signature_count: one.signature_count };
            if is_begun { begun.push_back(job) } else { fresh.push(job) }
        }
    }
    state.retain(&names);
    begun.extend(fresh);
    (begun, single, tried_before)
}

/// One thread: job after job until there is none or the time is over.
fn work_off(work: &Work, events: &Sender<Event>) {
    loop {
        let job = lock(&work.queue).pop_front();
        let Some(mut job) = job else { return };
        let event = match carry_out(work, &mut job) {
            Ok(Outcome::Found(found)) => Event::Found(Box::new(job), found),
            Ok(Outcome::Nothing) => Event::Nothing { domain: job.domain, selector: job.selector },
            Ok(Outcome::Stopped) => Event::Stopped,
            Err(error) => Event::Failed(error),
        };
        let is_last = matches!(event, Event::Stopped | Event::Failed(_));
        if events.send(event).is_err() || is_last {
            return;
        }
    }
}

enum Outcome {
    Found(Box<RecoveredKey>),
    Nothing,
    Stopped,
}

fn carry_out(work: &Work, job: &mut Job) -> io::Result<Outcome> {
    let saved = lock(&work.state).load(&job.name);
    if let Some(saved) = saved {
        // What is damaged is begun again.
        let _begun_again = !job.recovery.restore(&saved);
    }
    let mut saved_at = Instant::now();
    loop {
        let is_over = work.is_over.load(Ordering::Relaxed) || work.until.is_some_and(|until| Instant::now() >= until);
        if is_over || saved_at.elapsed() >= SAVE_EVERY {
            let standing = job.recovery.save();
            // Cloned, so that threads do not wait for each other's writing.
            let state = lock(&work.state).clone();
            state.save(&job.name, &standing)?;
            saved_at = Instant::now();
        }
        if is_over {
            return Ok(Outcome::Stopped);
        }
        match job.recovery.step() {
            Found::Working => {}
            Found::Found(found) => return Ok(Outcome::Found(found)),
            Found::Exhausted => {
                lock(&work.state).mark_exhausted(&job.name)?;
                return Ok(Outcome::Nothing);
            }
        }
    }
}

/// What has come out so far.
#[derive(Default)]
struct Totals {
    found: usize,
    nothing: usize,
    stopped: usize,
}

impl Totals {
    fn step(&self, total: usize) -> Step {
        let done = (self.found + self.nothing) as u64;
        Step { items: done, items_total: Some(done.max(total as u64)), unit: "selectors", ..Step::default() }
    }

    fn take(
        &mut self,
        event: Event,
        work: &Work,
        public: &Path,
        archive: &mut KeyArchive,
        is_json: bool,
    ) -> Result<(), Failure> {
        match event {
            Event::Stopped => self.stopped += 1,
            Event::Failed(error) => {
                return Err(Failure::message(Kind::Failed, format!("cannot keep progress: {error}"))
                    .hint("make room on the disk, then run the same command again to go on"));
            }
            Event::Nothing { domain, selector } => {
                self.nothing += 1;
                if is_json {
                    let line = serde_json::json!({ "event": "nothing", "domain": domain, "selector": selector });
                    print_line(&line.to_string());
                }
            }
            Event::Found(job, found) => {
                self.found += 1;
                if !archive.add(&job.domain, &job.selector, found.key.clone()) {
                    let message = format!("there is no room for another key of {}", job.domain);
                    return Err(Failure::message(Kind::Failed, message));
                }
                write_archive(public, archive)?;
                lock(&work.state).discard(&job.name);
                tell(&job, &found, is_json);
                let Job { domain, selector, recovery, .. } = *job;
                let recovery = Recovery::new(recovery.rest(&found));
                if recovery.specimen_count() >= 2 {
                    let signature_count = recovery.specimen_count() as u64;
                    let name = recovery.name();
                    lock(&work.queue).push_front(Job { domain, selector, name, recovery, signature_count });
                }
            }
        }
        Ok(())
    }
}

/// What the archive proves by itself.
fn tell(job: &Job, found: &RecoveredKey, is_json: bool) {
    let (first, last) = (found.key.first_seen_at, found.key.last_seen_at);
    if is_json {
        let line = serde_json::json!({
            "event": "recovered", "domain": job.domain, "selector": job.selector, "bits": found.bits,
            "verified": found.verified, "looked_at": found.total, "signatures": job.signature_count,
            "first_at": first.map(frelon_model::Instant::to_rfc3339),
            "last_at": last.map(frelon_model::Instant::to_rfc3339),
            "record": found.key.text,
        });
        print_line(&line.to_string());
        return;
    }
    let span = match (first, last) {
        (Some(first), Some(last)) => format!(" from {} to {}", first.date(), last.date()),
        _ => String::new(),
    };
    let looked_at = if job.signature_count > found.total as u64 {
        format!(
            " ({} of its {} signatures were looked at)",
            HumanCount(found.total as u64),
            HumanCount(job.signature_count)
        )
    } else {
        String::new()
    };
    print_line(&format!(
        "{} messages{span} were signed by one key, not otherwise known: selector {} of domain {}, {} bits{looked_at}",
        HumanCount(found.verified as u64),
        job.selector,
        job.domain,
        found.bits
    ));
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
