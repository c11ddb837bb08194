//! Addresses of people and lists (RFC 5322 section 3.4).

use serde::{Deserialize, Serialize};

/// One mailbox address of a header field: display name and addr-spec.
///
/// `email` is kept as written apart from surrounding white space; compare with [`Address::key`].
/// Either part may be empty: `From: Mary` has a name only, `<a@b.example>` has an addr-spec only.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
pub struct Address {
    /// Display name, decoded (RFC 2047); empty when there is none.
    pub name: String,
    /// addr-spec, or whatever stood in its place; empty when there is none.
    pub email: String,
}

impl Address {
    /// An address from its two parts, trimmed.
    #[must_use]
    pub fn new(name: &str, email: &str) -> Self {
        Self { name: name.trim().to_owned(), email: email.trim().to_owned() }
    }

    /// What identifies this address: the addr-spec in lower case, or, where there is none, the
    /// name in lower case. People are never merged by name when an addr-spec is there.
    #[must_use]
    pub fn key(&self) -> String {
        let part = if self.email.is_empty() { &self.name } else { &self.email };
        part.to_lowercase()
    }

    /// What a reader is shown first: the name if there is one, else the addr-spec.
    #[must_use]
    pub fn label(&self) -> &str {
        if self.name.is_empty() { &self.email } else { &self.name }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.name.is_empty(), self.email.is_empty()) {
            (false, false) => write!(out, "{} <{}>", self.name, self.email),
            (false, true) => out.write_str(&self.name),
            _ => out.write_str(&self.email),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_prefers_the_addr_spec() {
        assert_eq!(Address::new("Ann B", " Ann@Example.ORG ").key(), "ann@example.org");
        assert_eq!(Address::new("Ann B", "").key(), "ann b");
    }

    #[test]
    fn display_shows_what_is_there() {
        assert_eq!(Address::new("Ann", "a@b.example").to_string(), "Ann <a@b.example>");
        assert_eq!(Address::new("", "a@b.example").to_string(), "a@b.example");
        assert_eq!(Address::new("Ann", "").to_string(), "Ann");
    }
}
