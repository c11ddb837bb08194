//! Queries made from what a mailbox holds, the same ones every time.

use std::path::Path;

use anyhow::{Result, bail};

use super::mailbox;

/// Messages looked at for words.
const SAMPLE_MESSAGES: usize = 2_000;
/// Bytes of a message that are looked at.
const SAMPLE_BYTES: usize = 20_000;

/// Words of a mailbox, and how many messages it has.
pub(crate) struct Sample {
    pub(crate) message_count: u64,
    words: Vec<String>,
    pairs: Vec<(String, String)>,
    senders: Vec<String>,
    subjects: Vec<String>,
    years: Vec<u16>,
}

/// Pseudo-random numbers from a seed (Knuth's MMIX constants): the same queries in every run.
struct Dice(u64);

impl Dice {
    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = (self.0 >> 33) % from.len() as u64;
        from.get(at as usize).expect("the remainder is below the length")
    }
}

impl Sample {
    /// Looks at messages spread evenly over the mailbox.
    pub(crate) fn take(path: &Path) -> Result<Self> {
        let mut message_count = 0;
        mailbox::for_each(path, |_, _| {
            message_count += 1;
            Ok(())
        })?;
        let every = message_count / SAMPLE_MESSAGES as u64 + 1;
        let mut sample =
            Self { message_count, words: vec![], pairs: vec![], senders: vec![], subjects: vec![], years: vec![] };
        let mut number = 0_u64;
        mailbox::for_each(path, |_, message| {
            if number.is_multiple_of(every) {
                sample.add(&String::from_utf8_lossy(&message[..message.len().min(SAMPLE_BYTES)]));
            }
            number += 1;
            Ok(())
        })?;
        let lists = [sample.words.len(), sample.pairs.len(), sample.senders.len(), sample.subjects.len()];
        if lists.contains(&0) || sample.years.is_empty() {
            bail!("{} does not look like a mailbox: no words, senders or dates in it", path.display());
        }
        Ok(sample)
    }

    fn add(&mut self, message: &str) {
        let (head, body) = message.split_once("\n\n").unwrap_or((message, ""));
        for line in head.lines() {
            if let Some(value) = line.strip_prefix("From:") {
                let local = value.split('@').next().and_then(|part| part.rsplit(['<', ' ', '"']).next());
                self.senders.extend(local.into_iter().flat_map(words));
            } else if let Some(value) = line.strip_prefix("Subject:") {
                self.subjects.extend(words(value));
            } else if let Some(value) = line.strip_prefix("Date:") {
                let years = value.split_whitespace().filter_map(|word| word.parse::<u16>().ok());
                self.years.extend(years.filter(|year| (1980..2030).contains(year)));
            }
        }
        for line in body.lines().filter(|line| line.contains(' ')) {
            let found: Vec<String> = words(line).collect();
            // Neighbours in the text: in between, only one space.
            for pair in found.windows(2) {
                if line.to_lowercase().contains(&format!("{} {}", pair[0], pair[1])) {
                    self.pairs.push((pair[0].clone(), pair[1].clone()));
                }
            }
            self.words.extend(found);
        }
    }

    /// So many queries of ten kinds, in turn.
    pub(crate) fn queries(&self, count: usize) -> Vec<String> {
        let mut dice = Dice(2_026);
        let mut queries = Vec::with_capacity(count);
        for kind in (0..10).cycle().take(count) {
            let word = dice.pick(&self.words);
            let other = dice.pick(&self.words);
            let year = dice.pick(&self.years);
            let pair = dice.pick(&self.pairs);
            queries.push(match kind {
                0 => word.clone(),
                1 => format!("{} {}", pair.0, pair.1),
                2 => format!("\"{} {}\"", pair.0, pair.1),
                3 => format!("from:{}", dice.pick(&self.senders)),
                4 => format!("subject:{}", dice.pick(&self.subjects)),
                5 => format!("{word} date:{year}"),
                6 => format!("{word} -{other}"),
                7 => format!("{word} OR {other}"),
                8 => format!("{}* after:{year}-01-01", word.chars().take(5).collect::<String>()),
                _ => format!("from:{} {word}", dice.pick(&self.senders)),
            });
        }
        queries
    }
}

/// Plain words of some length, in lower case: those that mean the same in every query language.
fn words(text: &str) -> impl Iterator<Item = String> {
    let plain = |word: &&str| (4..=14).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    text.split(|letter: char| !letter.is_alphanumeric()).filter(plain).map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_come_from_the_mail_and_are_the_same_every_time() {
        let mut sample =
            Sample { message_count: 1, words: vec![], pairs: vec![], senders: vec![], subjects: vec![], years: vec![] };
        sample
            .add("From: Ann <ann.smith@example.org>\nSubject: Water prices\nDate: 7 Oct 2016\n\nthe lake level fell\n");
        assert_eq!(sample.senders, ["smith"]);
        assert_eq!(sample.subjects, ["water", "prices"]);
        assert_eq!(sample.years, [2016]);
        assert_eq!(sample.pairs[0], ("lake".to_owned(), "level".to_owned()));
        let queries = sample.queries(20);
        assert_eq!(queries, sample.queries(20));
        assert!(queries.iter().any(|query| query == "from:smith"), "{queries:?}");
    }
}
