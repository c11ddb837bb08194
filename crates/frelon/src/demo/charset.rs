//! Text to the bytes that travel: character sets, transfer encodings (RFC 2045), encoded words (RFC 2047)
//! and parameter values (RFC 2231).

/// The character sets the story's mail programs use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    Utf8,
    Latin1,
    /// ISO-8859-9: Latin 1 with six letters changed for Turkish.
    Turkish,
    /// windows-1256.
    Arabic,
}

/// RFC 2045 section 6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transfer {
    SevenBit,
    EightBit,
    QuotedPrintable,
    Base64,
}

impl Transfer {
    pub(super) fn name(self) -> &'static str {
        match self {
            Transfer::SevenBit => "7bit",
            Transfer::EightBit => "8bit",
            Transfer::QuotedPrintable => "quoted-printable",
            Transfer::Base64 => "base64",
        }
    }

    pub(super) fn apply(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Transfer::SevenBit | Transfer::EightBit => bytes.to_vec(),
            Transfer::QuotedPrintable => quoted_printable(bytes),
            Transfer::Base64 => base64_lines(bytes).into_bytes(),
        }
    }
}

/// Letters of ISO-8859-9 that Latin 1 does not have.
const TURKISH: [(char, u8); 6] = [('Ğ', 0xd0), ('İ', 0xdd), ('Ş', 0xde), ('ğ', 0xf0), ('ı', 0xfd), ('ş', 0xfe)];

/// Upper half of windows-1256 as far as Arabic and French letters go.
const ARABIC: &[(char, u8)] = &[
    ('،', 0xa1),
    ('؛', 0xba),
    ('؟', 0xbf),
    ('ء', 0xc1),
    ('آ', 0xc2),
    ('أ', 0xc3),
    ('ؤ', 0xc4),
    ('إ', 0xc5),
    ('ئ', 0xc6),
    ('ا', 0xc7),
    ('ب', 0xc8),
    ('ة', 0xc9),
    ('ت', 0xca),
    ('ث', 0xcb),
    ('ج', 0xcc),
    ('ح', 0xcd),
    ('خ', 0xce),
    ('د', 0xcf),
    ('ذ', 0xd0),
    ('ر', 0xd1),
    ('ز', 0xd2),
    ('س', 0xd3),
    ('ش', 0xd4),
    ('ص', 0xd5),
    ('ض', 0xd6),
    ('ط', 0xd8),
    ('ظ', 0xd9),
    ('ع', 0xda),
    ('غ', 0xdb),
    ('ـ', 0xdc),
    ('ف', 0xdd),
    ('ق', 0xde),
    ('ك', 0xdf),
    ('ل', 0xe1),
    ('م', 0xe3),
    ('ن', 0xe4),
    ('ه', 0xe5),
    ('و', 0xe6),
    ('ى', 0xec),
    ('ي', 0xed),
    ('\u{64b}', 0xf0),
    ('\u{64c}', 0xf1),
    ('\u{64d}', 0xf2),
    ('\u{64e}', 0xf3),
    ('\u{64f}', 0xf5),
    ('\u{650}', 0xf6),
    ('\u{651}', 0xf8),
    ('\u{652}', 0xfa),
    ('à', 0xe0),
    ('â', 0xe2),
    ('ç', 0xe7),
    ('è', 0xe8),
    ('é', 0xe9),
    ('ê', 0xea),
    ('ë', 0xeb),
    ('î', 0xee),
    ('ï', 0xef),
    ('ô', 0xf4),
    ('ù', 0xf9),
    ('û', 0xfb),
    ('ü', 0xfc),
    ('«', 0xab),
    ('»', 0xbb),
    ('°', 0xb0),
    ('²', 0xb2),
    ('³', 0xb3),
    ('\u{a0}', 0xa0),
];

impl Charset {
    pub(super) fn name(self) -> &'static str {
        match self {
            Charset::Utf8 => "utf-8",
            Charset::Latin1 => "iso-8859-1",
            Charset::Turkish => "iso-8859-9",
            Charset::Arabic => "windows-1256",
        }
    }

    fn byte(self, c: char) -> Option<u8> {
        if c.is_ascii() {
            return Some(c as u8);
        }
        match self {
            Charset::Utf8 => None,
            Charset::Latin1 => u8::try_from(u32::from(c)).ok().filter(|byte| *byte >= 0xa0),
            Charset::Turkish => TURKISH
                .iter()
                .find(|(letter, _)| *letter == c)
                .map(|(_, byte)| *byte)
                .or_else(|| Charset::Latin1.byte(c).filter(|byte| TURKISH.iter().all(|(_, taken)| taken != byte))),
            Charset::Arabic => ARABIC.iter().find(|(letter, _)| *letter == c).map(|(_, byte)| *byte),
        }
    }

    /// The bytes of a text, or nothing when the set lacks one of its characters.
    pub(super) fn encode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Charset::Utf8 => Some(text.as_bytes().to_vec()),
            _ => text.chars().map(|c| self.byte(c)).collect(),
        }
    }
}

