//! The few fields intake needs to sort and join messages, without the body.

use std::panic::{AssertUnwindSafe, catch_unwind};

use frelon_model::{Address, Instant, MessageId, ZonedInstant};

use crate::{
    date::parse_date,
    fields, header,
    subject::base_subject,
    value::{self, Hint},
};

/// What the header block alone says; see the fields of the same name in [`Message`](crate::Message).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// Every Message-ID found.
    pub message_ids: Vec<MessageId>,
    /// In-Reply-To.
    pub in_reply_to: Vec<MessageId>,
    /// References, oldest first.
    pub references: Vec<MessageId>,
    /// Authors.
    pub from: Vec<Address>,
    /// Subject, decoded.
    pub subject: String,
    /// Subject for threading.
    pub base_subject: String,
    /// Whether the subject carried a reply or forward mark.
    pub is_reply_subject: bool,
    /// The Date field, as claimed.
    pub sent: Option<ZonedInstant>,
    /// The date of the topmost Received field, or of the mbox line.
    pub received_at: Option<Instant>,
}

/// Reads the header block of a message. Costs nothing for the body. Eight-bit text that no
/// encoding declares is guessed without a look at the body, unlike in [`parse`](crate::parse).
#[must_use]
pub fn parse_header(raw: &[u8]) -> Header {
    catch_unwind(AssertUnwindSafe(|| read(raw))).unwrap_or_default()
}

fn read(raw: &[u8]) -> Header {
    let hint = Hint::default();
    let block = header::cut_message(raw);
    let text = |name| block.first(name).map(|value| value::text(value, &hint));
    let ids = block.fields.iter().filter(|field| field.is("message-id"));
    let subject = text("subject").map(|text| text.trim_end().to_owned()).unwrap_or_default();
    let (base_subject, is_reply_subject) = base_subject(&subject);
    let received = || block.fields.iter().filter(|field| field.is("received"));
    let received_at = received().find_map(|field| fields::received_at(&value::text(field.value, &hint)));
    Header {
        message_ids: ids.filter_map(|field| value::own_message_id(field.value)).collect(),
        in_reply_to: block.first("in-reply-to").map(value::message_ids).unwrap_or_default(),
        references: block.first("references").map(value::references).unwrap_or_default(),
        from: block.first("from").map(|value| value::addresses(value, &hint)).unwrap_or_default(),
        subject,
        base_subject,
        is_reply_subject,
        sent: text("date").and_then(|text| parse_date(&text)),
        received_at: received_at.or_else(|| block.envelope.and_then(fields::envelope_at)),
    }
}
