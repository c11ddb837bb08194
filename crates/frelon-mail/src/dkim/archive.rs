//! Key archives: the records that stood under a selector, each with when and where it was seen. A
//! verdict on old mail is only as good as these, so that each names its source.

use std::collections::HashMap;

use frelon_model::Instant;
use serde::{Deserialize, Serialize};

use super::{
    key::{KeyRecord, RECORD_BYTES_MAX, RecordProblem},
    zone,
};

/// Records held at most: some hundred times what one archive of mail needs, and below a gigabyte.
const RECORDS_MAX: usize = 200_000;
/// Records held for one selector; each is tried on every signature of it.
const RECORDS_PER_SELECTOR_MAX: usize = 32;
/// Longest source named, in bytes.
const SOURCE_BYTES_MAX: usize = 500;
/// Problems told of one file; the rest is counted.
const PROBLEMS_MAX: usize = 100;

/// How a key came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provenance {
    /// Asked for in the DNS, on the day it was seen.
    LiveDns,
    /// A copy somebody kept.
    #[default]
    Archive,
    /// Computed from signatures: proof of one signer, not of whose key it is.
    Recovered,
}

/// A record with when and where it was seen.
#[derive(Debug, Clone)]
pub struct ArchivedKey {
    /// The text as it stood, strings of the TXT record joined.
    pub text: String,
    /// What the text says.
    pub record: Result<KeyRecord, RecordProblem>,
    /// When it was first seen.
    pub first_seen_at: Option<Instant>,
    /// When it was last seen.
    pub last_seen_at: Option<Instant>,
    /// Where it comes from, for readers.
    pub source: String,
    /// How it came to be known.
    pub provenance: Provenance,
    /// When its private half was made public, as some domains do with retired keys: from then on,
    /// anybody can sign with it.
    pub disclosed_at: Option<Instant>,
}

impl ArchivedKey {
    /// A record from some source, with nothing known of its dates.
    #[must_use]
    pub fn new(text: &str, provenance: Provenance, source: &str) -> Self {
        let mut end = source.len().min(SOURCE_BYTES_MAX);
        while !source.is_char_boundary(end) {
            end -= 1;
        }
        Self {
            text: text.to_owned(),
            record: KeyRecord::parse(text),
            first_seen_at: None,
            last_seen_at: None,
            source: source[..end].to_owned(),
            provenance,
            disclosed_at: None,
        }
    }

    /// The same with the times it was seen at.
    #[must_use]
    pub fn seen(mut self, first: Option<Instant>, last: Option<Instant>) -> Self {
        self.first_seen_at = first.or(last);
        self.last_seen_at = last.or(first);
        self
    }

    /// Seconds between an instant and the time it is known to have stood; `None` if that is unknown.
    pub(crate) fn distance(&self, at: Instant) -> Option<u64> {
        let (first, last) = (self.first_seen_at?, self.last_seen_at?);
        let before = first.0.saturating_sub(at.0).max(0);
        let after = at.0.saturating_sub(last.0).max(0);
        Some(before.max(after).unsigned_abs())
    }
}

/// Where keys are looked up. What asks the DNS keeps its answers in a [`KeyArchive`]; verifying
/// itself asks nobody.
pub trait KeySource {
    /// The records known of a selector, in any order. Names are compared without case.
    fn keys(&self, domain: &str, selector: &str) -> &[ArchivedKey];
}

/// What could not be taken in from a file, by its line (from 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineProblem {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// Key records by selector and domain.
#[derive(Debug, Clone, Default)]
pub struct KeyArchive {
    records: HashMap<String, Vec<ArchivedKey>>,
    count: usize,
}

/// One line of a JSONL archive.
#[derive(Serialize, Deserialize)]
struct Line {
    domain: String,
    selector: String,
    record: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_seen: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_seen: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    source: String,
    #[serde(default)]
    provenance: Option<Provenance>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    disclosed: Option<String>,
}

