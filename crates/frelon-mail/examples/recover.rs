//! Keys recovered from the signatures of mailbox files alone, as lines of a key archive; a selector, or all
//! with enough signatures. Takes minutes for each key:
//! `cargo run --release -p frelon-mail --example recover -- [DOMAIN SELECTOR] FILE.mbox...`

#![expect(clippy::print_stdout, reason = "an example prints what it finds")]

use std::{collections::BTreeMap, fs, time::Instant};

use frelon_mail::{
    dkim::{Progress, Recovery, Specimen},
    mailbox,
};

/// Signatures below which a selector is passed over.
const SPECIMENS_MIN: usize = 3;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_file = arguments.first().is_none_or(|first| fs::metadata(first).is_ok());
    let wanted = (!is_file && arguments.len() > 2).then(|| (arguments.remove(0), arguments.remove(0)));
    let mut selectors: BTreeMap<(String, String), Vec<Specimen>> = BTreeMap::new();
    for path in arguments {
        let bytes = fs::read(path)?;
        let kind = mailbox::detect(&bytes[..bytes.len().min(1 << 20)]).ok_or("not a mailbox")?;
        let mut splitter = mailbox::Splitter::new(kind);
        splitter.push(&bytes);
        splitter.finish();
        while let Some(entry) = splitter.next_entry() {
            for specimen in Specimen::collect(&mailbox::unquote(kind, entry.raw).bytes) {
                let name = (specimen.signing_domain.clone(), specimen.selector.to_ascii_lowercase());
                selectors.entry(name).or_default().push(specimen);
            }
        }
    }
    for ((domain, selector), specimens) in selectors {
        let is_wanted = wanted.as_ref().is_none_or(|wanted| (&wanted.0, &wanted.1) == (&domain, &selector));
        if !is_wanted || specimens.len() < SPECIMENS_MIN {
            continue;
        }
        let (start, count) = (Instant::now(), specimens.len());
        let mut recovery = Recovery::new(specimens);
        let (mut longest, mut steps) = (std::time::Duration::ZERO, 0);
        let found = loop {
            let step = Instant::now();
            let progress = recovery.step();
            longest = longest.max(step.elapsed());
            steps += 1;
            match progress {
                Progress::Working => {}
                Progress::Found(found) => break Some(found),
                Progress::Exhausted => break None,
            }
        };
        let line = found.map_or("nothing".to_owned(), |found| {
            format!("{} bits, verifies {} of {}: {}", found.bits, found.verified, found.total, found.key.text)
        });
        let time = start.elapsed();
        println!(
            "{selector}._domainkey.{domain}: {count} signatures, {time:?} in {steps} steps of {longest:?} at most: {line}"
        );
    }
    Ok(())
}
