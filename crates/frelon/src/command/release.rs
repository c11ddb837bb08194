//! `frelon release`: everything not yet out goes out.

use std::ops::ControlFlow;

use frelon_model::CollectionId;
use indicatif::HumanCount;

use super::{
    intake,
    press::{self, Opening},
    reindex,
};
use crate::{
    cli::Release,
    failure::{Failure, Kind},
    progress::{Progress, eprint_line},
    publication::Publication,
};

pub(crate) fn run(args: &Release) -> Result<(), Failure> {
    let publication = Publication::existing(&args.place.dir)?;
    let opening = Opening::new(&publication, &args.signing)?;
    let mut progress = Progress::new(&args.output);
    let status = frelon_desk::status(publication.root())?;
    let mut released = Ok(());
    for totals in status.collections {
        let one = release(&publication, &opening, &totals.collection.id, &args.title, &mut progress);
        match one {
            Err(failure) if !failure.is_incomplete() => return Err(failure),
            one => released = released.and(one),
        }
    }
    if !is_public(&publication) {
        return released;
    }
    let report = reindex::reindex(&publication, false, &mut progress)?;
    released.and(reindex::left_out(&report))
}

/// Whether anything is out.
pub(super) fn is_public(publication: &Publication) -> bool {
    publication.public().join("manifest.json").is_file()
}

/// Releases what is not out of one collection; the second stage of publishing. Withdrawals that were to
/// end by now end too.
pub(super) fn release(
    publication: &Publication,
    opening: &Opening,
    collection: &CollectionId,
    title: &str,
    progress: &mut Progress,
) -> Result<(), Failure> {
    progress.stage("release");
    let mut watch = |at: &frelon_desk::Progress| {
        progress.step(intake::step(at));
        ControlFlow::Continue(())
    };
    let (report, ended) = opening.with(publication, |press| {
        let ended = press.end_withdrawals()?;
        Ok((press.release(collection, title, &mut watch)?, ended))
    })?;
    let items: u64 = report.released.iter().map(|released| released.entry.item_count).sum();
    progress.done(&format!("{} items released", HumanCount(items)));
    for blocked in &report.gate.blocked {
        eprint_line(&format!("         item {} is kept back: {}", blocked.number, blocked.hit.detail));
    }
    let waiting: Vec<_> = report
        .waiting
        .into_iter()
        .chain(ended.into_iter().filter_map(|stated| match stated {
            frelon_desk::Stated::Waiting(waiting) => Some(waiting),
            frelon_desk::Stated::Logged { .. } => None,
        }))
        .collect();
    if !waiting.is_empty() {
        return Err(press::waiting(publication, &waiting));
    }
    if report.gate.blocked.is_empty() {
        return Ok(());
    }
    let message = format!("{} items were kept back by the gate", report.gate.blocked.len());
    Err(Failure::message(Kind::Incomplete, message).hint("they are listed above; everything else is out"))
}
