//! enmime: a message, and the same as it writes it.
//!
//! Left out: results whose message is nowhere in the corpus.

use frelon_mail::parse;

use crate::expectation::{Comparison, Leaf, leaves, lf, read};

#[test]
fn encoded_messages_agree_with_enmime() {
    let Some(root) = frelon_testkit::corpus("torture/jhillyerd+enmime/testdata/encode") else { return };
    let file = |path: &str| read(&root.join(path)).expect("readable");
    let mut comparison = Comparison::new("enmime's encoder", &[]);
    let case = "parser-raw-content-html-option";
    let raw = file(&format!("{case}.raw"));
    let encoded = file(&format!("{case}-false.raw.golden"));
    let [given, written] = [&raw, &encoded].map(|raw| {
        let message = parse(raw);
        (message.subject, message.from, message.to, message.body)
    });
    comparison.check(case, "subject, from, to, body", &given, &written);
    let [given, written] = [&raw, &encoded].map(|raw| {
        let shown = |leaf: Leaf| (leaf.media_type, leaf.charset, lf(&leaf.bytes));
        leaves(raw).into_iter().map(shown).collect::<Vec<_>>()
    });
    comparison.check(case, "parts", &given, &written);
    comparison.finish(1);
}
