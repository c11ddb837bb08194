//! Field values to readable text: unfolding (RFC 5322 section 2.2.3), encoded words (RFC 2047),
//! undeclared eight-bit bytes, message identifiers and addresses.

use std::borrow::Cow;

use frelon_model::{Address, MessageId};
use mail_parser::{HeaderValue, parsers::MessageStream};
use memchr::{memchr, memchr_iter, memchr2, memmem};

use crate::{charset, header::trim_line_end, transfer};

/// Bytes of one encoded word: RFC 2047 allows 75; senders put whole subjects into one.
const ENCODED_WORD_BYTES_MAX: usize = 8 * 1024;
/// Encoded words of one address field; each costs mail-parser a look to the end of the line.
const ADDRESS_WORDS_MAX: usize = 2_000;
/// Addresses kept of one field; the field's text keeps all.
const ADDRESSES_MAX: usize = 5_000;

/// How undeclared eight-bit bytes of this header are read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hint {
    /// Charset the body declares, in lower case, where it is neither ASCII nor UTF-8.
    pub(crate) charset: Option<String>,
}

impl Hint {
    fn decode<'x>(&self, bytes: &'x [u8]) -> Cow<'x, str> {
        match (std::str::from_utf8(bytes), &self.charset) {
            (Ok(text), _) => Cow::Borrowed(text),
            (Err(_), Some(label)) => charset::decode(bytes, Some(label)).text,
            (Err(_), None) => charset::guess(bytes).0,
        }
    }
}

/// A value on one line: folds become one space, the ends are trimmed.
pub(crate) fn unfold(value: &[u8]) -> Cow<'_, [u8]> {
    let value = value.trim_ascii();
    if memchr2(b'\n', b'\r', value).is_none() {
        return Cow::Borrowed(value);
    }
    let mut out = Vec::with_capacity(value.len());
    for line in value.split(|&byte| byte == b'\n') {
        let line = trim_line_end(line).trim_ascii_start();
        if !out.is_empty() && !line.is_empty() {
            out.push(b' ');
        }
        out.extend_from_slice(line);
    }
    Cow::Owned(out)
}

/// Unfolds and decodes an unstructured value.
pub(crate) fn text<'x>(value: &'x [u8], hint: &Hint) -> Cow<'x, str> {
    let text = match unfold(value) {
        Cow::Borrowed(bytes) => hint.decode(bytes),
        Cow::Owned(bytes) => Cow::Owned(hint.decode(&bytes).into_owned()),
    };
    let text = match memmem::find(text.as_bytes(), b"=?") {
        Some(_) => Cow::Owned(decode_words(&text)),
        None => text,
    };
    if text.bytes().fold(false, |dirty, byte| dirty | (byte < 32 && byte != b'\t') | (byte == 127)) {
        Cow::Owned(text.chars().filter(|letter| !letter.is_control() || *letter == '\t').collect())
    } else {
        text
    }
}

/// One encoded word: its charset, its bytes, and the length it had in the text.
struct Word<'x> {
    charset: &'x str,
    bytes: Vec<u8>,
    length: usize,
}

/// Reads the encoded word `text` starts with.
fn word(text: &str) -> Option<Word<'_>> {
    let rest = text.strip_prefix("=?")?;
    let charset_end = rest.as_bytes().iter().take(80).position(|&byte| byte == b'?')?;
    let charset = &rest[..charset_end];
    let [encoding, b'?', data @ ..] = &rest.as_bytes()[charset_end + 1..] else { return None };
    let window = &data[..data.len().min(ENCODED_WORD_BYTES_MAX)];
    let data_end = memmem::find(window, b"?=")?;
    let data = &data[..data_end];
    let bytes = match encoding {
        b'b' | b'B' => transfer::decode_base64(data).0,
        b'q' | b'Q' => {
            let spaced: Vec<u8> = data.iter().map(|&byte| if byte == b'_' { b' ' } else { byte }).collect();
            let mut bytes = Vec::with_capacity(spaced.len());
            transfer::decode_escapes(&spaced, &mut bytes);
            bytes
        }
        _ => return None,
    };
    // RFC 2231 section 5 adds a language after the charset.
    let charset = charset.split('*').next().unwrap_or("");
    Some(Word { charset, bytes, length: 2 + charset_end + 1 + 2 + data_end + 2 })
}

