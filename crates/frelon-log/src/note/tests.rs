use proptest::prelude::*;

use super::*;

const VKEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const SIGNATURE: &str = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=";

fn example() -> String {
    format!("This is an example message.\n\n\u{2014} example.com/foo {SIGNATURE}\n")
}

fn name(text: &str) -> KeyName {
    text.parse().unwrap()
}

#[test]
fn the_example_of_the_specification_opens() {
    let note = Note::parse(example().as_bytes()).unwrap();
    let verifier: Verifier = VKEY.parse().unwrap();
    assert_eq!(verifier.to_string(), VKEY);
    assert_eq!(note.text(), "This is an example message.\n");
    assert_eq!(note.to_string(), example());
    let verified = note.open(std::slice::from_ref(&verifier)).unwrap();
    assert_eq!(verified, [Verified { verifier: 0, cosigned_at: None }]);
    assert_eq!(note.open(&[]), Err(OpenError::Unknown));
    let changed = example().replace("an example", "no example");
    assert_eq!(
        Note::parse(changed.as_bytes()).unwrap().open(&[verifier]),
        Err(OpenError::Bad(name("example.com/foo")))
    );
}

#[test]
fn what_is_no_note_is_refused() {
    let line = format!("\u{2014} example.com/foo {SIGNATURE}\n");
    let many = format!("text\n\n{}", line.repeat(SIGNATURES_MAX + 1));
    let long = format!("{}\n\n{line}", "x".repeat(NOTE_BYTES_MAX));
    for bad in [
        "",
        "\n",
        "text\n",
        "text\n\n",
        &format!("text\n{line}"),
        &format!("text\n\n{}", line.trim_end()),
        &format!("text\n\n{line}\n"),
        &format!("text\n\n{line}trailing\n"),
        &format!("text\r\n\r\n{line}"),
        &format!("te\u{0}xt\n\n{line}"),
        &format!("te\txt\n\n{line}"),
        &format!("text\n\n- example.com/foo {SIGNATURE}\n"),
        &format!("text\n\n\u{2014}example.com/foo {SIGNATURE}\n"),
        &format!("text\n\n\u{2014}  {SIGNATURE}\n"),
        &format!("text\n\n\u{2014} a+b {SIGNATURE}\n"),
        &format!("text\n\n\u{2014} a\u{a0}b {SIGNATURE}\n"),
        &format!("text\n\n\u{2014} a {SIGNATURE} \n"),
        "text\n\n\u{2014} a \n",
        "text\n\n\u{2014} a\n",
        "text\n\n\u{2014} a AAAA\n",
        "text\n\n\u{2014} a AAAAAA==\n",
        "text\n\n\u{2014} a AAAAAAA\n",
        "text\n\n\u{2014} a AAAAAAB=\n",
        &many,
        &long,
    ] {
        assert!(Note::parse(bad.as_bytes()).is_err(), "{bad:?}");
    }
    assert!(Note::parse(b"te\xffxt\n\n").is_err());
    let most = format!("text\n\n{}", line.repeat(SIGNATURES_MAX));
    assert_eq!(Note::parse(most.as_bytes()).unwrap().to_string(), most);
    for text in ["", "no newline", "a\u{7}\n"] {
        assert!(Note::new(text).is_err(), "{text:?}");
    }
}

#[test]
fn the_last_empty_line_separates() {
    let signer = Signer::new(name("a.example"), &[1; 32]);
    let text = "one\n\n\u{2014} not.a signature\n\n\ntwo\n\n";
    let mut note = Note::new(text).unwrap();
    signer.sign(&mut note).unwrap();
    let again = Note::parse(note.to_string().as_bytes()).unwrap();
    assert_eq!(again, note);
    assert_eq!(again.text(), text);
    assert!(again.open(&[signer.verifier().clone()]).is_ok());
}

