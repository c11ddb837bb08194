//! `frelon demo` and `frelon serve` running, and plain HTTP to them.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Stdio},
};

use crate::fixture::Bench;

/// The demo's site on a free port, as long as this lives.
pub(crate) struct Server {
    bench: Bench,
    child: Child,
    address: String,
}

/// An answer's status, head and body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Server {
    /// Makes the demo, and serves it as a process of its own.
    pub(crate) fn demo() -> Self {
        let bench = Bench::new();
        bench.run(&["demo", "--into", "demo", "--no-serve"]).says(0, &["messages written to demo/sources"]);
        let mut command = bench.command(&["serve", "demo/publication", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut line = String::new();
        let mut err = BufReader::new(child.stderr.take().expect("it was piped"));
        err.read_line(&mut line).expect("it says where it listens");
        let address = line.split_once("http://").and_then(|(_, rest)| rest.split_whitespace().next());
        let address = address.unwrap_or_else(|| panic!("no address in: {line}")).to_owned();
        // Whatever else it says must have somewhere to go.
        std::thread::spawn(move || std::io::copy(&mut err, &mut std::io::sink()));
        Self { bench, child, address }
    }

    /// `http://127.0.0.1:…`, without a slash at its end.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn bench(&self) -> &Bench {
        &self.bench
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        get(&self.address, path)
    }

    /// Asks the server to end, and gives its exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        let asked = std::process::Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(asked.expect("kill is there").success());
        self.child.wait().expect("it ended").code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill().and_then(|()| self.child.wait()).is_ok();
    }
}

/// One request as HTTP/1.0, so that the body comes as it is and ends with the connection.
pub(crate) fn get(address: &str, path: &str) -> Answer {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").expect("sent");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("answered");
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8(bytes[..end].to_vec()).expect("a head is text").to_ascii_lowercase();
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
    Answer { status, head, body: bytes.split_off(end + 4) }
}

#[test]
fn the_demo_is_served_and_follows_what_is_published_next() {
    let server = Server::demo();
    let front = server.get("/");
    assert_eq!(front.status, 200);
    assert!(String::from_utf8(front.body).expect("UTF-8").contains("<h1"));
    assert!(!front.head.contains("set-cookie"));
    assert_eq!(server.get("/no/such/page").status, 404);
    // What is published meanwhile is served without a restart.
    server.bench().put("new.eml", &crate::fixture::message("lighthouse"));
    let args = ["publish", "new.eml", "--into", "demo/publication", "--no-serve", "--collection", "demo"];
    server.bench().run(&args).says(0, &["1 items released"]);
    let found = || server.get("/api/v1/search?q=lighthouse").body;
    let is_there = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("About lighthouse");
    let started = std::time::Instant::now();
    while !is_there(&found()) {
        assert!(started.elapsed().as_secs() < 30, "still the old index");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!(server.stop(), Some(0), "asked to end, it ends well");
}
