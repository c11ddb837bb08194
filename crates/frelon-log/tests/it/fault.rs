//! Every call to the store fails once, in each way, and the machine stops before each of them. What
//! was published then is a log, nothing is rolled back or forked, and opening it again completes.

use frelon_log::{
    SignedCheckpoint,
    tile::ENTRY_BYTES_MAX,
    writer::{Error, Writer},
};

use sha2::{Digest, Sha256};

use crate::fixture::{Fault, MemoryStore, entries, signer};

type Outcome = Result<(), Error<crate::fixture::Failed>>;

/// What is done again and again: open, and append one batch; `seen` takes what a witness saw.
fn act(store: &MemoryStore, batch: &[Vec<u8>], seen: &mut Vec<SignedCheckpoint>) -> Outcome {
    let before = seen.clone();
    let mut writer = Writer::open(store, signer(), Vec::new(), &before)?;
    let mut cosign = |cosigning: frelon_log::writer::Cosigning<'_>| {
        // The witness asks for a proof, which reads the store.
        let _proof = cosigning.proof_from(1);
        seen.push(cosigning.checkpoint.clone());
        Vec::new()
    };
    writer.append(batch, &before, Some(&mut cosign)).map(drop)
}

/// A log of `first` entries, to which a batch is added while a call fails.
fn inject(first: u64, batch: &[Vec<u8>]) -> usize {
    let base = MemoryStore::default();
    if first > 0 {
        Writer::open(&base, signer(), Vec::new(), &[]).unwrap().append(entries("a", first), &[], None).unwrap();
    }
    let healthy = base.snapshot();
    healthy.fail_at(usize::MAX, Fault::Stop);
    act(&healthy, batch, &mut Vec::new()).unwrap();
    let calls = healthy.calls();
    let before = entries("a", first);
    let after = [&before[..], batch].concat();
    assert_eq!(healthy.check(), after);
    for fault in [Fault::Lost, Fault::Done, Fault::Half, Fault::Stop] {
        for call in 0..calls {
            let store = base.snapshot();
            let mut seen = Vec::new();
            store.fail_at(call, fault);
            let outcome = act(&store, batch, &mut seen);
            // While it lies there: a log, old or new.
            let published = store.check();
            // A proof for a witness that cannot be made costs its cosignature and no more.
            let is_done = outcome.is_ok() && published == after;
            assert!(is_done || matches!(outcome, Err(Error::Store(_))), "{fault:?} at {call}: {outcome:?}");
            assert!(published == before || published == after, "{fault:?} at {call}");
            // The second try fails too, at every few places.
            for again in (0..calls).step_by(1 + calls / 7) {
                let store = store.snapshot();
                let mut seen = seen.clone();
                store.fail_at(again, fault);
                let second = Writer::open(&store, signer(), Vec::new(), &seen).map(drop);
                let _published = store.check();
                store.heal();
                recover(&store, &before, &after, &mut seen, second.is_ok());
            }
            store.heal();
            recover(&store, &before, &after, &mut seen, false);
        }
    }
    calls
}

/// Opens the store, which must succeed, then appends another batch.
fn recover(
    store: &MemoryStore,
    before: &[Vec<u8>],
    after: &[Vec<u8>],
    seen: &mut Vec<SignedCheckpoint>,
    is_open: bool,
) {
    let mut writer = Writer::open(store, signer(), Vec::new(), seen).expect("recovery completes");
    let recovered = store.check();
    // A batch that a witness saw is there; one that nobody saw may be, whole, or not at all.
    assert!(recovered == *after || (recovered == *before && seen.is_empty()), "neither old nor new (open: {is_open})");
    assert_eq!(writer.head().size, recovered.len() as u64);
    let objects = store.objects();
    drop(Writer::open(store, signer(), Vec::new(), seen).expect("recovery is idempotent"));
    assert_eq!(store.objects(), objects);
    let more = entries("other", 400);
    writer.append(&more, seen, None).expect("the log goes on");
    assert_eq!(store.check(), [&recovered[..], &more].concat());
    seen.extend(store.history());
    Writer::open(store, signer(), Vec::new(), seen).expect("consistent with all that was ever seen");
}

#[test]
fn every_call_fails_once_and_the_log_lives() {
    // The first entries of a log, a bundle that becomes full, and both with tiles above.
    let calls: Vec<usize> =
        [(0, 1), (0, 300), (200, 56), (250, 600)].map(|(first, more)| inject(first, &entries("b", more))).to_vec();
    assert!(calls.iter().all(|calls| *calls >= 15), "{calls:?}");
}

