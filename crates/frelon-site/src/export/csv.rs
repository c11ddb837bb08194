//! CSV (RFC 4180): one row an item. Spreadsheets run cells that look like formulas, so those get an
//! apostrophe before them (OWASP, CSV injection).

use std::io::Write;

use frelon_index::{Archive, ItemRecord};
use frelon_model::Instant;

use super::{Format, channel::Stop};

const HEADINGS: [&str; 22] = [
    "collection",
    "number",
    "date",
    "sent",
    "sent_offset_minutes",
    "received",
    "published",
    "from_name",
    "from_address",
    "to_name",
    "to_address",
    "recipients",
    "subject",
    "size_bytes",
    "attachments",
    "language",
    "list_id",
    "message_id",
    "thread",
    "tranche",
    "sha256",
    "dkim",
];

pub(super) struct Csv<W> {
    out: W,
}

impl<W: Write> Csv<W> {
    /// A file with its heading row.
    pub(super) fn new(mut out: W) -> Result<Self, Stop> {
        write_row(&mut out, &HEADINGS.map(str::to_owned))?;
        Ok(Self { out })
    }
}

impl<W: Write> Format for Csv<W> {
    fn item(&mut self, _archive: &Archive, item: &ItemRecord) -> Result<(), Stop> {
        write_row(&mut self.out, &row(item))?;
        Ok(())
    }

    fn end(self: Box<Self>) -> Result<(), Stop> {
        Ok(())
    }
}

fn row(item: &ItemRecord) -> [String; HEADINGS.len()] {
    let at = |instant: Option<Instant>| instant.map(Instant::to_rfc3339).unwrap_or_default();
    let name = |address: Option<&frelon_model::Address>| address.map(|found| found.name.clone()).unwrap_or_default();
    let email = |address: Option<&frelon_model::Address>| address.map(|found| found.email.clone()).unwrap_or_default();
    [
        item.key.collection.to_string(),
        item.key.number.to_string(),
        at(item.sorted_at),
        at(item.sent.map(|sent| sent.at)),
        item.sent.map(|sent| sent.offset_minutes.to_string()).unwrap_or_default(),
        at(item.received_at),
        at(Some(item.published_at)),
        name(item.from.as_ref()),
        email(item.from.as_ref()),
        name(item.to.as_ref()),
        email(item.to.as_ref()),
        item.recipient_count.to_string(),
        item.subject.clone(),
        item.size_bytes.to_string(),
        item.attachment_count.to_string(),
        item.language.clone().unwrap_or_default(),
        item.list_id.clone().unwrap_or_default(),
        item.message_id.clone().unwrap_or_default(),
        item.thread.to_string(),
        item.tranche.to_string(),
        item.content.to_string(),
        item.dkim.map(|state| state.code().to_owned()).unwrap_or_default(),
    ]
}

fn write_row(out: &mut impl Write, cells: &[String]) -> std::io::Result<()> {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        write_cell(out, cell)?;
    }
    out.write_all(b"\r\n")
}

fn write_cell(out: &mut impl Write, cell: &str) -> std::io::Result<()> {
    // A plain number is no formula, and an offset of minutes may be negative.
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && cell.parse::<i64>().is_err();
    let quoted = formula || cell.contains(['"', ',', '\r', '\n', '\0']) || cell.starts_with(' ') || cell.ends_with(' ');
    if !quoted {
        return out.write_all(cell.as_bytes());
    }
    out.write_all(if formula { b"\"'" } else { b"\"" })?;
    // Many readers stop at a NUL.
    out.write_all(cell.replace('"', "\"\"").replace('\0', "\u{fffd}").as_bytes())?;
    out.write_all(b"\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> String {
        let mut out = Vec::new();
        write_cell(&mut out, text).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            ("", ""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }

    #[test]
    fn formulas_are_text() {
        for text in ["=1+1", "+cmd", "-cmd|' /C calc'!A0", "@SUM(A1)", "\tx", "\rx"] {
            assert!(cell(text).starts_with("\"'"), "{text}");
        }
        assert_eq!(cell("-120"), "-120");
    }

    #[test]
    fn rows_end_with_crlf() {
        let mut out = Vec::new();
        write_row(&mut out, &["a".to_owned(), "b".to_owned()]).unwrap();
        assert_eq!(out, b"a,b\r\n");
    }
}
