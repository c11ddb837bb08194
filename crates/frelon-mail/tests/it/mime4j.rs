//! Apache James mime4j: `NAME.xml` and `NAME_decoded.xml` hold fields and structure of `NAME.msg`,
//! `NAME_decoded_1_2.txt` and `.bin` the decoded part 2 of message 1.
//!
//! Left out: results whose message is nowhere in the corpus.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use frelon_mail::parse;

use crate::{
    expectation::{Comparison, collapse, leaves, lf, read},
    xml::{self, Node},
};

const DIFFERENCES: &[(&str, &str)] = &[
    ("badbound", "a boundary that no line is equal to: they have a multipart without parts, we show the text"),
    ("frag", "base64 cut off within its last four letters: they drop these, we keep the bytes they hold"),
    ("weird-boundary", "a boundary that ends in spaces, as none may: at the end of a line they are padding to us"),
    ("very-very-long-boundary", "a boundary of seven kilobytes, where 70 bytes are allowed and we take 2048"),
];

const FOLDER: &str = "apache+james-mime4j/core/src/test/resources";

/// A test message by its name, from the first place that has it: mime4j; MIME-tools, where many of
/// them come from; mime4j's own copy, written after reading; the undecoded XML, put together again.
pub(crate) fn message(name: &str) -> Option<Vec<u8>> {
    let root = frelon_testkit::corpus("torture")?;
    let places = [
        (format!("{FOLDER}/testmsgs"), "msg"),
        (format!("{FOLDER}/mimetools-testmsgs"), "msg"),
        ("gitpan+MIME-tools/testmsgs".to_owned(), "msg"),
        ("gitpan+MIME-tools/testin".to_owned(), "msg"),
        (format!("{FOLDER}/testmsgs"), "out"),
        (format!("{FOLDER}/mimetools-testmsgs"), "out"),
        (format!("{FOLDER}/testmsgs"), "xml"),
        (format!("{FOLDER}/mimetools-testmsgs"), "xml"),
    ];
    let found = |extension: &str| {
        let mut places = places.iter().filter(|(_, found)| *found == extension);
        places.find_map(|(folder, _)| read(&root.join(folder).join(format!("{name}.{extension}"))))
    };
    found("msg").or_else(|| found("out")).or_else(|| {
        let tree = xml::parse(&lf(&found("xml")?));
        // Of attached messages the XML has what they decode to.
        let encoding = value(&tree, "content-transfer-encoding").unwrap_or_default();
        (!encoding.eq_ignore_ascii_case("base64")).then(|| rebuild(&tree))
    })
}

/// The bytes of an entity whose XML is not decoded.
fn rebuild(entity: &Node) -> Vec<u8> {
    let mut out = Vec::new();
    for node in &entity.children {
        match node.tag.as_str() {
            "header" => {
                for field in &node.children {
                    out.extend_from_slice(&field.text);
                    out.push(b'\n');
                }
                out.push(b'\n');
            }
            "multipart" => {
                let boundary = boundary(entity);
                for child in &node.children {
                    match child.tag.as_str() {
                        "body-part" => {
                            out.extend_from_slice(format!("\n--{boundary}\n").as_bytes());
                            out.extend(rebuild(child));
                        }
                        "epilogue" => {
                            out.extend_from_slice(format!("\n--{boundary}--\n").as_bytes());
                            out.extend_from_slice(&child.text);
                        }
                        _ => out.extend_from_slice(&child.text),
                    }
                }
                if !node.children.iter().any(|child| child.tag == "epilogue") {
                    out.extend_from_slice(format!("\n--{boundary}--\n").as_bytes());
                }
            }
            "message" => out.extend(rebuild(node)),
            _ => out.extend_from_slice(&node.text),
        }
    }
    out
}

fn boundary(entity: &Node) -> String {
    let value = value(entity, "content-type").expect("a multipart says so");
    let at = value.to_ascii_lowercase().find("boundary=").expect("with a boundary") + "boundary=".len();
    let rest = &value[at..];
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().unwrap_or_default().to_owned(),
        None => rest.split([';', ' ', '\n']).next().unwrap_or_default().to_owned(),
    }
}

#[test]
fn results_agree_with_mime4j() {
    let Some(root) = frelon_testkit::corpus("torture") else { return };
    let mut comparison = Comparison::new("mime4j", DIFFERENCES);
    for folder in ["testmsgs", "mimetools-testmsgs"] {
        let folder = root.join(FOLDER).join(folder);
        for name in names(&folder) {
            if let Some(raw) = message(&name) {
                compare(&mut comparison, &folder, &name, &raw);
            }
        }
    }
    comparison.finish(59);
}

/// The names that any file of the folder begins with.
fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).expect("a folder of the corpus");
    let stem = |path: PathBuf| {
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        stem.split("_decoded").next().map(str::to_owned)
    };
    entries.filter_map(|entry| stem(entry.expect("readable").path())).collect()
}

