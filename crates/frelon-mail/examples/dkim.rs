//! Grades of every message of mailbox files or folders of messages, and what judging costs on one core:
//! `cargo run --release -p frelon-mail --example dkim -- KEYS.jsonl PATH...`

#![expect(clippy::print_stdout, reason = "an example prints its figures")]

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use frelon_mail::{
    dkim::{Authentication, KeyArchive, verify},
    mailbox, parse_header,
};

/// Bytes handed to the splitter at a time.
const WINDOW_BYTES: usize = 1 << 20;

#[derive(Default)]
struct Table {
    messages: usize,
    bytes: usize,
    time: Duration,
    grades: BTreeMap<&'static str, usize>,
    signatures: BTreeMap<String, usize>,
    facts: BTreeMap<String, usize>,
}

impl Table {
    fn take(&mut self, raw: &[u8], keys: &KeyArchive) {
        let received_at = parse_header(raw).received_at;
        let start = Instant::now();
        let found = verify(raw, keys, received_at);
        self.time += start.elapsed();
        self.messages += 1;
        self.bytes += raw.len();
        *self.grades.entry(found.grade.code()).or_default() += 1;
        self.count(&found);
    }

    fn count(&mut self, found: &Authentication) {
        for signature in &found.signatures {
            let mut fact = |what: String| *self.facts.entry(what).or_default() += 1;
            *self.signatures.entry(format!("{} {:?}", signature.state, signature.reason)).or_default() += 1;
            signature.algorithm.into_iter().for_each(|algorithm| fact(algorithm.to_string()));
            signature.key.iter().for_each(|key| fact(format!("key of {} bits", key.bits)));
            if signature.body.is_some_and(|body| body.is_limited) {
                fact("l=".to_owned());
            }
            if let (true, Some(body)) = (signature.state.is_pass(), signature.body) {
                fact(format!("pass, body {:?}", body.form));
            }
            if signature.unsigned_duplicates().next().is_some() {
                fact("unsigned duplicates".to_owned());
            }
        }
        *self.facts.entry(format!("arc {:?} {:?}", found.arc.state, found.arc.reason)).or_default() += 1;
    }

    fn print(&self, path: &str) {
        let signatures: usize = self.signatures.values().sum();
        let messages = self.messages.max(1);
        let each = self.time / u32::try_from(messages).unwrap_or(u32::MAX);
        println!("{path}: {} messages, {} MB, {signatures} signatures", self.messages, self.bytes / 1_000_000);
        println!("  {:?} in all, {each:?} a message", self.time);
        for counts in [
            self.grades.iter().map(|(&name, &count)| (name.to_owned(), count)).collect(),
            self.signatures.clone(),
            self.facts.clone(),
        ] {
            let line: Vec<_> =
                counts.iter().map(|(name, count): (&String, &usize)| format!("{name} {count}")).collect();
            println!("  {}", line.join(" · "));
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut keys = KeyArchive::new();
    let problems = keys.add_jsonl(&fs::read_to_string(arguments.next().ok_or("KEYS.jsonl")?)?);
    println!("{} keys, {} lines with a problem", keys.len(), problems.len());
    for path in arguments {
        let mut table = Table::default();
        if Path::new(&path).is_dir() {
            folder(Path::new(&path), &mut |raw| table.take(raw, &keys))?;
        } else {
            mailbox(&fs::read(&path)?, &mut |raw| table.take(raw, &keys))?;
        }
        table.print(&path);
    }
    Ok(())
}

fn folder(path: &Path, take: &mut dyn FnMut(&[u8])) -> std::io::Result<()> {
    for entry in fs::read_dir(path)? {
        let path = entry?.path();
        if path.is_dir() { folder(&path, take)? } else { take(&fs::read(&path)?) }
    }
    Ok(())
}

fn mailbox(bytes: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), &'static str> {
    let kind = mailbox::detect(&bytes[..bytes.len().min(WINDOW_BYTES)]).ok_or("not a mailbox")?;
    let mut splitter = mailbox::Splitter::new(kind);
    for window in bytes.chunks(WINDOW_BYTES) {
        splitter.push(window);
        while let Some(entry) = splitter.next_entry() {
            take(&mailbox::unquote(kind, entry.raw).bytes);
        }
    }
    splitter.finish();
    while let Some(entry) = splitter.next_entry() {
        take(&mailbox::unquote(kind, entry.raw).bytes);
    }
    Ok(())
}
