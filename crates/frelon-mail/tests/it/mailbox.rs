//! `testdata/mailbox/NAME.mbox` against `NAME.json`.

use std::fs;

use frelon_mail::mailbox::{MailboxKind, Splitter, detect, unquote};
use serde_json::{Value, json};

use crate::golden::{cases, check};

fn split(kind: MailboxKind, bytes: &[u8], window: usize) -> Vec<Value> {
    let mut splitter = Splitter::new(kind);
    let mut found = Vec::new();
    let mut take = |splitter: &mut Splitter| {
        while let Some(entry) = splitter.next_entry() {
            let unquoted = unquote(kind, entry.raw);
            found.push(json!({
                "offset": entry.offset,
                "line": String::from_utf8_lossy(entry.line),
                "message": String::from_utf8_lossy(&unquoted.bytes),
                "is_exact": unquoted.is_exact,
                "doubtful_lines": entry.doubtful_lines,
            }));
        }
    };
    for window in bytes.chunks(window) {
        splitter.push(window);
        take(&mut splitter);
    }
    splitter.finish();
    take(&mut splitter);
    found
}

#[test]
fn mailboxes_are_split_as_expected() {
    let cases = cases("mailbox", "mbox");
    assert!(cases.len() >= 10);
    for case in cases {
        let bytes = fs::read(&case).expect("readable");
        let kind = detect(&bytes);
        let entries = split(kind.unwrap_or(MailboxKind::Mboxo), &bytes, 1 << 16);
        for window in [1, 7, 64] {
            assert_eq!(entries, split(kind.unwrap_or(MailboxKind::Mboxo), &bytes, window), "{}", case.display());
        }
        check(&case, &json!({"kind": kind.map(MailboxKind::name), "entries": entries}));
    }
}
