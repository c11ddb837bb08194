//! Where absolute links begin: as configured, or at the Host field if it looks like a host.

use http::{HeaderMap, header};

/// Longest name of a host (RFC 1035 section 2.3.4) with its port.
const HOST_BYTES_MAX: usize = 253 + 6;

/// The start of every absolute link; empty when links stay relative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Base {
    text: String,
    from_host: bool,
}

impl Base {
    /// `configured`, or where that is empty what the client says this host is called.
    pub(super) fn of(configured: &str, headers: &HeaderMap) -> Self {
        if !configured.is_empty() {
            return Self { text: configured.trim_end_matches('/').to_owned(), from_host: false };
        }
        let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).filter(|host| is_host(host));
        let text = host.map(|host| format!("http://{host}")).unwrap_or_default();
        Self { text, from_host: true }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn is_from_host(&self) -> bool {
        self.from_host
    }

    /// A link to a path that starts with `/`.
    pub(super) fn link(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }

    /// A feed's identifier: its address, or where that is not known a name nobody else can have.
    pub(super) fn id(&self, link: &str) -> String {
        if self.text.is_empty() { format!("tag:frelon.invalid,2026:{link}") } else { link.to_owned() }
    }
}

/// Whether this is a name or address with at most a port (RFC 9110 section 7.2), and nothing else.
fn is_host(text: &str) -> bool {
    let (name, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let Some((address, rest)) = rest.split_once(']') else { return false };
            let good =
                !address.is_empty() && address.bytes().all(|byte| byte.is_ascii_hexdigit() || b":.".contains(&byte));
            return good && (rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port));
        }
        None => match text.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (text, None),
        },
    };
    text.len() <= HOST_BYTES_MAX
        && name.bytes().any(|byte| byte.is_ascii_alphanumeric())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
        && port.is_none_or(is_port)
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hosts_are_taken_from_a_client() {
        for good in ["localhost", "example.org", "127.0.0.1:8080", "[::1]:8080", "abc.onion"] {
            assert!(is_host(good), "{good}");
        }
        let long = "a".repeat(300);
        for bad in ["", "a b", "a/b", "a@b", "a:b", "a:99999", "\"><script>", "[::1", "[]", "...", "a:+8", &long] {
            assert!(!is_host(bad), "{bad}");
        }
    }

    #[test]
    fn links_are_absolute_where_the_start_is_known() {
        let mut headers = HeaderMap::new();
        assert_eq!(Base::of("", &headers).link("/x"), "/x");
        headers.insert(header::HOST, "evil.example/\"".parse().unwrap());
        assert_eq!(Base::of("", &headers).link("/x"), "/x");
        headers.insert(header::HOST, "mirror.example:80".parse().unwrap());
        assert_eq!(Base::of("", &headers).link("/x"), "http://mirror.example:80/x");
        assert_eq!(Base::of("https://press.example/", &headers).link("/x"), "https://press.example/x");
    }
}
