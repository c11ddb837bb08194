use frelon_log::Signer;
use frelon_model::{ItemNumber, Tranche};
use proptest::prelude::*;

use super::{sample::*, *};
use crate::{Authority, Entry};

/// A statement with any text, signed by editor 1; the text need not be ours.
fn signed(text: &str) -> Vec<u8> {
    let mut note = Note::new(text).expect("a text");
    editor(1).sign(&mut note).expect("signed");
    note.to_string().into_bytes()
}

fn text(body: Body) -> String {
    terms(5, 1, body).to_text().expect("good terms")
}

#[test]
fn every_kind_round_trips_and_is_described() {
    let bodies = bodies();
    assert_eq!(bodies.iter().map(Body::kind).collect::<Vec<_>>(), Kind::ALL);
    for body in bodies {
        let statement = sign(terms(5, 1, body.clone()), &[1, 2]);
        let bytes = statement.to_string();
        assert!(bytes.starts_with(&format!("frelon/{}/v1\n{{\"origin\":\"frelon.example/log\"", body.kind())));
        assert_eq!(Statement::parse(bytes.as_bytes()), Ok(statement.clone()));
        assert_eq!(Draft::parse(bytes.as_bytes()).expect("a draft").statement(), &statement);
        let described = statement.describe();
        assert!(described.ends_with("Id: 05050505050505050505050505050505\n"), "{described}");
        assert!(described.lines().count() >= 5, "{described}");
    }
}

#[test]
fn the_text_is_as_the_format_says() {
    assert_eq!(
        text(Body::Withdraw(withdraw())),
        "frelon/withdraw/v1\n{\"origin\":\"frelon.example/log\",\"collection\":\"lake\",\
         \"id\":\"05050505050505050505050505050505\",\"root_version\":1,\"made_at\":\"2016-10-07T14:03:00Z\",\
         \"says\":{\"leaf\":17,\"number\":9,\"mode\":\"hide\",\"reason\":\"court-order\",\"jurisdiction\":\"FR\",\
         \"until\":\"2017-07-14T02:40:00Z\",\"text\":\"Ordered by a court.\\nUntil the appeal.\"}}\n"
    );
}

#[test]
fn a_release_is_described_in_words() {
    let described = terms(5, 1, Body::Release(release())).describe();
    assert_eq!(
        described,
        "RELEASES tranche 2: 3 items become public.\n\
         Title: \"The second part\"\n\
         Published: 2016-10-07T14:03:00Z\n\
         Entries of the log: 10 to 12\n\
         \x20 volume/lake/2.1.zip, 12345 bytes, SHA-256 abababababababababababababababababababababababababababababababab\n\
         Collection: lake\n\
         Log: \"frelon.example/log\"\n\
         Made under version 1 of the editors' keys.\n\
         Made: 2016-10-07T14:03:00Z\n\
         Id: 05050505050505050505050505050505\n"
    );
}

#[test]
fn the_words_of_others_cannot_look_like_ours() {
    let about = "good\nRELEASES tranche 9: 1 item become public.\n\u{202e}txt".to_owned();
    let described = terms(5, 1, Body::Collection(Description { title: "a \"b\" \\".to_owned(), about })).describe();
    assert!(
        described.starts_with("Describes a collection: \"a \\\"b\\\" \\\\\"\n  | good\n  | RELEASES"),
        "{described}"
    );
    assert!(described.contains("  | \\u{202e}txt\n"), "{described}");
    // Control characters are refused before they could be described.
    let title = "x\u{9b}2J".to_owned();
    assert!(Draft::new(terms(5, 1, Body::Collection(Description { title, about: String::new() }))).is_err());
}

