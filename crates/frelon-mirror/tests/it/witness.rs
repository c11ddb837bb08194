//! The witness: its dialogue over HTTP byte by byte, what it keeps, races, and its client.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use frelon_durable::{After, Disk, Fault};
use frelon_log::{Cosigner, NodeHash, SignedCheckpoint, Signer, TreeHead, Verifier, witness::AddCheckpoint};
use frelon_mirror::{
    evidence::Fork,
    fetch::{Http, get},
    witness::{
        Answer, Witness, WitnessError,
        client::{ClientError, Remote, Witnesses},
        monitoring_path,
    },
};
use frelon_model::Instant;

use crate::{
    fetch::options,
    log::{ORIGIN, Tree, log_key, sign},
    server::{Reply, Server},
};

const NOW: Instant = Instant(1_700_000_000);

fn cosigner(seed: u8) -> Cosigner {
    Cosigner::new("witness.example/w1".parse().unwrap(), &[seed; 32])
}

fn open(directory: &Path) -> Witness {
    Witness::open(directory, cosigner(7), &[log_key()]).unwrap()
}

fn request(tree: &Tree, old_size: u64, size: u64) -> String {
    let proof = tree.proof(old_size, size);
    AddCheckpoint { old_size, proof, checkpoint: tree.checkpoint(size) }.to_string()
}

/// A witness behind HTTP, as the command line wires it.
fn serve(witness: Arc<Witness>) -> Server {
    Server::new(move |request| {
        let answer = match (&*request.method, &*request.path) {
            ("POST", "/add-checkpoint") => witness.add_checkpoint(&request.body, NOW),
            ("GET", path) => match path.strip_prefix("/witness/").and_then(|rest| rest.strip_suffix("/checkpoint")) {
                Some(hash) => witness.checkpoint(hash),
                None => return Reply::status(404),
            },
            _ => return Reply::status(405),
        };
        let Answer { status, media_type, body } = answer;
        Reply::Answer(status, vec![("Content-Type", media_type.to_owned())], body.into_bytes())
    })
}

/// Sends these bytes and reads all that comes back.
fn talk(server: &Server, body: &str) -> String {
    let address = server.url().replace("http://", "");
    let mut stream = TcpStream::connect(&address).unwrap();
    let head = format!("POST /add-checkpoint HTTP/1.1\r\nHost: {address}\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_dialogue_is_that_of_the_specification() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(Arc::new(open(folder.path())));
    let tree = Tree::new(20);
    let cosigned = |size: u64| {
        let signature = cosigner(7).cosign(&tree.checkpoint(size), NOW).unwrap();
        let body = format!("{signature}\n");
        format!(
            "HTTP/1.1 200 X\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let conflict = |size: &str| {
        let length = size.len() + 1;
        format!("HTTP/1.1 409 X\r\nContent-Type: text/x.tlog.size\r\nContent-Length: {length}\r\n\r\n{size}\n")
    };
    assert_eq!(talk(&server, &request(&tree, 0, 5)), cosigned(5));
    assert_eq!(talk(&server, &request(&tree, 0, 7)), conflict("5"));
    assert_eq!(talk(&server, &request(&tree, 5, 12)), cosigned(12));
    assert_eq!(talk(&server, &request(&tree, 12, 12)), cosigned(12), "again, with a fresh time");
    assert_eq!(talk(&server, &request(&tree, 5, 20)), conflict("12"));
    assert_eq!(talk(&server, &request(&tree, 12, 20).replace("old 12", "old 13")), conflict("12"));
    for (body, status) in [
        (String::new(), "400"),
        ("old 12\n".to_owned(), "400"),
        (request(&tree, 12, 20).replace("old 12", "old 012"), "400"),
        (request(&tree, 12, 20).replace("old 12", "old 21"), "400"),
        (request(&tree, 12, 20).replace(ORIGIN, "other.example"), "404"),
        (request(&tree, 12, 20).replacen("\n20\n", "\n19\n", 1), "403"),
        (request(&tree, 12, 20).replacen("old 12\n", &format!("old 12\n{}\n", NodeHash([1; 32])), 1), "422"),
    ] {
        let answer = talk(&server, &body);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{body}: {answer}");
    }
    let forked = sign(TreeHead { size: 12, root: NodeHash([9; 32]) });
    let body = AddCheckpoint { old_size: 12, proof: Vec::new(), checkpoint: forked }.to_string();
    let answer = talk(&server, &body);
    assert!(answer.starts_with("HTTP/1.1 409 ") && !answer.contains("x.tlog.size"), "{answer}");
    assert_eq!(talk(&server, &request(&tree, 12, 20)), cosigned(20), "none of that changed anything");
}

#[test]
fn what_was_cosigned_last_can_be_looked_up() {
    let folder = tempfile::tempdir().unwrap();
    let witness = open(folder.path());
    let path = monitoring_path(&ORIGIN.parse().unwrap());
    let hash = path.split('/').nth(1).unwrap();
    assert_eq!(witness.checkpoint(hash).status, 404);
    let tree = Tree::new(9);
    assert_eq!(witness.add_checkpoint(request(&tree, 0, 9).as_bytes(), NOW).status, 200);
    let seen = SignedCheckpoint::parse(witness.checkpoint(hash).body.as_bytes()).unwrap();
    assert_eq!(seen.open(&[log_key(), witness.verifier().clone()]).unwrap().len(), 2);
    assert_eq!(witness.checkpoint("00").status, 404);
}

#[test]
fn it_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let tree = Tree::new(9);
    assert_eq!(open(folder.path()).add_checkpoint(request(&tree, 0, 5).as_bytes(), NOW).status, 200);
    let witness = open(folder.path());
    assert_eq!(witness.add_checkpoint(request(&tree, 0, 9).as_bytes(), NOW).body, "5\n");
    assert_eq!(witness.add_checkpoint(request(&tree, 5, 9).as_bytes(), NOW).status, 200);
}

#[test]
fn one_process_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let _first = open(folder.path());
    let second = Witness::open(folder.path(), cosigner(7), &[log_key()]);
    assert!(matches!(second, Err(WitnessError::Locked { .. })));
}

