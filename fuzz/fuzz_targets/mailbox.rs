//! A mailbox file: whatever the bytes and the windows, the entries put together are the file, and
//! quoting is undone reversibly.

#![no_main]

use frelon_mail::mailbox::{MailboxKind, Splitter, detect, emlx, looks_like_message, quote, unquote};
use libfuzzer_sys::fuzz_target;

/// Small enough that inputs reach it.
const ITEM_BYTES_MAX: u64 = 40_000;

fuzz_target!(|input: (u8, u8, &[u8])| {
    let (choice, window, bytes) = input;
    let _sniffed = (looks_like_message(bytes), emlx(bytes));
    let kinds = [MailboxKind::Mboxo, MailboxKind::Mboxrd, MailboxKind::Mboxcl, MailboxKind::Mboxcl2];
    let kind = detect(bytes).unwrap_or(kinds[usize::from(choice) % kinds.len()]);
    let mut splitter = Splitter::with_limit(kind, ITEM_BYTES_MAX);
    let mut at = 0u64;
    for window in bytes.chunks(usize::from(window).max(1)) {
        splitter.push(window);
        drain(&mut splitter, kind, bytes, &mut at);
    }
    splitter.finish();
    drain(&mut splitter, kind, bytes, &mut at);
    assert_eq!(at, bytes.len() as u64, "every byte belongs to an entry");
});

fn drain(splitter: &mut Splitter, kind: MailboxKind, bytes: &[u8], at: &mut u64) {
    while let Some(entry) = splitter.next_entry() {
        assert_eq!(entry.offset, *at);
        let raw_at = usize::try_from(entry.raw_offset()).expect("inputs are small");
        assert_eq!(&bytes[*at as usize..raw_at], entry.line);
        if !entry.is_too_large {
            assert_eq!(&bytes[raw_at..raw_at + entry.raw.len()], entry.raw);
            assert_eq!(entry.raw.len() as u64, entry.raw_length);
        }
        *at = entry.raw_offset() + entry.raw_length + entry.separator.len() as u64;
        let unquoted = unquote(kind, entry.raw);
        let again = if unquoted.is_exact { quote(kind, &unquoted.bytes) } else { unquoted.bytes.clone() };
        assert_eq!(again.as_ref(), entry.raw);
    }
}
