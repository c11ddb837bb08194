//! `frelon mirror`: a verified copy of a publication, kept up to date, served.

use std::{
    fs,
    net::TcpListener,
    path::Path,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use frelon_log::Policy;
use frelon_mirror::{
    fetch::{self, Directory, Http, Source},
    key,
    sync::{Event, Follow, Mirror, MirrorError, Options, Report, Shown},
};
use frelon_model::{CollectionId, Tranche};
use indicatif::{HumanBytes, HumanCount};

use super::{reindex, serve};
use crate::{
    cli, clock,
    failure::{Failure, Kind},
    progress::{Progress, Step, eprint_line, print_line},
    publication::Publication,
};

/// Time between looks for news when nothing is said.
const EVERY: Duration = Duration::from_secs(60);

pub(crate) fn run(args: cli::Mirror) -> Result<(), Failure> {
    // A port in use should be known before an hour of fetching, not after.
    let listener = args.serve.as_deref().map(serve::bind).transpose()?;
    let publication = Publication::new(&args.into);
    if publication.vault().exists() {
        let message = format!("{} is a publication with a vault, not a mirror", args.into.display());
        return Err(Failure::message(Kind::Input, message).hint("give --into another directory"));
    }
    let sources = sources(&args)?;
    let mut mirror = Mirror::open(&args.into, options(&args)?).map_err(failure)?;
    let first = sync(&mut mirror, &sources, &publication, &args);
    let every = args.every.or(listener.as_ref().map(|_| EVERY));
    match (listener, every) {
        (None, None) => first,
        (None, Some(every)) => {
            tell(&first);
            keep_up(&mut mirror, &sources, &publication, &args, every)
        }
        (Some(listener), every) => {
            if publication.derived().exists() {
                // What is here already is served, whatever peers do today.
                tell(&first);
            } else {
                first?;
            }
            serve_and_keep_up(mirror, sources, &publication, args, every.unwrap_or(EVERY), listener)
        }
    }
}

/// Syncs in a thread of its own while the site is served; it ends with the process. Nothing is lost by
/// that: the next sync goes on where it was.
fn serve_and_keep_up(
    mut mirror: Mirror,
    sources: Vec<Box<dyn Source>>,
    publication: &Publication,
    args: cli::Mirror,
    every: Duration,
    listener: TcpListener,
) -> Result<(), Failure> {
    let own = publication.clone();
    let follow = move || drop(keep_up(&mut mirror, &sources, &own, &args, every));
    let follower = thread::Builder::new().name("mirror".to_owned()).spawn(follow);
    let _runs_by_itself = follower.map_err(|error| Failure::new(Kind::Failed, error))?;
    serve::serve(publication, listener)
}

/// Looks for news for ever.
fn keep_up(
    mirror: &mut Mirror,
    sources: &[Box<dyn Source>],
    publication: &Publication,
    args: &cli::Mirror,
    every: Duration,
) -> Result<(), Failure> {
    loop {
        thread::sleep(every);
        tell(&sync(mirror, sources, publication, args));
    }
}

/// A sync that failed is tried again later; what it says is shown.
fn tell(outcome: &Result<(), Failure>) {
    if let Err(failure) = outcome {
        eprint_line(&failure.to_string());
    }
}

/// One sync, and the index after it.
fn sync(
    mirror: &mut Mirror,
    sources: &[Box<dyn Source>],
    publication: &Publication,
    args: &cli::Mirror,
) -> Result<(), Failure> {
    let progress = Mutex::new(Progress::new(&args.output));
    let started = Instant::now();
    let lock = || progress.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    lock().stage("mirror");
    let volume_bytes = Mutex::new((0, 0));
    let observe = |event: Event<'_>| match event {
        Event::FirstContact { peer, log } => {
            eprint_line(&format!("   first contact: {peer} says that the log is"));
            eprint_line(&format!("     {log}"));
            eprint_line("   It is believed from now on. Compare it with what the editors say elsewhere, or begin");
            eprint_line("   again with their policy file: --policy FILE");
        }
        Event::Entries { done, total } => {
            lock().step(Step { items: done, items_total: Some(total), ..Step::default() });
        }
        Event::Volume { size_bytes, .. } => {
            let mut sum = volume_bytes.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            *sum = (sum.0 + 1, sum.1 + size_bytes);
            lock().step(Step { bytes: sum.1, items: sum.0, ..Step::default() });
        }
        Event::Rewritten { path, count } => {
            eprint_line(&format!("   withdrawn: {count} item(s) taken out of {path}"));
        }
        _ => {}
    };
    let report = mirror.sync(sources, clock::now(), &observe).map_err(failure)?;
    report_peers(&report);
    let is_indexed = publication.derived().exists();
    if report.has_changed || args.output.json {
        let summary = format!(
            "{} entries, {} volumes ({}) fetched and verified; the log has {}",
            HumanCount(report.entries),
            HumanCount(report.volumes),
            HumanBytes(report.volume_bytes),
            HumanCount(report.head.size)
        );
        lock().done(&summary);
    }
    if args.output.json {
        let line = serde_json::json!({
            "event": "mirrored", "size": report.head.size, "root": report.head.root.to_string(),
            "entries": report.entries, "volumes": report.volumes, "volume_bytes": report.volume_bytes,
            "rewritten": report.rewritten, "changed": report.has_changed, "forks": report.forks,
            "seconds": started.elapsed().as_secs_f64(),
        });
        print_line(&line.to_string());
    }
    if !args.no_index && (report.has_changed || !is_indexed) {
        reindex::reindex(publication, false, &mut lock()).and_then(|indexed| reindex::left_out(&indexed))?;
    }
    if let Some(fork) = report.forks.first() {
        let message = format!("the log has forked: its key signed two histories; the proof is {}", fork.display());
        return Err(Failure::message(Kind::Incomplete, message)
            .hint("send the file to the editors and to other mirrors: anybody can check it"));
    }
    Ok(())
}

