//! Questions to a DNS server: TXT records of one name (RFC 1035), over UDP, and over TCP where the answer does
//! not fit. Asks resolvers that do the work, and believes what they say: what comes of it names them.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket},
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use simple_dns::{
    CLASS, Name, Packet, PacketFlag, Question, RCODE, TYPE,
    rdata::{OPT, RData},
};

/// Bytes of an answer asked for over UDP: what passes networks unbroken (RFC 9715).
const UDP_BYTES: u16 = 1_232;
/// Times each server is asked.
const TRIES: usize = 2;
/// Names an answer may lead through.
const ALIASES_MAX: usize = 8;
/// Servers of the system that are asked: as many as the C library asks.
const SERVERS_MAX: usize = 3;
/// Where systems write down their servers.
const SYSTEM_FILE: &str = "/etc/resolv.conf";

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DnsError {
    /// No host can have this name.
    #[error("that is no name of the DNS")]
    Name,
    /// The network or the time.
    #[error("{server} gave no answer: {source}")]
    Io { server: SocketAddr, source: io::Error },
    /// The server cannot or will not tell.
    #[error("{server} would not tell ({code})")]
    Refused { server: SocketAddr, code: String },
    /// What came makes no sense.
    #[error("{server} gave an answer that makes no sense")]
    Malformed { server: SocketAddr },
}

/// Whom to ask.
#[derive(Debug)]
pub(crate) struct Resolver {
    servers: Vec<SocketAddr>,
    timeout: Duration,
}

/// What an answer comes to.
enum Answer {
    Texts(Vec<String>),
    /// It did not fit.
    Cut,
    Refused(String),
    Malformed,
}

impl Resolver {
    /// One that asks these servers, each for so long.
    pub(crate) fn new(servers: Vec<SocketAddr>, timeout: Duration) -> Self {
        Self { servers, timeout }
    }

    /// One that asks the servers of this machine.
    pub(crate) fn of_system(timeout: Duration) -> io::Result<Self> {
        let servers = servers(&fs::read_to_string(SYSTEM_FILE)?);
        if servers.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, format!("{SYSTEM_FILE} names none")));
        }
        Ok(Self { servers, timeout })
    }

    /// The server asked first, as sources name it.
    pub(crate) fn name(&self) -> String {
        self.servers.first().map_or_else(String::new, |server| server.ip().to_string())
    }

    /// The TXT records of a name, the strings of each joined; none where there are none.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<String>, DnsError> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if !name.bytes().all(is_plain) || name.len() > 253 {
            return Err(DnsError::Name);
        }
        let mut last = DnsError::Name;
        for _ in 0..TRIES {
            for server in &self.servers {
                match self.ask(*server, name) {
                    Ok(texts) => return Ok(texts),
                    Err(DnsError::Name) => return Err(DnsError::Name),
                    Err(error) => last = error,
                }
            }
        }
        Err(last)
    }

    fn ask(&self, server: SocketAddr, name: &str) -> Result<Vec<String>, DnsError> {
        let io_error = |source| DnsError::Io { server, source };
        let mut id = [0; 2];
        getrandom::fill(&mut id).map_err(|error| io_error(io::Error::other(error)))?;
        let id = u16::from_be_bytes(id);
        let question = question(id, name).ok_or(DnsError::Name)?;
        let mut answer = self.over_udp(server, &question, id, name).map_err(io_error)?;
        if matches!(answer, Answer::Cut) {
            answer = read_answer(&self.over_tcp(server, &question).map_err(io_error)?, id, name);
        }
        match answer {
            Answer::Texts(texts) => Ok(texts),
            Answer::Refused(code) => Err(DnsError::Refused { server, code }),
            Answer::Cut | Answer::Malformed => Err(DnsError::Malformed { server }),
        }
    }

    fn over_udp(&self, server: SocketAddr, question: &[u8], id: u16, name: &str) -> io::Result<Answer> {
        let any: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let socket = UdpSocket::bind((any, 0))?;
        // Connected, it takes answers from nobody else.
        socket.connect(server)?;
        socket.send(question)?;
        let until = Instant::now() + self.timeout;
        let mut bytes = [0; 4_096];
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            socket.set_read_timeout(Some(left))?;
            let length = match socket.recv(&mut bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Err(io::ErrorKind::TimedOut.into()),
                other => other?,
            };
            // What is for another question is late, or forged: the right answer may still come.
            match read_answer(&bytes[..length], id, name) {
                Answer::Malformed => {}
                answer => return Ok(answer),
            }
        }
    }

    fn over_tcp(&self, server: SocketAddr, question: &[u8]) -> io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&server, self.timeout)?;
        stream.set_read_timeout(Some(self.timeout))?;
        stream.set_write_timeout(Some(self.timeout))?;
        let length = u16::try_from(question.len()).map_err(io::Error::other)?;
        stream.write_all(&[&length.to_be_bytes(), question].concat())?;
        let mut length = [0; 2];
        stream.read_exact(&mut length)?;
        let mut bytes = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