impl KeyArchive {
    /// An archive without records.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Every record with the name it stands under, `selector._domainkey.domain`, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ArchivedKey)> {
        self.records.iter().flat_map(|(name, keys)| keys.iter().map(move |key| (name.as_str(), key)))
    }

    /// Adds a record. One that is there already, from the same kind of source, only has its time
    /// widened. `false` if there is no more room.
    pub fn add(&mut self, domain: &str, selector: &str, key: ArchivedKey) -> bool {
        self.add_name(&name(domain, selector), key)
    }

    fn add_name(&mut self, name: &str, key: ArchivedKey) -> bool {
        let is_full = self.count >= RECORDS_MAX;
        let keys = self.records.entry(name.to_owned()).or_default();
        if let Some(same) = keys.iter_mut().find(|same| same.text == key.text && same.provenance == key.provenance) {
            let earliest = |a: Option<Instant>, b: Option<Instant>| a.into_iter().chain(b).min();
            same.first_seen_at = earliest(same.first_seen_at, key.first_seen_at);
            same.last_seen_at = same.last_seen_at.max(key.last_seen_at);
            same.disclosed_at = earliest(same.disclosed_at, key.disclosed_at);
            return true;
        }
        if is_full || keys.len() >= RECORDS_PER_SELECTOR_MAX {
            return false;
        }
        keys.push(key);
        self.count += 1;
        true
    }

    /// Adds records from JSON lines: objects with `domain`, `selector`, `record`, and where known
    /// `first_seen`, `last_seen`, `disclosed` (RFC 3339 dates or instants), `source`, and
    /// `provenance` (`live-dns`, `archive`, `recovered`).
    pub fn add_jsonl(&mut self, text: &str) -> Vec<LineProblem> {
        let mut problems = Vec::new();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            if let Err(reason) = self.add_line(line)
                && problems.len() < PROBLEMS_MAX
            {
                problems.push(LineProblem { line: index + 1, reason });
            }
        }
        problems
    }

    fn add_line(&mut self, line: &str) -> Result<(), &'static str> {
        let line: Line = serde_json::from_str(line).map_err(|_| "not an object with domain, selector and record")?;
        if line.record.len() > RECORD_BYTES_MAX {
            return Err("the record is too long");
        }
        let instant = |text: Option<String>| match text {
            Some(text) => parse_instant(&text).map(Some).ok_or("a time is neither a date nor an instant of RFC 3339"),
            None => Ok(None),
        };
        let mut key = ArchivedKey::new(&line.record, line.provenance.unwrap_or_default(), &line.source)
            .seen(instant(line.first_seen)?, instant(line.last_seen)?);
        key.disclosed_at = instant(line.disclosed)?;
        if self.add(&line.domain, &line.selector, key) { Ok(()) } else { Err("there is no more room") }
    }

    /// The whole archive as the lines that [`KeyArchive::add_jsonl`] reads, in order of their names: the
    /// same archive always gives the same bytes.
    #[must_use]
    pub fn to_jsonl(&self) -> String {
        let mut names: Vec<_> = self.records.iter().collect();
        names.sort_unstable_by_key(|(name, _)| *name);
        let mut text = String::new();
        for (name, keys) in names {
            let (selector, domain) = name.split_once("._domainkey.").unwrap_or(("", name));
            for key in keys {
                let line = Line {
                    domain: domain.to_owned(),
                    selector: selector.to_owned(),
                    record: key.text.clone(),
                    first_seen: key.first_seen_at.map(Instant::to_rfc3339),
                    last_seen: key.last_seen_at.map(Instant::to_rfc3339),
                    source: key.source.clone(),
                    provenance: Some(key.provenance),
                    disclosed: key.disclosed_at.map(Instant::to_rfc3339),
                };
                text.push_str(&serde_json::to_string(&line).expect("strings always serialise"));
                text.push('\n');
            }
        }
        text
    }

    /// Adds the TXT records under `_domainkey` of a zone file, of BIND's kind (RFC 1035 section 5) or
    /// of tinydns; what else stands there is passed over. Names that do not end in a dot are below `origin`, until the
    /// file names another; empty for none. The records count as seen at that instant.
    pub fn add_zone(&mut self, text: &str, origin: &str, source: &str, seen_at: Option<Instant>) -> Vec<LineProblem> {
        let mut problems = Vec::new();
        for entry in zone::read(text, origin) {
            let name = entry.name.trim_end_matches('.').to_ascii_lowercase();
            if !name.contains("._domainkey.") {
                continue;
            }
            let key = ArchivedKey::new(&entry.text, Provenance::Archive, source).seen(seen_at, seen_at);
            if !self.add_name(&name, key) && problems.len() < PROBLEMS_MAX {
                problems.push(LineProblem { line: entry.line, reason: "there is no more room" });
            }
        }
        problems
    }
}

impl KeySource for KeyArchive {
    fn keys(&self, domain: &str, selector: &str) -> &[ArchivedKey] {
        self.records.get(&name(domain, selector)).map_or(&[], Vec::as_slice)
    }
}

