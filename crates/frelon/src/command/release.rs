//! `frelon release`: everything not yet out goes out.

use std::ops::ControlFlow;

use frelon_desk::ReleaseRequest;
use frelon_model::CollectionId;
use indicatif::HumanCount;

use super::{intake, reindex};
use crate::{
    cli::Release,
    clock,
    failure::{Failure, Kind},
    progress::{Progress, eprint_line},
    publication::Publication,
};

pub(crate) fn run(args: &Release) -> Result<(), Failure> {
    let publication = Publication::existing(&args.place.dir)?;
    let mut progress = Progress::new(&args.output);
    let status = frelon_desk::status(publication.root())?;
    for totals in status.collections {
        release(&publication, &totals.collection.id, &args.title, &mut progress)?;
    }
    let report = reindex::reindex(&publication, false, &mut progress)?;
    reindex::left_out(&report)
}

/// Releases what is not out of one collection; the second stage of publishing.
pub(super) fn release(
    publication: &Publication,
    collection: &CollectionId,
    title: &str,
    progress: &mut Progress,
) -> Result<(), Failure> {
    let request = ReleaseRequest {
        publication: publication.root().to_owned(),
        collection: collection.clone(),
        title: title.to_owned(),
        now: clock::now(),
    };
    progress.stage("release");
    let mut watch = |at: &frelon_desk::Progress| {
        progress.step(intake::step(at));
        ControlFlow::Continue(())
    };
    // A salt that could be guessed would let anybody test what an unreleased item says.
    let mut random_failed = None;
    let mut random = |salt: &mut [u8; 32]| {
        if let Err(error) = getrandom::fill(salt) {
            random_failed = Some(error);
        }
    };
    let report = frelon_desk::release(&request, &mut random, &mut watch)?;
    if let Some(error) = random_failed {
        return Err(Failure::message(Kind::Failed, format!("the system gave no random bytes: {error}")));
    }
    let items: u64 = report.released.iter().map(|released| released.entry.item_count).sum();
    progress.done(&format!("{} items released", HumanCount(items)));
    if report.gate.blocked.is_empty() {
        return Ok(());
    }
    for blocked in &report.gate.blocked {
        eprint_line(&format!("         item {} is kept back: {}", blocked.number, blocked.hit.detail));
    }
    let message = format!("{} items were kept back by the gate", report.gate.blocked.len());
    Err(Failure::message(Kind::Incomplete, message).hint("they are listed above; everything else is out"))
}
