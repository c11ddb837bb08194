//! `cargo xtask bench`: Frelon beside its peers, on the same input in the same run.
//!
//! The peers (notmuch, mu, nginx) come from Debian's packages. CPU seconds and peak memory are as the
//! kernel counts them for a process and its children; every figure is the median of several runs. The
//! targets are those of DESIGN section 15. Not a test: figures belong to the machine they were taken on.

mod load;
mod mailbox;
mod maildir;
mod measure;
mod multiply;
mod page;
mod peer;
mod query;
mod report;
mod search;
mod server;
mod verify;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use self::{
    measure::{Figures, median},
    report::{Report, Target},
};
use crate::{need, step};

/// Name of the collection that is published.
const COLLECTION: &str = "bench";
/// Mean size of a message below which a corpus counts as short plain text, in bytes.
const SHORT_BYTES: u64 = 6_000;
/// Items above which the targets for a million apply.
const MANY_ITEMS: u64 = 500_000;

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The mailbox (mbox).
    corpus: PathBuf,
    /// Measure on this many copies of it, each with its own Message-IDs and a word of its own in each message.
    #[arg(long, default_value_t = 1)]
    multiply: u32,
    /// Write the figures as JSON to this file too.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Runs of which the median is taken.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Leave the mail indexers out: they are slow on large input.
    #[arg(long)]
    no_peers: bool,
    /// Leave the web load out.
    #[arg(long)]
    no_load: bool,
    /// Cargo profile that is measured.
    #[arg(long, default_value = "release")]
    profile: String,
    /// Where files are put while measuring; a folder of its own is made there and removed at the end.
    #[arg(long)]
    scratch: Option<PathBuf>,
}

/// The verb.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    if arguments.runs == 0 || arguments.multiply == 0 {
        bail!("--runs and --multiply are at least 1");
    }
    need::install(need::BENCH)?;
    step::run(&step::cargo(), &["build", "--locked", "--package", "frelon", "--profile", &arguments.profile])?;
    let folder = if arguments.profile == "dev" { "debug" } else { &arguments.profile };
    let program = step::root().join("target").join(folder).join("frelon");
    let scratch = arguments.scratch.clone().unwrap_or_else(|| step::root().join("target/bench"));
    let scratch = scratch.join(format!("run-{}", std::process::id()));
    fs::create_dir_all(&scratch).with_context(|| format!("cannot make {}", scratch.display()))?;
    let result = measure_all(arguments, &program, &scratch);
    fs::remove_dir_all(&scratch).with_context(|| format!("cannot remove {}", scratch.display()))?;
    result
}

