//! Folding: one spelling for letters that readers do not tell apart when they search.
//!
//! Lower case, compatibility forms resolved (NFKD, UAX 15), accents dropped in the Latin, Greek,
//! Cyrillic, Hebrew and Arabic scripts; a few letters that do not decompose are spelt out. Russian
//! and Ukrainian й and ї are letters of their own and stay. Where vowels are marks (Devanagari,
//! Thai ...) nothing is dropped. Kana and Hangul stay as they are.

use std::sync::LazyLock;

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Letters one character can become; the rest of longer decompositions (no letter of any living
/// language has one) is dropped.
const LETTERS_MAX: usize = 4;

/// Characters below this have their folding in a table: Latin, Greek, Cyrillic, Armenian, Hebrew,
/// Arabic.
const TABLE_END: usize = 0x0800;

static TABLE: LazyLock<Vec<[char; LETTERS_MAX]>> = LazyLock::new(|| {
    let entry = |code: u32| char::from_u32(code).map_or(['\0'; LETTERS_MAX], fold_slowly);
    (0..TABLE_END as u32).map(entry).collect()
});

/// Folds a text, leaving white space and punctuation where they are.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_word_char(letter) {
            fold_char(letter, &mut folded);
        } else if is_dropped(letter) {
            mark(letter, &mut folded);
        } else {
            folded.push(letter);
        }
    }
    folded
}

/// Appends what a word character folds to; may be nothing.
pub(super) fn fold_char(letter: char, out: &mut String) {
    if letter.is_ascii() {
        out.push(letter.to_ascii_lowercase());
    } else if let Some(letters) = TABLE.get(letter as usize) {
        letters.iter().take_while(|letter| **letter != '\0').for_each(|letter| out.push(*letter));
    } else if is_kept_whole(letter) {
        out.push(letter);
    } else {
        fold_slowly(letter).iter().take_while(|letter| **letter != '\0').for_each(|letter| out.push(*letter));
    }
}

/// A dropped mark: nothing, unless it makes a letter of its own of the letter before.
pub(super) fn mark(mark: char, out: &mut String) {
    let whole = match mark {
        '\u{306}' if out.ends_with('и') => 'й',
        '\u{308}' if out.ends_with('і') => 'ї',
        _ => return,
    };
    out.pop();
    out.push(whole);
}

/// Whether a character is part of words: letters, digits, and marks that are vowels. Han numerals
/// in circles and the like are symbols.
pub(super) fn is_word_char(letter: char) -> bool {
    match letter as u32 {
        0x3190..=0x319F | 0x3200..=0x33FF | 0x1F200..=0x1F2FF => false,
        code => (letter.is_alphanumeric() || code >= 0x0900 && is_combining_mark(letter)) && !is_dropped(letter),
    }
}

/// Whether a character inside a word counts for nothing: accents, Arabic vowel signs and tatweel,
/// variation selectors, soft hyphens and joiners.
pub(super) fn is_dropped(letter: char) -> bool {
    match letter as u32 {
        0..0xAD => false,
        0xAD | 0x0640 | 0x200C | 0x200D | 0x2060 | 0xFEFF => true,
        0x0300..0x0900 => is_combining_mark(letter),
        0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF | 0xFE00..=0xFE0F | 0xFE20..=0xFE2F | 0xE0100..=0xE01EF => {
            true
        }
        _ => false,
    }
}

/// Whether words are written without spaces, so that pairs of characters stand for words: Han,
/// kana, Thai, Lao, Burmese, Khmer.
pub(super) fn is_unspaced(letter: char) -> bool {
    match letter as u32 {
        0..=0x0E00 => false,
        0x0E01..=0x0E3A | 0x0E40..=0x0E4E | 0x0E81..=0x0ECE => true,
        0x1000..=0x103F | 0x1050..=0x108F | 0x1780..=0x17D3 => true,
        0x3005
        | 0x3007
        | 0x3038..=0x303A
        | 0x3041..=0x3096
        | 0x309D..=0x309F
        | 0x30A1..=0x30FA
        | 0x30FC..=0x30FF
        | 0x31F0..=0x31FF => true,
        0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0xFF66..=0xFF9D | 0x20000..=0x3FFFD => true,
        _ => false,
    }
}

