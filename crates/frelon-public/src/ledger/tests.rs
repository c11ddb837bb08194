//! Replays of made-up logs: what counts, what does not, and in which order.

use frelon_log::{NodeHash, writer::Writer};
use frelon_model::Tranche;
use proptest::prelude::*;

use super::*;
use crate::{
    DocumentEntry, FileStore, OriginalEntry,
    statement::{Succession, sample::*},
};

fn lake() -> CollectionId {
    CollectionId::new("lake").expect("a name")
}

fn document(tranche: u32, number: u64) -> Entry {
    let (tranche, number) = (Tranche(tranche), ItemNumber(number));
    Entry::Document(DocumentEntry { collection: lake(), tranche, number, commitment: ContentHash([7; 32]) })
}

fn original(number: u64) -> Entry {
    Entry::Original(OriginalEntry { collection: lake(), number: ItemNumber(number), commitment: ContentHash([8; 32]) })
}

/// A log in memory, whose statements are signed by its two editors.
struct Bench {
    ledger: Ledger,
    next: u64,
    serial: u8,
    root_version: u64,
}

impl Bench {
    fn new() -> Self {
        let ledger = Ledger::new(log_signer().verifier().clone());
        let mut bench = Self { ledger, next: 0, serial: 0, root_version: 0 };
        bench.state(Body::Root(root(1, &[1, 2], 2)));
        bench.root_version = 1;
        bench
    }

    fn push(&mut self, entry: Result<Entry, crate::Malformed>) -> u64 {
        self.ledger.push(Logged { index: self.next, entry });
        self.next += 1;
        self.next - 1
    }

    fn add(&mut self, entry: Entry) -> u64 {
        self.push(Ok(entry))
    }

    fn junk(&mut self) -> u64 {
        self.push(Entry::parse(b"junk"))
    }

    fn state_by(&mut self, body: Body, editors: &[u8]) -> u64 {
        self.serial += 1;
        let statement = sign(terms(self.serial, self.root_version, body), editors);
        self.add(Entry::Statement(Box::new(statement)))
    }

    fn state(&mut self, body: Body) -> u64 {
        self.state_by(body, &[1, 2])
    }

    /// Why the last statement changed nothing.
    fn last(&self) -> Option<Ineffective> {
        self.ledger.statements().last().expect("a statement").ineffective.clone()
    }

    /// Document entries of these numbers, with junk before each third; first and last leaf.
    fn documents(&mut self, tranche: u32, numbers: &[u64]) -> (u64, u64) {
        let mut leaves = Vec::new();
        for (place, number) in numbers.iter().enumerate() {
            if place % 3 == 2 {
                self.junk();
            }
            leaves.push(self.add(document(tranche, *number)));
        }
        (leaves[0], leaves[leaves.len() - 1])
    }

    fn release(&mut self, tranche: u32, numbers: &[u64]) -> u64 {
        let (first_leaf, last_leaf) = self.documents(tranche, numbers);
        self.state(Body::Release(tranche_of(tranche, numbers.len() as u64, first_leaf, last_leaf)))
    }

    fn withdraw(&mut self, leaf: u64, number: u64) -> Option<Ineffective> {
        self.state(Body::Withdraw(Withdraw { leaf, number: ItemNumber(number), ..withdraw() }));
        self.last()
    }
}

fn tranche_of(tranche: u32, item_count: u64, first_leaf: u64, last_leaf: u64) -> Release {
    let mut release = Release { tranche: Tranche(tranche), item_count, first_leaf, last_leaf, ..release() };
    release.volumes[0].path = format!("volume/lake/{tranche}.1.zip");
    release
}

#[test]
fn a_release_counts_and_its_items_are_found_by_number_and_by_leaf() {
    let mut bench = Bench::new();
    bench.state(Body::Collection(Description { title: "Lake".to_owned(), about: String::new() }));
    let leaf = bench.release(1, &[1, 2, 3, 7, 9, 10]);
    assert_eq!(bench.last(), None);
    let ledger = &bench.ledger;
    assert_eq!(ledger.collections()[&lake()].description.title, "Lake");
    let release = ledger.release(&lake(), Tranche(1)).expect("released");
    assert_eq!((release.first, release.last, release.statement_leaf), (ItemNumber(1), ItemNumber(10), leaf));
    let items: Vec<_> = ledger.items(release).collect();
    assert_eq!(items.iter().map(|item| item.1.0).collect::<Vec<_>>(), [1, 2, 3, 7, 9, 10]);
    for (leaf, number) in items {
        assert_eq!(ledger.leaf(&lake(), number), Some(leaf));
        assert_eq!(ledger.item(leaf).map(|item| item.number), Some(number));
    }
    for number in [0, 4, 8, 11, u64::MAX] {
        assert_eq!(ledger.leaf(&lake(), ItemNumber(number)), None);
    }
    assert_eq!(ledger.item(0), None);
    let counts = Counts { documents: 6, statements: 3, malformed: 2, ..Counts::default() };
    assert_eq!(ledger.counts(), counts);
    assert_eq!(ledger.passed_over().len(), 2);
}

