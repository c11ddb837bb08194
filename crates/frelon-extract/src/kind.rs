//! What a file is, told from its first bytes, never from its name.

use frelon_mail::mailbox;

/// Sorts of content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Many messages, each behind a `From ` line (RFC 4155).
    Mbox,
    /// One message (RFC 5322).
    Message,
    /// One message behind a line with its length, as Apple Mail stores it.
    Emlx,
    /// ZIP (APPNOTE.TXT).
    Zip,
    /// tar (POSIX ustar and its kin).
    Tar,
    /// gzip (RFC 1952).
    Gzip,
    /// A format that holds mail or other files, and that is not opened: its name and what to do.
    Unsupported(&'static str, &'static str),
    /// No mail, as far as one can tell: what it seems to be.
    Other(&'static str),
}

const UNPACK: &str = "unpack it and take in the folder";

/// First bytes that tell a format; the longest first where one starts another.
const MAGIC: [(&[u8], Kind); 22] = [
    (b"PK\x03\x04", Kind::Zip),
    (b"PK\x05\x06", Kind::Zip),
    (b"\x1f\x8b\x08", Kind::Gzip),
    (
        b"!BDN",
        Kind::Unsupported("an Outlook data file (PST or OST)", "convert it to mbox first, for instance with readpst"),
    ),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        Kind::Unsupported("an Outlook message (MSG) or an old Office document", "export messages as EML or mbox"),
    ),
    (b"\x78\x9f\x3e\x22", Kind::Unsupported("a winmail.dat (TNEF) file", "take in the message it was attached to")),
    (b"\x01\x01\x01\x01\n", Kind::Unsupported("an MMDF mailbox", "convert it to mbox first")),
    (b"BABYL OPTIONS", Kind::Unsupported("a Babyl mailbox", "convert it to mbox first")),
    (b"7z\xbc\xaf\x27\x1c", Kind::Unsupported("a 7z archive", UNPACK)),
    (b"Rar!\x1a\x07", Kind::Unsupported("a RAR archive", UNPACK)),
    (b"BZh", Kind::Unsupported("bzip2 data", UNPACK)),
    (b"\xfd7zXZ\0", Kind::Unsupported("xz data", UNPACK)),
    (b"\x28\xb5\x2f\xfd", Kind::Unsupported("zstd data", UNPACK)),
    (b"%PDF-", Kind::Other("a PDF document")),
    (b"{\\rtf", Kind::Other("an RTF document")),
    (b"\x89PNG\r\n\x1a\n", Kind::Other("a PNG image")),
    (b"\xff\xd8\xff", Kind::Other("a JPEG image")),
    (b"GIF8", Kind::Other("a GIF image")),
    (b"II*\0", Kind::Other("a TIFF image")),
    (b"MM\0*", Kind::Other("a TIFF image")),
    (b"SQLite format 3\0", Kind::Other("an SQLite database")),
    (b"\x7fELF", Kind::Other("a program")),
];

/// Names of files that mail programs keep beside mail.
const BOOKKEEPING: [&str; 12] = [
    ".mh_sequences",
    ".xmhcache",
    ".overview",
    "maildirfolder",
    "maildirsize",
    "subscriptions",
    ".DS_Store",
    "Thumbs.db",
    "desktop.ini",
    "msgFilterRules.dat",
    "filterlog.html",
    "table_of_contents",
];
/// How the names of such files begin.
const BOOKKEEPING_STARTS: [&str; 3] = ["dovecot", "courierimap", ".dovecot"];
/// How the names of such files end.
const BOOKKEEPING_ENDS: [&str; 1] = [".msf"];

