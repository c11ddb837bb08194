//! mail-parser: values of single fields beside what it reads from them.
//!
//! Left out: what it reads of a Received field beside the date, which we do not read.

use frelon_mail::{Header, parse_header};
use frelon_model::Instant;
use serde_json::Value;

use crate::expectation::{Comparison, read};

type Known = &'static [(&'static str, &'static str)];

const DATES: Known = &[
    ("10", "a month as a number, which no form of RFC 5322 has: there are two readings, and we guess none"),
    ("12", "numbers alone: as 10"),
    ("14", "the line ends within a nested comment: they give nothing, we the day before it"),
];

const ASCTIME: &str = "the form of asctime: they take the time of day for year, month and minute";
const NAMED_ZONE: &str = "a zone by name (RFC 5322 section 4.3): they count it as UTC";
const SHORT_YEAR: &str = "a year of two digits is one of this century up to 49 (RFC 5322 section 4.3)";
const RECEIVED: Known = &[
    ("13", ASCTIME),
    ("67", NAMED_ZONE),
    ("69", "no semicolon before the date (RFC 5321 section 4.4), which can be read all the same"),
    ("89", SHORT_YEAR),
    ("90", SHORT_YEAR),
    ("117", ASCTIME),
    ("118", ASCTIME),
    ("128", SHORT_YEAR),
    ("144", "a fraction of a second: they lose the second with it"),
    ("151", ASCTIME),
    ("163", NAMED_ZONE),
];

const IDS: Known = &[
    (
        "6",
        "the obsolete form: neither white space nor comment is part of it (RFC 5322 section 4.5.4), they keep both; we \
         keep what is in round brackets, as identifiers made on `host.(none)` have it everywhere",
    ),
    ("10", "a bare word: an identifier has an @ (RFC 5322 section 3.6.4)"),
];

const BEFORE_FOLD: &str = "white space before a fold stays (RFC 5322 section 2.2.3), they leave it out";
const IN_WORD: &str = "a fold in an encoded word, where none may be (RFC 2047 section 2): a fold stands where a space was \
                       (RFC 5322 section 2.2.3), they leave it out";
const GLUED: &str = "an encoded word without white space around it (RFC 2047 section 5): they put a space there";
const TEXTS: Known = &[
    ("2", BEFORE_FOLD),
    ("3", BEFORE_FOLD),
    ("19", BEFORE_FOLD),
    ("21", GLUED),
    ("22", GLUED),
    ("24", IN_WORD),
    ("25", IN_WORD),
    ("26", IN_WORD),
    ("27", GLUED),
    ("28", GLUED),
];

#[test]
fn dates_agree_with_mail_parsers_own() {
    check("dates", "date.json", "Date", DATES, 40, |comparison, case, header, expected| {
        let found = header.sent.map(|sent| (sent.at.0 + i64::from(sent.offset_minutes) * 60, sent.offset_minutes));
        let found = found.map(|(local, offset)| (Instant(local).to_rfc3339(), i64::from(offset)));
        let expected = (!expected.is_null()).then(|| (clock_of(expected), offset_of(expected)));
        comparison.check(case, "local time and offset", &found, &expected);
    });
}

#[test]
fn received_dates_agree_with_mail_parsers_own() {
    check("Received", "received.json", "Received", RECEIVED, 181, |comparison, case, header, expected| {
        let expected = &expected["date"];
        // Of Received we keep no offset: the instant is shown at theirs.
        let offset_minutes = if expected.is_null() { 0 } else { offset_of(expected) };
        let found = header.received_at.map(|at| Instant(at.0 + offset_minutes * 60).to_rfc3339());
        let expected = (!expected.is_null()).then(|| clock_of(expected));
        comparison.check(case, "date", &found, &expected);
    });
}

#[test]
fn identifiers_agree_with_mail_parsers_own() {
    for field in ["References", "In-Reply-To"] {
        check("identifiers", "id.json", field, IDS, 11, |comparison, case, header, expected| {
            let ids = if field == "References" { &header.references } else { &header.in_reply_to };
            let found: Vec<_> = ids.iter().map(|id| Value::from(id.as_str())).collect();
            let found = if found.is_empty() { Value::Null } else { Value::from(found) };
            comparison.check(case, field, &found, expected);
        });
    }
}

#[test]
fn texts_agree_with_mail_parsers_own() {
    check("texts", "unstructured.json", "Subject", TEXTS, 30, |comparison, case, header, expected| {
        comparison.check(case, "text", &Some(header.subject.as_str()), &expected.as_str());
    });
}

/// Compares every case of a file, each as the value of that field. Cases are named by their number.
fn check(
    source: &'static str,
    file: &str,
    field: &str,
    known: Known,
    count: usize,
    compare: impl Fn(&mut Comparison, &str, &Header, &Value),
) {
    let Some(root) = frelon_testkit::corpus("torture/stalwartlabs+mail-parser/resources") else { return };
    let cases: Value = serde_json::from_slice(&read(&root.join(file)).expect("readable")).expect("JSON");
    let mut comparison = Comparison::new(source, known);
    for (index, case) in cases.as_array().expect("cases").iter().enumerate() {
        let value = case["header"].as_str().expect("a value");
        let header = parse_header(format!("{field}: {value}").as_bytes());
        compare(&mut comparison, &index.to_string(), &header, &case["expected"]);
    }
    comparison.finish(count);
}

/// Their local date and time, which need not exist.
fn clock_of(date: &Value) -> String {
    let [year, month, day, hour, minute, second] =
        ["year", "month", "day", "hour", "minute", "second"].map(|key| date[key].as_u64().expect("a number"));
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Their offset, in minutes.
fn offset_of(date: &Value) -> i64 {
    let [hours, minutes] = ["tz_hour", "tz_minute"].map(|key| date[key].as_i64().expect("a number"));
    let offset = hours * 60 + minutes;
    if date["tz_before_gmt"] == true { -offset } else { offset }
}
