//! Every kind of source, by content and whatever its name; original bytes come back.

use std::io::{Cursor, Write as _};

use crate::fixture::{Bench, mbox, message};

fn zip_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("in memory");
        writer.write_all(bytes).expect("in memory");
    }
    writer.finish().expect("in memory").into_inner()
}

fn tar_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *bytes).expect("in memory");
    }
    builder.into_inner().expect("in memory")
}

fn gzip_of(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

#[test]
fn folders_maildir_mh_and_single_files_in_original_order() {
    let bench = Bench::new();
    bench.put("maildir/new/2.host", &message("new"));
    bench.put("maildir/cur/1.host:2,S", &message("cur"));
    bench.put("maildir/.Sent/cur/3.host:2,S", &message("sent"));
    bench.put("mh/inbox/10", &message("ten"));
    bench.put("mh/inbox/2", &message("two"));
    bench.put("one.txt", &message("one"));
    let report = bench.intake();
    assert_eq!((report.counts.added, report.counts.failures), (6, 0));
    assert_eq!(
        bench.places(),
        [
            "1 maildir/.Sent/cur/3.host:2,S at byte 0 (file)",
            "2 maildir/cur/1.host:2,S at byte 0 (file)",
            "3 maildir/new/2.host at byte 0 (file)",
            "5 mh/inbox/10 at byte 0 (file)",
            "4 mh/inbox/2 at byte 0 (file)",
            "6 one.txt at byte 0 (file)",
        ]
    );
}

#[test]
fn mailboxes_of_any_kind_come_back_byte_for_byte() {
    let quoted = b"From: a@example.org\nSubject: q\n\n>From here on\n>>From there\nend\n".to_vec();
    let bare = b"From: a@example.org\nSubject: b\n\ntext\nFrom here on it is body\n>From x\nend\n".to_vec();
    let crlf = mbox(&[message("x"), message("y")]).into_iter().flat_map(|byte| match byte {
        b'\n' => vec![b'\r', b'\n'],
        other => vec![other],
    });
    let mut cut = mbox(&[message("p"), message("q")]);
    cut.truncate(cut.len() - 7);
    let files = [
        ("mboxrd", mbox(&[message("a"), quoted.clone(), message("b")])),
        ("mboxo", mbox(&[message("c"), b"From: a@b.example\nSubject: s\n\n>From here\n".to_vec()])),
        ("bare", mbox(&[message("d"), bare, quoted])),
        ("crlf", crlf.collect()),
        ("cut", cut),
    ];
    let bench = Bench::new();
    for (name, bytes) in &files {
        bench.put(name, bytes);
    }
    bench.intake();
    for (name, bytes) in &files {
        assert!(bench.rebuilt(name, "") == *bytes, "{name}: {:?}", String::from_utf8_lossy(&bench.rebuilt(name, "")));
    }
    assert!(
        bench.items().values().any(|item| item.ends_with(b"\nFrom here on\n>From there\nend\n")),
        "mboxrd is undone"
    );
}

#[test]
fn a_single_mailbox_file_is_a_source_too() {
    let bench = Bench::new();
    let path = bench.put("box", &mbox(&[message("a"), message("b")]));
    assert_eq!(bench.try_intake(&[path]).expect("taken in").counts.added, 2);
    assert_eq!(bench.items()[&2], message("b"));
    assert!(bench.places()[0].starts_with("1 box at byte 0"));
}

#[test]
fn emlx_loses_its_wrapping_and_gets_it_back() {
    let inner = message("apple");
    let mut file = format!("{}\n", inner.len()).into_bytes();
    file.extend_from_slice(&inner);
    file.extend_from_slice(b"<?xml version=\"1.0\"?><plist/>\n");
    let bench = Bench::new();
    bench.put("1.emlx", &file);
    bench.intake();
    assert_eq!(bench.items()[&1], inner);
    assert_eq!(bench.rebuilt("1.emlx", ""), file);
}

#[test]
fn containers_are_opened_in_their_own_order_and_nested() {
    let inner = zip_of(&[("deep.eml", &message("deep"))]);
    let tar =
        tar_of(&[("z.eml", &message("z")), ("a/box", &mbox(&[message("m1"), message("m2")])), ("in.zip", &inner)]);
    let long = "folder/".repeat(30) + "long.eml";
    let bench = Bench::new();
    bench.put("1", &gzip_of(&tar));
    bench.put("2", &zip_of(&[("b.eml", &message("b")), ("a.tar", &tar_of(&[(&long, &message("long"))]))]));
    bench.put("3", &gzip_of(&message("gz")));
    let report = bench.intake();
    assert_eq!(bench.failures(), "");
    assert_eq!(report.counts.added, 7);
    assert_eq!(
        bench.places(),
        [
            // Listed by path; the numbers show the order of the containers.
            "2 1 > content > a/box at byte 0 (mboxo)".to_owned(),
            "3 1 > content > a/box at byte 186 (mboxo)".to_owned(),
            "4 1 > content > in.zip > deep.eml at byte 0 (file)".to_owned(),
            "1 1 > content > z.eml at byte 0 (file)".to_owned(),
            format!("6 2 > a.tar > {long} at byte 0 (file)"),
            "5 2 > b.eml at byte 0 (file)".to_owned(),
            "7 3 > content at byte 0 (file)".to_owned(),
        ]
    );
    assert_eq!(bench.rebuilt("1", "content > a/box"), mbox(&[message("m1"), message("m2")]));
}

#[test]
fn files_of_the_same_name_in_two_sources_are_told_apart() {
    let bench = Bench::new();
    let one = bench.put("first/a.eml", &message("one"));
    let two = bench.put("second/a.eml", &message("two"));
    let folders = [one, two].map(|path| path.parent().expect("a folder").to_owned());
    assert_eq!(bench.try_intake(&folders).expect("taken in").counts.added, 2);
    assert!(bench.rebuilt_from(&folders[0], "a.eml", "") == message("one"));
    assert!(bench.rebuilt_from(&folders[1], "a.eml", "") == message("two"));
}
