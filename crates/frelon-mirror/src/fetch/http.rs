//! A public tree behind HTTP.
//!
//! Redirects are followed here and not by the client, so that each of them is looked at; the addresses
//! that a name stands for are filtered by the resolver that the connection is made from, so that no
//! second answer of a name server can slip in between. No proxy is taken from the environment, no
//! cookies are kept, nothing is decompressed.

use std::{error::Error as _, fs, io, net::IpAddr, sync::Arc};

use ureq::{
    Agent, Timeout,
    config::Config,
    http::{Response, Uri, header},
    tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem},
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::{DefaultConnector, NextTimeout},
    },
};
use url::Url;

use super::{Answer, Body, FetchError, Pace, Request, Source, is_public};

/// Redirects followed for one object.
const REDIRECTS_MAX: usize = 3;
/// Bytes of the head of an answer.
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// The longest base address.
const URL_BYTES_MAX: usize = 2_048;
/// Where systems keep the certificates they trust, as one file.
const CERTIFICATE_FILES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// How to reach peers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Whether addresses of this machine and of local nets may be connected to.
    pub allow_private: bool,
    /// How slow they may be.
    pub pace: Pace,
}

/// A server with a public tree below an address.
#[derive(Debug)]
pub struct Http {
    base: Url,
    name: String,
    agent: Agent,
    pace: Pace,
}

impl Http {
    /// The tree below `url`: `http` or `https`, without user, query and fragment.
    ///
    /// # Errors
    /// [`FetchError::Misbehaved`] when it is no such address.
    pub fn new(url: &str, options: Options) -> Result<Self, FetchError> {
        let refuse = |reason: &str| FetchError::Misbehaved { at: url.to_owned(), reason: reason.to_owned() };
        if url.len() > URL_BYTES_MAX {
            return Err(refuse("the address is too long"));
        }
        let mut base = Url::parse(url).map_err(|error| refuse(&format!("it is no address: {error}")))?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(refuse("an address begins with http:// or https://"));
        }
        if !base.username().is_empty() || base.password().is_some() || base.query().is_some() {
            return Err(refuse("an address has no user and no query here"));
        }
        base.set_fragment(None);
        if !base.path().ends_with('/') {
            let path = format!("{}/", base.path());
            base.set_path(&path);
        }
        let name = base.as_str().trim_end_matches('/').to_owned();
        Ok(Self { name, agent: agent(base.scheme() == "https", options), base, pace: options.pace })
    }

    /// Sends one request and follows redirects.
    fn ask(&self, start: &Url, request: Request<'_>) -> Result<Response<ureq::Body>, FetchError> {
        let mut url = start.clone();
        for _ in 0..=REDIRECTS_MAX {
            let mut get = self.agent.get(url.as_str());
            if request.first > 0 {
                get = get.header(header::RANGE, format!("bytes={}-", request.first));
            }
            if let Some(tag) = request.tag {
                get = get.header(header::IF_NONE_MATCH, tag);
            }
            let configured = get.config().timeout_global(Some(self.pace.longest(request.bytes_max))).build();
            let answer = configured.call().map_err(|error| from_ureq(url.to_string(), error))?;
            if !matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
                return Ok(answer);
            }
            url = self.follow(&url, &answer)?;
        }
        Err(FetchError::Misbehaved { at: start.to_string(), reason: "it redirects more than three times".to_owned() })
    }

    /// Where a redirect leads.
    fn follow(&self, from: &Url, answer: &Response<ureq::Body>) -> Result<Url, FetchError> {
        let refuse = |reason: &str| FetchError::Misbehaved { at: from.to_string(), reason: reason.to_owned() };
        let to = answer.headers().get(header::LOCATION).and_then(|place| place.to_str().ok());
        let to = to.filter(|place| place.len() <= URL_BYTES_MAX).ok_or_else(|| refuse("it redirects to nowhere"))?;
        let to = from.join(to).map_err(|_| refuse("it redirects to what is no address"))?;
        if !matches!(to.scheme(), "http" | "https") || !to.username().is_empty() || to.password().is_some() {
            return Err(refuse("it redirects to what is no plain web address"));
        }
        // Whoever asked for an encrypted line gets one.
        if from.scheme() == "https" && to.scheme() != "https" {
            return Err(refuse("it redirects to an address that is not encrypted"));
        }
        Ok(to)
    }

    /// Sends a body, as to a witness, and hands back status, media type and body of the answer.
    ///
    /// # Errors
    /// When there is no answer, or a longer one than `bytes_max`.
    pub fn post(&self, path: &str, body: &[u8], bytes_max: u64) -> Result<Posted, FetchError> {
        let url = self.url(path)?;
        let request = Request::whole(path, bytes_max);
        let call = self.agent.post(url.as_str()).config().timeout_global(Some(self.pace.longest(bytes_max))).build();
        // A redirect of a request with a body is no answer a witness gives.
        let answer = call.send(body).map_err(|error| from_ureq(url.to_string(), error))?;
        let status = answer.status().as_u16();
        let media_type = text(&answer, &header::CONTENT_TYPE).map(str::to_owned);
        check_encoding(&url, &answer)?;
        let body = self.body(&url, request, 0, answer)?.read_all()?;
        Ok(Posted { status, media_type, body })
    }

    fn url(&self, path: &str) -> Result<Url, FetchError> {
        let refuse = || FetchError::Misbehaved { at: path.to_owned(), reason: "it is no path of a tree".to_owned() };
        let url = self.base.join(path).map_err(|_| refuse())?;
        // Paths are our own; one that led elsewhere would be a mistake of ours.
        if url.as_str().starts_with(self.base.as_str()) { Ok(url) } else { Err(refuse()) }
    }

    fn body(
        &self,
        url: &Url,
        request: Request<'_>,
        first: u64,
        answer: Response<ureq::Body>,
    ) -> Result<Body, FetchError> {
        let tag = text(&answer, &header::ETAG).map(str::to_owned);
        let body = answer.into_body();
        let is_long = body.content_length().is_some_and(|length| length > request.bytes_max.saturating_sub(first));
        if is_long {
            return Err(FetchError::TooLong { at: url.to_string(), bytes_max: request.bytes_max });
        }
        // One more than may come, so that too much is noticed as such.
        let limit = request.bytes_max.saturating_sub(first).saturating_add(1).saturating_add(super::PIECE_BYTES as u64);
        let reader = Box::new(body.into_with_config().limit(limit).reader());
        Ok(Body::new(url.to_string(), request, first, reader).paced(self.pace).tagged(tag))
    }
}

