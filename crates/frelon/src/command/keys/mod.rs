//! `frelon keys`: the keys that signatures of mail are judged by, from files, from the DNS, and from the
//! signatures themselves.

mod fetch;
mod import;
mod recover;

use std::path::Path;

use frelon_mail::dkim::KeyArchive;

use crate::{
    cli::Keys,
    failure::{Failure, Kind},
};

/// What to do once there are other keys.
const JUDGE_AGAIN: &str = "run `frelon reindex` to judge the signatures by them";

pub(crate) fn run(args: &Keys) -> Result<(), Failure> {
    match args {
        Keys::Import(args) => import::run(args),
        Keys::Fetch(args) => fetch::run(args),
        Keys::Recover(args) => recover::run(args),
    }
}

/// The key archive of a public tree, to be added to: one with a line that makes no sense is refused, since
/// writing it again would lose that line.
fn read_archive(public: &Path) -> Result<KeyArchive, Failure> {
    let mut archive = KeyArchive::new();
    let held = frelon_public::read_keys(public).map_err(|error| Failure::new(Kind::Failed, error))?;
    if let Some(problem) = archive.add_jsonl(&held).first() {
        let path = public.join(frelon_public::KEYS_PATH);
        let message = format!("{}: line {}: {}", path.display(), problem.line, problem.reason);
        return Err(
            Failure::message(Kind::Failed, message).hint("mend or remove that line, then run the same command again")
        );
    }
    Ok(archive)
}

/// Writes the archive, where that changes anything; says whether it did.
fn write_archive(public: &Path, archive: &KeyArchive) -> Result<bool, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::message(Kind::Failed, error.to_string());
    let text = archive.to_jsonl();
    let changed = frelon_public::read_keys(public).map_err(|error| failed(&error))? != text;
    if changed {
        frelon_public::write_keys(public, &text).map_err(|error| failed(&error))?;
    }
    Ok(changed)
}
