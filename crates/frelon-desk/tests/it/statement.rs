//! Statements: one editor, several, withdrawals and their ends, and what becomes of tree and vault.

use std::{fs, num::NonZero, ops::ControlFlow, path::Path};

use frelon_desk::{
    DeskError, EditorsRequest, Press, Progress, Stated, WithdrawRequest, key, load_draft, sign, standing,
};
use frelon_durable::Disk;
use frelon_log::Signer;
use frelon_model::{Instant, ItemNumber};
use frelon_public::{
    Ledger, LogReader, Manifest, PublicTree,
    statement::{WithdrawMode, WithdrawReason},
    volume,
};
use zeroize::Zeroizing;

use crate::fixture::{Bench, mbox, message};

/// Three letters, taken in.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.put("box", &mbox(&[message("a"), message("heron"), message("c")]));
    bench.intake();
    bench
}

fn editor(n: u8) -> Signer {
    key::make(&format!("example/editor-{n}"), &Zeroizing::new([n; 32])).expect("a good name")
}

/// The log, replayed from the public tree alone.
pub(crate) fn ledger(bench: &Bench) -> Ledger {
    let public = bench.publication().join("public");
    let policy = frelon_log::Policy::parse(&fs::read(public.join("policy")).expect("a policy")).expect("a good one");
    let log = &policy.logs()[0].key;
    Ledger::read(&LogReader::open(&public, log).expect("a log"), log).expect("a whole log")
}

/// Everything public agrees: the volumes with their openings, the manifest with the log.
pub(crate) fn check(bench: &Bench) -> Manifest {
    let public = bench.publication().join("public");
    let ledger = ledger(bench);
    assert!(ledger.passed_over().is_empty(), "{:?}", ledger.passed_over());
    let tree = PublicTree::open(&public).expect("a public tree");
    let report = tree.verify(NonZero::<usize>::MIN);
    assert!(report.is_clean(), "{report:?}");
    let manifest = Manifest::load(&public).expect("readable").expect("there");
    let volumes: Vec<_> =
        manifest.volumes().map(|entry| volume::facts(&public, &entry.path).expect("a volume")).collect();
    assert_eq!(Manifest::derive(&ledger, &volumes), manifest, "the manifest is what the log says");
    manifest
}

fn numbers(bench: &Bench) -> Vec<u64> {
    let tree = PublicTree::open(&bench.publication().join("public")).expect("a public tree");
    let mut numbers = Vec::new();
    for (_, volume) in tree.volumes() {
        let mut reader = tree.read_volume(volume).expect("readable");
        while let Some(item) = reader.next_item() {
            numbers.push(item.expect("a good entry").head.number.0);
        }
    }
    numbers
}

fn withdraw(bench: &Bench, number: u64, mode: WithdrawMode, until: Option<Instant>) -> WithdrawRequest {
    WithdrawRequest {
        collection: bench.collection(),
        number: ItemNumber(number),
        mode,
        reason: WithdrawReason::PersonalData,
        jurisdiction: None,
        until,
        text: None,
    }
}

fn state<T>(bench: &Bench, run: impl FnOnce(&mut Press<'_>) -> Result<T, DeskError>) -> T {
    bench.press(Disk::new(), run).expect("stated")
}

/// As a function of its own, since one that borrows a press does not pass as a closure.
fn end_withdrawals(press: &mut Press<'_>) -> Result<Vec<Stated>, DeskError> {
    press.end_withdrawals()
}

fn approve(bench: &Bench, path: &Path) -> Stated {
    let draft = load_draft(path).expect("a draft");
    state(bench, |press| press.approve(&draft))
}

/// Whether some file below a folder holds these bytes.
fn holds(folder: &Path, needle: &[u8]) -> bool {
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if fs::read(&path).expect("readable").windows(needle.len()).any(|window| window == needle) {
                return true;
            }
        }
    }
    false
}

#[test]
fn a_hidden_item_is_gone_and_comes_back_as_it_was() {
    let bench = bench();
    bench.try_release().expect("released");
    let before = check(&bench);
    state(&bench, |press| press.withdraw(withdraw(&bench, 2, WithdrawMode::Hide, None)));
    assert_eq!(numbers(&bench), [1, 3]);
    let hidden = check(&bench);
    assert_eq!(hidden.withdrawn.len(), 1);
    let again = bench.press(Disk::new(), |press| press.withdraw(withdraw(&bench, 2, WithdrawMode::Hide, None)));
    assert!(matches!(again, Err(DeskError::Withdrawn { .. })));
    // Taken in again it stays hidden.
    bench.intake();
    assert!(bench.try_release().expect("nothing to do").released.is_empty());
    assert_eq!(numbers(&bench), [1, 3]);

    state(&bench, |press| press.restore(bench.collection(), ItemNumber(2), None));
    assert_eq!(numbers(&bench), [1, 2, 3]);
    let after = check(&bench);
    assert!(after.withdrawn.is_empty());
    assert_eq!(after.releases[0].first_leaf, before.releases[0].first_leaf);
    let again = bench.press(Disk::new(), |press| press.restore(bench.collection(), ItemNumber(2), None));
    assert!(matches!(again, Err(DeskError::NotWithdrawn { .. })));
}

