//! Input that cannot be taken in, or not whole: each has its row, and the rest goes on.

use std::io::{Cursor, Write as _};
use std::ops::ControlFlow;
use std::os::unix::fs::symlink;

use frelon_extract::{Failure, Options, Outcome, Progress, RawItem, Sink, run};

use crate::fixture::{Bench, mbox, message};

/// Takes one file in beside a good one, and gives the rows.
fn rows(name: &str, bytes: &[u8]) -> String {
    let bench = Bench::new();
    bench.put(name, bytes);
    bench.put("zz.eml", &message("good"));
    let report = bench.intake();
    assert!(report.finished && report.counts.added >= 1, "the good one is taken");
    bench.failures()
}

fn zip_with(options: zip::write::SimpleFileOptions, entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, options).expect("in memory");
        writer.write_all(bytes).expect("in memory");
    }
    writer.finish().expect("in memory").into_inner()
}

#[test]
fn what_is_no_mail_says_what_it_is() {
    assert_eq!(
        rows("a.eml", b"%PDF-1.7 called a message"),
        "a.eml at byte 0: not-mail: not mail (a PDF document); kept out: this version takes in mail only\n"
    );
    assert_eq!(
        rows("notes", b"Dear diary,\nnothing happened.\n"),
        "notes at byte 0: not-mail: not mail (text without the header of a message); kept out: this version takes in mail only\n"
    );
    assert_eq!(
        rows("x", b"!BDN and so on"),
        "x at byte 0: unsupported: an Outlook data file (PST or OST), which this version does not open; convert it to mbox first, for instance with readpst\n"
    );
    assert_eq!(rows("e", b""), "e at byte 0: empty: an empty file; nothing to take in\n");
    let office = zip_with(Default::default(), &[("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<x/>")]);
    assert_eq!(
        rows("d.docx", &office),
        "d.docx at byte 0: not-mail: not mail (an office document, a book or a program); kept out: this version takes in mail only\n"
    );
}

#[test]
fn the_bytes_of_what_is_no_mail_are_kept_once() {
    let bench = Bench::new();
    let pdf = b"%PDF-1.7 called a message".repeat(40);
    bench.put("a.pdf", &pdf);
    bench.put("copy.pdf", &pdf);
    bench.put("good.eml", &message("good"));
    for _ in 0..2 {
        bench.intake();
        let rows = frelon_desk::failures(&bench.publication()).expect("a vault").map(|row| row.expect("readable"));
        let kept = rows.map(|row| {
            let content = row.content.expect("kept");
            (row.place.file, frelon_desk::kept(&bench.publication(), &content).expect("whole").expect("there"))
        });
        let kept: Vec<_> = kept.filter(|(file, _)| file.ends_with(".pdf")).collect();
        assert_eq!(kept, [("a.pdf".to_owned(), pdf.clone()), ("copy.pdf".to_owned(), pdf.clone())]);
    }
}

#[test]
fn housekeeping_of_mail_programs_is_a_note() {
    assert_eq!(
        rows("mh/.mh_sequences", b"unseen: 1-3\n"),
        "note mh/.mh_sequences at byte 0: bookkeeping: a mail program's own file, no mail in it; nothing to do\n"
    );
    assert_eq!(
        rows("inbox/maildirfolder", b""),
        "note inbox/maildirfolder at byte 0: bookkeeping: a mail program's own file, no mail in it; nothing to do\n"
    );
}

#[test]
fn links_and_special_files_are_listed_and_not_followed() {
    let bench = Bench::new();
    bench.put("a.eml", &message("a"));
    symlink("..", bench.source().join("loop")).expect("a link");
    let _socket = std::os::unix::net::UnixListener::bind(bench.source().join("socket")).expect("a socket");
    assert_eq!(bench.intake().counts.added, 1);
    assert_eq!(
        bench.failures(),
        "loop at byte 0: link: a symbolic link, not followed; what lies inside the source is taken at its own place, anything else has to be given as a source\n\
         socket at byte 0: special-file: a socket, not a file; left out: save its content as a file first\n"
    );
}

#[test]
fn a_mailbox_cut_off_keeps_its_last_message() {
    let mut cut = mbox(&[message("a"), message("b")]);
    cut.truncate(cut.len() - 9);
    let bench = Bench::new();
    bench.put("box", &cut);
    assert_eq!(bench.intake().counts.added, 2);
    let end = cut.len();
    assert_eq!(
        bench.failures(),
        format!(
            "note box at byte {end}: cut-short: the last message of the mailbox ends in the middle of a line; taken as it is: look whether the file was copied whole\n"
        )
    );
    assert_eq!(bench.rebuilt("box", ""), cut);
}

