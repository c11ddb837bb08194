//! The reference implementation, in Go, judges a log that we wrote: signatures, tiles, entries,
//! proofs. It needs a Go toolchain and takes the implementation from that; where there is none, the
//! test is skipped with a line. `cargo xtask test` installs one.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use frelon_log::{
    merkle::{consistency_proof, inclusion_proof, root_at},
    writer::Writer,
};

use crate::fixture::{MemoryStore, entries, log_key, signer};

/// The entries of the log: three full bundles and a partial one.
const SIZE: u64 = 1000;

/// The program: `FRELON_GO`, else what `cargo xtask test` installs.
fn go() -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/judge/go/bin/go");
    let go = std::env::var_os("FRELON_GO").map_or(own, PathBuf::from);
    if go.is_file() {
        return Some(go);
    }
    eprintln!("skipped: needs a Go toolchain, in FRELON_GO or {}", go.display());
    None
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

/// Writes a log and what we say of it.
fn write_log(folder: &Path) {
    let store = MemoryStore::default();
    let mut writer = Writer::open(&store, signer(), Vec::new(), &[]).unwrap();
    let all = entries("e", SIZE);
    let mut rest = &all[..];
    for size in [1, 1, 253, 1, 1, 254, 1, 1, 200, 287] {
        let (batch, after) = rest.split_at(size);
        writer.append(batch, &[], None).unwrap();
        rest = after;
    }
    assert!(rest.is_empty());
    for (name, bytes) in store.objects() {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    fs::create_dir(folder.join("history")).unwrap();
    for (number, checkpoint) in store.history().iter().enumerate() {
        fs::write(folder.join("history").join(number.to_string()), checkpoint.to_string()).unwrap();
    }
    fs::write(folder.join("checkpoint"), writer.checkpoint().unwrap().to_string()).unwrap();
    let tree = writer.tree().unwrap();
    let mut claims = String::new();
    let mut claim = |what: String, hashes: &[frelon_log::NodeHash]| {
        claims.push_str(&what);
        for hash in hashes {
            write!(claims, " {}", hash.to_hex()).unwrap();
        }
        claims.push('\n');
    };
    for size in 1..=SIZE {
        claim(format!("root {size}"), &[root_at(&tree, size).unwrap()]);
        claim(format!("consistency {size} {SIZE}"), &consistency_proof(&tree, size, SIZE).unwrap());
    }
    for size in [1, 2, 3, 7, 255, 256, 257, 512, 777, SIZE] {
        for index in 0..size {
            claim(format!("inclusion {index} {size}"), &inclusion_proof(&tree, index, size).unwrap());
        }
        for old in 1..=size {
            claim(format!("consistency {old} {size}"), &consistency_proof(&tree, old, size).unwrap());
        }
    }
    fs::write(folder.join("claims"), claims).unwrap();
}

#[test]
fn the_reference_implementation_accepts_our_log() {
    let Some(go) = go() else { return };
    let ask = |name: &str| {
        let output = Command::new(&go).args(["env", name]).env("GOTOOLCHAIN", "local").output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let (root, version) = (PathBuf::from(ask("GOROOT")), ask("GOVERSION").replace("go", "go "));
    let vendored = root.join("src/cmd/vendor/golang.org/x/mod/sumdb");
    if !vendored.is_dir() {
        eprintln!("skipped: {} is missing in this toolchain", vendored.display());
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let module = place.path().join("judge");
    for package in ["note", "tlog"] {
        copy(&vendored.join(package), &module.join("mod/sumdb").join(package));
    }
    // The go command builds only modules; what it carries for itself is made one.
    fs::write(module.join("mod/go.mod"), format!("module golang.org/x/mod\n\n{version}\n")).unwrap();
    let requires = "require golang.org/x/mod v0.0.0\n\nreplace golang.org/x/mod => ./mod";
    fs::write(module.join("go.mod"), format!("module judge\n\n{version}\n\n{requires}\n")).unwrap();
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge/main.go");
    fs::copy(program, module.join("main.go")).unwrap();

    let log = place.path().join("log");
    fs::create_dir(&log).unwrap();
    write_log(&log);
    let judge = |log: &Path| {
        Command::new(&go)
            .args(["run", "."])
            .arg(log)
            .arg(log_key().to_string())
            .current_dir(&module)
            .envs([("GOTOOLCHAIN", "local"), ("GOPROXY", "off"), ("GOFLAGS", "-mod=mod"), ("CGO_ENABLED", "0")])
            // Beside the toolchain or in the temporary folder: nothing of ours stays in a home.
            .env("GOCACHE", place.path().join("cache"))
            .env("GOPATH", place.path().join("path"))
            .output()
            .unwrap()
    };
    let output = judge(&log);
    let (said, complaint) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{complaint}");
    assert_eq!(said.trim(), "10 checkpoints, 1000 roots, 3070 inclusion proofs, 4070 consistency proofs");

    // It is no judge that accepts everything: a byte of an entry, of a tile, of a signature, of a proof.
    let spoil = |name: &str, at: usize, byte: u8| {
        let path = log.join(name);
        let good = fs::read(&path).unwrap();
        let mut bad = good.clone();
        assert_ne!(bad[at], byte);
        bad[at] = byte;
        fs::write(&path, bad).unwrap();
        let output = judge(&log);
        fs::write(&path, good).unwrap();
        assert!(!output.status.success(), "{name} at {at} was accepted");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(complaint.contains("refused:"), "{name} at {at}: {complaint}");
    };
    spoil("tile/entries/001", 3, 0xff);
    spoil("tile/0/002", 40, 0xaa);
    let signature = fs::read(log.join("checkpoint")).unwrap().len() - 20;
    spoil("checkpoint", signature, b'+');
    let claims = fs::read_to_string(log.join("claims")).unwrap();
    for claim in ["\nroot 77 ", "\nconsistency 77 1000 ", "\ninclusion 77 512 "] {
        let at = claims.find(claim).unwrap() + claim.len() + 5;
        spoil("claims", at, if claims.as_bytes()[at] == b'0' { b'1' } else { b'0' });
    }
    assert!(judge(&log).status.success());
}
