//! Speed of splitting and parsing on one core, over mailbox files:
//! `cargo run --release -p frelon-mail --example speed -- FILE.mbox...`

#![expect(clippy::print_stdout, reason = "an example prints its figures")]

use std::{collections::BTreeMap, hint::black_box, time::Instant};

use frelon_mail::{mailbox, parse, parse_header};

/// Bytes handed to the splitter at a time.
const WINDOW_BYTES: usize = 1 << 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path)?;
        let megabytes = bytes.len() as f64 / 1e6;
        let kind = mailbox::detect(&bytes[..bytes.len().min(WINDOW_BYTES)]).ok_or("not a mailbox")?;
        let split_s = time(|| {
            each(kind, &bytes, |raw| {
                black_box(raw);
            });
        });
        let header_s = time(|| {
            each(kind, &bytes, |raw| {
                black_box(parse_header(raw));
            });
        });
        let mut problems: BTreeMap<&str, usize> = BTreeMap::new();
        let mut count = 0;
        let parse_s = time(|| {
            each(kind, &bytes, |raw| {
                let message = parse(&mailbox::unquote(kind, raw).bytes);
                count += 1;
                for problem in &message.problems {
                    *problems.entry(problem.kind.code()).or_default() += 1;
                }
            });
        });
        println!("{path}: {} {count} messages, {megabytes:.0} MB", kind.name());
        for (what, seconds) in [("split", split_s), ("split + header", header_s), ("split + unquote + parse", parse_s)]
        {
            let per_second = f64::from(count) / seconds;
            println!("  {what}: {:.0} MB/s, {per_second:.0} messages/s", megabytes / seconds);
        }
        println!("  {problems:?}");
    }
    Ok(())
}

fn time(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

fn each(kind: mailbox::MailboxKind, bytes: &[u8], mut take: impl FnMut(&[u8])) {
    let mut splitter = mailbox::Splitter::new(kind);
    for window in bytes.chunks(WINDOW_BYTES) {
        splitter.push(window);
        while let Some(entry) = splitter.next_entry() {
            take(entry.raw);
        }
    }
    splitter.finish();
    while let Some(entry) = splitter.next_entry() {
        take(entry.raw);
    }
}