#[test]
fn a_release_whose_range_is_wrong_changes_nothing() {
    let mut bench = Bench::new();
    let (first, last) = bench.documents(1, &[1, 2, 3, 4]);
    for (count, from, to) in [(3, first, last), (2, first, last), (4, first, last + 5), (1, first - 1, first)] {
        bench.state(Body::Release(tranche_of(1, count, from, to)));
        assert_eq!(bench.last(), Some(Ineffective::WrongEntries), "{count} {from} {to}");
    }
    bench.state(Body::Release(tranche_of(2, 4, first, last)));
    assert_eq!(bench.last(), Some(Ineffective::WrongEntries), "entries of another tranche");
    let after = bench.next + 1;
    bench.state(Body::Release(tranche_of(1, 1, after, after)));
    assert_eq!(bench.last(), Some(Ineffective::WrongEntries), "an entry that comes later");
    assert!(bench.ledger.releases().is_empty());
    // The same entries again, as a run that was stopped does it: one of both ranges is released.
    let (again, end) = bench.documents(1, &[1, 2, 3, 4]);
    bench.state(Body::Release(tranche_of(1, 4, again, end)));
    assert_eq!(bench.last(), None);
    assert_eq!(bench.ledger.leaf(&lake(), ItemNumber(1)), Some(again));
    bench.state(Body::Release(tranche_of(1, 4, first, last)));
    assert_eq!(bench.last(), Some(Ineffective::ReleasedBefore));
    let (first, last) = bench.documents(3, &[9, 4]);
    bench.state(Body::Release(tranche_of(3, 2, first, last)));
    assert_eq!(bench.last(), Some(Ineffective::NumbersNotRising));
    let (first, last) = bench.documents(3, &[4, 9]);
    bench.state(Body::Release(tranche_of(3, 2, first, last)));
    assert_eq!(bench.last(), Some(Ineffective::NumberReleasedBefore));
    assert_eq!(bench.ledger.counts().ineffective, 9);
}

#[test]
fn items_are_withdrawn_and_restored_under_their_own_leaf_alone() {
    let mut bench = Bench::new();
    bench.release(1, &[1, 2, 3]);
    let leaf = bench.ledger.leaf(&lake(), ItemNumber(2)).expect("released");
    let waiting = bench.add(document(2, 50));
    for (leaf, number) in [(leaf, 1), (leaf + 1, 2), (0, 2), (waiting, 50), (leaf + 1_000, 2)] {
        assert_eq!(bench.withdraw(leaf, number), Some(Ineffective::NoSuchItem), "{leaf} {number}");
    }
    let restore = |leaf| Body::Restore(Restore { leaf, number: ItemNumber(2), text: None });
    bench.state(restore(leaf));
    assert_eq!(bench.last(), Some(Ineffective::NotWithdrawn));
    assert_eq!(bench.withdraw(leaf, 2), None);
    let withdrawal = bench.ledger.withdrawal(&lake(), ItemNumber(2)).expect("withdrawn");
    assert_eq!((withdrawal.mode, withdrawal.number), (WithdrawMode::Hide, ItemNumber(2)));
    // It ends by itself at an instant, and is not forgotten then.
    assert!(!withdrawal.has_ended(Instant(1_499_999_999)) && withdrawal.has_ended(Instant(1_500_000_000)));
    let erase = Withdraw { leaf, number: ItemNumber(2), mode: WithdrawMode::Erase, until: None, ..withdraw() };
    bench.state(Body::Withdraw(erase));
    let withdrawal = bench.ledger.withdrawal(&lake(), ItemNumber(2)).expect("withdrawn");
    assert_eq!((withdrawal.mode, withdrawal.has_ended(Instant(i64::MAX))), (WithdrawMode::Erase, false));
    bench.state(restore(leaf));
    assert_eq!((bench.last(), bench.ledger.withdrawals().len()), (None, 0));
}

