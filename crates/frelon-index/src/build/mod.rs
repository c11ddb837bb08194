//! Building the derived store from the public tree: volumes in, catalog and full-text index out.
//!
//! ```text
//! reader thread      volume -> batches of deflate streams
//! worker threads     inflate, verify, parse, tell the language      (`digest`)
//! this thread        in order: catalog rows, documents, progress
//! tantivy's threads  tokenise, invert, write segments
//! ```
//! A build works in `derived/building`, commits now and then, goes on there after a kill, and becomes
//! the current index by one rename. An index of a smaller tree is taken over as the start of a larger.

mod digest;
mod ledger;
mod pipeline;
mod start;

use std::path::{Path, PathBuf};

use frelon_mail::dkim::KeyArchive;
use frelon_public::{KEYS_PATH, Ledger, PublicTree};
use tantivy::{IndexWriter, TantivyDocument, indexer::IndexWriterOptions};

use crate::{
    catalog::{CatalogWriter, RowKey},
    fulltext::Fields,
    layout::{self, Layout},
    record::VolumeRecord,
};
use pipeline::Job;

/// How to build.
#[derive(Debug, Clone, Copy)]
pub struct BuildOptions {
    /// Threads that parse; tantivy gets as many again.
    pub threads: usize,
    /// Memory of the inverted index before it goes to disk, in bytes, all threads together.
    pub memory_bytes: usize,
    /// Build anew even if the current index fits the tree.
    pub afresh: bool,
}

impl Default for BuildOptions {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(2, usize::from).min(8);
        Self { threads, memory_bytes: 240_000_000, afresh: false }
    }
}

/// How far a build is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BuildProgress {
    /// Raw bytes indexed.
    pub bytes: u64,
    /// Items indexed.
    pub items: u64,
    /// Items in all.
    pub items_total: u64,
}

/// What a build did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BuildReport {
    /// Items in the index now.
    pub items: u64,
    /// Items added by this build.
    pub added: u64,
    /// Entries of volumes that could not be read, each with its volume and reason.
    pub bad_entries: Vec<String>,
    /// Whether the current index fitted already.
    pub was_current: bool,
}

/// Building failed. The index that was current stays so.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The public tree cannot be read.
    #[error(transparent)]
    Public(#[from] frelon_public::ReadError),
    /// The log of the tree cannot be told, or is not the one the manifest was derived from.
    #[error("cannot read the log by {path}: {reason}")]
    Log {
        /// The policy that names it.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A file of `derived/` cannot be written or read.
    #[error(
        "cannot write the index in {path}: {source}; the index in use before is untouched, and the next run goes on from here"
    )]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The catalog failed.
    #[error(
        "cannot write the catalog in {path}: {source}; the index in use before is untouched, and the next run goes on from here"
    )]
    Catalog {
        /// Its directory.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// The full-text index failed.
    #[error(
        "cannot write the index in {path}: {source}; the index in use before is untouched, and the next run goes on from here"
    )]
    Fulltext {
        /// Its directory.
        path: PathBuf,
        /// Why.
        source: tantivy::TantivyError,
    },
    /// A thread of the build died.
    #[error("a worker of the build died; run the command again")]
    Worker,
}

/// What an index is built from.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    tree: &'a PublicTree,
    /// What signatures are judged by.
    keys: &'a KeyArchive,
    /// What the log says.
    ledger: &'a Ledger,
}

/// A build under way.
pub(crate) struct Build<'a> {
    source: Source<'a>,
    dir: PathBuf,
    fields: Fields,
    catalog: CatalogWriter,
    writer: IndexWriter<TantivyDocument>,
    options: BuildOptions,
    progress: BuildProgress,
    report: BuildReport,
    /// Raw bytes since the last commit.
    uncommitted_bytes: u64,
    step: u64,
}

/// Raw bytes between two commits: about fifteen seconds of work on two cores.
const COMMIT_BYTES: u64 = 512 * 1024 * 1024;
/// Name in the catalog of the number of commits, which the full-text index carries too.
const STEP: &str = "step";

