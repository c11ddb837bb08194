//! The help texts, as files: `UPDATE_EXPECT=1` writes them again.

use std::{fmt::Write as _, path::Path};

use crate::fixture::{Ended, frelon};

#[test]
fn help_reads_as_it_should() {
    let mut text = String::new();
    for command in
        ["", "publish", "intake", "release", "serve", "reindex", "search", "verify", "status", "keys import", "demo"]
    {
        let mut args: Vec<&str> = command.split_whitespace().collect();
        args.push("--help");
        let ended = Ended::of(frelon().args(&args));
        ended.says(0, &[]);
        writeln!(text, "$ frelon {}\n{}", args.join(" "), ended.out).expect("a string takes all");
        for line in ended.out.lines() {
            assert!(line.chars().count() <= 100 && line.trim_end() == line, "{line:?}");
        }
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/help.txt");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&file, &text).expect("the checkout is writable");
    }
    assert_eq!(text, std::fs::read_to_string(&file).expect("the expected text"), "UPDATE_EXPECT=1 writes it again");
}

#[test]
fn wrong_command_lines_are_told() {
    Ended::of(&mut frelon()).says(2, &["Usage: frelon <COMMAND>", "frelon demo"]);
    Ended::of(frelon().arg("publsh")).says(2, &["'publish'"]);
    Ended::of(frelon().arg("publish")).says(2, &["<SOURCE>..."]);
    Ended::of(frelon().args(["search", "--sort", "size", "x"])).says(2, &["largest"]);
    Ended::of(frelon().args(["intake", "x", "--collection", "No Such Name"])).says(2, &["No Such Name"]);
    let version = Ended::of(frelon().arg("--version"));
    assert_eq!((version.code, version.out.as_str()), (0, concat!("frelon ", env!("CARGO_PKG_VERSION"), "\n")));
}
