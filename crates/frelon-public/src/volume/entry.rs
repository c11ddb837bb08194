//! The records of a ZIP file that we write and read, and the names of our entries.

use frelon_model::ItemNumber;

/// Signature of a local file header (APPNOTE 4.3.7).
pub(crate) const LOCAL: u32 = 0x0403_4b50;
/// Signature of a central directory header (APPNOTE 4.3.12).
pub(crate) const CENTRAL: u32 = 0x0201_4b50;
/// Signature of the end of the central directory (APPNOTE 4.3.16).
const END: u32 = 0x0605_4b50;
/// Signature of its 64-bit form (APPNOTE 4.3.14).
const END_64: u32 = 0x0606_4b50;
/// Signature of what points to the 64-bit form (APPNOTE 4.3.15).
const END_64_LOCATOR: u32 = 0x0706_4b50;
/// Fixed part of a local header.
pub(crate) const LOCAL_BYTES: usize = 30;
/// Fixed part of a central header.
pub(crate) const CENTRAL_BYTES: usize = 46;
/// The three records at the end, together.
pub(crate) const END_BYTES_MAX: u64 = 56 + 20 + 22;
/// Compression method: none.
pub(crate) const STORED: u16 = 0;
/// Compression method: deflate.
pub(crate) const DEFLATED: u16 = 8;
/// 1980-01-01, the first day an MS-DOS date can state.
const DATE: u16 = 1 << 5 | 1;
/// A regular file, readable by all, as Unix puts it.
const MODE: u32 = 0o100_644 << 16;
/// Made on Unix, by version 4.5 of the specification.
const MADE_BY: u16 = 3 << 8 | 45;

/// Name of the openings.
pub(crate) const OPENINGS: &str = "openings.jsonl";
/// Name of the explanation.
pub(crate) const README: &str = "README.txt";
/// Folder of the items, as names of entries start with it.
const ITEMS: &str = "items/";

/// Name of an item's entry: `items/<number>.<extension>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ItemPath {
    /// The item's number.
    pub number: ItemNumber,
    extension: Extension,
}

/// 1 to 8 of `a-z0-9`, padded with zeros.
type Extension = [u8; 8];

impl ItemPath {
    /// The path for an item of this media type (RFC 6838).
    #[must_use]
    pub fn new(number: ItemNumber, media_type: &str) -> Self {
        let extension = match media_type {
            "message/rfc822" => "eml",
            "text/plain" => "txt",
            "text/html" => "html",
            "text/csv" => "csv",
            "application/pdf" => "pdf",
            "application/zip" => "zip",
            "image/jpeg" => "jpg",
            "image/png" => "png",
            "image/tiff" => "tiff",
            _ => "bin",
        };
        Self { number, extension: pad(extension.as_bytes()).expect("all of them are short") }
    }

    /// Reads the name of an entry; `None` if it is not an item's, in exactly the form we write.
    #[must_use]
    pub fn parse(name: &[u8]) -> Option<Self> {
        let rest = name.strip_prefix(ITEMS.as_bytes())?;
        let dot = rest.iter().position(|byte| *byte == b'.')?;
        let (digits, extension) = (&rest[..dot], &rest[dot + 1..]);
        if !(1..=20).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) || digits[0] == b'0' {
            return None;
        }
        let number = std::str::from_utf8(digits).ok()?.parse().ok()?;
        Some(Self { number: ItemNumber(number), extension: pad(extension)? })
    }

    /// The part after the dot.
    #[must_use]
    pub fn extension(&self) -> &str {
        let end = self.extension.iter().position(|byte| *byte == 0).unwrap_or(self.extension.len());
        std::str::from_utf8(&self.extension[..end]).unwrap_or_default()
    }
}

fn pad(text: &[u8]) -> Option<Extension> {
    let good = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut extension = Extension::default();
    if text.is_empty() || !text.iter().all(good) {
        return None;
    }
    extension.get_mut(..text.len())?.copy_from_slice(text);
    Some(extension)
}

impl std::fmt::Display for ItemPath {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{ITEMS}{}.{}", self.number, self.extension())
    }
}

/// What both headers of an entry say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) method: u16,
    pub(crate) crc32: u32,
    pub(crate) compressed_bytes: u32,
    pub(crate) size_bytes: u32,
    /// Where the local header begins.
    pub(crate) offset: u32,
}

