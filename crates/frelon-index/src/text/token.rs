//! Text to tokens: the words that are indexed and looked for.
//!
//! A token is a folded run of letters and digits. Everything else separates, apostrophes as well:
//! `l'eau` is found by `eau`, and `don't` is a phrase of two tokens in the index and in queries
//! alike. Addresses and URLs yield their words. In scripts without spaces each character makes a
//! token with the next one, and the last of a run stands alone, so that one character can be looked
//! for as a prefix.

use super::fold::{fold_char, is_dropped, is_unspaced, is_word_char, mark};

/// Longest token, in bytes; what follows is cut off.
pub const TOKEN_BYTES_MAX: usize = 64;

/// Length from which an unbroken run of letters, digits, `+`, `/` and `=` of mixed kinds is taken
/// for base64. Encoded lines have 60 to 76 of them.
const BLOB_BYTES_MIN: usize = 60;

/// A token of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'t> {
    /// Folded form; never empty.
    pub text: &'t str,
    /// Number of tokens before it.
    pub position: u32,
    /// First byte in the text.
    pub start: usize,
    /// First byte after it.
    pub end: usize,
}

/// Reads the tokens of a text one after another. Allocates nothing per token.
///
/// ```
/// # use frelon_index::text::Tokenizer;
/// let mut tokens = Tokenizer::new("Élan vital");
/// assert_eq!(tokens.advance().map(|token| token.text), Some("elan"));
/// assert_eq!(tokens.advance().map(|token| (token.position, token.start)), Some((1, 6)));
/// assert_eq!(tokens.advance(), None);
/// ```
#[derive(Debug)]
pub struct Tokenizer<'t> {
    text: &'t str,
    at: usize,
    position: u32,
    buffer: String,
}

/// What a byte is to the tokenizer.
mod class {
    pub(super) const SEPARATOR: u8 = 0;
    pub(super) const LOWER: u8 = 1;
    pub(super) const UPPER: u8 = 2;
    pub(super) const WIDE: u8 = 4;
}

static CLASS: [u8; 256] = {
    let mut table = [class::SEPARATOR; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'a'..=b'z' | b'0'..=b'9' => class::LOWER,
            b'A'..=b'Z' => class::UPPER,
            0x80.. => class::WIDE,
            _ => class::SEPARATOR,
        };
        byte += 1;
    }
    table
};

/// Where a token lies, and whether its folded form is in the buffer or is the text itself.
struct Found {
    start: usize,
    end: usize,
    buffered: bool,
}

