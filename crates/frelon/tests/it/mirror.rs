//! `frelon mirror` and `frelon witness` as programs.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use frelon_testkit::{NewItem, Press, PressOptions, logged_publication};

use crate::{
    fixture::{Bench, checkpoint, files, ledger, message},
    server::get,
};

/// A small publication with a log, in the folder `origin` of a bench.
fn origin(bench: &Bench) -> Press {
    logged_publication(&bench.path("origin"), 40, PressOptions { volume_bytes_max: 6_000, ..PressOptions::default() })
}

fn same_tree(press: &Press, mirror: &Path) {
    for name in files(&press.public()).into_keys().filter(|name| name.starts_with("volume/") || name.ends_with(".json"))
    {
        let theirs = fs::read(press.public().join(&name)).expect("listed");
        assert!(fs::read(mirror.join("public").join(&name)).is_ok_and(|ours| ours == theirs), "{name}");
    }
}

/// A program that serves, and where; ended when it is dropped.
struct Running {
    child: Child,
    address: String,
    key: String,
}

impl Running {
    fn start(bench: &Bench, args: &[&str], sign: &str) -> Self {
        let mut command = bench.command(args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut err = BufReader::new(child.stderr.take().expect("it was piped"));
        let mut told = String::new();
        let address = loop {
            let mut line = String::new();
            assert!(err.read_line(&mut line).expect("it speaks") > 0, "it ended: {told}");
            told += &line;
            if let Some((_, rest)) = line.split_once("http://").filter(|_| line.contains(sign)) {
                break rest.split_whitespace().next().expect("an address").to_owned();
            }
        };
        let mut key = String::new();
        if sign == "witness" {
            let out = child.stdout.take().expect("it was piped");
            BufReader::new(out).read_line(&mut key).expect("it gives its key");
        }
        std::thread::spawn(move || std::io::copy(&mut err, &mut std::io::sink()));
        Self { child, address, key: key.trim().to_owned() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill().and_then(|()| self.child.wait()).is_ok();
    }
}

#[test]
fn a_mirror_is_one_command() {
    let bench = Bench::new();
    let mut press = origin(&bench);
    let ended = bench.run(&["mirror", "origin", "--into", "copy"]);
    ended.says(0, &["first contact", "fetched and verified", "items indexed"]);
    same_tree(&press, &bench.path("copy"));
    assert_eq!(bench.found("copy", "subject:letter").len(), 40);
    bench.run(&["mirror", "origin", "--into", "copy"]).says(0, &[]);
    // News, and something taken back: as the publisher has it, and out of the index too.
    press.release("lake", 2, "Second", &[NewItem::message(41, "Subject: Turbine\r\n\r\nIt leaks.\r\n")]);
    press.withdraw("lake", 7, frelon_public::statement::WithdrawMode::Erase, None);
    bench.run(&["mirror", "origin", "--into", "copy"]).says(0, &["withdrawn: 1 item(s) taken out"]);
    same_tree(&press, &bench.path("copy"));
    assert_eq!(bench.found("copy", "turbine"), ["lake/41"]);
}

#[test]
fn a_mirror_is_told_what_it_cannot_do() {
    let bench = Bench::new();
    let _press = origin(&bench);
    bench.run(&["mirror"]).says(2, &["<URL>..."]);
    bench.run(&["mirror", "nowhere"]).says(4, &["neither an address nor a directory"]);
    bench.run(&["mirror", "http://127.0.0.1:9", "--into", "x"]).says(1, &["no public address", "--allow-private"]);
    bench.run(&["mirror", "origin", "--follow", "whim", "--into", "x"]).says(2, &["whim", "court-order"]);
    bench.put("empty/readme.txt", b"nothing");
    bench.run(&["mirror", "empty", "--into", "x"]).says(1, &["no peer has a checkpoint"]);
    bench.put("policy.txt", b"quorum none");
    bench.run(&["mirror", "origin", "--policy", "policy.txt", "--into", "x"]).says(4, &["line 1", "newline"]);
    assert!(!bench.path("x/public/checkpoint").exists());
}

#[test]
fn a_mirror_serves_what_it_holds_and_keeps_up() {
    let bench = Bench::new();
    let mut press = origin(&bench);
    let args =
        ["mirror", "origin", "--into", "copy", "--serve", "127.0.0.1:0", "--every", "1s", "--cosign", "m.example"];
    let running = Running::start(&bench, &args, "serve");
    assert_eq!(get(&running.address, "/lake/1").status, 200);
    press.release("lake", 2, "Second", &[NewItem::message(41, "Subject: Turbine\r\n\r\nIt leaks.\r\n")]);
    let started = Instant::now();
    while get(&running.address, "/lake/41").status != 200 {
        assert!(started.elapsed() < Duration::from_secs(30), "the news never came");
        std::thread::sleep(Duration::from_millis(100));
    }
    let key = fs::metadata(bench.path("copy/mirror/key")).expect("a key");
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&key.permissions()) & 0o777, 0o600);
}

