//! Against dkimpy, where Python has it: real mail, cut and changed in many ways, must get the same
//! answer from both.

use std::{fmt::Write, fs, process::Command};

use frelon_mail::dkim::{BodyForm, DkimState, verify};

use super::keys;

/// Verifies every file of a folder at the time its signature was made, and prints what it found.
const SCRIPT: &str = r#"
import json, os, re, sys
import dkim
folder, table = sys.argv[1:]
keys = {name.lower(): entry["txt"].encode() for name, entry in json.load(open(table)).items()}
def lookup(name, timeout=5):
    return keys.get(name.decode().rstrip(".").lower())
for name in sorted(os.listdir(folder)):
    raw = open(os.path.join(folder, name), "rb").read()
    message = dkim.DKIM(raw, minkey=0)
    found = []
    for index, value in enumerate(value for field, value in message.headers if field.lower() == b"dkim-signature"):
        signed = re.search(rb"[;\s]t=\s*(\d+)", value)
        dkim.time.time = lambda: int(signed.group(1)) if signed else 1
        try:
            found.append(message.verify(idx=index, dnsfunc=lookup))
        except Exception:
            found.append(False)
    print(name, "".join("y" if good else "n" for good in found))
"#;

/// A change that is made to a message.
type Change = (&'static str, fn(&str) -> String);

/// Changes that keep or break signatures, each in its way. Not among them: a second From, which dkimpy refuses
/// even where `h=` allows for it (we show it), and white space on a last line without an end, which it keeps.
const CHANGES: &[Change] = &[
    ("none", |text| text.to_owned()),
    ("trailing-lines", |text| format!("{text}\r\n\r\n \r\n\t\r\n")),
    ("trailing-spaces", |text| format!("{text}  \t\r\n")),
    ("double-spaces", |text| text.replace("the ", "the  ")),
    ("no-body", |text| text.split_once("\r\n\r\n").map_or(text, |(header, _)| header).to_owned() + "\r\n\r\n"),
    ("footer", |text| format!("{text}-- \r\nlist\r\n")),
    ("subject", |text| text.replacen("\nSubject: ", "\nSubject: [list] ", 1)),
    ("unfolded", |text| text.replacen("\r\n ", " ", 3)),
    ("name-case", |text| text.replacen("\nSubject:", "\nSUBJECT:", 1)),
];

#[test]
fn dkimpy_agrees() {
    let (Some(keys), Some(root)) = (keys(), frelon_testkit::corpus("dkim/real-signed/valid")) else { return };
    let has_dkimpy = Command::new("python3").args(["-c", "import dkim"]).output();
    if !has_dkimpy.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: needs python3 with dkimpy");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut ours = String::new();
    let mut paths: Vec<_> =
        fs::read_dir(root).expect("readable").map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    let mut names: Vec<_> = Vec::new();
    for (number, path) in paths.iter().step_by(4).enumerate() {
        let raw = fs::read(path).expect("readable");
        let Ok(text) = std::str::from_utf8(&raw) else { continue };
        for (what, change) in CHANGES {
            let name = format!("{number:03}-{what}");
            let changed = change(text);
            fs::write(folder.path().join(&name), &changed).expect("written");
            names.push((name, changed));
        }
    }
    names.sort();
    for (name, text) in &names {
        let found = verify(text.as_bytes(), &keys, None);
        let good = |state: DkimState, form: Option<BodyForm>| {
            if state.is_pass() && form.is_none_or(|form| form == BodyForm::AsGiven) { 'y' } else { 'n' }
        };
        let word: String =
            found.signatures.iter().map(|result| good(result.state, result.body.map(|body| body.form))).collect();
        writeln!(ours, "{name} {word}").expect("a string");
    }
    let table = frelon_testkit::corpus("dkim/keys.json").expect("there");
    let output = Command::new("python3").args(["-c", SCRIPT]).arg(folder.path()).arg(table).output().expect("run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let theirs = String::from_utf8_lossy(&output.stdout).into_owned();
    let differing: Vec<_> = ours.lines().zip(theirs.lines()).filter(|(ours, theirs)| ours != theirs).collect();
    assert!(differing.is_empty(), "{} of {}: {differing:#?}", differing.len(), names.len());
    assert_eq!(ours.lines().count(), theirs.lines().count());
}
