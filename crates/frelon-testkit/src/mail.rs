//! Small messages and mailboxes made by code.

use std::fmt::Write;

/// A message under construction. What is not set has a plain default; fields come out in the order
/// in which they were set.
#[derive(Debug, Clone)]
pub struct Mail {
    fields: Vec<(String, String)>,
    body: Vec<u8>,
    line_end: &'static str,
}

impl Mail {
    /// A message with `From`, `To`, `Date`, `Subject` and a Message-ID made from `id`.
    #[must_use]
    pub fn new(id: &str, subject: &str) -> Self {
        let fields = [
            ("From", "Ann Example <ann@example.org>"),
            ("To", "Ben Example <ben@example.org>"),
            ("Date", "Fri, 7 Oct 2016 14:03:00 +0000"),
            ("Subject", subject),
            ("Message-ID", &format!("<{id}@example.org>")),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Self { fields, body: b"Hello.\n".to_vec(), line_end: "\n" }
    }

    /// Sets a field, replacing one of that name.
    #[must_use]
    pub fn field(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Takes a field away.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self
    }

    /// Makes it an answer to another message, by the `id` that one was made with.
    #[must_use]
    pub fn reply_to(self, id: &str) -> Self {
        let id = format!("<{id}@example.org>");
        self.field("In-Reply-To", &id).field("References", &id)
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Ends the lines of the header block with CR LF instead of LF.
    #[must_use]
    pub fn crlf(mut self) -> Self {
        self.line_end = "\r\n";
        self
    }

    /// The message's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut head = String::new();
        for (name, value) in &self.fields {
            write!(head, "{name}: {value}{}", self.line_end).expect("a string takes all");
        }
        head.push_str(self.line_end);
        [head.as_bytes(), &self.body].concat()
    }
}

/// A mailbox of messages, quoted as mboxrd has it.
#[must_use]
pub fn mbox<M: AsRef<[u8]>>(messages: impl IntoIterator<Item = M>) -> Vec<u8> {
    let mut mailbox = Vec::new();
    for message in messages {
        let message = message.as_ref();
        mailbox.extend_from_slice(b"From ann@example.org Fri Oct  7 14:03:00 2016\n");
        for line in message.split_inclusive(|byte| *byte == b'\n') {
            let marks = line.iter().take_while(|byte| **byte == b'>').count();
            if line[marks..].starts_with(b"From ") {
                mailbox.push(b'>');
            }
            mailbox.extend_from_slice(line);
        }
        if !message.ends_with(b"\n") {
            mailbox.push(b'\n');
        }
        mailbox.push(b'\n');
    }
    mailbox
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_and_mailboxes_look_as_they_should() {
        let mail = Mail::new("2", "Dam").reply_to("1").without("to").field("from", "b@example.org").body("From here\n");
        let text = String::from_utf8(mail.to_bytes()).expect("ASCII");
        assert_eq!(
            text,
            "Date: Fri, 7 Oct 2016 14:03:00 +0000\nSubject: Dam\nMessage-ID: <2@example.org>\n\
             In-Reply-To: <1@example.org>\nReferences: <1@example.org>\nfrom: b@example.org\n\nFrom here\n"
        );
        let mailbox = String::from_utf8(mbox([mail.to_bytes(), mail.crlf().to_bytes()])).expect("ASCII");
        assert_eq!(mailbox.matches("\n>From here\n\n").count(), 2, "{mailbox}");
        assert!(mailbox.starts_with("From ann@example.org ") && mailbox.contains("Subject: Dam\r\n"));
    }
}
