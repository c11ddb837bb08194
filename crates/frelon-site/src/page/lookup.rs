//! `/lookup`: is this text, hash, Message-ID or file in the archive? Yes with the place, or no with
//! what that means.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Multipart, Query, State, multipart::MultipartError},
    response::Response,
};
use frelon_index::{Archive, AttachmentRecord, ItemRecord, SearchError, SearchRequest};
use frelon_model::ContentHash;
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{
    row::Row,
    shell::{Reader, Shell, page_with, site_title},
};
use crate::{fault::Fault, state::Site, text::percent_encode};

/// Bytes of an uploaded file; nothing of it is kept, only its hash.
pub(crate) const UPLOAD_BYTES_MAX: usize = 64 * 1024 * 1024;
/// What the framing of an upload may take besides.
pub(crate) const UPLOAD_FRAMING_BYTES_MAX: usize = 64 * 1024;
/// Bytes of a text that is looked for.
const TEXT_BYTES_MAX: usize = 2_000;
/// Places shown.
const PLACES_MAX: usize = 20;

/// Parameters of the page.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    q: String,
}

/// What was asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Hash,
    File,
    MessageId,
    Text,
}

impl Sort {
    fn code(self) -> &'static str {
        match self {
            Self::Hash => "hash",
            Self::File => "file",
            Self::MessageId => "message-id",
            Self::Text => "text",
        }
    }
}

/// What was found.
pub(crate) struct Verdict {
    sort: Sort,
    /// Shown as what was looked for.
    subject: String,
    items: Vec<ItemRecord>,
    attachments: Vec<AttachmentRecord>,
    total: u64,
}

/// An attachment with that content.
struct Place {
    href: String,
    name: String,
    item: String,
}

/// The verdict in words.
struct Shown {
    yes: bool,
    title: String,
    meaning: String,
    subject: String,
    rows: Vec<Row>,
    places: Vec<Place>,
}

#[derive(Template)]
#[template(path = "lookup.html")]
struct Lookup {
    s: Shell,
    asked: String,
    verdict: Option<Shown>,
}

/// `GET /lookup`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    Query(wanted): Query<Wanted>,
    reader: Reader,
) -> Result<Response, Fault> {
    let asked = wanted.q.trim().to_owned();
    if asked.len() > TEXT_BYTES_MAX {
        return Err(Fault::Parameter("q"));
    }
    let verdict = if asked.is_empty() {
        None
    } else {
        let budget = site.options.search_budget;
        let text = asked.clone();
        Some(site.search(move |archive| look_up(archive, &text, budget)).await?)
    };
    answer(&site, reader, asked, verdict, true)
}

/// `POST /lookup`: a file, of which only the hash is taken.
pub(crate) async fn upload(
    State(site): State<Arc<Site>>,
    reader: Reader,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<Response, Fault> {
    let mut form = form.map_err(|_| Fault::Parameter("file"))?;
    let mut found = None;
    while let Some(mut field) = form.next_field().await.map_err(|error| refuse(&error))? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        let mut hasher = Sha256::new();
        let mut size = 0;
        while let Some(chunk) = field.chunk().await.map_err(|error| refuse(&error))? {
            size += chunk.len();
            if size > UPLOAD_BYTES_MAX {
                return Err(Fault::TooLarge);
            }
            hasher.update(&chunk);
        }
        if size > 0 {
            found = Some((name, ContentHash(hasher.finalize().into())));
        }
        break;
    }
    let (name, hash) = found.ok_or(Fault::Parameter("file"))?;
    let verdict = site
        .read(move |archive| {
            let (items, attachments) = archive.by_hash(&hash)?;
            let subject = if name.is_empty() { hash.to_string() } else { format!("{name} · {hash}") };
            Ok(verdict(Sort::File, subject, items, attachments))
        })
        .await?;
    answer(&site, reader, String::new(), Some(verdict), false)
}

fn refuse(error: &MultipartError) -> Fault {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { Fault::TooLarge } else { Fault::Parameter("file") }
}

/// What sort of thing a typed text is.
fn sort_of(text: &str) -> Sort {
    let one_word = !text.contains(char::is_whitespace);
    if text.parse::<ContentHash>().is_ok() {
        Sort::Hash
    } else if one_word
        && text.trim_matches(['<', '>']).split_once('@').is_some_and(|(a, b)| !a.is_empty() && !b.is_empty())
    {
        Sort::MessageId
    } else {
        Sort::Text
    }
}