/// Brings `derived/` up to date with `public/`. Does nothing where it already is.
///
/// # Errors
/// When the tree cannot be read or the index not written. The index in use stays; the next build
/// goes on where this one stopped.
pub fn build(
    public: &Path,
    derived: &Path,
    options: &BuildOptions,
    progress: &mut dyn FnMut(BuildProgress),
) -> Result<BuildReport, BuildError> {
    let tree = PublicTree::open(public)?;
    let keys_text = tree.keys()?;
    let generation = layout::generation(tree.manifest(), &keys_text);
    let layout = Layout::new(derived);
    let released: u64 = tree.manifest().releases.iter().map(|release| release.item_count).sum();
    let items_total = released.saturating_sub(tree.manifest().withdrawn.len() as u64);
    if !options.afresh && layout.current().is_ok_and(|(_, current)| current == generation) {
        return Ok(BuildReport { items: items_total, was_current: true, ..BuildReport::default() });
    }
    let mut keys = KeyArchive::new();
    for problem in keys.add_jsonl(&keys_text) {
        tracing::warn!(line = problem.line, "a line of {KEYS_PATH} is left out: {}", problem.reason);
    }
    let ledger = ledger::read(public, tree.manifest())?;
    let volumes = start::contents(&tree, &keys_text);
    let source = Source { tree: &tree, keys: &keys, ledger: &ledger };
    let mut build = start::start(source, &layout, &generation, &volumes, *options)?;
    build.progress.items_total = items_total;
    build.run(progress)?;
    let report = build.finish()?;
    layout.promote(&generation).map_err(|source| BuildError::Io { path: derived.to_owned(), source })?;
    Ok(report)
}

impl Build<'_> {
    fn run(&mut self, progress: &mut dyn FnMut(BuildProgress)) -> Result<(), BuildError> {
        let tree = self.source.tree;
        for release in &tree.manifest().releases {
            let (title, about) =
                tree.manifest().collection(&release.collection).map_or(("", ""), |found| (&found.title, &found.about));
            let collection = self.sql(|catalog| catalog.collection(release.collection.as_str(), title, about))?;
            let volumes: Vec<VolumeRecord> = release
                .volumes
                .iter()
                .map(|volume| VolumeRecord {
                    path: volume.path.clone(),
                    size_bytes: volume.size_bytes,
                    sha256: volume.sha256,
                })
                .collect();
            let span = (release.item_count, release.first, release.last);
            let (tranche, at) = (release.tranche.0, release.published_at);
            self.sql(|catalog| catalog.release(collection, tranche, at, &release.title, span, &volumes))?;
            for volume in &release.volumes {
                let state = self.sql(|catalog| catalog.volume(&volume.path, collection, tranche))?;
                if !state.done {
                    let source = self.source;
                    self.index_volume(&Job { source, release, volume, collection, state }, progress)?;
                }
            }
        }
        self.add_log()
    }

    /// What the log says beside the items.
    fn add_log(&mut self) -> Result<(), BuildError> {
        let manifest = self.source.tree.manifest();
        let changes = ledger::changes(self.source.ledger, manifest);
        let mut tombstones = Vec::with_capacity(manifest.withdrawn.len());
        for withdrawal in &manifest.withdrawn {
            let entry = manifest.collection(&withdrawal.collection);
            let (title, about) = entry.map_or(("", ""), |found| (&found.title, &found.about));
            let no = self.sql(|catalog| catalog.collection(withdrawal.collection.as_str(), title, about))?;
            tombstones.push((RowKey::new(no, withdrawal.number), withdrawal.clone().into()));
        }
        self.sql(|catalog| catalog.log(&ledger::log(manifest), &changes, &tombstones))
    }

    /// Makes everything so far durable. The full-text index goes first; the catalog names its step.
    fn commit(&mut self) -> Result<(), BuildError> {
        self.step += 1;
        let step = self.step.to_string();
        let prepared = self.writer.prepare_commit().and_then(|mut prepared| {
            prepared.set_payload(&step);
            prepared.commit()
        });
        prepared.map_err(|source| BuildError::Fulltext { path: self.dir.clone(), source })?;
        // Stopped here, the two disagree on the step, and the next build starts afresh.
        self.sql(|catalog| catalog.set_meta(STEP, &step))?;
        self.sql(CatalogWriter::commit)?;
        self.uncommitted_bytes = 0;
        Ok(())
    }

    fn finish(mut self) -> Result<BuildReport, BuildError> {
        self.commit()?;
        let (dir, mut report) = (self.dir.clone(), self.report);
        self.writer.wait_merging_threads().map_err(|source| BuildError::Fulltext { path: dir.clone(), source })?;
        self.catalog.finish().map_err(|source| BuildError::Catalog { path: dir, source })?;
        report.items = self.progress.items_total.saturating_sub(report.bad_entries.len() as u64);
        Ok(report)
    }

    fn sql<T>(&mut self, work: impl FnOnce(&mut CatalogWriter) -> rusqlite::Result<T>) -> Result<T, BuildError> {
        work(&mut self.catalog).map_err(|source| BuildError::Catalog { path: self.dir.clone(), source })
    }
}

/// Options of the full-text writer.
fn writer_options(options: &BuildOptions) -> IndexWriterOptions {
    let threads = options.threads.clamp(1, 8);
    IndexWriterOptions::builder()
        .num_worker_threads(threads)
        .num_merge_threads(1)
        .memory_budget_per_thread((options.memory_bytes / threads).max(20_000_000))
        .build()
}
