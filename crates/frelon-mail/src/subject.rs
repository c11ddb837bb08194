//! Base subjects (RFC 5256 section 2.1), with the reply and forward marks of other languages.

/// Reply and forward marks without their colon, in lower case: English, German, Scandinavian,
/// Dutch, French, Spanish and Portuguese, Italian, Polish, Finnish, Hungarian, Greek, Turkish,
/// Arabic, Persian, Hebrew, Chinese, Japanese, Korean.
const MARKS: [&str; 46] = [
    "re",
    "fw",
    "fwd",
    "aw",
    "wg",
    "antw",
    "antwort",
    "sv",
    "vs",
    "vb",
    "ref",
    "rép",
    "rep",
    "tr",
    "rv",
    "res",
    "enc",
    "ynt",
    "yan",
    "ilt",
    "i̇lt",
    "odp",
    "pd",
    "vl",
    "vá",
    "továbbítás",
    "απ",
    "πρθ",
    "σχετ",
    "r",
    "i",
    "doorst",
    "bls",
    "atb",
    "رد",
    "إعادة توجيه",
    "پاسخ",
    "השב",
    "הועבר",
    "回复",
    "回覆",
    "答复",
    "转发",
    "轉寄",
    "답장",
    "전달",
];
/// Marks stripped from one subject; a mark a hundred times over is noise.
const MARKS_MAX: usize = 50;

/// Base subject in lower case with white space folded, and whether a reply or forward mark was
/// taken off. `[list]` prefixes and `(fwd)` endings go as well.
#[must_use]
pub fn base_subject(subject: &str) -> (String, bool) {
    let lower = subject.to_lowercase();
    let mut rest = lower.trim();
    let mut is_reply = false;
    for _ in 0..MARKS_MAX {
        let before = rest;
        if let Some(cut) = rest.strip_suffix("(fwd)") {
            is_reply = true;
            rest = cut.trim_end();
        }
        if let Some(cut) = strip_mark(rest) {
            is_reply = true;
            rest = cut.trim_start();
        } else if let Some(cut) = strip_blob(rest) {
            rest = cut.trim_start();
        } else if let Some(inner) = rest.strip_prefix("[fwd:").and_then(|inner| inner.strip_suffix(']')) {
            is_reply = true;
            rest = inner.trim();
        }
        if rest == before {
            break;
        }
    }
    let mut base = String::with_capacity(rest.len());
    for word in rest.split_whitespace() {
        if !base.is_empty() {
            base.push(' ');
        }
        base.push_str(word);
    }
    (base, is_reply)
}

/// `re:`, `re[2]:`, `re (3):`, `回复：`, `re^2:`.
fn strip_mark(text: &str) -> Option<&str> {
    let colon = text.char_indices().take(24).find(|(_, letter)| matches!(letter, ':' | '：'))?;
    let mut mark = text[..colon.0].trim();
    if let Some(end) = mark.find(['[', '(', '^', '*']) {
        let count = mark[end..].trim_matches(|letter: char| "[](){}^* ".contains(letter));
        if !count.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        mark = mark[..end].trim_end();
    }
    let mark = mark.trim_end_matches(|letter: char| letter.is_ascii_digit()).trim_end();
    MARKS.contains(&mark).then(|| &text[colon.0 + colon.1.len_utf8()..])
}

/// `[list] `, as long as something is left.
fn strip_blob(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('[')?;
    let end = inner.find(']')?;
    let blob = &inner[..end];
    let rest = inner[end + 1..].trim_start();
    (!blob.contains('[') && !blob.starts_with("fwd:") && !rest.is_empty()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_list_names_go() {
        for (subject, base, is_reply) in [
            ("Re: Hello  World", "hello world", true),
            ("RE[2]: AW: WG: x", "x", true),
            ("[list] Re: [list] plan", "plan", true),
            ("Fwd: plan (fwd)", "plan", true),
            ("[Fwd: plan]", "plan", true),
            ("[list] plan", "plan", false),
            ("[list]", "[list]", false),
            ("YNT: İLT: toplantı", "toplantı", true),
            ("رد: اجتماع", "اجتماع", true),
            ("回复：会议", "会议", true),
            ("Re^3: x", "x", true),
            ("Regarding: x", "regarding: x", false),
            ("Re: ", "", true),
            ("", "", false),
        ] {
            assert_eq!(base_subject(subject), (base.to_owned(), is_reply), "{subject}");
        }
    }
}
