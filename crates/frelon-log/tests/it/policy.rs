//! Policies: what is one, and what it says of a checkpoint.

use frelon_log::{
    Checkpoint, Cosigner, Note, Policy, SignedCheckpoint, Signer, TreeHead,
    note::KeyName,
    policy::{Member, PolicyError},
};
use frelon_model::Instant;
use proptest::prelude::*;

use crate::fixture::{ORIGIN, log_key, signer};

fn cosigner(number: u8) -> Cosigner {
    Cosigner::new(format!("w{number}.example").parse().unwrap(), &[number; 32])
}

/// Witnesses 1 to `count`, and then the lines given.
fn policy(count: u8, lines: &str) -> Policy {
    Policy::parse(text(count, lines).as_bytes()).unwrap()
}

fn text(count: u8, lines: &str) -> String {
    let witness = |number| format!("witness w{number} {}\n", cosigner(number).verifier());
    format!("log {}\n{}{lines}", log_key(), (1..=count).map(witness).collect::<String>())
}

fn checkpoint(witnesses: &[u8]) -> SignedCheckpoint {
    let mut note = Note::new(Checkpoint::new(ORIGIN.parse().unwrap(), TreeHead::empty()).to_string()).unwrap();
    signer().sign(&mut note).unwrap();
    let mut checkpoint = SignedCheckpoint::from_note(note).unwrap();
    for number in witnesses {
        let signature = cosigner(*number).cosign(&checkpoint, Instant(1000 + i64::from(*number))).unwrap();
        checkpoint.note_mut().add(signature).unwrap();
    }
    checkpoint
}

#[test]
fn the_example_of_the_specification_holds() {
    let lines = "group X 2 w1 w2 w3\ngroup Y any w4 w5 w6\ngroup X-and-Y all X Y\nquorum X-and-Y\n";
    let policy = policy(6, lines);
    assert_eq!((policy.logs().len(), policy.witnesses().len(), policy.groups().len()), (1, 6, 3));
    assert_eq!(policy.quorum(), Some(Member::Group(2)));
    for bits in 0u8..64 {
        let witnesses: Vec<u8> = (1..=6).filter(|number| bits & (1 << (number - 1)) != 0).collect();
        let expected = (bits & 7).count_ones() >= 2 && bits & 56 != 0;
        let checked = policy.check(&checkpoint(&witnesses), None).unwrap();
        assert_eq!(checked.has_quorum, expected, "{witnesses:?}");
        assert_eq!(checked.log, 0);
        let times: Vec<i64> = checked.witnesses.iter().map(|witnessed| witnessed.cosigned_at.0).collect();
        assert_eq!(times, witnesses.iter().map(|number| 1000 + i64::from(*number)).collect::<Vec<_>>());
        let required = policy.require(&checkpoint(&witnesses), None);
        assert_eq!(required.is_ok(), expected);
    }
}

#[test]
fn no_witness_counts_twice() {
    let policy = policy(3, "group g 2 w1 w2 w3\nquorum g\n");
    let mut twice = checkpoint(&[1]);
    let again = cosigner(1).cosign(&twice, Instant(9)).unwrap();
    twice.note_mut().add(again).unwrap();
    assert_eq!(policy.require(&twice, None), Err(PolicyError::Quorum { cosigned: 1 }));
    let checked = policy.check(&twice, None).unwrap();
    assert_eq!(checked.witnesses[0].cosigned_at, Instant(1001), "the latest counts");
    assert_eq!(checked.key_names(&policy).map(KeyName::as_str).collect::<Vec<_>>(), ["w1.example"]);
}

#[test]
fn cosignatures_from_the_future_do_not_count_where_the_time_is_known() {
    let policy = policy(1, "quorum w1\n");
    let checkpoint = checkpoint(&[1]);
    for (now, is_enough) in
        [(None, true), (Some(2000), true), (Some(1001), true), (Some(701), true), (Some(700), false)]
    {
        assert_eq!(policy.require(&checkpoint, now.map(Instant)).is_ok(), is_enough, "{now:?}");
    }
}

#[test]
fn a_checkpoint_of_no_listed_log_is_refused() {
    let none = policy(1, "quorum none\n");
    assert!(none.require(&checkpoint(&[]), None).is_ok());
    let sign = |origin: &str, name: &str, seed: u8| {
        let mut note = Note::new(Checkpoint::new(origin.parse().unwrap(), TreeHead::empty()).to_string()).unwrap();
        Signer::new(name.parse().unwrap(), &[seed; 32]).sign(&mut note).unwrap();
        SignedCheckpoint::from_note(note).unwrap()
    };
    assert_eq!(none.check(&sign(ORIGIN, ORIGIN, 1), None), Err(PolicyError::UnknownLog), "another key");
    assert_eq!(none.check(&sign("other.example", ORIGIN, 42), None), Err(PolicyError::UnknownLog), "another origin");
    let mut by_witness = sign("other.example", "other.example", 3);
    let signature = cosigner(1).cosign(&by_witness, Instant(1)).unwrap();
    by_witness.note_mut().add(signature).unwrap();
    assert_eq!(none.check(&by_witness, None), Err(PolicyError::UnknownLog), "cosigned, but by no log");
    let mut spoilt = checkpoint(&[1]);
    let mut bad = spoilt.note().signatures()[1].clone();
    spoilt.note_mut().remove(&bad.name.clone(), bad.id);
    bad.bytes[9] ^= 1;
    spoilt.note_mut().add(bad).unwrap();
    assert!(matches!(none.check(&spoilt, None), Err(PolicyError::Signature(_))));
}

