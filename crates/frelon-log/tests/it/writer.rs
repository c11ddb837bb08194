//! The writer when all goes well, and what it refuses.

use frelon_log::{
    Cosigner, SignedCheckpoint, TreeHead,
    merkle::verify_consistency,
    tile::ENTRY_BYTES_MAX,
    witness::{AddCheckpoint, Known, decide},
    writer::{Cosigning, Error, Refused, Writer},
};
use frelon_model::Instant;

use crate::fixture::{MemoryStore, entries, log_key, signer};

fn open(store: &MemoryStore) -> Writer<&MemoryStore> {
    Writer::open(store, signer(), Vec::new(), &[]).expect("a healthy store")
}

#[test]
fn batches_of_all_sizes_make_the_log_of_one_batch() {
    let all = entries("e", 3000);
    let whole = MemoryStore::default();
    open(&whole).append(&all, &[], None).unwrap();
    let store = MemoryStore::default();
    let mut writer = open(&store);
    assert_eq!((writer.head(), writer.checkpoint()), (TreeHead::empty(), None));
    let mut from = 0;
    for size in [0, 1, 1, 253, 1, 1, 255, 256, 257, 512, 1000, 463] {
        let appended = writer.append(&all[from..from + size], &[], None).unwrap();
        assert_eq!((appended.first_index, appended.count), (from as u64, size as u64));
        from += size;
        assert_eq!(store.check(), all[..from]);
        assert_eq!(writer.head().size, from as u64);
        assert_eq!(store.staged(), 0, "cleaned");
        // Opened anew, it is the same; nothing is written.
        let before = store.objects();
        assert_eq!(open(&store).head(), writer.head());
        assert_eq!(store.objects(), before);
    }
    assert_eq!(from, all.len());
    assert_eq!(writer.head(), open(&whole).head());
    // What the one batch wrote is there byte by byte; the partial tiles on the way come on top.
    let (one, many) = (whole.objects(), store.objects());
    assert!(one.iter().all(|(name, bytes)| many.get(name) == Some(bytes)));
    let first = store.history().first().unwrap().head();
    let proof = frelon_log::merkle::consistency_proof(&writer.tree().unwrap(), first.size, 3000).unwrap();
    assert_eq!(verify_consistency(first, writer.head(), &proof), Ok(()));
}

#[test]
fn large_entries_and_many_packs() {
    let store = MemoryStore::default();
    let mut writer = open(&store);
    // 39 MB in several packs, the bundles full of the longest entries there are.
    let large = vec![vec![9; ENTRY_BYTES_MAX]; 600];
    writer.append(&large, &[], None).unwrap();
    writer.append(entries("e", 300), &[], None).unwrap();
    assert_eq!(store.check().len(), 900);
    let before = store.objects();
    let too_long = [vec![1; 10], vec![1; ENTRY_BYTES_MAX + 1]];
    assert!(matches!(writer.append(&too_long, &[], None), Err(Error::Entry(_))));
    assert_eq!(store.objects(), before);
    writer.append(entries("f", 1), &[], None).expect("an entry that is too long spoils nothing");
    assert_eq!(store.check().len(), 901);
}

#[test]
fn a_restored_backup_signs_nothing() {
    let store = MemoryStore::default();
    let mut writer = open(&store);
    writer.append(entries("a", 300), &[], None).unwrap();
    let backup = store.snapshot();
    writer.append(entries("b", 10), &[], None).unwrap();
    let seen = [writer.checkpoint().unwrap().clone()];
    let outcome = Writer::open(&backup, signer(), Vec::new(), &seen);
    assert!(matches!(outcome, Err(Error::Refused(Refused::Behind { size: 300, .. }))));
    // Seen only later: the same, and the writer can go on once it is known to be wrong.
    let mut restored = open(&backup);
    let before = backup.history();
    assert!(matches!(
        restored.append(entries("c", 50), &seen, None),
        Err(Error::Refused(Refused::Behind { size: 300, .. }))
    ));
    assert_eq!(backup.history(), before, "nothing was published");
    // The state alone set back, below what is published.
    let old = backup.history()[0].to_string().into_bytes();
    store.set_state(Some(old));
    assert!(matches!(
        Writer::open(&store, signer(), Vec::new(), &[]),
        Err(Error::Refused(Refused::Behind { size: 300, .. }))
    ));
    store.set_state(None);
    assert!(matches!(
        Writer::open(&store, signer(), Vec::new(), &[]),
        Err(Error::Refused(Refused::Behind { size: 0, .. }))
    ));
    assert_eq!(store.check().len(), 310, "what was published is untouched");
}