impl Header {
    /// Appends the local header of an entry.
    pub(crate) fn put_local(&self, name: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(&LOCAL.to_le_bytes());
        self.put_shared(name, out);
        out.extend_from_slice(name.as_bytes());
    }

    /// Appends the central header of an entry.
    pub(crate) fn put_central(&self, name: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(&CENTRAL.to_le_bytes());
        out.extend_from_slice(&MADE_BY.to_le_bytes());
        self.put_shared(name, out);
        // No comment, first disk, no internal attributes.
        out.extend_from_slice(&[0; 6]);
        out.extend_from_slice(&MODE.to_le_bytes());
        out.extend_from_slice(&self.offset.to_le_bytes());
        out.extend_from_slice(name.as_bytes());
    }

    /// The 26 bytes that both headers have alike.
    fn put_shared(&self, name: &str, out: &mut Vec<u8>) {
        // Version 2.0 is needed to read; no flags.
        for word in [20, 0, self.method, 0, DATE] {
            out.extend_from_slice(&word.to_le_bytes());
        }
        for word in [self.crc32, self.compressed_bytes, self.size_bytes] {
            out.extend_from_slice(&word.to_le_bytes());
        }
        let length = u16::try_from(name.len()).expect("our names are short");
        for word in [length, 0] {
            out.extend_from_slice(&word.to_le_bytes());
        }
    }
}

/// Appends the records that end a ZIP file, with the 64-bit ones where the count needs them.
pub(crate) fn put_end(entries: u64, directory_offset: u32, directory_bytes: u32, out: &mut Vec<u8>) {
    let place = u64::from(directory_offset) + u64::from(directory_bytes);
    let short = match u16::try_from(entries) {
        Ok(short) if short < u16::MAX => short,
        _ => {
            out.extend_from_slice(&END_64.to_le_bytes());
            out.extend_from_slice(&44_u64.to_le_bytes());
            out.extend_from_slice(&MADE_BY.to_le_bytes());
            out.extend_from_slice(&45_u16.to_le_bytes());
            out.extend_from_slice(&[0; 8]);
            for word in [entries, entries, u64::from(directory_bytes), u64::from(directory_offset)] {
                out.extend_from_slice(&word.to_le_bytes());
            }
            out.extend_from_slice(&END_64_LOCATOR.to_le_bytes());
            out.extend_from_slice(&[0; 4]);
            out.extend_from_slice(&place.to_le_bytes());
            out.extend_from_slice(&1_u32.to_le_bytes());
            u16::MAX
        }
    };
    out.extend_from_slice(&END.to_le_bytes());
    for word in [0, 0, short, short] {
        out.extend_from_slice(&word.to_le_bytes());
    }
    for word in [directory_bytes, directory_offset] {
        out.extend_from_slice(&word.to_le_bytes());
    }
    out.extend_from_slice(&[0; 2]);
}

/// A little-endian number of 16 bits in a header whose length was checked.
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |pair| u16::from_le_bytes([pair[0], pair[1]]))
}

/// A little-endian number of 32 bits in a header whose length was checked.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |quad| u32::from_le_bytes([quad[0], quad[1], quad[2], quad[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn item_paths_round_trip() {
        for (number, media_type, text) in [
            (1, "message/rfc822", "items/1.eml"),
            (u64::MAX, "application/pdf", "items/18446744073709551615.pdf"),
            (20, "application/x-unknown", "items/20.bin"),
        ] {
            let path = ItemPath::new(ItemNumber(number), media_type);
            assert_eq!(path.to_string(), text);
            assert_eq!(ItemPath::parse(text.as_bytes()), Some(path));
        }
    }

    #[test]
    fn other_names_are_no_items() {
        for name in [
            "items/",
            "items/1",
            "items/01.eml",
            "items/0.eml",
            "items/1.",
            "items/1.EML",
            "items/-1.eml",
            "items/1.a/b",
            "items/../1.eml",
            "/items/1.eml",
            "items/1.123456789",
            "items/99999999999999999999.eml",
        ] {
            assert_eq!(ItemPath::parse(name.as_bytes()), None, "{name}");
        }
    }
}
