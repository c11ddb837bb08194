//! What a peer may do, and what is made of it.

use std::time::{Duration, Instant};

use frelon_mirror::fetch::{Answer, FetchError, Http, Options, Pace, Request, Source, get};

use crate::server::{Reply, Server};

/// Peers on this machine, with little patience.
pub(crate) fn options() -> Options {
    Options { allow_private: true, pace: Pace { rate_min: 10_000, window: Duration::from_millis(700) } }
}

fn fetch(reply: Reply, bytes_max: u64) -> Result<Vec<u8>, FetchError> {
    let server = Server::new(move |_| reply.clone());
    let http = Http::new(&server.url(), options()).unwrap();
    get(&http, "checkpoint", bytes_max)
}

fn misbehaves(reply: Reply) -> bool {
    fetch(reply, 1_000).is_err_and(|error| error.is_misbehaviour())
}

#[test]
fn what_fits_is_fetched() {
    assert_eq!(fetch(Reply::ok(b"12345".as_slice()), 5).unwrap(), b"12345");
    assert_eq!(fetch(Reply::ok(b"".as_slice()), 0).unwrap(), b"");
    let raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".to_vec();
    assert_eq!(fetch(Reply::Raw(raw), 3).unwrap(), b"abc");
    let raw = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc".to_vec();
    assert_eq!(fetch(Reply::Raw(raw), 3).unwrap(), b"abc");
}

#[test]
fn one_byte_more_than_declared_aborts() {
    assert!(matches!(fetch(Reply::ok(b"123456".as_slice()), 5), Err(FetchError::TooLong { bytes_max: 5, .. })));
    let raw = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n123456".to_vec();
    assert!(matches!(fetch(Reply::Raw(raw), 5), Err(FetchError::TooLong { bytes_max: 5, .. })));
    let raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n0\r\n\r\n".to_vec();
    assert!(matches!(fetch(Reply::Raw(raw), 5), Err(FetchError::TooLong { .. })));
}

#[test]
fn endless_data_ends() {
    assert!(matches!(fetch(Reply::Endless, 100_000), Err(FetchError::TooLong { bytes_max: 100_000, .. })));
}

#[test]
fn a_body_that_is_cut_is_no_body() {
    let error = fetch(Reply::Cut { length: 100, body: b"short".to_vec() }, 1_000).unwrap_err();
    assert!(matches!(error, FetchError::Unreachable { .. }), "{error}");
}

