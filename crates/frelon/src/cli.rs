//! What can be typed: commands, their arguments and the help a newcomer acts on.

use std::{path::PathBuf, time::Duration};

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
3 done, but something was left out (`frelon status --failures` lists it) or waits for more
editors (`frelon editor list`) · 4 the input or directory is not what the command needs; for
verify: not verified, where 1 means that nothing could be said · 130 interrupted";

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
    /// Take a released item back, and say why.
    #[cfg(feature = "desk")]
    Withdraw(Withdraw),
    /// Bring a withdrawn item back.
    #[cfg(feature = "desk")]
    Restore(Restore),
    /// State that one item takes the place of another.
    #[cfg(feature = "desk")]
    Correct(Correct),
    /// Editors: their keys, what waits for their signatures, how many it takes.
    #[cfg(feature = "desk")]
    #[command(subcommand)]
    Editor(Editor),
    /// Serve the site of a publication. Opens nothing but public/ and derived/.
    Serve(Serve),
    /// Bring the index up to date with what is public; with --afresh, make it anew.
    Reindex(Reindex),
    /// Search a publication from the command line.
    Search(Search),
    /// Hold a verified copy of a publication, and serve it: one command, no trust in who it comes from.
    Mirror(Mirror),
    /// Cosign that logs only grow, so that nobody can be shown a history of their own.
    Witness(Witness),
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
    pub(crate) signing: Signing,
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
    pub(crate) signing: Signing,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// How keys are unlocked.
#[derive(Debug, Default, Args)]
pub(crate) struct Unlock {
    /// File whose first line is the passphrase of the keys [default: FRELON_PASSPHRASE, or asked for].
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Ask for a passphrase that locks new keys.
    #[arg(long)]
    pub(crate) passphrase: bool,
}

/// What signs, and under which name.
#[derive(Debug, Default, Args)]
pub(crate) struct Signing {
    #[command(flatten)]
    pub(crate) unlock: Unlock,
    /// Name of the log, where it is new: best a domain of yours and a path [default: random].
    #[arg(long, value_name = "NAME")]
    pub(crate) origin: Option<String>,
    /// A checkpoint of this log that was seen elsewhere: nothing is signed if it knows more.
    #[arg(long, value_name = "FILE")]
    pub(crate) seen: Vec<PathBuf>,
    /// A witness to ask for its cosignature, as 'KEY ADDRESS'; may be repeated. It is asked from then
    /// on, and counts where it is given before the log begins, or by `frelon editor change`.
    #[arg(long, value_name = "WITNESS")]
    pub(crate) ask_witness: Vec<String>,
}

/// Which item of which publication.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Number of the item.
    #[arg(value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) number: u64,
    /// The collection; may be left out where there is one alone.
    #[arg(long, value_name = "ID")]
    pub(crate) collection: Option<String>,
    /// Directory of the publication.
    #[arg(long, default_value = DEFAULT_DIR, value_name = "DIR")]
    pub(crate) into: PathBuf,
}

/// `frelon withdraw`.
#[derive(Debug, Args)]
#[command(after_help = "\
Readers see that the item is gone, when and why; the log keeps its commitment, which says nothing
of what it held. `hide` keeps its bytes in the vault, so that `frelon restore` can bring it back;
`erase` removes them there too, and the same bytes are never taken in again. Copies that others
made are out of reach, and so are backups and what a disk keeps of deleted files.")]
pub(crate) struct Withdraw {
    #[command(flatten)]
    pub(crate) which: Which,
    /// How far it goes: no longer shown but kept, or removed from the vault too.
    #[arg(long, value_enum)]
    pub(crate) mode: Mode,
    /// Why.
    #[arg(long, value_enum)]
    pub(crate) reason: Reason,
    /// Whose law, such as FR.
    #[arg(long, value_name = "TEXT")]
    pub(crate) jurisdiction: Option<String>,
    /// The day on which it ends by itself, as 2027-01-31.
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<String>,
    /// What readers are told. Never names, never what the item holds: this stays for ever.
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: Option<String>,
    #[command(flatten)]
    pub(crate) signing: Signing,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Modes of a withdrawal.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Mode {
    Hide,
    Erase,
}

/// Reasons of a withdrawal.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Reason {
    CourtOrder,
    PersonalData,
    Error,
    Copyright,
    SourceAtRisk,
}

/// `frelon restore`.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    #[command(flatten)]
    pub(crate) which: Which,
    /// What readers are told.
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: Option<String>,
    #[command(flatten)]
    pub(crate) signing: Signing,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `frelon correct`.
