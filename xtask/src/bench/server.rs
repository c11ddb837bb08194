//! `frelon serve` as a child, and the little HTTP that is needed to ask it.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// How long the server may take to answer for the first time.
const START_MAX: Duration = Duration::from_secs(60);
/// Between two looks whether it answers.
const POLL: Duration = Duration::from_millis(1);
/// Largest answer read, in bytes.
const ANSWER_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A running server; dropping it ends it.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: String,
    /// From its start to its first good answer, in milliseconds.
    pub(crate) start_ms: f64,
}

/// What the server answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// A port that nobody uses at the moment.
pub(crate) fn free_address() -> Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

impl Server {
    pub(crate) fn start(program: &Path, publication: &Path) -> Result<Self> {
        let address = free_address()?;
        let started = Instant::now();
        let child = Command::new(program)
            .arg("serve")
            .arg(publication)
            .args(["--listen", &address])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let mut server = Self { child, address, start_ms: 0.0 };
        loop {
            if server.get("/").is_ok_and(|answer| answer.status == 200) {
                server.start_ms = started.elapsed().as_secs_f64() * 1000.0;
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                bail!("`frelon serve` ended ({status}); run it by hand on {}", publication.display());
            }
            if started.elapsed() > START_MAX {
                bail!("`frelon serve` does not answer");
            }
            thread::sleep(POLL);
        }
    }

    /// One request on a connection of its own.
    pub(crate) fn get(&self, path: &str) -> Result<Answer> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_nodelay(true)?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(request.as_bytes())?;
        let mut input = BufReader::new(stream).take(ANSWER_BYTES_MAX);
        let mut line = String::new();
        input.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|word| word.parse().ok()).context("no HTTP answer")?;
        let mut chunked = false;
        loop {
            line.clear();
            input.read_line(&mut line)?;
            chunked |= line.to_ascii_lowercase().starts_with("transfer-encoding: chunked");
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = Vec::new();
        if chunked {
            read_chunks(&mut input, &mut body)?;
        } else {
            input.read_to_end(&mut body)?;
        }
        Ok(Answer { status, body })
    }

    /// The most memory it had, as the kernel says.
    pub(crate) fn peak_mb(&self) -> Result<f64> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
        let kib: f64 = line.split_whitespace().next().unwrap_or_default().parse()?;
        Ok(kib * 1024.0 / 1e6)
    }
}

fn read_chunks(input: &mut impl BufRead, body: &mut Vec<u8>) -> Result<()> {
    let mut line = String::new();
    loop {
        line.clear();
        input.read_line(&mut line)?;
        let length = u64::from_str_radix(line.trim(), 16).context("a chunk without a length")?;
        input.by_ref().take(length).read_to_end(body)?;
        line.clear();
        input.read_line(&mut line)?;
        if length == 0 {
            return Ok(());
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to do.
        if self.child.kill().is_ok() {
            drop(self.child.wait());
        }
    }
}
