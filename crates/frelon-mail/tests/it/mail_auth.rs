//! mail-auth: abuse reports (RFC 5965) beside what is read from them.
//!
//! Left out: reports in archives in attachments, which are opened elsewhere.

use frelon_mail::parse;
use serde_json::Value;

use crate::expectation::{Comparison, collapse, leaves, lf, read};

const DIFFERENCES: &[(&str, &str)] = &[(
    "003 original",
    "the original is attached as message/rfc822: we give it, their result has neither it nor its header",
)];

/// Their keys for single values, and the fields.
const KEYS: &[(&str, &str)] = &[
    ("user_agent", "User-Agent"),
    ("source_ip", "Source-IP"),
    ("original_mail_from", "Original-Mail-From"),
    ("original_envelope_id", "Original-Envelope-Id"),
    ("reporting_mta", "Reporting-MTA"),
    ("dkim_domain", "DKIM-Domain"),
    ("dkim_selector", "DKIM-Selector"),
];

#[test]
fn reports_agree_with_mail_auth() {
    let Some(root) = frelon_testkit::corpus("torture/stalwartlabs+mail-auth/resources/arf") else { return };
    let mut comparison = Comparison::new("mail-auth", DIFFERENCES);
    for name in ["003", "005"] {
        let raw = lf(&read(&root.join(format!("{name}.eml"))).expect("readable"));
        let expected = read(&root.join(format!("{name}.json"))).expect("readable");
        let expected: Value = serde_json::from_slice(&expected).expect("JSON");
        let found = leaves(&raw);
        let report = found.iter().find(|leaf| leaf.media_type == "message/feedback-report").expect("a report");
        let mut report = parse(&report.bytes);
        for (key, field) in KEYS {
            let found = report.fields.iter().find(|found| found.name.eq_ignore_ascii_case(field));
            let found = found.map(|field| collapse(&field.value));
            comparison.check(name, key, &found.as_deref(), &expected[key].as_str());
        }
        report.fields.retain(|field| field.name.eq_ignore_ascii_case("Reported-Domain"));
        let domains: Vec<_> = report.fields.iter().map(|field| Value::from(field.value.as_str())).collect();
        comparison.check(name, "reported_domain", &Value::from(domains), &expected["reported_domain"]);
        let original = expected["message"].as_str().or_else(|| expected["headers"].as_str());
        let last = found.iter().rfind(|leaf| leaf.is_message || leaf.media_type == "text/rfc822-headers");
        let last = last.map(|leaf| String::from_utf8_lossy(&leaf.bytes).trim_end().to_owned());
        comparison.check(&format!("{name} original"), "original", &last.as_deref(), &original.map(str::trim_end));
    }
    comparison.finish(4);
}
