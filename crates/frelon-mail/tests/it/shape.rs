//! Values as JSON, for expectations that people read.

use frelon_mail::{BlockKind, Message, Part, PartRole};
use serde_json::{Map, Value, json};

/// Fields and parts shown of one message; the rest is only counted.
const SHOWN_MAX: usize = 12;

/// A message; sizes only where asked for, since they change with the line ends.
pub(crate) fn message(message: &Message, with_sizes: bool) -> Value {
    let strings = |items: &[frelon_model::MessageId]| json!(items.iter().map(ToString::to_string).collect::<Vec<_>>());
    let addresses = |items: &[frelon_model::Address]| json!(items.iter().map(ToString::to_string).collect::<Vec<_>>());
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| {
        let is_empty = value.is_null() || value == json!([]) || value == json!("") || value == json!(false);
        if !is_empty {
            out.insert(name.to_owned(), value);
        }
    };
    put("message_ids", strings(&message.message_ids));
    put("in_reply_to", strings(&message.in_reply_to));
    put("references", strings(&message.references));
    put("from", addresses(&message.from));
    put("to", addresses(&message.to));
    put("cc", addresses(&message.cc));
    put("subject", json!(message.subject));
    put("base_subject", json!(message.base_subject));
    put("is_reply_subject", json!(message.is_reply_subject));
    put("sent", json!(message.sent.map(|sent| format!("{} {:+}", sent.at.to_rfc3339(), sent.offset_minutes))));
    put("received_at", json!(message.received_at.map(frelon_model::Instant::to_rfc3339)));
    put("list_id", json!(message.list_id));
    let shown = message.fields.iter().take(SHOWN_MAX).map(|field| format!("{}: {}", field.name, field.value));
    put("fields", json!(shown.collect::<Vec<_>>()));
    // Line ends count towards the header limit.
    put("field_count", json!(with_sizes.then_some(message.fields.len())));
    put(
        "body",
        json!(
            message
                .body
                .iter()
                .take(SHOWN_MAX)
                .map(|block| json!({kind(block.kind): block.text.lines().collect::<Vec<_>>()}))
                .collect::<Vec<_>>()
        ),
    );
    put("html_part", json!(message.html_part));
    put("parts", json!(message.parts.iter().take(SHOWN_MAX).map(|found| part(found, with_sizes)).collect::<Vec<_>>()));
    put("part_count", json!(message.parts.len()));
    let problems = message.problems.iter().map(|problem| format!("{}: {}", problem.kind.code(), problem.detail));
    put("problems", json!(problems.collect::<Vec<_>>()));
    Value::Object(out)
}

fn kind(kind: BlockKind) -> String {
    match kind {
        BlockKind::Own => "own".to_owned(),
        BlockKind::Quoted(depth) => format!("quoted {depth}"),
        BlockKind::Attribution => "attribution".to_owned(),
        BlockKind::Signature => "signature".to_owned(),
        BlockKind::Forwarded => "forwarded".to_owned(),
    }
}

fn part(part: &Part, with_sizes: bool) -> String {
    let role = match part.role {
        PartRole::Body => "body",
        PartRole::Alternative => "alternative",
        PartRole::Inline => "inline",
        PartRole::Attachment => "attachment",
        PartRole::Message => "message",
    };
    let mut out = format!("{role} {} at depth {}", part.media_type, part.depth);
    for (label, value) in [("charset", &part.charset), ("name", &part.name), ("content-id", &part.content_id)] {
        if let Some(value) = value {
            out += &format!(", {label} {value}");
        }
    }
    if with_sizes {
        out += &format!(", {} bytes", part.size_bytes);
    }
    out
}