#[test]
fn a_slow_drip_is_given_up() {
    let start = Instant::now();
    let drip = Reply::Drip { length: 900_000, portion: 50, pause: Duration::from_millis(20) };
    let error = fetch(drip, 1_000_000).unwrap_err();
    assert!(matches!(error, FetchError::Slow { .. }), "{error}");
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn silence_is_given_up() {
    let start = Instant::now();
    let error = fetch(Reply::Silence, 1_000).unwrap_err();
    assert!(matches!(error, FetchError::Slow { .. }), "{error}");
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn statuses_are_told_apart() {
    assert!(fetch(Reply::status(404), 1_000).unwrap_err().is_missing());
    assert!(fetch(Reply::status(410), 1_000).unwrap_err().is_missing());
    for status in [500, 502, 503, 429, 408] {
        let error = fetch(Reply::status(status), 1_000).unwrap_err();
        assert!(matches!(error, FetchError::Unreachable { .. }), "{error}");
    }
    for status in [201, 204, 206, 304, 400, 401, 403, 418] {
        assert!(misbehaves(Reply::status(status)), "{status}");
    }
}

#[test]
fn what_is_no_http_is_no_answer() {
    assert!(fetch(Reply::Raw(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()), 1_000).is_err());
    assert!(fetch(Reply::Raw(Vec::new()), 1_000).is_err());
    let head = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(100_000));
    assert!(fetch(Reply::Raw(head.into_bytes()), 1_000).is_err());
}

#[test]
fn compressed_answers_are_refused() {
    for encoding in ["gzip", "br", "deflate", "zstd", "identity, gzip"] {
        let reply = Reply::Answer(200, vec![("Content-Encoding", encoding.to_owned())], b"x".to_vec());
        assert!(misbehaves(reply), "{encoding}");
    }
    let reply = Reply::Answer(200, vec![("Content-Encoding", "identity".to_owned())], b"x".to_vec());
    assert_eq!(fetch(reply, 1).unwrap(), b"x");
}

#[test]
fn nothing_compressed_is_asked_for() {
    let server = Server::new(|_| Reply::ok(b"x".as_slice()));
    let http = Http::new(&server.url(), options()).unwrap();
    get(&http, "checkpoint", 9).unwrap();
    let request = server.requests().remove(0);
    assert_eq!((&*request.method, &*request.path), ("GET", "/checkpoint"));
    assert_eq!(request.field("accept-encoding"), Some("identity"));
    assert_eq!(request.field("cookie"), None);
}

#[test]
fn three_redirects_are_followed_and_four_are_not() {
    let server = Server::new(|request| match &*request.path {
        "/3/checkpoint" => Reply::redirect("/2/checkpoint"),
        "/2/checkpoint" => Reply::redirect("../1/checkpoint"),
        "/1/checkpoint" => Reply::redirect("/0/checkpoint"),
        "/4/checkpoint" => Reply::redirect("/3/checkpoint"),
        _ => Reply::ok(b"there".as_slice()),
    });
    let at = |path: &str| Http::new(&format!("{}/{path}", server.url()), options()).unwrap();
    assert_eq!(get(&at("3"), "checkpoint", 9).unwrap(), b"there");
    assert!(get(&at("4"), "checkpoint", 9).unwrap_err().is_misbehaviour());
}

#[test]
fn redirects_in_a_circle_end() {
    let server = Server::new(|request| Reply::redirect(request.path.clone()));
    let http = Http::new(&server.url(), options()).unwrap();
    assert!(get(&http, "checkpoint", 9).unwrap_err().is_misbehaviour());
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn redirects_to_what_is_no_web_address_are_refused() {
    for to in ["file:///etc/passwd", "ftp://m.example/x", "http://u:p@m.example/x", "http://", "data:,x"] {
        assert!(misbehaves(Reply::redirect(to)), "{to}");
    }
    assert!(misbehaves(Reply::Answer(302, Vec::new(), Vec::new())), "without a place");
}

#[test]
fn private_addresses_are_not_connected_to() {
    let server = Server::new(|_| Reply::ok(b"secret".as_slice()));
    let strict = Options { allow_private: false, ..options() };
    let port = server.url().rsplit(':').next().unwrap().to_owned();
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "127.1", "2130706433", "0x7f.1"] {
        let http = Http::new(&format!("http://{host}:{port}"), strict).unwrap();
        let error = get(&http, "checkpoint", 9).unwrap_err();
        let never_got_there = matches!(error, FetchError::NotPublic { .. } | FetchError::Unreachable { .. });
        assert!(never_got_there, "{host}: {error}");
    }
    for host in ["10.0.0.1", "192.168.0.1", "169.254.169.254", "[fd00::1]", "[fe80::1]", "224.0.0.1"] {
        let http = Http::new(&format!("http://{host}:{port}"), strict).unwrap();
        let error = get(&http, "checkpoint", 9).unwrap_err();
        assert!(matches!(error, FetchError::NotPublic { .. }), "{host}: {error}");
    }
    assert_eq!(server.requests().len(), 0, "nothing was asked");
}

#[test]
fn a_part_is_asked_for_and_checked() {
    let server = Server::new(|request| match (&*request.path, request.field("range")) {
        ("/good", Some("bytes=3-")) => {
            Reply::Answer(206, vec![("Content-Range", "bytes 3-5/6".to_owned())], b"def".to_vec())
        }
        ("/other", Some(_)) => Reply::Answer(206, vec![("Content-Range", "bytes 2-5/6".to_owned())], b"cdef".to_vec()),
        ("/long", Some(_)) => Reply::Answer(206, vec![("Content-Range", "bytes 3-6/7".to_owned())], b"defg".to_vec()),
        ("/whole", Some(_)) => Reply::ok(b"abcdef".as_slice()),
        _ => Reply::status(404),
    });
    let http = Http::new(&server.url(), options()).unwrap();
    let open = |path| -> Result<(u64, Vec<u8>), FetchError> {
        match http.open(Request { first: 3, ..Request::whole(path, 6) })? {
            Answer::Body(mut body) => Ok((body.first(), body.read_all()?)),
            Answer::Unchanged => panic!("nothing was said to be known"),
        }
    };
    assert_eq!(open("good").unwrap(), (3, b"def".to_vec()));
    assert_eq!(open("whole").unwrap(), (0, b"abcdef".to_vec()));
    assert!(open("other").unwrap_err().is_misbehaviour());
    assert!(matches!(open("long"), Err(FetchError::TooLong { .. })));
}

#[test]
fn unchanged_is_believed_only_where_it_was_asked() {
    let server = Server::new(|request| match request.field("if-none-match") {
        Some("\"v1\"") => Reply::Answer(304, Vec::new(), Vec::new()),
        _ => Reply::Answer(200, vec![("ETag", "\"v1\"".to_owned())], b"x".to_vec()),
    });
    let http = Http::new(&server.url(), options()).unwrap();
    let Answer::Body(body) = http.open(Request::whole("checkpoint", 9)).unwrap() else { panic!("a body") };
    assert_eq!(body.tag(), Some("\"v1\""));
    let again = http.open(Request { tag: Some("\"v1\""), ..Request::whole("checkpoint", 9) }).unwrap();
    assert!(matches!(again, Answer::Unchanged));
}
