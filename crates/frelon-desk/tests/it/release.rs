//! Items through the gate into the public tree; a release is absent or complete.

use std::num::NonZero;
use std::ops::ControlFlow;
use std::os::unix::fs::FileExt as _;

use frelon_desk::Progress;
use frelon_durable::Disk;
use frelon_model::{Instant, Tranche};
use frelon_public::PublicTree;
use frelon_vault::Vault;

use crate::fixture::{Bench, mbox, message, packs};

fn tree(bench: &Bench) -> PublicTree {
    let tree = PublicTree::open(&bench.publication().join("public")).expect("a public tree");
    let report = tree.verify(NonZero::<usize>::MIN);
    assert!(report.is_clean(), "{report:?}");
    tree
}

/// The published bytes, in order.
fn published(bench: &Bench) -> Vec<(u64, Vec<u8>)> {
    let tree = tree(bench);
    let mut items = Vec::new();
    for (_, volume) in tree.volumes() {
        let mut reader = tree.read_volume(volume).expect("readable");
        while let Some(item) = reader.next_item() {
            let item = item.expect("a good entry");
            items.push((item.head.number.0, item.content().expect("its bytes")));
        }
    }
    items
}

#[test]
fn everything_not_yet_out_goes_out_unchanged() {
    let bench = Bench::new();
    bench.put("box", &mbox(&[message("a"), message("b"), message("a")]));
    bench.intake();
    let report = bench.try_release().expect("released");
    assert_eq!((report.gate.passed, report.released.len(), report.stopped), (2, 1, false));
    assert_eq!(published(&bench), bench.items().into_iter().collect::<Vec<_>>());

    let nothing = bench.try_release().expect("nothing to do");
    assert!(nothing.released.is_empty());

    bench.put("c", &message("c"));
    bench.intake();
    let report = bench.try_release().expect("released");
    assert_eq!(report.released[0].tranche(), Tranche(2));
    assert_eq!(published(&bench).len(), 3);
    let status = frelon_desk::status(&bench.publication()).expect("a vault");
    let totals = &status.collections[0];
    assert_eq!((totals.items, totals.released, totals.tranches, totals.planned), (3, 3, 2, None));
    assert_eq!(status.accessions.len(), 2);
}

#[test]
fn an_interrupted_release_is_completed_by_the_next_run() {
    let bench = Bench::new();
    bench.put("a", &message("a"));
    bench.intake();
    // Stopped after the plan was written.
    let mut vault = Vault::open(&bench.publication()).expect("the vault opens");
    vault.plan(&bench.collection(), "Planned", Instant(5)).expect("planned").expect("one item");
    drop(vault);
    bench.put("b", &message("b"));
    bench.intake();
    let report = bench.try_release().expect("released");
    let titles: Vec<_> = report.released.iter().map(|one| (one.entry.title.as_str(), one.recovered)).collect();
    assert_eq!(titles, [("Planned", true), ("First", false)]);
    assert_eq!(published(&bench).len(), 2);
}

#[test]
fn a_release_that_was_out_before_the_vault_knew_is_not_repeated() {
    let bench = Bench::new();
    bench.put("a", &message("a"));
    bench.intake();
    // The vault as it was right before the commit point.
    let mut vault = Vault::open(&bench.publication()).expect("the vault opens");
    vault.plan(&bench.collection(), "First", Instant(5)).expect("planned").expect("one item");
    drop(vault);
    let copy = bench.publication().with_file_name("copy.sqlite");
    let database = bench.publication().join("vault/vault.sqlite");
    std::fs::copy(&database, &copy).expect("copied");
    bench.try_release().expect("released");
    let before = published(&bench);
    std::fs::copy(&copy, &database).expect("put back");

    let report = bench.try_release().expect("marked");
    assert!(report.released[0].recovered);
    assert_eq!(published(&bench), before);
    let status = frelon_desk::status(&bench.publication()).expect("a vault");
    assert_eq!((status.collections[0].released, status.collections[0].planned), (1, None));
}

#[test]
fn what_does_not_decode_stays_inside() {
    let bench = Bench::new();
    bench.put("box", &mbox(&[message("a"), message("b"), message("c")]));
    bench.intake();
    let pack = packs(&bench.publication()).remove(0);
    let file = std::fs::OpenOptions::new().read(true).write(true).open(&pack).expect("there");
    let mut byte = [0];
    file.read_exact_at(&mut byte, 20).expect("inside the first item");
    file.write_all_at(&[byte[0] ^ 0x55], 20).expect("damaged");

    let report = bench.try_release().expect("the others go out");
    assert_eq!(report.gate.passed, 2);
    assert_eq!(report.gate.blocked.len(), 1);
    assert_eq!((report.gate.blocked[0].number.0, report.gate.blocked[0].hit.rule), (1, "fixity"));
    let numbers: Vec<_> = published(&bench).into_iter().map(|(number, _)| number).collect();
    assert_eq!(numbers, [2, 3]);
    let status = frelon_desk::status(&bench.publication()).expect("a vault");
    assert_eq!((status.collections[0].released, status.collections[0].blocked), (2, 1));
    assert!(bench.try_release().expect("nothing to do").released.is_empty());
}

#[test]
fn asked_to_stop_nothing_goes_out() {
    let bench = Bench::new();
    bench.put("a", &message("a"));
    bench.intake();
    let report = bench
        .press(Disk::new(), |press| press.release(&bench.collection(), "", &mut |_: &Progress| ControlFlow::Break(())));
    assert!(report.expect("stopped in good order").stopped);
    assert!(PublicTree::open(&bench.publication().join("public")).is_err(), "no manifest was written");
    assert_eq!(bench.try_release().expect("released").gate.passed, 1);
}
