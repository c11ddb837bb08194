//! HTML bodies to plain text with the line structure of the page; quotes get `>` marks.
//!
//! This is for reading and searching, not a renderer: style, scripts and links' targets are left
//! out, unclosed tags cost nothing but their effect.

use mail_parser::decoders::html::add_html_token;
use memchr::{memchr, memchr2, memmem};

/// Bytes of an HTML body that are turned to text.
const HTML_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Depth of quotes that is marked; the marks of each line cost as much text.
const QUOTE_DEPTH_MAX: usize = 20;
/// Length of an entity with `&` and `;`.
const ENTITY_BYTES_MAX: usize = 34;

/// Elements whose content is no text.
const HIDDEN: [&str; 6] = ["head", "style", "script", "template", "title", "noscript"];
/// Elements that stand on lines of their own.
const BLOCKS: [&str; 24] = [
    "div", "tr", "li", "ul", "ol", "dl", "dt", "dd", "table", "tbody", "center", "section", "article", "header",
    "footer", "hr", "form", "fieldset", "address", "nav", "main", "figure", "body", "html",
];
/// Elements with an empty line around them.
const PARAGRAPHS: [&str; 9] = ["p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote"];

/// Readable text of an HTML body.
pub(crate) fn to_text(html: &str) -> String {
    let html = &html[..html.floor_char_boundary(HTML_BYTES_MAX)];
    let mut writer = Writer { out: String::with_capacity(html.len() / 2), ..Writer::default() };
    let mut rest = html;
    while !rest.is_empty() {
        let Some(open) = memchr(b'<', rest.as_bytes()) else {
            writer.text(rest);
            break;
        };
        writer.text(&rest[..open]);
        rest = take_tag(&rest[open..], &mut writer);
    }
    writer.out
}

/// Takes the tag or comment that begins the text; gives what follows it.
fn take_tag<'x>(html: &'x str, writer: &mut Writer) -> &'x str {
    if let Some(comment) = html.strip_prefix("<!--") {
        return memmem::find(comment.as_bytes(), b"-->").map_or("", |end| &comment[end + 3..]);
    }
    let inner = &html[1..];
    let is_tag = inner.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '/' | '!' | '?'));
    if !is_tag {
        writer.text("<");
        return inner;
    }
    let end = memchr(b'>', inner.as_bytes()).unwrap_or(inner.len());
    let rest = inner.get(end + 1..).unwrap_or("");
    let tag = &inner[..end];
    let is_close = tag.starts_with('/');
    let name = tag.trim_start_matches('/');
    let name_end = name.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(name.len());
    let mut lower = [0u8; 10];
    let Some(lower) = lower.get_mut(..name_end) else { return rest };
    lower.copy_from_slice(&name.as_bytes()[..name_end]);
    lower.make_ascii_lowercase();
    let name = std::str::from_utf8(lower).unwrap_or("");
    if !is_close && HIDDEN.contains(&name) && !tag.ends_with('/') {
        return skip_hidden(rest, name);
    }
    writer.tag(name, is_close);
    rest
}

/// What follows the end tag of a hidden element; a body ends an unclosed head.
fn skip_hidden<'x>(html: &'x str, name: &str) -> &'x str {
    let bytes = html.as_bytes();
    let mut at = 0;
    while let Some(found) = memchr(b'<', &bytes[at..]) {
        at += found + 1;
        let rest = &bytes[at..];
        let is = |start: &[u8], name: &str| {
            let tag = &rest[start.len().min(rest.len())..];
            rest.starts_with(start)
                && tag.len() >= name.len()
                && tag[..name.len()].eq_ignore_ascii_case(name.as_bytes())
        };
        if is(b"/", name) {
            return memchr(b'>', rest).map_or("", |end| &html[at + end + 1..]);
        }
        if name == "head" && is(b"", "body") {
            return &html[at - 1..];
        }
    }
    // Never closed: better everything than nothing.
    html
}

#[derive(Default)]
struct Writer {
    out: String,
    quote_depth: usize,
    pre_depth: usize,
    /// The last line has text.
    has_text: bool,
    wants_space: bool,
}

