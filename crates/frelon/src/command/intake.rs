//! `frelon intake`: sources into the vault.

use std::{ops::ControlFlow, path::Path};

use frelon_desk::{DeskError, IntakeReport, IntakeRequest, key::KeyError};
use frelon_model::CollectionId;
use frelon_vault::{Collection, VaultError};
use indicatif::HumanCount;

use crate::{
    cli::{Intake, Sources},
    clock,
    failure::{Failure, Kind},
    progress::{Progress, Step, eprint_line},
    publication::Publication,
};

pub(crate) fn run(args: &Intake) -> Result<(), Failure> {
    let publication = Publication::new(&args.sources.into);
    let mut progress = Progress::new(&args.output);
    let report = intake(&args.sources, &publication, &mut progress)?;
    left_out(&report, &publication)
}

/// Takes sources in; the first stage of publishing.
pub(super) fn intake(
    args: &Sources,
    publication: &Publication,
    progress: &mut Progress,
) -> Result<IntakeReport, Failure> {
    publication.ready_for_intake()?;
    let request = IntakeRequest {
        publication: publication.root().to_owned(),
        collection: collection(args)?,
        sources: args.sources.clone(),
        clock: clock::now,
    };
    progress.stage("intake");
    let mut watch = |at: &frelon_desk::Progress| {
        progress.step(step(at));
        ControlFlow::Continue(())
    };
    let report = frelon_desk::intake(&request, &mut watch)?;
    let counts = report.counts;
    let mut summary = format!("{} items taken in", HumanCount(counts.added));
    for (count, what) in [
        (counts.duplicates, "duplicates"),
        (counts.known, "known already"),
        (counts.failures, "failures"),
        (counts.notes, "notes"),
    ] {
        if count > 0 {
            summary.push_str(&format!(", {} {what}", HumanCount(count)));
        }
    }
    if report.resumed {
        summary.push_str(", going on with an interrupted intake");
    }
    progress.done(&summary);
    if counts.added + counts.duplicates + counts.known == 0 {
        let what = args.sources.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        explain_first_failures(publication);
        return Err(Failure::message(Kind::Input, format!("no mail was found in {what}"))
            .hint("give mbox files, Maildir or MH folders, EML files, or ZIP and tar.gz files of these"));
    }
    Ok(report)
}

/// What could not be taken in is never silent.
pub(super) fn left_out(report: &IntakeReport, publication: &Publication) -> Result<(), Failure> {
    if report.counts.failures == 0 {
        return Ok(());
    }
    let message = format!("{} could not be taken in", HumanCount(report.counts.failures));
    Err(Failure::message(Kind::Incomplete, message)
        .hint(format!("see which and why with `frelon status --failures {}`", publication.root().display())))
}

/// Prints a few failures where there is nothing else to show.
fn explain_first_failures(publication: &Publication) {
    let Ok(rows) = frelon_desk::failures(publication.root()) else { return };
    for row in rows.flatten().take(5) {
        eprint_line(&format!("         {}: {}", row.place, row.message));
    }
}

/// Progress of the desk as the terminal shows it.
pub(super) fn step(at: &frelon_desk::Progress) -> Step {
    Step {
        bytes: at.bytes_done,
        bytes_total: (at.bytes_total > 0).then_some(at.bytes_total),
        items: at.items,
        items_total: None,
        failures: at.failures,
        ..Step::default()
    }
}

/// Id and texts of the collection, as told or from the first source's name.
pub(super) fn collection(args: &Sources) -> Result<Collection, Failure> {
    let first = args.sources.first().map(|path| name_of(path)).unwrap_or_default();
    let title = args.title.clone().unwrap_or_default();
    let id = match &args.collection {
        Some(id) => CollectionId::new(id).map_err(|error| Failure::new(Kind::Usage, error))?,
        None => CollectionId::from_title(if title.is_empty() { &first } else { &title }),
    };
    // An empty title keeps what an existing collection is called; a new one needs one.
    let known = frelon_desk::status(&args.into)
        .is_ok_and(|status| status.collections.iter().any(|totals| totals.collection.id == id));
    let title = if title.is_empty() && !known { first } else { title };
    Ok(Collection { id, title, about: args.about.clone().unwrap_or_default() })
}

/// Name of a file or folder without its ending.
fn name_of(path: &Path) -> String {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    path.file_stem().map_or_else(|| "archive".to_owned(), |stem| stem.to_string_lossy().into_owned())
}

impl From<DeskError> for Failure {
    fn from(error: DeskError) -> Self {
        let kind = match &error {
            DeskError::Source { .. } | DeskError::SourceHoldsPublication { .. } | DeskError::NoSource => Kind::Input,
            DeskError::Vault(VaultError::Absent { .. } | VaultError::NoCollection { .. }) => Kind::Input,
            DeskError::Key(KeyError::Disk(_) | KeyError::Io { .. }) => Kind::Failed,
            DeskError::Key(_)
            | DeskError::OtherOrigin { .. }
            | DeskError::Statement(_)
            | DeskError::DraftFile { .. }
            | DeskError::NoDraft { .. }
            | DeskError::UnknownDraft { .. }
            | DeskError::DraftGivenUp { .. }
            | DeskError::Refused { .. }
            | DeskError::NotReleased { .. }
            | DeskError::Withdrawn { .. }
            | DeskError::NotWithdrawn { .. }
            | DeskError::Erased { .. }
            | DeskError::EraseUntil => Kind::Input,
            _ => Kind::Failed,
        };
        Self::new(kind, error)
    }
}
