//! Input and surroundings that are wrong: each is told with its file, its place and what to do, has
//! its exit code, and harms nothing that is stored.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::symlink,
    time::{Duration, Instant},
};

use crate::{
    fixture::{Bench, Ended, message},
    source,
};

/// A publication of two letters, and a good third one not yet in it.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.put("good", &frelon_testkit::mbox([message("dam"), message("bridge")]));
    bench.put("third.eml", &message("mill"));
    bench.publish(&["good"]).says(0, &[]);
    bench
}

/// What was stored before is as it was, and more can be published.
#[track_caller]
fn unharmed(bench: &Bench) {
    let before = bench.check("pub");
    assert_eq!(bench.found("pub", "subject:\"about dam\" OR subject:\"about bridge\""), ["letters/1", "letters/2"]);
    bench.publish(&["third.eml"]).says(0, &["1 items taken in"]);
    assert_eq!(bench.check("pub").item_count, before.item_count + 1);
    assert_eq!(bench.found("pub", "subject:\"about mill\"").len(), 1);
}

/// The rows of `frelon status --failures`.
fn rows(bench: &Bench) -> String {
    let ended = bench.run(&["status", "--failures", "pub"]);
    ended.says(0, &[]);
    ended.out
}

#[test]
fn a_file_that_is_not_mail() {
    let bench = bench();
    bench.put("report.pdf", b"%PDF-1.7 and so on");
    let told = [
        "report.pdf at byte 0: not mail (a PDF document)",
        "no mail was found in report.pdf",
        "give mbox files, Maildir",
    ];
    bench.publish(&["report.pdf"]).says(4, &told);
    // Beside mail it is a row, and the mail is out.
    bench.put("mixed/a.eml", &message("castle"));
    bench.put("mixed/report.pdf", b"%PDF-1.7 and so on");
    bench
        .publish(&["mixed"])
        .says(3, &["1 could not be taken in", "see which and why with `frelon status --failures pub`"]);
    assert!(
        rows(&bench).contains("failure  not-mail  report.pdf at byte 0  not mail (a PDF document)"),
        "{}",
        rows(&bench)
    );
    assert_eq!(bench.found("pub", "castle"), ["letters/3"]);
    unharmed(&bench);
    // An empty directory holds none either, and a first attempt leaves room for a second.
    fs::create_dir(bench.path("empty")).expect("room");
    bench.run(&["publish", "empty", "--into", "new", "--no-serve"]).says(4, &["no mail was found in empty"]);
    bench.run(&["publish", "good", "--into", "new", "--no-serve"]).says(0, &["2 items taken in"]);
}

#[test]
fn a_file_that_cannot_be_read() {
    let bench = bench();
    bench.publish(&["nowhere.mbox"]).says(4, &["nowhere.mbox: cannot be taken in: No such file", "check the path"]);
    symlink("gone.mbox", bench.path("link.mbox")).expect("a link");
    bench.publish(&["link.mbox"]).says(4, &["link.mbox: cannot be taken in: No such file", "check the path"]);
    bench.publish(&["good/inner"]).says(4, &["good/inner: cannot be taken in: Not a directory", "check the path"]);
    bench.publish(&["."]).says(4, &["pub"]);
    fs::create_dir(bench.path("folder")).expect("room");
    symlink("gone.mbox", bench.path("folder/link.mbox")).expect("a link");
    bench.put("folder/a.eml", &message("castle"));
    bench.publish(&["folder"]).says(3, &["1 could not be taken in"]);
    assert!(rows(&bench).contains("failure  link  link.mbox at byte 0  "), "{}", rows(&bench));
    unharmed(&bench);
}

#[test]
fn a_file_that_vanishes() {
    let bench = bench();
    // Long enough that the second file is gone before its turn.
    bench.put("folder/a.mbox", &frelon_testkit::mbox(source::generated(3, 30_000, 600)));
    let second = bench.put("folder/b.eml", &message("castle"));
    let mut command = bench.command(&["publish", "folder", "--into", "pub", "--no-serve", "--collection", "letters"]);
    let child =
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().expect("started");
    // The folder has been listed when the first of its messages are stored.
    let pack = || crate::fixture::files(&bench.path("pub/vault/pack")).values().sum::<u64>();
    let (before, started) = (pack(), Instant::now());
    while pack() == before && started.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(2));
    }
    fs::remove_file(second).expect("it was there");
    let output = child.wait_with_output().expect("it ended");
    let ended = Ended {
        code: output.status.code().unwrap_or(-1),
        out: String::new(),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    };
    ended.says(3, &["1 could not be taken in"]);
    let told =
        "failure  vanished  b.eml at byte 0  it was there when the folder was listed and is gone now; stop whatever";
    assert!(rows(&bench).contains(told), "{}", rows(&bench));
    unharmed(&bench);
}

#[test]
fn a_port_in_use() {
    let bench = bench();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    let told = [&format!("cannot listen on {address}: "), "another program uses this port", "--listen 127.0.0.1:8081"];
    bench.run(&["serve", "pub", "--listen", &address]).says(1, &told);
    // Known before the work, not after it.
    bench.run(&["publish", "good", "--into", "new", "--listen", &address]).says(1, &told);
    bench.run(&["demo", "--into", "new", "--listen", &address]).says(1, &told);
    assert!(!bench.path("new").exists());
    bench
        .run(&["serve", "pub", "--listen", "nonsense"])
        .says(1, &["cannot listen on nonsense", "an address looks like 127.0.0.1:8080"]);
    unharmed(&bench);
}