fn measure_all(arguments: &Arguments, program: &Path, scratch: &Path) -> Result<()> {
    let corpus = if arguments.multiply == 1 {
        fs::canonicalize(&arguments.corpus).with_context(|| format!("cannot find {}", arguments.corpus.display()))?
    } else {
        println!("--- multiplying by {}", arguments.multiply);
        let many = scratch.join("many.mbox");
        multiply::run(&arguments.corpus, &many, arguments.multiply)?;
        many
    };
    let sample = query::Sample::take(&corpus)?;
    let raw_bytes = fs::metadata(&corpus)?.len();
    let mut report = Report::new(&arguments.corpus, arguments.multiply, raw_bytes, sample.message_count);

    let publication = scratch.join("publication");
    let mut rounds = Rounds::prepare(arguments, &corpus, scratch)?;
    for _ in 0..arguments.runs {
        rounds.run(program, &corpus, &publication, scratch)?;
    }
    let own = Figures::median(&rounds.own);
    report.intake("frelon publish", &own, None);
    report.row("frelon publish, peak memory", own.peak_mb(), "MB", Some(Target::below(600.0)));
    report.row("frelon publish, cores used", own.cpu_s / own.wall_s, "", None);
    disk(&mut report, &publication, raw_bytes, sample.message_count)?;
    rounds.report(&mut report);
    verify::run(program, &publication, &corpus, arguments.runs, &mut report)?;
    serve(arguments, &mut report, program, &publication, &sample, scratch)?;

    report.print();
    if let Some(path) = &arguments.json {
        fs::write(path, report.to_json()?).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// From the mailbox to a searchable, verified, packed site; the last run's publication stays.
fn publish(program: &Path, corpus: &Path, publication: &Path) -> Result<Figures> {
    measure::remove(publication)?;
    let words: [&std::ffi::OsStr; 9] = [
        "publish".as_ref(),
        corpus.as_ref(),
        "--into".as_ref(),
        publication.as_ref(),
        "--collection".as_ref(),
        COLLECTION.as_ref(),
        "--no-serve".as_ref(),
        "--quiet".as_ref(),
        "--title=Bench".as_ref(),
    ];
    measure::run(program.as_os_str(), &words, &[])
}

/// Frelon and its peers in turn, round by round: what else the machine does changes from minute to
/// minute, so only neighbours in time are compared.
struct Rounds {
    own: Vec<Figures>,
    peers: Vec<PeerRuns>,
    /// The mailbox as a Maildir, for the peers.
    mail: PathBuf,
}

struct PeerRuns {
    peer: &'static peer::Peer,
    runs: Vec<Figures>,
    index_bytes: u64,
    /// CPU of Frelon in the same round, of this peer's.
    ratios: Vec<f64>,
}

impl Rounds {
    fn prepare(arguments: &Arguments, corpus: &Path, scratch: &Path) -> Result<Self> {
        let mail = scratch.join("mail");
        let peers: &[peer::Peer] = if arguments.no_peers { &[] } else { peer::ALL };
        if !peers.is_empty() {
            println!("--- writing the mailbox as a Maildir for the peers (not measured)");
            maildir::write(corpus, &mail)?;
        }
        let runs = |peer| PeerRuns { peer, runs: Vec::new(), index_bytes: 0, ratios: Vec::new() };
        Ok(Self { own: Vec::new(), peers: peers.iter().map(runs).collect(), mail })
    }

    fn run(&mut self, program: &Path, corpus: &Path, publication: &Path, scratch: &Path) -> Result<()> {
        for peer in &mut self.peers {
            // Just before each peer, not once a round: a peer may take minutes.
            let own = publish(program, corpus, publication)?;
            let (figures, bytes) = peer.peer.index(&self.mail, scratch)?;
            println!("--- frelon publish: {own}; {}: {figures}", peer.peer.name);
            self.own.push(own);
            peer.ratios.push(own.cpu_s / figures.cpu_s);
            peer.runs.push(figures);
            peer.index_bytes = bytes;
        }
        if self.peers.is_empty() {
            let own = publish(program, corpus, publication)?;
            println!("--- frelon publish: {own}");
            self.own.push(own);
        }
        Ok(())
    }

    fn report(&mut self, report: &mut Report) {
        for peer in &mut self.peers {
            let share = 100.0 * peer.index_bytes as f64 / report.raw_bytes as f64;
            report.intake(peer.peer.name, &Figures::median(&peer.runs), Some(share));
            let what = format!("CPU of frelon, of {}", peer.peer.name);
            report.row(&what, median(&mut peer.ratios), "", Some(Target::below(0.2)));
        }
    }
}

fn disk(report: &mut Report, publication: &Path, raw_bytes: u64, messages: u64) -> Result<()> {
    let limit = if raw_bytes / messages.max(1) < SHORT_BYTES { 60.0 } else { 25.0 };
    let share = |folder: &str| -> Result<f64> {
        Ok(100.0 * measure::disk_bytes(&publication.join(folder))? as f64 / raw_bytes as f64)
    };
    report.row("index and catalog on disk, of raw mail", share("derived")?, "%", Some(Target::below(limit)));
    report.row("public tree on disk, of raw mail", share("public")?, "%", None);
    report.row("vault on disk, of raw mail", share("vault")?, "%", None);
    Ok(())
}

fn serve(
    arguments: &Arguments,
    report: &mut Report,
    program: &Path,
    publication: &Path,
    sample: &query::Sample,
    scratch: &Path,
) -> Result<()> {
    let mut starts = Vec::new();
    for _ in 0..arguments.runs {
        starts.push(server::Server::start(program, publication)?.start_ms);
    }
    let target = Target::below(300.0);
    report.row("server start to first answer", median(&mut starts), "ms", Some(target));

    let server = server::Server::start(program, publication)?;
    let many = sample.message_count > MANY_ITEMS;
    let (half, most) = if many { (5.0, 100.0) } else { (2.0, 20.0) };
    let times = search::measure(&server, &sample.queries(200))?;
    report.row("search in the server, p50", times.p50_ms, "ms", Some(Target::below(half)));
    report.row("search in the server, p99", times.p99_ms, "ms", Some(Target::below(most)));
    report.row("search over HTTP, p50", times.http_p50_ms, "ms", None);
    for (query, ms) in &times.slowest {
        println!("    slowest: {ms:.2} ms  {query}");
    }
    if !arguments.no_load {
        let mut pages = page::save(&server, COLLECTION, sample.message_count, &scratch.join("pages"))?;
        report.row("item page made anew, over HTTP", median(&mut pages.first_ms), "ms", Some(Target::below(1.0)));
        let own = load::wrk(&server.address, &pages, scratch)?;
        let nginx = load::nginx(&pages, scratch)?;
        report.row("item pages, frelon", own, "/s", Some(Target::above(5_000.0)));
        report.row("the same bytes as files, nginx", nginx, "/s", None);
        report.row("item pages, of nginx", 100.0 * own / nginx, "%", Some(Target::above(80.0)));
    }
    report.row("server, peak memory", server.peak_mb()?, "MB", None);
    Ok(())
}
