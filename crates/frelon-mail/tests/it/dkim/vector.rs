//! The vectors of other implementations, with their own keys.

use std::{
    fs,
    path::{Path, PathBuf},
};

use frelon_mail::dkim::{Authentication, DkimState, KeyArchive, KeyRecord, KeySource, Malformation, Reason, verify};

use super::add_line;

/// Key of RFC 6376's own example (appendix A.2), and those of RFC 8463 appendix A.
const EXAMPLES: &[&str] = &[
    "brisbane._domainkey.example.com v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMo\
     GeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhi\
     tdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB",
    "brisbane._domainkey.football.example.com v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    "test._domainkey.football.example.com v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs\
     5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4h\
     stT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB",
];

fn examples() -> KeyArchive {
    let mut archive = KeyArchive::new();
    EXAMPLES.iter().for_each(|line| add_line(&mut archive, line));
    archive
}

/// Every file of a folder with its name.
fn files(root: &Path) -> Vec<(String, PathBuf)> {
    let paths = fs::read_dir(root).expect("readable").map(|entry| entry.expect("readable").path());
    let mut files: Vec<_> = paths
        .filter(|path| path.is_file())
        .map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), path))
        .collect();
    files.sort();
    files
}

/// Grade and reason of the best signature.
fn outcome(raw: &[u8], keys: &KeyArchive) -> (DkimState, Option<Reason>, Authentication) {
    let found = verify(raw, keys, None);
    (found.grade, found.best.map(|best| found.signatures[best].reason), found)
}

/// Names of Mail::DKIM's corpus say what it expects. Where we differ:
/// `_dk_` are DomainKeys (RFC 4870), another scheme; `ietf0?` and `no_body` are drafts before RFC 4871,
/// without `bh=` or with `v=0.5`; so are most of `badkey_1` to `badkey_7`.
#[test]
fn mail_dkims_corpus() {
    let Some(root) = frelon_testkit::corpus("dkim/fastmail+mail-dkim/t") else { return };
    let mut keys = KeyArchive::new();
    fs::read_to_string(root.join("FAKE_DNS.dat")).expect("readable").lines().for_each(|line| add_line(&mut keys, line));
    for (name, path) in files(&root.join("corpus")) {
        let name = name.trim_end_matches(".txt");
        let (grade, reason, found) = outcome(&fs::read(path).expect("readable"), &keys);
        let expected = match name {
            _ if name.contains("dk_") => DkimState::Unsigned,
            "bad_1878954" => DkimState::Altered,
            "badkey2_ed25519" => DkimState::HeadersAltered,
            "badkey3_ed25519" => DkimState::BodyAltered,
            "badkey4_ed25519" | "badkey_14" | "badkey_15" => DkimState::KeyNotFound,
            // Granularity, `g=` of RFC 4871, was dropped by RFC 6376: these records do not restrict any more.
            "badkey_8" | "badkey_9" | "badkey_12" | "badkey_13" => DkimState::Pass,
            // An `x=` in the past, which is not judged today.
            "ignore_7" => DkimState::Pass,
            // One good signature among three bad ones.
            "multiple_2" => DkimState::Pass,
            _ if name.contains("ietf0") || name.starts_with("no_body") => DkimState::Malformed,
            _ if name.starts_with("good") => DkimState::Pass,
            _ => DkimState::Malformed,
        };
        assert_eq!(grade, expected, "{name}: {reason:?} {found:?}");
        let malformation = found.best.and_then(|best| found.signatures[best].malformation);
        match name {
            "badkey_10" | "badkey_11" => assert_eq!(reason, Some(Reason::RecordUnfit), "{name}"),
            "badkey1_ed25519" | "badkey5_ed25519" => assert_eq!(reason, Some(Reason::RecordMalformed), "{name}"),
            "ignore_5" | "ignore_6" => assert_eq!(malformation, Some(Malformation::Query), "{name}"),
            "ignore_8" => assert_eq!(malformation, Some(Malformation::Agent), "{name}"),
            _ => {}
        }
    }
}

#[test]
fn mail_auths_vectors_verify_under_their_keys() {
    let Some(root) = frelon_testkit::corpus("dkim/stalwartlabs+mail-auth/resources") else { return };
    for (name, path) in files(&root.join("dkim")).into_iter().chain(files(&root.join("arc"))) {
        let text = fs::read_to_string(path).expect("text");
        let (records, message) = text.split_once("\n\n").expect("keys, then a message");
        let mut keys = KeyArchive::new();
        records.lines().for_each(|line| add_line(&mut keys, line));
        // As it stands, with bare line feeds; and as it went over the wire.
        for raw in [message.to_owned(), message.replace('\n', "\r\n")] {
            let (grade, reason, found) = outcome(raw.as_bytes(), &keys);
            assert_eq!(grade, DkimState::Pass, "{name} {reason:?} {found:?}");
        }
    }
}

