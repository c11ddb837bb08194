//! What can be typed: commands, their arguments and the help a newcomer acts on.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Publishes large document collections so that nobody can silence them and anybody can check them.
#[derive(Debug, Parser)]
#[command(name = "frelon", version, max_term_width = 100, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER_HELP: &str = "\
Start here:
  frelon demo                        a fictional archive, published and served, in seconds
  frelon publish mail.mbox           your own archive: taken in, published, indexed, served
  frelon search --in DIR 'budget from:ann date:2016'

A publication is a directory: vault/ is private (keep it, back it up), public/ is what is out
(any web server can carry it), derived/ is the index (made again by `frelon reindex`).

Exit codes: 0 done · 1 failed (disk, permissions, damage) · 2 wrong command line ·
3 done, but something was left out (`frelon status --failures` lists it) · 4 the input or
directory is not what the command needs; for verify: not verified, where 1 means that nothing
could be said · 130 interrupted";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Take in mail, publish all of it, build the index and serve the site: the whole way.
    #[cfg(feature = "desk")]
    Publish(Publish),
    /// Take in mail, without publishing it.
    #[cfg(feature = "desk")]
    Intake(Intake),
    /// Publish everything that was taken in and is not out yet.
    #[cfg(feature = "desk")]
    Release(Release),
    /// Serve the site of a publication. Opens nothing but public/ and derived/.
    Serve(Serve),
    /// Bring the index up to date with what is public; with --afresh, make it anew.
    Reindex(Reindex),
    /// Search a publication from the command line.
    Search(Search),
    /// Check that a publication, a volume or an item is what its editors released.
    Verify(Verify),
    /// Tell what a publication holds, and what could not be taken in.
    #[cfg(feature = "desk")]
    Status(Status),
    /// Keys that signatures of mail are judged by.
    #[cfg(feature = "desk")]
    #[command(subcommand)]
    Keys(Keys),
    /// Write a fictional archive, publish it and serve it.
    #[cfg(feature = "desk")]
    Demo(Demo),
}

/// The publication worked on.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// Directory of the publication.
    #[arg(default_value = DEFAULT_DIR, value_name = "DIR")]
    pub(crate) dir: PathBuf,
}

/// Where a publication is made when nothing is said.
const DEFAULT_DIR: &str = "frelon-archive";
/// Where the site is served when nothing is said: this machine only.
const DEFAULT_LISTEN: &str = "127.0.0.1:8080";

