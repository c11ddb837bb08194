//! Mirroring as it should go: from nothing, news, withdrawals, subsets, and what is said of peers.

use std::{fs, path::Path};

use frelon_log::{Cosigner, SignedCheckpoint};
use frelon_mirror::{
    fetch::{Directory, Source},
    sync::{Event, Follow, Mirror, MirrorError, Options, Shown},
    witness::monitoring_path,
};
use frelon_model::{CollectionId, Tranche};
use frelon_public::{
    Manifest, PublicTree,
    statement::{Body, Description, WithdrawMode},
};
use frelon_testkit::{NewItem, Press, PressOptions, logged_publication};

use crate::{
    host::{Host, NOW, answer, assert_nothing_wrong, assert_same, files, open, open_for, press, sync, with_policy},
    server::Reply,
};

/// More items, as a release of their own.
fn more(first: u64, count: u64) -> Vec<NewItem> {
    let text = |number: u64| format!("Subject: Later {number}\r\n\r\nMore of {number}.\r\n");
    (first..first + count).map(|number| NewItem::message(number, text(number))).collect()
}

/// A press that goes on with a copied publication, with statements of its own.
fn second_face(folder: &Path) -> Press {
    let mut press = Press::new(folder, PressOptions::default());
    for _ in 0..9 {
        // Ids that the copy has used up already.
        let description = Description { title: "unused".to_owned(), about: String::new() };
        let _unused = press.statement(Some(&CollectionId::new("lake").unwrap()), Body::Collection(description));
    }
    press
}