fn name(domain: &str, selector: &str) -> String {
    let mut name = format!("{selector}._domainkey.{}", domain.trim_end_matches('.'));
    name.make_ascii_lowercase();
    name
}

/// A date, taken at its start in UTC, or an instant.
fn parse_instant(text: &str) -> Option<Instant> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(Instant(at.as_second()));
    }
    let date: jiff::civil::Date = text.parse().ok()?;
    Instant::from_date(date.year(), date.month(), date.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_found_without_case_and_with_their_dates() {
        let mut archive = KeyArchive::new();
        let lines = concat!(
            r#"{"domain":"Example.ORG","selector":"S1","record":"p=","first_seen":"2019-01-02","source":"a copy"}"#,
            "\n\n",
            r#"{"domain":"example.org","selector":"s1","record":"p=","last_seen":"2020-01-02T00:00:00Z"}"#,
            "\nnonsense\n",
            r#"{"domain":"example.org","selector":"s1","record":"p=","last_seen":"yesterday"}"#,
        );
        let problems = archive.add_jsonl(lines);
        assert_eq!(problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [4, 5]);
        let [key] = archive.keys("EXAMPLE.org", "s1") else { panic!("one record") };
        assert_eq!(key.first_seen_at, Instant::from_date(2019, 1, 2));
        assert_eq!(key.last_seen_at, Instant::from_date(2020, 1, 2));
        assert_eq!(key.distance(Instant::from_date(2019, 1, 1).expect("a day")), Some(86_400));
        assert_eq!(key.distance(Instant::from_date(2019, 6, 1).expect("a day")), Some(0));
        assert_eq!(key.source, "a copy");
        assert!(archive.keys("example.org", "s2").is_empty() && archive.len() == 1);
    }

    #[test]
    fn an_archive_is_written_as_it_is_read() {
        let mut archive = KeyArchive::new();
        let key = ArchivedKey::new("v=DKIM1; p=", Provenance::LiveDns, "seen");
        assert!(archive.add("B.example", "s", key.clone().seen(Some(Instant(86_400)), None)));
        assert!(archive.add("a.example", "t.u", key));
        let text = archive.to_jsonl();
        assert!(text.lines().next().is_some_and(|line| line.contains("b.example")), "by name: {text}");
        let mut again = KeyArchive::new();
        assert!(again.add_jsonl(&text).is_empty());
        assert_eq!(again.to_jsonl(), text);
        assert_eq!(again.keys("b.example", "S")[0].first_seen_at, Some(Instant(86_400)));
    }

    #[test]
    fn a_selector_holds_so_many_records() {
        let mut archive = KeyArchive::new();
        let add = |number: usize, archive: &mut KeyArchive| {
            archive.add("a.example", "s", ArchivedKey::new(&format!("n={number}; p="), Provenance::Archive, ""))
        };
        assert!((0..RECORDS_PER_SELECTOR_MAX).all(|number| add(number, &mut archive)));
        assert!(!add(RECORDS_PER_SELECTOR_MAX, &mut archive) && add(0, &mut archive));
        assert_eq!(archive.len(), RECORDS_PER_SELECTOR_MAX);
    }

    #[test]
    fn zone_files_are_read() {
        let mut archive = KeyArchive::new();
        let bind = concat!(
            "$ORIGIN example.com.\n$TTL 3600\n@ IN SOA ns. root. ( 1 2 3\n 4 5 )\n",
            "s1._domainkey 300 IN TXT ( \"v=DKIM1; k=rsa; \" ; a comment\n \"p=\" )\n",
            "s2._domainkey.other.example. TXT v=DKIM1\\;p=\nwww A 192.0.2.1\n",
        );
        assert!(archive.add_zone(bind, "", "zone", Some(Instant(5))).is_empty());
        assert_eq!(archive.keys("example.com", "s1")[0].text, "v=DKIM1; k=rsa; p=");
        assert_eq!(archive.keys("other.example", "s2")[0].text, "v=DKIM1;p=");
        assert_eq!(archive.keys("other.example", "s2")[0].last_seen_at, Some(Instant(5)));
        archive.add_zone("'s3._domainkey.example.com:v=DKIM1;n=a\\072b;p=:3600::\n", "", "", None);
        assert_eq!(archive.keys("example.com", "s3")[0].text, "v=DKIM1;n=a:b;p=");
        assert_eq!(archive.len(), 3);
    }
}
