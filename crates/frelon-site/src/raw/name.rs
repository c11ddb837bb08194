//! File names of downloads: what a stranger wrote into a mail, made safe to save.

use frelon_mail::Part;
use http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but `attr-char` of RFC 8187 section 3.2.1.
const EXTENDED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Characters of a file name; file systems take 255 bytes, and four bytes a character is the worst.
const NAME_CHARS_MAX: usize = 60;
/// Characters kept of what follows the last dot, so that a long name keeps its type.
const EXTENSION_CHARS_MAX: usize = 12;

/// The name a part is served under: its own, made safe, or `part-<index>` with a suffix for its type.
pub(crate) fn part_name(part: &Part, index: usize) -> String {
    let own = part.name.as_deref().map(safe_name).unwrap_or_default();
    if own.is_empty() { format!("part-{index}.{}", extension(&part.media_type)) } else { own }
}

/// Takes away what would leave the folder, hide the true suffix or break a header field.
fn safe_name(name: &str) -> String {
    let harmless = |letter: &char| {
        !letter.is_control()
            // Direction marks turn `gpj.exe` into what looks like `exe.jpg`.
            && !matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let replace = |letter: char| match letter {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
        other => other,
    };
    let clean: String = name.chars().filter(harmless).map(replace).collect();
    let clean = clean.trim_matches(|letter: char| letter == '.' || letter.is_whitespace());
    let length = clean.chars().count();
    if length <= NAME_CHARS_MAX {
        return clean.to_owned();
    }
    let suffix =
        clean.rsplit_once('.').map(|(_, suffix)| suffix).filter(|suffix| suffix.chars().count() <= EXTENSION_CHARS_MAX);
    match suffix {
        Some(suffix) => {
            let stem: String = clean.chars().take(NAME_CHARS_MAX - suffix.chars().count() - 1).collect();
            format!("{stem}.{suffix}")
        }
        None => clean.chars().take(NAME_CHARS_MAX).collect(),
    }
}

fn extension(media_type: &str) -> &'static str {
    match media_type {
        "text/plain" => "txt",
        "text/html" => "html",
        "text/calendar" => "ics",
        "text/csv" => "csv",
        "message/rfc822" => "eml",
        "application/pdf" => "pdf",
        "application/zip" => "zip",
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/gif" => "gif",
        _ => "bin",
    }
}

/// `Content-Disposition: attachment` with a name for old clients and one for all others
/// (RFC 6266, RFC 8187).
pub(crate) fn content_disposition(name: &str) -> HeaderValue {
    let plain: String = name
        .chars()
        .map(|letter| match letter {
            '"' | '\\' | '%' | ';' => '_',
            ' '..='~' => letter,
            _ => '_',
        })
        .collect();
    let text = if plain == name {
        format!("attachment; filename=\"{plain}\"")
    } else {
        format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", utf8_percent_encode(name, EXTENDED))
    };
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> String {
        let part = Part { name: Some(name.to_owned()), media_type: "application/pdf".to_owned(), ..Part::default() };
        part_name(&part, 3)
    }

    #[test]
    fn hostile_names_become_plain_ones() {
        assert_eq!(named("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(named("a\r\nSet-Cookie: x=1"), "aSet-Cookie_ x=1");
        assert_eq!(named("invoice\u{202e}fdp.exe"), "invoicefdp.exe");
        assert_eq!(named(".."), "part-3.pdf");
        assert_eq!(named(" \u{0} "), "part-3.pdf");
        assert_eq!(named("C:\\x\\y.doc"), "C__x_y.doc");
    }

    #[test]
    fn long_names_keep_their_suffix() {
        let name = named(&format!("{}.pdf", "é".repeat(150)));
        assert_eq!(name.chars().count(), NAME_CHARS_MAX);
        assert!(name.ends_with("é.pdf"));
        assert!(name.len() <= 255);
        assert_eq!(named(&"x".repeat(300)).len(), NAME_CHARS_MAX);
    }

    #[test]
    fn dispositions_hold_one_name_or_two() {
        assert_eq!(content_disposition("a b.txt"), "attachment; filename=\"a b.txt\"");
        assert_eq!(
            content_disposition("été \"1\".txt"),
            "attachment; filename=\"_t_ _1_.txt\"; filename*=UTF-8''%C3%A9t%C3%A9%20%221%22.txt"
        );
        let hostile = content_disposition("x\r\nSet-Cookie: a=b");
        assert!(hostile.to_str().is_ok_and(|text| !text.contains('\n')));
    }
}
