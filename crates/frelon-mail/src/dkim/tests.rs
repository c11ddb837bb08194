//! Mail signed here, canonical forms against the letter of the RFC, and properties of any bytes.

use base64::{Engine, prelude::BASE64_STANDARD};
use ed25519_dalek::{Signer, SigningKey};
use frelon_model::Instant;
use proptest::prelude::*;

use super::{
    canonical::{has_from_line, stream_body, write_field},
    public_key::encode,
    *,
};
use crate::header::cut_message;

/// A 512-bit RSA key made for these tests, and its private exponent.
const MODULUS: &str = "d6ba681e1c415204f2db7f0e2f2952a10da6bfc9335a7617ae5c738b333f94e306b0875ed69e59e20f70deae97df141f2\
                       b953745e4242c4c5d27dcf8b6e0c6c7";
const EXPONENT: &str = "7a5cab2c4d69a3b5923726860cb5fd922d57527ef3369f890b213fee98fba8795327f66cecc1619b61f1e2cb86638dc11\
                        d34a7bfb8bd04658651b01faf6fdec1";

/// The private exponent for the public exponent 257.
const EXPONENT_257: &str = "2a9c8637c7d92a2ccf922827abb981f42196a19381b94c3a7d3f2bd8e25357518b3e68acca0c22b329cd7f1572331ab86\
                            f8c53adf5d5a4437b4718aedfe51121";

fn hex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hex")).collect()
}

/// A signer of some kind.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Key {
    Rsa(Hash),
    /// With the public exponent 257.
    Rsa257,
    Ed25519,
}

impl Key {
    fn algorithm(self) -> &'static str {
        match self {
            Self::Rsa(Hash::Sha1) => "rsa-sha1",
            Self::Rsa(Hash::Sha256) | Self::Rsa257 => "rsa-sha256",
            Self::Ed25519 => "ed25519-sha256",
        }
    }

    fn hash(self) -> Hash {
        if self == Self::Rsa(Hash::Sha1) { Hash::Sha1 } else { Hash::Sha256 }
    }

    fn sign(self, bytes: &[u8]) -> String {
        use crypto_bigint::{BoxedUint, Odd, modular::*};

        let hashed = self.hash().of(bytes);
        if self == Self::Ed25519 {
            return BASE64_STANDARD.encode(SigningKey::from_bytes(&[7; 32]).sign(&hashed).to_bytes());
        }
        let number = |bytes: &[u8]| BoxedUint::from_be_slice(bytes, 512).expect("512 bits");
        let modulus = Odd::new(number(&hex(MODULUS))).expect("odd");
        let message = number(&encode(self.hash(), &hashed, 64).expect("it fits"));
        let base = BoxedMontyForm::new(message, &BoxedMontyParams::new_vartime(modulus));
        BASE64_STANDARD.encode(
            base.pow(&number(&hex(if self == Self::Rsa257 { EXPONENT_257 } else { EXPONENT })))
                .retrieve()
                .to_be_bytes(),
        )
    }

    fn record(self) -> String {
        match self {
            Self::Rsa(_) | Self::Rsa257 => {
                let exponent: &[u8] = if self == Self::Rsa257 { &[1, 1] } else { &[1, 0, 1] };
                KeyRecord::rsa(&hex(MODULUS), exponent).expect("a key").to_text().expect("not revoked")
            }
            Self::Ed25519 => {
                let key = SigningKey::from_bytes(&[7; 32]).verifying_key();
                format!("v=DKIM1; k=ed25519; p={}", BASE64_STANDARD.encode(key.as_bytes()))
            }
        }
    }

    fn archive(self) -> KeyArchive {
        let mut archive = KeyArchive::new();
        archive.add("example.org", "s", ArchivedKey::new(&self.record(), Provenance::LiveDns, "a test"));
        archive
    }
}

