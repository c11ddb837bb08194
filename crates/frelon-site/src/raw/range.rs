//! Range requests: one range of bytes (RFC 9110 section 14). Lists of ranges are answered whole.

use http::{HeaderMap, header};

/// What a request wants of the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of them.
    All,
    /// A run of at least one byte.
    Slice {
        /// Offset of the first byte.
        first: u64,
        /// How many.
        length: u64,
    },
    /// A range beyond the end.
    Unsatisfiable,
}

impl Wanted {
    /// Reads `Range` and `If-Range` for a body of `size` bytes with the strong tag `tag`.
    pub(super) fn read(headers: &HeaderMap, tag: &str, size: u64) -> Self {
        let text = |name| headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
        let same = text(header::IF_RANGE).is_none_or(|known| known == format!("\"{tag}\""));
        let spec = text(header::RANGE).and_then(|range| range.trim().strip_prefix("bytes="));
        match spec {
            Some(spec) if same => Self::parse(spec, size),
            _ => Self::All,
        }
    }

    fn parse(spec: &str, size: u64) -> Self {
        let Some((from, to)) = spec.split_once('-') else { return Self::All };
        let (from, to) = (from.trim(), to.trim());
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(from) || !digits(to) {
            return Self::All;
        }
        // Numbers too large to read are beyond any end.
        let number = |text: &str| text.parse::<u64>().unwrap_or(u64::MAX);
        let (first, last) = match (from.is_empty(), to.is_empty()) {
            (true, true) => return Self::All,
            (true, false) => (size.saturating_sub(number(to)), u64::MAX),
            (false, true) => (number(from), u64::MAX),
            (false, false) => (number(from), number(to)),
        };
        let suffix_of_nothing = from.is_empty() && number(to) == 0;
        if first > last {
            return Self::All;
        }
        if first >= size || suffix_of_nothing {
            return Self::Unsatisfiable;
        }
        Self::Slice { first, length: last.min(size - 1) - first + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_clamped() {
        let slice = |first, length| Wanted::Slice { first, length };
        for (spec, wanted) in [
            ("0-0", slice(0, 1)),
            ("2-4", slice(2, 3)),
            ("5-", slice(5, 5)),
            ("-3", slice(7, 3)),
            ("-30", slice(0, 10)),
            ("0-99999999999999999999999", slice(0, 10)),
            ("10-", Wanted::Unsatisfiable),
            ("-0", Wanted::Unsatisfiable),
            ("4-2", Wanted::All),
            ("-", Wanted::All),
            ("0-1,3-4", Wanted::All),
            ("x-1", Wanted::All),
        ] {
            assert_eq!(Wanted::parse(spec, 10), wanted, "{spec}");
        }
        assert_eq!(Wanted::parse("0-", 0), Wanted::Unsatisfiable);
    }
}