fn look_up(archive: &Archive, text: &str, budget: std::time::Duration) -> Result<Verdict, SearchError> {
    let sort = sort_of(text);
    let found = match sort {
        Sort::Hash | Sort::File => {
            let (items, attachments) = match text.parse() {
                Ok(hash) => archive.by_hash(&hash)?,
                Err(_) => (Vec::new(), Vec::new()),
            };
            verdict(sort, text.to_lowercase(), items, attachments)
        }
        Sort::MessageId => {
            let items = archive.by_message_id(text)?;
            verdict(sort, text.to_owned(), items, Vec::new())
        }
        Sort::Text => {
            let request = SearchRequest {
                query: phrase(text),
                limit: PLACES_MAX,
                facets: false,
                snippets: false,
                budget,
                ..SearchRequest::default()
            };
            match archive.search(&request) {
                Ok(answer) => Verdict {
                    sort,
                    subject: text.to_owned(),
                    items: answer.hits.into_iter().map(|hit| hit.item).collect(),
                    attachments: Vec::new(),
                    total: answer.total,
                },
                // A text without a word in it, such as a row of dashes.
                Err(SearchError::Query(_)) => verdict(sort, text.to_owned(), Vec::new(), Vec::new()),
                Err(error) => return Err(error),
            }
        }
    };
    Ok(found)
}

/// A text as a query for these words in this order.
fn phrase(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|letter: char| letter.is_whitespace() || letter == '"' || letter == '\\').collect();
    format!("\"{}\"", words.join(" ").trim())
}

fn verdict(sort: Sort, subject: String, items: Vec<ItemRecord>, attachments: Vec<AttachmentRecord>) -> Verdict {
    let total = (items.len() + attachments.len()) as u64;
    Verdict { sort, subject, items, attachments, total }
}

fn answer(site: &Site, reader: Reader, asked: String, verdict: Option<Verdict>, keep: bool) -> Result<Response, Fault> {
    let title = site_title(site, reader.words);
    let template = view(Shell::new(reader, title, String::new()), asked, verdict);
    let mut response = page_with(site, &template.s, &template, StatusCode::OK)?;
    if !keep {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response.headers_mut().remove(header::ETAG);
    }
    Ok(response)
}

fn view(s: Shell, asked: String, verdict: Option<Verdict>) -> Lookup {
    let label = s.t("nav-lookup").to_owned();
    let mut s = s.beside(&[("/lookup", &label)]);
    s.title = label;
    let verdict = verdict.map(|verdict| shown(&s, verdict));
    Lookup { s, asked, verdict }
}

fn shown(s: &Shell, verdict: Verdict) -> Shown {
    let yes = verdict.total > 0;
    let code = verdict.sort.code();
    let title = if yes { s.n(&format!("lookup-yes-{code}"), verdict.total) } else { s.t("lookup-no").to_owned() };
    let meaning = if yes { format!("lookup-yes-{code}-text") } else { format!("lookup-no-{code}-text") };
    let place = |one: &AttachmentRecord| {
        let item = format!("/{}/{}", one.key.collection, one.key.number);
        let name = if one.name.is_empty() { s.t("part-unnamed").to_owned() } else { one.name.clone() };
        let segment = if one.name.is_empty() { "part" } else { &one.name };
        Place { href: format!("{item}/part/{}/{}", one.part, percent_encode(segment)), name, item }
    };
    Shown {
        yes,
        title,
        meaning: s.t(&meaning).to_owned(),
        subject: verdict.subject,
        rows: Row::all(s, verdict.items.iter().take(PLACES_MAX)),
        places: verdict.attachments.iter().take(PLACES_MAX).map(place).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_told_apart() {
        assert_eq!(sort_of(&"ab".repeat(32)), Sort::Hash);
        assert_eq!(sort_of("<x.1@host>"), Sort::MessageId);
        assert_eq!(sort_of("write to ann@example.org"), Sort::Text);
        assert_eq!(sort_of("@"), Sort::Text);
    }

    #[test]
    fn texts_become_phrases_whatever_is_in_them() {
        assert_eq!(phrase("he said \"no\" (twice)"), "\"he said  no  (twice)\"");
        assert_eq!(phrase("a\\"), "\"a\"");
        assert!(frelon_index::query::parse(&phrase("x\\ y:z \"")).is_ok());
    }
}
