//! `/<collection>/people/<key>`: one address, what it sent and received, and with whom.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use frelon_index::{CollectionRecord, PersonRecord, SearchAnswer, SearchRequest, Sort};

use super::{
    chart::Chart,
    collection::PersonLine,
    row::{Row, When},
    shell::{Reader, Shell, page, site_title},
};
use crate::{fault::Fault, path, state::Site, text::percent_encode};

/// Items shown; the rest is a search away.
const ITEMS_MAX: usize = 25;
/// Correspondents shown.
const CORRESPONDENTS_MAX: usize = 12;

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    s: Shell,
    name: String,
    person: PersonRecord,
    first: Option<When>,
    last: Option<When>,
    correspondents: Vec<(PersonLine, u64, String)>,
    chart: Chart,
    rows: Vec<Row>,
    total: u64,
    all: String,
    sent: String,
    received: String,
}

/// What the page is made from.
pub(crate) struct Data {
    /// The collection.
    pub(crate) record: CollectionRecord,
    /// The person.
    pub(crate) person: PersonRecord,
    /// Whom they exchanged most items with.
    pub(crate) correspondents: Vec<(PersonRecord, u64)>,
    /// Their newest items; `None` when the search could not be run.
    pub(crate) answer: Option<SearchAnswer>,
}

/// A query clause with its value quoted where it has to be.
pub(crate) fn clause(field: &str, value: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "@._-+".contains(letter);
    if !value.is_empty() && value.chars().all(plain) && value.starts_with(char::is_alphanumeric) {
        format!("{field}:{value}")
    } else {
        format!("{field}:\"{}\"", value.replace(['"', '\\'], " "))
    }
}

/// `GET /{collection}/people/{key}`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    Path((collection, key)): Path<(String, String)>,
    reader: Reader,
) -> Result<Response, Fault> {
    let id = path::collection_id(&collection)?;
    let budget = site.options.search_budget;
    let found = site
        .search(move |archive| {
            let Some(record) = archive.collection(&id) else { return Ok(None) };
            let Some(person) = archive.person(&id, &key)? else { return Ok(None) };
            let correspondents = archive.correspondents(&id, &person.key, CORRESPONDENTS_MAX)?;
            let request = SearchRequest {
                query: clause("participant", &person.key),
                collection: Some(id),
                sort: Sort::Newest,
                limit: ITEMS_MAX,
                snippets: false,
                budget,
                ..SearchRequest::default()
            };
            // A key no query can express still has its page; only the list is missing then.
            let answer = archive.search(&request).ok();
            Ok(Some(Data { record, person, correspondents, answer }))
        })
        .await?;
    let data = found.ok_or(Fault::NotFound)?;
    let shell = Shell::new(reader.clone(), site_title(&site, reader.words), String::new());
    let template = view(shell, data);
    page(&site, &template.s, &template)
}

fn view(s: Shell, data: Data) -> PersonPage {
    let Data { record, person, correspondents, answer } = data;
    let id = &record.id;
    let name = if person.name.is_empty() { person.key.clone() } else { person.name.clone() };
    let people = s.t("people-title").to_owned();
    let key = percent_encode(&person.key);
    let step = format!("people/{key}");
    let mut s = s.within(id, &record.title, &[("people/", &people), (&step, &name)]);
    s.title = format!("{name} · {}", record.title);
    s.feed = Some(format!("/{id}/people/{key}/feed.atom"));
    let search = |clauses: &str| format!("/search?q={}&c={id}&sort=newest", percent_encode(clauses));
    let participant = clause("participant", &person.key);
    let (histogram, rows, total) = match &answer {
        Some(answer) => {
            (answer.histogram.as_slice(), Row::all(&s, answer.hits.iter().map(|hit| &hit.item)), answer.total)
        }
        None => (&[][..], Vec::new(), 0),
    };
    let chart = Chart::of(&s, histogram, |year, month| {
        let date = month.map_or_else(|| format!("{year:04}"), |month| format!("{year:04}-{month:02}"));
        search(&format!("{participant} date:{date}"))
    });
    let with = |(other, count): &(PersonRecord, u64)| {
        let both = format!("{participant} {}", clause("participant", &other.key));
        (PersonLine::of(id, other), *count, search(&both))
    };
    PersonPage {
        correspondents: correspondents.iter().map(with).collect(),
        first: person.first_at.map(|at| When::day(&s, at)),
        last: person.last_at.map(|at| When::day(&s, at)),
        all: search(&participant),
        sent: search(&clause("from", &person.key)),
        received: search(&format!("{participant} -{}", clause("from", &person.key))),
        name,
        chart,
        rows,
        total,
        s,
        person,
    }
}

#[cfg(test)]
mod tests {
    use super::clause;

    #[test]
    fn clauses_quote_what_needs_it() {
        assert_eq!(clause("from", "ann@example.org"), "from:ann@example.org");
        assert_eq!(clause("from", "ann \"b\" c"), "from:\"ann  b  c\"");
        assert_eq!(clause("from", "-x"), "from:\"-x\"");
    }
}