#[test]
fn a_mirror_killed_at_any_moment_goes_on() {
    let bench = Bench::new();
    let press = origin(&bench);
    let args = ["mirror", "origin", "--quiet", "--no-index", "--into"];
    let started = Instant::now();
    bench.run(&[&args[..], &["whole"]].concat()).says(0, &[]);
    let whole = started.elapsed();
    for turn in 0..12 {
        let into = format!("copy-{}", turn % 4);
        let mut command = bench.command(&[&args[..], &[&into]].concat());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
        std::thread::sleep(whole * turn / 12);
        // It may have come to its end.
        let _killed = child.kill().and_then(|()| child.wait()).is_ok();
        let public = bench.path(&into).join("public");
        if public.join("checkpoint").exists() {
            assert!(public.join("manifest.json").exists(), "the checkpoint is last");
        }
    }
    for turn in 0..4 {
        let into = format!("copy-{turn}");
        bench.run(&[&args[..], &[&into]].concat()).says(0, &[]);
        same_tree(&press, &bench.path(&into));
    }
}

/// Sends bytes over HTTP as they are; status line, fields that matter, body.
fn post(address: &str, body: &str) -> (String, Option<String>, String) {
    let mut stream = TcpStream::connect(address).expect("it listens");
    let head = format!(
        "POST /add-checkpoint HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("sent");
    stream.write_all(body.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let kind =
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-type: ").map(str::to_owned));
    (head.lines().next().expect("a status").to_owned(), kind, body.to_owned())
}

#[test]
fn a_witness_answers_as_the_specification_says() {
    let bench = Bench::new();
    let mut press = origin(&bench);
    let policy = bench.put("policy", &press.policy().to_bytes());
    let args = ["witness", "--into", "w", "--name", "w.example", "--policy", policy.to_str().expect("UTF-8")];
    let args = [&args[..], &["--listen", "127.0.0.1:0"]].concat();
    bench.run(&args[..5]).says(2, &["no log to follow"]);
    let running = Running::start(&bench, &args, "witness");
    assert!(running.key.starts_with("w.example+"), "{}", running.key);

    let first = press.reader().checkpoint().to_string();
    let size = press.reader().head().size;
    let (status, _, body) = post(&running.address, &format!("old 0\n\n{first}"));
    assert_eq!(status, "HTTP/1.1 200 OK");
    assert!(body.starts_with("\u{2014} w.example ") && body.ends_with('\n') && body.lines().count() == 1, "{body}");
    let conflict = ("HTTP/1.1 409 Conflict".to_owned(), Some("text/x.tlog.size".to_owned()), format!("{size}\n"));
    assert_eq!(post(&running.address, &format!("old 0\n\n{first}")), conflict);
    let answers = [
        ("nonsense".to_owned(), "HTTP/1.1 400 Bad Request"),
        (format!("old {}\n\n{first}", size + 1), "HTTP/1.1 400 Bad Request"),
        (format!("old {size}\n\n{}", first.replace(frelon_testkit::ORIGIN, "other.example")), "HTTP/1.1 404 Not Found"),
        (
            format!("old {size}\n\n{}", first.replacen(&format!("\n{size}\n"), &format!("\n{}\n", size + 1), 1)),
            "HTTP/1.1 403 Forbidden",
        ),
        (
            format!("old {size}\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n{first}"),
            "HTTP/1.1 422 Unprocessable Entity",
        ),
    ];
    for (body, status) in &answers {
        assert_eq!(post(&running.address, body).0, *status, "{body}");
    }
    let too_long = "x".repeat(200_000);
    assert_eq!(post(&running.address, &too_long).0, "HTTP/1.1 413 Payload Too Large");

    // The log grows; a proof made from its tiles is accepted.
    press.release("lake", 2, "Second", &[NewItem::message(41, "Subject: Turbine\r\n\r\nIt leaks.\r\n")]);
    let reader = press.reader();
    let proof = frelon_log::merkle::consistency_proof(reader.tree(), size, reader.head().size).expect("from tiles");
    let proof: String = proof.iter().map(|hash| format!("{hash}\n")).collect();
    let (status, ..) = post(&running.address, &format!("old {size}\n{proof}\n{}", reader.checkpoint()));
    assert_eq!(status, "HTTP/1.1 200 OK");
    let path = frelon_mirror::witness::monitoring_path(&frelon_testkit::ORIGIN.parse().expect("an origin"));
    let seen = String::from_utf8(get(&running.address, &format!("/{path}")).body).expect("UTF-8");
    assert!(seen.starts_with(reader.checkpoint().note().text()) && seen.contains("\u{2014} w.example "), "{seen}");
    assert_eq!(get(&running.address, "/witness/00/checkpoint").status, 404);

    // Another process with the same state is kept out; after this one it goes on where it was.
    bench.run(&args).says(1, &["another witness is running"]);
    let key = running.key.clone();
    drop(running);
    let again = Running::start(&bench, &args, "witness");
    assert_eq!(again.key, key);
    assert_eq!(post(&again.address, &format!("old 0\n\n{first}")).2, format!("{}\n", reader.head().size));
}

#[test]
fn a_publisher_asks_its_witnesses_and_says_who_counts() {
    let bench = Bench::new();
    bench.put("box", &frelon_testkit::mbox([message("dam"), message("heron")]));
    bench.publish(&["box"]).says(0, &[]);
    let args = ["witness", "--into", "w", "--name", "w.example", "--policy", "pub/public/policy"];
    let running = Running::start(&bench, &[&args[..], &["--listen", "127.0.0.1:0"]].concat(), "witness");
    let witness = format!("{} http://{}", running.key, running.address);
    let cosigned = || checkpoint(&bench.path("pub")).expect("one").to_string().matches("\u{2014} w.example ").count();
    assert_eq!(cosigned(), 0);

    // Nothing new is released, and the log is cosigned as it is; once is enough to be asked ever after.
    bench.run(&["release", "pub", "--ask-witness", &witness]).says(0, &[]);
    assert_eq!(cosigned(), 1);
    bench.put("new", &message("mill"));
    bench.publish(&["new"]).says(0, &[]);
    assert_eq!(cosigned(), 1);

    // It counts once the editors say so, and readers are told where it is.
    let editor = ledger(&bench.path("pub")).0.authority().root().expect("a root").editors[0].to_string();
    let change = ["editor", "change", "--editor", &editor, "--threshold", "1", "--witness", &running.key];
    bench.run(&[&change[..], &["--into", "pub"]].concat()).says(0, &[]);
    let policy = fs::read_to_string(bench.path("pub/public/policy")).expect("a policy");
    assert!(policy.contains(&witness) && policy.contains("quorum witnesses"), "{policy}");
    let verified = bench.run(&["verify", "pub", "--policy", "pub/public/policy"]);
    assert!(verified.code == 0 && verified.out.contains("w.example; fresh"), "{}{}", verified.out, verified.err);

    // A copy that fell behind learns it from the witness, before it signs anything.
    let copied = std::process::Command::new("cp").arg("-a").args([bench.path("pub"), bench.path("old")]).status();
    assert!(copied.expect("cp runs").success());
    bench.put("newer", &message("otter"));
    bench.publish(&["newer"]).says(0, &[]);
    bench.run(&["release", "old"]).says(1, &["must not go on"]);

    // Without it the release goes out, and the program says who is missing.
    drop(running);
    bench.put("last", &message("reed"));
    bench.publish(&["last"]).says(0, &["witness w.example", "did not cosign"]);
    bench.run(&["release", "pub", "--ask-witness", "nonsense"]).says(2, &["its key, a space and its address"]);
}