/// Scripts whose decomposition would take letters apart: kana with voicing marks, Hangul, and
/// scripts of South-East Asia.
fn is_kept_whole(letter: char) -> bool {
    matches!(letter as u32, 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x31F0..=0x31FF | 0x3400..=0x9FFF | 0xAC00..=0xD7A3)
}

/// Letters that no decomposition resolves.
fn special(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' | 'ẞ' => "ss",
        'ı' | 'İ' => "i",
        'ø' | 'Ø' => "o",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ł' | 'Ł' => "l",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'þ' | 'Þ' => "th",
        'ħ' | 'Ħ' => "h",
        'ŧ' | 'Ŧ' => "t",
        'ŋ' | 'Ŋ' => "n",
        'ĸ' => "k",
        'ſ' => "s",
        'ə' | 'Ə' => "e",
        'ς' => "σ",
        'й' | 'Й' => "й",
        'ї' | 'Ї' => "ї",
        'ў' | 'Ў' => "у",
        'ٱ' => "ا",
        'ى' | 'ی' => "ي",
        'ة' | 'ۀ' | 'ە' => "ه",
        'ک' | 'ڪ' => "ك",
        _ => return None,
    })
}

fn fold_slowly(letter: char) -> [char; LETTERS_MAX] {
    let mut folded = ['\0'; LETTERS_MAX];
    let mut length = 0;
    let mut push = |letter: char| {
        if length < LETTERS_MAX {
            folded[length] = letter;
            length += 1;
        }
    };
    if let Some(text) = special(letter) {
        text.chars().for_each(push);
        return folded;
    }
    decompose_compatible(letter, |part| {
        for part in part.to_lowercase() {
            if is_dropped(part) {
                continue;
            }
            match (digit(part), special(part)) {
                (Some(digit), _) => push(digit),
                (None, Some(text)) => text.chars().for_each(&mut push),
                (None, None) if is_word_char(part) => push(part),
                (None, None) => {}
            }
        }
    });
    folded
}

/// Arabic-Indic digits, eastern and western, as ASCII.
fn digit(letter: char) -> Option<char> {
    let value = match letter as u32 {
        code @ 0x0660..=0x0669 => code - 0x0660,
        code @ 0x06F0..=0x06F9 => code - 0x06F0,
        _ => return None,
    };
    char::from_digit(value, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_scripts() {
        for (text, folded) in [
            ("Élève, Œuvre!", "eleve, oeuvre!"),
            ("e\u{301}te\u{301}", "ete"),
            ("Straße Øre Łódź", "strasse ore lodz"),
            ("Iğdır İstanbul ısı", "igdir istanbul isi"),
            ("ΟΔΟΣ ὁδός", "οδοσ οδοσ"),
            ("Ёлка Йод и\u{306}од Київ", "елка йод йод київ"),
            ("مُحَمَّد أحمد مدرســة إلى", "محمد احمد مدرسه الي"),
            ("کتاب ۱۲٣", "كتاب 123"),
            ("ＦＵＬＬ ｗｉｄｔｈ １２", "full width 12"),
            ("ﬁn ｶﾅ ガ", "fin カナ ガ"),
            ("शिक्षा", "शिक्षा"),
            ("한국어 預算", "한국어 預算"),
            ("soft\u{ad}hyphen", "softhyphen"),
            ("שָׁלוֹם", "שלום"),
        ] {
            assert_eq!(fold(text), folded);
        }
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for letter in ('\0'..=char::MAX).filter(|letter| is_word_char(*letter)) {
            let mut once = String::new();
            fold_char(letter, &mut once);
            assert_eq!(fold(&once), once, "U+{:04X}", letter as u32);
        }
    }
}