/// The question, as it goes out; `None` where the name cannot be.
fn question(id: u16, name: &str) -> Option<Vec<u8>> {
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    packet.questions.push(Question::new(Name::new(name).ok()?, TYPE::TXT.into(), CLASS::IN.into(), false));
    *packet.opt_mut() = Some(OPT { opt_codes: Vec::new(), udp_packet_size: UDP_BYTES, version: 0 });
    packet.build_bytes_vec().ok()
}

/// Reads an answer to a question. A panic of the parser's is an answer that makes no sense.
fn read_answer(bytes: &[u8], id: u16, name: &str) -> Answer {
    catch_unwind(AssertUnwindSafe(|| read(bytes, id, name))).ok().flatten().unwrap_or(Answer::Malformed)
}

fn read(bytes: &[u8], id: u16, name: &str) -> Option<Answer> {
    let packet = Packet::parse(bytes).ok()?;
    let asked = Name::new(name).ok()?;
    let is_ours = packet.id() == id
        && packet.has_flags(PacketFlag::RESPONSE)
        && packet.questions.iter().all(|question| question.qname == asked);
    if !is_ours {
        return None;
    }
    if packet.has_flags(PacketFlag::TRUNCATION) {
        return Some(Answer::Cut);
    }
    match packet.rcode() {
        RCODE::NoError | RCODE::NameError => {}
        code => return Some(Answer::Refused(format!("{code:?}"))),
    }
    let mut owner = asked;
    for _ in 0..ALIASES_MAX {
        let alias = packet.answers.iter().find_map(|record| match &record.rdata {
            RData::CNAME(target) if record.name == owner => Some(target.0.clone()),
            _ => None,
        });
        let Some(alias) = alias else { break };
        owner = alias;
    }
    let texts = packet.answers.iter().filter_map(|record| match &record.rdata {
        RData::TXT(text) if record.name == owner => String::try_from(text.clone()).ok(),
        _ => None,
    });
    Some(Answer::Texts(texts.collect()))
}

/// The servers of a system's list.
fn servers(list: &str) -> Vec<SocketAddr> {
    let address = |line: &str| {
        let mut words = line.split_whitespace();
        let server = words.next().filter(|word| *word == "nameserver").and_then(|_| words.next())?;
        Some(SocketAddr::new(server.parse().ok()?, 53))
    };
    list.lines().filter_map(address).take(SERVERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_a_system_is_read() {
        let list = "# ours\nsearch example.org\nnameserver 192.0.2.1\nnameserver 2001:db8::1 # other\nnameserver x\n";
        let found: Vec<String> = servers(list).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["192.0.2.1:53", "[2001:db8::1]:53"]);
    }

    #[test]
    fn what_is_no_answer_is_none() {
        let own = question(7, "s._domainkey.example.org").expect("a name");
        // A question sent back answers nothing, and neither does any piece of it.
        for end in 0..=own.len() {
            assert!(matches!(read_answer(&own[..end], 7, "s._domainkey.example.org"), Answer::Malformed));
        }
        let mut answer = own;
        answer[2] |= 0x80;
        assert!(
            matches!(read_answer(&answer, 7, "S._domainkey.example.org"), Answer::Texts(texts) if texts.is_empty())
        );
        assert!(matches!(read_answer(&answer, 8, "s._domainkey.example.org"), Answer::Malformed));
        assert!(matches!(read_answer(&answer, 7, "t._domainkey.example.org"), Answer::Malformed));
        assert!(question(7, &"x".repeat(64)).is_none());
        // A name that leads to itself ends.
        let mut looped = vec![0, 7, 0x81, 0x80, 0, 0, 0, 1, 0, 0, 0, 0];
        looped.extend([1, b's', 0xc0, 12]);
        looped.extend([0, 5, 0, 1, 0, 0, 0, 0, 0, 2, 0xc0, 12]);
        let _any = read_answer(&looped, 7, "s");
    }
}
