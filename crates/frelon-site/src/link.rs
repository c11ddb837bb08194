//! Addresses on this site as the API, feeds and exports write them: from the root, percent-encoded.

use frelon_model::{CollectionId, ItemKey};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but the unreserved characters of RFC 3986 section 2.3.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One path segment or query value, percent-encoded.
pub(crate) fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// A collection's page.
pub(crate) fn collection(id: &CollectionId) -> String {
    format!("/{id}/")
}

/// An item's page.
pub(crate) fn item(key: &ItemKey) -> String {
    format!("/{}/{}", key.collection, key.number)
}

/// The proof of an item: that it is in the log, and who said it is out (C2SP tlog-proof).
pub(crate) fn proof(key: &ItemKey) -> String {
    format!("{}/{}.tlog-proof", item(key), key.number)
}

/// An item's published bytes.
pub(crate) fn raw(key: &ItemKey) -> String {
    format!("{}/raw", item(key))
}

/// A decoded part of an item under its file name.
pub(crate) fn part(key: &ItemKey, index: usize, name: &str) -> String {
    format!("{}/part/{index}/{}", item(key), segment(name))
}

/// A person's page.
pub(crate) fn person(collection: &CollectionId, key: &str) -> String {
    format!("/{collection}/people/{}", segment(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_hold_no_delimiter() {
        assert_eq!(segment("a/b?c#d e\r\n\"é"), "a%2Fb%3Fc%23d%20e%0D%0A%22%C3%A9");
        assert_eq!(segment("ann@example.org"), "ann%40example.org");
    }
}
