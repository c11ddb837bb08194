use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

const SEPARATOR: &str = "From ann@example.org Mon Jan  1 10:00:00 2001\n";

/// Offset, line, message, empty line and doubtful lines of an entry.
type Piece = (u64, Vec<u8>, Vec<u8>, Vec<u8>, u32);

/// Splits with windows of the given sizes, again and again.
fn split(kind: MailboxKind, bytes: &[u8], windows: &[usize], limit: u64) -> Vec<Piece> {
    let mut splitter = Splitter::with_limit(kind, limit);
    let mut entries = Vec::new();
    let mut take = |splitter: &mut Splitter| {
        while let Some(entry) = splitter.next_entry() {
            let raw = if entry.is_too_large { entry.raw_length.to_string().into_bytes() } else { entry.raw.to_vec() };
            entries.push((entry.offset, entry.line.to_vec(), raw, entry.separator.to_vec(), entry.doubtful_lines));
        }
    };
    let mut rest = bytes;
    for size in windows.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (window, tail) = rest.split_at(rest.len().min((*size).max(1)));
        splitter.push(window);
        rest = tail;
        take(&mut splitter);
    }
    splitter.finish();
    take(&mut splitter);
    entries
}

fn texts(kind: MailboxKind, text: &str) -> Vec<String> {
    let entries = split(kind, text.as_bytes(), &[7], u64::MAX);
    entries.into_iter().map(|entry| String::from_utf8(entry.2).expect("ASCII")).collect()
}

#[test]
fn messages_end_before_the_empty_line() {
    let text = format!("{SEPARATOR}A: 1\n\none\n\n{SEPARATOR}A: 2\n\ntwo\n\n");
    assert_eq!(texts(MailboxKind::Mboxo, &text), ["A: 1\n\none\n", "A: 2\n\ntwo\n"]);
    let crlf = text.replace('\n', "\r\n");
    assert_eq!(texts(MailboxKind::Mboxo, &crlf), ["A: 1\r\n\r\none\r\n", "A: 2\r\n\r\ntwo\r\n"]);
}

#[test]
fn other_from_lines_are_body() {
    let text = format!("{SEPARATOR}A: 1\n\nx\n\nFrom now on we\nmeet: at noon\n\n{SEPARATOR}A: 2\n\n");
    let entries = split(MailboxKind::Mboxo, text.as_bytes(), &[3], u64::MAX);
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0].4, 1);
}

#[test]
fn separators_without_date_need_a_field_after() {
    let text = "From ann@example.org\nReceived: x\n\none\n\nFrom bob\nFrom: bob\n\ntwo\n";
    assert_eq!(texts(MailboxKind::Mboxo, text).len(), 2);
}

#[test]
fn a_missing_empty_line_is_forgiven_when_all_else_is_there() {
    let text = format!("{SEPARATOR}A: 1\n\none\n{SEPARATOR}Subject: 2\n\ntwo\n");
    assert_eq!(texts(MailboxKind::Mboxo, &text).len(), 2);
}

#[test]
fn content_length_is_believed_when_it_proves_right() {
    let inner = format!("x\n\n{SEPARATOR}Subject: inside\n\ny\n");
    let good = format!("{SEPARATOR}Content-Length: {}\n\n{inner}\n{SEPARATOR}A: 2\n\ntwo\n", inner.len());
    assert_eq!(detect(good.as_bytes()), Some(MailboxKind::Mboxcl2));
    let messages = texts(MailboxKind::Mboxcl2, &good);
    assert_eq!(messages.len(), 2);
    assert!(messages[0].ends_with(&inner));
    let wrong = good.replace(&format!("Content-Length: {}", inner.len()), "Content-Length: 5");
    assert_eq!(texts(MailboxKind::Mboxcl2, &wrong).len(), 3);
}

#[test]
fn what_stands_before_the_first_separator_is_kept() {
    let text = format!("junk\n\n{SEPARATOR}A: 1\n\none\n");
    let entries = split(MailboxKind::Mboxo, text.as_bytes(), &[1000], u64::MAX);
    assert_eq!((entries[0].1.len(), entries[0].2.as_slice()), (0, &b"junk\n"[..]));
    assert_eq!(entries.len(), 2);
    assert!(split(MailboxKind::Mboxo, b"", &[1], u64::MAX).is_empty());
}

