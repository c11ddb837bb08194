//! HTML bodies to text.

/// Bytes of an HTML body that are turned to text.
const HTML_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Readable text of an HTML body.
pub(crate) fn to_text(html: &str) -> String {
    let end = html.floor_char_boundary(HTML_BYTES_MAX);
    mail_parser::decoders::html::html_to_text(&html[..end])
}