#[test]
fn unknown_signatures_are_passed_over_and_bad_ones_of_known_keys_are_not() {
    let (one, two) = (Signer::new(name("a.example"), &[1; 32]), Signer::new(name("a.example"), &[2; 32]));
    let other = Signer::new(name("b.example"), &[1; 32]);
    let mut note = Note::new("text\n").unwrap();
    for signer in [&one, &two, &other] {
        signer.sign(&mut note).unwrap();
    }
    assert_ne!(one.verifier().id(), two.verifier().id());
    let verified = note.open(&[two.verifier().clone()]).unwrap();
    assert_eq!(verified.len(), 1);
    // The same key under another name is another key.
    assert_ne!(one.verifier().id(), other.verifier().id());
    let mut bad = note.signatures()[0].clone();
    bad.bytes[10] ^= 1;
    note.add(bad).unwrap();
    assert_eq!(note.open(&[two.verifier().clone()]).unwrap().len(), 1, "not by a known key");
    let both = [two.verifier().clone(), one.verifier().clone()];
    assert_eq!(note.open(&both), Err(OpenError::Bad(name("a.example"))), "a good one beside it does not help");
}

#[test]
fn keys_that_cannot_be_told_apart_are_an_error() {
    let signer = Signer::new(name("a.example"), &[1; 32]);
    let mut note = Note::new("text\n").unwrap();
    signer.sign(&mut note).unwrap();
    let own = signer.verifier().clone();
    assert_eq!(note.open(&[own.clone(), own.clone()]).unwrap().len(), 1, "the same key twice is one key");
    let mut twin = Signer::new(name("a.example"), &[2; 32]).verifier().clone();
    twin.forge_id(own.id());
    assert_eq!(note.open(&[own, twin]), Err(OpenError::Ambiguous(name("a.example"))));
}

#[test]
fn keys_have_one_text_form() {
    for bad in [
        "",
        "example.com/foo",
        "example.com/foo+530d903a",
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+0530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+BekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2kAA==",
        "example.com/foo+530d903a+",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k ",
        "example com+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    ] {
        assert!(bad.parse::<Verifier>().is_err(), "{bad}");
    }
    assert!(Verifier::new(name("a"), Algorithm::Ed25519, &[0; 32]).is_err(), "a key of small order");
}

#[test]
fn private_keys_round_trip_and_do_not_show() {
    let signer = Signer::new(name("a.example/log"), &[9; 32]);
    let text = signer.to_private_key();
    assert!(text.starts_with(&format!("PRIVATE+KEY+a.example/log+{}+AQkJCQkJ", signer.verifier().id())));
    let again = Signer::parse(&text).unwrap();
    assert_eq!(again.verifier(), signer.verifier());
    assert_eq!(format!("{signer:?}"), format!("Signer({})", signer.verifier()));
    for bad in [&text[1..], &text[..text.len() - 4], &text.replace("a.example", "b.example"), VKEY] {
        assert!(Signer::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn no_note_becomes_a_cosignature_by_being_signed() {
    let signer = Signer::new(name("a.example"), &[1; 32]);
    let mut note = Note::new("cosignature/v1\ntime 1\no\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n").unwrap();
    assert!(signer.sign(&mut note).is_err());
    assert!(note.signatures().is_empty());
}

proptest! {
    #[test]
    fn any_bytes_end_and_what_is_read_prints_the_same(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(note) = Note::parse(&bytes) {
            prop_assert_eq!(note.to_string().into_bytes(), bytes);
        }
    }

    #[test]
    fn any_text_is_signed_and_opened(text in "[ -~é\n]{0,200}", seed in any::<[u8; 32]>()) {
        let signer = Signer::new(name("x"), &seed);
        let mut note = Note::new(format!("{text}\n")).unwrap();
        signer.sign(&mut note).unwrap();
        let again = Note::parse(note.to_string().as_bytes()).unwrap();
        prop_assert_eq!(&again, &note);
        prop_assert!(again.open(&[signer.verifier().clone()]).is_ok());
    }
}