#[test]
fn corrections_and_accessions_count_where_their_entries_are() {
    let mut bench = Bench::new();
    let first = bench.add(original(1));
    bench.junk();
    let last = bench.add(original(9));
    for (count, is_good) in [(1, false), (2, true), (3, false)] {
        bench.state(Body::Accession(Accession { count, first_leaf: first, last_leaf: last }));
        assert_eq!(bench.last().is_none(), is_good, "{count}");
    }
    bench.release(1, &[1, 2]);
    let leaf = |number| bench.ledger.leaf(&lake(), ItemNumber(number)).expect("released");
    let correct = Correct { leaf: leaf(1), replacement_leaf: leaf(2), reason: "A page.".to_owned() };
    bench.state(Body::Correct(correct.clone()));
    bench.state(Body::Correct(Correct { replacement_leaf: 0, ..correct }));
    assert_eq!(bench.last(), Some(Ineffective::NoSuchItem));
    let corrections = bench.ledger.corrections();
    assert_eq!(
        (corrections.len(), corrections[0].number, corrections[0].replacement),
        (1, ItemNumber(1), ItemNumber(2))
    );
    assert_eq!(bench.ledger.accessions().len(), 1);
}

#[test]
fn what_the_editors_did_not_say_changes_nothing() {
    let mut bench = Bench::new();
    let (first, last) = bench.documents(1, &[1]);
    bench.state_by(Body::Release(tranche_of(1, 1, first, last)), &[1]);
    bench.push(Entry::parse(b"frelon/later-kind/v1\n{}\n\n\xe2\x80\x94 a AAAAAAAA\n"));
    let counts = bench.ledger.counts();
    assert_eq!((counts.refused, counts.unknown), (1, 1));
    assert!(bench.ledger.releases().is_empty());
    // A flood of junk is counted, and the first of it kept.
    for _ in 0..1_000 {
        bench.junk();
    }
    assert_eq!((bench.ledger.counts().malformed, bench.ledger.passed_over().len()), (1_000, PASSED_OVER_MAX));
}

fn write(folder: &std::path::Path, entries: &[Vec<u8>]) -> LogReader {
    let public = folder.join("public");
    let store = FileStore::open(&public, &folder.join("log")).expect("a store");
    let mut writer = Writer::open(store, log_signer(), Vec::new(), &[]).expect("a writer");
    writer.append(entries, &[], None).expect("appended");
    LogReader::open(&public, log_signer().verifier()).expect("a log")
}

#[test]
fn a_succession_takes_out_again_what_came_after_the_size_it_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let bytes = |entry: Entry| entry.to_bytes();
    let signed = |n, version, body| sign(terms(n, version, body), &[1, 2]).to_string().into_bytes();
    let good = write(
        folder.path(),
        &[
            signed(1, 0, Body::Root(root(1, &[1, 2], 2))),
            bytes(document(1, 1)),
            signed(2, 1, Body::Release(tranche_of(1, 1, 1, 1))),
        ],
    );
    let (last_size, last_root) = (good.head().size, good.head().root);
    let withdraw = Withdraw { leaf: 1, number: ItemNumber(1), ..withdraw() };
    write(folder.path(), &[signed(3, 1, Body::Withdraw(withdraw))]);
    let next = frelon_log::Signer::new("frelon.example/log-2".parse().expect("a name"), &[201; 32]);
    for (root, is_good) in [(NodeHash([7; 32]), false), (last_root, true)] {
        let copy = tempfile::tempdir().expect("a folder");
        for entry in ["public", "log"] {
            let mut command = std::process::Command::new("cp");
            command.arg("-r").arg(folder.path().join(entry)).arg(copy.path());
            assert!(command.status().expect("cp").success());
        }
        let end = Succession { last_size, last_root: root, log: next.verifier().clone() };
        write(copy.path(), &[signed(4, 1, Body::Succession(end))]);
        let reader = write(copy.path(), &[bytes(document(2, 2))]);
        let mut ledger = Ledger::read(&reader, log_signer().verifier()).expect("read");
        assert_eq!(ledger.withdrawals().is_empty(), is_good);
        assert_eq!((ledger.releases().len(), ledger.head()), (1, reader.head()));
        assert!(ledger.authority().succession().is_some());
        let reader = write(copy.path(), &[bytes(document(2, 3))]);
        ledger.extend(&reader).expect("read");
        assert_eq!(ledger.withdrawals().is_empty(), is_good);
    }
}