impl<'t> Tokenizer<'t> {
    /// Starts at the beginning of a text.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        Self::with_buffer(text, String::new())
    }

    /// The same with a buffer of an earlier one, see [`Tokenizer::into_buffer`].
    #[must_use]
    pub fn with_buffer(text: &'t str, buffer: String) -> Self {
        Self { text, at: 0, position: 0, buffer }
    }

    /// The buffer, for the next text.
    #[must_use]
    pub fn into_buffer(self) -> String {
        self.buffer
    }

    /// The next token; `None` at the end.
    #[inline]
    pub fn advance(&mut self) -> Option<Token<'_>> {
        let Found { start, end, buffered } = self.find()?;
        let position = self.position;
        self.position = self.position.saturating_add(1);
        let text = if buffered { self.buffer.as_str() } else { &self.text[start..end] };
        Some(Token { text, position, start, end })
    }

    #[inline]
    fn find(&mut self) -> Option<Found> {
        let bytes = self.text.as_bytes();
        loop {
            while CLASS[usize::from(*bytes.get(self.at)?)] == class::SEPARATOR {
                self.at += 1;
            }
            let start = self.at;
            let mut end = start;
            let mut seen = 0;
            let stop = loop {
                let Some(byte) = bytes.get(end) else { break class::SEPARATOR };
                let class = CLASS[usize::from(*byte)];
                if class == class::SEPARATOR || class == class::WIDE {
                    break class;
                }
                seen |= class;
                end += 1;
            };
            if stop == class::WIDE {
                match self.find_wide(start, end) {
                    Some(found) => return Some(found),
                    None => continue,
                }
            }
            self.at = end;
            if matches!(bytes.get(end), Some(b'+' | b'/')) && self.skip_blob(start) {
                continue;
            }
            if end - start > TOKEN_BYTES_MAX {
                // No word has so many ASCII letters; keys, hashes and encoded data have.
                continue;
            }
            return Some(self.ascii(start, end, seen));
        }
    }

    #[inline]
    fn ascii(&mut self, start: usize, end: usize, seen: u8) -> Found {
        let buffered = seen & class::UPPER != 0;
        if buffered {
            self.buffer.clear();
            self.buffer.push_str(&self.text[start..end]);
            self.buffer.make_ascii_lowercase();
        }
        Found { start, end, buffered }
    }

    /// A token with characters beyond ASCII, the first at `wide`; `None` when none of it counts.
    fn find_wide(&mut self, start: usize, wide: usize) -> Option<Found> {
        let first = self.text[wide..].chars().next()?;
        if is_unspaced(first) {
            if start < wide {
                self.at = wide;
                // As where it ends in a space: no word has so many ASCII letters.
                let is_word = wide - start <= TOKEN_BYTES_MAX;
                return is_word.then(|| self.ascii(start, wide, class::UPPER));
            }
            return Some(self.pair(wide, first));
        }
        self.buffer.clear();
        let mut end = start;
        for letter in self.text[start..].chars() {
            if is_unspaced(letter) {
                break;
            }
            if is_word_char(letter) {
                if self.buffer.len() < TOKEN_BYTES_MAX {
                    fold_char(letter, &mut self.buffer);
                }
            } else if is_dropped(letter) {
                mark(letter, &mut self.buffer);
            } else {
                break;
            }
            end += letter.len_utf8();
        }
        self.buffer.truncate(self.buffer.floor_char_boundary(TOKEN_BYTES_MAX));
        if self.buffer.is_empty() {
            // A separator, or marks without a letter.
            self.at = end.max(wide + first.len_utf8());
            return None;
        }
        self.at = end;
        Some(Found { start, end, buffered: true })
    }

    /// A character of a script without spaces, with the next one if that is such a character too.
    fn pair(&mut self, start: usize, first: char) -> Found {
        self.at = start + first.len_utf8();
        self.buffer.clear();
        fold_char(first, &mut self.buffer);
        if self.buffer.is_empty() {
            self.buffer.push(first);
        }
        let mut end = self.at;
        if let Some(second) = self.text[end..].chars().next().filter(|second| is_unspaced(*second)) {
            fold_char(second, &mut self.buffer);
            end += second.len_utf8();
        }
        Found { start, end, buffered: true }
    }

    /// Passes over base64 that begins at `start`, if it does. Looks at each byte once, since it is
    /// asked at the beginning of a run only.
    fn skip_blob(&mut self, start: usize) -> bool {
        let bytes = self.text.as_bytes();
        if start > 0 && !bytes[start - 1].is_ascii_whitespace() {
            return false;
        }
        let (mut lower, mut upper, mut digit) = (false, false, false);
        let mut end = start;
        while let Some(byte) = bytes.get(end) {
            match byte {
                b'a'..=b'z' => lower = true,
                b'A'..=b'Z' => upper = true,
                b'0'..=b'9' => digit = true,
                b'+' | b'/' | b'=' => {}
                _ => break,
            }
            end += 1;
        }
        let ended = bytes.get(end).is_none_or(u8::is_ascii_whitespace);
        let blob = ended && lower && upper && digit && end - start >= BLOB_BYTES_MIN;
        if blob {
            self.at = end;
        }
        blob
    }
}

/// The tokens of a word or phrase of a query, to be found one after another.
///
/// The last character of a run without spaces is left out unless it is alone: in the text another
/// may follow it. A token for which [`is_open`] holds stands for every term that begins with it.
#[must_use]
pub fn tokens_of_query_word(word: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut tokenizer = Tokenizer::new(word);
    let mut last = (0, 0);
    let mut before = last;
    while let Some(token) = tokenizer.advance() {
        tokens.push(token.text.to_owned());
        before = last;
        last = (token.start, token.end);
    }
    if tokens.len() > 1 && before.1 == last.1 {
        tokens.pop();
    }
    tokens
}