#[test]
fn spaces_comments_and_octets_are_as_the_specification_says() {
    let [one, two] = [1, 2].map(|number| cosigner(number).verifier().to_string());
    let mut text =
        format!("\n# a comment\n \t # another\u{e9}\n\t log \t{}  https://log.example/\t\nwitness ", log_key())
            .into_bytes();
    // A name that is no UTF-8, and one that only looks like another.
    text.extend_from_slice(b"\xff\xfe ");
    text.extend_from_slice(format!("{one} https://w.example/caf\u{e9}\nwitness \u{212a} {two}\n").as_bytes());
    text.extend_from_slice(b"group K all \xff\xfe \xe2\x84\xaa\n  quorum K\n");
    let policy = Policy::parse(&text).unwrap();
    assert_eq!(policy.witnesses()[0].name.as_bytes(), b"\xff\xfe");
    assert_eq!(policy.groups()[0].threshold, 2);
    assert_eq!(policy.logs()[0].url.as_ref().unwrap().to_string(), "https://log.example/");
    assert_eq!(Policy::parse(&policy.to_bytes()), Ok(policy));
}

#[test]
fn what_is_no_policy_is_refused_at_its_line() {
    let vkey = cosigner(9).verifier().to_string();
    for (lines, at) in [
        ("", 5),
        ("quorum w1", 5),
        ("quorum w1\nquorum w1\n", 6),
        ("quorum none\nquorum none\n", 6),
        ("quorum unheard\n", 5),
        ("quorum\n", 5),
        ("quorum w1 w2\n", 5),
        ("quorum W1\n", 5),
        ("group g 1\nquorum none\n", 5),
        ("group g 0 w1\nquorum none\n", 5),
        ("group g 3 w1 w2\nquorum none\n", 5),
        ("group g 01 w1\nquorum none\n", 5),
        ("group g some w1\nquorum none\n", 5),
        ("group g all w1 unheard\nquorum none\n", 5),
        ("group g all w1 g\nquorum none\n", 5),
        ("group g all w1 none\nquorum none\n", 5),
        ("group g all w1 w1\nquorum none\n", 5),
        ("group g all w1\ngroup h all w1 w2\nquorum h\n", 6),
        ("group w1 all w2\nquorum none\n", 5),
        ("group none all w2\nquorum none\n", 5),
        ("group g any w1\ngroup g any w2\nquorum g\n", 6),
        ("quorum g\ngroup g any w1\n", 5),
        ("Quorum none\n", 5),
        ("quorum none\r\n", 5),
        ("quorum none\u{b}\n", 5),
        ("quorum none\u{7f}\n", 5),
        (&format!("witness none {vkey}\nquorum none\n"), 5),
        (&format!("witness w1 {vkey}\nquorum none\n"), 5),
        (&format!("witness w9 {vkey} a b\nquorum none\n"), 5),
        (&format!("witness w9 {}\nquorum none\n", cosigner(1).verifier()), 5),
        (&format!("witness w9 {}\nquorum none\n", log_key()), 5),
        (&format!("log {}\nquorum none\n", log_key()), 5),
        (&format!("log {vkey}\nquorum none\n"), 5),
        (&format!("witness w9 {}x\nquorum none\n", &vkey[..vkey.len() - 1]), 5),
    ] {
        let error = Policy::parse(text(3, lines).as_bytes()).expect_err(lines);
        assert_eq!(error.line, at, "{lines}: {error}");
    }
    // The same public key under another name and id is the same key.
    let renamed = Cosigner::new("renamed.example".parse().unwrap(), &[1; 32]);
    assert!(Policy::parse(text(3, &format!("witness w9 {}\nquorum none\n", renamed.verifier())).as_bytes()).is_err());
    assert!(Policy::parse(&b"#\n".repeat(40_000)).is_err(), "too long");
}

proptest! {
    #[test]
    fn any_lines_end(lines in prop::collection::vec("(log|witness|group|quorum|#|)( (w[0-9]|g|none|all|any|[0-9]|\\S{1,4})){0,5}", 0..8)) {
        let text = text(4, &(lines.join("\n") + "\n"));
        if let Ok(policy) = Policy::parse(text.as_bytes()) {
            prop_assert_eq!(Policy::parse(&policy.to_bytes()), Ok(policy));
        }
    }
}
