//! Starting a build: going on with one that was stopped, taking over the current index, or afresh.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use frelon_model::ContentHash;
use frelon_public::{KEYS_PATH, PublicTree};
use sha2::{Digest as _, Sha256};
use tantivy::{
    Index,
    index::SegmentMeta,
    indexer::{MergeCandidate, MergePolicy},
};

use super::{Build, BuildError, BuildOptions, BuildProgress, BuildReport, STEP, Source, writer_options};
use crate::{
    catalog::CatalogWriter,
    fulltext::{self, Fields},
    layout::Layout,
};

/// Name in the catalog of the generation a build is for.
const GENERATION: &str = "generation";
/// Name in the catalog of what it holds, as [`contents`] tells it.
const VOLUMES: &str = "volumes";

pub(super) fn start<'a>(
    source: Source<'a>,
    layout: &Layout,
    generation: &str,
    volumes: &str,
    options: BuildOptions,
) -> Result<Build<'a>, BuildError> {
    let dir = layout.building();
    let io_error = |source| BuildError::Io { path: layout.root().to_owned(), source };
    fs::create_dir_all(layout.root()).map_err(io_error)?;
    if let Some(build) = go_on(source, &dir, generation, options) {
        return Ok(build);
    }
    remove(&dir).map_err(io_error)?;
    if !options.afresh
        && let Ok((current, _)) = layout.current()
        && take_over(&current, &dir, volumes).unwrap_or(false)
        && let Ok(build) = open(source, &dir, options)
    {
        return mark(build, generation, volumes);
    }
    remove(&dir).map_err(io_error)?;
    fs::create_dir_all(Layout::fulltext(&dir)).map_err(io_error)?;
    mark(open(source, &dir, options)?, generation, volumes)
}

/// The build left by a run that was stopped, if it is for the same tree and undamaged.
fn go_on<'a>(source: Source<'a>, dir: &Path, generation: &str, options: BuildOptions) -> Option<Build<'a>> {
    if options.afresh || !dir.exists() {
        return None;
    }
    let build = open(source, dir, options).ok()?;
    (build.catalog.meta(GENERATION).ok()??.as_str() == generation).then_some(build)
}

/// Copies the current index if everything in it is still in the tree; says whether it did.
fn take_over(current: &Path, dir: &Path, volumes: &str) -> io::Result<bool> {
    let catalog = crate::catalog::FILE_NAME;
    let held = rusqlite::Connection::open(current.join(catalog)).and_then(|held| {
        held.query_row("SELECT value FROM meta WHERE name = ?1", [VOLUMES], |row| row.get::<_, String>(0))
    });
    let Ok(held) = held else { return Ok(false) };
    if !held.lines().all(|line| volumes.lines().any(|wanted| wanted == line)) {
        return Ok(false);
    }
    let (from, to) = (Layout::fulltext(current), Layout::fulltext(dir));
    fs::create_dir_all(&to)?;
    fs::copy(current.join(catalog), dir.join(catalog))?;
    for entry in fs::read_dir(&from)? {
        let name = entry?.file_name();
        let text = name.to_string_lossy();
        if text.ends_with(".lock") {
            continue;
        }
        // Segment files never change, so they are shared; the two small lists of them do.
        if text.ends_with(".json") || fs::hard_link(from.join(&name), to.join(&name)).is_err() {
            fs::copy(from.join(&name), to.join(&name))?;
        }
    }
    Ok(true)
}

fn open<'a>(source: Source<'a>, dir: &Path, options: BuildOptions) -> Result<Build<'a>, BuildError> {
    let fulltext_error = |source| BuildError::Fulltext { path: dir.to_owned(), source };
    let catalog_error = |source| BuildError::Catalog { path: dir.to_owned(), source };
    let fields = Fields::new();
    let path = Layout::fulltext(dir);
    let directory = tantivy::directory::MmapDirectory::open(&path)
        .map_err(|error| fulltext_error(tantivy::TantivyError::from(error)))?;
    let index = Index::open_or_create(directory, fields.schema.clone()).map_err(fulltext_error)?;
    fulltext::register(&index);
    let payload = index.load_metas().map_err(fulltext_error)?.payload;
    let writer = index.writer_with_options(writer_options(&options)).map_err(fulltext_error)?;
    writer.set_merge_policy(Box::new(FewSegments));
    let catalog = CatalogWriter::open(dir).map_err(catalog_error)?;
    let step = catalog.meta(STEP).map_err(catalog_error)?;
    if payload != step {
        let reason = "index and catalog were written to different points".to_owned();
        return Err(fulltext_error(tantivy::TantivyError::SystemError(reason)));
    }
    Ok(Build {
        source,
        dir: dir.to_owned(),
        fields,
        catalog,
        writer,
        options,
        progress: BuildProgress::default(),
        report: BuildReport::default(),
        uncommitted_bytes: 0,
        step: step.and_then(|step| step.parse().ok()).unwrap_or(0),
    })
}

/// Writes down what the build is for, so that a later run knows whether to go on with it.
fn mark<'a>(mut build: Build<'a>, generation: &str, volumes: &str) -> Result<Build<'a>, BuildError> {
    build.sql(|catalog| catalog.set_meta(GENERATION, generation))?;
    build.sql(|catalog| catalog.set_meta(VOLUMES, volumes))?;
    build.commit()?;
    Ok(build)
}

/// What the current index must hold nothing beyond of to be taken over: one line a volume, its path and
/// hash; one a release, its leaves; and one each for the keys, since what was judged by other keys is not
/// taken over, for the log, and for what is withdrawn. **A withdrawal or a restore makes an index be
/// built afresh**: so no trace of the item is left in any file of it, for certain.
pub(super) fn contents(tree: &PublicTree, keys: &str) -> String {
    let manifest = tree.manifest();
    let mut lines = String::new();
    for release in &manifest.releases {
        let (first, last) = (release.first_leaf, release.last_leaf);
        lines.push_str(&format!("release {} {} {first} {last}\n", release.collection, release.tranche));
        for volume in &release.volumes {
            lines.push_str(&format!("{} {}\n", volume.path, volume.sha256));
        }
    }
    let withdrawn = serde_json::to_vec(&manifest.withdrawn).expect("strings and numbers always serialise");
    let hash = |bytes: &[u8]| ContentHash(Sha256::digest(bytes).into());
    lines.push_str(&format!("{KEYS_PATH} {}\n", hash(keys.as_bytes())));
    lines.push_str(&format!("log {}\n", manifest.log.origin.as_str()));
    lines.push_str(&format!("withdrawn {}\n", hash(&withdrawn)));
    lines
}

fn remove(dir: &PathBuf) -> io::Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Merges only to keep the number of segments bounded: each segment costs a search a few
/// microseconds a word, each merge costs a full pass over what it merges.
#[derive(Debug, Clone)]
struct FewSegments;

/// Segments left alone.
const SEGMENTS_MAX: usize = 24;
/// Segments merged into one when there are more, the smallest first.
const MERGED_AT_ONCE: usize = 8;

impl MergePolicy for FewSegments {
    fn compute_merge_candidates(&self, segments: &[SegmentMeta]) -> Vec<MergeCandidate> {
        if segments.len() <= SEGMENTS_MAX {
            return Vec::new();
        }
        let mut by_size: Vec<&SegmentMeta> = segments.iter().collect();
        by_size.sort_by_key(|segment| (segment.num_docs(), segment.id()));
        vec![MergeCandidate(by_size.iter().take(MERGED_AT_ONCE).map(|segment| segment.id()).collect())]
    }
}
