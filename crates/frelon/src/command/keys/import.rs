//! `frelon keys import`: key records into the key archive of the public tree, by which signatures of
//! mail are judged.

use std::path::Path;

use anyhow::Context as _;
use frelon_mail::dkim::{KeyArchive, LineProblem};
use frelon_model::Instant;
use frelon_public::KEYS_BYTES_MAX;
use indicatif::HumanCount;

use super::{JUDGE_AGAIN, read_archive, write_archive};
use crate::{
    cli::KeysImport,
    clock,
    failure::{Failure, Kind},
    progress::{eprint_line, print_line},
    publication::Publication,
};

pub(super) fn run(args: &KeysImport) -> Result<(), Failure> {
    let publication = Publication::existing(&args.into)?;
    let public = publication.public();
    let seen_at = args.seen.as_deref().map(clock::day).transpose()?;
    let mut archive = read_archive(&public)?;
    let before = archive.len();
    let mut left_out = 0;
    for file in &args.files {
        let problems = add(&mut archive, file, args, seen_at)?;
        left_out += problems.len();
        for problem in problems {
            eprint_line(&format!("   left out {}, line {}: {}", file.display(), problem.line, problem.reason));
        }
    }
    let changed = write_archive(&public, &archive)?;
    let (new, all) = (archive.len() - before, archive.len());
    print_line(&format!("{} new key records, {} in all", HumanCount(new as u64), HumanCount(all as u64)));
    if changed {
        eprint_line(JUDGE_AGAIN);
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
