//! `frelon demo`: a fictional archive, published and served.

use std::{fs, io};

use super::{publish, serve};
use crate::{
    cli::{Demo, Signing},
    demo,
    failure::{Failure, Kind},
    progress::eprint_line,
    publication::Publication,
};

/// Marks a directory as made by this command, so that the next run may replace it.
const MARK: &str = "this-is-a-frelon-demo";

pub(crate) fn run(args: &Demo) -> Result<(), Failure> {
    let listener = if args.no_serve { None } else { Some(serve::bind(&args.listen)?) };
    let io_failure = |error: io::Error| {
        Failure::new(Kind::Failed, anyhow::anyhow!("cannot write the demo into {}: {error}", args.into.display()))
    };
    if args.into.join(MARK).is_file() {
        fs::remove_dir_all(&args.into).map_err(io_failure)?;
    }
    let publication = Publication::new(&args.into.join("publication"));
    if args.into.exists() && fs::read_dir(&args.into).map_err(io_failure)?.next().is_some() {
        let message = format!("{} is not empty and not an earlier demo", args.into.display());
        return Err(Failure::message(Kind::Input, message).hint("give --into a new directory"));
    }
    fs::create_dir_all(&args.into).map_err(io_failure)?;
    fs::write(args.into.join(MARK), "`frelon demo` replaces this directory when it runs again.\n")
        .map_err(io_failure)?;
    let written = demo::write(args.seed, &args.into.join("sources")).map_err(io_failure)?;
    if !args.output.quiet && !args.output.json {
        eprint_line(&format!(
            "    demo {} fictional messages written to {}",
            written.message_count,
            args.into.join("sources").display()
        ));
    }
    let sources = publish::sources(written.sources, &publication, written.title, written.about, "demo");
    let done = publish::publish(&sources, &publication, &Signing::default(), &args.output);
    publish::finish(done, &publication, listener, &args.listen)
}
