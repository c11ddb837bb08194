//! Which parts are the body, and the body as text in blocks.

use std::borrow::Cow;

use frelon_model::{Problem, ProblemKind};

use crate::{Block, Message, Part, PartRole, charset, html, quote, structure::Leaf};

/// Fills in the parts and the body.
pub(crate) fn read(leaves: &[Leaf<'_>], message: &mut Message) {
    let texts = texts(leaves, message);
    let mut roles = roles(leaves, &texts);
    message.parts = Vec::with_capacity(leaves.len());
    for ((leaf, role), text) in leaves.iter().zip(roles.drain(..)).zip(&texts) {
        let size_bytes = match text {
            Some(text) => text.size_bytes,
            None => {
                let (size, clean) = leaf.transfer.measure(leaf.bytes);
                if !clean {
                    report(message, ProblemKind::EncodingWrong, String::new());
                }
                size
            }
        };
        message.parts.push(Part {
            media_type: leaf.media_type.clone().into_owned(),
            charset: leaf.charset.clone(),
            name: leaf.name.clone(),
            content_id: leaf.content_id.clone(),
            role,
            depth: leaf.depth,
            size_bytes,
        });
    }
    let is_html = |(_, part): &(usize, &Part)| {
        part.media_type == "text/html" && matches!(part.role, PartRole::Body | PartRole::Alternative)
    };
    message.html_part = message.parts.iter().enumerate().find(is_html).map(|(index, _)| index);
    let mut blocks = Vec::new();
    for ((leaf, part), text) in leaves.iter().zip(&message.parts).zip(&texts) {
        if let (PartRole::Body, Some(text)) = (part.role, text) {
            add_text(leaf, &text.text, &mut blocks);
        }
    }
    if message.parts.iter().all(|part| part.size_bytes == 0) {
        report(message, ProblemKind::BodyMissing, String::new());
    }
    message.body = blocks;
}

/// Bytes after the header as one text, for messages that could not be parsed.
pub(crate) fn read_raw(bytes: &[u8], message: &mut Message) {
    let (text, _) = charset::guess(bytes);
    quote::split(&text, quote::Form::Fixed, &mut message.body);
}

fn report(message: &mut Message, kind: ProblemKind, detail: String) {
    let problem = Problem::new(kind, detail);
    if !message.problems.contains(&problem) {
        message.problems.push(problem);
    }
}

struct Text<'x> {
    text: Cow<'x, str>,
    size_bytes: u64,
}

fn is_text_body(leaf: &Leaf<'_>) -> bool {
    !leaf.is_attachment && matches!(leaf.media_type.as_ref(), "text/plain" | "text/html")
}

/// Decoded text of every leaf that may be body.
fn texts<'x>(leaves: &[Leaf<'x>], message: &mut Message) -> Vec<Option<Text<'x>>> {
    let mut has_body = false;
    let mut texts = Vec::with_capacity(leaves.len());
    for leaf in leaves {
        // Later text parts with a file name are attached files, whatever their disposition says.
        if !is_text_body(leaf) || leaf.is_related || has_body && leaf.name.is_some() {
            texts.push(None);
            continue;
        }
        has_body = true;
        let (bytes, clean) = leaf.transfer.decode(leaf.bytes);
        if !clean {
            report(message, ProblemKind::EncodingWrong, String::new());
        }
        let size_bytes = bytes.len() as u64;
        let (text, fault) = match bytes {
            Cow::Borrowed(bytes) => {
                let decoded = charset::decode(bytes, leaf.charset.as_deref());
                (decoded.text, decoded.fault)
            }
            Cow::Owned(bytes) => {
                let decoded = charset::decode(&bytes, leaf.charset.as_deref());
                (Cow::Owned(decoded.text.into_owned()), decoded.fault)
            }
        };
        if let Some(fault) = fault {
            report(message, ProblemKind::CharsetWrong, fault);
        }
        texts.push(Some(Text { text, size_bytes }));
    }
    texts
}

/// Roles: plain text wins over HTML within one multipart/alternative.
fn roles(leaves: &[Leaf<'_>], texts: &[Option<Text<'_>>]) -> Vec<PartRole> {
    let is_readable_plain = |index: usize| {
        leaves[index].media_type == "text/plain"
            && texts[index].as_ref().is_some_and(|text| !text.text.trim_ascii().is_empty())
    };
    let mut with_plain: Vec<u32> = (0..leaves.len())
        .filter(|&index| is_readable_plain(index))
        .filter_map(|index| leaves[index].alternative)
        .collect();
    with_plain.dedup();
    let role = |(leaf, text): (&Leaf<'_>, &Option<Text<'_>>)| {
        if leaf.media_type.starts_with("message/") && matches!(&leaf.media_type[8..], "rfc822" | "global") {
            return PartRole::Message;
        }
        if text.is_none() {
            let is_inline = leaf.content_id.is_some() && leaf.is_related && !leaf.is_attachment;
            return if is_inline { PartRole::Inline } else { PartRole::Attachment };
        }
        let Some(group) = leaf.alternative else { return PartRole::Body };
        let plain_wins = with_plain.contains(&group);
        let is_plain = leaf.media_type == "text/plain";
        if plain_wins == is_plain { PartRole::Body } else { PartRole::Alternative }
    };
    leaves.iter().zip(texts).map(role).collect()
}

fn add_text(leaf: &Leaf<'_>, text: &str, blocks: &mut Vec<Block>) {
    if leaf.media_type == "text/html" {
        quote::split(&html::to_text(text), quote::Form::Fixed, blocks);
        return;
    }
    let form = match (leaf.is_flowed, leaf.deletes_space) {
        (true, deletes_space) => quote::Form::Flowed { deletes_space },
        (false, _) => quote::Form::Fixed,
    };
    quote::split(text, form, blocks);
}
