//! A DNS server for tests: on loopback, over UDP and TCP, with the records it is given. What it sends is written
//! here byte by byte, so that no library of ours is held against itself.

use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, UdpSocket},
    sync::{Arc, Mutex},
    thread,
};

/// A running server; its threads end with the process.
pub(crate) struct NameServer {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

/// What stands under a name.
#[derive(Clone)]
pub(crate) enum Entry {
    /// The strings of one TXT record.
    Text(Vec<String>),
    /// The same under another name.
    Alias(String),
    /// No answer ever.
    Silence,
    /// Server failure.
    Failure,
}

impl NameServer {
    pub(crate) fn start(records: &[(&str, Entry)]) -> Self {
        let records: BTreeMap<String, Entry> =
            records.iter().map(|(name, entry)| ((*name).to_owned(), entry.clone())).collect();
        let udp = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let address = udp.local_addr().expect("it is bound");
        let tcp = TcpListener::bind(address).expect("the same port");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (for_udp, for_tcp, seen) = (records.clone(), records, Arc::clone(&asked));
        thread::spawn(move || {
            let mut bytes = [0; 2_048];
            while let Ok((length, from)) = udp.recv_from(&mut bytes) {
                let (name, end) = name_in(&bytes[..length]);
                seen.lock().expect("whole").push(name.clone());
                if let Some(mut answer) = answer(&for_udp, &bytes[..length], &name, end) {
                    // What is long does not fit, and what is forged comes first.
                    if answer.len() > 512 {
                        answer.truncate(end);
                        answer[2] |= 0x02;
                        answer[6..12].fill(0);
                    }
                    let mut forged = answer.clone();
                    forged[1] ^= 1;
                    udp.send_to(&forged, from).expect("sent");
                    udp.send_to(&answer, from).expect("sent");
                }
            }
        });
        thread::spawn(move || {
            for stream in tcp.incoming() {
                let mut stream = stream.expect("a connection");
                let mut length = [0; 2];
                stream.read_exact(&mut length).expect("a length");
                let mut bytes = vec![0; usize::from(u16::from_be_bytes(length))];
                stream.read_exact(&mut bytes).expect("a question");
                let (name, end) = name_in(&bytes);
                let answer = answer(&for_tcp, &bytes, &name, end).expect("only long records come here");
                stream.write_all(&u16::try_from(answer.len()).expect("short").to_be_bytes()).expect("sent");
                stream.write_all(&answer).expect("sent");
            }
        });
        Self { address, asked }
    }

    /// The names asked for over UDP, each once.
    pub(crate) fn asked(&self) -> Vec<String> {
        let mut names = self.asked.lock().expect("whole").clone();
        names.sort();
        names.dedup();
        names
    }
}

/// The name a question is about, and where the question ends.
fn name_in(bytes: &[u8]) -> (String, usize) {
    let mut at = 12;
    let mut labels = Vec::new();
    while bytes[at] != 0 {
        let length = usize::from(bytes[at]);
        labels.push(String::from_utf8_lossy(&bytes[at + 1..=at + length]).into_owned());
        at += length + 1;
    }
    (labels.join("."), at + 5)
}

fn wire_name(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in name.split('.') {
        bytes.push(u8::try_from(label.len()).expect("short"));
        bytes.extend(label.as_bytes());
    }
    bytes.push(0);
    bytes
}

fn answer(records: &BTreeMap<String, Entry>, question: &[u8], name: &str, end: usize) -> Option<Vec<u8>> {
    let mut bytes = question[..end].to_vec();
    (bytes[2], bytes[3]) = (0x81, 0x80);
    bytes[6..12].fill(0);
    let mut owner = name.to_owned();
    loop {
        let (kind, data) = match records.get(&owner) {
            None => {
                bytes[3] |= 3;
                return Some(bytes);
            }
            Some(Entry::Silence) => return None,
            Some(Entry::Failure) => {
                bytes[3] |= 2;
                return Some(bytes);
            }
            Some(Entry::Alias(target)) => (5_u16, wire_name(target)),
            Some(Entry::Text(strings)) => {
                let string = |text: &String| [&[u8::try_from(text.len()).expect("short")], text.as_bytes()].concat();
                (16, strings.iter().flat_map(string).collect())
            }
        };
        bytes[7] += 1;
        bytes.extend(wire_name(&owner));
        bytes.extend(kind.to_be_bytes());
        bytes.extend([0, 1, 0, 0, 0, 60]);
        bytes.extend(u16::try_from(data.len()).expect("short").to_be_bytes());
        bytes.extend(data);
        match records.get(&owner) {
            Some(Entry::Alias(target)) => owner.clone_from(target),
            _ => return Some(bytes),
        }
    }
}
