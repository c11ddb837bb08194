//! HTML mail made harmless: a list of what may stay, nothing remote, nothing to click.
//!
//! Three walls stand behind each other: this sanitiser, a policy of its own that allows no source but
//! `data:` images (CSP Level 3), and the sandboxed frame. None relies on the others.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use ammonia::Builder;
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// HTML that is looked at, in bytes; newsletters stay below 1 MiB, and the raw message has all.
pub(crate) const HTML_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Bytes of one image shown inside.
const IMAGE_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Bytes of all images shown inside.
const IMAGES_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Letters of an address that are shown behind its link.
const ADDRESS_LETTERS_MAX: usize = 60;
/// Nesting of elements; deeper trees are shown as text, since every browser walks them recursively.
const DEPTH_MAX: usize = 512;

/// A sanitised body.
pub(crate) struct HtmlBody {
    /// Inner HTML of the body element.
    pub(crate) html: String,
    /// Pictures and the like that were not loaded because they lie elsewhere.
    pub(crate) remote_count: u64,
    /// Whether the source was too long and was cut.
    pub(crate) cut: bool,
}

/// Elements that may stay. No script, style, form, frame, object, media, SVG or MathML.
const TAGS: [&str; 57] = [
    "a",
    "abbr",
    "address",
    "article",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "section",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
];
/// Elements that may stay besides, for old mail.
const OLD_TAGS: [&str; 5] = ["u", "ul", "tt", "strike", "var"];
/// Attributes that may stay on everything but links, so that a link has nothing but its address.
const ATTRIBUTES: [&str; 16] = [
    "align",
    "bgcolor",
    "border",
    "cellpadding",
    "cellspacing",
    "color",
    "colspan",
    "dir",
    "face",
    "height",
    "lang",
    "rowspan",
    "size",
    "style",
    "valign",
    "width",
];
/// Style properties that may stay: none that can place, cover, hide or load.
const PROPERTIES: [&str; 40] = [
    "background-color",
    "border",
    "border-bottom",
    "border-collapse",
    "border-color",
    "border-left",
    "border-right",
    "border-spacing",
    "border-style",
    "border-top",
    "border-width",
    "color",
    "direction",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-width",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "text-align",
    "text-decoration",
    "text-indent",
    "text-transform",
    "vertical-align",
    "white-space",
    "width",
];

/// Makes an HTML body harmless. `inline` gives the bytes of a part by its Content-ID.
pub(crate) fn sanitise(source: &str, inline: impl Fn(&str) -> Option<Vec<u8>>) -> HtmlBody {
    let (source, cut) = truncate(source, HTML_BYTES_MAX);
    if depth(source) > DEPTH_MAX {
        let text = ammonia::clean_text(source);
        return HtmlBody { html: format!("<pre>{text}</pre>"), remote_count: 0, cut };
    }
    let images = inline_images(source, inline);
    let remote = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&remote);
    let mut builder = Builder::empty();
    builder
        .tags(TAGS.into_iter().chain(OLD_TAGS).collect())
        .clean_content_tags(HashSet::from(["script", "style", "title", "head", "noscript", "template", "svg", "math"]))
        .tag_attributes(attributes())
        .url_schemes(HashSet::from(["http", "https", "ftp", "mailto", "cid", "data"]))
        .link_rel(None)
        .filter_style_properties(HashSet::from(PROPERTIES))
        .attribute_filter(move |tag, attribute, value| filter(tag, attribute, value, &images, &counter));
    // A link keeps its address as text to read, not as a place to go to. Only an attribute can
    // contain this run of letters: in text the sign `<` is always escaped, in attributes the quote.
    let html = builder.clean(source).to_string().replace("<a href=\"", "<a data-to=\"");
    HtmlBody { html, remote_count: remote.load(Ordering::Relaxed), cut }
}

fn attributes() -> HashMap<&'static str, HashSet<&'static str>> {
    let mut all: HashMap<&str, HashSet<&str>> = HashMap::new();
    for tag in TAGS.into_iter().chain(OLD_TAGS) {
        all.insert(tag, HashSet::from(ATTRIBUTES));
    }
    all.insert("a", HashSet::from(["href"]));
    all.entry("img").or_default().extend(["src", "alt"]);
    all
}