#[test]
fn every_call_fails_once_with_many_packs() {
    // 20 MB: three packs, so that staging, publishing and cleaning stop in the middle.
    let mut batch = vec![vec![7; ENTRY_BYTES_MAX]; 300];
    batch.push(b"the last".to_vec());
    let base = MemoryStore::default();
    Writer::open(&base, signer(), Vec::new(), &[]).unwrap().append(entries("a", 5), &[], None).unwrap();
    let healthy = base.snapshot();
    healthy.fail_at(usize::MAX, Fault::Stop);
    act(&healthy, &batch, &mut Vec::new()).unwrap();
    for call in 0..healthy.calls() {
        for fault in [Fault::Done, Fault::Half, Fault::Stop] {
            let store = base.snapshot();
            let mut seen = Vec::new();
            store.fail_at(call, fault);
            let outcome = act(&store, &batch, &mut seen);
            assert!(outcome.is_err() || store.check().len() == 306, "{fault:?} at {call}");
            store.heal();
            let size = Writer::open(&store, signer(), Vec::new(), &seen).expect("recovery completes").head().size;
            assert!(size == 306 || (size == 5 && seen.is_empty()), "{fault:?} at {call}");
            assert_eq!(store.check().len() as u64, size);
        }
    }
}

/// Appends 300 entries and stops when all lies staged, the checkpoint is signed, and a witness saw it.
fn stop_after_signing(base: &MemoryStore) -> Vec<SignedCheckpoint> {
    let mut seen = Vec::new();
    let mut writer = Writer::open(base, signer(), Vec::new(), &[]).unwrap();
    let mut cosign = |cosigning: frelon_log::writer::Cosigning<'_>| {
        seen.push(cosigning.checkpoint.clone());
        base.fail_at(0, Fault::Stop);
        Vec::new()
    };
    assert!(writer.append(entries("b", 300), &[], Some(&mut cosign)).is_err());
    base.heal();
    seen
}

#[test]
fn what_was_staged_and_changed_on_the_disk_is_not_signed() {
    let base = MemoryStore::default();
    Writer::open(&base, signer(), Vec::new(), &[]).unwrap().append(entries("a", 300), &[], None).unwrap();
    let seen = stop_after_signing(&base);
    let staged: Vec<String> = base.objects().into_keys().filter(|name| name.starts_with("staging/")).collect();
    assert_eq!(staged.len(), 3, "a pack, a list, an intent");
    for name in staged {
        let length = base.objects()[&name].len();
        for at in (0..length).step_by(1 + length / 60) {
            let store = base.snapshot();
            store.change(&name, |bytes| bytes[at] ^= 1);
            let outcome = Writer::open(&store, signer(), Vec::new(), &seen).map(|writer| writer.head());
            assert!(outcome.is_err(), "{name} at {at}");
            assert_eq!(store.check().len(), 300);
        }
    }
}

#[test]
fn what_was_already_wrong_when_it_was_staged_is_not_signed() {
    // A bit that flipped in memory: the pack has the right name for its wrong bytes.
    let base = MemoryStore::default();
    Writer::open(&base, signer(), Vec::new(), &[]).unwrap().append(entries("a", 300), &[], None).unwrap();
    let seen = stop_after_signing(&base);
    let objects = base.objects();
    let is_pack = |name: &&String| name.starts_with("staging/300/") && !name.ends_with("/intent");
    let pack = objects.keys().find(is_pack).unwrap();
    let list = objects.keys().find(|name| name.starts_with("staging/600-")).unwrap();
    for at in (0..objects[pack].len()).step_by(1 + objects[pack].len() / 200) {
        let store = base.snapshot();
        let mut bytes = objects[pack].clone();
        bytes[at] ^= 4;
        let hash = hex::encode(Sha256::digest(&bytes));
        store.insert(format!("staging/300/{hash}"), bytes);
        store.insert(list.clone(), format!("300\n{hash}\n").into_bytes());
        let outcome = Writer::open(&store, signer(), Vec::new(), &seen).map(|writer| writer.head());
        assert!(matches!(outcome, Err(Error::Damaged(_))), "at {at}: {outcome:?}");
        assert_eq!(store.check().len(), 300);
    }
}