#[test]
fn a_directory_that_is_not_a_publication() {
    let bench = bench();
    let notes = bench.put("mine/notes.txt", b"mine");
    for args in [
        &["serve", "mine", "--listen", "127.0.0.1:0"][..],
        &["search", "--in", "mine", "x"],
        &["status", "mine"],
        &["reindex", "mine"],
        &["release", "mine"],
    ] {
        let hint = "make one with `frelon publish SOURCE --into DIR`";
        bench.run(args).says(4, &["mine is not a publication: it has neither vault/ nor public/", hint]);
    }
    bench.run(&["status", "nowhere"]).says(4, &["nowhere does not exist"]);
    for command in ["publish", "intake"] {
        bench
            .run(&[command, "good", "--into", "mine"])
            .says(4, &["mine is not empty and not a publication", "give --into a new"]);
        bench
            .run(&[command, "good", "--into", "third.eml"])
            .says(4, &["third.eml is a file, not a directory", "give --into"]);
    }
    bench
        .run(&["demo", "--into", "mine", "--no-serve"])
        .says(4, &["mine is not empty and not an earlier demo", "give --into"]);
    assert_eq!(fs::read(notes).expect("still there"), b"mine");
    assert_eq!(crate::fixture::files(&bench.path("mine")).len(), 1);
    fs::create_dir_all(bench.path("half/public")).expect("room");
    bench.run(&["serve", "half", "--listen", "127.0.0.1:0"]).says(4, &["half", "is not a publication: it has no"]);
    unharmed(&bench);
}

#[test]
fn containers_that_are_cut_or_bombs() {
    let bench = bench();
    let noise = source::generated(5, 3, 60_000);
    let letters: Vec<(String, &[u8])> =
        noise.iter().enumerate().map(|(index, mail)| (format!("{index}.eml"), mail.as_slice())).collect();
    let whole = source::zip(&letters);
    bench.put("cut.zip", &whole[..whole.len() / 2]);
    bench.publish(&["cut.zip"]).says(3, &["1 could not be taken in"]);
    let told = "failure  container-damaged  cut.zip at byte 0  the ZIP is damaged or breaks off (";
    assert!(
        rows(&bench).contains(told) && rows(&bench).contains("look for a whole copy and run again"),
        "{}",
        rows(&bench)
    );
    assert_eq!(
        bench.found("pub", "message-id:m0@example.org OR subject:0").len(),
        1,
        "what came before the cut is there"
    );

    let mut bomb = message("bomb");
    bomb.resize(80 << 20, b'a');
    bench.put("bomb.zip", &source::zip(&[("b.eml", &bomb)]));
    let ended = bench.publish(&["bomb.zip"]);
    ended.says(
        4,
        &["bomb.zip > b.eml at byte 0: it inflates beyond every measure (a bomb)", "unpack it yourself, with care"],
    );
    bench.put("mixed.zip", &source::zip(&[("a.eml", &message("castle")), ("b.eml", &bomb)]));
    bench.publish(&["mixed.zip"]).says(3, &["1 items taken in", "1 could not be taken in"]);
    assert!(rows(&bench).contains("failure  bomb  mixed.zip > b.eml at byte 0  "), "{}", rows(&bench));
    assert_eq!(bench.found("pub", "castle").len(), 1);
    unharmed(&bench);
}

#[test]
fn a_mailbox_whose_last_message_is_cut() {
    let bench = bench();
    let mut cut = frelon_testkit::mbox([message("castle"), message("tower")]);
    cut.truncate(cut.len() - 9);
    bench.put("cut.mbox", &cut);
    // Nothing is lost, so it is a note, not a failure.
    bench.publish(&["cut.mbox"]).says(0, &["2 items taken in", "1 notes"]);
    let told = format!(
        "note  cut-short  cut.mbox at byte {}  the last message of the mailbox ends in the middle of a line; taken as it is: look",
        cut.len()
    );
    assert!(rows(&bench).contains(&told), "{}", rows(&bench));
    assert_eq!(bench.found("pub", "castle OR tower"), ["letters/3", "letters/4"]);
    unharmed(&bench);
}

#[test]
fn damage_to_what_is_public_is_told() {
    let bench = bench();
    let volume = bench.path("pub/public/volume/letters/1.1.zip");
    let mut bytes = fs::read(&volume).expect("a volume");
    // In what was deflated of the first item, right after its name.
    let name = b"items/1.eml";
    let at = bytes.windows(name.len()).position(|window| window == name).expect("the first item") + name.len();
    bytes[at + 40] ^= 0xff;
    fs::write(&volume, &bytes).expect("written");
    assert!(frelon_testkit::check(&bench.path("pub")).is_err(), "the checker sees it");
    fs::remove_dir_all(bench.path("pub/derived")).expect("it was there");
    let ended = bench.run(&["reindex", "pub"]);
    assert!(ended.code == 1 || ended.code == 3, "{}: {}", ended.code, ended.err);
    ended.says(ended.code, &["1.1.zip"]);
}
