//! Content-Transfer-Encoding undone (RFC 2045 section 6), leniently: what is broken is kept or
//! skipped and reported, never fatal.

use std::borrow::Cow;

use memchr::memchr;

use crate::uuencode;

/// How a body is encoded for transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Transfer {
    /// 7bit, 8bit, binary: as it stands.
    #[default]
    Plain,
    Base64,
    QuotedPrintable,
    /// No standard's, but what some mailers wrote for years.
    Uuencode,
    /// A name nobody knows; kept as it stands.
    Unknown,
}

impl Transfer {
    /// Reads the field value.
    pub(crate) fn new(value: &[u8]) -> Self {
        let word = value.trim_ascii();
        let end =
            word.iter().position(|b| matches!(b, b';' | b' ' | b'\t' | b'\r' | b'\n' | b'(')).unwrap_or(word.len());
        let word = word[..end].trim_ascii();
        let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
        if word.is_empty() || is("7bit") || is("8bit") || is("binary") || is("7-bit") || is("8-bit") {
            Self::Plain
        } else if is("base64") || is("base-64") {
            Self::Base64
        } else if is("quoted-printable") || is("quotedprintable") {
            Self::QuotedPrintable
        } else if is("x-uuencode") || is("x-uue") || is("x-uu") || is("uuencode") || is("uue") {
            Self::Uuencode
        } else {
            Self::Unknown
        }
    }

    /// Decoded bytes, and whether the encoding was clean.
    pub(crate) fn decode(self, bytes: &[u8]) -> (Cow<'_, [u8]>, bool) {
        match self {
            Self::Plain => (Cow::Borrowed(bytes), true),
            Self::Unknown => (Cow::Borrowed(bytes), false),
            Self::Base64 => {
                let (bytes, clean) = decode_base64(bytes);
                (Cow::Owned(bytes), clean)
            }
            Self::QuotedPrintable => {
                let (bytes, clean) = decode_quoted_printable(bytes);
                (Cow::Owned(bytes), clean)
            }
            Self::Uuencode => match uuencode::decode(bytes) {
                Some((bytes, clean)) => (Cow::Owned(bytes), clean),
                None => (Cow::Borrowed(bytes), false),
            },
        }
    }

    /// Length after decoding, and whether the encoding is clean, without decoding where possible.
    pub(crate) fn measure(self, bytes: &[u8]) -> (u64, bool) {
        match self {
            Self::Plain => (bytes.len() as u64, true),
            Self::Unknown => (bytes.len() as u64, false),
            Self::Base64 => measure_base64(bytes),
            Self::QuotedPrintable | Self::Uuencode => {
                let (bytes, clean) = self.decode(bytes);
                (bytes.len() as u64, clean)
            }
        }
    }
}

const PAD: u8 = 0x40;
const SPACE: u8 = 0x41;
const INVALID: u8 = 0x42;

const SIXTETS: [u8; 256] = {
    let mut table = [INVALID; 256];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut at = 0;
    while at < alphabet.len() {
        table[alphabet[at] as usize] = at as u8;
        at += 1;
    }
    table[b'=' as usize] = PAD;
    table[b' ' as usize] = SPACE;
    table[b'\t' as usize] = SPACE;
    table[b'\r' as usize] = SPACE;
    table[b'\n' as usize] = SPACE;
    table
};

/// Bytes beside whole groups of four that a rest of `count` sixtets gives.
const fn rest_bytes(count: u32) -> usize {
    match count {
        2 => 1,
        3 => 2,
        _ => 0,
    }
}

/// Base64 (RFC 2045 section 6.8). Foreign bytes are skipped, padding may stand between two
/// encoded runs, and a missing end is forgiven; each is reported as unclean, apart from padding.
pub(crate) fn decode_base64(bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3 + 3);
    let (mut bits, mut count, mut clean) = (0u32, 0u32, true);
    let mut rest = bytes;
    loop {
        if count == 0 {
            while let [a, b, c, d, tail @ ..] = rest {
                let [a, b, c, d] = [*a, *b, *c, *d].map(|byte| SIXTETS[usize::from(byte)]);
                if a | b | c | d >= PAD {
                    break;
                }
                let word = u32::from(a) << 18 | u32::from(b) << 12 | u32::from(c) << 6 | u32::from(d);
                out.extend_from_slice(&word.to_be_bytes()[1..]);
                rest = tail;
            }
        }
        let [byte, tail @ ..] = rest else { break };
        rest = tail;
        match SIXTETS[usize::from(*byte)] {
            PAD => {
                clean &= count >= 2 || count == 0;
                flush(&mut out, bits, count);
                count = 0;
            }
            SPACE => {}
            INVALID => clean = false,
            sixtet => {
                bits = bits << 6 | u32::from(sixtet);
                count += 1;
                if count == 4 {
                    out.extend_from_slice(&bits.to_be_bytes()[1..]);
                    count = 0;
                }
            }
        }
    }
    clean &= count == 0;
    flush(&mut out, bits, count);
    (out, clean)
}