#[test]
fn a_fork_is_noticed_and_kept_as_evidence() {
    let store = MemoryStore::default();
    let mut writer = open(&store);
    writer.append(entries("a", 300), &[], None).unwrap();
    let fork = store.snapshot();
    writer.append(entries("b", 10), &[], None).unwrap();
    let mut other = open(&fork);
    other.append(entries("c", 20), &[], None).unwrap();
    // Ours is smaller: behind. Theirs, which is larger, sees a fork.
    let seen = [writer.checkpoint().unwrap().clone()];
    let Err(Error::Refused(refused)) = other.append(entries("d", 1), &seen, None) else { panic!("a fork was signed") };
    assert!(matches!(&refused, Refused::Forked { .. }));
    assert_eq!(refused.seen(), &seen[0]);
    assert!(matches!(Writer::open(&fork, signer(), Vec::new(), &seen), Err(Error::Refused(Refused::Forked { .. }))));
    // An older checkpoint of our own is fine.
    other.append(entries("d", 1), &fork.history(), None).unwrap();
}

#[test]
fn what_others_did_not_get_from_us_does_not_stop_us() {
    let store = MemoryStore::default();
    let mut writer = open(&store);
    writer.append(entries("a", 3), &[], None).unwrap();
    // Larger, and of our origin, but by another key; and one whose signature is spoilt.
    let stranger = frelon_log::Signer::new(crate::fixture::ORIGIN.parse().unwrap(), &[1; 32]);
    let elsewhere = MemoryStore::default();
    let mut other = Writer::open(&elsewhere, stranger, Vec::new(), &[]).unwrap();
    other.append(entries("x", 100), &[], None).unwrap();
    let larger = MemoryStore::default();
    let mut ours = open(&larger);
    ours.append(entries("x", 100), &[], None).unwrap();
    let mut spoilt = ours.checkpoint().unwrap().clone();
    let mut bad = spoilt.note().signatures()[0].clone();
    spoilt.note_mut().remove(&bad.name.clone(), bad.id);
    bad.bytes[0] ^= 1;
    spoilt.note_mut().add(bad).unwrap();
    let seen = [other.checkpoint().unwrap().clone(), spoilt];
    writer.append(entries("b", 1), &seen, None).unwrap();
    assert_eq!(store.check().len(), 4);
    // A state by another key is not ours to go on from.
    assert!(matches!(Writer::open(&elsewhere, signer(), Vec::new(), &[]), Err(Error::ForeignState)));
    store.set_state(Some(b"nonsense".to_vec()));
    assert!(matches!(Writer::open(&store, signer(), Vec::new(), &[]), Err(Error::ForeignState)));
}

#[test]
fn of_two_writers_one_passes() {
    let store = MemoryStore::default();
    open(&store).append(entries("a", 300), &[], None).unwrap();
    let (mut one, mut two) = (open(&store), open(&store));
    one.append(entries("b", 10), &[], None).unwrap();
    // Another batch from the same state, which the gate sees because it is published already.
    assert!(matches!(two.append(entries("c", 10), &[], None), Err(Error::Refused(Refused::Behind { .. }))));
    // Not yet published: it is the swap that decides.
    let (mut one, mut two) = (open(&store), open(&store));
    let published = store.history().last().unwrap().to_string().into_bytes();
    one.append(entries("d", 10), &[], None).unwrap();
    let latest = store.history().last().unwrap().to_string().into_bytes();
    store.set_published(Some(published));
    assert!(matches!(two.append(entries("e", 10), &[], None), Err(Error::Lost)));
    store.set_published(Some(latest));
    assert!(matches!(two.append(entries("e", 10), &[], None), Err(Error::Spent)));
    assert_eq!(open(&store).head().size, 320);
    assert_eq!(store.check().len(), 320);
}

#[test]
fn a_tree_has_one_continuation_that_is_signed() {
    let store = MemoryStore::default();
    open(&store).append(entries("a", 300), &[], None).unwrap();
    let (mut one, mut two, mut three) = (open(&store), open(&store), open(&store));
    let mut signed = Vec::new();
    // The first stops after it signed, before it committed. The second starts from the same tree.
    let outcome = one.append(
        entries("b", 10),
        &[],
        Some(&mut |cosigning| {
            signed.push(cosigning.checkpoint.head());
            store.fail_at(0, crate::fixture::Fault::Stop);
            Vec::new()
        }),
    );
    assert!(outcome.is_err());
    store.heal();
    let mut second = |cosigning: Cosigning<'_>| {
        signed.push(cosigning.checkpoint.head());
        Vec::new()
    };
    assert!(two.append(entries("c", 20), &[], Some(&mut second)).is_err());
    assert_eq!(open(&store).head().size, 310);
    // The third comes when all is cleaned away; it sees that the state is another.
    store.set_published(None);
    assert!(matches!(three.append(entries("d", 30), &[], Some(&mut second)), Err(Error::Lost)));
    assert_eq!(signed.len(), 1, "one signature after the tree of 300");
    assert_eq!(open(&store).head().size, 310);
    assert_eq!(store.check().len(), 310);
}

/// A witness of the protocol, with what it remembers.
struct Witness {
    cosigner: Cosigner,
    last: Option<TreeHead>,
}

