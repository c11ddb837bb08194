//! `frelon keys import`: key records into the key archive of the public tree, by which signatures of
//! mail are judged.

use std::path::Path;

use anyhow::Context as _;
use frelon_mail::dkim::{KeyArchive, LineProblem};
use frelon_model::Instant;
use frelon_public::KEYS_BYTES_MAX;
use indicatif::HumanCount;

use crate::{
    cli::{Keys, KeysImport},
    failure::{Failure, Kind},
    progress::{eprint_line, print_line},
    publication::Publication,
};

pub(crate) fn run(args: &Keys) -> Result<(), Failure> {
    match args {
        Keys::Import(args) => import(args),
    }
}

fn import(args: &KeysImport) -> Result<(), Failure> {
    let publication = Publication::existing(&args.into)?;
    let public = publication.public();
    let seen_at = args.seen.as_deref().map(day).transpose()?;
    let mut archive = KeyArchive::new();
    let held = frelon_public::read_keys(&public).map_err(|error| Failure::new(Kind::Failed, error))?;
    let damaged = archive.add_jsonl(&held);
    if let Some(problem) = damaged.first() {
        // Written again, the archive would lose these lines.
        let message = format!("{}: line {}: {}", public.join("keys.jsonl").display(), problem.line, problem.reason);
        return Err(Failure::message(Kind::Failed, message).hint("mend or remove that line, then import again"));
    }
    let before = archive.len();
    let mut left_out = 0;
    for file in &args.files {
        let problems = add(&mut archive, file, args, seen_at)?;
        left_out += problems.len();
        for problem in problems {
            eprint_line(&format!("   left out {}, line {}: {}", file.display(), problem.line, problem.reason));
        }
    }
    let text = archive.to_jsonl();
    if text != held {
        frelon_public::write_keys(&public, &text).map_err(|error| Failure::new(Kind::Failed, error))?;
    }
    let (new, all) = (archive.len() - before, archive.len());
    print_line(&format!("{} new key records, {} in all", HumanCount(new as u64), HumanCount(all as u64)));
    if text != held {
        eprint_line("run `frelon reindex` to judge the signatures by them");
    }
    if left_out > 0 {
        return Err(Failure::message(Kind::Incomplete, format!("{left_out} lines were left out"))
            .hint("the lines named above are no key records: mend them and import the file again"));
    }
    Ok(())
}

/// Adds the records of one file: JSON lines where it begins with `{`, else a zone file.
fn add(
    archive: &mut KeyArchive,
    file: &Path,
    args: &KeysImport,
    seen_at: Option<Instant>,
) -> Result<Vec<LineProblem>, Failure> {
    let size_bytes = std::fs::metadata(file).map(|metadata| metadata.len()).unwrap_or(0);
    if size_bytes > KEYS_BYTES_MAX {
        let message = format!("{} is larger than a key archive may be", file.display());
        return Err(Failure::message(Kind::Input, message).hint("split it, and import the pieces that are needed"));
    }
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let text = String::from_utf8_lossy(&bytes);
    let before = archive.len();
    let problems = if text.trim_start().starts_with('{') {
        archive.add_jsonl(&text)
    } else {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let source = args.source.as_deref().unwrap_or(&name);
        archive.add_zone(&text, args.origin.as_deref().unwrap_or_default(), source, seen_at)
    };
    if archive.len() == before && problems.is_empty() {
        eprint_line(&format!("   nothing new in {}", file.display()));
    }
    Ok(problems)
}

/// A day as `2019-05-01`.
pub(super) fn day(text: &str) -> Result<Instant, Failure> {
    let mut parts = text.splitn(3, '-').map(str::parse::<i16>);
    let date = match (parts.next(), parts.next(), parts.next()) {
        (Some(Ok(year)), Some(Ok(month)), Some(Ok(day))) => i8::try_from(month)
            .ok()
            .zip(i8::try_from(day).ok())
            .and_then(|(month, day)| Instant::from_date(year, month, day)),
        _ => None,
    };
    date.ok_or_else(|| Failure::message(Kind::Usage, format!("`{text}` is not a date")).hint("write it as 2019-05-01"))
}
