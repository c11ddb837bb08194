//! File names of parts, made harmless: they end up in pages, in archives and on readers' disks.

use memchr::memmem;

use crate::value::{self, Hint};

/// Letters of a file name that are kept; longer names break file systems and pages.
const NAME_CHARS_MAX: usize = 150;
/// Letters of an extension that survive the cut of a long name.
const EXTENSION_CHARS_MAX: usize = 12;

/// A name as it may be shown and saved: RFC 2047 decoded where a sender used it here against the
/// rules, without path, control characters and marks that reorder text; `None` when nothing is
/// left.
pub(crate) fn clean(name: &str) -> Option<String> {
    let decoded;
    let mut name = name.trim();
    if memmem::find(name.as_bytes(), b"=?").is_some() {
        decoded = value::text(name.as_bytes(), &Hint::default()).into_owned();
        name = decoded.trim();
    }
    // A full Windows path says where it lay on the sender's disk: only the last step is the name.
    let is_windows_path = name.starts_with("\\\\") || name.get(1..3) == Some(":\\");
    if is_windows_path {
        name = name.rsplit('\\').next().unwrap_or(name);
    }
    let name: String = name.chars().filter(|letter| !is_harmful(*letter)).collect();
    let name = name.trim().trim_start_matches('.');
    (!name.is_empty()).then(|| shorten(name))
}

fn is_harmful(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '/' | '\\' | '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{fffd}' | '\u{feff}')
        || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

fn shorten(name: &str) -> String {
    if name.chars().count() <= NAME_CHARS_MAX {
        return name.to_owned();
    }
    let extension = name.rfind('.').map(|dot| &name[dot..]);
    let extension = extension.filter(|found| found.chars().count() <= EXTENSION_CHARS_MAX).unwrap_or("");
    let kept = NAME_CHARS_MAX - extension.chars().count();
    name.chars().take(kept).chain(extension.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_harmless() {
        for (name, expected) in [
            ("report.pdf", Some("report.pdf")),
            ("C:\\Users\\ann\\report.pdf", Some("report.pdf")),
            ("../../etc/passwd", Some("etcpasswd")),
            ("a\u{202e}fdp.exe", Some("afdp.exe")),
            ("=?utf-8?Q?caf=C3=A9.txt?=", Some("café.txt")),
            ("a\0b\n.txt", Some("ab.txt")),
            ("..", None),
            ("", None),
        ] {
            assert_eq!(clean(name).as_deref(), expected, "{name:?}");
        }
    }

    #[test]
    fn long_names_keep_their_extension() {
        let name = clean(&format!("{}.docx", "é".repeat(300))).expect("not empty");
        assert_eq!(name.chars().count(), NAME_CHARS_MAX);
        assert!(name.ends_with("é.docx"));
    }
}