/// Whether a token of a query is a single character of a script without spaces: it then stands
/// for every term that begins with it.
#[must_use]
pub fn is_open(token: &str) -> bool {
    let mut letters = token.chars();
    letters.next().is_some_and(is_unspaced) && letters.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut tokenizer = Tokenizer::new(text);
        while let Some(token) = tokenizer.advance() {
            assert_eq!(token.position as usize, found.len());
            assert!(token.start < token.end && text.get(token.start..token.end).is_some());
            found.push(token.text.to_owned());
        }
        found
    }

    #[test]
    fn words_of_many_scripts() {
        for (text, expected) in [
            ("Hello, World 42!", "hello world 42"),
            ("don't l'eau d’Orsay", "don t l eau d orsay"),
            ("Ankara'da İstanbul’un", "ankara da istanbul un"),
            ("Größe naïve e\u{301}te\u{301}", "grosse naive ete"),
            ("ann.b@example.org https://a.example/x_y?z=1", "ann b example org https a example x y z 1"),
            ("预算案", "预算 算案 案"),
            ("FOO预算bar 字", "foo 预算 算 bar 字"),
            ("カタカナ", "カタ タカ カナ ナ"),
            ("한국어 텍스트", "한국어 텍스트"),
            ("бюджет на 2016–17", "бюджет на 2016 17"),
            ("ميزانيّة الدولة", "ميزانيه الدوله"),
            ("a\u{a0}b\u{200b}c—d", "a b c d"),
            ("soft\u{ad}hyphen", "softhyphen"),
            ("\u{301} ـ x", "x"),
            ("", ""),
        ] {
            assert_eq!(tokens(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn long_runs_are_cut_or_skipped() {
        assert_eq!(tokens(&format!("a {} b", "f0".repeat(40))), ["a", "b"]);
        assert_eq!(tokens(&"a".repeat(64)), ["a".repeat(64)]);
        assert_eq!(tokens(&format!("{}算", "a".repeat(64))), ["a".repeat(64), "算".to_owned()]);
        assert_eq!(tokens(&format!("{}算", "a".repeat(65))), ["算"]);
        assert_eq!(tokens(&"é".repeat(100)), ["e".repeat(64)]);
        let cut = tokens(&"ж".repeat(100));
        assert_eq!(cut, ["ж".repeat(32)]);
        let blob = "x mQENBFaB4c+dEf/AAbbCC012345678901234567890123456789012345678901234== y";
        assert_eq!(tokens(blob), ["x", "y"]);
        let path = "see https://Example.org/a/B/c/0123456789/0123456789/0123456789/0123456789/index";
        assert!(tokens(path).contains(&"index".to_owned()));
    }

    #[test]
    fn queries_are_cut_like_text() {
        for (word, expected) in [
            ("foo-bar", "foo bar"),
            ("预算案", "预算 算案"),
            ("预", "预"),
            ("预算x", "预算 算 x"),
            ("don't", "don t"),
            ("--", ""),
        ] {
            assert_eq!(tokens_of_query_word(word).join(" "), expected, "{word}");
        }
        assert!(is_open("预") && !is_open("预算") && !is_open("a"));
    }

    #[test]
    fn offsets_point_into_the_text() {
        let text = "  Élan, 预算.";
        let mut tokenizer = Tokenizer::new(text);
        let mut places = Vec::new();
        while let Some(token) = tokenizer.advance() {
            places.push(&text[token.start..token.end]);
        }
        assert_eq!(places, ["Élan", "预算", "算"]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cut_into_stable_tokens(text in "\\PC{0,40}|[a-zé字カก ́'+/]{0,40}") {
            for token in tokens(&text) {
                proptest::prop_assert!(!token.is_empty() && token.len() <= TOKEN_BYTES_MAX);
                let again = tokens(&token);
                proptest::prop_assert_eq!(&again[0], &token);
            }
        }
    }
}