fn copy(from: &Path, to: &Path) {
    for path in files(from) {
        let target = to.join(&path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(from.join(path), target).unwrap();
    }
}

#[test]
fn a_mirror_from_nothing_shows_what_the_publisher_shows() {
    let (folder, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let press = press(folder.path());
    let host = Host::honest(&press.public());
    let report = sync(&mut open(target.path()), &[&host]).unwrap();
    assert!(report.has_changed && report.volumes > 3 && report.entries == report.head.size);
    assert_same(&press, target.path());
    let tree = PublicTree::open(&target.path().join("public")).unwrap();
    assert_eq!(tree.manifest().releases[0].item_count, 600);
}

#[test]
fn a_stick_is_a_peer_too() {
    let (folder, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let press = press(folder.path());
    let sources: Vec<Box<dyn Source>> = vec![Box::new(Directory::new(folder.path()))];
    open(target.path()).sync(&sources, NOW, &|_: Event<'_>| {}).unwrap();
    assert_same(&press, target.path());
}

#[test]
fn nothing_new_is_one_request() {
    let (folder, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let press = press(folder.path());
    let host = Host::honest(&press.public());
    let mut mirror = open(target.path());
    sync(&mut mirror, &[&host]).unwrap();
    host.server.forget();
    let report = sync(&mut mirror, &[&host]).unwrap();
    assert!(!report.has_changed);
    assert_eq!(host.asked(), ["checkpoint"]);
    assert!(host.server.requests()[0].field("if-none-match").is_some());
    // A process that has just started looks around once more, and fetches nothing.
    drop(mirror);
    host.server.forget();
    let report = sync(&mut open(target.path()), &[&host]).unwrap();
    assert!(!report.has_changed && report.volumes == 0 && report.entries == 0);
    assert!(host.asked().iter().all(|path| !path.starts_with("volume/") && !path.starts_with("tile/")));
}

#[test]
fn news_are_fetched_and_nothing_else() {
    let (folder, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut press = press(folder.path());
    let host = Host::honest(&press.public());
    let mut mirror = open(target.path());
    sync(&mut mirror, &[&host]).unwrap();
    host.server.forget();
    press.release("lake", 2, "Second part", &more(601, 20));
    let report = sync(&mut mirror, &[&host]).unwrap();
    assert_eq!((report.volumes, report.has_changed), (1, true));
    assert_same(&press, target.path());
    let volumes: Vec<String> = host.asked().into_iter().filter(|path| path.starts_with("volume/")).collect();
    assert_eq!(volumes, ["volume/lake/2.1.zip"]);
}

#[test]
fn trust_begins_with_what_is_shown_or_with_a_policy() {
    let (folder, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let press = press(folder.path());
    let host = Host::honest(&press.public());
    let first = std::sync::Mutex::new(0);
    let mut mirror = open(target.path());
    let watch = |event: Event<'_>| {
        if let Event::FirstContact { log, .. } = event {
            assert_eq!(log, press.log_signer().verifier());
            *first.lock().unwrap() += 1;
        }
    };
    mirror.sync(&[host.source()], NOW, &watch).unwrap();
    mirror.sync(&[host.source()], NOW, &watch).unwrap();
    assert_eq!(*first.lock().unwrap(), 1, "said once");
    // Whoever shows another log later is refused.
    let (other_folder, other_target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let other = logged_publication(other_folder.path(), 3, PressOptions::default());
    fs::write(other_folder.path().join("public/policy"), "log x\n").unwrap();
    let garbage = Host::honest(&other.public());
    assert!(matches!(sync(&mut open(other_target.path()), &[&garbage]), Err(MirrorError::NoPeer { .. })));
    assert!(!other_target.path().join("mirror/policy").exists());
}

#[test]
fn peers_that_show_different_logs_at_first_contact_are_not_chosen_between() {
    let (folder, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let press = press(folder.path());
    let honest = Host::honest(&press.public());
    let forged_key = frelon_log::Signer::new("mallory.example/log".parse().unwrap(), &[66; 32]);
    let policy = format!("log {}\nquorum none\n", forged_key.verifier()).into_bytes();
    let checkpoint = crate::hostile::signed(&forged_key, press.reader().head()).to_string().into_bytes();
    let mallory = Host::tweaked(&press.public(), move |request, path, _| match path {
        "policy" => Some(answer(request, policy.clone())),
        "checkpoint" => Some(answer(request, checkpoint.clone())),
        _ => None,
    });
    let outcome = sync(&mut open(target.path()), &[&mallory, &honest]);
    assert!(matches!(outcome, Err(MirrorError::Disagreement)), "{outcome:?}");
    sync(&mut open_for(target.path(), &press), &[&mallory, &honest]).unwrap();
    assert_same(&press, target.path());
}

#[test]
fn the_quorum_of_the_policy_is_asked_for() {
    let (folder, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let press = logged_publication(folder.path(), 5, PressOptions { witnesses: 2, ..PressOptions::default() });
    let bare = Host::tweaked(&press.public(), |request, path, bytes| {
        let text = String::from_utf8(bytes.filter(|_| path == "checkpoint")?.to_vec()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        Some(answer(request, format!("{}\n", lines[..lines.len() - 1].join("\n")).into_bytes()))
    });
    let outcome = sync(&mut open_for(target.path(), &press), &[&bare]);
    assert!(matches!(outcome, Err(MirrorError::NoPeer { .. })), "{outcome:?}");
    sync(&mut open_for(target.path(), &press), &[&bare, &Host::honest(&press.public())]).unwrap();
    assert_same(&press, target.path());
}

#[test]
fn an_older_log_is_not_gone_back_to() {
    let (folder, old, target) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut press = press(folder.path());
    copy(&press.public(), old.path());
    press.release("lake", 2, "Second part", &more(601, 20));
    let host = Host::honest(&press.public());
    let mut mirror = open(target.path());
    sync(&mut mirror, &[&host]).unwrap();
    host.show(old.path());
    let report = sync(&mut mirror, &[&host]).unwrap();
    assert!(matches!(report.peers[0].shown, Shown::Older { .. }), "{:?}", report.peers);
    assert_same(&press, target.path());
    // A restored backup of the checkpoint does not help it either: the manifest remembers.
    fs::copy(old.path().join("checkpoint"), target.path().join("public/checkpoint")).unwrap();
    drop(mirror);
    assert!(
        sync(&mut open(target.path()), &[&host]).is_err() || {
            let manifest = Manifest::load(&target.path().join("public")).unwrap().unwrap();
            manifest.log.size == press.reader().head().size
        }
    );
    host.show(&press.public());
    sync(&mut open(target.path()), &[&host]).unwrap();
    assert_same(&press, target.path());
}

#[test]
fn a_withdrawal_is_followed_without_fetching() {
    let (folder, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut press = press(folder.path());
    let host = Host::honest(&press.public());
    let mut mirror = open(target.path());
    sync(&mut mirror, &[&host]).unwrap();
    press.withdraw("lake", 300, WithdrawMode::Erase, None);
    press.withdraw("lake", 301, WithdrawMode::Hide, None);
    press.withdraw("lake", 1, WithdrawMode::Hide, None);
    host.server.forget();
    let report = sync(&mut mirror, &[&host]).unwrap();
    assert_eq!((report.volumes, report.has_changed), (0, true));
    assert!(report.rewritten >= 2);
    assert!(host.asked().iter().all(|path| !path.starts_with("volume/")));
    assert_same(&press, target.path());
}

#[test]
fn nothing_withdrawn_comes_back() {
    let (folder, old, target) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut press = press(folder.path());
    copy(&press.public(), old.path());
    press.withdraw("lake", 300, WithdrawMode::Erase, None);
    // A peer with the log as it is and the volumes as they were: a copy kept by somebody who does not follow.
    let old_volumes = old.path().to_owned();
    let stale = Host::tweaked(&press.public(), move |request, path, _| {
        let volume = path.starts_with("volume/").then(|| fs::read(old_volumes.join(path)).ok())??;
        Some(answer(request, volume))
    });
    sync(&mut open_for(target.path(), &press), &[&stale]).unwrap();
    assert_same(&press, target.path());
    // And an old volume that is put back on the disk does not stay.
    for volume in files(&old.path().join("volume")) {
        fs::copy(old.path().join("volume").join(&volume), target.path().join("public/volume").join(&volume)).unwrap();
    }
    sync(&mut open_for(target.path(), &press), &[&stale]).unwrap();
    assert_same(&press, target.path());
}

#[test]
fn what_is_restored_is_fetched_again() {
    let (folder, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut press = logged_publication(folder.path(), 50, PressOptions::default());
    let host = Host::honest(&press.public());
    let mut mirror = open(target.path());
    sync(&mut mirror, &[&host]).unwrap();
    press.withdraw("lake", 7, WithdrawMode::Hide, None);
    sync(&mut mirror, &[&host]).unwrap();
    assert_same(&press, target.path());
    press.restore("lake", 7);
    let report = sync(&mut mirror, &[&host]).unwrap();
    assert_eq!(report.volumes, 1);
    assert_same(&press, target.path());
}

#[test]
fn a_mirror_from_nothing_after_withdrawals_shows_the_same() {
    let (folder, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut press = press(folder.path());
    for number in [1, 2, 299, 600] {
        press.withdraw("lake", number, WithdrawMode::Erase, None);
    }
    sync(&mut open(target.path()), &[&Host::honest(&press.public())]).unwrap();
    assert_same(&press, target.path());
}

#[test]
fn a_volume_that_was_withdrawn_whole_is_not_missed() {
    let (folder, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut press = logged_publication(folder.path(), 5, PressOptions::default());
    press.release("lake", 2, "One", &more(6, 1));
    press.withdraw("lake", 6, WithdrawMode::Erase, None);
    sync(&mut open(target.path()), &[&Host::honest(&press.public())]).unwrap();
    assert_same(&press, target.path());
}

#[test]
fn mirrors_choose_which_withdrawals_they_follow() {
    let (folder, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut press = logged_publication(folder.path(), 20, PressOptions::default());
    let host = Host::honest(&press.public());
    let options = || Options { follow: "court-order,copyright".parse().unwrap(), ..Options::default() };
    sync(&mut Mirror::open(target.path(), options()).unwrap(), &[&host]).unwrap();
    press.withdraw("lake", 7, WithdrawMode::Hide, None);
    sync(&mut Mirror::open(target.path(), options()).unwrap(), &[&host]).unwrap();
    let tree = PublicTree::open(&target.path().join("public")).unwrap();
    assert!(tree.manifest().withdrawn.is_empty(), "its reason is not followed here");
    let mut reader = tree.read_volume(tree.volumes().next().unwrap().1).unwrap();
    assert_eq!(reader.item_count(), 20);
    assert!(reader.next_item().is_some_and(|item| item.is_ok()));
    // From the day it follows, it does as all do.
    sync(&mut open(target.path()), &[&host]).unwrap();
    assert_same(&press, target.path());
    assert_eq!("personal_data".parse::<Follow>().unwrap().to_string().replace('_', "-"), "personal-data");
    assert!("nonsense".parse::<Follow>().is_err());
}

#[test]
fn a_part_is_held_where_a_part_is_asked_for() {
    let (folder, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut press = logged_publication(folder.path(), 20, PressOptions::default());
    press.release("lake", 2, "Second part", &more(21, 20));
    press.describe("sea", "The sea papers", "");
    press.release("sea", 1, "Other", &more(1, 5));
    let host = Host::honest(&press.public());
    let options = Options {
        collections: vec![CollectionId::new("lake").unwrap()],
        tranches: vec![Tranche(2)],
        ..Options::default()
    };
    sync(&mut Mirror::open(target.path(), options).unwrap(), &[&host]).unwrap();
    let tree = PublicTree::open(&target.path().join("public")).unwrap();
    let volumes: Vec<&str> = tree.volumes().map(|(_, volume)| &*volume.path).collect();
    assert_eq!(volumes, ["volume/lake/2.1.zip"]);
    assert_eq!(tree.manifest().releases.len(), 3, "the others are known, and not held here");
    assert_nothing_held_is_wrong(&press.public(), target.path());
    // All of it later: what is here is not fetched again.
    host.server.forget();
    sync(&mut open(target.path()), &[&host]).unwrap();
    assert_same(&press, target.path());
    assert!(!host.asked().contains(&"volume/lake/2.1.zip".to_owned()));
}

fn assert_nothing_held_is_wrong(public: &Path, target: &Path) {
    for path in files(&target.join("public")).iter().filter(|path| path.starts_with("volume/")) {
        assert_eq!(fs::read(target.join("public").join(path)).unwrap(), fs::read(public.join(path)).unwrap());
    }
}

#[test]
fn a_broken_line_is_taken_up_where_it_broke() {
    let (folder, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let press = press(folder.path());
    let host = Host::tweaked(&press.public(), |request, path, bytes| {
        let bytes = bytes.filter(|_| path == "volume/lake/1.1.zip" && request.field("range").is_none())?;
        Some(Reply::Cut { length: bytes.len(), body: bytes[..bytes.len() * 2 / 3].to_vec() })
    });
    sync(&mut open(target.path()), &[&host]).unwrap();
    assert_same(&press, target.path());
    let part = host.server.requests().into_iter().filter(|request| request.path.ends_with("1.1.zip"));
    assert_eq!(part.filter(|request| request.field("range").is_some()).count(), 1);
}

#[test]
fn what_one_peer_left_undone_another_goes_on_with() {
    let (folder, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let press = press(folder.path());
    // Breaks off, never to come back.
    let broken = Host::tweaked(&press.public(), |request, path, bytes| {
        let bytes = bytes.filter(|_| path.starts_with("volume/"))?;
        match request.field("range") {
            None => Some(Reply::Cut { length: bytes.len(), body: bytes[..bytes.len() / 2].to_vec() }),
            Some(_) => Some(Reply::status(503)),
        }
    });
    let honest = Host::honest(&press.public());
    sync(&mut open(target.path()), &[&broken, &honest]).unwrap();
    assert_same(&press, target.path());
}

#[test]
fn several_peers_give_at_the_same_time() {
    let (folder, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let press = press(folder.path());
    let slow = |host: &Path| {
        Host::tweaked(host, |_, path, _| {
            if path.starts_with("volume/") {
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            None
        })
    };
    let hosts = [slow(&press.public()), slow(&press.public()), slow(&press.public())];
    sync(&mut open(target.path()), &[&hosts[0], &hosts[1], &hosts[2]]).unwrap();
    assert_same(&press, target.path());
    for host in &hosts {
        assert!(host.asked().iter().any(|path| path.starts_with("volume/")), "each gave something");
    }
}

#[test]
fn damage_on_the_own_disk_is_mended() {
    let (folder, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut press = press(folder.path());
    let host = Host::honest(&press.public());
    sync(&mut open(target.path()), &[&host]).unwrap();
    press.release("lake", 2, "Second part", &more(601, 20));
    let public = target.path().join("public");
    for path in ["tile/entries/000", "tile/0/000", "volume/lake/1.2.zip"] {
        let mut bytes = fs::read(public.join(path)).unwrap();
        bytes.truncate(bytes.len() / 2);
        fs::write(public.join(path), bytes).unwrap();
    }
    fs::remove_file(public.join("volume/lake/1.3.zip")).unwrap();
    sync(&mut open(target.path()), &[&host]).unwrap();
    assert_same(&press, target.path());
}

#[test]
fn a_mirror_cosigns_what_it_holds_and_shows_it() {
    let (folder, target, second) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let press = press(folder.path());
    let cosigner = || Cosigner::new("mirror.example".parse().unwrap(), &[5; 32]);
    let options = Options { cosigner: Some(cosigner()), ..with_policy(&press) };
    let mut mirror = Mirror::open(target.path(), options).unwrap();
    sync(&mut mirror, &[&Host::honest(&press.public())]).unwrap();
    let path = target.path().join("public").join(monitoring_path(&press.reader().checkpoint().checkpoint().origin));
    let seen = SignedCheckpoint::parse(&fs::read(&path).unwrap()).unwrap();
    let keys = [press.log_signer().verifier().clone(), cosigner().verifier().clone()];
    assert_eq!(seen.open(&keys).unwrap().len(), 2);
    assert_eq!(seen.head(), press.reader().head());
    // A mirror is a peer of other mirrors.
    let host = Host::honest(&target.path().join("public"));
    sync(&mut open(second.path()), &[&host]).unwrap();
    assert_same(&press, second.path());
}

#[test]
fn two_mirrors_of_two_histories_leave_proof_when_they_meet() {
    use frelon_mirror::evidence::Fork;
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut first = press(one.path());
    copy(one.path(), other.path());
    let mut second = second_face(other.path());
    // The same key, another continuation: what a stolen key, or a publisher with two faces, does.
    first.release("lake", 2, "One face", &more(601, 3));
    second.release("lake", 2, "Other face", &more(601, 30));
    let (mirrors, hosts) = (
        [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()],
        [Host::honest(&first.public()), Host::honest(&second.public())],
    );
    for (mirror, host) in mirrors.iter().zip(&hosts) {
        sync(&mut open(mirror.path()), &[host]).unwrap();
    }
    // The smaller meets the larger, and the larger the smaller.
    for (at, with, press) in [(0, 1, &first), (1, 0, &second)] {
        let met = Host::honest(&mirrors[with].path().join("public"));
        let report = sync(&mut open(mirrors[at].path()), &[&hosts[at], &met]).unwrap();
        assert_eq!(report.peers[1].shown, Shown::Forked);
        assert!(report.peers[1].dropped.is_some());
        let proof = fs::read(&report.forks[0]).unwrap();
        let fork = Fork::parse(&proof).unwrap();
        assert_eq!(fork.log(), press.log_signer().verifier());
        for at in (0..proof.len()).step_by(7) {
            let mut bad = proof.clone();
            bad[at] ^= 1;
            assert!(Fork::parse(&bad).is_err() || Fork::parse(&bad).unwrap() == fork, "byte {at}");
        }
        assert_same(press, mirrors[at].path());
    }
    // One that is new and meets both keeps the larger, and the proof.
    let new = tempfile::tempdir().unwrap();
    let report = sync(&mut open(new.path()), &[&hosts[0], &hosts[1]]).unwrap();
    assert_eq!(report.forks.len(), 1);
    assert!(
        fs::read_dir(new.path())
            .unwrap()
            .any(|entry| { entry.unwrap().file_name().to_string_lossy().starts_with("fork-") })
    );
}

#[test]
fn a_witness_that_saw_the_other_history_is_proof_too() {
    let (one, other, target) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut first = press(one.path());
    copy(one.path(), other.path());
    let mut second = second_face(other.path());
    first.release("lake", 2, "One face", &more(601, 3));
    second.release("lake", 2, "Other face", &more(601, 2));
    let seen = second.reader().checkpoint().to_string().into_bytes();
    let host = Host::tweaked(&first.public(), move |request, path, _| {
        path.starts_with("witness/").then(|| answer(request, seen.clone()))
    });
    let report = sync(&mut open(target.path()), &[&host]).unwrap();
    assert_eq!(report.forks.len(), 1);
    assert_nothing_wrong(&first, target.path());
}

#[test]
fn one_process_mirrors_into_a_directory() {
    let target = tempfile::tempdir().unwrap();
    let _first = open(target.path());
    assert!(matches!(Mirror::open(target.path(), Options::default()), Err(MirrorError::Locked { .. })));
}

#[test]
fn a_directory_mirrors_one_log() {
    let (folder, other_folder, target) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let press = logged_publication(folder.path(), 3, PressOptions::default());
    sync(&mut open(target.path()), &[&Host::honest(&press.public())]).unwrap();
    let other = frelon_log::Signer::new("other.example/log".parse().unwrap(), &[77; 32]);
    let policy = format!("log {}\nquorum none\n", other.verifier());
    let options = Options { policy: Some(frelon_log::Policy::parse(policy.as_bytes()).unwrap()), ..Options::default() };
    let mut mirror = Mirror::open(target.path(), options).unwrap();
    let outcome = sync(&mut mirror, &[&Host::honest(other_folder.path())]);
    assert!(matches!(outcome, Err(MirrorError::OtherLog { .. })), "{outcome:?}");
}
