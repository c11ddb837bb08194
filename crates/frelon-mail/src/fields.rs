//! The header block to the fields of a [`Message`].

use std::borrow::Cow;

use frelon_model::{Instant, MessageId, Problem, ProblemKind};

use crate::{
    Field, Message,
    date::parse_date,
    header::HeaderBlock,
    structure::Leaf,
    subject::base_subject,
    value::{self, Hint},
};

/// Identifiers kept of one In-Reply-To or References field.
const REFERENCES_MAX: usize = 1_000;

/// Fills in all that comes from the header block.
pub(crate) fn read(raw: &[u8], block: &HeaderBlock<'_>, leaves: &[Leaf<'_>], message: &mut Message) {
    let hint = hint(leaves);
    let start = block.fields.first().map_or(0, |field| field.name.as_ptr() as usize - raw.as_ptr() as usize);
    let header = &raw[start..block.body_at.max(start)];
    if !block.fields.is_empty() && !header.is_ascii() {
        let charset = match (std::str::from_utf8(header), &hint.charset) {
            (Ok(_), _) => "UTF-8",
            (Err(_), Some(charset)) => charset.as_str(),
            (Err(_), None) => "windows-1252",
        };
        message.problems.push(Problem::new(ProblemKind::HeaderNotAscii, format!("read as {charset}")));
    }
    let mut reader = Reader { message, hint: &hint, seen: 0, empty_ids: 0 };
    reader.message.fields.reserve_exact(block.fields.len());
    for field in &block.fields {
        reader.take(field.name, field.value);
    }
    reader.finish(block);
}

/// Names and values alone, without a foreign parser.
pub(crate) fn read_text(block: &HeaderBlock<'_>, message: &mut Message) {
    for field in &block.fields {
        let value = String::from_utf8_lossy(&value::unfold(field.value)).into_owned();
        if field.is("subject") {
            message.subject.clone_from(&value);
        }
        message.fields.push(Field { name: String::from_utf8_lossy(field.name).into_owned(), value });
    }
    message.message_ids = block.first("message-id").and_then(value::own_message_id).into_iter().collect();
}