/// What peers did that an operator should know.
fn report_peers(report: &Report) {
    for peer in &report.peers {
        let name = &peer.name;
        match (&peer.shown, &peer.dropped) {
            (Shown::Forked, _) => eprint_line(&format!("   refused {name}: it shows another history of the log")),
            (_, Some(reason)) => eprint_line(&format!("   dropped {name}: {reason}")),
            (Shown::Failed(reason), None) => eprint_line(&format!("   no use of {name}: {reason}")),
            (Shown::Older { size }, None) => {
                let behind = report.head.size.saturating_sub(*size);
                eprint_line(&format!("   behind: {name} shows the log as it was {behind} entries ago"));
            }
            _ => {}
        }
    }
}

fn sources(args: &cli::Mirror) -> Result<Vec<Box<dyn Source>>, Failure> {
    args.peers.iter().map(|peer| source(peer, args)).collect()
}

/// Where bytes come from: an address or a directory.
fn source(peer: &str, args: &cli::Mirror) -> Result<Box<dyn Source>, Failure> {
    let options = fetch::Options { allow_private: args.allow_private, ..fetch::Options::default() };
    if peer.contains("://") {
        let http = Http::new(peer, options).map_err(|error| Failure::message(Kind::Usage, error.to_string()))?;
        return Ok(Box::new(http));
    }
    let path = Path::new(peer);
    if !path.is_dir() {
        let failure = Failure::message(Kind::Input, format!("{peer} is neither an address nor a directory"));
        return Err(failure.hint("an address begins with https:// or http://"));
    }
    Ok(Box::new(Directory::new(path)))
}

fn options(args: &cli::Mirror) -> Result<Options, Failure> {
    let usage = |error: &dyn std::fmt::Display| Failure::message(Kind::Usage, error.to_string());
    let policy = args.policy.as_deref().map(read_policy).transpose()?;
    let collections: Result<Vec<CollectionId>, _> = args.collections.iter().map(|id| CollectionId::new(id)).collect();
    let witnesses = policy.iter().flat_map(Policy::witnesses).filter_map(|witness| witness.url.as_ref());
    let watched = args.watch.iter().cloned().chain(witnesses.map(ToString::to_string));
    let watch: Result<Vec<Box<dyn Source>>, Failure> = watched.map(|peer| source(&peer, args)).collect();
    let follow: Follow = args.follow.parse().map_err(|error| usage(&error))?;
    let cosigner = match &args.cosign {
        None => None,
        Some(name) => {
            let name = name.parse().map_err(|error| usage(&error))?;
            let directory = args.into.join("mirror");
            key::directory(&directory).map_err(|error| Failure::new(Kind::Failed, error))?;
            let mut seed = [0; 32];
            getrandom::fill(&mut seed).map_err(|error| Failure::message(Kind::Failed, error.to_string()))?;
            let cosigner = key::cosigner(&directory.join("key"), &name, &seed);
            let cosigner = cosigner.map_err(|error| Failure::new(Kind::Failed, error))?;
            eprint_line(&format!("   cosigning as {}", cosigner.verifier()));
            Some(cosigner)
        }
    };
    Ok(Options {
        policy,
        follow,
        watch: watch?,
        collections: collections.map_err(|error| usage(&error))?,
        tranches: args.releases.iter().map(|number| Tranche(*number)).collect(),
        cosigner,
        ..Options::default()
    })
}

fn read_policy(file: &Path) -> Result<Policy, Failure> {
    let at = file.display();
    let bytes = fs::read(file).map_err(|error| Failure::message(Kind::Input, format!("cannot read {at}: {error}")))?;
    Policy::parse(&bytes).map_err(|error| Failure::message(Kind::Input, format!("{at}: {error}")))
}

fn failure(error: MirrorError) -> Failure {
    let kind = match &error {
        MirrorError::OtherLog { .. } | MirrorError::Disagreement | MirrorError::BadPolicy { .. } => Kind::Input,
        _ => Kind::Failed,
    };
    Failure::new(kind, error)
}