#[test]
fn mimekits_messages_verify() {
    let Some(root) = frelon_testkit::corpus("dkim/jstedfast+MimeKit/UnitTests/TestData/dkim") else { return };
    let mut keys = examples();
    let pem = fs::read_to_string(root.join("gmail.pub")).expect("readable");
    let key: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    add_line(&mut keys, &format!("20120113._domainkey.gmail.com k=rsa; p={key}"));
    for name in ["gmail.msg", "multipart-no-end-boundary.msg", "related.msg", "rfc8463-example.msg"] {
        let (grade, reason, found) = outcome(&fs::read(root.join(name)).expect("readable"), &keys);
        assert_eq!(grade, DkimState::Pass, "{name} {reason:?} {found:?}");
        assert!(found.signatures.iter().all(|signature| signature.state == DkimState::Pass), "{name}");
    }
    for name in ["example.bind9", "example.tinydns"] {
        let mut archive = KeyArchive::new();
        let text = fs::read_to_string(root.join(name)).expect("readable");
        assert!(archive.add_zone(&text, "", name, None).is_empty(), "{name}");
        let bits: Vec<_> = archive.iter().map(|(_, key)| key.record.as_ref().map_or(0, KeyRecord::key_bits)).collect();
        assert_eq!(bits, [1_024], "{name}");
    }
}

#[test]
fn dkim_verifiers_messages_are_graded() {
    let Some(root) = frelon_testkit::corpus("dkim/lieser+dkim_verifier/test/data") else { return };
    let keys = examples();
    let judge = |name: &str| outcome(&fs::read(root.join(name)).expect("readable"), &keys);
    for (name, grade, reason) in [
        ("rfc6376-A.2.eml", DkimState::Pass, Reason::Verified),
        ("rfc6376-A.2-body_modified.eml", DkimState::BodyAltered, Reason::BodyDiffers),
        ("rfc6376-A.2-header_subject_modified.eml", DkimState::HeadersAltered, Reason::HeadersDiffer),
        ("rfc6376-A.2-ill_formed-missing_v.eml", DkimState::Malformed, Reason::SignatureMalformed),
        ("rfc8463-A.3.eml", DkimState::Pass, Reason::Verified),
        ("rfc8463-A.3-key_algo_mismatch.eml", DkimState::Malformed, Reason::RecordUnfit),
        ("dkim/header_with_non_ascii_char.eml", DkimState::Pass, Reason::Verified),
        ("dkim/flags_s-auid_and_sdid_match.eml", DkimState::KeyNotFound, Reason::NoRecord),
    ] {
        let found = judge(name);
        assert_eq!((found.0, found.1), (grade, Some(reason)), "{name}");
    }
    // A field added above the signed one verifies, and is shown.
    for field in ["from", "to", "subject", "date"] {
        let (grade, _, found) = judge(&format!("dkim/added_header-{field}.eml"));
        assert_eq!(grade, DkimState::Pass);
        let unsigned: Vec<_> = found.signatures[0].unsigned_duplicates().map(|field| field.name.as_str()).collect();
        assert_eq!(unsigned, [field]);
    }
    // `t=s` in the record.
    let mut keys = KeyArchive::new();
    add_line(&mut keys, &EXAMPLES[0].replace("brisbane", "s.flags").replace("v=DKIM1;", "v=DKIM1; t=s;"));
    for (name, grade) in [("match", DkimState::Pass), ("subdomain_of_sdid", DkimState::Malformed)] {
        let of = if name == "match" { "auid_and_sdid_match" } else { "auid_is_subdomain_of_sdid" };
        let raw = fs::read(root.join(format!("dkim/flags_s-{of}.eml"))).expect("readable");
        assert_eq!(outcome(&raw, &keys).0, grade, "{name}");
    }
}

/// No keys are there for these, and the bodies alone can be judged.
#[test]
fn zk_emails_messages_show_their_bodies() {
    let Some(root) = frelon_testkit::corpus("dkim/zkemail+zk-email-verify/packages/helpers/tests/test-data") else {
        return;
    };
    for (name, is_intact) in [("email-good-large.eml", true), ("email-body-tampered.eml", false)] {
        let (grade, reason, found) = outcome(&fs::read(root.join(name)).expect("readable"), &KeyArchive::new());
        assert_eq!((grade, reason), (DkimState::KeyNotFound, Some(Reason::NoRecord)), "{name}");
        assert_eq!(found.signatures[0].is_body_intact, Some(is_intact), "{name}");
    }
}

/// A key in the file that signers write for a zone, and one without any frame.
#[test]
fn cloudflares_keys_are_read() {
    let Some(root) = frelon_testkit::corpus("dkim/cloudflare+dkim/test/keys") else { return };
    let mut archive = KeyArchive::new();
    let text = fs::read_to_string(root.join("2022.txt")).expect("readable");
    assert!(archive.add_zone(&text, "example.com.", "a file", None).is_empty());
    let [key] = archive.keys("example.com", "2022") else { panic!("one record") };
    let record = key.record.as_ref().expect("a key");
    assert!(record.key_bits() == 2_048 && record.is_testing());
    let key = fs::read_to_string(root.join("ed.public")).expect("readable");
    let record = KeyRecord::parse(&format!("k=ed25519; p={key}")).expect("a key");
    assert_eq!(record.key_bits(), 256);
}
