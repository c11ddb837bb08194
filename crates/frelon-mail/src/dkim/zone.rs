//! TXT records out of zone files: BIND's (RFC 1035 section 5.1) and tinydns'. Nothing else of them is
//! understood, and nothing is refused.

/// Longest text of one record, in bytes; the rest of it is dropped.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// A TXT record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Where it begins, from 1.
    pub(crate) line: usize,
    /// Owner, absolute where the file says how to make it so.
    pub(crate) name: String,
    /// Strings joined.
    pub(crate) text: String,
}

/// The TXT records of a file, in order. `origin` completes names until the file gives its own; empty for
/// none.
pub(crate) fn read(text: &str, origin: &str) -> Vec<Entry> {
    let mut reader = Reader { bytes: text.as_bytes(), at: 0, line: 1 };
    let (mut entries, mut origin, mut owner) = (Vec::new(), origin.trim_end_matches('.').to_owned(), String::new());
    while reader.at < reader.bytes.len() {
        let line = reader.line;
        if reader.bytes[reader.at] == b'\'' {
            entries.extend(reader.read_tinydns());
            continue;
        }
        let has_owner = !matches!(reader.bytes[reader.at], b' ' | b'\t');
        let words = reader.read_record();
        let Some(first) = words.first() else { continue };
        if first.eq_ignore_ascii_case("$ORIGIN") {
            origin = words.get(1).map(|word| word.trim_end_matches('.').to_owned()).unwrap_or_default();
            continue;
        }
        if has_owner {
            owner = match first.as_str() {
                "@" => origin.clone(),
                name if name.ends_with('.') || origin.is_empty() => name.trim_end_matches('.').to_owned(),
                name => format!("{name}.{origin}"),
            };
        }
        // Between the owner and the type stand a time to live and a class, in either order.
        let front = usize::from(has_owner);
        let kind = words.iter().skip(front).take(3).position(|word| word.eq_ignore_ascii_case("TXT"));
        if let Some(kind) = kind {
            let mut text = words[front + kind + 1..].concat();
            let mut end = text.len().min(TEXT_BYTES_MAX);
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
            entries.push(Entry { line, name: owner.clone(), text });
        }
    }
    entries
}

struct Reader<'x> {
    bytes: &'x [u8],
    at: usize,
    line: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        self.line += usize::from(byte == b'\n');
        Some(byte)
    }

    /// The words of one record, past its last line end. Parentheses hold lines together, quotes hold
    /// words together, a semicolon begins a comment.
    fn read_record(&mut self) -> Vec<String> {
        let (mut words, mut word) = (Vec::new(), None::<Vec<u8>>);
        let (mut depth, mut is_quoted) = (0usize, false);
        let mut push = |word: &mut Option<Vec<u8>>| {
            words.extend(word.take().map(|word| String::from_utf8_lossy(&word).into_owned()));
        };
        while let Some(byte) = self.next() {
            match byte {
                b'"' => {
                    is_quoted = !is_quoted;
                    push(&mut word);
                    word = is_quoted.then(Vec::new);
                }
                b'\\' => {
                    let byte = self.read_escape(10);
                    word.get_or_insert_default().extend(byte);
                }
                // A quote left open ends with its line, so that it does not swallow the file.
                b'\n' if depth == 0 => break,
                b'\n' => {
                    is_quoted = false;
                    push(&mut word);
                }
                _ if is_quoted => word.get_or_insert_default().push(byte),
                b'(' => {
                    depth += 1;
                    push(&mut word);
                }
                b')' => {
                    depth = depth.saturating_sub(1);
                    push(&mut word);
                }
                b' ' | b'\t' | b'\r' => push(&mut word),
                b';' => {
                    push(&mut word);
                    while self.bytes.get(self.at).is_some_and(|&byte| byte != b'\n') {
                        self.at += 1;
                    }
                }
                _ => word.get_or_insert_default().push(byte),
            }
        }
        push(&mut word);
        words
    }

    /// What follows a backslash: three digits of that base, or the byte itself.
    fn read_escape(&mut self, base: u32) -> Option<u8> {
        let digits = self.bytes.get(self.at..self.at + 3)?;
        let value = digits.iter().try_fold(0, |sum, &byte| Some(sum * base + char::from(byte).to_digit(base)?));
        match value.and_then(|value| u8::try_from(value).ok()) {
            Some(value) => {
                self.at += 3;
                Some(value)
            }
            None => self.next(),
        }
    }

    /// `'fqdn:text:ttl:...`, with octal escapes.
    fn read_tinydns(&mut self) -> Option<Entry> {
        let line = self.line;
        self.at += 1;
        let mut pieces = vec![Vec::new()];
        while let Some(byte) = self.next() {
            match byte {
                b'\n' => break,
                b':' => pieces.push(Vec::new()),
                b'\\' => {
                    let byte = self.read_escape(8);
                    pieces.last_mut()?.extend(byte);
                }
                _ => pieces.last_mut()?.push(byte),
            }
        }
        let [name, text, ..] = pieces.as_slice() else { return None };
        let lossy = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(TEXT_BYTES_MAX)]).into_owned();
        Some(Entry { line, name: lossy(name), text: lossy(text) })
    }
}
