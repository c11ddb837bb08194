//! `frelon keys fetch`: the keys that the DNS has now, for the selectors that signatures name.

use std::{
    collections::VecDeque,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::channel,
    },
    thread,
    time::{Duration, Instant},
};

use frelon_index::recovery;
use frelon_mail::dkim::{ArchivedKey, KeyArchive, KeySource as _, Provenance};
use indicatif::HumanCount;

use super::{JUDGE_AGAIN, read_archive, write_archive};
use crate::{
    cli::KeysFetch,
    clock,
    dns::{DnsError, Resolver},
    failure::{Failure, Kind},
    progress::{Progress, Step, eprint_line, print_line},
    publication::Publication,
};

/// Questions under way at a time.
const THREADS: usize = 8;
/// Questions after which, if none was answered, nothing more is asked.
const UNANSWERED_MAX: usize = 16;
/// Answers after which the archive is written, so that a run that is killed keeps most.
const WRITE_EVERY: usize = 500;

/// A question that was asked.
struct Asked {
    domain: String,
    selector: String,
    answer: Result<Vec<String>, DnsError>,
}

pub(super) fn run(args: &KeysFetch) -> Result<(), Failure> {
    let publication = Publication::existing(&args.place.dir)?;
    let public = publication.public();
    let mut archive = read_archive(&public)?;
    let resolver = match args.server {
        Some(server) => Resolver::new(vec![server], args.timeout),
        None => Resolver::of_system(args.timeout).map_err(|error| {
            Failure::message(Kind::Failed, format!("cannot tell which DNS server this machine uses: {error}"))
                .hint("name one: --server 192.0.2.1:53")
        })?,
    };
    let mut progress = Progress::new(&args.output);
    progress.stage("read");
    let mut step = |at: frelon_index::BuildProgress| {
        progress.step(Step { items: at.items, items_total: Some(at.items_total), ..Step::default() });
    };
    let found = recovery::selectors(&public, &mut step).map_err(|error| Failure::new(Kind::Failed, error))?;
    progress.done(&format!("signatures name {} selectors", HumanCount(found.len() as u64)));
    let is_wanted = |(domain, selector): &(String, String)| args.all || archive.keys(domain, selector).is_empty();
    let wanted: VecDeque<_> = found.into_keys().filter(is_wanted).collect();

    progress.stage("ask");
    let mut totals = Totals { total: wanted.len(), ..Totals::default() };
    let before = archive.len();
    let mut changed = false;
    ask_all(wanted, &resolver, args.rate, &mut |asked| {
        let is_going_on = totals.take(&asked, &resolver, &mut archive, args.output.json);
        if totals.asked.is_multiple_of(WRITE_EVERY) {
            changed |= write_archive(&public, &archive)?;
        }
        progress.step(Step {
            items: totals.asked as u64,
            items_total: Some(totals.total as u64),
            failures: totals.failed as u64,
            unit: "selectors",
            ..Step::default()
        });
        Ok(is_going_on)
    })?;
    changed |= write_archive(&public, &archive)?;
    finish(&totals, archive.len() - before, changed, &public, &mut progress)
}

#[derive(Default)]
struct Totals {
    total: usize,
    asked: usize,
    /// Selectors with a record.
    found: usize,
    /// Selectors without.
    absent: usize,
    failed: usize,
    last_error: String,
}

impl Totals {
    /// Takes one answer; whether to ask on.
    fn take(&mut self, asked: &Asked, resolver: &Resolver, archive: &mut KeyArchive, is_json: bool) -> bool {
        self.asked += 1;
        let Asked { domain, selector, answer } = asked;
        let mut records = 0;
        let outcome = match answer {
            Ok(texts) => {
                let now = clock::now();
                // Under a wildcard, anything may stand here.
                for text in texts.iter().filter(|text| text.contains("p=")) {
                    let source = format!("DNS, asked of {}", resolver.name());
                    let key = ArchivedKey::new(text, Provenance::LiveDns, &source).seen(Some(now), Some(now));
                    records += usize::from(archive.add(domain, selector, key));
                }
                if records > 0 {
                    self.found += 1;
                    "found"
                } else {
                    self.absent += 1;
                    "absent"
                }
            }
            Err(error) => {
                self.failed += 1;
                self.last_error = error.to_string();
                "failed"
            }
        };
        if is_json {
            let line = serde_json::json!({
                "event": "answer", "domain": domain, "selector": selector, "outcome": outcome, "records": records,
                "asked_at": clock::now().to_rfc3339(), "server": resolver.name(),
                "error": answer.as_ref().err().map(ToString::to_string),
            });
            print_line(&line.to_string());
        }
        self.found + self.absent > 0 || self.failed < UNANSWERED_MAX
    }
}

fn finish(totals: &Totals, new: usize, changed: bool, public: &Path, progress: &mut Progress) -> Result<(), Failure> {
    progress.done(&format!(
        "{} selectors have a key now, {} have none; {} new key records",
        HumanCount(totals.found as u64),
        HumanCount(totals.absent as u64),
        HumanCount(new as u64)
    ));
    if changed && new > 0 {
        eprint_line(JUDGE_AGAIN);
    }
    if totals.failed == 0 {
        return Ok(());
    }
    if totals.found + totals.absent == 0 {
        return Err(Failure::message(Kind::Failed, format!("the DNS server gave no answer: {}", totals.last_error))
            .hint("name another one: --server 192.0.2.1:53"));
    }
    let message =
        format!("{} selectors could not be asked for, the last one because {}", totals.failed, totals.last_error);
    let again = format!("run the same command again to ask for what {} lacks", public.join("keys.jsonl").display());
    Err(Failure::message(Kind::Incomplete, message).hint(again))
}

/// Asks for every name, no more than `rate` of them a second, and hands each answer to `take` until that wants
/// no more.
fn ask_all(
    names: VecDeque<(String, String)>,
    resolver: &Resolver,
    rate: u32,
    take: &mut dyn FnMut(Asked) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let queue = Mutex::new((names, Instant::now()));
    let gap = Duration::from_secs(1) / rate.max(1);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let (answers, told) = channel();
        for _ in 0..THREADS {
            let answers = answers.clone();
            let (queue, is_over) = (&queue, &is_over);
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    let next = {
                        let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
                        let slot = queue.1.max(Instant::now());
                        queue.1 = slot + gap;
                        queue.0.pop_front().map(|name| (name, slot))
                    };
                    let Some(((domain, selector), slot)) = next else { return };
                    thread::sleep(slot.saturating_duration_since(Instant::now()));
                    let answer = resolver.texts(&format!("{selector}._domainkey.{domain}"));
                    if answers.send(Asked { domain, selector, answer }).is_err() {
                        return;
                    }
                }
            });
        }
        drop(answers);
        let outcome = told.iter().map(take).find(|outcome| !matches!(outcome, Ok(true)));
        is_over.store(true, Ordering::Relaxed);
        outcome.map_or(Ok(()), |outcome| outcome.map(drop))
    })
}
