//! A client that sends exactly what it is told, so that hostile requests can be made.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// An answer, with its transfer coding undone.
pub(crate) struct Answer {
    /// 0 when the connection was closed without an answer.
    pub(crate) status: u16,
    /// Fields in order, names in lower case.
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The value of a field; several are joined as RFC 9110 section 5.3 says.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let values: Vec<&str> =
            self.fields.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// The body without its content coding.
    pub(crate) fn plain_body(&self) -> Vec<u8> {
        if self.field("content-encoding").as_deref() != Some("gzip") {
            return self.body.clone();
        }
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(self.body.as_slice()).read_to_end(&mut plain).expect("the body is sound gzip");
        plain
    }
}

/// Sends one request on a connection of its own. `lines` are the request line and the fields.
pub(crate) fn send(address: SocketAddr, lines: &[String]) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut head = lines.join("\r\n");
    let has_host = lines.iter().any(|line| line.to_ascii_lowercase().starts_with("host:"));
    if !has_host {
        head.push_str("\r\nHost: press.example");
    }
    head.push_str("\r\nConnection: close\r\n\r\n");
    let _written = stream.write_all(head.as_bytes());
    let mut bytes = Vec::new();
    // A server that refuses early may reset what it did not read.
    let _read = stream.read_to_end(&mut bytes);
    read(&bytes).unwrap_or(Answer { status: 0, fields: Vec::new(), body: bytes })
}

/// `None` when there is no head: the connection was closed without an answer.
fn read(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).expect("the head is text");
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let fields: Vec<(String, String)> = lines
        .map(|line| line.split_once(':').expect("a field"))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let body = &bytes[end + 4..];
    let chunked = fields.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    Some(Answer { status, fields, body: if chunked { join_chunks(body) } else { body.to_vec() } })
}

/// Undoes RFC 9112 section 7.1. A body without its last chunk was broken off, and fails.
fn join_chunks(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|two| two == b"\r\n").expect("the size of a chunk");
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return body;
        }
        body.extend(&bytes[end + 2..end + 2 + size]);
        bytes = &bytes[end + 2 + size + 2..];
    }
}