#[test]
fn what_was_not_cosigned_by_it_is_not_taken_for_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let tree = Tree::new(9);
    drop(open(folder.path()));
    let path = folder.path().join(monitoring_path(&ORIGIN.parse().unwrap()).replace("witness/", ""));
    fs::write(&path, tree.checkpoint(3).to_string()).unwrap();
    assert!(matches!(Witness::open(folder.path(), cosigner(7), &[log_key()]), Err(WitnessError::Damaged { .. })));
    fs::write(&path, "").unwrap();
    assert!(matches!(Witness::open(folder.path(), cosigner(7), &[log_key()]), Err(WitnessError::Damaged { .. })));
}

#[test]
fn a_forged_line_in_its_name_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let witness = open(folder.path());
    let tree = Tree::new(9);
    let mut checkpoint = tree.checkpoint(4);
    let mut forged = cosigner(7).cosign(&tree.checkpoint(5), NOW).unwrap();
    forged.bytes[20] ^= 1;
    checkpoint.note_mut().add(forged).unwrap();
    let body = AddCheckpoint { old_size: 0, proof: Vec::new(), checkpoint }.to_string();
    assert_eq!(witness.add_checkpoint(body.as_bytes(), NOW).status, 200);
    drop(witness);
    assert_eq!(open(folder.path()).add_checkpoint(request(&tree, 4, 9).as_bytes(), NOW).status, 200);
}

#[test]
fn several_logs_are_kept_apart() {
    let folder = tempfile::tempdir().unwrap();
    let other = Signer::new("other.example/log".parse().unwrap(), &[3; 32]);
    let witness = Witness::open(folder.path(), cosigner(7), &[log_key(), other.verifier().clone()]).unwrap();
    assert_eq!(witness.origins().count(), 2);
    let tree = Tree::new(9);
    assert_eq!(witness.add_checkpoint(request(&tree, 0, 5).as_bytes(), NOW).status, 200);
    let text = tree.checkpoint(5).note().text().replace(ORIGIN, "other.example/log");
    let mut note = frelon_log::Note::new(text).unwrap();
    other.sign(&mut note).unwrap();
    let checkpoint = SignedCheckpoint::from_note(note).unwrap();
    let body = AddCheckpoint { old_size: 0, proof: Vec::new(), checkpoint }.to_string();
    assert_eq!(witness.add_checkpoint(body.as_bytes(), NOW).status, 200);
    let crossed = tree.checkpoint(7).note().text().replace(ORIGIN, "other.example/log");
    let mut note = frelon_log::Note::new(crossed).unwrap();
    crate::log::signer().sign(&mut note).unwrap();
    let checkpoint = SignedCheckpoint::from_note(note).unwrap();
    let body = AddCheckpoint { old_size: 5, proof: tree.proof(5, 7), checkpoint }.to_string();
    assert_eq!(witness.add_checkpoint(body.as_bytes(), NOW).status, 403, "signed by another log's key");
}

