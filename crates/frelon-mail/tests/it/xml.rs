//! As much XML as mime4j writes: elements, text, five entities.

/// An element.
#[derive(Debug, Default)]
pub(crate) struct Node {
    pub(crate) tag: String,
    /// Text before, between and after the children, without the line feed that follows the tag.
    pub(crate) text: Vec<u8>,
    pub(crate) children: Vec<Node>,
}

/// Reads a document and gives its root. Panics on what mime4j would not write.
pub(crate) fn parse(bytes: &[u8]) -> Node {
    let mut open = vec![Node::default()];
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|&byte| byte == b'<') {
        let end = rest[at..].iter().position(|&byte| byte == b'>').expect("tags are closed") + at;
        open.last_mut().expect("the document").text.extend(unescape(&rest[..at]));
        let tag = std::str::from_utf8(&rest[at + 1..end]).expect("tags are ASCII");
        rest = &rest[end + 1..];
        if tag.starts_with('/') {
            close(&mut open);
            continue;
        }
        let name = tag.split([' ', '/']).next().unwrap_or_default().to_owned();
        open.push(Node { tag: name, ..Node::default() });
        if tag.ends_with('/') {
            close(&mut open);
        } else {
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
    }
    let mut document = open.swap_remove(0);
    document.children.pop().expect("a root")
}

fn close(open: &mut Vec<Node>) {
    let node = open.pop().expect("an open element");
    open.last_mut().expect("it has a parent").children.push(node);
}

fn unescape(text: &[u8]) -> Vec<u8> {
    let entities = [(&b"&lt;"[..], b'<'), (b"&gt;", b'>'), (b"&quot;", b'"'), (b"&apos;", b'\''), (b"&amp;", b'&')];
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [byte, tail @ ..] = rest {
        match entities.iter().find(|(entity, _)| rest.starts_with(entity)) {
            Some((entity, letter)) => {
                out.push(*letter);
                rest = &rest[entity.len()..];
            }
            None => {
                out.push(*byte);
                rest = tail;
            }
        }
    }
    out
}
