//! One message: whatever the bytes, parsing ends, gives bounded parts, and the parts can be read.

#![no_main]

use frelon_mail::{PartRole, parse, parse_header, part_bytes};
use frelon_model::{ProblemKind, limits};
use libfuzzer_sys::fuzz_target;

/// Parts decoded for one input: decoding walks the message once for each.
const PARTS_READ_MAX: usize = 20;

fuzz_target!(|raw: &[u8]| {
    let message = parse(raw);
    assert!(message.problems.iter().all(|problem| problem.kind != ProblemKind::Unparsed), "a parser panicked");
    assert!(message.parts.len() <= limits::MIME_PARTS_MAX);
    assert!(message.parts.iter().all(|part| usize::from(part.depth) <= limits::MIME_DEPTH_MAX));
    assert!(message.html_part.is_none_or(|index| index < message.parts.len()));
    assert!(message.body.iter().all(|block| !block.text.is_empty()));
    assert_eq!(message.message_ids, parse_header(raw).message_ids);
    for (index, part) in message.parts.iter().enumerate().take(PARTS_READ_MAX) {
        let bytes = part_bytes(raw, index).expect("a listed part can be read");
        assert_eq!(bytes.len() as u64, part.size_bytes);
        if part.role == PartRole::Message {
            let _inner = parse(&bytes);
        }
    }
    let _texts = (message.own_text(), message.quoted_text());
});