#[test]
fn one_meaning_is_read_out_of_one_text_or_none() {
    let whole = text(Body::Withdraw(withdraw()));
    assert!(Statement::parse(&signed(&whole)).is_ok());
    for (from, to) in [
        // Unknown, missing, twice.
        ("\"leaf\":17", "\"leaf\":17,\"extra\":1"),
        ("\"root_version\":1", "\"root_version\":1,\"extra\":1"),
        ("\"leaf\":17,", ""),
        ("\"leaf\":17", "\"leaf\":17,\"leaf\":18"),
        ("\"says\":{", "\"says\":{},\"says\":{"),
        // Another type for a value.
        ("\"leaf\":17", "\"leaf\":17.0"),
        ("\"leaf\":17", "\"leaf\":\"17\""),
        ("\"leaf\":17", "\"leaf\":-17"),
        ("\"mode\":\"hide\"", "\"mode\":{\"hide\":null}"),
        ("\"mode\":\"hide\"", "\"mode\":\"hush\""),
        ("\"court-order\"", "\"court order\""),
        ("\"jurisdiction\":\"FR\"", "\"jurisdiction\":null"),
        ("\"until\":\"2017-07-14T02:40:00Z\"", "\"until\":null"),
        ("\"collection\":\"lake\"", "\"collection\":null"),
        ("\"collection\":\"lake\",", ""),
        // Another spelling.
        ("02:40:00Z", "02:40:00.0Z"),
        ("02:40:00Z", "02:40:00+00:00"),
        ("2017-07-14", "2017-7-14"),
        ("2017-07-14", "017-07-14"),
        ("05050505", "ABABABAB"),
        ("05050505", "050505"),
        ("{\"origin\"", " {\"origin\""),
        ("}}\n", "}} \n"),
        ("}}\n", "}}{}\n"),
        ("}}\n", "}}\nmore\n"),
        ("}}\n", "}}\n\n"),
        ("frelon/withdraw/v1", "frelon/withdraw/v2"),
        ("frelon/withdraw/v1", "frelon/Withdraw/v1"),
        ("frelon/withdraw/v1", "frelon/restore/v1"),
        ("frelon/withdraw/v1", "frelon/doc/v1"),
        // Out of bounds.
        ("\"leaf\":17", "\"leaf\":9223372036854775807"),
        ("\"number\":9", "\"number\":0"),
        ("\"collection\":\"lake\"", "\"collection\":\"../lake\""),
        ("\"origin\":\"frelon.example/log\"", "\"origin\":\"\""),
        ("\"FR\"", "\"F\\u001bR\""),
        ("\"FR\"", "\"F\\nR\""),
        ("\"FR\"", "\"\""),
    ] {
        assert!(whole.contains(from), "{from}");
        let changed = whole.replacen(from, to, 1);
        let Ok(mut note) = Note::new(changed) else { continue };
        editor(1).sign(&mut note).expect("signed");
        let read = Statement::parse(note.to_string().as_bytes());
        assert!(read.is_err(), "{to}: {read:?}");
        let says = read.expect_err("refused").to_string();
        assert!(!says.chars().any(char::is_control), "{says}");
    }
    // Objects are not lists, at any level.
    let listed = "frelon/restore/v1\n{\"origin\":\"frelon.example/log\",\"collection\":\"lake\",\
        \"id\":\"05050505050505050505050505050505\",\"root_version\":1,\"made_at\":\"2016-10-07T14:03:00Z\",\
        \"says\":[17,9,\"text\"]}\n";
    assert!(Statement::parse(&signed(listed)).is_err());
    let volumes = text(Body::Release(release()));
    for hash in ["AB".repeat(32), format!(" {}", "ab".repeat(32)), "ab".repeat(31)] {
        let changed = volumes.replace(&"ab".repeat(32), &hash);
        assert!(changed != volumes && Statement::parse(&signed(&changed)).is_err(), "{hash}");
    }
    let start = volumes.find("[{").expect("the volumes");
    let end = volumes.find("}]").expect("their end");
    let listed =
        format!("{}[[\"volume/lake/2.1.zip\",12345,\"{}\"]{}", &volumes[..start], "ab".repeat(32), &volumes[end + 1..]);
    assert!(Statement::parse(&signed(&listed)).is_err());
}

#[test]
fn kinds_of_later_versions_are_told_from_junk() {
    let seal = signed("frelon/seal/v1\n{}\n");
    assert_eq!(Statement::parse(&seal), Err(Malformed::UnknownKind("seal".to_owned())));
    for junk in
        ["frelon/doc/v1\n{}\n", "frelon/original/v1\n{}\n", "frelon//v1\n{}\n", "frelon/a b/v1\n{}\n", "seal\n{}\n"]
    {
        assert!(matches!(Statement::parse(&signed(junk)), Err(Malformed::Bytes { .. })), "{junk}");
    }
}

