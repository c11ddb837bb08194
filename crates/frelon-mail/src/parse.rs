//! One raw message to one [`Message`].

use std::panic::{AssertUnwindSafe, catch_unwind};

use frelon_model::{Problem, ProblemKind};

use crate::{
    Message,
    body::{self},
    fields,
    header::{self, HeaderBlock},
    line, structure,
};

/// Reads a message (RFC 5322, 2045 to 2047). Never fails and never panics; see
/// [`Message::problems`]. An mbox `From ` line at the top is tolerated.
#[must_use]
pub fn parse(raw: &[u8]) -> Message {
    // Values go through a foreign parser: a panic in there costs the fields, not the batch.
    catch_unwind(AssertUnwindSafe(|| read(raw))).unwrap_or_else(|_| fall_back(raw))
}

/// Decoded bytes of one leaf part of a message, by its index in [`Message::parts`]. Of an attached
/// message: its raw bytes, ready for [`parse`].
#[must_use]
pub fn part_bytes(raw: &[u8], index: usize) -> Option<Vec<u8>> {
    let mut found = None;
    decode_parts(raw, &[index], &mut |_, bytes| found = Some(bytes.to_vec()));
    found
}

/// Calls `visit` with each of these leaf parts and its decoded bytes, as [`part_bytes`] gives them, in
/// the order of `indexes`; the message is taken apart once for all. Parts that are not there are left
/// out.
pub fn decode_parts(raw: &[u8], indexes: &[usize], visit: &mut dyn FnMut(usize, &[u8])) {
    let decode = || {
        let block = header::cut_message(raw);
        let leaves = structure::walk(raw, &block, &mut Vec::new());
        for &index in indexes {
            if let Some(leaf) = leaves.get(index) {
                visit(index, &leaf.transfer.decode(leaf.bytes).0);
            }
        }
    };
    // What was visited before a panic in foreign code stands.
    drop(catch_unwind(AssertUnwindSafe(decode)));
}

fn read(raw: &[u8]) -> Message {
    let mut message = Message::default();
    let block = header::cut_message(raw);
    let leaves = structure::walk(raw, &block, &mut message.problems);
    fields::read(raw, &block, &leaves, &mut message);
    report_block(&block, &mut message.problems);
    line::check(raw, &mut message.problems);
    body::read(&leaves, &mut message);
    message
}

fn report_block(block: &HeaderBlock<'_>, problems: &mut Vec<Problem>) {
    if block.is_cut {
        problems.push(Problem::new(ProblemKind::HeaderTooLong, ""));
    }
    if block.junk_lines > 0 {
        problems.push(Problem::new(ProblemKind::HeaderMalformed, format!("{} lines", block.junk_lines)));
    }
}

/// Fields and body as they stand, by our own code alone.
fn fall_back(raw: &[u8]) -> Message {
    let mut message = Message::default();
    let block = header::cut_message(raw);
    fields::read_text(&block, &mut message);
    body::read_raw(&raw[block.body_at..], &mut message);
    message.problems.push(Problem::new(ProblemKind::Unparsed, ""));
    message
}
