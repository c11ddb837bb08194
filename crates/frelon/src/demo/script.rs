//! Reads the hand-written story: plain text files in which each message is a short head and a body.
//!
//! ```text
//! === key
//! from: nora
//! to: gordon, kerem
//! date: 2017-06-21 18:42
//! re: key of the message answered
//! subject: ...
//!
//! Body, one line a paragraph.
//! ```
//! Further lines of the head: `cc`, `in` (source), `attach` (names of the catalogue in `attachment`), `enclose` (keys of
//! messages attached whole), `form`, `charset`, `transfer`, `lang`, `quote: no`, `link: subject` or `link: ghost NAME`,
//! `sign: no`.

use super::attachment;
use super::cast::{self, Language, Person};
use super::charset::{Charset, Transfer};
use super::clock;
use super::draft::{Draft, Form, Link, Source};

/// The chapters, in the order of the story.
const CHAPTERS: [(&str, &str); 7] = [
    ("1-tender", include_str!("story/1-tender.txt")),
    ("2-test", include_str!("story/2-test.txt")),
    ("3-payment", include_str!("story/3-payment.txt")),
    ("4-filling", include_str!("story/4-filling.txt")),
    ("5-article", include_str!("story/5-article.txt")),
    ("6-night", include_str!("story/6-night.txt")),
    ("7-inquiry", include_str!("story/7-inquiry.txt")),
];

/// Every message of the story.
///
/// # Panics
/// When a chapter breaks the rules above. The chapters are part of the program and the tests read them all.
pub(super) fn read() -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (chapter, text) in CHAPTERS {
        for (number, scene) in text.split("\n=== ").enumerate() {
            let scene = scene.strip_prefix("=== ").unwrap_or(scene);
            // What stands before the first message is the chapter's note to its editors.
            if number == 0 && !text.starts_with("=== ") {
                continue;
            }
            match draft(scene) {
                Ok(draft) => drafts.push(draft),
                Err(fault) => panic!("story/{chapter}.txt: {fault}"),
            }
        }
    }
    drafts
}

fn draft(scene: &str) -> Result<Draft, String> {
    let (key, rest) = scene.split_once('\n').ok_or("a message without a head")?;
    let key = key.trim();
    let (head, body) = rest.split_once("\n\n").ok_or_else(|| format!("{key}: no empty line after the head"))?;
    let field = |name: &str| {
        head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim)).unwrap_or_default()
    };
    for line in head.lines() {
        let name = line.split(':').next().unwrap_or_default();
        const KNOWN: [&str; 16] = [
            "from", "to", "cc", "date", "re", "subject", "in", "attach", "enclose", "form", "charset", "transfer",
            "lang", "quote", "link", "sign",
        ];
        if !KNOWN.contains(&name) {
            return Err(format!("{key}: unknown line {line:?}"));
        }
    }
    let people = |names: &str| -> Result<Vec<&'static Person>, String> {
        words(names).map(|name| cast::find(name).ok_or_else(|| format!("{key}: who is {name:?}?"))).collect()
    };
    let from = cast::find(field("from")).ok_or_else(|| format!("{key}: who is {:?}?", field("from")))?;
    let sent = clock::parse(field("date"), from.zone).ok_or_else(|| format!("{key}: when is {:?}?", field("date")))?;
    let mut draft =
        Draft::new(key, from, people(field("to"))?, sent).subject(field("subject")).body(spaced(body.trim_end()));
    draft.cc = people(field("cc"))?;
    draft.source = match field("in") {
        "" => place(&draft),
        "commission" => Source::Commission,
        "list" => Source::List,
        "translator" => Source::Translator,
        "newsroom" => Source::Newsroom,
        other => return Err(format!("{key}: no source {other:?}")),
    };
    draft.form = match field("form") {
        "" => Form::Usual,
        "plain" => Form::Plain,
        "html" => Form::Html,
        "pictured" => Form::Pictured,
        other => return Err(format!("{key}: no form {other:?}")),
    };
    draft.charset = match field("charset") {
        "" => None,
        "utf8" => Some(Charset::Utf8),
        "latin1" => Some(Charset::Latin1),
        "turkish" => Some(Charset::Turkish),
        "arabic" => Some(Charset::Arabic),
        other => return Err(format!("{key}: no charset {other:?}")),
    };
    draft.transfer = match field("transfer") {
        "" => None,
        "8bit" => Some(Transfer::EightBit),
        "qp" => Some(Transfer::QuotedPrintable),
        "base64" => Some(Transfer::Base64),
        other => return Err(format!("{key}: no transfer {other:?}")),
    };
    draft.language = match field("lang") {
        "" => from.language,
        "en" => Language::English,
        "fr" => Language::French,
        "tr" => Language::Turkish,
        "ar" => Language::Arabic,
        other => return Err(format!("{key}: no language {other:?}")),
    };
    draft.link = match field("link").split_once(' ') {
        Some(("ghost", name)) => Link::Ghost(name.to_string()),
        _ if field("link") == "subject" => Link::SubjectOnly,
        _ => Link::Fields,
    };
    draft.parent = Some(field("re")).filter(|parent| !parent.is_empty()).map(str::to_string);
    // Answers quote below unless they quote inline or the author cut it.
    let inline = draft.body.lines().any(|line| line.starts_with("> "));
    draft.quotes_below = draft.parent.is_some() && !inline && field("quote") != "no";
    draft.signed = field("sign") != "no";
    for name in words(field("attach")) {
        draft.attachments.push(attachment::named(name).ok_or_else(|| format!("{key}: no attachment {name:?}"))?);
    }
    draft.enclosed = words(field("enclose")).map(str::to_string).collect();
    if draft.subject.is_empty() && draft.parent.is_none() {
        return Err(format!("{key}: no subject"));
    }
    Ok(draft)
}

/// An empty line between paragraphs; lists, readings and quotations stay together.
fn spaced(body: &str) -> String {
    /// From this many characters on a line is a paragraph.
    const PARAGRAPH: usize = 64;
    let mut out = String::with_capacity(body.len() + 64);
    let mut previous = "";
    for line in body.lines() {
        let item = |line: &str| line.starts_with(|c: char| c == '>' || c.is_ascii_digit());
        let neighbours = !previous.is_empty() && !line.is_empty();
        let listed = item(previous) && item(line);
        if neighbours && !listed && previous.chars().count().max(line.chars().count()) >= PARAGRAPH {
            out.push('\n');
        }
        out.push_str(line);
        out.push('\n');
        previous = line;
    }
    out.truncate(out.trim_end().len());
    out
}

fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|word| !word.is_empty())
}

/// Where a message would have been found.
pub(super) fn place(draft: &Draft) -> Source {
    let domains = || std::iter::once(&draft.from).chain(&draft.to).chain(&draft.cc).map(|person| person.domain());
    if draft.to.iter().chain(&draft.cc).any(|person| person.is_list()) {
        Source::List
    } else if domains().any(|domain| domain == "deuxrives.example") {
        Source::Translator
    } else if domains().any(|domain| domain.ends_with("eaux.kessara.example")) {
        Source::Commission
    } else if domains().any(|domain| domain == "lefanal.example") {
        Source::Newsroom
    } else {
        Source::Commission
    }
}
