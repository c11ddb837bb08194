//! A sync that is stopped at any point: the next one comes to its end, and what is shown never goes
//! back.

use std::{fs, io, path::Path};

use frelon_durable::{After, Disk, Fault};
use frelon_log::SignedCheckpoint;
use frelon_mirror::sync::{Mirror, Options};
use frelon_public::{Manifest, statement::WithdrawMode};
use frelon_testkit::{NewItem, Press, PressOptions, logged_publication};

use crate::host::{Host, assert_nothing_wrong, assert_same, open_for, sync, with_policy};

fn shown(directory: &Path) -> (u64, u64) {
    let public = directory.join("public");
    let checkpoint = fs::read(public.join("checkpoint")).ok();
    let size = checkpoint.map_or(0, |bytes| SignedCheckpoint::parse(&bytes).expect("whole").head().size);
    let manifest = Manifest::load(&public).expect("whole").map_or(0, |manifest| manifest.log.size);
    (size, manifest)
}

/// Kills a sync at every operation of the disk, and goes on.
fn kill_at_every_step(make: impl Fn(&Path) -> Press, news: impl Fn(&mut Press)) {
    let folder = tempfile::tempdir().unwrap();
    let mut press = make(folder.path());
    let host = Host::honest(&press.public());
    let before = tempfile::tempdir().unwrap();
    sync(&mut open_for(before.path(), &press), &[&host]).unwrap();
    let old = shown(before.path());
    news(&mut press);
    let disk = Disk::recording();
    let trial = tempfile::tempdir().unwrap();
    copy(before.path(), trial.path());
    let options = Options { disk: disk.clone(), ..with_policy(&press) };
    sync(&mut Mirror::open(trial.path(), options).unwrap(), &[&host]).unwrap();
    let operations = disk.records().len();
    assert!(operations > 10, "{operations}");
    for at in (0..operations).step_by(1 + operations / 25) {
        for persisted in [false, true] {
            let target = tempfile::tempdir().unwrap();
            copy(before.path(), target.path());
            let fault = Fault { at, persisted, kind: io::ErrorKind::Other, after: After::Dead };
            let options = Options { disk: Disk::failing(fault), ..with_policy(&press) };
            let died = Mirror::open(target.path(), options).and_then(|mut mirror| sync(&mut mirror, &[&host]));
            assert!(died.is_err(), "operation {at} failed and nobody noticed");
            let now = shown(target.path());
            assert!(now.0 >= old.0 && now.1 >= old.1, "operation {at}: {now:?} after {old:?}");
            sync(&mut open_for(target.path(), &press), &[&host]).expect("the next one goes on");
            assert_same(&press, target.path());
        }
    }
}

fn copy(from: &Path, to: &Path) {
    for path in crate::host::files(from) {
        let target = to.join(&path);
        fs::create_dir_all(target.parent().expect("a folder")).expect("room");
        fs::copy(from.join(path), target).expect("copied");
    }
}

fn small(folder: &Path) -> Press {
    logged_publication(folder, 30, PressOptions { volume_bytes_max: 4_000, ..PressOptions::default() })
}

#[test]
fn killed_while_a_release_is_fetched() {
    kill_at_every_step(small, |press| {
        let items: Vec<NewItem> =
            (31..300).map(|number| NewItem::message(number, format!("Subject: {number}\r\n\r\nx\r\n"))).collect();
        press.release("lake", 2, "Second part", &items);
    });
}

#[test]
fn killed_while_withdrawals_are_followed() {
    kill_at_every_step(small, |press| {
        press.withdraw("lake", 3, WithdrawMode::Erase, None);
        press.withdraw("lake", 29, WithdrawMode::Hide, None);
    });
}

#[test]
fn killed_from_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let press = small(folder.path());
    let host = Host::honest(&press.public());
    for at in (0..400).step_by(9) {
        let target = tempfile::tempdir().unwrap();
        let fault = Fault { at, persisted: at % 2 == 0, kind: io::ErrorKind::StorageFull, after: After::Dead };
        let options = Options { disk: Disk::failing(fault), ..with_policy(&press) };
        let _died = Mirror::open(target.path(), options).and_then(|mut mirror| sync(&mut mirror, &[&host]));
        assert_nothing_wrong(&press, target.path());
        sync(&mut open_for(target.path(), &press), &[&host]).expect("the next one goes on");
        assert_same(&press, target.path());
    }
}