pub(super) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            if place <= chunk.len() {
                text.push(char::from(ALPHABET[(group >> (18 - 6 * place) & 63) as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

/// Base64 in lines of 76 characters.
pub(super) fn base64_lines(bytes: &[u8]) -> String {
    // 57 bytes make 76 characters.
    bytes.chunks(57).map(|line| base64(line) + "\n").collect()
}

fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() * 5 / 4);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let (content, end): (&[u8], &[u8]) = match line.strip_suffix(b"\n") {
            Some(content) => (content, b"\n"),
            None => (line, b""),
        };
        let mut width = 0;
        for (place, byte) in content.iter().enumerate() {
            let last = place + 1 == content.len();
            let plain = (33..=126).contains(byte) && *byte != b'=' || *byte == b' ' && !last;
            let needed = if plain { 1 } else { 3 };
            // One column stays free for the "=" of a soft break.
            if width + needed > 75 {
                out.extend_from_slice(b"=\n");
                width = 0;
            }
            if plain {
                out.push(*byte);
            } else {
                out.extend_from_slice(format!("={byte:02X}").as_bytes());
            }
            width += needed;
        }
        out.extend_from_slice(end);
    }
    out
}

/// A header value, in encoded words where it is not ASCII, folded between them.
pub(super) fn header(text: &str, charset: Charset, base: bool) -> String {
    if text.is_ascii() {
        return text.to_string();
    }
    let charset = if charset.encode(text).is_some() { charset } else { Charset::Utf8 };
    // An encoded word has at most 75 characters; the frame takes up to 20 of them.
    const PAYLOAD: usize = 54;
    let mut words = Vec::new();
    let mut chunk = String::new();
    for c in text.chars() {
        let mut longer = chunk.clone();
        longer.push(c);
        if word_payload(&longer, charset, base).len() > PAYLOAD {
            words.push(std::mem::take(&mut chunk));
            chunk.push(c);
        } else {
            chunk = longer;
        }
    }
    words.push(chunk);
    let kind = if base { 'B' } else { 'Q' };
    words
        .iter()
        .map(|word| format!("=?{}?{kind}?{}?=", charset.name(), word_payload(word, charset, base)))
        .collect::<Vec<_>>()
        .join("\n ")
}

fn word_payload(text: &str, charset: Charset, base: bool) -> String {
    let bytes = charset.encode(text).unwrap_or_else(|| text.as_bytes().to_vec());
    if base {
        return base64(&bytes);
    }
    bytes
        .iter()
        .map(|byte| match byte {
            b' ' => "_".to_string(),
            byte if byte.is_ascii_alphanumeric() => char::from(*byte).to_string(),
            byte => format!("={byte:02X}"),
        })
        .collect()
}

/// A display name before an address: quoted when it has to be, encoded when it is not ASCII.
pub(super) fn phrase(name: &str, charset: Charset, base: bool) -> String {
    if !name.is_ascii() {
        header(name, charset, base)
    } else if name.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ' || c == '-') {
        name.to_string()
    } else {
        format!("\"{name}\"")
    }
}

/// A `filename` parameter: plain, or extended with its character set and percent encoding (RFC 2231).
pub(super) fn parameter(key: &str, value: &str) -> String {
    if value.is_ascii() {
        return format!("{key}=\"{value}\"");
    }
    let encoded: String = value
        .bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    // Long values are continued, each piece on its own line (RFC 2231 section 3).
    const PIECE: usize = 60;
    if encoded.len() <= PIECE {
        return format!("{key}*=utf-8''{encoded}");
    }
    encoded
        .as_bytes()
        .chunks(PIECE)
        .enumerate()
        .map(|(number, piece)| {
            let start = if number == 0 { "utf-8''" } else { "" };
            format!("{key}*{number}*={start}{}", String::from_utf8_lossy(piece))
        })
        .collect::<Vec<_>>()
        .join(";\n ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_encodings() {
        assert_eq!(base64(b"Mirsane"), "TWlyc2FuZQ==");
        assert_eq!(quoted_printable("débit = 12\n".as_bytes()), b"d=C3=A9bit =3D 12\n");
        assert_eq!(Charset::Turkish.encode("ışığı"), Some(vec![0xfd, 0xfe, 0xfd, 0xf0, 0xfd]));
        assert_eq!(Charset::Arabic.encode("ماء عكر"), Some(vec![0xe3, 0xc7, 0xc1, 0x20, 0xda, 0xdf, 0xd1]));
        assert_eq!(Charset::Latin1.encode("ş"), None);
        assert_eq!(header("Réunion", Charset::Latin1, false), "=?iso-8859-1?Q?R=E9union?=");
        assert_eq!(parameter("filename", "relevé.csv"), "filename*=utf-8''relev%C3%A9.csv");
    }

    #[test]
    fn lines_stay_short() {
        let long = "é".repeat(400);
        assert!(quoted_printable(long.as_bytes()).split(|b| *b == b'\n').all(|line| line.len() <= 76));
        assert!(header(&long, Charset::Utf8, true).lines().all(|line| line.len() <= 76));
    }
}