#[test]
fn what_no_reader_accepts_is_not_drafted() {
    let lake = |body| Draft::new(terms(5, 1, body)).is_ok();
    assert!(lake(Body::Release(release())));
    for bad in [
        Release { tranche: Tranche(0), ..release() },
        Release { item_count: 0, ..release() },
        Release { item_count: 4, ..release() },
        Release { first_leaf: 13, ..release() },
        Release { volumes: Vec::new(), ..release() },
        Release { tranche: Tranche(3), ..release() },
        Release { published_at: Instant(i64::MAX), ..release() },
        Release { title: "two\nlines".to_owned(), ..release() },
    ] {
        assert!(!lake(Body::Release(bad.clone())), "{bad:?}");
    }
    assert!(!lake(Body::Accession(Accession { count: 3, first_leaf: 1, last_leaf: 2 })));
    assert!(!lake(Body::Restore(Restore { leaf: 1, number: ItemNumber(0), text: None })));
    assert!(!lake(Body::Correct(Correct { leaf: 1, replacement_leaf: 1, reason: "x".to_owned() })));
    assert!(!lake(Body::Collection(Description { title: String::new(), about: String::new() })));
    assert!(!lake(Body::Withdraw(Withdraw { text: Some("x".repeat(20_000)), ..withdraw() })));
    let mut without = terms(5, 1, Body::Release(release()));
    without.collection = None;
    assert!(Draft::new(without).is_err());
    let mut with = terms(5, 1, Body::Root(root(2, &[1], 1)));
    with.collection = terms(5, 1, Body::Release(release())).collection;
    assert!(Draft::new(with).is_err());
}

#[test]
fn roots_name_each_key_once() {
    let good = root(2, &[1, 2, 3], 2);
    let is_good = |root: Root| Draft::new(terms(5, 1, Body::Root(root))).is_ok();
    assert!(is_good(good.clone()));
    let key = |name: &str, seed: u8| Signer::new(name.parse().expect("a name"), &[seed; 32]).verifier().clone();
    let with = |change: &dyn Fn(&mut Root)| {
        let mut root = good.clone();
        change(&mut root);
        root
    };
    for (what, bad) in [
        ("a key twice", with(&|root| root.editors.push(root.editors[0].clone()))),
        ("a key under two names", with(&|root| root.editors.push(key("somebody.else", 1)))),
        ("a name for two keys", with(&|root| root.editors.push(key("frelon.example/editor-1", 9)))),
        ("the log's key as an editor", with(&|root| root.editors.push(root.log.clone()))),
        ("the log's key under an editor's name", with(&|root| root.editors.push(key("editor", 200)))),
        ("a witness that signs notes", with(&|root| root.witnesses.push(key("witness", 50)))),
        ("an editor that cosigns", with(&|root| root.editors.push(witness(2)))),
        ("a witness twice", with(&|root| root.witnesses.push(witness(1)))),
        ("no editors", with(&|root| root.editors.clear())),
        ("no threshold", with(&|root| root.threshold = 0)),
        ("more than all", with(&|root| root.threshold = 4)),
        ("another version", with(&|root| root.version = 3)),
        ("version 0", with(&|root| root.version = 0)),
        ("another log", with(&|root| root.log = key("other.example", 200))),
        ("too many editors", with(&|root| root.editors = (1..=33).map(|n| editor(n).verifier().clone()).collect())),
        ("no recipient", with(&|root| root.custodians = vec!["AGE-SECRET-KEY-1".to_owned()])),
    ] {
        assert!(!is_good(bad), "{what}");
    }
    assert!(is_good(with(&|root| root.editors = (1..=32).map(|n| editor(n).verifier().clone()).collect())));
    assert!(is_good(with(&|root| root.custodians = vec![format!("age1{}", "q".repeat(58))])));
}

#[test]
fn drafts_go_from_hand_to_hand() {
    let mut draft = Draft::new(terms(5, 1, Body::Release(release()))).expect("a draft");
    let file = draft.to_string();
    assert!(file.ends_with("}\n\n"));
    assert_eq!(Draft::parse(file.as_bytes()), Ok(draft.clone()));
    assert!(Statement::parse(file.as_bytes()).is_err(), "unsigned");
    assert!(draft.clone().finish().is_err(), "unsigned");

    let mut shown = String::new();
    let no = draft.sign(&editor(1), |said| {
        shown = said.to_owned();
        false
    });
    assert_eq!(no, Ok(false));
    assert!(shown.starts_with("RELEASES tranche 2"), "{shown}");
    assert_eq!(draft.to_string(), file, "not signed");

    assert_eq!(draft.sign(&editor(1), |_| true), Ok(true));
    let once = draft.to_string();
    assert_eq!(draft.sign(&editor(1), |_| true), Ok(true));
    assert_eq!(draft.to_string(), once, "one editor, one line");

    // Two editors sign two copies.
    let mut other = Draft::parse(file.as_bytes()).expect("a draft");
    assert_eq!(other.sign(&editor(2), |_| true), Ok(true));
    assert_eq!(draft.merge(&other), Ok(1));
    assert_eq!(draft.merge(&other), Ok(0));
    assert_eq!(draft.statement().note().signatures().len(), 2);
    let foreign = Draft::new(terms(6, 1, Body::Release(release()))).expect("a draft");
    assert!(draft.merge(&foreign).is_err());
    assert_eq!(Draft::parse(draft.to_string().as_bytes()), Ok(draft));
}

