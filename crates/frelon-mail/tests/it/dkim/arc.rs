//! The ARC test suite of ValiMail: every chain it describes.

use std::{collections::BTreeMap, fs};

use frelon_mail::dkim::{ArcState, KeyArchive, verify};

use super::add_line;

/// Scenarios where we differ, and why.
const DIFFERENCES: &[(&str, &str)] = &[
    ("ams_fields_c_na", "without c= it takes relaxed; RFC 8617 section 4.1.2 keeps DKIM's default, simple"),
    ("ams_fields_h_empty", "it takes an empty h=; RFC 6376 section 3.5 does not"),
    ("as_fields_b_512", "it refuses short keys; we show their size"),
];

/// One scenario of the suite.
#[derive(Default)]
struct Scenario {
    name: String,
    message: String,
    expected: String,
}

/// The little of YAML the suite uses: block scalars at known depths.
fn read(text: &str) -> (Vec<Scenario>, BTreeMap<String, String>) {
    let (mut scenarios, mut records): (Vec<Scenario>, BTreeMap<String, String>) = Default::default();
    let (mut is_records, mut block, mut record) = (false, None::<usize>, String::new());
    for line in text.lines() {
        let depth = line.len() - line.trim_start().len();
        let key = line.trim();
        if let Some(indent) = block {
            if key.is_empty() || depth >= indent {
                let message = &mut scenarios.last_mut().expect("a scenario").message;
                message.push_str(line.get(indent..).unwrap_or_default());
                message.push('\n');
                continue;
            }
            block = None;
        }
        match depth {
            0 => is_records = key == "txt-records:",
            2 if is_records => {
                key.trim_end_matches(": >-").clone_into(&mut record);
                records.insert(record.clone(), String::new());
            }
            2 if key.ends_with(':') => {
                scenarios.push(Scenario { name: key.trim_end_matches(':').to_owned(), ..Scenario::default() });
            }
            4 if is_records => records.get_mut(&record).expect("a record").push_str(key),
            4 if key.starts_with("message:") => block = Some(6),
            4 => {
                if let Some(expected) = key.strip_prefix("cv:") {
                    scenarios.last_mut().expect("a scenario").expected = expected.trim().to_lowercase();
                }
            }
            _ => {}
        }
    }
    (scenarios, records)
}

#[test]
fn every_chain_of_the_suite_is_judged_as_it_says() {
    let Some(root) = frelon_testkit::corpus("dkim/ValiMail+arc_test_suite/tests") else { return };
    let text = fs::read_to_string(root.join("arc-draft-validation-tests.yml")).expect("readable");
    let (scenarios, records) = read(&text);
    let mut keys = KeyArchive::new();
    records.iter().for_each(|(name, record)| add_line(&mut keys, &format!("{name} {record}")));
    let (mut wrong, mut judged) = (Vec::new(), 0);
    for scenario in &scenarios {
        let found = verify(scenario.message.replace('\n', "\r\n").as_bytes(), &keys, None).arc;
        let state = match found.state {
            ArcState::None => "none",
            ArcState::Pass => "pass",
            // To the suite, a key that is not known is a failure.
            ArcState::Fail | ArcState::KeyNotFound => "fail",
        };
        // Three scenarios leave the result open.
        if !["none", "pass", "fail"].contains(&&*scenario.expected) {
            continue;
        }
        judged += 1;
        let is_known = DIFFERENCES.iter().any(|(name, _)| *name == scenario.name);
        if (state != scenario.expected) != is_known {
            wrong.push(format!(
                "{}: {state} {:?} {:?}, expected {}",
                scenario.name, found.reason, found.at, scenario.expected
            ));
        }
    }
    assert!(wrong.is_empty(), "{} differ: {wrong:#?}", wrong.len());
    assert_eq!((scenarios.len(), judged), (175, 172));
}
