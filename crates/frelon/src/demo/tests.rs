use std::collections::{BTreeMap, BTreeSet};

use super::cast::{CAST, Language};
use super::compose::Letter;
use super::draft::{Draft, Link, Source};
use super::*;

const SEED: u64 = 412;

fn drafts(seed: u64) -> Vec<Draft> {
    let mut drafts = script::read();
    drafts.extend(noise::compose(seed));
    drafts
}

/// The unfolded values of a header field.
fn values(letter: &Letter, name: &str) -> Vec<String> {
    let text = String::from_utf8_lossy(&letter.bytes).replace("\r\r\n", "\n");
    let head = text.split("\n\n").next().unwrap_or_default().replace("\n ", " ");
    head.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_string)).collect()
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            found.insert(name, std::fs::read(&path).unwrap());
        }
    }
    found
}

/// A folder of its own under the system's, removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("frelon-demo-{name}-{}", std::process::id()));
        let _gone = std::fs::remove_dir_all(&path);
        Scratch(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_same_seed_writes_the_same_bytes() {
    let (one, two, other) = (Scratch::new("one"), Scratch::new("two"), Scratch::new("other"));
    let written = write(SEED, &one.0).unwrap();
    write(SEED, &two.0).unwrap();
    write(SEED + 1, &other.0).unwrap();
    assert!(files(&one.0) == files(&two.0));
    assert!(files(&one.0)["commission.mbox"] != files(&other.0)["commission.mbox"]);
    assert_eq!(written.sources.len(), 4);
    // Again into the same folder: nothing to do. Another archive over it: refused.
    write(SEED, &one.0).unwrap();
    assert_eq!(write(SEED + 1, &one.0).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
}

#[test]
fn about_six_hundred_whatever_the_seed() {
    for seed in [0, 1, SEED, u64::MAX] {
        let count = letters(seed).len();
        assert!((560..=660).contains(&count), "{count} messages from seed {seed}");
    }
    assert!(script::read().len() >= 120);
}

#[test]
fn four_languages_in_fair_shares() {
    let drafts = drafts(SEED);
    let mut shares: BTreeMap<Language, usize> = BTreeMap::new();
    for draft in &drafts {
        *shares.entry(draft.language).or_default() += 100;
    }
    for (language, low, high) in [
        (Language::English, 25, 50),
        (Language::French, 20, 45),
        (Language::Turkish, 12, 30),
        (Language::Arabic, 8, 25),
    ] {
        let share = shares[&language] / drafts.len();
        assert!((low..=high).contains(&share), "{language:?}: {share} %");
    }
}

#[test]
fn an_mbox_splits_into_what_was_put_in() {
    let letters = letters(SEED);
    for source in [Source::Commission, Source::List] {
        let mbox = mailbox::mbox(&letters, source);
        let mut split: Vec<Vec<u8>> = Vec::new();
        let mut after_empty = true;
        for line in mbox.split_inclusive(|byte| *byte == b'\n') {
            if line.starts_with(b"From ") {
                assert!(after_empty, "a separator after a line of text");
                split.push(Vec::new());
            } else if let Some(message) = split.last_mut() {
                let quoted = line.starts_with(b">") && mailbox::is_from_line(line);
                message.extend_from_slice(if quoted { &line[1..] } else { line });
            }
            after_empty = line == b"\n";
        }
        let expected: Vec<&Letter> = letters.iter().filter(|letter| letter.source == source).collect();
        assert_eq!(split.len(), expected.len());
        for (found, letter) in split.iter().zip(expected) {
            assert!(found.strip_suffix(b"\n").is_some_and(|found| found == letter.bytes), "{}", letter.key);
        }
    }
}

#[test]
fn threads_resolve_but_for_the_lost_ones() {
    let letters = letters(SEED);
    let ids: BTreeSet<String> = letters.iter().flat_map(|letter| values(letter, "Message-ID")).collect();
    let mut answers = 0;
    let mut lost = 0;
    for letter in &letters {
        for parent in values(letter, "In-Reply-To") {
            answers += 1;
            if !ids.contains(&parent) {
                lost += 1;
                assert!(
                    parent.contains("lost.ouvane") || parent.starts_with("Your message"),
                    "{}: {parent}",
                    letter.key
                );
            }
        }
        for reference in values(letter, "References").iter().flat_map(|value| value.split_whitespace()) {
            assert!(
                ids.contains(reference) || reference.contains("lost.ouvane") || reference == "(none)",
                "{reference}"
            );
        }
    }
    assert!(answers > 200, "{answers} answers");
    assert!((2..40).contains(&lost), "{lost} answers to lost messages");
    assert!(drafts(SEED).iter().any(|draft| draft.link == Link::SubjectOnly));
}

#[test]
fn identities_are_unique_but_where_meant() {
    let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for letter in letters(SEED) {
        for id in values(&letter, "Message-ID") {
            seen.entry(id).or_default().push(letter.key.clone());
        }
    }
    let shared: Vec<&Vec<String>> = seen.values().filter(|keys| keys.len() > 1).collect();
    assert_eq!(shared.len(), 2, "{shared:?}");
}

#[test]
fn an_answer_comes_after_what_it_answers() {
    let drafts = drafts(SEED);
    let sent: BTreeMap<&str, i64> = drafts.iter().map(|draft| (draft.key.as_str(), draft.sent.unix)).collect();
    assert_eq!(sent.len(), drafts.len(), "keys are unique");
    for draft in &drafts {
        if let Some(parent) = &draft.parent {
            assert!(sent[parent.as_str()] <= draft.sent.unix, "{} comes before {parent}", draft.key);
        }
    }
}

#[test]
fn no_template_shows() {
    for draft in drafts(SEED) {
        let text = format!("{}\n{}", draft.subject, draft.body);
        assert!(!text.contains(['{', '}', '|']), "{}: {text}", draft.key);
        assert!(!draft.body.trim().is_empty(), "{} has no body", draft.key);
    }
}

#[test]
fn every_domain_is_nobodys() {
    for person in CAST {
        assert!(person.domain().ends_with(".example") || person.domain().ends_with(".invalid"), "{}", person.address);
    }
    // A domain is what follows an @ or // wherever it stands.
    for letter in letters(SEED) {
        let text = String::from_utf8_lossy(&letter.bytes).into_owned();
        for (place, _) in text.match_indices("https://") {
            let host = text[place + 8..].split(['/', '"', '\n', ' ', '=', '<']).next().unwrap_or_default();
            assert!(host.ends_with(".example") || host.ends_with(".invalid"), "{}: {host}", letter.key);
        }
    }
}

#[test]
fn headers_are_ascii_and_short_unless_broken() {
    for letter in letters(SEED).iter().filter(|letter| !letter.key.starts_with("broken")) {
        let end = letter.bytes.windows(2).position(|pair| pair == b"\n\n").unwrap();
        for line in letter.bytes[..end].split(|byte| *byte == b'\n') {
            assert!(line.is_ascii() && line.len() <= 200, "{}: {}", letter.key, String::from_utf8_lossy(line));
        }
        assert!(letter.bytes.split(|byte| *byte == b'\n').all(|line| line.len() <= 998), "{}", letter.key);
    }
}

#[test]
fn every_kind_of_charset_and_attachment_is_there() {
    let whole: Vec<String> =
        letters(SEED).iter().map(|letter| String::from_utf8_lossy(&letter.bytes).into_owned()).collect();
    for sign in [
        "charset=iso-8859-1",
        "charset=iso-8859-9",
        "charset=windows-1256",
        "charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "Content-Transfer-Encoding: quoted-printable",
        "Content-Transfer-Encoding: base64",
        "=?iso-8859-1?Q?",
        "=?windows-1256?B?",
        "=?utf-8?B?",
        "format=flowed",
        "multipart/alternative",
        "multipart/related",
        "message/rfc822",
        "report-type=delivery-status",
        "application/pdf",
        "application/zip",
        "image/png",
        "text/csv",
        "text/calendar",
        "wordprocessingml",
        ".exe",
        "filename*=utf-8''",
        "filename*0*=utf-8''",
        "List-Id:",
        "X-Spam-Flag",
        "cid:",
    ] {
        assert!(whole.iter().any(|text| text.contains(sign)), "no message has {sign}");
    }
}

#[test]
fn what_the_about_text_promises_can_be_found() {
    for word in ["Annex D", "P-14", "salle 3", "bulanık", "عكر", "412"] {
        assert!(script::read().iter().any(|draft| draft.body.contains(word)), "{word}");
    }
    let (before, after): (Vec<Draft>, Vec<Draft>) =
        drafts(SEED).into_iter().filter(|draft| draft.key.starts_with("bulletin")).partition(|draft| {
            draft.sent.rfc5322().contains("2017") && draft.sent.unix < clock::days(2017, 11, 1) * clock::DAY
        });
    assert!(before.iter().all(|draft| draft.body.contains("P-14")));
    assert!(after.iter().filter(|draft| draft.body.contains("P-14")).count() <= 2);
}