fn filter<'v>(
    tag: &str,
    attribute: &str,
    value: &'v str,
    images: &HashMap<String, String>,
    remote: &AtomicU64,
) -> Option<Cow<'v, str>> {
    match (tag, attribute) {
        ("img", "src") => {
            let value = value.trim();
            if let Some(id) = strip_scheme(value, "cid:") {
                return images.get(&content_id(id)).map(|data| Cow::Owned(data.clone()));
            }
            if strip_scheme(value, "data:").is_some() {
                return data_image(value).map(Cow::Owned);
            }
            remote.fetch_add(1, Ordering::Relaxed);
            None
        }
        ("a", "href") => Some(Cow::Owned(readable_address(value))),
        // The list of properties lets no loading one through; functions in their values go too.
        (_, "style") => {
            let lower = value.to_ascii_lowercase();
            let loads =
                ["url(", "image(", "image-set(", "expression(", "\\", "@"].iter().any(|bad| lower.contains(bad));
            (!loads).then_some(Cow::Borrowed(value))
        }
        _ => Some(Cow::Borrowed(value)),
    }
}

/// `example.org/path/…`: the part of an address that says where it leads.
fn readable_address(address: &str) -> String {
    let address = address.trim();
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let rest = strip_scheme(rest, "mailto:").unwrap_or(rest);
    // What stands before an @ in the host is a common disguise: bank.example@thief.example.
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = if address.contains("://") { host.rsplit('@').next().unwrap_or(host) } else { host };
    let mut shown: String =
        host.chars().chain(path.chars()).filter(|letter| !letter.is_control()).take(ADDRESS_LETTERS_MAX).collect();
    if host.chars().count() + path.chars().count() > ADDRESS_LETTERS_MAX {
        shown.push('…');
    }
    shown
}

fn strip_scheme<'t>(text: &'t str, scheme: &str) -> Option<&'t str> {
    let start = text.get(..scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then(|| &text[scheme.len()..])
}

fn content_id(text: &str) -> String {
    let text = percent_encoding::percent_decode_str(text.trim()).decode_utf8_lossy();
    text.trim_start_matches('<').trim_end_matches('>').to_owned()
}

/// Images that the HTML shows by `cid:` (RFC 2392), as `data:` addresses, by Content-ID.
fn inline_images(source: &str, inline: impl Fn(&str) -> Option<Vec<u8>>) -> HashMap<String, String> {
    let mut images = HashMap::new();
    // Asked for once, found or not: a body that names one image ten thousand times costs one look.
    let mut seen = HashSet::new();
    let mut total = 0;
    for (at, _) in source.match_indices(':') {
        if !at.checked_sub(3).and_then(|start| source.get(start..at)).is_some_and(|cid| cid.eq_ignore_ascii_case("cid"))
        {
            continue;
        }
        let rest = &source[at + 1..];
        let end = rest.find(['"', '\'', '>', ' ', ')', '\r', '\n', '\t']).unwrap_or(rest.len());
        let id = content_id(&rest[..end].replace("&amp;", "&"));
        if id.is_empty() || !seen.insert(id.clone()) {
            continue;
        }
        let Some(bytes) = inline(&id) else { continue };
        if bytes.len() > IMAGE_BYTES_MAX || total + bytes.len() as u64 > IMAGES_BYTES_MAX {
            continue;
        }
        if let Some(media_type) = image_type(&bytes) {
            total += bytes.len() as u64;
            images.insert(id, format!("data:{media_type};base64,{}", STANDARD.encode(bytes)));
        }
    }
    images
}

/// A `data:` image that is already in the HTML, if it is one of the known sorts.
fn data_image(address: &str) -> Option<String> {
    let (head, data) = address.split_once(',')?;
    if !head.to_ascii_lowercase().ends_with(";base64") || data.len() > IMAGE_BYTES_MAX {
        return None;
    }
    let data: String = data.chars().filter(|letter| !letter.is_whitespace()).collect();
    let bytes = STANDARD.decode(data).ok()?;
    let media_type = image_type(&bytes)?;
    Some(format!("data:{media_type};base64,{}", STANDARD.encode(bytes)))
}

/// The media type of an image by its first bytes; only sorts that cannot carry scripts.
fn image_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

fn truncate(text: &str, bytes_max: usize) -> (&str, bool) {
    if text.len() <= bytes_max {
        return (text, false);
    }
    let mut end = bytes_max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    (&text[..end], true)
}

