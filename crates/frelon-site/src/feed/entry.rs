//! Entries of feeds: one an item, or one a statement.

use atom_syndication::{Entry, FixedDateTime, Link, Person, Text};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use frelon_index::{Archive, Change, ChangeRecord, ItemRecord, ReadError};
use frelon_mail::BlockKind;
use frelon_model::Instant;

use super::Base;
use crate::link as path;

/// Characters of an item's text that its entry shows.
const SUMMARY_CHARS_MAX: usize = 800;
/// Messages above this are not read for a summary.
const SUMMARY_ITEM_BYTES_MAX: u64 = 1024 * 1024;

pub(super) fn of_item(archive: &Archive, item: &ItemRecord, base: &Base) -> Result<Entry, ReadError> {
    let author = item.from.as_ref().map(|from| Person {
        name: xml(from.label()),
        email: Some(xml(&from.email)).filter(|email| !email.is_empty()),
        ..Person::default()
    });
    let nobody = || Person { name: "?".to_owned(), ..Person::default() };
    let title = if item.subject.is_empty() {
        format!("{} {}", item.key.collection, item.key.number)
    } else {
        item.subject.clone()
    };
    Ok(Entry {
        title: Text::plain(xml(&title)),
        // RFC 6920: the same on every mirror; the place keeps two copies in one feed apart.
        id: format!(
            "ni:///sha-256;{}?item={}.{}",
            URL_SAFE_NO_PAD.encode(item.content.0),
            item.key.collection,
            item.key.number
        ),
        updated: date(item.published_at),
        published: item.sorted_at.filter(|at| is_ordinary(*at)).map(date),
        authors: vec![author.unwrap_or_else(nobody)],
        links: vec![
            link("alternate", &base.link(&path::item(&item.key)), Some("text/html")),
            link("enclosure", &base.link(&path::raw(&item.key)), Some("message/rfc822")),
        ],
        summary: summary(archive, item)?.map(Text::plain),
        ..Entry::default()
    })
}

/// One statement, in English: a feed has one language.
pub(super) fn of_change(record: &ChangeRecord, origin: &str, base: &Base) -> Entry {
    let place = record.collection.as_ref().map(|id| format!("/{id}/")).unwrap_or_default();
    let named = record.collection.as_ref().map_or("", frelon_model::CollectionId::as_str);
    let said = |text: &Option<String>| text.clone().unwrap_or_default();
    let (title, page, summary) = match &record.change {
        Change::Root { version, editors, threshold, .. } => (
            format!("Editors' keys, version {version}"),
            String::new(),
            format!("{threshold} of {} editors must sign", editors.len()),
        ),
        Change::Collection { title } => (format!("{named}: described"), place, title.clone()),
        Change::Accession { count } => (format!("{named}: {count} items taken in"), String::new(), String::new()),
        Change::Release { tranche, title, item_count } => {
            let name = if title.is_empty() { format!("{named}, release {tranche}") } else { title.clone() };
            (name, format!("{place}release/{tranche}"), format!("{item_count} items"))
        }
        Change::Withdraw { number, reason, text, .. } => {
            let why = format!("{reason} {}", said(text));
            (format!("{named} {number}: withdrawn"), format!("{place}{number}"), why)
        }
        Change::Restore { number, text } => {
            (format!("{named} {number}: out again"), format!("{place}{number}"), said(text))
        }
        Change::Correct { number, replacement, reason } => {
            (format!("{named} {number}: corrected by {replacement}"), format!("{place}{replacement}"), reason.clone())
        }
        Change::Succession { origin } => {
            ("The archive goes on in another log".to_owned(), String::new(), origin.clone())
        }
    };
    let page = if page.is_empty() { format!("/changes#s{}", record.leaf) } else { page };
    Entry {
        title: Text::plain(xml(&title)),
        // The same on every mirror: a log has one name, and an entry one place in it.
        id: format!("tag:frelon.invalid,2026:{}/{}", path::segment(origin), record.leaf),
        updated: date(record.made_at),
        published: Some(date(record.made_at)),
        authors: vec![Person { name: xml(if named.is_empty() { "editors" } else { named }), ..Person::default() }],
        links: vec![link("alternate", &base.link(&page), Some("text/html"))],
        summary: Some(Text::plain(xml(summary.trim()))).filter(|text| !text.value.is_empty()),
        ..Entry::default()
    }
}

/// The beginning of what the author wrote.
fn summary(archive: &Archive, item: &ItemRecord) -> Result<Option<String>, ReadError> {
    if item.size_bytes > SUMMARY_ITEM_BYTES_MAX || item.media_type != "message/rfc822" {
        return Ok(None);
    }
    let Some(raw) = archive.raw(&item.key)? else { return Ok(None) };
    let message = frelon_mail::parse(&raw);
    let mut text = String::new();
    for block in message.body.iter().filter(|block| matches!(block.kind, BlockKind::Own | BlockKind::Forwarded)) {
        let left = SUMMARY_CHARS_MAX.saturating_sub(text.chars().count());
        if left == 0 {
            break;
        }
        text.extend(xml(&block.text).chars().take(left));
        text.push('\n');
    }
    let text = text.trim();
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Text without what XML 1.0 (section 2.2) cannot hold.
pub(super) fn xml(text: &str) -> String {
    let allowed = |letter: &char| match *letter {
        '\t' | '\n' | '\r' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        other => other >= ' ',
    };
    text.chars().filter(allowed).collect()
}

/// Years that RFC 3339 can write.
fn is_ordinary(at: Instant) -> bool {
    (0..=9999).contains(&at.civil().year())
}

pub(super) fn date(at: Instant) -> FixedDateTime {
    at.to_rfc3339().parse().unwrap_or_default()
}

pub(super) fn link(rel: &str, href: &str, media_type: Option<&str>) -> Link {
    Link { href: xml(href), rel: rel.to_owned(), mime_type: media_type.map(str::to_owned), ..Link::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_xml_cannot_hold_is_left_out() {
        assert_eq!(xml("a\0b\u{1b}[1mc\u{ffff}d\té"), "ab[1mcd\té");
    }

    #[test]
    fn dates_are_written_in_full() {
        assert_eq!(date(Instant(0)).to_rfc3339(), "1970-01-01T00:00:00+00:00");
        assert!(!is_ordinary(Instant(i64::MIN)));
    }
}