#[derive(Debug, Args)]
pub(crate) struct Correct {
    #[command(flatten)]
    pub(crate) which: Which,
    /// Number of the item that takes its place. Both stay out.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) by: u64,
    /// Why, for readers.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) signing: Signing,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `frelon editor`.
#[derive(Debug, Subcommand)]
pub(crate) enum Editor {
    /// Make an editor's key, on any machine: no publication is needed.
    New(EditorNew),
    /// Read what a draft says, and sign it.
    Sign(EditorSign),
    /// Bring a signed draft into the publication; it takes effect once enough editors have signed.
    Approve(EditorApprove),
    /// Tell who the editors are, how many it takes, and what waits for them.
    List(EditorList),
    /// Change the editors, how many it takes, the witnesses or the custodians.
    Change(EditorChange),
}

/// `frelon editor new`.
#[derive(Debug, Args)]
pub(crate) struct EditorNew {
    /// Name of the key, without spaces: best a domain of yours and a path.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// File for the private key [default: from the name].
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) unlock: Unlock,
}

/// `frelon editor sign`.
#[derive(Debug, Args)]
pub(crate) struct EditorSign {
    /// The draft.
    #[arg(value_name = "DRAFT")]
    pub(crate) draft: PathBuf,
    /// File of the private key.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// Sign without being asked.
    #[arg(long)]
    pub(crate) yes: bool,
    /// File whose first line is the passphrase of the key [default: FRELON_PASSPHRASE, or asked for].
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

/// `frelon editor approve`.
#[derive(Debug, Args)]
pub(crate) struct EditorApprove {
    /// The draft, with more signatures.
    #[arg(value_name = "DRAFT")]
    pub(crate) draft: PathBuf,
    /// Directory of the publication.
    #[arg(long, default_value = DEFAULT_DIR, value_name = "DIR")]
    pub(crate) into: PathBuf,
    #[command(flatten)]
    pub(crate) signing: Signing,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `frelon editor list`.
#[derive(Debug, Args)]
pub(crate) struct EditorList {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Print JSON, for machines.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `frelon editor change`.
#[derive(Debug, Args)]
pub(crate) struct EditorChange {
    /// Public key of an editor from then on, as `frelon editor new` printed it; one for each editor.
    #[arg(long = "editor", required = true, value_name = "VKEY")]
    pub(crate) editors: Vec<String>,
    /// How many of them must sign.
    #[arg(long, value_name = "N")]
    pub(crate) threshold: u64,
    /// Public key of a witness; one for each. Where none is given they stay as they are.
    #[arg(long = "witness", value_name = "VKEY")]
    pub(crate) witnesses: Vec<String>,
    /// Recipient (age1...) of a custodian; one for each. Where none is given they stay as they are.
    #[arg(long = "custodian", value_name = "RECIPIENT")]
    pub(crate) custodians: Vec<String>,
    /// Directory of the publication.
    #[arg(long, default_value = DEFAULT_DIR, value_name = "DIR")]
    pub(crate) into: PathBuf,
    #[command(flatten)]
    pub(crate) signing: Signing,
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

/// `frelon mirror`.
#[derive(Debug, Args)]
pub(crate) struct Mirror {
    /// Where the publication is: addresses of its server and of other mirrors, or directories, such as on
    /// a stick. The more the better: one honest one is enough.
    #[arg(required = true, value_name = "URL")]
    pub(crate) peers: Vec<String>,
    /// Directory of the mirror; made if it is not there.
    #[arg(long, default_value = "frelon-mirror", value_name = "DIR")]
    pub(crate) into: PathBuf,
    /// The policy file, from the editors themselves: whose log it is and who witnesses it. Without it the
    /// one that the first peer shows is kept from then on.
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Serve the site on this address, such as 0.0.0.0:80, and keep it up to date.
    #[arg(long, value_name = "ADDR")]
    pub(crate) serve: Option<String>,
    /// Look for news again and again, such as every 60s, 10m or 2h [default with --serve: 60s].
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) every: Option<Duration>,
    /// Hold this collection only; may be repeated.
    #[arg(long = "collection", value_name = "ID")]
    pub(crate) collections: Vec<String>,
    /// Hold the release of this number only; may be repeated.
    #[arg(long = "release", value_name = "N")]
    pub(crate) releases: Vec<u32>,
    /// Which withdrawals to follow: all, none, or reasons with commas between them: court-order,
    /// personal-data, error, source-at-risk, copyright.
    #[arg(long, default_value = "all", value_name = "WHICH")]
    pub(crate) follow: String,
    /// Cosign what is held, with a key of this name, best a domain of yours; made if it is not there.
    #[arg(long, value_name = "NAME")]
    pub(crate) cosign: Option<String>,
    /// Also compare with what this witness or mirror saw last of the log; nothing else is taken from it.
    /// May be repeated. Witnesses of the policy that have an address are asked anyway.
    #[arg(long = "watch", value_name = "URL")]
    pub(crate) watch: Vec<String>,
    /// Allow addresses of this machine and of local nets.
    #[arg(long)]
    pub(crate) allow_private: bool,
    /// Build no index: hold the files only, for another web server to carry or other mirrors to take.
    #[arg(long, conflicts_with = "serve")]
    pub(crate) no_index: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `frelon witness`.
#[derive(Debug, Args)]
pub(crate) struct Witness {
    /// Directory of the witness: its key, and what it saw last of each log. Losing it means a new key.
    #[arg(long, default_value = "frelon-witness", value_name = "DIR")]
    pub(crate) into: PathBuf,
    /// Name of its key, best a domain of yours; it stays. Needed the first time.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    /// Key of a log to follow (vkey); may be repeated.
    #[arg(long = "log", value_name = "KEY")]
    pub(crate) logs: Vec<String>,
    /// Follow the logs that this policy file names; may be repeated.
    #[arg(long = "policy", value_name = "FILE")]
    pub(crate) policies: Vec<PathBuf>,
    /// Address to serve on.
    #[arg(long, default_value = DEFAULT_LISTEN, value_name = "ADDR")]
    pub(crate) listen: String,
}

/// Reads `60s`, `10m`, `2h` or `1d`.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no time such as 60s, 10m, 2h or 1d");
    let (digits, unit) = text.split_at(text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len()));
    let seconds = match unit {
        "s" | "" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    let count: u64 = digits.parse().map_err(|_| wrong())?;
    let seconds = count.checked_mul(seconds).filter(|seconds| *seconds > 0).ok_or_else(wrong)?;
    Ok(Duration::from_secs(seconds))
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
    /// Ask the DNS for the keys that signatures name.
    Fetch(KeysFetch),
    /// Recover keys that nobody kept from the signatures that were made with them.
    Recover(KeysRecover),
}

/// `frelon keys fetch`.
#[derive(Debug, Args)]
#[command(after_help = "\
Whoever runs the DNS server sees which domains are asked for. What the DNS has now may not be what it had
when a message was signed: the day of the answer is kept with the key.")]
pub(crate) struct KeysFetch {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Ask for all selectors, not only those without a record.
    #[arg(long)]
    pub(crate) all: bool,
    /// DNS server to ask [default: that of this machine].
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) server: Option<std::net::SocketAddr>,
    /// Questions a second at most.
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) rate: u32,
    /// How long to wait for an answer, as 5s.
    #[arg(long, default_value = "5s", value_name = "TIME", value_parser = time)]
    pub(crate) timeout: Duration,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `frelon keys recover`.
#[derive(Debug, Args)]
#[command(after_help = "\
Two signatures by one RSA key are enough where neither was altered since; it takes minutes for each selector.
A key found so proves that its messages had one signer, not who that was. It can be stopped at any time:
the same command goes on where it was.")]
pub(crate) struct KeysRecover {
    #[command(flatten)]
    pub(crate) place: Place,
    /// How long to work, as 90s, 10m or 2h [default: until all is tried].
    #[arg(long = "for", value_name = "TIME", value_parser = time)]
    pub(crate) time: Option<Duration>,
    /// Selectors worked on at a time, 4 at most; each takes 300 MB of memory [default: one a processor].
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// A time as `90s`, `10m`, `2h` or `1d`.
fn time(text: &str) -> Result<Duration, String> {
    let bad = || "write it as 90s, 10m, 2h or 1d".to_owned();
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(bad)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(bad()),
    };
    let number: u32 = number.parse().map_err(|_| bad())?;
    Ok(Duration::from_secs(u64::from(number) * seconds))
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
    fn times_are_read_with_their_unit() {
        let seconds = |text| super::duration(text).map(|time| time.as_secs());
        assert_eq!((seconds("90"), seconds("60s"), seconds("10m")), (Ok(90), Ok(60), Ok(600)));
        assert_eq!((seconds("2h"), seconds("1d")), (Ok(7_200), Ok(86_400)));
        for wrong in ["", "s", "0s", "-1s", "5 m", "99999999999999999999s", "18446744073709551615d"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }

    #[test]
    fn times_have_a_unit() {
        let seconds = |text: &str| super::time(text).ok().map(|time| time.as_secs());
        assert_eq!([seconds("90s"), seconds("10m"), seconds("2h")], [Some(90), Some(600), Some(7_200)]);
        assert!(["", "m", "10", "-1s", "1é", "1.5h"].iter().all(|text| seconds(text).is_none()));
    }
}