/// Decodes all encoded words; white space between two of them goes (RFC 2047 section 6.2), and
/// characters that were split across two words are joined again.
fn decode_words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut pending: Option<(String, Vec<u8>)> = None;
    let mut rest = text;
    while let Some(at) = memmem::find(rest.as_bytes(), b"=?") {
        let between = &rest[..at];
        let Some(word) = word(&rest[at..]) else {
            flush(&mut out, pending.take());
            out.push_str(&rest[..at + 2]);
            rest = &rest[at + 2..];
            continue;
        };
        let charset = word.charset.to_ascii_lowercase();
        match pending.as_mut() {
            Some((same, bytes)) if *same == charset && between.trim().is_empty() => {
                bytes.extend_from_slice(&word.bytes);
            }
            earlier => {
                let follows_word = earlier.is_some();
                flush(&mut out, pending.take());
                if !(follows_word && between.trim().is_empty()) {
                    out.push_str(between);
                }
                pending = Some((charset, word.bytes));
            }
        }
        rest = &rest[at + word.length..];
    }
    flush(&mut out, pending.take());
    out.push_str(rest);
    out
}

fn flush(out: &mut String, word: Option<(String, Vec<u8>)>) {
    if let Some((charset, bytes)) = word {
        out.push_str(&charset::decode(&bytes, Some(&charset)).text);
    }
}

/// Message identifiers of a value (RFC 5322 section 3.6.4). In-Reply-To was free text once: only
/// what stands in `<>` counts, or a lone word with `@`; of a phrase with several, the last.
pub(crate) fn message_ids(value: &[u8]) -> Vec<MessageId> {
    let mut ids = Vec::new();
    let mut has_phrase = false;
    let mut rest = value;
    while let Some(open) = memchr(b'<', rest) {
        has_phrase |= rest[..open].iter().any(|byte| !byte.is_ascii_whitespace() && *byte != b',');
        let Some(close) = memchr(b'>', &rest[open..]) else { break };
        ids.extend(message_id(&rest[open + 1..open + close]));
        rest = &rest[open + close + 1..];
    }
    if ids.is_empty() {
        let mut words = value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        if let (Some(word), None) = (words.next(), words.next())
            && word.contains(&b'@')
        {
            ids.extend(message_id(word));
        }
    } else if has_phrase && ids.len() > 1 {
        ids.drain(..ids.len() - 1);
    }
    ids
}

/// All identifiers of a References field: no phrase is expected there.
pub(crate) fn references(value: &[u8]) -> Vec<MessageId> {
    let mut ids = Vec::new();
    let mut rest = value;
    while let Some(open) = memchr(b'<', rest) {
        let Some(close) = memchr(b'>', &rest[open..]) else { break };
        ids.extend(message_id(&rest[open + 1..open + close]));
        rest = &rest[open + close + 1..];
    }
    if ids.is_empty() {
        let words = value.split(|byte| byte.is_ascii_whitespace() || *byte == b',');
        ids.extend(words.filter(|word| word.contains(&b'@')).filter_map(message_id));
    }
    ids
}

/// The identifier of a Message-ID field: what stands in `<>`, else all of it.
pub(crate) fn own_message_id(value: &[u8]) -> Option<MessageId> {
    match memchr(b'<', value) {
        Some(open) => {
            let inner = &value[open + 1..];
            message_id(&inner[..memchr(b'>', inner).unwrap_or(inner.len())])
        }
        None => message_id(value),
    }
}

fn message_id(bytes: &[u8]) -> Option<MessageId> {
    match std::str::from_utf8(bytes) {
        Ok(text) => MessageId::new(text),
        Err(_) => MessageId::new(&charset::guess(bytes).0),
    }
}

/// Calls mail-parser on a value that ends in a line feed, as its parsers ask.
pub(crate) fn with_stream<T>(value: &[u8], read: impl FnOnce(HeaderRead<'_>) -> T) -> T {
    if value.ends_with(b"\n") {
        read(HeaderRead(value))
    } else {
        let mut ended = value.to_vec();
        ended.push(b'\n');
        read(HeaderRead(&ended))
    }
}

/// A value ready for mail-parser.
pub(crate) struct HeaderRead<'x>(&'x [u8]);

impl<'x> HeaderRead<'x> {
    pub(crate) fn addresses(self) -> HeaderValue<'x> {
        MessageStream::new(self.0).parse_address()
    }

    pub(crate) fn content_type(self) -> HeaderValue<'x> {
        MessageStream::new(self.0).parse_content_type()
    }
}