/// The answer to [`Http::post`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Status code (RFC 9110, 15).
    pub status: u16,
    /// `Content-Type`.
    pub media_type: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Source for Http {
    fn name(&self) -> &str {
        &self.name
    }

    fn open(&self, request: Request<'_>) -> Result<Answer, FetchError> {
        let url = self.url(request.path)?;
        let answer = self.ask(&url, request)?;
        let at = url.to_string();
        let misbehaved = |reason: String| FetchError::Misbehaved { at: at.clone(), reason };
        let first = match answer.status().as_u16() {
            304 if request.tag.is_some() => return Ok(Answer::Unchanged),
            404 | 410 => return Err(FetchError::Missing { at }),
            // An answer from the first byte on is what servers without ranges give.
            200 => 0,
            206 if request.first > 0 => {
                let range = text(&answer, &header::CONTENT_RANGE).and_then(|range| range.strip_prefix("bytes "));
                let first = range.and_then(|range| range.split('-').next()).and_then(|first| first.parse().ok());
                first
                    .filter(|first| *first == request.first)
                    .ok_or_else(|| misbehaved("it sends another part than was asked for".to_owned()))?
            }
            status @ (408 | 429 | 500..=599) => {
                let reason = format!("it answers {status}");
                return Err(FetchError::Unreachable { at, reason });
            }
            status => return Err(misbehaved(format!("it answers {status}"))),
        };
        check_encoding(&url, &answer)?;
        Ok(Answer::Body(self.body(&url, request, first, answer)?))
    }
}