impl Witness {
    fn new(number: u8) -> Self {
        Self { cosigner: Cosigner::new(format!("w{number}.example").parse().unwrap(), &[number; 32]), last: None }
    }

    fn cosign(&mut self, cosigning: &Cosigning<'_>, at: i64) -> Option<frelon_log::Signature> {
        let old_size = self.last.map_or(0, |last| last.size);
        let proof = cosigning.proof_from(old_size)?;
        let body = AddCheckpoint { old_size, proof, checkpoint: cosigning.checkpoint.clone() }.to_string();
        let request = AddCheckpoint::parse(body.as_bytes()).unwrap();
        let accepted = decide(&request, Some(Known { verifiers: &[log_key()], last: self.last })).ok()?;
        self.last = Some(accepted.next);
        Some(self.cosigner.cosign(&request.checkpoint, Instant(at)).unwrap())
    }
}

#[test]
fn witnesses_cosign_before_readers_see() {
    let store = MemoryStore::default();
    let (mut one, mut two) = (Witness::new(1), Witness::new(2));
    let known = vec![one.cosigner.verifier().clone(), two.cosigner.verifier().clone()];
    let mut writer = Writer::open(&store, signer(), known.clone(), &[]).unwrap();
    for batch in 0..4 {
        writer
            .append(
                entries("e", 290),
                &[],
                Some(&mut |cosigning| {
                    // The second is asked every other time, and catches up over batches it did not see.
                    let second = if batch % 2 == 1 { two.cosign(&cosigning, batch) } else { None };
                    let stranger = Witness::new(9).cosign(&cosigning, batch);
                    let mut bad = one.cosign(&cosigning, batch).unwrap();
                    let good = bad.clone();
                    bad.bytes[30] ^= 1;
                    [Some(bad), Some(good), second, stranger].into_iter().flatten().collect()
                }),
            )
            .unwrap();
        let published = store.history().last().unwrap().clone();
        assert_eq!(published.note().signatures().len(), if batch % 2 == 1 { 3 } else { 2 }, "good ones alone");
        let verified = published.open(&known).unwrap();
        assert!(verified.iter().all(|verified| verified.cosigned_at == Some(Instant(batch))));
    }
    // The same log, a day later: newer cosignatures in place of the old ones.
    let later =
        |witness: &mut Witness, cosigning: &Cosigning<'_>| witness.cosign(cosigning, 1000).into_iter().collect();
    assert!(writer.recosign(&[], &mut |cosigning| later(&mut one, &cosigning)).unwrap());
    let published = store.history().last().unwrap().clone();
    let mut times: Vec<_> = published.open(&known).unwrap().iter().map(|verified| verified.cosigned_at).collect();
    times.sort();
    assert_eq!(times, [Some(Instant(3)), Some(Instant(1000))]);
    assert!(!writer.recosign(&[], &mut |_| Vec::new()).unwrap(), "nothing new");
    assert_eq!(store.check().len(), 4 * 290);
    assert_eq!(Writer::open(&store, signer(), known, &[]).unwrap().checkpoint(), Some(&published));
}

#[test]
fn what_a_witness_saw_before_the_machine_stopped_is_committed() {
    let store = MemoryStore::default();
    let mut writer = open(&store);
    writer.append(entries("a", 300), &[], None).unwrap();
    let mut seen: Vec<SignedCheckpoint> = Vec::new();
    let outcome = writer.append(
        entries("b", 700),
        &[],
        Some(&mut |cosigning| {
            seen.push(cosigning.checkpoint.clone());
            // From here on nothing reaches the store.
            store.fail_at(0, crate::fixture::Fault::Stop);
            Vec::new()
        }),
    );
    assert!(matches!(outcome, Err(Error::Store(_))));
    store.heal();
    // The very batch that was seen is committed, whether the witness can be asked or not.
    assert_eq!(open(&store.snapshot()).head(), seen[0].head());
    let writer = Writer::open(&store, signer(), Vec::new(), &seen).unwrap();
    assert_eq!(writer.head(), seen[0].head());
    assert_eq!(store.check(), [entries("a", 300), entries("b", 700)].concat());
    assert_eq!(store.staged(), 0);
}

#[test]
fn damage_is_noticed_before_anything_is_signed() {
    let store = MemoryStore::default();
    open(&store).append(entries("a", 700), &[], None).unwrap();
    let signed = store.history().len();
    for name in ["tile/0/002.p/188", "tile/1/000.p/2", "tile/entries/002.p/188"] {
        let damaged = store.snapshot();
        damaged.change(name, |bytes| bytes[5] ^= 1);
        let outcome = Writer::open(&damaged, signer(), Vec::new(), &[]);
        assert!(matches!(outcome, Err(Error::Damaged(_))), "{name}");
        assert_eq!(damaged.history().len(), signed);
    }
}