fn flush(out: &mut Vec<u8>, bits: u32, count: u32) {
    if count >= 2 {
        let shifted = (bits << (6 * (4 - count))).to_be_bytes();
        out.extend_from_slice(&shifted[1..=rest_bytes(count)]);
    }
}

/// What [`decode_base64`] would give, counted.
fn measure_base64(bytes: &[u8]) -> (u64, bool) {
    let (mut length, mut count, mut clean) = (0u64, 0u64, true);
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        // The usual line is all sixtets: one look-up each, no branch.
        let body = crate::header::trim_line_end(line);
        let highest = body.iter().fold(0u8, |seen, &byte| seen | SIXTETS[usize::from(byte)]);
        if highest < PAD {
            count += body.len() as u64;
            continue;
        }
        for &byte in body {
            match SIXTETS[usize::from(byte)] {
                PAD => {
                    let rest = count % 4;
                    clean &= rest != 1;
                    length += count / 4 * 3 + rest_bytes(rest as u32) as u64;
                    count = 0;
                }
                SPACE => {}
                INVALID => clean = false,
                _ => count += 1,
            }
        }
    }
    clean &= count % 4 == 0;
    (length + count / 4 * 3 + rest_bytes((count % 4) as u32) as u64, clean)
}

/// Quoted-printable (RFC 2045 section 6.7). Broken escapes stay as they stand; white space before
/// a line end goes, as the RFC asks.
pub(crate) fn decode_quoted_printable(bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(bytes.len());
    let mut clean = true;
    let mut at = 0;
    while at < bytes.len() {
        let end = crate::header::line_end(bytes, at);
        let whole = &bytes[at..end];
        let line = crate::header::trim_line_end(whole);
        let line_feed = &whole[line.len()..];
        let line = line.trim_ascii_end();
        at = end;
        let (line, is_soft) = match line.strip_suffix(b"=") {
            Some(line) => (line, true),
            None => (line, false),
        };
        clean &= decode_escapes(line, &mut out);
        if !is_soft {
            out.extend_from_slice(line_feed);
        }
    }
    (out, clean)
}

/// `=XX` escapes within a line; also serves the Q encoding of RFC 2047.
pub(crate) fn decode_escapes(mut line: &[u8], out: &mut Vec<u8>) -> bool {
    let mut clean = true;
    while let Some(at) = memchr(b'=', line) {
        out.extend_from_slice(&line[..at]);
        let digit = |offset: usize| line.get(at + offset).and_then(|&byte| char::from(byte).to_digit(16));
        if let (Some(high), Some(low)) = (digit(1), digit(2)) {
            out.push((high * 16 + low) as u8);
            line = &line[at + 3..];
        } else {
            clean = false;
            out.push(b'=');
            line = &line[at + 1..];
        }
    }
    out.extend_from_slice(line);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_forgives() {
        assert_eq!(decode_base64(b"aGVsbG8="), (b"hello".to_vec(), true));
        assert_eq!(decode_base64(b"aGVs\r\nbG8=\r\n"), (b"hello".to_vec(), true));
        assert_eq!(decode_base64(b"aGVsbG8"), (b"hello".to_vec(), false));
        assert_eq!(decode_base64(b"aGV*sbG8="), (b"hello".to_vec(), false));
        assert_eq!(decode_base64(b"aGk=aGk="), (b"hihi".to_vec(), true));
        assert_eq!(decode_base64(b""), (Vec::new(), true));
    }

    #[test]
    fn quoted_printable_forgives() {
        assert_eq!(decode_quoted_printable(b"a=3Db  \r\nc=\r\nd"), (b"a=b\r\ncd".to_vec(), true));
        assert_eq!(decode_quoted_printable(b"100=% =C3=A9"), ("100=% é".into(), false));
        assert_eq!(decode_quoted_printable(b"soft=  \nnext"), (b"softnext".to_vec(), true));
    }

    proptest::proptest! {
        #[test]
        fn measuring_equals_decoding(bytes in "[A-Za-z0-9+/= \r\n*]{0,90}") {
            for transfer in [Transfer::Base64, Transfer::QuotedPrintable, Transfer::Uuencode] {
                let (decoded, clean) = transfer.decode(bytes.as_bytes());
                proptest::prop_assert_eq!(transfer.measure(bytes.as_bytes()), (decoded.len() as u64, clean));
            }
        }
    }
}
