//! Canonical forms as flanker has them, which took them from the tests of DomainKeys.

use std::{collections::BTreeSet, fs};

use super::*;
use crate::header::cut_message;

use Canonicalization::{Relaxed, Simple};

/// Where we differ, and why.
const DIFFERENCES: &[(&str, &str)] = &[
    ("email.24", "nothing but white space: the body is empty (RFC 6376 section 3.4.4), they keep its lines"),
    ("relaxed.expected.24", "the same"),
];

/// A message, and its canonical form. The corpus holds equal files once: the form of `email.03` is
/// that of 02, the form of 05 that of 04. What is in one form is the same in it, and the simple form
/// has the relaxed form of its message.
const CASES: &[(&str, Canonicalization, &str)] = &[
    ("email.02", Simple, "simple.expected.02"),
    ("email.03", Simple, "simple.expected.02"),
    ("email.05", Simple, "simple.expected.04"),
    ("email.20", Simple, "simple.expected.20"),
    ("email.22", Simple, "simple.expected.22"),
    ("simple.expected.02", Simple, "simple.expected.02"),
    ("simple.expected.04", Simple, "simple.expected.04"),
    ("simple.expected.08", Simple, "simple.expected.08"),
    ("simple.expected.10", Simple, "simple.expected.10"),
    ("simple.expected.11", Simple, "simple.expected.11"),
    ("email.20", Relaxed, "relaxed.expected.20"),
    ("email.24", Relaxed, "relaxed.expected.24"),
    ("email.25", Relaxed, "relaxed.expected.25"),
    ("simple.expected.08", Relaxed, "relaxed.expected.08"),
    ("simple.expected.20", Relaxed, "relaxed.expected.20"),
    ("relaxed.expected.19", Relaxed, "relaxed.expected.19"),
    ("relaxed.expected.21", Relaxed, "relaxed.expected.21"),
    ("relaxed.expected.24", Relaxed, "relaxed.expected.24"),
    ("relaxed.expected.25", Relaxed, "relaxed.expected.25"),
];

fn canonical(canonicalization: Canonicalization, raw: &[u8]) -> Vec<u8> {
    let block = cut_message(raw);
    let mut out = Vec::new();
    for field in &block.fields {
        write_field(canonicalization, raw, field, None, false, &mut out);
    }
    out.extend_from_slice(b"\r\n");
    stream_body(canonicalization, BodyForm::AsGiven, &raw[block.body_at..], &mut |chunk| out.extend_from_slice(chunk));
    out
}

#[test]
fn forms_agree_with_flanker() {
    let Some(root) = frelon_testkit::corpus("torture/mailgun+flanker/tests/fixtures/messages/dkim") else { return };
    let file = |name: &str| fs::read(root.join(name)).expect("readable");
    let mut differing = BTreeSet::new();
    for &(name, canonicalization, expected) in CASES {
        let (found, expected) = (canonical(canonicalization, &file(name)), file(expected));
        if found != expected {
            let is_known = DIFFERENCES.iter().any(|(known, _)| *known == name);
            let texts = [found, expected].map(|bytes| String::from_utf8(bytes).expect("ASCII"));
            assert!(is_known, "{name}, {canonicalization}: {texts:?}");
            differing.insert(name);
        }
    }
    assert_eq!(differing.len(), DIFFERENCES.len(), "listed, but there is no difference: {differing:?}");
}

#[test]
fn a_body_of_white_space_is_empty_when_relaxed() {
    assert_eq!(canonical(Relaxed, b"A: 1\n\n\n\n\t\t\t\n    \n\n    "), b"a:1\r\n\r\n");
    assert_eq!(canonical(Simple, b"A: 1\n\n\n\n"), b"A: 1\r\n\r\n\r\n");
}
