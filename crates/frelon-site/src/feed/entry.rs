//! Entries of feeds: one an item, or one a release.

use atom_syndication::{Entry, FixedDateTime, Link, Person, Text};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use frelon_index::{Archive, ItemRecord, ReadError, ReleaseRecord};
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

pub(super) fn of_release(release: &ReleaseRecord, base: &Base) -> Entry {
    let (collection, tranche) = (&release.collection, release.tranche);
    let title =
        if release.title.is_empty() { format!("{collection}, release {tranche}") } else { release.title.clone() };
    let page = base.link(&format!("/{collection}/release/{tranche}"));
    Entry {
        title: Text::plain(xml(&title)),
        id: format!("tag:frelon.invalid,2026:{collection}/release/{tranche}"),
        updated: date(release.published_at),
        published: Some(date(release.published_at)),
        authors: vec![Person { name: collection.to_string(), ..Person::default() }],
        links: vec![link("alternate", &page, Some("text/html"))],
        summary: Some(Text::plain(format!("{} ({} to {})", release.item_count, release.first, release.last))),
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