#[test]
fn all_items_of_a_volume_can_go_and_come() {
    let bench = bench();
    bench.try_release().expect("released");
    for number in [1, 2, 3] {
        state(&bench, |press| press.withdraw(withdraw(&bench, number, WithdrawMode::Hide, None)));
        check(&bench);
    }
    assert!(numbers(&bench).is_empty());
    assert!(!bench.publication().join("public/volume/letters/1.1.zip").exists());
    for number in [3, 1, 2] {
        state(&bench, |press| press.restore(bench.collection(), ItemNumber(number), None));
        check(&bench);
    }
    assert_eq!(numbers(&bench), [1, 2, 3]);
}

#[test]
fn what_is_erased_is_nowhere_and_stays_away() {
    let bench = bench();
    bench.try_release().expect("released");
    state(&bench, |press| press.withdraw(withdraw(&bench, 2, WithdrawMode::Hide, None)));
    state(&bench, |press| press.withdraw(withdraw(&bench, 2, WithdrawMode::Erase, None)));
    check(&bench);
    assert_eq!(numbers(&bench), [1, 3]);
    for needle in [&b"heron"[..], b"This is heron."] {
        assert!(!holds(&bench.publication(), needle));
    }
    let error = bench.press(Disk::new(), |press| press.restore(bench.collection(), ItemNumber(2), None));
    assert!(matches!(error, Err(DeskError::Erased { .. })));
    let until = withdraw(&bench, 1, WithdrawMode::Erase, Some(Instant(2_000_000_000)));
    assert!(matches!(bench.press(Disk::new(), |press| press.withdraw(until)), Err(DeskError::EraseUntil)));
    // The same file again: the others are known, this one is not taken in.
    let report = bench.try_intake(&[bench.source()]).expect("taken in");
    assert_eq!((report.counts.added, report.counts.known, report.counts.notes), (0, 2, 1));
    assert!(bench.failures().contains("erased"), "{}", bench.failures());
    assert!(bench.try_release().expect("nothing to do").released.is_empty());
    assert!(!holds(&bench.publication(), b"This is heron."));
}

#[test]
fn a_withdrawal_ends_by_itself() {
    let bench = bench();
    bench.try_release().expect("released");
    let until = Instant(1_700_000_200);
    state(&bench, |press| press.withdraw(withdraw(&bench, 3, WithdrawMode::Hide, Some(until))));
    assert!(state(&bench, end_withdrawals).is_empty(), "not yet");
    assert_eq!(numbers(&bench), [1, 2]);
    let ended = bench.press_at(Disk::new(), until, end_withdrawals).expect("stated");
    assert_eq!(ended.len(), 1);
    assert_eq!(numbers(&bench), [1, 2, 3]);
    check(&bench);
}

#[test]
fn what_is_not_out_cannot_be_stated_about() {
    let bench = bench();
    bench.try_release().expect("released");
    let error = bench.press(Disk::new(), |press| press.withdraw(withdraw(&bench, 4, WithdrawMode::Hide, None)));
    assert!(matches!(error, Err(DeskError::NotReleased { .. })));
    let correct = |press: &mut Press<'_>| {
        press.correct(bench.collection(), ItemNumber(1), ItemNumber(3), "A page was missing.".to_owned())
    };
    assert!(matches!(state(&bench, correct), Stated::Logged { .. }));
    assert_eq!(ledger(&bench).corrections().len(), 1);
    check(&bench);
}

#[test]
fn two_of_three_editors_release_together() {
    let bench = bench();
    let own = state(&bench, |press| Ok(press.editor().cloned().expect("a key")));
    let request = EditorsRequest {
        editors: vec![own, editor(1).verifier().clone(), editor(2).verifier().clone()],
        threshold: 2,
        ..EditorsRequest::default()
    };
    let Stated::Waiting(change) = state(&bench, |press| press.change_editors(request.clone())) else {
        panic!("the new editors must sign too")
    };
    assert_eq!(change.missing, 1);
    assert!(sign(&Disk::new(), &change.path, &editor(1), |says| says.contains("2 of these 3")).expect("signed"));
    assert!(matches!(approve(&bench, &change.path), Stated::Logged { .. }));
    assert!(!change.path.exists(), "its file is no longer needed");

    let report = bench.try_release().expect("drafted");
    assert!(report.released.is_empty());
    assert_eq!(report.waiting.len(), 2, "what the collection is, and the release");
    let public = bench.publication().join("public");
    assert!(!public.join("manifest.json").exists() && !public.join("volume").exists(), "nothing can be seen");
    // Once more changes nothing: the same drafts wait.
    assert_eq!(bench.try_release().expect("still waiting").waiting, report.waiting);
    assert_eq!(standing(&bench.publication()).expect("read").drafts.len(), 2);

    // Somebody who is no editor, and an editor who declines, change nothing.
    let path = &report.waiting[1].path;
    assert!(!sign(&Disk::new(), path, &editor(1), |_| false).expect("declined"));
    assert!(sign(&Disk::new(), path, &editor(9), |_| true).expect("signed in vain"));
    assert!(matches!(approve(&bench, path), Stated::Waiting(_)));
    for waiting in &report.waiting {
        assert!(sign(&Disk::new(), &waiting.path, &editor(2), |_| true).expect("signed"));
        assert!(matches!(approve(&bench, &waiting.path), Stated::Logged { .. }));
    }
    assert_eq!(numbers(&bench), [1, 2, 3]);
    let manifest = check(&bench);
    assert_eq!(manifest.collections[0].title, "Letters");
    assert!(standing(&bench.publication()).expect("read").drafts.is_empty());
    assert!(bench.try_release().expect("nothing to do").waiting.is_empty());
}

