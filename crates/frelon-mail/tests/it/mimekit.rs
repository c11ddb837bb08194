//! MimeKit: a mailbox with Content-Length fields beside the offsets and types of all its parts, and
//! encoded files.
//!
//! Left out: mailboxes whose offsets are there without the mailbox, and what its readers of HTML and
//! TNEF expect.

use frelon_mail::{
    mailbox::{MailboxKind, Splitter, detect},
    parse,
};
use serde_json::Value;

use crate::expectation::{Comparison, collapse, decoded, leaves, lf, read};

const FOLDER: &str = "torture/jstedfast+MimeKit/UnitTests/TestData";

#[test]
fn mailboxes_agree_with_mimekit() {
    let Some(root) = frelon_testkit::corpus(FOLDER) else { return };
    let file = |path: &str| read(&root.join(path)).expect("readable");
    let mut comparison = Comparison::new("MimeKit", &[]);
    let unix = file("mbox/content-length.mbox.txt");
    let offsets: Value = serde_json::from_slice(&file("mbox/content-length.dos-offsets.json")).expect("JSON");
    let offsets = offsets.as_array().expect("messages");
    let summary = String::from_utf8(lf(&file("mbox/content-length-summary.txt"))).expect("UTF-8");
    let subjects: Vec<_> = summary.lines().filter_map(|line| line.strip_prefix("Subject:")).map(collapse).collect();

    // The lengths in the mailbox are right with LF and wrong with CR LF; the offsets are those with
    // CR LF.
    let mut dos = Vec::with_capacity(unix.len() * 2);
    for &byte in &unix {
        dos.extend((byte == b'\n').then_some(b'\r'));
        dos.push(byte);
    }
    for (mailbox, form) in [(&unix, "LF"), (&dos, "CR LF")] {
        let messages = split(mailbox);
        comparison.check(form, "messages", &messages.len(), &offsets.len());
        let found: Vec<_> = messages.iter().map(|(_, raw)| collapse(&parse(raw).subject)).collect();
        comparison.check(form, "subjects", &found, &subjects);
        for (index, ((at, raw), expected)) in messages.iter().zip(offsets).enumerate() {
            let case = format!("{form} {index}");
            let [begin, end] =
                ["beginOffset", "endOffset"].map(|key| expected[key].as_u64().expect("an offset") as usize);
            let their_raw = &dos[begin..end];
            let theirs = if form == "LF" { lf(their_raw) } else { their_raw.to_vec() };
            let their_at = if form == "LF" { lf(&dos[..begin]).len() } else { begin };
            comparison.check(&case, "offset", at, &their_at);
            // Whose the last line end is remains open where no empty line follows.
            let is_same = raw.trim_ascii_end() == theirs.trim_ascii_end();
            comparison.check(&case, "same bytes", &is_same, &true);
            let mut types = Vec::new();
            collect(&expected["body"], &mut types);
            let found: Vec<_> = leaves(raw).into_iter().map(|leaf| leaf.media_type).collect();
            comparison.check(&case, "parts", &found, &types);
        }
    }
    comparison.finish(60);
}

/// Offsets and bytes of the messages.
fn split(mailbox: &[u8]) -> Vec<(usize, Vec<u8>)> {
    let mut splitter = Splitter::new(detect(mailbox).unwrap_or(MailboxKind::Mboxo));
    splitter.push(mailbox);
    splitter.finish();
    let mut messages = Vec::new();
    while let Some(entry) = splitter.next_entry() {
        messages.push((entry.raw_offset() as usize, entry.raw.to_vec()));
    }
    messages
}

/// Media types of the leaves below an entity.
fn collect(entity: &Value, out: &mut Vec<String>) {
    if let Some(children) = entity["children"].as_array() {
        children.iter().for_each(|child| collect(child, out));
        return;
    }
    out.push(entity["mimeType"].as_str().expect("a type").to_ascii_lowercase());
    if entity["message"].is_object() {
        collect(&entity["message"]["body"], out);
    }
}

#[test]
fn encoders_agree_with_mimekit() {
    let Some(root) = frelon_testkit::corpus(FOLDER) else { return };
    let file = |path: &str| read(&root.join("encoders").join(path)).expect("readable");
    let mut comparison = Comparison::new("MimeKit's encoders", &[]);
    let text = decoded("quoted-printable", &file("wikipedia.qp"));
    comparison.check("wikipedia.qp", "bytes", &text, &file("wikipedia.txt"));
    let photo = decoded("base64", &file("photo.b64"));
    comparison.check("photo.uu", "bytes", &(decoded("x-uuencode", &file("photo.uu")) == photo), &true);
    comparison.finish(2);
}