fn canonical_body(canonicalization: Canonicalization, form: BodyForm, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let length = stream_body(canonicalization, form, body, &mut |chunk| out.extend_from_slice(chunk));
    assert_eq!(length, out.len() as u64);
    out
}

/// Signs a message; `tags` go into the signature.
fn sign(key: Key, canonicalization: &str, names: &str, tags: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    let (of_header, of_body) = canonicalization.split_once('/').expect("both");
    let mut canonical = canonical_body(of_body.parse().expect("known"), BodyForm::AsGiven, body);
    if let Some(length) = tags.strip_prefix("l=") {
        canonical.truncate(length.parse().expect("a number"));
    }
    let body_hash = BASE64_STANDARD.encode(key.hash().of(&canonical));
    let tags = if tags.is_empty() { "q=dns/txt" } else { tags };
    let own = format!(
        "DKIM-Signature: v=1; a={}; c={canonicalization}; d=Example.org;\r\n\ts=s; h={names}; bh={body_hash};\r\n {tags};\r\n b=",
        key.algorithm()
    );
    // The verifier's own way to the signed bytes is checked against others' vectors; here it serves to sign.
    let unsigned = format!("{own}\r\n{fields}");
    let block = cut_message(unsigned.as_bytes());
    let mut signed = Vec::new();
    let mut used = vec![false; block.fields.len()];
    for name in names.split(':') {
        let found = (0..block.fields.len()).rev().find(|&at| !used[at] && block.fields[at].is(name.trim()));
        if let Some(at) = found {
            used[at] = true;
            write_field(
                of_header.parse().expect("known"),
                unsigned.as_bytes(),
                &block.fields[at],
                None,
                false,
                &mut signed,
            );
        }
    }
    write_field(of_header.parse().expect("known"), unsigned.as_bytes(), &block.fields[0], None, true, &mut signed);
    let mut raw = format!("{own}{}\r\n{fields}\r\n", key.sign(&signed)).into_bytes();
    raw.extend_from_slice(body);
    raw
}

fn only(raw: &[u8], keys: &KeyArchive) -> SignatureResult {
    let mut found = verify(raw, keys, None).signatures;
    assert_eq!(found.len(), 1);
    found.remove(0)
}

fn replaced(raw: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(raw.to_vec()).expect("text");
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1).into_bytes()
}

const FIELDS: &str = "From: Ada <ada@mail.example.org>\r\nTo: b@example.com\r\nSubject: one\r\n two\r\n";
const BODY: &[u8] = b"Dear  B,\r\n\r\nmore \t\r\n \r\n\r\n";

#[test]
fn every_alteration_has_its_grade() {
    for key in [Key::Rsa(Hash::Sha1), Key::Rsa(Hash::Sha256), Key::Ed25519] {
        if key == Key::Rsa(Hash::Sha256) {
            assert_eq!(key.archive().iter().next().expect("one").1.record.as_ref().map(KeyRecord::key_bits), Ok(512));
        }
        let keys = key.archive();
        for canonicalization in ["simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"] {
            let raw = sign(key, canonicalization, "from:to:subject:from", "t=1000; x=2000", FIELDS, BODY);
            let found = only(&raw, &keys);
            assert_eq!((found.state, found.reason), (DkimState::Pass, Reason::Verified), "{key:?} {canonicalization}");
            assert_eq!(found.alignment, Alignment::Subdomain);
            assert_eq!(found.signing_domain, "example.org");
            assert_eq!(found.key.map(|key| key.provenance), Some(Provenance::LiveDns));
            assert!(found.covered[0].is_oversigned() && !found.covered[1].is_oversigned());
            let lines = String::from_utf8(raw.clone()).expect("text").replace("\r\n", "\n");
            assert_eq!(only(lines.as_bytes(), &keys).state, DkimState::Pass, "line feeds alone");
            let subject = replaced(&raw, "one", "[list] one");
            let both = replaced(&subject, "Dear", "Deer");
            let (state, reason) = match key {
                Key::Rsa(_) | Key::Rsa257 => (DkimState::HeadersAltered, Reason::HeadersDiffer),
                Key::Ed25519 => (DkimState::HeadersAltered, Reason::HeadersOrKey),
            };
            let found = only(&subject, &keys);
            assert_eq!((found.state, found.reason), (state, reason));
            assert_eq!(only(&both, &keys).state, DkimState::Altered);
            assert_eq!(only(&replaced(&raw, "Dear", "Deer"), &keys).state, DkimState::BodyAltered);
            assert_eq!(only(&replaced(&raw, "From: ", "From: x@y\r\nFrom: "), &keys).state, DkimState::HeadersAltered);
            assert_eq!(only(&raw, &KeyArchive::new()).reason, Reason::NoRecord);
            assert!(only(&raw, &KeyArchive::new()).is_body_intact == Some(true));
            let at = |seconds| verify(&raw, &keys, Some(Instant(seconds))).grade;
            assert_eq!((at(1_500), at(2_001)), (DkimState::Pass, DkimState::Expired));
        }
    }
}

