//! GMime: a uuencoded part beside the file it holds, a message in three parts beside the whole, one
//! text in two charsets.

use frelon_mail::{parse, part_bytes};

use crate::expectation::{Comparison, leaves, read};

#[test]
fn results_agree_with_gmime() {
    let Some(root) = frelon_testkit::corpus("torture/gmime-3.2.13") else { return };
    let file = |path: &str| read(&root.join(path)).expect("readable");
    let mut comparison = Comparison::new("GMime", &[]);

    let uuencoded = leaves(&file("mime-part/raptors.uu.txt"));
    let case = "raptors.uu.txt";
    comparison.check(case, "name", &uuencoded[0].name.as_deref(), &Some("raptors.png"));
    comparison.check(case, "bytes", &(uuencoded[0].bytes == file("mime-part/raptors.png")), &true);

    // Fragments (RFC 2046 section 5.2.2) are attachments to us; what they decode to is the whole.
    let mut joined = Vec::new();
    for number in 0..3 {
        let raw = file(&format!("partial/input/photo-discuss/message-partial.{number}.eml"));
        comparison.check("photo-discuss", "type", &parse(&raw).parts[0].media_type.as_str(), &"message/partial");
        joined.extend(part_bytes(&raw, 0).expect("a message has a part"));
    }
    let whole = file("partial/output/photo-discuss");
    let shape = |raw: &[u8]| {
        let leaves = leaves(raw).into_iter();
        leaves.map(|leaf| (leaf.media_type, leaf.charset, leaf.name, leaf.bytes)).collect::<Vec<_>>()
    };
    comparison.check("photo-discuss", "parts", &(shape(&joined) == shape(&whole)), &true);
    comparison.check("photo-discuss", "subject", &parse(&joined).subject, &parse(&whole).subject);

    let text = |charset: &str| {
        let mut raw = format!("Content-Type: text/plain; charset={charset}\n\n").into_bytes();
        raw.extend(file(&format!("filters/cyrillic.{charset}.txt")));
        let message = parse(&raw);
        assert!(message.own_text().chars().any(|letter| ('а'..='я').contains(&letter)), "{charset}");
        message.body
    };
    comparison.check("cyrillic", "body", &text("koi8-r"), &text("iso-8859-5"));
    comparison.finish(3);
}