/// Addresses of a value, groups flattened (RFC 5322 section 3.4).
pub(crate) fn addresses(value: &[u8], hint: &Hint) -> Vec<Address> {
    if let Some(address) = plain_address(value) {
        return vec![address];
    }
    if memmem::find_iter(value, b"=?").take(ADDRESS_WORDS_MAX + 1).count() > ADDRESS_WORDS_MAX {
        return vec![Address::new(&text(value, hint), "")];
    }
    let value = &*separate(value);
    let value = &*drop_lone_comments(value);
    if value.is_ascii() {
        return with_stream(value, |stream| flatten(&stream.addresses()));
    }
    let text = hint.decode(value).into_owned();
    with_stream(text.as_bytes(), |stream| flatten(&stream.addresses()))
}

/// Puts the comma that is missing after a `>` that something follows: without it two people become
/// one, of an address that is nobody's.
fn separate(value: &[u8]) -> Cow<'_, [u8]> {
    if memchr_iter(b'<', value).nth(1).is_none() {
        return Cow::Borrowed(value);
    }
    let mut out = Vec::with_capacity(value.len() + 8);
    let (mut is_quoted, mut is_escaped, mut comments, mut is_open, mut is_closed) = (false, false, 0u32, false, false);
    for &byte in value {
        let is_plain = !is_quoted && comments == 0 && !is_escaped;
        if is_plain && is_closed && !matches!(byte, b'(' | b' ' | b'\t' | b'\r' | b'\n') {
            is_closed = false;
            if !matches!(byte, b',' | b';' | b'>' | b')') {
                out.push(b',');
            }
        }
        out.push(byte);
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_quoted || comments > 0,
            b'"' if comments == 0 => is_quoted = !is_quoted,
            b'(' if !is_quoted => comments += 1,
            b')' if !is_quoted => comments = comments.saturating_sub(1),
            b'<' if is_plain => is_open = true,
            b'>' if is_plain && is_open => (is_open, is_closed) = (false, true),
            _ => {}
        }
    }
    Cow::Owned(out)
}

/// Takes out the comments that stand alone between two separators: a comment is no part of an address
/// (RFC 5322 section 3.4), and `nobody:; (no To-header on input)` has no recipient. Beside an address
/// they stay, since they were the place for names once.
fn drop_lone_comments(value: &[u8]) -> Cow<'_, [u8]> {
    if memchr(b'(', value).is_none() {
        return Cow::Borrowed(value);
    }
    let mut out = Vec::with_capacity(value.len());
    let (mut is_quoted, mut is_escaped, mut comments) = (false, false, 0u32);
    let (mut start, mut is_lone) = (0, true);
    for &byte in value {
        let is_plain = !is_quoted && comments == 0;
        if is_plain && matches!(byte, b',' | b';' | b':') {
            if is_lone {
                out.truncate(start);
            }
            out.push(byte);
            (start, is_lone) = (out.len(), true);
            continue;
        }
        // Brackets around nothing hold no address.
        is_lone &= !is_plain || byte.is_ascii_whitespace() || matches!(byte, b'(' | b'<' | b'>');
        out.push(byte);
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = !is_plain,
            b'"' if comments == 0 => is_quoted = !is_quoted,
            b'(' if !is_quoted => comments += 1,
            b')' if !is_quoted => comments = comments.saturating_sub(1),
            _ => {}
        }
    }
    // What no bracket closes is no comment.
    if is_lone && comments == 0 {
        out.truncate(start);
    }
    Cow::Owned(out)
}

/// The commonest form, `local@domain` alone, without a parser.
fn plain_address(value: &[u8]) -> Option<Address> {
    let value = value.trim_ascii();
    let at = memchr(b'@', value)?;
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+' | b'\'');
    (at > 0 && value[..at].iter().all(plain) && value[at + 1..].iter().all(plain))
        .then(|| Address { name: String::new(), email: String::from_utf8_lossy(value).into_owned() })
}

fn flatten(value: &HeaderValue<'_>) -> Vec<Address> {
    let Some(addresses) = value.as_address() else { return Vec::new() };
    let addresses = addresses.iter().take(ADDRESSES_MAX).map(|found| {
        let email = clean(found.address().unwrap_or(""));
        let mut name = clean(found.name().unwrap_or(""));
        // Some gateways quote twice: "'Ann Example'".
        if name.len() > 2 && name.starts_with('\'') && name.ends_with('\'') {
            name = name[1..name.len() - 1].to_owned();
        }
        if name == email { Address::new("", &email) } else { Address::new(&name, &email) }
    });
    addresses.filter(|address| !address.name.is_empty() || !address.email.is_empty()).collect()
}