/// How deep elements nest, judged by their marks alone; stops counting above the limit.
fn depth(source: &str) -> usize {
    let bytes = source.as_bytes();
    let mut open: Vec<&[u8]> = Vec::new();
    let mut top = 0;
    for (at, _) in source.match_indices('<') {
        let rest = bytes.get(at + 1..).unwrap_or_default();
        let (closes, rest) = rest.strip_prefix(b"/").map_or((false, rest), |rest| (true, rest));
        let name = &rest[..rest.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len())];
        if name.is_empty() || opens_nothing(name) {
            continue;
        }
        if !closes {
            open.push(name);
        } else if let Some(from) = open.iter().rposition(|one| one.eq_ignore_ascii_case(name)) {
            open.truncate(from);
        }
        top = top.max(open.len());
        if top > DEPTH_MAX {
            break;
        }
    }
    top
}

/// Whether a tag has no end, or is ended by the next of its sort.
fn opens_nothing(name: &[u8]) -> bool {
    let flat = ["br", "hr", "img", "input", "meta", "link", "col", "area", "base", "wbr", "p", "li", "td", "tr"];
    flat.iter().any(|one| name.eq_ignore_ascii_case(one.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(source: &str) -> String {
        sanitise(source, |_| None).html
    }

    #[test]
    fn nothing_that_runs_is_left() {
        let hostile = [
            "<script>alert(1)</script>x",
            "<img src=x onerror=alert(1)>",
            "<svg onload=alert(1)><script>1</script></svg>",
            "<a href='javascript:alert(1)'>x</a>",
            "<iframe srcdoc='<script>1</script>'></iframe>",
            "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
            "<form action=http://e.example><input name=a></form>",
            "<meta http-equiv=refresh content='0;url=http://e.example'>",
            "<style>body{background:url(http://e.example)}</style>",
            "<base href=http://e.example><object data=http://e.example></object>",
            "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        ];
        for source in hostile {
            let html = clean(source);
            for bad in ["script", "onerror", "onload", "javascript", "iframe", "e.example", "<form", "<meta", "<style"]
            {
                assert!(!html.contains(bad), "{source}: {html}");
            }
        }
    }

    #[test]
    fn nothing_remote_is_left_and_it_is_counted() {
        let source = "<img src='https://t.example/p.gif'><img src='//t.example/a'><img src=b.png>\
                      <td background='http://t.example/x'>y<p style='background-color: url(http://t.example)'>z";
        let body = sanitise(source, |_| None);
        assert_eq!(body.remote_count, 3);
        assert!(!body.html.contains("t.example"), "{}", body.html);
    }

    #[test]
    fn images_of_the_message_are_shown_when_they_are_images() {
        let png = b"\x89PNG\r\n\x1a\nrest".to_vec();
        let source = "<img src=\"cid:a@b\" alt=map><img src=cid:evil><img src='CID:a%40b'>";
        let inline = |id: &str| match id {
            "a@b" => Some(png.clone()),
            _ => Some(b"<svg onload=alert(1)>".to_vec()),
        };
        let body = sanitise(source, inline);
        assert_eq!(body.html.matches("data:image/png;base64,").count(), 2, "{}", body.html);
        assert!(!body.html.contains("evil") && !body.html.contains("svg"));
        assert_eq!(body.remote_count, 0);
    }

    #[test]
    fn links_can_be_read_but_not_followed() {
        let html = clean("<a href='https://bank.example@thief.example/login?x=1' onclick=go()>Your bank</a>");
        assert_eq!(html, "<a data-to=\"thief.example/login?x=1\">Your bank</a>");
        assert_eq!(clean("<a href='mailto:a@b.example'>x</a>"), "<a data-to=\"a@b.example\">x</a>");
        assert!(clean("&lt;a href=\"x\">").starts_with("&lt;a href"));
    }

    #[test]
    fn deep_nesting_becomes_text() {
        let body = sanitise(&"<div>".repeat(100_000), |_| None);
        assert!(body.html.starts_with("<pre>"));
        assert!(sanitise(&"<div></x>".repeat(1_000), |_| None).html.starts_with("<pre>"));
        assert!(sanitise(&"<div>x</div>".repeat(1_000), |_| None).html.starts_with("<div>"));
        assert!(sanitise(&"<p>x".repeat(10_000), |_| None).html.contains("<p>"));
    }
}