#[test]
fn several_keys_are_tried_and_the_one_that_fits_is_named() {
    let key = Key::Rsa(Hash::Sha256);
    let raw = sign(key, "relaxed/relaxed", "from", "t=86400", FIELDS, BODY);
    let mut keys = KeyArchive::new();
    let other = KeyRecord::rsa(&[0xc5; 64], &[1, 0, 1]).expect("a key").to_text().expect("text");
    keys.add("example.org", "s", ArchivedKey::new(&other, Provenance::Archive, "wrong"));
    let found = only(&raw, &keys);
    assert_eq!((found.state, found.reason, found.key), (DkimState::KeyNotFound, Reason::NoKeyFits, None));
    let right =
        ArchivedKey::new(&key.record(), Provenance::Archive, "right").seen(Some(Instant(0)), Some(Instant(86_399)));
    keys.add("example.org", "s", right);
    keys.add("example.org", "s", ArchivedKey::new("p=", Provenance::LiveDns, "").seen(Some(Instant(99_999)), None));
    keys.add("example.org", "s", ArchivedKey::new("nonsense", Provenance::Archive, ""));
    let found = only(&raw, &keys);
    let used = found.key.expect("it fits");
    assert_eq!((found.state, used.source.as_str(), found.keys_tried), (DkimState::Pass, "right", 2));
    assert_eq!((used.was_seen_then, used.revoked_at), (Some(false), Some(Instant(99_999))));
    for (record, state, reason) in [
        ("v=DKIM1; p=", DkimState::KeyRevoked, Reason::Revoked),
        ("nonsense", DkimState::Malformed, Reason::RecordMalformed),
        ("v=DKIM1; h=sha1; p=", DkimState::KeyRevoked, Reason::Revoked),
    ] {
        let mut keys = KeyArchive::new();
        keys.add("example.org", "s", ArchivedKey::new(record, Provenance::Archive, ""));
        let found = only(&raw, &keys);
        assert_eq!((found.state, found.reason), (state, reason), "{record}");
    }
    for (tags, unfit) in [("h=sha1", Unfit::Hash), ("s=tlsrpt", Unfit::Service)] {
        let mut keys = KeyArchive::new();
        let record = key.record().replace("k=rsa", &format!("k=rsa; {tags}"));
        keys.add("example.org", "s", ArchivedKey::new(&record, Provenance::Archive, ""));
        let found = only(&raw, &keys);
        assert_eq!((found.reason, found.unfit), (Reason::RecordUnfit, Some(unfit)));
    }
}

#[test]
fn a_length_covers_so_much_and_says_so() {
    let key = Key::Ed25519;
    let raw = sign(key, "relaxed/relaxed", "from", "l=8", FIELDS, b"12345678 and a footer\r\n");
    let found = only(&raw, &key.archive());
    assert_eq!(found.state, DkimState::Pass);
    let body = found.body.expect("judged");
    assert_eq!((body.covered_bytes, body.total_bytes, body.is_limited), (8, 23, true));
    let raw = replaced(&raw, "12345678 and a footer\r\n", "1234\r\n");
    let found = only(&raw, &key.archive());
    assert_eq!((found.state, found.reason), (DkimState::BodyAltered, Reason::BodyShorter));
}