/// Tells what a file is from its first bytes.
pub(crate) fn sniff(head: &[u8]) -> Kind {
    if let Some((_, kind)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return *kind;
    }
    if is_tar(head) {
        return Kind::Tar;
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if mailbox::detect(text).is_some() {
        return Kind::Mbox;
    }
    if let Some((_, message)) = emlx_count(head)
        && is_message(message)
    {
        return Kind::Emlx;
    }
    if is_message(text) {
        return Kind::Message;
    }
    let start = text.trim_ascii_start();
    let begins = |word: &[u8]| start.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    if begins(b"<!doctype html") || begins(b"<html") {
        Kind::Other("an HTML page")
    } else if begins(b"<?xml") {
        Kind::Other("an XML file")
    } else if head.contains(&0) {
        Kind::Other("binary data of an unknown sort")
    } else {
        Kind::Other("text without the header of a message")
    }
}

/// Whether a file that holds no mail belongs to a mail program's own housekeeping: sequences of MH,
/// markers and caches of Maildir servers, folder indexes of Thunderbird and the like. What a file
/// holds is told from its content first; the name only says why there is no mail in it.
pub(crate) fn is_bookkeeping(name: &str) -> bool {
    BOOKKEEPING.contains(&name)
        || BOOKKEEPING_STARTS.iter().any(|start| name.starts_with(start))
        || BOOKKEEPING_ENDS.iter().any(|end| name.len() > end.len() && name.ends_with(end))
}

/// The count line of an EMLX file: the length of the message in bytes, and what follows the line.
pub(crate) fn emlx_count(head: &[u8]) -> Option<(u64, &[u8])> {
    let end = head.iter().take(32).position(|&byte| byte == b'\n')?;
    let line = head[..end].trim_ascii();
    if line.is_empty() || !line.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let count = std::str::from_utf8(line).ok()?.parse().ok()?;
    Some((count, &head[end + 1..]))
}

/// A ustar header, or an older one whose checksum is right.
fn is_tar(head: &[u8]) -> bool {
    let Some(block) = head.get(..512) else { return false };
    if block[0] == 0 {
        return false;
    }
    let field = &block[148..156];
    let digits: Vec<u8> = field.iter().copied().filter(u8::is_ascii_digit).collect();
    let Some(stated) = std::str::from_utf8(&digits).ok().and_then(|text| u64::from_str_radix(text, 8).ok()) else {
        return false;
    };
    let sum = |range: &[u8]| range.iter().map(|&byte| u64::from(byte)).sum::<u64>();
    // POSIX: the checksum is taken with its own field as spaces.
    stated == sum(&block[..148]) + sum(&block[156..]) + 8 * u64::from(b' ')
}

/// Whether text starts with the header of a message; some exporters leave empty lines on top.
fn is_message(text: &[u8]) -> bool {
    let start = text.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(text.len());
    mailbox::looks_like_message(&text[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_is_told_from_what_is_not() {
        for (head, kind) in [
            (&b"From a@b Fri Mar 29 14:07:21 2019\nSubject: x\n\n"[..], Kind::Mbox),
            (b"From a@b\nSubject: x\n\n", Kind::Mbox),
            (b"From the desk of the director\n\nDear all,\n", Kind::Other("text without the header of a message")),
            (b"Subject: x\r\n\r\nbody", Kind::Message),
            (b"\xef\xbb\xbfSubject: x\n\nbody", Kind::Message),
            (b"\n\nSubject: x\n\nbody", Kind::Message),
            (b">From a b\nReceived: x\n by y\n\nbody", Kind::Message),
            (b"35\nSubject: x\n\nbody", Kind::Emlx),
            (b"BEGIN:VCARD\nVERSION:3.0\nN:x\nEND:VCARD\n", Kind::Other("text without the header of a message")),
            (b"  <!DOCTYPE html><p>", Kind::Other("an HTML page")),
            (b"%PDF-1.7", Kind::Other("a PDF document")),
            (b"a\0b", Kind::Other("binary data of an unknown sort")),
            (b"35\n36\n", Kind::Other("text without the header of a message")),
            (b"PK\x03\x04rest", Kind::Zip),
            (b"\x1f\x8b\x08rest", Kind::Gzip),
        ] {
            assert_eq!(sniff(head), kind, "{}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn housekeeping_of_mail_programs_is_known_by_name() {
        for name in [".mh_sequences", "maildirfolder", "dovecot.index.log", "courierimapuiddb", "Inbox.msf"] {
            assert!(is_bookkeeping(name), "{name}");
        }
        for name in ["1", "inbox", "notes.txt", ".msf", "sequences"] {
            assert!(!is_bookkeeping(name), "{name}");
        }
    }

    #[test]
    fn old_tars_are_known_by_their_checksum() {
        let mut builder = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_old();
        header.set_size(2);
        header.set_cksum();
        builder.append_data(&mut header, "a", &b"hi"[..]).expect("in memory");
        let mut bytes = builder.into_inner().expect("in memory");
        assert_eq!(sniff(&bytes), Kind::Tar);
        bytes[1] = b'x';
        assert_eq!(sniff(&bytes), Kind::Other("binary data of an unknown sort"));
    }
}
