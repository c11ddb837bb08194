//! Bytes to text by declared charset, and by a guess where the declaration is missing or wrong.
//!
//! Labels follow the WHATWG Encoding Standard (encoding_rs); mail-parser adds the few that mail
//! has beside it, such as UTF-7.

use std::borrow::Cow;

use encoding_rs::{Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Text, and what was wrong with its declaration.
pub(crate) struct Decoded<'x> {
    pub(crate) text: Cow<'x, str>,
    pub(crate) fault: Option<String>,
}

impl<'x> Decoded<'x> {
    fn good(text: impl Into<Cow<'x, str>>) -> Self {
        Self { text: text.into(), fault: None }
    }

    fn bad(text: impl Into<Cow<'x, str>>, fault: String) -> Self {
        Self { text: text.into(), fault: Some(fault) }
    }
}

/// UTF-8 if the bytes are, else windows-1252, the charset of most undeclared mail.
pub(crate) fn guess(bytes: &[u8]) -> (Cow<'_, str>, &'static str) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), "UTF-8"),
        Err(_) => (WINDOWS_1252.decode_without_bom_handling(bytes).0, "windows-1252"),
    }
}

/// Whether the label names ASCII, which WHATWG folds into windows-1252.
fn is_ascii_label(label: &str) -> bool {
    matches!(label, "" | "us-ascii" | "ascii" | "ansi_x3.4-1968" | "7bit" | "8bit" | "default")
}

/// Whether ASCII bytes mean themselves in that charset.
fn keeps_ascii(label: &str) -> bool {
    let shifts = ["utf-16", "utf16", "utf-7", "utf7", "iso-2022", "hz-gb", "unicode", "csunicode", "csutf", "ucs-2"];
    !shifts.iter().any(|start| label.starts_with(start))
}

/// Decodes by the declared label, in lower case.
pub(crate) fn decode<'x>(bytes: &'x [u8], label: Option<&str>) -> Decoded<'x> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let label = label.unwrap_or("").trim();
    if bytes.is_ascii()
        && keeps_ascii(label)
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        let known = is_ascii_label(label) || decoder(label).is_some();
        return if known {
            Decoded::good(text)
        } else {
            Decoded::bad(text, format!("unknown charset {}", shown(label)))
        };
    }
    if is_ascii_label(label) {
        let (text, charset) = guess(bytes);
        return Decoded::bad(text, format!("not ASCII as declared, read as {charset}"));
    }
    match decoder(label) {
        Some(Decoder::Standard(encoding)) => decode_standard(bytes, encoding, label),
        Some(Decoder::Other(decode)) => {
            let text = decode(bytes);
            if text.contains('\u{fffd}') {
                Decoded::bad(text, format!("bytes that are not {}", shown(label)))
            } else {
                Decoded::good(text)
            }
        }
        None => {
            let (text, charset) = guess(bytes);
            Decoded::bad(text, format!("unknown charset {}, read as {charset}", shown(label)))
        }
    }
}

enum Decoder {
    Standard(&'static Encoding),
    Other(fn(&[u8]) -> String),
}

fn decoder(label: &str) -> Option<Decoder> {
    if let Some(encoding) = Encoding::for_label(label.as_bytes())
        && encoding != REPLACEMENT
    {
        return Some(Decoder::Standard(encoding));
    }
    mail_parser::decoders::charsets::map::charset_decoder(label.as_bytes()).map(Decoder::Other)
}

fn decode_standard<'x>(bytes: &'x [u8], encoding: &'static Encoding, label: &str) -> Decoded<'x> {
    if encoding == UTF_8 {
        return decode_utf8(bytes, label);
    }
    let wide = encoding == UTF_16LE || encoding == UTF_16BE;
    if wide && !bytes.contains(&0) && bytes.is_ascii() {
        let (text, _) = guess(bytes);
        return Decoded::bad(text, format!("declared {} but written in ASCII", shown(label)));
    }
    // Eight-bit bytes that form UTF-8 throughout are UTF-8, whatever the label says: in a
    // single-byte charset that happens by design only.
    if encoding.is_single_byte()
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return Decoded::bad(text, format!("declared {} but written in UTF-8", shown(label)));
    }
    let (text, _, had_errors) = if wide {
        encoding.decode(bytes)
    } else {
        let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
        (text, encoding, had_errors)
    };
    if had_errors { Decoded::bad(text, format!("bytes that are not {}", shown(label))) } else { Decoded::good(text) }
}

fn decode_utf8<'x>(bytes: &'x [u8], label: &str) -> Decoded<'x> {
    let fault = match std::str::from_utf8(bytes) {
        Ok(text) => return Decoded::good(text),
        Err(error) => error,
    };
    // Cut in the middle of a character, or a few bad bytes: keep what is UTF-8. Nothing
    // multi-byte before the first fault, and little after: another charset altogether.
    let before = &bytes[..fault.valid_up_to()];
    let lossy = String::from_utf8_lossy(bytes);
    let bad = lossy.matches('\u{fffd}').count();
    let good = lossy.chars().filter(|letter| !letter.is_ascii()).count() - bad;
    if before.is_ascii() && good < bad {
        let text = WINDOWS_1252.decode_without_bom_handling(bytes).0;
        return Decoded::bad(text, format!("declared {}, read as windows-1252", shown(label)));
    }
    Decoded::bad(lossy, format!("bytes that are not {}", shown(label)))
}

/// A label as it may be shown: short and printable.
fn shown(label: &str) -> String {
    label.chars().filter(|letter| !letter.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], label: Option<&str>, text: &str, is_good: bool) {
        let decoded = decode(bytes, label);
        assert_eq!((decoded.text.as_ref(), decoded.fault.is_none()), (text, is_good), "{label:?} {:?}", decoded.fault);
    }

    #[test]
    fn declared_charsets_are_used() {
        check(b"caf\xe9", Some("iso-8859-1"), "café", true);
        check(b"\xcf\xf0\xe8", Some("windows-1251"), "При", true);
        check(b"caf\xc3\xa9", Some("utf-8"), "café", true);
        check(b"\xfe\xff\0h\0i", Some("utf-16"), "hi", true);
        check(b"+AGg-i", Some("utf-7"), "hi", true);
        check(b"plain", None, "plain", true);
    }

    #[test]
    fn wrong_declarations_are_named_and_mended() {
        check(b"caf\xe9", None, "café", false);
        check(b"caf\xc3\xa9", Some("us-ascii"), "café", false);
        check(b"caf\xe9 au lait", Some("utf-8"), "café au lait", false);
        check(b"caf\xc3\xa9", Some("iso-8859-1"), "café", false);
        check(b"plain", Some("x-invented"), "plain", false);
        check(b"hi there", Some("utf-16"), "hi there", false);
    }
}
