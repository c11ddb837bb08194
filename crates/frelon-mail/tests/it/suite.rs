//! What the test suites of four other parsers assert of messages that come without expectations in
//! files: enmime (Go), flanker (Python), mail (Ruby), and Python's own email package. Where a suite
//! names only some parts of a message, the others are listed as they stand in it.

use frelon_mail::{Message, parse, part_bytes};

use crate::expectation::{Comparison, read};

/// One thing a suite asserts.
#[derive(Debug, Clone, Copy)]
enum Fact {
    Subject(&'static str),
    /// The first author's name.
    Name(&'static str),
    From(&'static [&'static str]),
    To(&'static [&'static str]),
    Cc(&'static [&'static str]),
    MessageId(&'static str),
    References(&'static [&'static str]),
    Sent(&'static str),
    /// Types of the leaf parts, those of attached messages left out; with a file name after a space.
    Parts(&'static [&'static str]),
    Charsets(&'static [&'static str]),
    /// Decoded bytes of a part.
    Bytes(usize, &'static [u8]),
    /// Decoded length of a part.
    Length(usize, u64),
    /// Somewhere in the body.
    Body(&'static str),
}
use Fact::*;

type Cases = &'static [(&'static str, &'static [Fact])];
type Known = &'static [(&'static str, &'static str)];

const REPORT: &[&str] = &["text/plain", "message/delivery-status", "message/rfc822"];
const INVOICE: Fact = Parts(&["text/plain", "application/pdf Invoice_302232133150612.pdf"]);

const ENMIME: Cases = &[
    ("mail/attachment-application.raw", &[Parts(&["text/plain", "application/msword some.doc"])]),
    ("mail/epilogue-sample.raw", &[Parts(&["text/plain", "text/html test.html"]), Bytes(1, b"<html>\n")]),
    ("mail/html-mime-bad-unknown-charset-inline.raw", &[Body("Test of text section")]),
    ("mail/malformed-multiple-address-header-values.raw", &[From(&["bob@extern", "bobby@extern"])]),
    ("mail/mime-blank-media-name.raw", &[INVOICE]),
    ("mail/mime-duplicate-param.raw", &[INVOICE]),
    ("mail/multipart-wo-boundary.raw", &[Body("I'm  multipart message without boundary")]),
    (
        "mail/other-multi-related.raw",
        &[Parts(&["text/plain", "text/html", "image/png image001.png", "image/png image002.png"]), Body("Plain text.")],
    ),
    ("mail/qp-utf8-header.raw", &[Subject("MIME UTF8 Test \u{a2} More Text"), Parts(&["text/plain", "text/html"])]),
    ("mail/qp-utf8-header-no-break.raw", &[Subject("MIME UTF8 Test \u{a2} More Text")]),
    ("parts/badboundary.raw", &[Parts(&["text/plain", "text/html", "text/plain"]), Bytes(1, b"An HTML section")]),
    ("parts/barren-content-type.raw", &[Parts(&["text/plain"])]),
    ("parts/chardet-fail.raw", &[Parts(&["text/plain rzkly.txt"])]),
    ("parts/chardet-fail-non-txt.raw", &[Parts(&["image/gif rzkly.gif"])]),
    ("parts/chardet-fail-not-long-enough.raw", &[Charsets(&["utf-8"]), Body("和弟弟")]),
    ("parts/ctype-invalid-characters.raw", &[Parts(&["text/plain"])]),
    ("parts/empty-ctype-bad-content.raw", &[Parts(&["text/plain"])]),
    ("parts/header-only.raw", &[Parts(&["text/html file.html"]), Charsets(&["utf-8"])]),
    ("parts/multimixed.raw", &[Parts(&["text/plain", "text/plain"]), Body("Section two")]),
    (
        "parts/nestedmulti.raw",
        &[Parts(&["text/plain", "text/html", "text/plain attach.txt", "text/plain attach2.txt"])],
    ),
    ("parts/quoted-printable.raw", &[Bytes(0, b"Start=ABC=Finish")]),
    ("parts/quoted-printable-invalid.raw", &[Charsets(&["utf-8"]), Body("Stuffs’s Weekly Summary")]),
    ("parts/textplain.raw", &[Charsets(&["us-ascii"]), Body("Test of text/plain section")]),
];

const FLANKER: Cases = &[
    ("8bitmime.eml", &[Parts(&["text/plain", "text/html"]), Charsets(&["utf-8", "utf-8"])]),
    ("apache-message-news-mime.eml", &[Subject("[Fwd: Netscape Enterprise vs. Apache Secure]")]),
    ("bounce/delayed.eml", &[Subject("Returned mail: Cannot send message for 5 days"), Parts(REPORT)]),
    ("bounce/mailbox-full.eml", &[Parts(&["text/plain", "message/delivery-status", "text/rfc822-headers"])]),
    ("bounce/zed.eml", &[Parts(REPORT)]),
    ("dashed-boundaries.eml", &[Parts(&["text/plain", "text/html"])]),
    ("disposition-notification.eml", &[Parts(&["text/plain", "message/disposition-notification", "message/rfc822"])]),
    ("enclosed-broken.eml", &[Parts(&["text/plain", "message/rfc822 thanks.eml"])]),
    ("enclosed-global.eml", &[Parts(&["text/plain", "message/global thanks.eml"])]),
    ("from-encoding.eml", &[Name("Ingo Lütkebohle"), From(&["ingo@blank.pages.de"])]),
    ("missing-final-boundary.eml", &[Body("Some body")]),
];

const RUBY: Cases = &[
    ("attachment_emails/attachment_nonascii_filename.eml", &[Parts(&["text/plain", "text/plain ciële.txt"])]),
    ("attachment_emails/attachment_pdf.eml", &[Parts(&["text/plain", "application/pdf broken.pdf"]), Length(1, 1026)]),
    ("attachment_emails/attachment_pdf_non_ascii.eml", &[Length(1, 1026)]),
    ("attachment_emails/attachment_with_unquoted_name.eml", &[Parts(&["text/plain", "text/plain This is a test.txt"])]),
    (
        "error_emails/invalid_subject_characters.eml",
        &[
            Name("Formação Frenetikpolis"),
            Subject("Forma\u{fffd}\u{fffd}o FrenetikPolis: Mega Campanha Final Ver\u{fffd}o | Cursos de Setembro"),
        ],
    ),
    ("error_emails/multiple_references_with_one_invalid.eml", &[References(&["foo@bar.net"])]),
    ("error_emails/weird_to_header.eml", &[To(&["user-example@aol.com", "e-s-a-s-2200@app.ar.com"])]),
    ("multi_charset/ks_c_5601-1987.eml", &[Body("스티해")]),
    (
        "rfc2822/example03.eml",
        &[
            From(&["john.q.public@example.com"]),
            To(&["mary@x.test", "jdoe@example.org", "one@y.test"]),
            Cc(&["boss@nil.test", "sysservices@example.net"]),
            MessageId("5678.21-Nov-1997@example.com"),
            Sent("2003-07-01T08:52:37Z"),
        ],
    ),
    (
        "rfc2822/example07.eml",
        &[
            Subject("Re: Saying Hello"),
            MessageId("abcd.1234@local.machine.tld"),
            References(&["1234@local.machine.example", "3456@example.net"]),
            Sent("1997-11-21T17:00:00Z"),
        ],
    ),
    (
        "rfc2822/example08.eml",
        &[From(&["jdoe@machine.example"]), To(&["mary@example.net"]), Sent("1997-11-21T15:55:06Z")],
    ),
    ("rfc2822/example09.eml", &[Subject("Saying Hello"), MessageId("1234@local.machine.example")]),
    (
        "rfc2822/example10.eml",
        &[
            From(&["pete(his account)@silly.test"]),
            To(&["c@public.example", "joe@example.org", "jdoe@one.test"]),
            Sent("1969-02-14T03:02:00Z"),
            MessageId("testabcd.1234@silly.test"),
        ],
    ),
    (
        "rfc6532/utf8_headers.eml",
        &[Subject("Säying Hello"), Name("Jöhn Doe"), From(&["jdöe@mächine.example"]), To(&["märy@exämple.net"])],
    ),
];

const RUBY_KNOWN: Known = &[
    (
        "error_emails/invalid_subject_characters.eml",
        "bytes of no charset: they mark them, we read windows-1252 and say so",
    ),
    ("rfc2822/example10.eml", "a comment within an address is no part of it (RFC 5322 section 3.2.2), they keep it"),
];

const PYTHON: Cases = &[
    ("msg_04.txt", &[Parts(&["text/plain msg.txt", "text/plain msg.txt"])]),
    ("msg_06.txt", &[Parts(&["message/rfc822"])]),
    ("msg_08.txt", &[Charsets(&["us-ascii", "iso-8859-1", "iso-8859-2", "koi8-r"])]),
    (
        "msg_10.txt",
        &[
            Bytes(0, b"This is a 7bit encoded message.\n"),
            Bytes(1, b"\xa1This is a Quoted Printable encoded message!\n"),
            Bytes(2, b"This is a Base64 encoded message."),
            Bytes(3, b"This is a Base64 encoded message.\n"),
            Bytes(4, b"This has no Content-Transfer-Encoding: header.\n"),
        ],
    ),
    ("msg_12.txt", &[Charsets(&["us-ascii", "iso-8859-1", "iso-8859-2", "iso-8859-3", "us-ascii", "koi8-r"])]),
    ("msg_20.txt", &[Cc(&["ccc@zzz.org", "ddd@zzz.org", "eee@zzz.org"])]),
    ("msg_22.txt", &[Parts(&["text/plain", "image/jpeg wibble.JPG", "image/jpeg wibble2.JPG", "text/plain"])]),
    ("msg_25.txt", &[Parts(&["multipart/report"])]),
    ("msg_28.txt", &[Parts(&["message/rfc822", "message/rfc822"])]),
    ("msg_30.txt", &[Parts(&["message/rfc822", "message/rfc822"])]),
    ("msg_35.txt", &[Subject("here's something interesting"), Body("no separating newline here")]),
    ("msg_38.txt", &[Parts(&["text/plain", "text/plain", "text/plain", "text/plain"])]),
    ("msg_44.txt", &[Parts(&["text/plain msg.txt", "text/plain msg.txt"])]),
];

const PYTHON_KNOWN: Known = &[
    ("msg_20.txt", "three Cc fields where one may stand: the first is used, all are among the fields"),
    ("msg_25.txt", "a multipart without a boundary: they give one text, we find the delimiter and the parts"),
];

#[test]
fn results_agree_with_enmime() {
    check("enmime", "torture/jhillyerd+enmime/testdata", ENMIME, &[]);
}

#[test]
fn results_agree_with_flanker() {
    check("flanker", "torture/mailgun+flanker/tests/fixtures/messages", FLANKER, &[]);
}

#[test]
fn results_agree_with_rubys_mail() {
    check("Ruby's mail", "torture/mikel+mail/spec/fixtures/emails", RUBY, RUBY_KNOWN);
}

#[test]
fn results_agree_with_pythons_email() {
    check("Python's email", "torture/python-cpython-3.11", PYTHON, PYTHON_KNOWN);
}

fn check(source: &'static str, folder: &str, cases: Cases, known: Known) {
    let Some(root) = frelon_testkit::corpus(folder) else { return };
    let mut comparison = Comparison::new(source, known);
    for (name, facts) in cases {
        let raw = read(&root.join(name)).expect("readable");
        let message = parse(&raw);
        for fact in *facts {
            compare(&mut comparison, name, &raw, &message, *fact);
        }
    }
    comparison.finish(cases.len());
}

fn compare(comparison: &mut Comparison, name: &str, raw: &[u8], message: &Message, fact: Fact) {
    let mut check = |what: &str, found: Vec<String>, expected: &[&str]| {
        let expected: Vec<_> = expected.iter().map(|&text| text.to_owned()).collect();
        comparison.check(name, what, &found, &expected);
    };
    let emails = |addresses: &[frelon_model::Address]| addresses.iter().map(|found| found.email.clone()).collect();
    match fact {
        Subject(expected) => check("subject", vec![message.subject.clone()], &[expected]),
        Name(expected) => check("name", vec![message.from[0].name.clone()], &[expected]),
        From(expected) => check("from", emails(&message.from), expected),
        To(expected) => check("to", emails(&message.to), expected),
        Cc(expected) => check("cc", emails(&message.cc), expected),
        MessageId(expected) => {
            let ids = message.message_ids.iter().map(ToString::to_string).collect();
            check("message id", ids, &[expected]);
        }
        References(expected) => {
            let ids = message.references.iter().map(ToString::to_string).collect();
            check("references", ids, expected);
        }
        Sent(expected) => {
            check("sent", message.sent.map(|sent| sent.at.to_rfc3339()).into_iter().collect(), &[expected]);
        }
        Parts(expected) => {
            let shown = |part: &frelon_mail::Part| match &part.name {
                Some(name) => format!("{} {name}", part.media_type),
                None => part.media_type.clone(),
            };
            check("parts", message.parts.iter().map(shown).collect(), expected);
        }
        Charsets(expected) => {
            let charsets = message.parts.iter().map(|part| part.charset.clone().unwrap_or_default()).collect();
            check("charsets", charsets, expected);
        }
        Bytes(index, expected) => {
            comparison.check(name, "bytes", &part_bytes(raw, index).as_deref(), &Some(expected));
        }
        Length(index, expected) => comparison.check(name, "length", &message.parts[index].size_bytes, &expected),
        Body(expected) => {
            let is_there = message.body.iter().any(|block| block.text.contains(expected));
            comparison.check(name, &format!("body has {expected}"), &is_there, &true);
        }
    }
}