fn compare(comparison: &mut Comparison, folder: &Path, name: &str, raw: &[u8]) {
    let tree = |suffix: &str| read(&folder.join(format!("{name}{suffix}.xml"))).map(|bytes| xml::parse(&lf(&bytes)));
    let mut decoded = decoded(folder, name);
    let found = leaves(raw);
    if let Some(tree) = tree("_decoded").or_else(|| tree("")) {
        let message = parse(raw);
        for (field, text) in message.fields.iter().zip(fields(&tree)) {
            // Theirs are not decoded.
            let is_plain = text.is_ascii() && !text.contains("=?");
            comparison.check(name, "field name", &field.name.as_str(), &field_name(&text));
            if is_plain {
                let theirs = text.split_once(':').map_or("", |(_, value)| value);
                comparison.check(name, &field.name, &collapse(&field.value), &collapse(theirs));
            }
        }
        comparison.check(name, "fields", &message.fields.len(), &fields(&tree).len());
        let mut expected = Vec::new();
        collect(&tree, 0, "1", &mut expected);
        let shape: Vec<_> = found.iter().map(|leaf| (leaf.media_type.clone(), leaf.depth)).collect();
        let their_shape: Vec<_> = expected.iter().map(|leaf| (leaf.media_type.clone(), leaf.depth)).collect();
        comparison.check(name, "parts", &shape, &their_shape);
        for (leaf, expected) in found.iter().zip(&expected) {
            let body = decoded.remove(&expected.number).or_else(|| expected.plain.clone());
            if let Some(body) = body {
                let what = format!("body {}", expected.number);
                comparison.check(name, &what, &text_of(&leaf.bytes), &text_of(&body));
            }
        }
    }
    // Parts of no known place must be there, wherever.
    for (number, body) in decoded {
        let is_found = found.iter().any(|leaf| text_of(&leaf.bytes) == text_of(&body));
        comparison.check(name, &format!("body {number} is there"), &is_found, &true);
    }
}

/// Bytes fit to be compared and shown.
fn text_of(bytes: &[u8]) -> String {
    lf(bytes).iter().map(|&byte| char::from(byte)).collect()
}

/// Decoded parts by their number.
fn decoded(folder: &Path, name: &str) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).expect("a folder of the corpus");
    let number = |path: &Path| {
        let file = path.file_name()?.to_str()?;
        let number = file.strip_prefix(name)?.strip_prefix("_decoded_")?;
        Some(number.split('.').next()?.to_owned())
    };
    let paths = entries.map(|entry| entry.expect("readable").path());
    paths.filter_map(|path| Some((number(&path)?, read(&path)?))).collect()
}

/// A leaf as mime4j has it.
struct Expected {
    number: String,
    media_type: String,
    depth: u8,
    /// Its bytes, where no transfer encoding lies between.
    plain: Option<Vec<u8>>,
}

fn collect(entity: &Node, depth: u8, number: &str, out: &mut Vec<Expected>) {
    for body in &entity.children {
        match body.tag.as_str() {
            "multipart" => {
                let parts = body.children.iter().filter(|child| child.tag == "body-part");
                for (index, part) in (1..).zip(parts) {
                    collect(part, depth + 1, &format!("{number}_{index}"), out);
                }
            }
            "message" => {
                out.push(leaf(entity, "message/rfc822", depth, number, None));
                collect(body, 0, &format!("{number}_1"), out);
            }
            "body" | "text-body" | "binary-body" => {
                let encoding = value(entity, "content-transfer-encoding").unwrap_or_default().to_ascii_lowercase();
                let is_plain = matches!(encoding.as_str(), "" | "7bit" | "8bit" | "binary") && body.tag == "body";
                out.push(leaf(entity, "text/plain", depth, number, is_plain.then(|| body.text.clone())));
            }
            _ => {}
        }
    }
}

fn leaf(entity: &Node, default: &str, depth: u8, number: &str, plain: Option<Vec<u8>>) -> Expected {
    let media_type = value(entity, "content-type").map(|value| {
        let media_type = value.split(';').next().unwrap_or_default();
        media_type.trim().to_ascii_lowercase()
    });
    let media_type = media_type.filter(|found| found.contains('/')).unwrap_or_else(|| default.to_owned());
    Expected { number: number.to_owned(), media_type, depth, plain }
}

/// Fields of an entity as mime4j gives them, unfolded or not.
fn fields(entity: &Node) -> Vec<String> {
    let header = entity.children.iter().find(|child| child.tag == "header");
    let fields = header.map(|header| &header.children[..]).unwrap_or_default();
    fields.iter().map(|field| text_of(&field.text).trim().to_owned()).collect()
}

fn field_name(field: &str) -> &str {
    field.split(':').next().unwrap_or_default().trim()
}

fn value(entity: &Node, name: &str) -> Option<String> {
    let fields = fields(entity);
    let field = fields.iter().find(|field| field_name(field).eq_ignore_ascii_case(name))?;
    Some(field.split_once(':')?.1.trim().to_owned())
}
