//! A disk that fails, at every operation of a release and of a withdrawal: afterwards the next run
//! completes, and no reader ever saw a log that was cut or forked.

use std::{fs, io, path::Path};

use frelon_desk::{DeskError, WithdrawRequest};
use frelon_durable::{After, Disk, Fault};
use frelon_log::SignedCheckpoint;
use frelon_model::ItemNumber;
use frelon_public::{
    LogReader,
    statement::{WithdrawMode, WithdrawReason},
};

use crate::{
    fixture::{Bench, mbox, message},
    statement::{check, ledger},
};

/// Two letters, taken in.
fn bench() -> Bench {
    let bench = Bench::in_memory();
    bench.put("box", &mbox(&[message("a"), message("b")]));
    bench.intake();
    bench
}

/// The faults at one operation: its effect is there or not; the process lives on or not, the other way
/// round at the next operation.
fn sorts(at: usize) -> [(bool, After); 2] {
    if at.is_multiple_of(2) {
        [(false, After::Alive), (true, After::Dead)]
    } else {
        [(false, After::Dead), (true, After::Alive)]
    }
}

fn checkpoint(bench: &Bench) -> Option<SignedCheckpoint> {
    let bytes = fs::read(bench.publication().join("public/checkpoint")).ok()?;
    Some(SignedCheckpoint::parse(&bytes).expect("whole, whenever it is looked at"))
}

/// The log that is public now begins with the one that was public before.
fn grew(bench: &Bench, before: Option<&SignedCheckpoint>) {
    let Some(before) = before else { return };
    let now = checkpoint(bench).expect("it was there");
    assert!(now.head().size >= before.head().size, "cut");
    LogReader::with_checkpoint(&bench.publication().join("public"), before.clone()).expect("the same beginning");
}

/// Copies a publication, so that each fault starts from the same state.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("room");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}

/// Runs an act with one failing operation after the other, and then undisturbed.
fn at_every_operation(start: &Bench, act: impl Fn(&Bench, Disk) -> Result<(), DeskError>, done: impl Fn(&Bench)) {
    let again = |of: &Bench| {
        let bench = Bench::in_memory();
        copy(&of.publication(), &bench.publication());
        bench
    };
    let recording = Disk::recording();
    act(&again(start), recording.clone()).expect("nothing fails");
    let operations = recording.records();
    for (at, record) in operations.iter().enumerate() {
        if !record.operation.changes() {
            continue;
        }
        for (persisted, after) in sorts(at) {
            let bench = again(start);
            let before = checkpoint(&bench);
            let kind = if at.is_multiple_of(3) { io::ErrorKind::StorageFull } else { io::ErrorKind::Other };
            let outcome = act(&bench, Disk::failing(Fault { at, persisted, kind, after }));
            if after == After::Dead && at + 1 < operations.len() {
                outcome.expect_err("nothing reaches a dead disk");
            }
            grew(&bench, before.as_ref());
            let between = checkpoint(&bench);
            act(&bench, Disk::new()).unwrap_or_else(|error| panic!("{at} {record:?} {persisted} {after:?}: {error}"));
            grew(&bench, between.as_ref());
            done(&bench);
        }
    }
}

fn release(bench: &Bench, disk: Disk) -> Result<(), DeskError> {
    let title = "First";
    bench.press(disk, |press| {
        press.release(&bench.collection(), title, &mut |_: &frelon_desk::Progress| std::ops::ControlFlow::Continue(()))
    })?;
    Ok(())
}

#[test]
fn a_release_survives_every_failing_operation() {
    at_every_operation(&bench(), release, |bench| {
        let manifest = check(bench);
        assert_eq!((manifest.releases.len(), manifest.releases[0].item_count), (1, 2));
        // Root, collection, two documents, release: whatever happened, each once.
        assert_eq!(ledger(bench).head().size, 5);
        assert_eq!(frelon_desk::status(&bench.publication()).expect("a vault").collections[0].released, 2);
        let left = fs::read_dir(bench.publication().join("vault/outgoing/volume/letters")).expect("a folder").count();
        assert_eq!(left, 0, "nothing waits any more");
    });
}

#[test]
fn a_withdrawal_survives_every_failing_operation() {
    for mode in [WithdrawMode::Hide, WithdrawMode::Erase] {
        let bench = bench();
        release(&bench, Disk::new()).expect("released");
        let act = |bench: &Bench, disk: Disk| {
            bench.press(disk, |press| {
                let (collection, number) = (bench.collection(), ItemNumber(1));
                if press.ledger().withdrawal(&collection, number).is_some() {
                    return Ok(());
                }
                let reason = WithdrawReason::Error;
                let (jurisdiction, until, text) = (None, None, None);
                let request = WithdrawRequest { collection, number, mode, reason, jurisdiction, until, text };
                press.withdraw(request).map(drop)
            })
        };
        at_every_operation(&bench, act, |bench| {
            let manifest = check(bench);
            assert_eq!(manifest.withdrawn.len(), 1);
            assert_eq!(manifest.releases[0].volumes[0].first, ItemNumber(2));
            assert_eq!(ledger(bench).head().size, 6, "stated once");
        });
    }
}
