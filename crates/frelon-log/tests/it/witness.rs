//! What a witness answers: every status of the specification, and races.

use frelon_log::{
    Checkpoint, Cosigner, NodeHash, Note, SignedCheckpoint, Signer, TreeHead,
    merkle::{consistency_proof, leaf_hash},
    witness::{AddCheckpoint, Known, Refusal, decide, parse_response, parse_size, print_response},
};
use frelon_model::Instant;

use crate::fixture::{MemoryTree, ORIGIN, log_key, signer};

fn tree() -> MemoryTree {
    MemoryTree::new((0..100u64).map(|number| leaf_hash(&number.to_be_bytes())).collect())
}

fn sign(head: TreeHead) -> SignedCheckpoint {
    let mut note = Note::new(Checkpoint::new(ORIGIN.parse().unwrap(), head).to_string()).unwrap();
    signer().sign(&mut note).unwrap();
    SignedCheckpoint::from_note(note).unwrap()
}

fn request(old_size: u64, new_size: u64) -> AddCheckpoint {
    let tree = tree();
    let proof = consistency_proof(&tree, old_size.min(new_size), new_size).unwrap();
    AddCheckpoint { old_size, proof, checkpoint: sign(tree.head(new_size)) }
}

fn answer(request: &AddCheckpoint, last: Option<TreeHead>) -> Result<TreeHead, Refusal> {
    decide(request, Some(Known { verifiers: &[log_key()], last })).map(|accepted| {
        assert_eq!(accepted.last, last);
        accepted.next
    })
}

#[test]
fn what_only_grows_is_cosigned() {
    let tree = tree();
    for (old, new) in [(0, 0), (0, 1), (0, 7), (1, 2), (3, 7), (4, 8), (7, 7), (64, 100), (99, 100)] {
        let last = (old > 0).then(|| tree.head(old));
        assert_eq!(answer(&request(old, new), last), Ok(tree.head(new)), "{old} to {new}");
    }
    assert_eq!(answer(&request(0, 7), Some(tree.head(0))), Ok(tree.head(7)), "cosigned while it was empty");
}

#[test]
fn each_refusal_has_its_status() {
    let tree = tree();
    let last = Some(tree.head(7));
    let status = |outcome: Result<TreeHead, Refusal>| outcome.expect_err("refused").status();
    assert_eq!(decide(&request(7, 9), None).expect_err("unknown").status(), 404);

    // 403: not signed by a trusted key, or signed wrongly in its name.
    let mut unsigned = request(7, 9);
    let other = Signer::new(ORIGIN.parse().unwrap(), &[1; 32]);
    let mut note = Note::new(unsigned.checkpoint.note().text()).unwrap();
    other.sign(&mut note).unwrap();
    unsigned.checkpoint = SignedCheckpoint::from_note(note).unwrap();
    assert_eq!(status(answer(&unsigned, last)), 403);
    let mut forged = request(7, 9);
    let mut bad = forged.checkpoint.note().signatures()[0].clone();
    bad.bytes[3] ^= 1;
    forged.checkpoint.note_mut().add(bad).unwrap();
    assert_eq!(status(answer(&forged, last)), 403, "a good line beside a wrong one does not help");

    // 400: the old size is larger. Before 409, though both hold.
    assert_eq!(status(answer(&request(8, 7), last)), 400);

    // 409: the old size is not the last one; the body says what is.
    for old in [0, 3, 8] {
        assert_eq!(answer(&request(old, 9), last), Err(Refusal::Conflict { size: 7 }), "{old}");
    }
    assert_eq!(answer(&request(3, 9), None), Err(Refusal::Conflict { size: 0 }), "never cosigned");
    assert_eq!(Refusal::Conflict { size: 7 }.status(), 409);

    // 422: the proof is wrong, too long, or missing.
    for spoil in [
        |proof: &mut Vec<NodeHash>| proof[0].0[0] ^= 1,
        |proof: &mut Vec<NodeHash>| proof.truncate(1),
        |proof: &mut Vec<NodeHash>| proof.push(NodeHash([0; 32])),
        |proof: &mut Vec<NodeHash>| proof.clear(),
    ] {
        let mut wrong = request(7, 9);
        spoil(&mut wrong.proof);
        assert_eq!(status(answer(&wrong, last)), 422);
    }
    let mut from_nothing = request(0, 9);
    from_nothing.proof = vec![NodeHash([0; 32])];
    assert_eq!(status(answer(&from_nothing, None)), 422, "a proof where none is needed");
    let mut same = request(7, 7);
    same.checkpoint = sign(TreeHead { size: 7, root: NodeHash([1; 32]) });
    assert_eq!(answer(&same, last), Err(Refusal::OtherRoot), "the same size with another root");
    assert_eq!(Refusal::OtherRoot.status(), 409);
    same.checkpoint = sign(TreeHead { size: 0, root: NodeHash([1; 32]) });
    same.old_size = 0;
    assert_eq!(status(answer(&same, None)), 422, "an empty tree with a root");
    let other = MemoryTree::new((0..20u64).map(|number| leaf_hash(&(number + 1).to_be_bytes())).collect());
    let fork =
        AddCheckpoint { old_size: 7, proof: consistency_proof(&other, 7, 9).unwrap(), checkpoint: sign(other.head(9)) };
    assert_eq!(status(answer(&fork, last)), 422, "consistent in itself, not with what was cosigned");
}

