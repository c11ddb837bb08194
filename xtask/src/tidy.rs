//! The rules of the house for files. Each is a function over the tracked files; what it finds is a
//! sentence that says where, what and how to mend it.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{layers, step};

/// Lines of a file, tests not counted, above which it should say why in its first paragraph.
const LINES_WARN: usize = 600;
/// Lines above which a file is refused.
const LINES_MAX: usize = 1_000;
/// Packages in `Cargo.lock`: a growing number is a decision, not an accident. Signatures of mail and the
/// log brought sixty, a third of them other implementations to test against; locked keys (age) forty.
const PACKAGES_MAX: usize = 540;
/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["util", "utils", "common", "helper", "helpers", "manager", "misc"];
/// What must not stay in code; written in two halves so that this file passes.
const LEFTOVERS: &[&str] = &[
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
    concat!("dbg", "!("),
    concat!("#[", "ignore"),
    concat!("#[should", "_panic"),
    concat!("#[", "allow("),
    concat!("#![", "allow("),
];
/// Paths of some machine, and hosts that differ from place to place.
const FOREIGN: &[&str] = &[
    concat!("/", "root/"),
    concat!("/", "work/"),
    concat!("/var/", "tmp/"),
    concat!("/", "Users/"),
    concat!("crates", ".io/"),
    concat!("crates", ".io:"),
    concat!("npmjs", ".org"),
    concat!("pypi", ".org"),
    concat!("python", "hosted.org"),
    concat!("arti", "factory"),
    concat!("proxy.", "golang.org"),
];
/// Files larger than this are not text anybody reads.
const TEXT_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// A tracked file.
struct File {
    /// Path from the top, with `/`.
    path: String,
    /// Its text; `None` for what is no text.
    text: Option<String>,
}

impl File {
    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    fn stem(&self) -> &str {
        Path::new(&self.path).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
    }

    /// Test and build files, which explain themselves by their names.
    fn is_test(&self) -> bool {
        self.stem() == "tests" || self.stem() == "build" || self.path.contains("/tests/")
    }

    /// The text up to its unit tests.
    fn code(&self) -> &str {
        let text = self.text.as_deref().unwrap_or_default();
        text.find("\n#[cfg(test)]\nmod tests {").map_or(text, |end| &text[..end])
    }
}

fn files() -> Result<Vec<File>> {
    let listed = step::output("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"])?;
    let mut files = Vec::new();
    for path in listed.split('\0').filter(|path| !path.is_empty()) {
        let whole = step::root().join(path);
        // Deleted but not yet committed, or a link: nothing to read.
        let Ok(metadata) = fs::symlink_metadata(&whole) else { continue };
        if !metadata.is_file() {
            continue;
        }
        let text = if metadata.len() > TEXT_BYTES_MAX {
            None
        } else {
            String::from_utf8(fs::read(&whole).with_context(|| path.to_owned())?).ok()
        };
        files.push(File { path: path.to_owned(), text });
    }
    Ok(files)
}

fn check_docs(file: &File, findings: &mut Vec<String>) {
    let first = file.text.as_deref().unwrap_or_default().lines().find(|line| !line.trim().is_empty());
    if file.is_rust() && !file.is_test() && !first.is_some_and(|line| line.starts_with("//!")) {
        findings.push(format!("{}: begin with a `//!` paragraph: what it is, and what it is not", file.path));
    }
}

fn check_length(file: &File, findings: &mut Vec<String>) {
    let lines = file.code().lines().count();
    if file.is_rust() && lines > LINES_MAX {
        findings.push(format!("{}: {lines} lines; split it by idea, {LINES_MAX} is the most", file.path));
    }
}

fn check_name(file: &File, findings: &mut Vec<String>) {
    let parts = Path::new(&file.path).components().filter_map(|part| part.as_os_str().to_str());
    for part in parts {
        let name = part.strip_suffix(".rs").unwrap_or(part);
        if file.is_rust() && EMPTY_NAMES.contains(&name) {
            findings.push(format!("{}: `{name}` says nothing; name the thing that is inside", file.path));
        }
    }
}