fn clean(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> String {
        text(value.as_bytes(), &Hint::default()).into_owned()
    }

    #[test]
    fn encoded_words_are_decoded_and_joined() {
        assert_eq!(read(" plain text\r\n"), "plain text");
        assert_eq!(read("=?utf-8?Q?caf=C3=A9_noir?="), "café noir");
        assert_eq!(read("=?UTF-8?B?w6k=?= =?UTF-8?B?w6k=?="), "éé");
        // A character split across two words.
        assert_eq!(read("=?utf-8?Q?=C3?=\r\n =?utf-8?Q?=A9?="), "é");
        assert_eq!(read("Re: =?iso-8859-1*fr?q?=E9t=E9?= x"), "Re: été x");
        assert_eq!(read("=?broken =?"), "=?broken =?");
        assert_eq!(read("a\r\n\tb\n  c"), "a b c");
    }

    #[test]
    fn eight_bit_values_are_guessed() {
        assert_eq!(text(b"caf\xe9", &Hint::default()), "café");
        let hint = Hint { charset: Some("windows-1251".to_owned()) };
        assert_eq!(text(b"\xcf\xf0\xe8", &hint), "При");
    }

    #[test]
    fn identifiers_are_what_stands_in_brackets() {
        let ids = |value: &str| message_ids(value.as_bytes()).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(ids("Your message of \"Mon\" <a@b>"), ["a@b"]);
        assert_eq!(ids("Message from Ann <ann@x> of Monday <a@b>"), ["a@b"]);
        assert_eq!(ids("a@b"), ["a@b"]);
        assert!(ids("Your note of Monday").is_empty());
        assert_eq!(references(b"<a@b>\r\n <c@d><e@f>").len(), 3);
        assert_eq!(own_message_id(b" <>\r\n"), None);
        assert_eq!(own_message_id(b" <a\r\n b@c>\r\n").map(|id| id.to_string()), Some("ab@c".to_owned()));
    }

    #[test]
    fn addresses_are_flat() {
        let of = |value: &str| addresses(value.as_bytes(), &Hint::default());
        assert_eq!(of("ann@example.org"), [Address::new("", "ann@example.org")]);
        assert_eq!(of("\"B, Ann\" <a@b.example>, c@d.example (Cy)\n").len(), 2);
        assert_eq!(of("team: a@b.example, c@d.example;\n").len(), 2);
        assert_eq!(of("undisclosed-recipients:;\n").len(), 0);
        let two = [Address::new("Ann", "a@b.example"), Address::new("Bob", "c@d.example")];
        assert_eq!(of("Ann <a@b.example> Bob <c@d.example>\n"), two);
        assert_eq!(of("Ann <a@b.example>,\n Bob <c@d.example>\n"), two);
        assert_eq!(of("\"Ann <x> y\" <a@b.example>, <c@d.example>\n").len(), 2);
        assert_eq!(of("team: <a@b.example>, <c@d.example>;\n").len(), 2);
        assert_eq!(of("=?utf-8?q?Zo=C3=AB?= <z@e.example>"), [Address::new("Zoë", "z@e.example")]);
    }

    #[test]
    fn a_comment_alone_is_nobody() {
        let of = |value: &str| addresses(value.as_bytes(), &Hint::default());
        for value in [
            "unlisted-recipients:; (no To-header on input)\n",
            "(nobody) unlisted-recipients:; (no, really; (no) \\) one: at all)\n",
            "(nobody)\n",
            "(nobody) <>\n",
            "team: (nobody yet);\n",
        ] {
            assert_eq!(of(value), [], "{value}");
        }
        let ann = [Address::new("Ann", "a@b.example")];
        assert_eq!(of("a@b.example (Ann), (and others)\n"), ann);
        assert_eq!(of("(Ann)\n a@b.example\n"), ann);
        assert_eq!(of("team (of Bob): a@b.example (Ann);\n"), ann);
        assert_eq!(of("\"Ann (x), y\" <a@b.example>\n"), [Address::new("Ann (x), y", "a@b.example")]);
        assert_eq!(of("Ann Example (away)\n"), [Address::new("Ann Example (away)", "")]);
    }
}
