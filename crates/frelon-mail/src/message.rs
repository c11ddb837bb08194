//! The message as the rest of Frelon sees it.

use frelon_model::{Address, Instant, MessageId, Problem, ZonedInstant};

/// A parsed message. Parsing never fails: what could not be read is named in `problems`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// Every Message-ID found, in order; the first one is the message's own.
    pub message_ids: Vec<MessageId>,
    /// In-Reply-To (RFC 5322 section 3.6.4).
    pub in_reply_to: Vec<MessageId>,
    /// References, oldest first.
    pub references: Vec<MessageId>,
    /// Authors.
    pub from: Vec<Address>,
    /// The Sender field.
    pub sender: Option<Address>,
    /// Where replies go.
    pub reply_to: Vec<Address>,
    /// Primary recipients.
    pub to: Vec<Address>,
    /// Copies.
    pub cc: Vec<Address>,
    /// Blind copies, where the archive still has them.
    pub bcc: Vec<Address>,
    /// Subject, decoded; empty when there is none.
    pub subject: String,
    /// Subject without reply and forward marks (RFC 5256 section 2.1), in lower case, for threading.
    pub base_subject: String,
    /// Whether the subject carried a reply or forward mark.
    pub is_reply_subject: bool,
    /// The Date field, as claimed.
    pub sent: Option<ZonedInstant>,
    /// The date of the topmost Received field, or of the mbox `From ` line where there is none.
    pub received_at: Option<Instant>,
    /// List-Id without the angle brackets (RFC 2919), lower case.
    pub list_id: Option<String>,
    /// All header fields in order, decoded for reading, up to the header limit.
    pub fields: Vec<Field>,
    /// The readable body in reading order, own text and quotes told apart.
    pub body: Vec<Block>,
    /// Index in `parts` of the richest HTML body, if there is one.
    pub html_part: Option<usize>,
    /// All leaf parts, flat, in order of appearance; indexes are stable and used in URLs.
    pub parts: Vec<Part>,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

/// One header field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Name as written.
    pub name: String,
    /// Value, unfolded and decoded (RFC 2047), without trailing white space.
    pub value: String,
}

/// A run of body lines of one sort.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What the lines are.
    pub kind: BlockKind,
    /// The lines, joined by `\n`, quote marks removed.
    pub text: String,
}

/// Sorts of body text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlockKind {
    /// Written by the author of this message.
    Own,
    /// Quoted from another message; depth 1 and more.
    Quoted(u8),
    /// The line or lines that introduce a quote ("On Monday, A wrote:").
    Attribution,
    /// After the `-- ` line (RFC 3676 section 4.3).
    Signature,
    /// A message forwarded inline, header lines and all ("-----Original Message-----").
    Forwarded,
}

/// A leaf part of the MIME tree (RFC 2045), or an attached message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Part {
    /// Media type in lower case, `type/subtype`, as declared.
    pub media_type: String,
    /// Charset as declared, lower case.
    pub charset: Option<String>,
    /// File name, decoded (RFC 2231, 2047), with path separators and control characters removed.
    pub name: Option<String>,
    /// Content-ID without brackets, for `cid:` links.
    pub content_id: Option<String>,
    /// How the part is meant.
    pub role: PartRole,
    /// Nesting depth in the MIME tree; 0 for the top.
    pub depth: u8,
    /// Size after decoding, in bytes.
    pub size_bytes: u64,
}

/// What a part is to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PartRole {
    /// Shown as the body.
    Body,
    /// The other form of the body (HTML beside plain text, or the reverse).
    Alternative,
    /// Shown inside the HTML body by `cid:`.
    Inline,
    /// An attachment (RFC 2183).
    #[default]
    Attachment,
    /// An attached message (message/rfc822).
    Message,
}

impl Message {
    /// The message's own Message-ID.
    #[must_use]
    pub fn message_id(&self) -> Option<&MessageId> {
        self.message_ids.first()
    }

    /// Parts a reader would call attachments, with their indexes.
    pub fn attachments(&self) -> impl Iterator<Item = (usize, &Part)> {
        let listed = |role| matches!(role, PartRole::Attachment | PartRole::Message);
        self.parts.iter().enumerate().filter(move |(_, part)| listed(part.role))
    }

    /// What the author of this message wrote: own text without quotes, attributions, signatures.
    #[must_use]
    pub fn own_text(&self) -> String {
        self.joined(|kind| kind == BlockKind::Own)
    }

    /// What the body repeats from other messages: quotes and inline forwards.
    #[must_use]
    pub fn quoted_text(&self) -> String {
        self.joined(|kind| matches!(kind, BlockKind::Quoted(_) | BlockKind::Forwarded))
    }

    /// The texts of the blocks of a kind, one line end between two.
    fn joined(&self, is_wanted: impl Fn(BlockKind) -> bool) -> String {
        let wanted = || self.body.iter().filter(|block| is_wanted(block.kind));
        let mut text = String::with_capacity(wanted().map(|block| block.text.len() + 1).sum());
        for block in wanted() {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&block.text);
        }
        text
    }
}