#[test]
fn statements_fit_an_entry_with_all_their_signatures() {
    let long = Description { title: "t".repeat(1_000), about: "\n".repeat(16 * 1024) };
    let mut draft = Draft::new(terms(5, 1, Body::Collection(long))).expect("a draft");
    for n in 1..=64 {
        assert_eq!(draft.sign(&editor(n), |_| true), Ok(true));
    }
    assert!(draft.sign(&editor(65), |_| true).is_err());
    let bytes = draft.to_string().into_bytes();
    assert!(bytes.len() <= STATEMENT_BYTES_MAX);
    assert!(Statement::parse(&bytes).is_ok());
    let mut volumes = release();
    volumes.volumes = (1..400)
        .map(|n| ReleasedVolume { path: format!("volume/lake/2.{n}.zip"), ..release().volumes[0].clone() })
        .collect();
    assert!(Draft::new(terms(5, 1, Body::Release(volumes))).is_err(), "longer than 48 KiB");
}

proptest! {
    #[test]
    fn any_title_and_text_round_trips_or_is_refused(title in ".{0,80}", about in "(?s).{0,200}", at: i32, version: u64) {
        let mut terms = terms(5, version, Body::Collection(Description { title: title.clone(), about: about.clone() }));
        terms.made_at = Instant(i64::from(at));
        let is_good = !title.is_empty()
            && !title.chars().any(char::is_control)
            && !about.chars().any(|letter| letter.is_control() && letter != '\n');
        match Draft::new(terms) {
            Ok(mut draft) => {
                prop_assert!(is_good);
                prop_assert_eq!(draft.sign(&editor(1), |_| true), Ok(true));
                let statement = draft.finish().expect("signed");
                prop_assert_eq!(Statement::parse(statement.to_string().as_bytes()), Ok(statement.clone()));
                let safe = |letter: char| letter == '\n' || !letter.is_control();
                prop_assert!(statement.describe().chars().all(safe));
            }
            Err(_) => prop_assert!(!is_good),
        }
    }

    #[test]
    fn a_changed_byte_is_read_as_it_is_or_refused(which in 0..8_usize, at in any::<prop::sample::Index>(), byte: u8) {
        let mut bytes = sign(terms(5, 1, bodies().swap_remove(which)), &[1]).to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(read) = Statement::parse(&bytes) {
            prop_assert_eq!(read.to_string().into_bytes(), bytes);
            let _lines = read.describe();
        }
    }
}

/// Every example of the page is read, printed again, and accepted in its order.
#[test]
fn the_page_about_the_formats_is_true() {
    let page = include_str!("../../../../docs/formats/log-entries.md");
    let examples = page.split("```text\n").skip(1).map(|rest| rest.split("```").next().expect("a block"));
    let mut authority = Authority::new(log_signer().verifier().clone());
    let mut found = Vec::new();
    for example in examples {
        let example = example.replace("frelon/<kind>/", &format!("frelon/{}/", Kind::Root));
        let entry = Entry::parse(example.as_bytes()).unwrap_or_else(|error| panic!("{example}: {error}"));
        assert_eq!(entry.to_string(), example);
        match entry {
            Entry::Document(_) => found.push("doc"),
            Entry::Original(_) => found.push("original"),
            Entry::Statement(statement) => {
                authority.accept(&statement).unwrap_or_else(|error| panic!("{example}: {error}"));
                found.push(statement.body().kind().as_str());
            }
        }
    }
    let kinds: Vec<&str> = ["doc", "original"].into_iter().chain(Kind::ALL.iter().map(|kind| kind.as_str())).collect();
    assert_eq!(found, kinds);
}