impl Writer {
    fn tag(&mut self, name: &str, is_close: bool) {
        match name {
            "br" => self.end_line(),
            "td" | "th" => self.wants_space = true,
            "blockquote" => {
                self.end_paragraph();
                self.quote_depth = if is_close { self.quote_depth.saturating_sub(1) } else { self.quote_depth + 1 };
            }
            "pre" => {
                self.end_paragraph();
                self.pre_depth = if is_close { self.pre_depth.saturating_sub(1) } else { self.pre_depth + 1 };
            }
            _ if PARAGRAPHS.contains(&name) => self.end_paragraph(),
            _ if BLOCKS.contains(&name) && self.has_text => self.end_line(),
            _ => {}
        }
    }

    fn end_line(&mut self) {
        if !self.has_text {
            self.begin_line();
        }
        self.out.push('\n');
        self.has_text = false;
        self.wants_space = false;
    }

    fn end_paragraph(&mut self) {
        if self.has_text {
            self.end_line();
            self.end_line();
        }
    }

    fn begin_line(&mut self) {
        let depth = self.quote_depth.min(QUOTE_DEPTH_MAX);
        if depth > 0 {
            self.out.extend(std::iter::repeat_n('>', depth));
            self.out.push(' ');
        }
    }

    /// Text between tags: white space collapses, entities are decoded.
    fn text(&mut self, text: &str) {
        if self.pre_depth > 0 {
            for (at, line) in text.split('\n').enumerate() {
                if at > 0 {
                    self.end_line();
                }
                self.word(line.trim_end_matches('\r'));
            }
            return;
        }
        for (at, word) in text.split(|letter: char| letter.is_ascii_whitespace()).enumerate() {
            self.wants_space |= at > 0;
            if !word.is_empty() {
                self.word(word);
            }
        }
    }

    fn word(&mut self, word: &str) {
        if word.is_empty() {
            return;
        }
        if !self.has_text {
            self.begin_line();
        } else if self.wants_space && !self.out.ends_with(' ') {
            self.out.push(' ');
        }
        self.has_text = true;
        self.wants_space = false;
        let mut rest = word;
        while let Some(at) = memchr2(b'&', 0xc2, rest.as_bytes()) {
            self.out.push_str(&rest[..at]);
            rest = &rest[at..];
            let window = &rest.as_bytes()[..rest.len().min(ENTITY_BYTES_MAX)];
            if rest.starts_with('\u{a0}') {
                self.out.push(' ');
                rest = &rest[2..];
            } else if let (b'&', Some(end)) = (window[0], memchr(b';', window)) {
                self.entity(&rest[..=end]);
                rest = &rest[end + 1..];
            } else {
                let length = rest.chars().next().map_or(1, char::len_utf8);
                self.out.push_str(&rest[..length]);
                rest = &rest[length..];
            }
        }
        self.out.push_str(rest);
    }

    fn entity(&mut self, token: &str) {
        if token.eq_ignore_ascii_case("&nbsp;") || token == "&#160;" {
            self.out.push(' ');
        } else {
            add_html_token(&mut self.out, token.as_bytes(), false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, text: &str) {
        assert_eq!(to_text(html).trim_end(), text, "{html}");
    }

    #[test]
    fn lines_follow_the_blocks() {
        check("<div>one</div><div>two<br>three</div>", "one\ntwo\nthree");
        check("<p>one</p>\n<p>two  \n words</p>", "one\n\ntwo words");
        check("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc");
        check("<pre>a\n  b</pre>", "a\n  b");
        check("a<b>b</b>c", "abc");
    }

    #[test]
    fn quotes_are_marked() {
        check(
            "mine<blockquote>theirs<blockquote>older</blockquote></blockquote>last",
            "mine\n\n> theirs\n> \n>> older\n>> \nlast",
        );
    }

    #[test]
    fn hidden_text_and_entities() {
        check(
            "<head><title>x</title></head><style>p{}</style><body>caf&eacute;&nbsp;&#38; &lt;b&gt; &unknown;",
            "café & <b> &unknown;",
        );
        check("a <!-- b --> c", "a c");
        check("1 < 2 & 3", "1 < 2 & 3");
        check("<head>never closed<body>text", "text");
        check("<style>never closed", "never closed");
        check("a\u{a0}b <", "a b <");
    }
}