#[test]
fn a_quoted_from_line_is_read_as_it_was_signed() {
    let key = Key::Ed25519;
    for (signed, found, form) in [
        ("a\r\nFrom here\r\n>From there\r\n", "a\r\n>From here\r\n>>From there\r\n", BodyForm::Unquoted),
        ("a\r\nFrom here\r\n>>From there\r\n", "a\r\n>From here\r\n>>From there\r\n", BodyForm::UnquotedOnce),
        (">From here\r\n", "From here\r\n", BodyForm::Quoted),
    ] {
        let raw = sign(key, "simple/simple", "from", "", FIELDS, signed.as_bytes());
        let raw = replaced(&raw, &format!("\r\n\r\n{signed}"), &format!("\r\n\r\n{found}"));
        let judged = only(&raw, &key.archive());
        assert_eq!((judged.state, judged.body.expect("judged").form), (DkimState::Pass, form));
    }
}

#[test]
fn the_best_signature_gives_the_grade() {
    let key = Key::Ed25519;
    let raw = sign(key, "relaxed/relaxed", "from", "", FIELDS, BODY);
    let broken = String::from_utf8(raw.clone()).expect("text").replace("s=s;", "s=t;");
    let (signature, _) = broken.split_once("From: ").expect("a field");
    let raw = [signature.as_bytes(), &raw].concat();
    let found = verify(&raw, &key.archive(), None);
    assert_eq!((found.grade, found.best, found.signatures.len()), (DkimState::Pass, Some(1), 2));
    assert_eq!(verify(FIELDS.as_bytes(), &key.archive(), None).grade, DkimState::Unsigned);
    let many = [&signature.as_bytes().repeat(25), FIELDS.as_bytes()].concat();
    let found = verify(&many, &key.archive(), None);
    assert_eq!((found.signatures.len(), found.left_out), (20, 5));
}

#[test]
fn malformed_signatures_say_what_is_wrong() {
    let raw = sign(Key::Ed25519, "relaxed/relaxed", "from", "", FIELDS, BODY);
    for (from, to, malformation) in [
        ("v=1", "v=2", Malformation::Version),
        ("v=1; ", "", Malformation::MissingTag),
        ("a=ed25519-sha256", "a=dsa", Malformation::Algorithm),
        ("c=relaxed/relaxed", "c=nofws", Malformation::Canonicalization),
        ("s=s", "s=a..b", Malformation::Name),
        ("s=s", "s=s; s=s", Malformation::DuplicateTag),
        ("s=s", "s=s; i=a@example.com", Malformation::Agent),
        ("s=s", "s=s; l=-1", Malformation::Number),
        ("s=s", "s=s; t=2; x=1", Malformation::ExpiresBeforeSigned),
        ("s=s", "s=s; what", Malformation::NotTags),
        ("h=from", "h=to", Malformation::Coverage),
        ("bh=", "bh=A", Malformation::Base64),
    ] {
        let found = only(&replaced(&raw, from, to), &Key::Ed25519.archive());
        assert_eq!((found.state, found.malformation), (DkimState::Malformed, Some(malformation)), "{to}");
        assert_eq!(found.signing_domain, "example.org");
    }
}

