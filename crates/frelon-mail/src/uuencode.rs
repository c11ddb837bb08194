//! Uuencoded parts: the encoding before MIME, and in use beside it under private names. Its
//! reference is POSIX, `uuencode`, historical algorithm.

use memchr::memmem;

use crate::header::{line_end, trim_line_end};

/// How many times its encoded length a part may decode to. It is less than once where nothing was cut
/// off; lines of zeros whose spaces are gone give up to 63 bytes for two, and a mail of such lines
/// must not fill the memory.
const GROWTH_MAX: usize = 4;

/// Decodes what stands between the first `begin` line and its `end`; `None` where no line begins.
/// Tells whether it was clean: spaces cut from line ends are forgiven, all else is reported.
pub(crate) fn decode(bytes: &[u8]) -> Option<(Vec<u8>, bool)> {
    let begin = begin(bytes)?;
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3);
    let mut clean = bytes[..begin].trim_ascii().is_empty();
    let mut at = line_end(bytes, begin);
    while at < bytes.len() {
        let end = line_end(bytes, at);
        let line = trim_line_end(&bytes[at..end]);
        at = end;
        if line == b"end" {
            return Some((out, clean && bytes[at..].trim_ascii().is_empty()));
        }
        clean &= decode_line(line, &mut out);
        if out.len() / GROWTH_MAX > bytes.len() {
            break;
        }
    }
    Some((out, false))
}

/// Offset of the line `begin MODE NAME`, the mode three or four octal digits.
fn begin(bytes: &[u8]) -> Option<usize> {
    let is_begin = |at: usize| {
        let rest = bytes[at..].strip_prefix(b"begin ").unwrap_or(b"");
        let digits = rest.iter().take_while(|byte| matches!(byte, b'0'..=b'7')).count();
        (at == 0 || bytes[at - 1] == b'\n') && matches!(digits, 3..=4) && rest.get(digits) == Some(&b' ')
    };
    memmem::find_iter(bytes, b"begin ").find(|at| is_begin(*at))
}

/// A letter for the number of bytes, then four letters for each three of them.
fn decode_line(line: &[u8], out: &mut Vec<u8>) -> bool {
    let Some((&first, letters)) = line.split_first() else { return true };
    let Some(count) = sixtet(first) else { return false };
    let start = out.len();
    let mut clean = true;
    for group in letters.chunks(4).take((count as usize).div_ceil(3)) {
        let mut word = 0u32;
        for at in 0..4 {
            // Mail drops spaces at line ends, and a space is a zero.
            let letter = group.get(at).map_or(Some(0), |&byte| sixtet(byte));
            clean &= letter.is_some();
            word = word << 6 | letter.unwrap_or(0);
        }
        out.extend_from_slice(&word.to_be_bytes()[1..]);
    }
    // What the line promises, and no more: cut spaces may have taken whole groups.
    out.resize(start + count as usize, 0);
    clean
}

fn sixtet(byte: u8) -> Option<u32> {
    matches!(byte, 32..=96).then(|| u32::from(byte - 32) & 63)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[u8], is_clean: bool) {
        assert_eq!(decode(text.as_bytes()), Some((expected.to_vec(), is_clean)), "{text:?}");
    }

    #[test]
    fn lines_between_begin_and_end_are_decoded() {
        check("begin 644 a.txt\n#0V%T\n`\nend\n", b"Cat", true);
        check("\r\nbegin 0644 a b.txt\r\n%:&5L;&\\\r\n \r\nend\r\n", b"hello", true);
        check("begin 644 zero\n$``\n`\nend\n", &[0; 4], true);
        check("begin 644 checksum\n#0V%TX\n`\nend\n", b"Cat", true);
    }

    #[test]
    fn what_is_broken_is_reported() {
        check("see below\nbegin 644 a\n#0V%T\n`\nend\nyours\n", b"Cat", false);
        check("begin 644 cut\n#0V%T\n", b"Cat", false);
        check("begin 644 a\n#0V~T\n`\nend", b"C`4", false);
        assert_eq!(decode(b"begin with care\nend\n"), None);
        assert_eq!(decode(b""), None);
    }

    #[test]
    fn growth_is_bounded() {
        let text = format!("begin 644 zeros\n{}`\nend\n", "M\n".repeat(10_000));
        let (bytes, is_clean) = decode(text.as_bytes()).expect("a line begins");
        assert!(!is_clean && bytes.len() <= (text.len() + 1) * GROWTH_MAX + 63);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_taken(lines in "(begin 644 a\n)?[ -~\n]{0,200}") {
            let (bytes, _) = decode(lines.as_bytes()).unwrap_or_default();
            proptest::prop_assert!(bytes.len() <= (lines.len() + 1) * GROWTH_MAX + 63);
        }
    }
}