/// How to report.
#[derive(Debug, Args)]
pub(crate) struct Output {
    /// Print one JSON object a line, for machines.
    #[arg(long)]
    pub(crate) json: bool,
    /// Print nothing but errors and the last line.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// What goes into which collection.
#[derive(Debug, Args)]
pub(crate) struct Sources {
    /// mbox files, Maildir or MH folders, EML files, folders of these, ZIP or tar.gz of these.
    /// The type is told from the content, not from the name.
    #[arg(required = true, value_name = "SOURCE")]
    pub(crate) sources: Vec<PathBuf>,
    /// Directory of the publication; made if it is not there.
    #[arg(long, default_value = DEFAULT_DIR, value_name = "DIR")]
    pub(crate) into: PathBuf,
    /// Title of the collection [default: from the name of the first source].
    #[arg(long, value_name = "TITLE")]
    pub(crate) title: Option<String>,
    /// Name of the collection in addresses, a-z, 0-9 and - [default: from the title].
    #[arg(long, value_name = "ID")]
    pub(crate) collection: Option<String>,
    /// What the collection is and where it comes from, in plain text.
    #[arg(long, value_name = "TEXT")]
    pub(crate) about: Option<String>,
}

/// `frelon publish`.
#[derive(Debug, Args)]
pub(crate) struct Publish {
    #[command(flatten)]
    pub(crate) sources: Sources,
    /// Address to serve on.
    #[arg(long, default_value = DEFAULT_LISTEN, value_name = "ADDR")]
    pub(crate) listen: String,
    /// Stop when everything is published and indexed.
    #[arg(long)]
    pub(crate) no_serve: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `frelon intake`.
#[derive(Debug, Args)]
pub(crate) struct Intake {
    #[command(flatten)]
    pub(crate) sources: Sources,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `frelon release`.
#[derive(Debug, Args)]
pub(crate) struct Release {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Title of the release.
    #[arg(long, default_value = "", value_name = "TITLE")]
    pub(crate) title: String,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `frelon serve`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Address to serve on.
    #[arg(long, default_value = DEFAULT_LISTEN, value_name = "ADDR")]
    pub(crate) listen: String,
}

/// `frelon reindex`.
#[derive(Debug, Args)]
pub(crate) struct Reindex {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Build from nothing even if the index is up to date.
    #[arg(long)]
    pub(crate) afresh: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `frelon search`.
#[derive(Debug, Args)]
pub(crate) struct Search {
    /// The query: words, "phrases", from:ann, subject:dam, date:2016-10, has:attachment, OR, -word ...
    /// Best put in quotes as a whole; `--` goes before one that starts with a hyphen.
    #[arg(required = true, value_name = "QUERY")]
    pub(crate) query: Vec<String>,
    /// Directory of the publication.
    #[arg(long = "in", default_value = DEFAULT_DIR, value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// Hits to print; 0 prints all.
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub(crate) limit: usize,
    /// Order of the hits.
    #[arg(long, value_enum, default_value_t = Order::Relevance)]
    pub(crate) sort: Order,
    /// Print one JSON object a hit.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `frelon verify`.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// A publication or public tree (a directory), a volume (.zip), or an item with its .tlog-proof
    /// beside it.
    #[arg(value_name = "WHAT")]
    pub(crate) what: PathBuf,
    /// The policy: which log and witnesses to believe [default: the tree's own, which proves less].
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// The item, if WHAT is its proof.
    #[arg(long, value_name = "FILE")]
    pub(crate) item: Option<PathBuf>,
    /// Print one JSON object, for machines.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Orders of hits on the command line.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Order {
    Relevance,
    Newest,
    Oldest,
    Number,
    Largest,
}

/// `frelon status`.
#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) place: Place,
    /// List everything that could not be taken in, with file, place and reason.
    #[arg(long)]
    pub(crate) failures: bool,
    /// Write the bytes of what could not be taken in into this folder, a file each, as far as they were kept.
    #[arg(long, value_name = "FOLDER", requires = "failures")]
    pub(crate) save: Option<PathBuf>,
    /// Print JSON, for machines.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `frelon keys`.
#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Add key records to those of a publication.
    Import(KeysImport),
}

/// `frelon keys import`.
#[derive(Debug, Args)]
pub(crate) struct KeysImport {
    /// Files with key records: JSON lines (domain, selector, record, first_seen, last_seen, source), or zone files.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Directory of the publication.
    #[arg(long, default_value = DEFAULT_DIR, value_name = "DIR")]
    pub(crate) into: PathBuf,
    /// Where a zone file comes from, for readers; its name where nothing is said.
    #[arg(long, value_name = "TEXT")]
    pub(crate) source: Option<String>,
    /// The domain that names in a zone file are below.
    #[arg(long, value_name = "DOMAIN")]
    pub(crate) origin: Option<String>,
    /// The day a zone file was seen, as 2019-05-01.
    #[arg(long, value_name = "DATE")]
    pub(crate) seen: Option<String>,
}

/// `frelon demo`.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Directory of the demo publication; made anew if it is one of an earlier demo.
    #[arg(long, default_value = "frelon-demo", value_name = "DIR")]
    pub(crate) into: PathBuf,
    /// Seed of the story's details: the same seed gives the same bytes.
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) seed: u64,
    /// Address to serve on.
    #[arg(long, default_value = DEFAULT_LISTEN, value_name = "ADDR")]
    pub(crate) listen: String,
    /// Stop when everything is published and indexed.
    #[arg(long)]
    pub(crate) no_serve: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