#[test]
fn a_key_is_recovered_from_its_signatures() {
    let body = |number: u32| format!("message {number}\r\n");
    let mut specimens = Vec::new();
    for number in 0..8 {
        let tags = format!("t={}", 1_000 + number);
        let raw = sign(Key::Rsa257, "relaxed/relaxed", "from:to:subject", &tags, FIELDS, body(number).as_bytes());
        // Half of them were changed on their way, two in a way that shows, and each came twice.
        let raw = match number {
            0 | 3 => replaced(&raw, "one", "[list] one"),
            2 | 5 => replaced(&raw, "message", "massage"),
            _ => raw,
        };
        specimens.extend(Specimen::collect(&raw));
        specimens.extend(Specimen::collect(&raw));
    }
    assert_eq!(specimens.len(), 12);
    let run = |specimens: &[Specimen]| {
        let mut recovery = Recovery::new(specimens.to_vec());
        // The usual exponent takes minutes; none of these gets that far unless nothing is found.
        for _ in 0..500 {
            match recovery.step() {
                Progress::Working => {}
                Progress::Found(found) => return Some((found.clone(), recovery.rest(&found))),
                Progress::Exhausted => return None,
            }
        }
        None
    };
    let (found, rest) = run(&specimens).expect("a key");
    assert_eq!((found.bits, found.verified, found.total, rest.len()), (512, 4, 6, 0), "two were altered, by one key");
    assert_eq!(found.key.text, Key::Rsa257.record());
    assert_eq!((found.key.first_seen_at, found.key.last_seen_at), (Some(Instant(1_001)), Some(Instant(1_007))));
    assert!(run(&specimens[..2]).is_none(), "copies of one signature prove nothing");
    assert!(run(&[]).is_none());
    // The archive with the key verifies what was not changed.
    let mut keys = KeyArchive::new();
    keys.add("example.org", "s", found.key);
    let raw = sign(Key::Rsa257, "relaxed/relaxed", "from", "", FIELDS, BODY);
    let used = only(&raw, &keys).key.expect("it fits");
    assert_eq!((used.provenance, used.bits), (Provenance::Recovered, 512));
}

#[test]
fn a_recovery_goes_on_where_it_stood() {
    let sign = |number: u32| {
        let tags = format!("t={}", 1_000 + number);
        Specimen::collect(&sign(Key::Rsa257, "relaxed/relaxed", "from:to", &tags, FIELDS, BODY))
    };
    let specimens: Vec<Specimen> = (0..4).flat_map(sign).collect();
    let mut recovery = Recovery::new(specimens.clone());
    let mut steps = 0;
    let found = loop {
        // Every step is made by another process than the one before.
        let saved = recovery.save();
        recovery = Recovery::new(specimens.clone());
        assert!(recovery.restore(&saved));
        assert_eq!(recovery.save(), saved);
        steps += 1;
        match recovery.step() {
            Progress::Working => {}
            Progress::Found(found) => break found,
            Progress::Exhausted => panic!("there is a key"),
        }
    };
    assert!(steps > 50 && found.verified == 4, "{steps} steps");
    assert!(specimens[0].is_of(&found.key));

    let mut recovery = Recovery::new(specimens.clone());
    for _ in 0..30 {
        let _working = recovery.step();
    }
    let saved = recovery.save();
    let mut fresh = Recovery::new(specimens[1..].to_vec());
    assert!(!fresh.restore(&saved), "other signatures");
    let mut fresh = Recovery::new(specimens);
    for at in (0..saved.len()).step_by(37) {
        let mut damaged = saved.clone();
        damaged[at] ^= 1;
        assert!(!fresh.restore(&damaged) && !fresh.restore(&saved[..at]));
    }
    assert_eq!(fresh.attempts_begun(), (1, 8));
    assert!(fresh.restore(&saved) && fresh.name() == recovery.name());
}