#[test]
fn two_trees_of_one_size_leave_proof() {
    let folder = tempfile::tempdir().unwrap();
    let witness = open(folder.path());
    let (tree, other) = (Tree::new(9), Tree::forked(9, 4, "other"));
    assert_eq!(witness.add_checkpoint(request(&tree, 0, 9).as_bytes(), NOW).status, 200);
    assert_eq!(witness.add_checkpoint(request(&other, 9, 9).as_bytes(), NOW).status, 409);
    let proofs: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "txt"))
        .collect();
    assert_eq!(proofs.len(), 1);
    assert_eq!(Fork::parse(&fs::read(&proofs[0]).unwrap()).unwrap().log(), &log_key());
}

#[test]
fn a_failing_disk_never_lets_a_cosignature_out_that_is_not_kept() {
    let tree = Tree::new(9);
    for persisted in [false, true] {
        for at in 0..40 {
            let folder = tempfile::tempdir().unwrap();
            assert_eq!(open(folder.path()).add_checkpoint(request(&tree, 0, 2).as_bytes(), NOW).status, 200);
            let fault = Fault { at, persisted, kind: std::io::ErrorKind::Other, after: After::Dead };
            let mut cosigned = 2;
            if let Ok(witness) = Witness::open_on(Disk::failing(fault), folder.path(), cosigner(7), &[log_key()]) {
                for size in [5, 7, 9] {
                    if witness.add_checkpoint(request(&tree, cosigned, size).as_bytes(), NOW).status == 200 {
                        cosigned = size;
                    }
                }
            }
            let witness = open(folder.path());
            let answer = witness.add_checkpoint(request(&tree, 0, 9).as_bytes(), NOW);
            let kept: u64 = answer.body.trim().parse().unwrap();
            assert!(kept >= cosigned, "operation {at}: {cosigned} was cosigned, {kept} is kept");
        }
    }
}

#[test]
fn ten_thousand_racing_updates_never_roll_back() {
    const UPDATES: u64 = 10_000;
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    let witness = open(folder.path());
    let tree = Tree::new(600);
    let (turn, highest, accepted) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    // Requests are made beforehand: what is to be measured is the race.
    let checkpoints: Vec<SignedCheckpoint> = (0..=600).map(|size| tree.checkpoint(size)).collect();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut known = 0;
                loop {
                    let turn = turn.fetch_add(1, Ordering::Relaxed);
                    if turn >= UPDATES {
                        break;
                    }
                    let before = highest.load(Ordering::SeqCst);
                    let size = (turn * 600 / UPDATES + turn % 7).clamp(known, 600);
                    let proof = tree.proof(known, size);
                    let checkpoint = checkpoints[usize::try_from(size).unwrap()].clone();
                    let body = AddCheckpoint { old_size: known, proof, checkpoint }.to_string();
                    let answer = witness.add_checkpoint(body.as_bytes(), NOW);
                    match answer.status {
                        200 => {
                            assert!(size >= before, "{size} was cosigned after {before}");
                            let _was = highest.fetch_max(size, Ordering::SeqCst);
                            let _count = accepted.fetch_add(1, Ordering::Relaxed);
                            known = size;
                        }
                        409 => {
                            known = answer.body.trim().parse().unwrap();
                            assert!(known >= before, "{known} is kept after {before} was cosigned");
                        }
                        other => panic!("{other}: {}", answer.body),
                    }
                }
            });
        }
    });
    let highest = highest.load(Ordering::SeqCst);
    assert!(accepted.load(Ordering::Relaxed) > 100 && highest > 590);
    drop(witness);
    assert_eq!(open(folder.path()).add_checkpoint(request(&tree, 1, 600).as_bytes(), NOW).body, format!("{highest}\n"));
}

fn remote(key: &Verifier, server: &Server) -> Remote {
    Remote::new(key.clone(), &server.url(), options()).unwrap()
}

