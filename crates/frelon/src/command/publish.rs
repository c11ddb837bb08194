//! `frelon publish`: intake, release, index and site in one go.

use std::{net::TcpListener, os::unix::process::CommandExt, process};

use frelon_index::Archive;
use indicatif::{HumanBytes, HumanCount};

use super::{intake, press::Opening, reindex, release, serve};
use crate::{
    cli::{Output, Publish, Signing, Sources},
    failure::{Failure, Kind},
    passphrase,
    progress::{Progress, eprint_line, print_line},
    publication::Publication,
};

pub(crate) fn run(args: &Publish) -> Result<(), Failure> {
    // A port in use should be known before an hour of intake, not after.
    let listener = if args.no_serve { None } else { Some(serve::bind(&args.listen)?) };
    let publication = Publication::new(&args.sources.into);
    let done = publish(&args.sources, &publication, &args.signing, &args.output);
    finish(done, &publication, listener, &args.listen)
}

/// All stages but serving. What was left out is a failure of its own kind, told at the end.
pub(super) fn publish(
    sources: &Sources,
    publication: &Publication,
    signing: &Signing,
    output: &Output,
) -> Result<(), Failure> {
    publication.ready_for_intake()?;
    // A wrong passphrase should be known before an hour of intake, not after.
    let opening = Opening::new(publication, signing)?;
    let mut progress = Progress::new(output);
    let taken = intake::intake(sources, publication, &mut progress)?;
    let released = release::release(publication, &opening, &taken.collection, "", &mut progress);
    let indexed = match released {
        Err(failure) if !failure.is_incomplete() => return Err(failure),
        // Nothing is out yet, so there is nothing to index.
        Err(failure) if !release::is_public(publication) => return Err(failure),
        _ => reindex::reindex(publication, false, &mut progress)?,
    };
    summarise(publication, output)?;
    intake::left_out(&taken, publication).and(released).and(reindex::left_out(&indexed))
}

/// The last line: what is public now.
fn summarise(publication: &Publication, output: &Output) -> Result<(), Failure> {
    let archive = Archive::open(&publication.public(), &publication.derived())?;
    for record in archive.collections() {
        let line = if output.json {
            serde_json::json!({ "event": "published", "collection": record }).to_string()
        } else {
            format!(
                "published {}: {} items, {}, {} threads, {} people, in {}",
                record.id,
                HumanCount(record.item_count),
                HumanBytes(record.size_bytes),
                HumanCount(record.thread_count),
                HumanCount(record.person_count),
                publication.root().display()
            )
        };
        print_line(&line);
    }
    Ok(())
}

/// Serves what was published, or ends with what was left out.
pub(super) fn finish(
    done: Result<(), Failure>,
    publication: &Publication,
    listener: Option<TcpListener>,
    listen: &str,
) -> Result<(), Failure> {
    let Some(listener) = listener else { return done };
    match done {
        Err(failure) if !failure.is_incomplete() || !release::is_public(publication) => return Err(failure),
        Err(failure) => eprint_line(&failure.to_string()),
        Ok(()) => {}
    }
    drop(listener);
    Err(become_server(publication, listen))
}

/// Turns this process into `frelon serve`: the process that faces readers never had the vault open.
fn become_server(publication: &Publication, listen: &str) -> Failure {
    let failed = |error: std::io::Error| Failure::new(Kind::Failed, anyhow::anyhow!("cannot start serving: {error}"));
    match std::env::current_exe() {
        Ok(program) => {
            let mut command = process::Command::new(program);
            // The server has no use for it, and is to hold no secret.
            command.env_remove(passphrase::VARIABLE);
            failed(command.arg("serve").arg(publication.root()).args(["--listen", listen]).exec())
        }
        Err(error) => failed(error),
    }
}

/// The sources of a publication made by the program itself.
pub(super) fn sources(
    paths: Vec<std::path::PathBuf>,
    publication: &Publication,
    title: &str,
    about: &str,
    id: &str,
) -> Sources {
    Sources {
        sources: paths,
        into: publication.root().to_owned(),
        title: Some(title.to_owned()),
        collection: Some(id.to_owned()),
        about: Some(about.to_owned()),
    }
}
