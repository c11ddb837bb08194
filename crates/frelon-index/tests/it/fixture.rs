//! A small publication: logged by the press for tests, indexed by `frelon-index`.

use std::path::PathBuf;

use frelon_index::{Archive, BuildOptions, BuildReport, SearchAnswer, SearchRequest, build};
use frelon_model::{CollectionId, Instant, ItemKey, ItemNumber};
use frelon_testkit::{NewItem, Press, PressOptions};
use tempfile::TempDir;

/// A publication in a temporary directory.
pub(crate) struct Fixture {
    pub(crate) dir: TempDir,
    pub(crate) press: Press,
    tranche: u32,
    next: u64,
}

/// A message as tests write it.
pub(crate) fn message(from: &str, subject: &str, date: &str, id: &str, more: &str, body: &str) -> String {
    format!(
        "From: {from}\r\nTo: Bob <bob@lake.example>\r\nSubject: {subject}\r\nDate: {date}\r\nMessage-ID: <{id}>\r\n{more}\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
    )
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let now = Instant::from_date(2020, 1, 1).expect("a day");
        let press = Press::new(dir.path(), PressOptions { now, ..PressOptions::default() });
        Self { dir, press, tranche: 0, next: 1 }
    }

    pub(crate) fn public(&self) -> PathBuf {
        self.dir.path().join("public")
    }

    pub(crate) fn derived(&self) -> PathBuf {
        self.dir.path().join("derived")
    }

    /// Releases messages into the collection `lake`.
    pub(crate) fn release(&mut self, messages: &[String]) {
        self.tranche += 1;
        if self.tranche == 1 {
            self.press.describe("lake", "The lake", "Invented.");
        }
        let item = |(place, text): (usize, &String)| NewItem::message(self.next + place as u64, text.as_bytes());
        let items: Vec<NewItem> = messages.iter().enumerate().map(item).collect();
        self.press.release("lake", self.tranche, "", &items);
        self.next += items.len() as u64;
    }

    pub(crate) fn build(&self) -> BuildReport {
        self.build_with(BuildOptions { memory_bytes: 40_000_000, ..BuildOptions::default() })
    }

    pub(crate) fn build_with(&self, options: BuildOptions) -> BuildReport {
        build(&self.public(), &self.derived(), &options, &mut |_| {}).expect("built")
    }

    pub(crate) fn open(&self) -> Archive {
        Archive::open(&self.public(), &self.derived()).expect("opened")
    }

    /// A publication of these messages, built and opened.
    pub(crate) fn archive(messages: &[String]) -> (Self, Archive) {
        let mut fixture = Self::new();
        fixture.release(messages);
        let report = fixture.build();
        assert_eq!(report.bad_entries, Vec::<String>::new());
        let archive = fixture.open();
        (fixture, archive)
    }
}

pub(crate) fn key(number: u64) -> ItemKey {
    ItemKey { collection: CollectionId::new("lake").expect("a good name"), number: ItemNumber(number) }
}

pub(crate) fn search(archive: &Archive, query: &str) -> SearchAnswer {
    let request = SearchRequest { query: query.into(), ..SearchRequest::default() };
    archive.search(&request).unwrap_or_else(|error| panic!("{query}: {error}"))
}

/// Numbers found, ascending.
pub(crate) fn found(archive: &Archive, query: &str) -> Vec<u64> {
    let mut numbers: Vec<u64> = search(archive, query).hits.iter().map(|hit| hit.item.key.number.0).collect();
    numbers.sort_unstable();
    numbers
}
