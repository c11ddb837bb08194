//! Sources of every kind, made from the same messages.

use std::io::{Cursor, Write as _};

use crate::fixture::Bench;

/// Kinds of source that can hold several messages.
pub(crate) const KINDS: [&str; 7] = ["mbox", "maildir", "mh", "folder", "zip", "tar.gz", "mboxes"];

/// Writes messages as a source of a kind; gives its name. Every kind keeps their order.
pub(crate) fn write(bench: &Bench, kind: &str, messages: &[Vec<u8>]) -> String {
    let name = format!("source-{kind}");
    let numbered = || messages.iter().enumerate().map(|(index, message)| (index + 1, message));
    match kind {
        "mbox" => drop(bench.put(&name, &frelon_testkit::mbox(messages))),
        "maildir" => {
            for folder in ["cur", "new", "tmp"] {
                std::fs::create_dir_all(bench.path(&format!("{name}/{folder}"))).expect("room");
            }
            for (number, message) in numbered() {
                bench.put(&format!("{name}/cur/{number}.M1.host:2,S"), message);
            }
        }
        "mh" => {
            for (number, message) in numbered() {
                bench.put(&format!("{name}/inbox/{number}"), message);
            }
        }
        "folder" => {
            for (number, message) in numbered() {
                bench.put(&format!("{name}/{number}/letter.eml"), message);
            }
        }
        "zip" => drop(bench.put(&name, &zip(&named(messages)))),
        "tar.gz" => drop(bench.put(&name, &tar_gz(&named(messages)))),
        "mboxes" => {
            for (number, message) in numbered() {
                bench.put(&format!("{name}/box{number}.mbox"), &frelon_testkit::mbox([message]));
            }
        }
        other => panic!("no such kind: {other}"),
    }
    name
}

fn named(messages: &[Vec<u8>]) -> Vec<(String, &[u8])> {
    messages
        .iter()
        .enumerate()
        .map(|(index, message)| (format!("mail/{}.eml", index + 1), message.as_slice()))
        .collect()
}

/// A ZIP of files.
pub(crate) fn zip<N: AsRef<str>>(entries: &[(N, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(name.as_ref(), zip::write::SimpleFileOptions::default()).expect("in memory");
        writer.write_all(bytes).expect("in memory");
    }
    writer.finish().expect("in memory").into_inner()
}

fn tar_gz<N: AsRef<str>>(entries: &[(N, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    for (name, bytes) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name.as_ref(), *bytes).expect("in memory");
    }
    builder.into_inner().expect("in memory").finish().expect("in memory")
}

/// Messages of words drawn by a small generator (xorshift64): the same for the same seed.
pub(crate) fn generated(seed: u64, count: usize, size_bytes: usize) -> Vec<Vec<u8>> {
    const WORDS: [&str; 32] = [
        "dam",
        "river",
        "report",
        "budget",
        "meeting",
        "valve",
        "engineer",
        "minister",
        "contract",
        "lake",
        "pressure",
        "leak",
        "level",
        "tender",
        "invoice",
        "letter",
        "witness",
        "barrage",
        "rapport",
        "rivière",
        "baraj",
        "nehir",
        "toplantı",
        "crack",
        "spillway",
        "gauge",
        "winter",
        "flood",
        "turbine",
        "council",
        "permit",
        "draft",
    ];
    let mut state = seed.max(1);
    let mut draw = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut message = |number: usize| {
        let mut body = String::with_capacity(size_bytes + 16);
        while body.len() < size_bytes {
            body.push_str(WORDS[draw() as usize % WORDS.len()]);
            body.push(if draw() % 12 == 0 { '\n' } else { ' ' });
        }
        body.push('\n');
        let mail = frelon_testkit::Mail::new(
            &format!("m{number}"),
            &format!("{} {number}", WORDS[draw() as usize % WORDS.len()]),
        )
        .field("From", &format!("Writer {0} <w{0}@example.org>", draw() % 40))
        .field("Date", &format!("Fri, {} Oct 2016 14:{:02}:00 +0000", draw() % 28 + 1, draw() % 60))
        .field("Content-Type", "text/plain; charset=utf-8");
        let mail =
            if number > 0 && draw() % 3 == 0 { mail.reply_to(&format!("m{}", draw() as usize % number)) } else { mail };
        mail.body(body).to_bytes()
    };
    (0..count).map(&mut message).collect()
}