#[test]
fn a_cut_zip_gives_what_it_has() {
    let noise = |seed: u32| {
        let mut text = message(&format!("n{seed}"));
        let mut state = seed;
        for _ in 0..4_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text.extend_from_slice(format!("{state:08x}\n").as_bytes());
        }
        text
    };
    let whole = zip_with(Default::default(), &[("a.eml", &noise(1)), ("b.eml", &noise(2)), ("c.eml", &noise(3))]);
    let bench = Bench::new();
    bench.put("cut.zip", &whole[..whole.len() / 2]);
    let report = bench.intake();
    assert_eq!((report.counts.added, report.counts.failures), (2, 1), "the whole one, and part of the second");
    assert_eq!(bench.items()[&1], noise(1));
    let rows = bench.failures();
    assert!(rows.contains("cut.zip at byte 0: container-damaged: the ZIP is damaged or breaks off ("), "{rows}");
    assert!(rows.contains("); what could be read was taken: look for a whole copy and run again\n"), "{rows}");
    assert!(rows.contains("note cut.zip > b.eml at byte "), "{rows}");
}

#[test]
fn damage_inside_a_zip_is_noticed_by_its_checksum() {
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut bytes = zip_with(stored, &[("a.eml", &message("a")), ("b.eml", &message("b"))]);
    let at = bytes.windows(9).position(|window| window == b"This is a").expect("stored");
    bytes[at] = b't';
    assert_eq!(
        rows("d.zip", &bytes),
        "d.zip > a.eml at byte 0: container-damaged: the ZIP is damaged or breaks off (the checksum of this entry is wrong); what could be read was taken: look for a whole copy and run again\n"
    );
}

#[test]
fn bombs_are_stopped() {
    let mut bomb = message("bomb");
    bomb.resize(80 << 20, b'a');
    assert_eq!(
        rows("bomb.zip", &zip_with(Default::default(), &[("b.eml", &bomb)])),
        "bomb.zip > b.eml at byte 0: bomb: it inflates beyond every measure (a bomb); left out from here on: unpack it yourself, with care, if it is genuine\n"
    );
    let mut nested = message("deep");
    for _ in 0..10 {
        nested = zip_with(Default::default(), &[("z", &nested)]);
    }
    let rows = rows("nested.zip", &nested);
    assert!(
        rows.contains(": too-deep: containers are nested more than 8 deep here; unpack it and take in the folder\n"),
        "{rows}"
    );
}

#[test]
fn a_cut_tar_names_the_entry_that_breaks_off() {
    let mut builder = tar::Builder::new(Vec::new());
    for name in ["a.eml", "b.eml"] {
        let bytes = message(name);
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, &bytes[..]).expect("in memory");
    }
    let bytes = builder.into_inner().expect("in memory");
    let bench = Bench::new();
    bench.put("cut.tar", &bytes[..1024 + 512 + 60]);
    assert_eq!(bench.intake().counts.added, 2);
    let rows = bench.failures();
    assert!(
        rows.starts_with("cut.tar at byte 0: container-damaged: the container is damaged or breaks off here ("),
        "{rows}"
    );
}

#[test]
fn a_file_that_vanishes_is_a_row() {
    struct Remover(std::path::PathBuf, Vec<Failure>);
    impl Sink for Remover {
        fn item(&mut self, _: RawItem<'_>) -> ControlFlow<()> {
            std::fs::remove_file(&self.0).expect("it was there");
            ControlFlow::Continue(())
        }
        fn failure(&mut self, failure: Failure) -> ControlFlow<()> {
            self.1.push(failure);
            ControlFlow::Continue(())
        }
    }
    let bench = Bench::new();
    bench.put("a", &message("a"));
    let mut sink = Remover(bench.put("b", &message("b")), Vec::new());
    let progress = Progress::default();
    let outcome = run(&[bench.source()], &Options::default(), &progress, &mut sink);
    assert_eq!(outcome, Outcome::Finished);
    let rows: Vec<_> = sink.1.iter().map(|row| format!("{}: {}: {}", row.place, row.reason, row.message)).collect();
    assert_eq!(
        rows,
        [
            "b at byte 0: vanished: it was there when the folder was listed and is gone now; stop whatever changes the source and run again"
        ]
    );
}

#[test]
fn too_large_a_message_is_left_out_and_the_next_one_taken() {
    let bench = Bench::new();
    let path = bench.put("big.eml", &message("big"));
    // Sparse: a quarter of a gigabyte of nothing.
    let file = std::fs::OpenOptions::new().write(true).open(path).expect("there");
    file.set_len(frelon_model::limits::ITEM_BYTES_MAX + 1).expect("sparse");
    bench.put("small.eml", &message("small"));
    assert_eq!(bench.intake().counts.added, 1);
    assert_eq!(
        bench.failures(),
        "big.eml at byte 0: too-large: a message of more than 256 MiB; left out: take it in by itself after splitting off its attachments\n"
    );
}