#[test]
fn an_assessment_is_the_grade_of_the_verdict() {
    let (rsa, ed25519) = (Key::Rsa(Hash::Sha256), Key::Ed25519);
    let signed = |key, body: &str| sign(key, "relaxed/simple", "from:subject", "", FIELDS, body.as_bytes());
    for raw in [
        signed(rsa, "one"),
        signed(ed25519, "one"),
        replaced(&signed(rsa, "one"), "\r\none", "\r\ntwo"),
        replaced(&signed(rsa, "one"), "Subject", "Object"),
        replaced(&signed(rsa, "one"), "d=Example.org", "x=1; d=Example.org"),
        replaced(&signed(rsa, "one"), "v=1", "v=2"),
        FIELDS.as_bytes().to_vec(),
    ] {
        for keys in [rsa.archive(), ed25519.archive(), KeyArchive::new()] {
            let (whole, brief) = (verify(&raw, &keys, None), assess(&raw, &keys, None));
            assert_eq!(brief.grade, whole.grade);
            let of_whole = whole.signatures.iter().map(|one| (one.state, &one.signing_domain, &one.key));
            let of_brief = brief.signatures.iter().map(|one| (one.state, &one.signing_domain, &one.key));
            assert!(of_whole.eq(of_brief), "{brief:?}");
        }
    }
    let key = only(&signed(rsa, "one"), &rsa.archive()).key.expect("it fits");
    assert_eq!(key.fingerprint.len(), 16);
    assert_eq!(selectors(&signed(rsa, "one")), [("example.org".to_owned(), "s".to_owned())]);
}

#[test]
fn codes_are_the_same_everywhere() {
    for state in ArcState::ALL {
        assert_eq!(serde_json::to_string(&state).expect("a string"), format!("\"{}\"", state.code()));
    }
    for reason in ArcReason::ALL {
        assert_eq!(serde_json::to_string(&reason).expect("a string"), format!("\"{}\"", reason.code()));
    }
    for state in DkimState::ALL {
        assert_eq!(serde_json::to_string(&state).expect("a string"), format!("\"{}\"", state.code()));
        assert_eq!(state.code().parse(), Ok(state));
    }
    assert_eq!("none".parse::<DkimState>(), Err(UnknownState));
    let found = verify(&sign(Key::Ed25519, "relaxed/relaxed", "from", "", FIELDS, BODY), &KeyArchive::new(), None);
    let text = serde_json::to_string(&found).expect("JSON");
    assert!(text.contains("\"grade\":\"key-not-found\"") && text.contains("\"reason\":\"no-record\""), "{text}");
    assert_eq!(serde_json::from_str::<Authentication>(&text).expect("JSON"), found);
}

#[test]
fn a_header_that_is_not_read_whole_is_not_called_altered() {
    let fields = format!("{FIELDS}{}Date: now\r\n", "X-Filler: filled\r\n".repeat(8_000));
    let raw = sign(Key::Ed25519, "relaxed/relaxed", "from", "", &fields, BODY);
    assert_eq!(only(&raw, &Key::Ed25519.archive()).state, DkimState::Pass);
    let raw = replaced(&raw, "ada@", "eva@");
    assert_eq!(only(&raw, &Key::Ed25519.archive()).reason, Reason::HeaderTooLong);
}

/// RFC 6376 section 3.4.5, and the cases implementations have had wrong.
#[test]
fn bodies_are_canonical_to_the_letter() {
    use Canonicalization::{Relaxed, Simple};

    for (body, simple, relaxed) in [
        (" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n"),
        ("", "\r\n", ""),
        ("\r\n\r\n", "\r\n", ""),
        (" \t\r\n", " \t\r\n", ""),
        ("a\r\n \r\n\t\r\n", "a\r\n \r\n\t\r\n", "a\r\n"),
        ("a\n\n b", "a\r\n\r\n b\r\n", "a\r\n\r\n b\r\n"),
        ("a\r\n\r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n"),
        ("a  b c\t\td ", "a  b c\t\td \r\n", "a b c d\r\n"),
        ("a\rb\r\r\n", "a\rb\r\r\n", "a\rb\r\r\n"),
    ] {
        assert_eq!(canonical_body(Simple, BodyForm::AsGiven, body.as_bytes()), simple.as_bytes(), "{body:?}");
        assert_eq!(canonical_body(Relaxed, BodyForm::AsGiven, body.as_bytes()), relaxed.as_bytes(), "{body:?}");
    }
}

