//! Stops at every step of storing: what was committed stays, the rest comes again, nothing twice.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use frelon_desk::intake::intake_into;
use frelon_desk::{DeskError, Progress};
use frelon_vault::{FaultHook, VaultError};

use crate::fixture::{Bench, mbox, message, packs};

/// More rows than two batches hold, with a duplicate now and then, a container and a failure.
fn bench() -> Bench {
    let bench = Bench::new();
    let text = |number: usize| if number.is_multiple_of(100) { "same".to_owned() } else { format!("m{number}") };
    let messages: Vec<_> = (0..9_000).map(|number| message(&text(number))).collect();
    bench.put("b.box", &mbox(&messages));
    bench.put("a.eml", &message("first"));
    bench.put("c.pdf", b"%PDF-1.4");
    bench.put("d.eml", &message("last"));
    bench
}

/// Fails the step of this number and every one after it, as a killed process would.
fn dead_from(at: usize, kind: io::ErrorKind) -> (FaultHook, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let steps = Arc::clone(&count);
    let hook = move |_| {
        if steps.fetch_add(1, Ordering::Relaxed) >= at { Err(io::Error::from(kind)) } else { Ok(()) }
    };
    (Box::new(hook), count)
}

fn run(bench: &Bench, hook: FaultHook) -> Result<frelon_desk::IntakeReport, DeskError> {
    let mut vault = bench.vault_with(hook);
    intake_into(&mut vault, &bench.request(&[bench.source()]), &mut |_: &Progress| ControlFlow::Continue(()))
}

#[test]
fn killed_at_any_step_it_ends_up_the_same() {
    let whole = bench();
    let (hook, steps) = dead_from(usize::MAX, io::ErrorKind::Other);
    run(&whole, hook).expect("nothing fails");
    let steps = steps.load(Ordering::Relaxed);
    assert!(steps >= 12, "three batches of four steps each: {steps}");
    let (items, failures, places) = (whole.items(), whole.failures(), whole.places());

    let broken = bench();
    for at in 0..steps {
        let (hook, _) = dead_from(at, io::ErrorKind::Other);
        // Each run starts from what the last one left: it gets further or fails at once.
        let _may_finish_when_little_is_left = run(&broken, hook);
        if at % 3 == 0
            && let Some(pack) = packs(&broken.publication()).last()
        {
            // A tail that a kill left behind.
            let mut file = OpenOptions::new().append(true).open(pack).expect("there");
            file.write_all(b"half a stream").expect("room");
        }
        broken.check();
    }
    broken.intake();
    assert_eq!(broken.items(), items);
    assert_eq!(broken.failures(), failures);
    assert_eq!(broken.places(), places);
}

#[test]
fn a_resumed_run_does_not_read_again_what_is_stored() {
    let bench = bench();
    // The third transaction fails: two batches are stored.
    let (hook, _) = dead_from(8, io::ErrorKind::Other);
    run(&bench, hook).expect_err("killed");
    let stored = bench.items().len() as u64;
    assert!(stored > 0);
    let report = bench.intake();
    assert!(report.resumed && report.finished);
    assert_eq!(report.counts.known, 0, "what is stored was passed over");
    assert_eq!(bench.items().len() as u64, stored + report.counts.added);
}

#[test]
fn a_full_disk_is_named_and_everything_stored_stays() {
    let bench = bench();
    let (hook, _) = dead_from(6, io::ErrorKind::StorageFull);
    let error = run(&bench, hook).expect_err("full");
    assert!(matches!(error, DeskError::Vault(VaultError::DiskFull { .. })), "{error}");
    let text = error.to_string();
    assert!(text.contains("/vault/"), "{text}");
    assert!(
        text.ends_with(
            ": the disk is full; free some space and run the same command again: everything stored before is kept"
        ),
        "{text}"
    );
    bench.check();
    let stored = bench.items();
    assert!(!stored.is_empty());
    bench.intake();
    let items = bench.items();
    assert!(stored.iter().all(|(number, bytes)| items[number] == *bytes), "numbers stay");
}

#[test]
fn a_pack_that_lost_bytes_is_noticed() {
    let bench = bench();
    bench.intake();
    let pack = packs(&bench.publication()).remove(0);
    let file = OpenOptions::new().write(true).open(&pack).expect("there");
    let len = file.metadata().expect("there").len();
    file.set_len(len - 1).expect("cut");
    let error = bench.try_intake(&[bench.source()]).expect_err("damaged").to_string();
    assert!(error.contains(".pack: damaged: ") && error.ends_with("restore this file from a backup"), "{error}");
}