#[test]
fn a_message_that_is_too_large_is_passed_over() {
    let large = "x".repeat(100_000);
    let text = format!("{SEPARATOR}A: 1\n\none\n\n{SEPARATOR}A: 2\n\n{large}\n\n{SEPARATOR}A: 3\n\nthree\n\n");
    for windows in [&[100][..], &[1 << 20], &[4096, 1]] {
        let entries = split(MailboxKind::Mboxo, text.as_bytes(), windows, 50_000);
        let raws: Vec<_> = entries.iter().map(|entry| String::from_utf8_lossy(&entry.2)).collect();
        assert_eq!(raws, ["A: 1\n\none\n", &(large.len() + 7).to_string(), "A: 3\n\nthree\n"], "{windows:?}");
        assert_eq!(entries[1].0, 46 + 11);
    }
}

#[test]
fn kinds_are_told_apart() {
    let of = |body: &str| detect(format!("{SEPARATOR}Subject: x\n\n{body}\n").as_bytes());
    assert_eq!(of("hello\n"), Some(MailboxKind::Mboxo));
    assert_eq!(of("hello\n>>From x\n"), Some(MailboxKind::Mboxrd));
    assert_eq!(detect(b"From ann, with love\nHello there\n"), None);
    assert_eq!(detect(b"Subject: x\n\n"), None);
}

#[test]
fn quoting_is_undone_by_kind() {
    let raw = b"a\n>From b\n>>From c\n";
    assert_eq!(unquote(MailboxKind::Mboxo, raw).bytes.as_ref(), b"a\nFrom b\n>>From c\n");
    assert_eq!(unquote(MailboxKind::Mboxrd, raw).bytes.as_ref(), b"a\nFrom b\n>From c\n");
    assert_eq!(unquote(MailboxKind::Mboxcl2, raw).bytes.as_ref(), raw);
    let bare = unquote(MailboxKind::Mboxrd, b"a\nFrom b\n>From c\n");
    assert!(!bare.is_exact && bare.bytes.as_ref() == b"a\nFrom b\n>From c\n");
}

#[test]
fn single_files_are_recognised() {
    assert!(looks_like_message(b"Received: x\nFrom: a@b.example\n\nhi"));
    assert!(looks_like_message(b"From x Mon Jan  1 10:00:00 2001\nSubject: y\n\n"));
    assert!(!looks_like_message(b"Dear all,\nnote: this is a letter\n"));
    assert!(!looks_like_message(b"%PDF-1.4\n"));
    let message = b"From: a@b.example\nSubject: x\n\nhi\n";
    let mut raw = format!("{}      \n", message.len()).into_bytes();
    raw.extend_from_slice(message);
    raw.extend_from_slice(b"<?xml version=\"1.0\"?><plist/>");
    let emlx = emlx(&raw).expect("an EMLX file");
    assert_eq!((emlx.message, emlx.offset), (&message[..], 9));
}

/// Lines that have to do with separators, and others.
fn lines() -> impl Strategy<Value = Vec<u8>> {
    let lines = [
        SEPARATOR,
        "From x\n",
        "From now on\r\n",
        "\n",
        "\r\n",
        "Subject: x\n",
        "Content-Length: 6\n",
        ">From y\n",
        ">>From z\r\n",
        "hello\n",
        "Received: by\r\n",
        "no end",
        "From a Mon Jan  1 10:00:00 2001\r\n",
        "\r",
        "Fr",
    ];
    vec(select(lines.to_vec()), 0..40).prop_map(|lines| lines.concat().into_bytes())
}

fn kinds() -> impl Strategy<Value = MailboxKind> {
    select(vec![MailboxKind::Mboxo, MailboxKind::Mboxrd, MailboxKind::Mboxcl, MailboxKind::Mboxcl2])
}

proptest! {
    #[test]
    fn splitting_and_joining_gives_the_file(bytes in lines(), kind in kinds(), windows in vec(1usize..60, 1..5)) {
        let entries = split(kind, &bytes, &windows, u64::MAX);
        let joined: Vec<u8> = entries.iter().flat_map(|(_, line, raw, separator, _)| [&line[..], raw, separator].concat()).collect();
        prop_assert_eq!(&joined, &bytes);
        let whole = split(kind, &bytes, &[usize::MAX], u64::MAX);
        prop_assert_eq!(entries, whole);
    }

    #[test]
    fn unquoting_is_reversible(bytes in lines(), kind in kinds()) {
        let unquoted = unquote(kind, &bytes);
        if unquoted.is_exact {
            let quoted = quote(kind, &unquoted.bytes);
            prop_assert_eq!(quoted.as_ref(), &bytes[..]);
        } else {
            prop_assert_eq!(unquoted.bytes.as_ref(), &bytes[..]);
        }
    }

    #[test]
    fn quoting_is_reversible_where_the_kind_allows(bytes in lines()) {
        let quoted = quote(MailboxKind::Mboxrd, &bytes).into_owned();
        let unquoted = unquote(MailboxKind::Mboxrd, &quoted);
        prop_assert_eq!(unquoted.bytes.as_ref(), &bytes[..]);
    }
}