/// Undeclared bytes in the header are most likely of the charset the body declares.
fn hint(leaves: &[Leaf<'_>]) -> Hint {
    let charset =
        leaves.iter().filter(|leaf| leaf.media_type.starts_with("text/")).find_map(|leaf| leaf.charset.clone());
    Hint { charset: charset.filter(|label| !label.contains("ascii") && !label.starts_with("utf")) }
}

/// The fields that may stand once (RFC 5322 section 3.6), as bits of `Reader::seen`.
const ONCE: [&str; 9] = ["Date", "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "In-Reply-To", "References"];
const SUBJECT: usize = ONCE.len();

struct Reader<'m> {
    message: &'m mut Message,
    hint: &'m Hint,
    seen: u16,
    empty_ids: usize,
}

impl Reader<'_> {
    fn take(&mut self, name: &[u8], raw_value: &[u8]) {
        let mut lower = [0u8; 16];
        let known = lower.get_mut(..name.len()).map_or(&[][..], |lower| {
            lower.copy_from_slice(name);
            lower.make_ascii_lowercase();
            &*lower
        });
        let text = value::text(raw_value, self.hint);
        match known {
            b"message-id" => match value::own_message_id(raw_value) {
                Some(id) => self.message.message_ids.push(id),
                None => self.empty_ids += 1,
            },
            b"date" if self.is_first(0) => self.take_date(&text),
            b"from" if self.is_first(1) => self.message.from = value::addresses(raw_value, self.hint),
            b"sender" if self.is_first(2) => {
                self.message.sender = value::addresses(raw_value, self.hint).into_iter().next();
            }
            b"reply-to" if self.is_first(3) => self.message.reply_to = value::addresses(raw_value, self.hint),
            b"to" if self.is_first(4) => self.message.to = value::addresses(raw_value, self.hint),
            b"cc" if self.is_first(5) => self.message.cc = value::addresses(raw_value, self.hint),
            b"bcc" if self.is_first(6) => self.message.bcc = value::addresses(raw_value, self.hint),
            b"in-reply-to" if self.is_first(7) => self.message.in_reply_to = bounded(value::message_ids(raw_value)),
            b"references" if self.is_first(8) => self.message.references = bounded(value::references(raw_value)),
            b"subject" if self.is_first(SUBJECT) => self.message.subject = text.as_ref().to_owned(),
            b"list-id" if self.message.list_id.is_none() => self.message.list_id = list_id(&text),
            b"received" if self.message.received_at.is_none() => self.message.received_at = received_at(&text),
            _ => {}
        }
        let name = match std::str::from_utf8(name) {
            Ok(name) => name.to_owned(),
            Err(_) => String::from_utf8_lossy(name).into_owned(),
        };
        self.message.fields.push(Field { name, value: trimmed(text) });
    }

    fn is_first(&mut self, bit: usize) -> bool {
        let is_first = self.seen & 1 << bit == 0;
        self.seen |= 1 << bit;
        if !is_first {
            let problem = Problem::new(ProblemKind::FieldRepeated, ONCE.get(bit).copied().unwrap_or("Subject"));
            if !self.message.problems.contains(&problem) {
                self.message.problems.push(problem);
            }
        }
        is_first
    }

    fn take_date(&mut self, text: &str) {
        self.message.sent = parse_date(text);
        if self.message.sent.is_none() {
            let detail: String = text.chars().take(80).collect();
            self.message.problems.push(Problem::new(ProblemKind::DateUnreadable, detail));
        }
    }

    fn finish(self, block: &HeaderBlock<'_>) {
        let message = self.message;
        let mut report = |kind, detail: String| message.problems.push(Problem::new(kind, detail));
        match message.message_ids.len() {
            0 => report(
                ProblemKind::MessageIdMissing,
                if self.empty_ids > 0 { "empty".to_owned() } else { String::new() },
            ),
            count if count + self.empty_ids > 1 => {
                report(ProblemKind::MessageIdRepeated, (count + self.empty_ids).to_string());
            }
            _ => {}
        }
        if self.seen & 1 == 0 {
            report(ProblemKind::DateMissing, String::new());
        }
        if message.from.is_empty() {
            report(ProblemKind::FromMissing, String::new());
        }
        if message.received_at.is_none() {
            message.received_at = block.envelope.and_then(envelope_at);
        }
        (message.base_subject, message.is_reply_subject) = base_subject(&message.subject);
    }
}

fn bounded(mut ids: Vec<MessageId>) -> Vec<MessageId> {
    // The nearest ancestors stand last.
    let excess = ids.len().saturating_sub(REFERENCES_MAX);
    ids.drain(..excess);
    ids
}

fn trimmed(text: Cow<'_, str>) -> String {
    match text {
        Cow::Borrowed(text) => text.trim_end().to_owned(),
        Cow::Owned(mut text) => {
            text.truncate(text.trim_end().len());
            text
        }
    }
}

/// `Some list <list.example.org>` gives `list.example.org` (RFC 2919).
fn list_id(text: &str) -> Option<String> {
    let inner = match text.rfind('<') {
        Some(open) => text[open + 1..].split('>').next().unwrap_or(""),
        None => text,
    };
    let id = inner.trim().to_lowercase();
    (!id.is_empty()).then_some(id)
}

/// The date of a Received field stands after its last semicolon (RFC 5321 section 4.4).
pub(crate) fn received_at(text: &str) -> Option<Instant> {
    let date = text.rsplit(';').next().unwrap_or("");
    parse_date(date).map(|date| date.at)
}

/// The date of an mbox line: after the sender (RFC 4155 appendix A).
pub(crate) fn envelope_at(line: &[u8]) -> Option<Instant> {
    let line = String::from_utf8_lossy(line);
    let rest = line.trim_start_matches('>').strip_prefix("From ")?.trim_start();
    let date = rest.split_once(char::is_whitespace).map_or(rest, |(_, date)| date);
    parse_date(date).map(|date| date.at)
}
