//! `/<collection>/`: what it is, how much, from when, by whom, and what is missing.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use frelon_index::{CollectionRecord, MonthCount, PeopleOrder, PersonRecord, ReleaseRecord};

use super::{
    chart::Chart,
    home::{ReleaseLine, release_lines, span},
    shell::{Reader, Shell, page, site_title},
};
use crate::{fault::Fault, path, state::Site, text::percent_encode};

/// People shown; all are one link away.
const PEOPLE_MAX: usize = 12;
/// Languages named.
const LANGUAGES_MAX: usize = 8;

/// A person in a short list.
pub(crate) struct PersonLine {
    pub(crate) href: String,
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) sent: u64,
    pub(crate) received: u64,
}

impl PersonLine {
    /// The line of a person of a collection.
    pub(crate) fn of(collection: &frelon_model::CollectionId, person: &PersonRecord) -> Self {
        let has_address = person.key.contains('@');
        Self {
            href: format!("/{collection}/people/{}", percent_encode(&person.key)),
            name: if person.name.is_empty() { person.key.clone() } else { person.name.clone() },
            address: if has_address && !person.name.is_empty() { person.key.clone() } else { String::new() },
            sent: person.sent_count,
            received: person.received_count,
        }
    }
}

#[derive(Template)]
#[template(path = "collection.html")]
struct CollectionPage {
    s: Shell,
    record: CollectionRecord,
    span: String,
    about: Vec<String>,
    chart: Chart,
    people: Vec<PersonLine>,
    releases: Vec<ReleaseLine>,
    languages: Vec<(String, u64, String)>,
    withdrawn: u64,
}

/// What the page is made from.
pub(crate) struct Data {
    /// The collection.
    pub(crate) record: CollectionRecord,
    /// Items per month.
    pub(crate) months: Vec<MonthCount>,
    /// The busiest people.
    pub(crate) people: Vec<PersonRecord>,
    /// Its releases, newest first.
    pub(crate) releases: Vec<ReleaseRecord>,
    /// Items taken back.
    pub(crate) withdrawn: u64,
}

/// `GET /{collection}/`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    Path(collection): Path<String>,
    reader: Reader,
) -> Result<Response, Fault> {
    let id = path::collection_id(&collection)?;
    let data = site
        .read(move |archive| {
            let Some(record) = archive.collection(&id) else { return Ok(None) };
            let months = archive.months(&id)?;
            let people = archive.people(&id, PeopleOrder::Busiest, None, None, PEOPLE_MAX)?.rows;
            let mut releases = archive.releases();
            releases.retain(|release| release.collection == id);
            let withdrawn = archive.tombstones().iter().filter(|one| one.key.collection == id).count() as u64;
            Ok(Some(Data { record, months, people, releases, withdrawn }))
        })
        .await?
        .ok_or(Fault::NotFound)?;
    let shell = Shell::new(reader.clone(), site_title(&site, reader.words), data.record.title.clone());
    let template = view(shell, data);
    page(&site, &template.s, &template)
}

fn view(s: Shell, data: Data) -> CollectionPage {
    let record = data.record;
    let mut s = s.within(&record.id, &record.title, &[]);
    let counts: Vec<_> = data.months.iter().map(|one| (one.month, one.count)).collect();
    let chart = Chart::of(&s, &counts, |year, month| super::date::path(&record.id, year, month, None));
    let about = paragraphs(&record.about);
    s.description = about.first().cloned().unwrap_or_default();
    let people = data.people.iter().map(|person| PersonLine::of(&record.id, person)).collect();
    let language = |(code, count): &(String, u64)| {
        let query = percent_encode(&format!("lang:{code}"));
        (s.language(code), *count, format!("/search?q={query}&c={}", record.id))
    };
    let languages = record.languages.iter().take(LANGUAGES_MAX).map(language).collect();
    let span = span(&s, &record);
    let known = [(record, ())];
    let releases = release_lines(&s, &data.releases, &known, usize::MAX);
    let [(record, ())] = known;
    CollectionPage { s, span, about, chart, people, releases, languages, withdrawn: data.withdrawn, record }
}

/// Plain text as paragraphs.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n");
    text.split("\n\n").map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
}
