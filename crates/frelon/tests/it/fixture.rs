//! The program run in a directory of its own, and what its publications hold.

use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::Command,
};

use frelon_log::{Policy, SignedCheckpoint};
use frelon_public::{Ledger, LogReader};
use frelon_testkit::{Checked, Mail, check};
use serde_json::Value;

/// A directory in which one test works. The program runs in it, so that names in its output are short.
pub(crate) struct Bench {
    dir: tempfile::TempDir,
}

/// How a command ended.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().expect("the program starts");
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("output is UTF-8"),
            err: String::from_utf8(output.stderr).expect("output is UTF-8"),
        }
    }

    /// Fails unless the command ended with `code` and told each of `words` on standard error.
    #[track_caller]
    pub(crate) fn says(&self, code: i32, words: &[&str]) -> &Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        for word in words {
            assert!(self.err.contains(word), "`{word}` is missing in:\n{}", self.err);
        }
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self
    }
}

/// The program, without what the environment might tell it.
pub(crate) fn frelon() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_frelon"));
    command.env_remove("FRELON_LOG").env_remove("COLUMNS");
    command
}

/// A message that no other has the bytes of.
pub(crate) fn message(id: &str) -> Vec<u8> {
    Mail::new(id, &format!("About {id}")).body(format!("The {id} stands by the river.\n")).to_bytes()
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a temporary directory") }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file, with the folders it lies in.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("below the bench")).expect("room");
        fs::write(&path, bytes).expect("room");
        path
    }

    /// A command in this directory.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = frelon();
        command.args(args).current_dir(self.dir.path());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ended {
        Ended::of(&mut self.command(args))
    }

    /// Publishes into `pub`, without serving.
    pub(crate) fn publish(&self, sources: &[&str]) -> Ended {
        let mut args = vec!["publish", "--into", "pub", "--no-serve", "--collection", "letters"];
        args.extend(sources);
        self.run(&args)
    }

    /// Checks a publication, and that it can be searched as far as it is indexed.
    #[track_caller]
    pub(crate) fn check(&self, publication: &str) -> Checked {
        check(&self.path(publication)).expect("a whole publication")
    }

    /// Everything `frelon search` prints for machines, one hit each.
    #[track_caller]
    pub(crate) fn hits(&self, publication: &str, query: &str) -> Vec<Value> {
        let args = ["search", "--in", publication, "--json", "--limit", "0", "--sort", "number", query];
        let ended = self.run(&args);
        assert_eq!(ended.code, 0, "{}", ended.err);
        ended.out.lines().map(|line| serde_json::from_str(line).expect("a JSON object a line")).collect()
    }

    /// `letters/1` and so on for each hit.
    #[track_caller]
    pub(crate) fn found(&self, publication: &str, query: &str) -> Vec<String> {
        let key =
            |hit: &Value| format!("{}/{}", hit["item"]["collection"].as_str().expect("a name"), hit["item"]["number"]);
        self.hits(publication, query).iter().map(key).collect()
    }

    pub(crate) fn manifest(&self, publication: &str) -> Value {
        let bytes = fs::read(self.path(publication).join("public/manifest.json")).expect("a manifest");
        serde_json::from_slice(&bytes).expect("JSON")
    }
}

/// The log of a publication, replayed by nothing but its public tree; its checkpoint.
///
/// # Panics
/// When it is not whole, or holds an entry that means nothing.
#[track_caller]
pub(crate) fn ledger(publication: &Path) -> (Ledger, SignedCheckpoint) {
    let public = publication.join("public");
    let policy = Policy::parse(&fs::read(public.join("policy")).expect("a policy")).expect("a good one");
    let log = &policy.logs()[0].key;
    let reader = LogReader::open(&public, log).expect("a log");
    let ledger = Ledger::read(&reader, log).expect("a whole log");
    assert!(ledger.passed_over().is_empty(), "{:?}", ledger.passed_over());
    (ledger, reader.checkpoint().clone())
}

/// The public checkpoint, if there is one yet.
pub(crate) fn checkpoint(publication: &Path) -> Option<SignedCheckpoint> {
    let bytes = fs::read(publication.join("public/checkpoint")).ok()?;
    Some(SignedCheckpoint::parse(&bytes).expect("whole, whenever it is looked at"))
}

/// Whether the public log begins with what a checkpoint that was seen before says.
#[track_caller]
pub(crate) fn grew_from(publication: &Path, before: Option<&SignedCheckpoint>) {
    let Some(before) = before else { return };
    let now = checkpoint(publication).expect("it was there");
    assert!(before.head().size <= now.head().size, "cut");
    LogReader::with_checkpoint(&publication.join("public"), before.clone()).expect("the same beginning");
}

/// Every entry of every volume by `collection/volume/entry`, as an ordinary ZIP reader sees it.
pub(crate) fn entries(publication: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for file in files(&publication.join("public/volume")).into_keys() {
        let volume = fs::File::open(publication.join("public/volume").join(&file)).expect("it was listed");
        let mut zip = zip::ZipArchive::new(volume).expect("an ordinary ZIP");
        for index in 0..zip.len() {
            let mut entry = zip.by_index(index).expect("an entry");
            let name = entry.name().expect("a plain name").into_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).expect("sound");
            found.insert(format!("{file}/{name}"), bytes);
        }
    }
    found
}

/// The bytes of all items, in the order of their numbers.
pub(crate) fn items(publication: &Path) -> Vec<Vec<u8>> {
    let number = |name: &str| name.rsplit_once("/items/")?.1.split_once('.')?.0.parse::<u64>().ok();
    let numbered = entries(publication).into_iter().filter_map(|(name, bytes)| Some((number(&name)?, bytes)));
    numbered.collect::<BTreeMap<_, _>>().into_values().collect()
}

/// All files below a folder, by their path in it, with their sizes.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(folder).expect("below").to_string_lossy().into_owned();
            match fs::symlink_metadata(&path).expect("it is there") {
                kind if kind.is_dir() => open.push(path),
                kind => drop(found.insert(name, kind.len())),
            }
        }
    }
    found
}