#[test]
fn the_client_collects_from_several_and_catches_up() {
    let tree = Tree::new(20);
    let folders: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let witnesses: Vec<Arc<Witness>> = folders
        .iter()
        .zip(1..)
        .map(|(folder, seed)| Arc::new(Witness::open(folder.path(), cosigner(seed), &[log_key()]).unwrap()))
        .collect();
    // One has seen nothing, one the log as it was, one some other size.
    assert_eq!(witnesses[1].add_checkpoint(request(&tree, 0, 8).as_bytes(), NOW).status, 200);
    assert_eq!(witnesses[2].add_checkpoint(request(&tree, 0, 3).as_bytes(), NOW).status, 200);
    let servers: Vec<Server> = witnesses.iter().map(|witness| serve(Arc::clone(witness))).collect();
    let remotes = witnesses.iter().zip(&servers).map(|(witness, server)| remote(witness.verifier(), server)).collect();
    let client = Witnesses::new(remotes);
    let mut checkpoint = tree.checkpoint(20);
    for outcome in client.collect(&checkpoint, 8, &|old| Some(tree.proof(old, 20))) {
        checkpoint.note_mut().add(outcome.result.unwrap()).unwrap();
    }
    assert_eq!(checkpoint.open(&client.keys()).unwrap().len(), 3);
    assert_eq!(servers[1].requests().len(), 1, "asked from where it was");
    assert_eq!(servers[2].requests().len(), 2, "asked again from where it says");
    let seen = client.last_seen(&log_key());
    assert!(seen.iter().all(|seen| seen.as_ref().is_some_and(|seen| seen.head() == tree.head(20))));
}

#[test]
fn bad_witnesses_cost_their_cosignature_alone() {
    let tree = Tree::new(20);
    let folder = tempfile::tempdir().unwrap();
    let good = Arc::new(open(folder.path()));
    let stranger = cosigner(99);
    let line = format!("{}\n", stranger.cosign(&tree.checkpoint(20), NOW).unwrap());
    let size = |size: &'static str| {
        Server::new(move |_| Reply::Answer(409, vec![("Content-Type", "text/x.tlog.size".to_owned())], size.into()))
    };
    let counter = AtomicU64::new(1);
    let servers = [
        serve(Arc::clone(&good)),
        Server::new(|_| Reply::Silence),
        Server::new(|_| Reply::Endless),
        Server::new(|_| Reply::ok(b"<html>".as_slice())),
        Server::new(move |_| Reply::ok(line.clone())),
        size("21\n"),
        size("many\n"),
        Server::new(move |_| {
            let next = counter.fetch_add(1, Ordering::Relaxed);
            Reply::Answer(409, vec![("Content-Type", "text/x.tlog.size".to_owned())], format!("{next}\n").into_bytes())
        }),
        Server::new(|_| Reply::redirect("/elsewhere")),
        Server::new(|_| Reply::status(404)),
    ];
    let remotes = servers.iter().map(|server| remote(good.verifier(), server)).collect();
    let outcomes = Witnesses::new(remotes).collect(&tree.checkpoint(20), 0, &|old| Some(tree.proof(old, 20)));
    assert_eq!(outcomes.len(), servers.len());
    assert!(outcomes[0].result.is_ok());
    assert!(outcomes[1..].iter().all(|outcome| outcome.result.is_err()));
    assert!(matches!(outcomes[4].result, Err(ClientError::NotCosigned)));
    assert!(matches!(outcomes[5].result, Err(ClientError::Ahead { size: 21 })));
    assert!(matches!(outcomes[7].result, Err(ClientError::Restless)));
    assert!(matches!(outcomes[9].result, Err(ClientError::Refused { status: 404, .. })));
}

#[test]
fn a_fork_is_told_by_the_witness_that_saw_the_other() {
    let (tree, other) = (Tree::new(9), Tree::forked(9, 4, "other"));
    let folder = tempfile::tempdir().unwrap();
    let witness = Arc::new(open(folder.path()));
    assert_eq!(witness.add_checkpoint(request(&other, 0, 9).as_bytes(), NOW).status, 200);
    let server = serve(Arc::clone(&witness));
    let client = Witnesses::new(vec![remote(witness.verifier(), &server)]);
    let outcomes = client.collect(&tree.checkpoint(9), 9, &|old| Some(tree.proof(old, 9)));
    assert!(matches!(outcomes[0].result, Err(ClientError::Fork)), "{:?}", outcomes[0].result);
}

#[test]
fn only_checkpoints_of_the_log_are_taken_for_seen() {
    let tree = Tree::new(9);
    let good = tree.checkpoint(9).to_string();
    let server = Server::new(move |request| match &*request.path {
        "/checkpoint" => Reply::ok(good.replace("\n9\n", "\n8\n")),
        path if path == format!("/{}", monitoring_path(&ORIGIN.parse().unwrap())) => {
            Reply::ok(good.replace("\n9\n", "\n8\n"))
        }
        _ => Reply::status(404),
    });
    let client = Witnesses::new(vec![remote(cosigner(7).verifier(), &server)]);
    assert_eq!(client.last_seen(&log_key()), [None], "not signed by the log");
    assert!(get(&Http::new(&server.url(), options()).unwrap(), "checkpoint", 10_000).is_ok());
}