fn check_words(file: &File, findings: &mut Vec<String>) {
    let Some(text) = &file.text else { return };
    for (number, line) in text.lines().enumerate() {
        let at = || format!("{}:{}", file.path, number + 1);
        if file.is_rust() {
            for leftover in LEFTOVERS.iter().filter(|leftover| line.contains(**leftover)) {
                findings.push(format!("{}: `{leftover}` must not stay", at()));
            }
        }
        // Cargo.lock names where crates come from; Cargo writes it.
        if file.path.ends_with("Cargo.lock") {
            continue;
        }
        for foreign in FOREIGN.iter().filter(|foreign| line.contains(**foreign)) {
            findings.push(format!("{}: `{foreign}` is the path of a machine or the host of a registry", at()));
        }
    }
}

fn check_architecture(findings: &mut Vec<String>) {
    let text = fs::read_to_string(step::root().join("ARCHITECTURE.md")).unwrap_or_default();
    for (name, _) in layers::LEVELS {
        if !text.contains(&format!("`{name}`")) {
            findings.push(format!("ARCHITECTURE.md: `{name}` is not described"));
        }
    }
}

fn check_packages(findings: &mut Vec<String>) -> Result<()> {
    let lock = fs::read_to_string(step::root().join("Cargo.lock")).context("Cargo.lock")?;
    let packages = lock.lines().filter(|line| *line == "[[package]]").count();
    if packages > PACKAGES_MAX {
        findings.push(format!("Cargo.lock: {packages} packages; {PACKAGES_MAX} is the budget"));
    }
    Ok(())
}

fn findings() -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for file in files()? {
        check_docs(&file, &mut findings);
        check_length(&file, &mut findings);
        check_name(&file, &mut findings);
        check_words(&file, &mut findings);
    }
    check_architecture(&mut findings);
    check_packages(&mut findings)?;
    Ok(findings)
}

/// The verb.
pub(crate) fn run() -> Result<()> {
    for file in files()? {
        let lines = file.code().lines().count();
        if file.is_rust() && lines > LINES_WARN {
            println!("tidy: note: {}: {lines} lines; its first paragraph should say why", file.path);
        }
    }
    step::refuse("tidy", &findings()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str) -> usize {
        let file = File { path: path.to_owned(), text: Some(text.to_owned()) };
        let mut findings = Vec::new();
        check_docs(&file, &mut findings);
        check_length(&file, &mut findings);
        check_name(&file, &mut findings);
        check_words(&file, &mut findings);
        findings.len()
    }

    #[test]
    fn the_tree_is_tidy() {
        let found = findings().expect("the tracked files");
        assert!(found.is_empty(), "{found:#?}");
    }

    #[test]
    fn what_is_untidy_is_found() {
        assert_eq!(check("crates/x/src/good.rs", "//! Good.\n"), 0);
        assert_eq!(check("crates/x/src/bad.rs", "fn bad() {}\n"), 1, "no docs");
        assert_eq!(check("crates/x/src/tests.rs", "use super::*;\n"), 0, "tests need none");
        assert_eq!(check("crates/x/src/util/thing.rs", "//! Thing.\n"), 1, "an empty name");
        assert_eq!(check("crates/x/src/long.rs", &"//! Long.\n".repeat(LINES_MAX + 1)), 1, "too long");
        let tests = format!("//! Long.\n\n#[cfg(test)]\nmod tests {{\n{}", "// x\n".repeat(LINES_MAX));
        assert_eq!(check("crates/x/src/long.rs", &tests), 0, "tests do not count");
        assert_eq!(check("README.md", &format!("see {}", FOREIGN[0])), 1, "a machine's path");
        assert_eq!(check("crates/x/src/a.rs", &format!("//! A.\n{}", LEFTOVERS[0])), 1, "a leftover");
    }
}
