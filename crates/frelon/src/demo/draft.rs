//! What is known of a message before it becomes bytes.

use super::attachment::Attachment;
use super::cast::{Language, Person};
use super::charset::{Charset, Transfer};
use super::clock::Moment;

/// Which of the demo's sources a message lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// `commission.mbox`: the inquiry's file, with the ministry's server and what others handed over.
    Commission,
    /// `list.mbox`: the public list's archive.
    List,
    /// `translator/`: a Maildir.
    Translator,
    /// `newsroom/`: loose EML files.
    Newsroom,
}

/// How an answer names what it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// In-Reply-To and References, as it should be.
    Fields,
    /// Nothing but the subject.
    SubjectOnly,
    /// A parent that is not in the archive, by the name it is known under.
    Ghost(String),
}

/// The body's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As the author's mail program does it.
    Usual,
    Plain,
    /// multipart/alternative with HTML.
    Html,
    /// HTML that shows a picture carried in the message.
    Pictured,
}

/// A message to be composed.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// Unique within the archive; others answer by it.
    pub(super) key: String,
    pub(super) from: &'static Person,
    pub(super) to: Vec<&'static Person>,
    pub(super) cc: Vec<&'static Person>,
    pub(super) sent: Moment,
    /// Empty for an answer: then it is the parent's.
    pub(super) subject: String,
    pub(super) language: Language,
    /// The key of the message answered.
    pub(super) parent: Option<String>,
    pub(super) link: Link,
    /// One line a paragraph; lines that start with `>` quote.
    pub(super) body: String,
    pub(super) source: Source,
    pub(super) form: Form,
    pub(super) charset: Option<Charset>,
    pub(super) transfer: Option<Transfer>,
    pub(super) attachments: Vec<Attachment>,
    /// Keys of messages attached whole.
    pub(super) enclosed: Vec<String>,
    /// Further header fields.
    pub(super) fields: Vec<(&'static str, String)>,
    /// Whether the parent's text follows below the answer.
    pub(super) quotes_below: bool,
    pub(super) signed: bool,
    /// HTML in place of what would be made from the body.
    pub(super) html: Option<String>,
}

impl Draft {
    pub(super) fn new(key: impl Into<String>, from: &'static Person, to: Vec<&'static Person>, sent: Moment) -> Self {
        let source = if to.iter().any(|person| person.is_list()) { Source::List } else { Source::Commission };
        Draft {
            key: key.into(),
            from,
            to,
            cc: Vec::new(),
            sent,
            subject: String::new(),
            language: from.language,
            parent: None,
            link: Link::Fields,
            body: String::new(),
            source,
            form: Form::Usual,
            charset: None,
            transfer: None,
            attachments: Vec::new(),
            enclosed: Vec::new(),
            fields: Vec::new(),
            quotes_below: false,
            signed: true,
            html: None,
        }
    }

    pub(super) fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = subject.into();
        self
    }

    pub(super) fn body(mut self, body: impl Into<String>) -> Self {
        self.body = body.into();
        self
    }

    pub(super) fn answering(mut self, parent: impl Into<String>) -> Self {
        self.parent = Some(parent.into());
        self
    }

    pub(super) fn attach(mut self, attachment: Attachment) -> Self {
        self.attachments.push(attachment);
        self
    }

    pub(super) fn in_source(mut self, source: Source) -> Self {
        self.source = source;
        self
    }

    pub(super) fn form(mut self, form: Form) -> Self {
        self.form = form;
        self
    }

    pub(super) fn unsigned(mut self) -> Self {
        self.signed = false;
        self
    }

    pub(super) fn field(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }
}
