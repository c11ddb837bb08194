//! A server on loopback that answers as a test says, well or badly.

use std::{
    io::{BufRead, BufReader, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }
}

/// What to answer.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// Status, further fields, body; the length is told.
    Answer(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// These bytes, whatever they are, then the end.
    Raw(Vec<u8>),
    /// The head of an answer of this length, then bytes in small portions with pauses.
    Drip { length: usize, portion: usize, pause: Duration },
    /// Bytes without end and without a length.
    Endless,
    /// An answer cut off: this length is told, these bytes come.
    Cut { length: usize, body: Vec<u8> },
    /// Nothing, for long.
    Silence,
}

impl Reply {
    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::Answer(200, Vec::new(), body.into())
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::Answer(status, Vec::new(), b"<html>no</html>".to_vec())
    }

    pub(crate) fn redirect(to: impl Into<String>) -> Self {
        Self::Answer(302, vec![("Location", to.into())], Vec::new())
    }
}

type Handler = dyn Fn(&Request) -> Reply + Send + Sync;

/// Runs until it is dropped.
pub(crate) struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
    stopped: Arc<AtomicBool>,
}

impl Server {
    pub(crate) fn new(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let stopped = Arc::new(AtomicBool::new(false));
        let (seen, stop, handler): (_, _, Arc<Handler>) = (requests.clone(), stopped.clone(), Arc::new(handler));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let (seen, stop, handler) = (seen.clone(), stop.clone(), handler.clone());
                if let Ok(stream) = stream {
                    thread::spawn(move || drop(serve(stream, &seen, &stop, &*handler)));
                }
            }
        });
        Self { port, requests, stopped }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("whole").clone()
    }

    pub(crate) fn forget(&self) {
        self.requests.lock().expect("whole").clear();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

fn serve(stream: TcpStream, seen: &Mutex<Vec<Request>>, stop: &AtomicBool, handler: &Handler) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    while let Some(request) = read(&mut reader)? {
        seen.lock().expect("whole").push(request.clone());
        let pause = |duration: Duration| {
            let steps = duration.as_millis() / 10 + 1;
            for _ in 0..steps {
                if !stop.load(Ordering::Relaxed) {
                    thread::sleep(Duration::from_millis(10));
                }
            }
        };
        match handler(&request) {
            Reply::Answer(status, fields, body) => {
                let mut head = format!("HTTP/1.1 {status} X\r\n");
                for (name, value) in fields {
                    head += &format!("{name}: {value}\r\n");
                }
                if status != 304 {
                    head += &format!("Content-Length: {}\r\n", body.len());
                }
                writer.write_all(format!("{head}\r\n").as_bytes())?;
                writer.write_all(&body)?;
                continue;
            }
            Reply::Raw(bytes) => writer.write_all(&bytes)?,
            Reply::Drip { length, portion, pause: between } => {
                writer.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n").as_bytes())?;
                let mut left = length;
                while left > 0 && !stop.load(Ordering::Relaxed) {
                    let count = portion.min(left);
                    writer.write_all(&vec![b'x'; count])?;
                    left -= count;
                    pause(between);
                }
            }
            Reply::Endless => {
                writer.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
                let bytes = vec![b'x'; 64 * 1024];
                while !stop.load(Ordering::Relaxed) {
                    writer.write_all(&bytes)?;
                }
            }
            Reply::Cut { length, body } => {
                writer.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n").as_bytes())?;
                writer.write_all(&body)?;
            }
            Reply::Silence => pause(Duration::from_secs(30)),
        }
        writer.shutdown(Shutdown::Both)?;
        break;
    }
    Ok(())
}

fn read(reader: &mut impl BufRead) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let (method, path) = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
    let mut fields = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        fields.push((name.to_owned(), value.trim().to_owned()));
    }
    let request = Request { method, path, fields, body: Vec::new() };
    let length = request.field("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(Request { body, ..request }))
}
