//! KMime: encoded and decoded files of its codecs.
//!
//! Left out: the codecs of header words, whose bytes we give as text only; and the mails, whose
//! expectations the corpus does not have.

use crate::expectation::{Comparison, decoded, read};

/// Encoded file, its encoding, decoded file.
const PAIRS: &[(&str, &str, &str)] = &[
    ("codec_base64/basic-decode.base64", "base64", "codec_base64/basic-decode.base64.expected"),
    ("codec_base64/basic-encode.expected", "base64", "codec_base64/basic-encode"),
    ("codec_b/basic-decode.b", "base64", "codec_b/basic-encode"),
    (
        "codec_quoted-printable/basic-decode.quoted-printable",
        "quoted-printable",
        "codec_quoted-printable/basic-decode.quoted-printable.expected",
    ),
    (
        "codec_quoted-printable/corrupt2.quoted-printable",
        "quoted-printable",
        "codec_quoted-printable/corrupt2.quoted-printable.expected",
    ),
    (
        "codec_quoted-printable/corrupt3.quoted-printable",
        "quoted-printable",
        "codec_quoted-printable/corrupt3.quoted-printable.expected",
    ),
];

#[test]
fn codecs_agree_with_kmime() {
    let Some(root) = frelon_testkit::corpus("torture/kmime-22.12.3") else { return };
    let mut comparison = Comparison::new("KMime", &[]);
    for (encoded, encoding, expected) in PAIRS {
        let [encoded_bytes, expected] = [encoded, expected].map(|path| read(&root.join(path)).expect("readable"));
        comparison.check(encoded, encoding, &decoded(encoding, &encoded_bytes), &expected);
    }
    comparison.finish(PAIRS.len());
}