#[test]
fn a_withdrawal_waits_too_and_a_change_of_editors_ends_what_waits() {
    let bench = bench();
    bench.try_release().expect("released");
    let editors = |threshold| EditorsRequest {
        editors: vec![editor(1).verifier().clone(), editor(2).verifier().clone()],
        threshold,
        ..EditorsRequest::default()
    };
    let Stated::Waiting(change) = state(&bench, |press| press.change_editors(editors(1))) else { panic!("waits") };
    sign(&Disk::new(), &change.path, &editor(2), |_| true).expect("signed");
    approve(&bench, &change.path);
    let Stated::Waiting(hide) = state(&bench, |press| press.withdraw(withdraw(&bench, 1, WithdrawMode::Hide, None)))
    else {
        panic!("the publication's own key is no editor's any more")
    };
    assert_eq!(numbers(&bench), [1, 2, 3]);
    let Stated::Waiting(change) = state(&bench, |press| press.change_editors(editors(2))) else { panic!("waits") };
    for n in [1, 2] {
        sign(&Disk::new(), &change.path, &editor(n), |_| true).expect("signed");
    }
    // Signatures in the file count as if they had been brought.
    state(&bench, |_| Ok(()));
    assert_eq!(standing(&bench.publication()).expect("read").root.expect("a root").threshold, 2);
    assert!(!hide.path.exists(), "made under other editors: it is over");
    assert_eq!(numbers(&bench), [1, 2, 3]);
    check(&bench);
}

#[test]
fn the_keys_are_needed_and_nobody_elses() {
    let bench = bench();
    bench.try_release().expect("released");
    let key = frelon_desk::log_key_path(&bench.publication());
    fs::rename(&key, key.with_extension("away")).expect("moved");
    assert!(matches!(bench.try_release(), Err(DeskError::NoLogKey { .. })));
    fs::rename(key.with_extension("away"), &key).expect("moved back");
    // An editor's key that is kept elsewhere makes statements wait.
    let own = frelon_desk::editor_key_path(&bench.publication());
    let away = bench.publication().with_file_name("editor.key");
    fs::rename(&own, &away).expect("moved");
    bench.put("d", &message("d"));
    bench.intake();
    let report = bench.try_release().expect("drafted");
    assert_eq!((report.released.len(), report.waiting.len()), (0, 1));
    let signer = key::read(&away, None).expect("a key");
    sign(&Disk::new(), &report.waiting[0].path, &signer, |_| true).expect("signed");
    assert_eq!(bench.try_release().expect("released").released.len(), 1);
    assert_eq!(check(&bench).releases.len(), 2);
}

#[test]
fn a_restored_backup_signs_nothing() {
    let bench = bench();
    bench.try_release().expect("released");
    let log = bench.publication().join("vault/log");
    let state = fs::read(log.join("state")).expect("a state");
    bench.put("d", &message("d"));
    bench.intake();
    bench.try_release().expect("released");
    fs::write(log.join("state"), state).expect("set back");
    let error = bench.try_release().expect_err("nothing is signed");
    assert!(matches!(error, DeskError::Fork(_)), "{error}");
    assert!(error.to_string().contains("older backup"), "{error}");
}

#[test]
fn another_title_is_stated_anew() {
    let bench = bench();
    bench.try_release().expect("released");
    let size = ledger(&bench).head().size;
    bench.try_release().expect("nothing to do");
    assert_eq!(ledger(&bench).head().size, size, "nothing new, nothing stated");
    let mut request = bench.request(&[bench.source()]);
    request.collection.title = "Other letters".to_owned();
    frelon_desk::intake(&request, &mut |_: &Progress| ControlFlow::Continue(())).expect("taken in");
    bench.try_release().expect("stated");
    assert_eq!(check(&bench).collections[0].title, "Other letters");
}