#[test]
fn requests_have_one_form() {
    let good = request(7, 9);
    let body = good.to_string();
    assert!(body.starts_with("old 7\n"));
    assert_eq!(AddCheckpoint::parse(body.as_bytes()), Ok(good));
    let empty = request(0, 9).to_string();
    assert!(empty.starts_with("old 0\n\n"));
    assert!(AddCheckpoint::parse(empty.as_bytes()).is_ok());
    let hash = format!("{}\n", NodeHash([0; 32]));
    let most = empty.replacen("\n\n", &format!("\n{}\n", hash.repeat(63)), 1);
    assert_eq!(AddCheckpoint::parse(most.as_bytes()).unwrap().proof.len(), 63);
    for bad in [
        String::new(),
        "old 7\n".to_owned(),
        body.replacen("old 7", "old 07", 1),
        body.replacen("old 7", "old -7", 1),
        body.replacen("old 7", "old  7", 1),
        body.replacen("old 7", "size 7", 1),
        body.replacen("old 7\n", "old 7\n\n", 1),
        body.replacen("old 7\n", "old 7\nAAAA\n", 1),
        body.replacen("old 7\n", "", 1),
        body.replacen('\n', "\r\n", 1),
        body[..body.len() - 1].to_owned(),
        empty.replacen("\n\n", &format!("\n{}\n", hash.repeat(64)), 1),
    ] {
        assert!(AddCheckpoint::parse(bad.as_bytes()).is_err(), "{bad:?}");
    }
}

#[test]
fn the_answer_is_taken_for_what_it_is_worth() {
    let checkpoint = sign(tree().head(9));
    let one = Cosigner::new("w.example/1".parse().unwrap(), &[1; 32]);
    let two = Cosigner::new("w.example/2".parse().unwrap(), &[2; 32]);
    let good = one.cosign(&checkpoint, Instant(5)).unwrap();
    let unknown = two.cosign(&checkpoint, Instant(5)).unwrap();
    let mut bad = good.clone();
    bad.bytes[20] ^= 1;
    let body = print_response(&[unknown, bad, good.clone()]);
    assert_eq!(parse_response(body.as_bytes(), &checkpoint, &[one.verifier().clone()]), Ok(vec![good]));
    // A cosignature on another checkpoint is none on this.
    let elsewhere = one.cosign(&sign(tree().head(8)), Instant(5)).unwrap();
    let body = print_response(&[elsewhere]);
    assert_eq!(parse_response(body.as_bytes(), &checkpoint, &[one.verifier().clone()]), Ok(vec![]));
    for bad in ["", "\n", "7\n", &body[..body.len() - 1], &body.repeat(65)] {
        assert!(parse_response(bad.as_bytes(), &checkpoint, &[]).is_err(), "{bad:?}");
    }
    assert_eq!(parse_size(b"20852014\n"), Ok(20_852_014));
    for bad in ["", "7", "07\n", "-1\n", "7\n\n"] {
        assert!(parse_size(bad.as_bytes()).is_err());
    }
}

/// Two requests decided on the same memory: what is stored must be what was decided on, or the later
/// answer rolls the earlier one back.
#[test]
fn racing_requests_cannot_roll_back() {
    let tree = tree();
    let verifiers = [log_key()];
    let mut seed = 1u64;
    let mut random = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let signed: Vec<SignedCheckpoint> = (0..=100).map(|size| sign(tree.head(size))).collect();
    let mut last: Option<TreeHead> = None;
    let mut cosigned: Vec<TreeHead> = Vec::new();
    let mut waiting = Vec::new();
    for _ in 0..10_000 {
        if random(2) == 0 {
            let old = last.map_or(0, |last| last.size);
            let new = old + random(3).min(100 - old);
            let request = AddCheckpoint {
                old_size: old,
                proof: consistency_proof(&tree, old, new).unwrap(),
                checkpoint: signed[usize::try_from(new).unwrap()].clone(),
            };
            waiting.push(decide(&request, Some(Known { verifiers: &verifiers, last })).unwrap());
        } else if !waiting.is_empty() {
            let at = usize::try_from(random(waiting.len() as u64)).unwrap();
            let accepted = waiting.swap_remove(at);
            if accepted.last == last {
                last = Some(accepted.next);
                cosigned.push(accepted.next);
            }
        }
    }
    assert!(cosigned.windows(2).all(|pair| pair[0].size <= pair[1].size), "rolled back");
    assert_eq!(last.unwrap().size, 100);
}
