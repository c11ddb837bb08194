//! `frelon status`: what a publication holds and what could not be taken in.

use std::path::Path;

use anyhow::Context as _;
use frelon_desk::FailureRow;
use frelon_index::Archive;
use frelon_model::ContentHash;
use indicatif::{HumanBytes, HumanCount};

use crate::{
    cli::Status,
    failure::{Failure, Kind},
    progress::print_line,
    publication::Publication,
};

pub(crate) fn run(args: &Status) -> Result<(), Failure> {
    let publication = Publication::existing(&args.place.dir)?;
    if !publication.vault().is_dir() {
        return Err(Failure::message(Kind::Input, format!("{} holds no vault", publication.root().display()))
            .hint("a copy of the public part is served with `frelon serve` and searched with `frelon search`"));
    }
    if args.failures {
        return failures(&publication, args);
    }
    let status = frelon_desk::status(publication.root())?;
    let standing = frelon_desk::standing(publication.root())?;
    let indexed = Archive::open(&publication.public(), &publication.derived());
    if args.json {
        print_json(&status, &standing, indexed.is_ok());
        return Ok(());
    }
    for totals in &status.collections {
        print_line(&format!("{}: {}", totals.collection.id, totals.collection.title));
        print_line(&format!("  items       {} ({})", HumanCount(totals.items), HumanBytes(totals.bytes)));
        print_line(&format!("  duplicates  {}", HumanCount(totals.places.saturating_sub(totals.items))));
        print_line(&format!("  released    {} in {} releases", HumanCount(totals.released), totals.tranches));
        print_line(&format!("  kept back   {}", HumanCount(totals.blocked)));
        print_line(&format!("  failures    {}", HumanCount(totals.failures)));
        print_line(&format!("  notes       {}", HumanCount(totals.notes)));
        if totals.planned.is_some() {
            print_line("  a release was interrupted: `frelon release` completes it");
        }
    }
    for accession in &status.accessions {
        let ended = accession.finished_at.map_or_else(
            || "not finished: take the same sources in again to go on".to_owned(),
            frelon_model::Instant::to_rfc3339,
        );
        print_line(&format!(
            "  accession {} of {}: {} to {ended}",
            accession.id,
            accession.sources.join(", "),
            accession.started_at.to_rfc3339()
        ));
    }
    if let (Some(log), Some(root)) = (&standing.log, &standing.root) {
        print_line(&format!("  log         {}, {} entries", log.name(), HumanCount(standing.head.size)));
        print_line(&format!("  editors     {}, of whom {} must sign", root.editors.len(), root.threshold));
        print_line(&format!("  withdrawn   {}", HumanCount(standing.withdrawn)));
    }
    for draft in &standing.drafts {
        let what = draft.says.lines().next().unwrap_or_default();
        print_line(&format!("  waits for {} more: {what} ({})", draft.waiting.missing, draft.waiting.path.display()));
    }
    match indexed {
        Ok(_) => print_line("  the index is complete"),
        Err(error) => print_line(&format!("  no index: {error}")),
    }
    Ok(())
}

fn failures(publication: &Publication, args: &Status) -> Result<(), Failure> {
    if let Some(folder) = &args.save {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    for row in frelon_desk::failures(publication.root())? {
        let row = row?;
        let kept = row.content.map(|content| content.to_string());
        print_line(&if args.json {
            serde_json::json!({
                "collection": row.collection, "source": row.source, "place": row.place, "reason": row.reason,
                "message": row.message, "taken": row.taken, "kept": kept,
            })
            .to_string()
        } else {
            let sort = if row.taken { "note" } else { "failure" };
            format!("{sort}  {}  {}  {}  (in {})", row.reason, row.place, row.message, row.source)
        });
        if let (Some(folder), Some(content)) = (&args.save, row.content) {
            save(publication, folder, &row, &content)?;
        }
    }
    Ok(())
}

/// Writes the bytes of one failure. The file is named by their hash, so that names from a hostile
/// source decide nothing, with the ending of the original, which tells people what opens it.
fn save(publication: &Publication, folder: &Path, row: &FailureRow, content: &ContentHash) -> Result<(), Failure> {
    let Some(bytes) = frelon_desk::kept(publication.root(), content)? else { return Ok(()) };
    let original = if row.place.inner.is_empty() { &row.place.file } else { &row.place.inner };
    let ending = Path::new(original).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let plain = (1..=8).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let name = if plain { format!("{content}.{ending}") } else { content.to_string() };
    let path = folder.join(name);
    std::fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(())
}

fn print_json(status: &frelon_desk::Status, standing: &frelon_desk::Standing, indexed: bool) {
    let collections: Vec<_> = status
        .collections
        .iter()
        .map(|totals| {
            serde_json::json!({
                "id": totals.collection.id, "title": totals.collection.title, "items": totals.items, "bytes": totals.bytes,
                "places": totals.places, "released": totals.released, "blocked": totals.blocked,
                "failures": totals.failures, "notes": totals.notes, "releases": totals.tranches,
            })
        })
        .collect();
    let waiting: Vec<_> = standing.drafts.iter().map(|draft| draft.waiting.path.display().to_string()).collect();
    let line = serde_json::json!({
        "collections": collections, "indexed": indexed, "withdrawn": standing.withdrawn, "waiting": waiting,
        "log": standing.log.as_ref().map(|log| log.name().to_string()), "log_size": standing.head.size,
    });
    print_line(&line.to_string());
}
