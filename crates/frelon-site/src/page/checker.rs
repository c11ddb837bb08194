//! The check in the browser: what the script says, in the page's language, and what it may fetch.

use axum::response::Response;
use http::{HeaderValue, header};

use super::shell::Shell;

/// As for all pages, and the script may fetch from this site: the document, its proof, the policy.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
     form-action 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// Everything the script can say; it finds each by its name.
const WORDS: [&str; 28] = [
    "running",
    "good",
    "good-text",
    "partly",
    "partly-text",
    "bad",
    "bad-text",
    "unread",
    "no-crypto",
    "no-hash",
    "content-ok",
    "content-bad",
    "entry-ok",
    "entry-bad",
    "inclusion-ok",
    "inclusion-bad",
    "log-ok",
    "log-bad",
    "witness-ok",
    "witness-none",
    "witness-bad",
    "editors-ok",
    "editors-bad",
    "release-ok",
    "release-bad",
    "not",
    "own-policy",
    "your-policy",
];

/// What templates put into the page for the script.
pub(crate) struct Checker {
    /// Names and texts.
    pub(crate) words: Vec<(&'static str, String)>,
}

impl Checker {
    pub(crate) fn of(s: &Shell) -> Self {
        let text = |name: &'static str| (name, s.t(&format!("checker-{name}")).to_owned());
        Self { words: WORDS.into_iter().map(text).collect() }
    }
}

/// Lets the page's script fetch what it checks.
pub(crate) fn allow(response: &mut Response) {
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, POLICY);
}
