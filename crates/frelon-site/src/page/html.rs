//! `/<collection>/<n>/html`: the HTML form of a message, harmless, in a page of its own policy.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::{HeaderValue, header};

use super::shell::{Reader, Shell, page};
use crate::{
    fault::Fault,
    html_body::{HTML_BYTES_MAX, HtmlBody, sanitise},
    path,
    state::Site,
};

/// Nothing is loaded, run, sent or followed; only the message's own images and inline styles.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'self'; sandbox",
);

#[derive(Template)]
#[template(path = "html.html")]
struct HtmlPage {
    s: Shell,
    body: HtmlBody,
}

/// `GET /{collection}/{number}/html`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    Path((collection, number)): Path<(String, String)>,
    reader: Reader,
) -> Result<Response, Fault> {
    let key = path::item_key(&collection, &number)?;
    let found = site
        .read(move |archive| {
            let Some(raw) = archive.raw(&key)? else { return Ok(None) };
            Ok(html_of(&raw))
        })
        .await?;
    let body = found.ok_or(Fault::NotFound)?;
    let mut shell = Shell::new(reader, String::new(), String::new());
    shell.hidden = true;
    let template = HtmlPage { s: shell, body };
    let mut response = page(&site, &template.s, &template)?;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, POLICY);
    Ok(response)
}

/// The HTML body of a message, harmless; `None` when it has none.
fn html_of(raw: &[u8]) -> Option<HtmlBody> {
    let message = frelon_mail::parse(raw);
    let index = message.html_part?;
    let mut bytes = frelon_mail::part_bytes(raw, index)?;
    let cut = bytes.len() > HTML_BYTES_MAX;
    bytes.truncate(HTML_BYTES_MAX);
    let label = message.parts.get(index).and_then(|part| part.charset.as_deref()).unwrap_or("utf-8");
    let text = decode(&bytes, label);
    let inline = |id: &str| {
        let part = message.parts.iter().position(|part| part.content_id.as_deref() == Some(id))?;
        frelon_mail::part_bytes(raw, part)
    };
    let mut body = sanitise(&text, inline);
    body.cut |= cut;
    Some(body)
}

/// Bytes as text: as declared when that is known and fits, else UTF-8, else windows-1252.
fn decode(bytes: &[u8], label: &str) -> String {
    let declared = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap_or(encoding_rs::UTF_8);
    let (text, _, faulty) = declared.decode(bytes);
    if !faulty || declared != encoding_rs::UTF_8 {
        return text.into_owned();
    }
    encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charsets_are_undone() {
        assert_eq!(decode(b"caf\xe9", "iso-8859-1"), "café");
        assert_eq!(decode("café".as_bytes(), "utf-8"), "café");
        assert_eq!(decode(b"caf\xe9", "utf-8"), "café");
        assert_eq!(decode(b"ok", "no-such-charset"), "ok");
    }

    #[test]
    fn a_plain_message_has_no_html_form() {
        assert!(html_of(b"Subject: x\n\nplain\n").is_none());
    }
}
