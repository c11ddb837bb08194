//! A mailbox many times over, so that no two messages are the same: each copy has its own Message-IDs
//! (and so its own threads), and each message one word that no other has.

use std::{
    fs,
    io::{BufWriter, Write},
    path::Path,
};

use anyhow::{Context, Result};

use super::mailbox;

/// Fields that hold Message-IDs.
const ID_FIELDS: [&[u8]; 3] = [b"message-id:", b"in-reply-to:", b"references:"];

/// Writes `copies` copies of a mailbox into one.
pub(crate) fn run(from: &Path, to: &Path, copies: u32) -> Result<()> {
    let file = fs::File::create(to).with_context(|| format!("cannot create {}", to.display()))?;
    let mut out = BufWriter::with_capacity(1 << 20, file);
    for copy in 0..copies {
        let mut number = 0_u64;
        mailbox::for_each(from, |separator, message| {
            number += 1;
            out.write_all(separator)?;
            out.write_all(&rewrite(message, copy, number))?;
            if !message.ends_with(b"\n\n") {
                out.write_all(b"\n\n")?;
            }
            Ok(())
        })?;
    }
    out.flush().with_context(|| format!("cannot write {}", to.display()))
}

/// One message of one copy.
fn rewrite(message: &[u8], copy: u32, number: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 64);
    let word = format!("own{copy}x{number}");
    let mut lines = message.split_inclusive(|byte| *byte == b'\n');
    let (mut in_ids, mut has_id, mut is_encoded) = (false, false, false);
    for line in lines.by_ref() {
        let lower = line.to_ascii_lowercase();
        if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            in_ids = ID_FIELDS.iter().any(|field| lower.starts_with(field));
            has_id |= lower.starts_with(ID_FIELDS[0]);
            is_encoded |= lower.starts_with(b"content-transfer-encoding:") && lower.windows(6).any(|w| w == b"base64");
        }
        let ends = line == b"\n" || line == b"\r\n";
        if ends && !has_id {
            out.extend_from_slice(format!("Message-ID: <{word}@bench.invalid>\n").as_bytes());
        }
        if ends && is_encoded {
            // A line of text in front would break the encoding.
            out.extend_from_slice(format!("X-Own-Word: {word}\n").as_bytes());
        }
        for byte in line {
            out.push(*byte);
            if in_ids && *byte == b'<' {
                out.extend_from_slice(format!("c{copy}.").as_bytes());
            }
        }
        if ends {
            if !is_encoded {
                out.extend_from_slice(word.as_bytes());
                out.push(b'\n');
            }
            break;
        }
    }
    lines.for_each(|line| out.extend_from_slice(line));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_differ_in_ids_and_words() {
        let message = b"Message-ID: <a@b>\nReferences: <x@y>\n <z@y>\nSubject: <s>\n\nbody <t>\n";
        let text = String::from_utf8(rewrite(message, 3, 7)).expect("ASCII");
        let want = "Message-ID: <c3.a@b>\nReferences: <c3.x@y>\n <c3.z@y>\nSubject: <s>\n\nown3x7\nbody <t>\n";
        assert_eq!(text, want);
        let text = String::from_utf8(rewrite(b"Content-Transfer-Encoding: BASE64\n\nQUJD\n", 0, 1)).expect("ASCII");
        assert!(text.contains("Message-ID: <own0x1@bench.invalid>\nX-Own-Word: own0x1\n\nQUJD"), "{text}");
    }
}