/// Objects are hashed as they are sent, so nothing may wrap them.
fn check_encoding(url: &Url, answer: &Response<ureq::Body>) -> Result<(), FetchError> {
    match text(answer, &header::CONTENT_ENCODING) {
        None => Ok(()),
        Some(encoding) if encoding.eq_ignore_ascii_case("identity") => Ok(()),
        Some(_) => {
            let reason = "it is sent compressed, and was not asked to be".to_owned();
            Err(FetchError::Misbehaved { at: url.to_string(), reason })
        }
    }
}

fn text<'a>(answer: &'a Response<ureq::Body>, name: &header::HeaderName) -> Option<&'a str> {
    answer.headers().get(name).and_then(|value| value.to_str().ok())
}

fn agent(is_encrypted: bool, options: Options) -> Agent {
    let Options { allow_private, pace } = options;
    // Reading the system's certificates takes a few ms; a redirect may lead from http to https.
    let certificates = certificates();
    tracing::debug!(count = certificates.len(), is_encrypted, "certificates of the system");
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&certificates))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    let config = Config::builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .accept_encoding("identity")
        .user_agent(concat!("frelon/", env!("CARGO_PKG_VERSION")))
        .max_response_header_size(HEAD_BYTES_MAX)
        .timeout_resolve(Some(pace.window))
        .timeout_connect(Some(pace.window))
        .timeout_send_request(Some(pace.window))
        .timeout_recv_response(Some(pace.window))
        .timeout_per_read(Some(pace.window))
        .timeout_per_write(Some(pace.window))
        .tls_config(tls)
        .build();
    Agent::with_parts(config, DefaultConnector::default(), Guard { allow_private, inner: DefaultResolver::default() })
}

/// Whom this system trusts to name servers.
fn certificates() -> Vec<Certificate<'static>> {
    let Some(pem) = CERTIFICATE_FILES.iter().find_map(|file| fs::read(file).ok()) else { return Vec::new() };
    let certificate = |item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    };
    parse_pem(&pem).filter_map(certificate).collect()
}

/// Hands on public addresses only; what is connected to are these and no others.
#[derive(Debug)]
struct Guard {
    allow_private: bool,
    inner: DefaultResolver,
}

/// A name that stands for addresses that are not public.
#[derive(Debug, thiserror::Error)]
#[error("{0} is no public address")]
struct Private(IpAddr);

impl Resolver for Guard {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        if self.allow_private {
            return Ok(found);
        }
        let mut public = self.empty();
        for address in found.iter().filter(|address| is_public(address.ip())) {
            public.push(*address);
        }
        match found.first() {
            Some(address) if public.is_empty() => Err(ureq::Error::Other(Box::new(Private(address.ip())))),
            _ => Ok(public),
        }
    }
}

fn from_ureq(at: String, error: ureq::Error) -> FetchError {
    match error {
        ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => {
            FetchError::Unreachable { at, reason: "nobody answers there".to_owned() }
        }
        ureq::Error::Timeout(_) => FetchError::Slow { at },
        ureq::Error::Other(error) => match error.downcast::<Private>() {
            Ok(private) => FetchError::NotPublic { at, address: private.0 },
            Err(error) => FetchError::Unreachable { at, reason: error.to_string() },
        },
        ureq::Error::Protocol(_) | ureq::Error::Http(_) | ureq::Error::LargeResponseHeader(..) => {
            FetchError::Misbehaved { at, reason: format!("what it sends is no HTTP answer ({error})") }
        }
        ureq::Error::Io(error) => FetchError::Unreachable { at, reason: error.to_string() },
        error => FetchError::Unreachable { at, reason: error.to_string() },
    }
}

/// What breaks off a body.
pub(super) fn from_io(at: String, error: &io::Error) -> FetchError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<ureq::Error>());
    match inner {
        Some(ureq::Error::Timeout(_)) => FetchError::Slow { at },
        Some(ureq::Error::BodyExceedsLimit(bytes_max)) => FetchError::TooLong { at, bytes_max: *bytes_max },
        Some(other) => FetchError::Unreachable { at, reason: format!("the line broke: {other}") },
        None if error.kind() == io::ErrorKind::TimedOut => FetchError::Slow { at },
        None => {
            let reason = error.source().map_or_else(|| error.to_string(), ToString::to_string);
            FetchError::Unreachable { at, reason: format!("the line broke: {reason}") }
        }
    }
}
