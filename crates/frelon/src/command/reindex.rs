//! `frelon reindex`: the index from the public tree.

use frelon_index::{BuildOptions, BuildProgress, BuildReport};
use indicatif::HumanCount;

use crate::{
    cli::Reindex,
    failure::{Failure, Kind},
    progress::{Progress, Step, eprint_line},
    publication::Publication,
};

pub(crate) fn run(args: &Reindex) -> Result<(), Failure> {
    let publication = Publication::existing(&args.place.dir)?;
    let mut progress = Progress::new(&args.output);
    let report = reindex(&publication, args.afresh, &mut progress)?;
    if report.was_current && !args.output.quiet {
        eprint_line("the index is up to date; --afresh makes it anew");
    }
    left_out(&report)
}

/// Brings the index up to date; the stage every way of publishing ends with.
pub(super) fn reindex(
    publication: &Publication,
    afresh: bool,
    progress: &mut Progress,
) -> Result<BuildReport, Failure> {
    progress.stage("index");
    let options = BuildOptions { afresh, ..BuildOptions::default() };
    let mut step = |at: BuildProgress| {
        progress.step(Step { bytes: at.bytes, items: at.items, items_total: Some(at.items_total), ..Step::default() });
    };
    let report = frelon_index::build(&publication.public(), &publication.derived(), &options, &mut step)
        .map_err(|error| Failure::new(Kind::Failed, error))?;
    progress.done(&format!("{} items indexed", HumanCount(report.added)));
    for bad in &report.bad_entries {
        eprint_line(&format!("   left out {bad}"));
    }
    Ok(report)
}

/// An index without some of the items is a result, but not a clean one.
pub(super) fn left_out(report: &BuildReport) -> Result<(), Failure> {
    if report.bad_entries.is_empty() {
        return Ok(());
    }
    let message = format!("{} entries of the volumes could not be indexed", report.bad_entries.len());
    Err(Failure::message(Kind::Incomplete, message)
        .hint("the volumes named above are damaged: restore them from a copy"))
}
