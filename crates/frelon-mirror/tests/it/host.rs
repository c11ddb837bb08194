//! A public tree behind the scripted server: honest, but for what a test changes.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use frelon_log::NodeHash;
use frelon_mirror::{
    fetch::{Http, Source},
    sync::{Event, Mirror, MirrorError, Options, Report},
};
use frelon_model::Instant;
use frelon_public::{LogReader, Manifest};
use frelon_testkit::{Press, PressOptions, logged_publication};
use sha2::{Digest, Sha256};

use crate::{
    fetch::options,
    server::{Reply, Request, Server},
};

pub(crate) const NOW: Instant = Instant(1_700_000_100);

/// What a test does to an answer: path, honest bytes if there are any.
pub(crate) type Tweak = dyn Fn(&Request, &str, Option<&[u8]>) -> Option<Reply> + Send + Sync;

/// A server of a directory.
pub(crate) struct Host {
    pub(crate) server: Server,
    tree: Arc<Mutex<PathBuf>>,
}

impl Host {
    pub(crate) fn honest(tree: &Path) -> Self {
        Self::tweaked(tree, |_, _, _| None)
    }

    pub(crate) fn tweaked(
        tree: &Path,
        tweak: impl Fn(&Request, &str, Option<&[u8]>) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let tree = Arc::new(Mutex::new(tree.to_owned()));
        let (root, tweak): (_, Box<Tweak>) = (tree.clone(), Box::new(tweak));
        let server = Server::new(move |request| {
            let path = request.path.trim_start_matches('/');
            let bytes = fs::read(root.lock().expect("whole").join(path)).ok();
            if let Some(reply) = tweak(request, path, bytes.as_deref()) {
                return reply;
            }
            let Some(bytes) = bytes else { return Reply::status(404) };
            answer(request, bytes)
        });
        Self { server, tree }
    }

    /// Another tree from now on.
    pub(crate) fn show(&self, tree: &Path) {
        *self.tree.lock().expect("whole") = tree.to_owned();
    }

    pub(crate) fn source(&self) -> Box<dyn Source> {
        Box::new(Http::new(&self.server.url(), options()).expect("an address"))
    }

    /// Paths asked for, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.server.requests().iter().map(|request| request.path.trim_start_matches('/').to_owned()).collect()
    }
}

/// What an honest server answers: tags and ranges.
pub(crate) fn answer(request: &Request, bytes: Vec<u8>) -> Reply {
    let tag = format!("\"{}\"", NodeHash(Sha256::digest(&bytes).into()).to_hex());
    if request.field("if-none-match") == Some(&*tag) {
        return Reply::Answer(304, vec![("ETag", tag)], Vec::new());
    }
    let range = request.field("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
    match range {
        Some(first) if first < bytes.len() => {
            let whole = bytes.len();
            let range = format!("bytes {first}-{}/{whole}", whole - 1);
            Reply::Answer(206, vec![("ETag", tag), ("Content-Range", range)], bytes[first..].to_vec())
        }
        _ => Reply::Answer(200, vec![("ETag", tag)], bytes),
    }
}

/// A publication of 600 letters in several volumes: more than two bundles, some tiles.
pub(crate) fn press(folder: &Path) -> Press {
    logged_publication(folder, 600, PressOptions { volume_bytes_max: 60_000, ..PressOptions::default() })
}

pub(crate) fn open(directory: &Path) -> Mirror {
    Mirror::open(directory, Options::default()).expect("a mirror")
}

/// A mirror that knows the log from elsewhere.
pub(crate) fn open_for(directory: &Path, press: &Press) -> Mirror {
    Mirror::open(directory, with_policy(press)).expect("a mirror")
}

pub(crate) fn with_policy(press: &Press) -> Options {
    Options { policy: Some(press.policy()), ..Options::default() }
}

pub(crate) fn sync(mirror: &mut Mirror, hosts: &[&Host]) -> Result<Report, MirrorError> {
    let sources: Vec<Box<dyn Source>> = hosts.iter().map(|host| host.source()).collect();
    mirror.sync(&sources, NOW, &|_: Event<'_>| {})
}

/// All files below a folder, by their path in it.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    fn walk(folder: &Path, below: &str, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let entry = entry.expect("an entry");
            let name = entry.file_name().into_string().expect("UTF-8");
            let path = if below.is_empty() { name } else { format!("{below}/{name}") };
            if entry.path().is_dir() {
                walk(&entry.path(), &path, found);
            } else {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, "", &mut found);
    found.sort();
    found
}

/// The mirror shows what the publisher shows, byte for byte, and no more.
#[track_caller]
pub(crate) fn assert_same(press: &Press, directory: &Path) {
    let public = directory.join("public");
    for path in files(&press.public()) {
        if path == "checkpoint" || path == "policy" || path.contains(".p/") {
            continue;
        }
        let (ours, theirs) = (fs::read(public.join(&path)), fs::read(press.public().join(&path)));
        assert!(ours.is_ok_and(|ours| ours == theirs.expect("listed")), "{path} differs");
    }
    let log = LogReader::open(&public, press.log_signer().verifier()).expect("a log");
    assert_eq!(log.head(), press.reader().head());
    assert_eq!(log.entries().filter(Result::is_ok).count() as u64, log.head().size);
    for path in files(&public).iter().filter(|path| path.starts_with("volume/")) {
        assert!(press.public().join(path).exists(), "{path} is in no release");
    }
}

/// Nothing that the mirror shows differs from what the publisher shows or showed.
#[track_caller]
pub(crate) fn assert_nothing_wrong(press: &Press, directory: &Path) {
    let public = directory.join("public");
    for path in files(&public) {
        let ours = fs::read(public.join(&path)).expect("listed");
        if path.starts_with("volume/") || path == "manifest.json" {
            let theirs = fs::read(press.public().join(&path)).unwrap_or_default();
            assert!(ours == theirs, "{path} is not the publisher's");
        }
        if path == "checkpoint" {
            let log = LogReader::open(&public, press.log_signer().verifier()).expect("a log");
            assert!(log.entries().all(|logged| logged.is_ok()));
        }
    }
    if let Some(manifest) = Manifest::load(&public).expect("no damage") {
        for volume in manifest.volumes() {
            assert!(public.join(&volume.path).exists(), "{} is named and not here", volume.path);
        }
    }
}
