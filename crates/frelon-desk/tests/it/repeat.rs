//! Duplicates, the same source again, a source that grew.

use std::ops::ControlFlow;

use frelon_desk::{DeskError, Progress, intake};
use frelon_model::ItemNumber;
use frelon_vault::{Reader, Vault, VaultError};

use crate::fixture::{Bench, mbox, message};

#[test]
fn one_item_for_the_same_bytes_and_all_its_places() {
    let bench = Bench::new();
    bench.put("a.eml", &message("x"));
    bench.put("b.eml", &message("x"));
    bench.put("box", &mbox(&[message("y"), message("x"), message("x")]));
    let counts = bench.intake().counts;
    assert_eq!((counts.added, counts.duplicates, counts.known), (2, 3, 0));
    let reader = Reader::open(&bench.publication()).expect("a vault");
    assert_eq!(reader.places_of(&bench.collection(), ItemNumber(1)).expect("readable").len(), 4);
}

#[test]
fn the_same_message_id_with_other_bytes_stays_two() {
    let bench = Bench::new();
    let mut other = message("x");
    other.extend_from_slice(b"-- \na list's footer\n");
    bench.put("a.eml", &message("x"));
    bench.put("b.eml", &other);
    assert_eq!(bench.intake().counts.added, 2);
}

#[test]
fn the_same_source_again_adds_nothing() {
    let bench = Bench::new();
    bench.put("box", &mbox(&[message("a"), message("b"), message("a")]));
    bench.put("c.pdf", b"%PDF-1.4");
    let first = bench.intake().counts;
    let (items, places, failures) = (bench.items(), bench.places(), bench.failures());
    let again = bench.intake().counts;
    assert_eq!((again.added, again.duplicates, again.known, again.failures), (0, 0, 3, 1));
    assert_eq!((first.added, first.duplicates), (2, 1));
    assert_eq!((bench.items(), bench.places(), bench.failures()), (items, places, failures));
}

#[test]
fn a_mailbox_that_grew_adds_its_new_messages_only() {
    let bench = Bench::new();
    bench.put("box", &mbox(&[message("a"), message("b")]));
    bench.intake();
    bench.put("box", &mbox(&[message("a"), message("b"), message("c")]));
    let counts = bench.intake().counts;
    assert_eq!((counts.added, counts.duplicates, counts.known), (1, 0, 2));
}

#[test]
fn a_failure_that_was_mended_goes_away() {
    let bench = Bench::new();
    bench.put("a", b"");
    bench.intake();
    assert!(bench.failures().contains("empty"));
    bench.put("a", &message("a"));
    bench.intake();
    assert_eq!(bench.failures(), "");
}

#[test]
fn a_second_writer_is_told_to_wait() {
    let bench = Bench::new();
    bench.put("a", &message("a"));
    let _first = Vault::open(&bench.publication()).expect("the first");
    let error = bench.try_intake(&[bench.source()]).expect_err("locked");
    assert!(matches!(error, DeskError::Vault(VaultError::Locked { .. })));
    let text = error.to_string();
    assert!(text.contains("vault/lock: another frelon is writing to this publication; wait until it ends"), "{text}");
}

#[test]
fn asked_to_stop_it_keeps_what_it_has_and_goes_on_later() {
    let bench = Bench::new();
    let messages: Vec<_> = (0..30_000).map(|number| message(&format!("m{number}"))).collect();
    bench.put("box", &mbox(&messages));
    let request = bench.request(&[bench.source()]);
    let stopped = intake(&request, &mut |_: &Progress| ControlFlow::Break(())).expect("stopped in good order");
    bench.check();
    let report = bench.intake();
    assert!(report.finished);
    // A fast machine may be done before the first news.
    assert_eq!(report.resumed, !stopped.finished && stopped.counts.added > 0);
    assert_eq!(bench.items().len(), 30_000);
    assert_eq!(bench.items()[&30_000], messages[29_999]);
}

#[test]
fn a_source_must_be_there_and_not_hold_the_publication() {
    let bench = Bench::new();
    bench.put("a", &message("a"));
    bench.intake();
    let error = bench.try_intake(&[bench.source().join("nowhere")]).expect_err("not there").to_string();
    assert!(error.ends_with("cannot be taken in: No such file or directory (os error 2); check the path"), "{error}");
    let parent = bench.publication().parent().expect("a directory").to_owned();
    let error = bench.try_intake(&[parent]).expect_err("holds the publication").to_string();
    assert!(error.contains("this folder contains the publication"), "{error}");
    assert!(matches!(bench.try_intake(&[]), Err(DeskError::NoSource)));
}