#[test]
fn a_log_is_read_on_from_where_it_was_and_never_backwards() {
    let folder = tempfile::tempdir().expect("a folder");
    let signed = |n, version, body| sign(terms(n, version, body), &[1, 2]).to_string().into_bytes();
    let mut entries = vec![signed(1, 0, Body::Root(root(1, &[1, 2], 2)))];
    entries.extend((1..=300).map(|number| document(1, number).to_bytes()));
    let small = write(folder.path(), &entries);
    let mut ledger = Ledger::read(&small, log_signer().verifier()).expect("read");
    let large = write(folder.path(), &[signed(2, 1, Body::Release(tranche_of(1, 300, 1, 300)))]);
    ledger.extend(&large).expect("read");
    assert_eq!(ledger.leaf(&lake(), ItemNumber(256)), Some(256));
    assert_eq!(ledger.releases(), Ledger::read(&large, log_signer().verifier()).expect("read").releases());
    assert!(ledger.extend(&small).is_err());
}

/// What may come in any order.
#[derive(Debug, Clone)]
enum Step {
    Junk,
    Document(u32, u64),
    Original(u64),
    Release(u32, u64, u64, u64),
    Withdraw(u64, u64),
    Restore(u64, u64),
    Unsigned(u64, u64),
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => Just(Step::Junk),
        8 => (1..4_u32, 1..12_u64).prop_map(|(tranche, number)| Step::Document(tranche, number)),
        1 => (1..9_u64).prop_map(Step::Original),
        4 => (1..4_u32, 1..6_u64, 0..40_u64, 0..8_u64).prop_map(|(t, count, first, more)| Step::Release(t, count, first, more)),
        2 => (0..40_u64, 1..12_u64).prop_map(|(leaf, number)| Step::Withdraw(leaf, number)),
        1 => (0..40_u64, 1..12_u64).prop_map(|(leaf, number)| Step::Restore(leaf, number)),
        1 => (0..40_u64, 1..12_u64).prop_map(|(leaf, number)| Step::Unsigned(leaf, number)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Against a slow reading of the same rules: a list of all documents, searched from end to end.
    #[test]
    fn any_order_is_read_as_the_rules_say(steps in prop::collection::vec(steps(), 1..60)) {
        let mut bench = Bench::new();
        let mut documents: Vec<(u64, u32, u64)> = Vec::new();
        let mut released: Vec<(u64, u32, u64)> = Vec::new();
        let mut withdrawn: std::collections::BTreeSet<u64> = std::collections::BTreeSet::new();
        for step in steps {
            match step {
                Step::Junk => drop(bench.junk()),
                Step::Document(tranche, number) => {
                    let leaf = bench.add(document(tranche, number));
                    documents.push((leaf, tranche, number));
                }
                Step::Original(number) => drop(bench.add(original(number))),
                Step::Release(tranche, count, first, more) => {
                    let last = first + more.max(count - 1);
                    bench.state(Body::Release(tranche_of(tranche, count, first, last)));
                    let range: Vec<_> =
                        documents.iter().filter(|one| one.1 == tranche && (first..=last).contains(&one.0)).copied().collect();
                    let is_good = range.len() as u64 == count
                        && range[0].0 == first
                        && range[range.len() - 1].0 == last
                        && range.windows(2).all(|pair| pair[0].2 < pair[1].2)
                        && !released.iter().any(|one| one.1 == tranche)
                        && !released.iter().any(|one| range.iter().any(|other| other.2 == one.2));
                    prop_assert_eq!(bench.last().is_none(), is_good);
                    if is_good {
                        released.extend(range);
                    }
                }
                Step::Withdraw(leaf, number) => {
                    let is_good = released.iter().any(|one| (one.0, one.2) == (leaf, number));
                    prop_assert_eq!(bench.withdraw(leaf, number).is_none(), is_good);
                    if is_good {
                        withdrawn.insert(leaf);
                    }
                }
                Step::Restore(leaf, number) => {
                    bench.state(Body::Restore(Restore { leaf, number: ItemNumber(number), text: None }));
                    let is_good = released.iter().any(|one| (one.0, one.2) == (leaf, number)) && withdrawn.remove(&leaf);
                    prop_assert_eq!(bench.last().is_none(), is_good);
                }
                Step::Unsigned(leaf, number) => {
                    let body = Body::Withdraw(Withdraw { leaf, number: ItemNumber(number), ..withdraw() });
                    bench.state_by(body, &[1]);
                }
            }
        }
        for number in 0..13 {
            let expected = released.iter().find(|one| one.2 == number).map(|one| one.0);
            prop_assert_eq!(bench.ledger.leaf(&lake(), ItemNumber(number)), expected);
        }
        for leaf in 0..80 {
            let expected = released.iter().find(|one| one.0 == leaf).map(|one| one.2);
            prop_assert_eq!(bench.ledger.item(leaf).map(|item| item.number.0), expected);
        }
        let leaves: Vec<u64> = bench.ledger.withdrawals().keys().copied().collect();
        prop_assert_eq!(leaves, withdrawn.into_iter().collect::<Vec<_>>());
    }
}