#[test]
fn fields_are_canonical_to_the_letter() {
    let raw = b"A: X\r\nB : Y\t\r\n\tZ  \r\nC:\r\n";
    let block = cut_message(raw);
    let written = |canonicalization| {
        let mut out = Vec::new();
        block.fields.iter().for_each(|field| write_field(canonicalization, raw, field, None, false, &mut out));
        out
    };
    assert_eq!(written(Canonicalization::Simple), raw);
    assert_eq!(written(Canonicalization::Relaxed), b"a:X\r\nb:Y Z\r\nc:\r\n");
}

/// The relaxed body said in the slowest way.
fn relaxed_slowly(body: &[u8]) -> Vec<u8> {
    let text: String = body.iter().map(|&byte| char::from(byte)).collect();
    let mut lines: Vec<String> = Vec::new();
    for line in text.split_inclusive('\n') {
        let line = line.strip_suffix("\r\n").or(line.strip_suffix('\n')).unwrap_or(line);
        let mut reduced = String::new();
        for symbol in line.chars().map(|symbol| if symbol == '\t' { ' ' } else { symbol }) {
            if symbol != ' ' || !reduced.ends_with(' ') {
                reduced.push(symbol);
            }
        }
        lines.push(reduced.trim_end_matches(' ').to_owned());
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.iter().flat_map(|line| line.chars().map(|symbol| symbol as u8).chain(*b"\r\n").collect::<Vec<_>>()).collect()
}

fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec!["\r\n", "\n", "\r", " ", "\t", "a", "From ", ">", "word", "\u{e9}"]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #[test]
    fn relaxed_bodies_are_what_the_letter_says(body in bodies()) {
        let relaxed = canonical_body(Canonicalization::Relaxed, BodyForm::AsGiven, &body);
        prop_assert_eq!(&relaxed, &relaxed_slowly(&body));
    }

    #[test]
    fn canonical_forms_stay_as_they_are(body in bodies()) {
        for canonicalization in [Canonicalization::Simple, Canonicalization::Relaxed] {
            let once = canonical_body(canonicalization, BodyForm::AsGiven, &body);
            prop_assert_eq!(&canonical_body(canonicalization, BodyForm::AsGiven, &once), &once);
            if !has_from_line(&body) {
                prop_assert_eq!(&canonical_body(canonicalization, BodyForm::Unquoted, &body), &once);
            }
        }
    }

    #[test]
    fn what_is_signed_verifies(
        body in bodies(),
        subject in "[ -~]{0,40}(\r\n[ \t][!-~]{1,20}){0,3}",
        canonicalization in prop::sample::select(vec!["simple/simple", "relaxed/simple", "simple/relaxed", "relaxed/relaxed"]),
        key in prop::sample::select(vec![Key::Rsa(Hash::Sha256), Key::Ed25519]),
    ) {
        let fields = format!("From: a@example.org\r\nSubject:{subject}\r\n");
        let raw = sign(key, canonicalization, "From:Subject:Date", "", &fields, &body);
        prop_assert_eq!(only(&raw, &key.archive()).state, DkimState::Pass);
    }

    #[test]
    fn any_bytes_are_judged(raw in prop::collection::vec(any::<u8>(), 0..300), cut in 0usize..600) {
        let keys = Key::Ed25519.archive();
        let signed = sign(Key::Ed25519, "relaxed/relaxed", "from", "", FIELDS, BODY);
        let cut = cut.min(signed.len());
        let mixed = [&signed[..cut], &raw, &signed[cut..]].concat();
        for raw in [&raw, &mixed] {
            let found = verify(raw, &keys, None);
            prop_assert_eq!(found.best.is_none(), found.signatures.is_empty());
        }
        if let Ok(text) = std::str::from_utf8(&raw) {
            drop(KeyRecord::parse(text));
            KeyArchive::new().add_zone(text, "example.org", "", None);
        }
    }
}
