//! `/`: what this is, the search box, the collections, the releases, the latest items.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use frelon_index::{CollectionRecord, ItemRecord, ListOrder, MonthCount, ReleaseRecord};

use super::{
    chart::Chart,
    row::{Row, When},
    shell::{Reader, Shell, page, site_title},
    standing::StateLine,
};
use crate::{fault::Fault, standing::Standing, state::Site};

/// Collections whose chart and latest items are shown; the rest are listed.
const COLLECTIONS_DETAILED_MAX: usize = 4;
/// Releases on the timeline; all are on `/changes`.
const RELEASES_MAX: usize = 8;
/// Latest items shown.
const LATEST_MAX: usize = 6;

/// A collection on the front page.
pub(crate) struct Card {
    record: CollectionRecord,
    span: String,
    about: String,
    chart: Option<Chart>,
}

/// A release on the timeline.
pub(crate) struct ReleaseLine {
    pub(crate) href: String,
    pub(crate) title: String,
    pub(crate) collection: String,
    pub(crate) at: When,
    pub(crate) items: u64,
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    s: Shell,
    cards: Vec<Card>,
    releases: Vec<ReleaseLine>,
    latest: Vec<Row>,
    items: u64,
    state: StateLine,
}

/// What the page is made from.
pub(crate) struct Data {
    /// Collections; the first few with their months.
    pub(crate) collections: Vec<(CollectionRecord, Vec<MonthCount>)>,
    /// Releases, newest first.
    pub(crate) releases: Vec<ReleaseRecord>,
    /// Items with the newest dates.
    pub(crate) latest: Vec<ItemRecord>,
}

/// `GET /`
pub(crate) async fn show(State(site): State<Arc<Site>>, reader: Reader) -> Result<Response, Fault> {
    let data = site
        .read(|archive| {
            let mut collections = Vec::new();
            let mut latest = Vec::new();
            for (index, record) in archive.collections().into_iter().enumerate() {
                let mut months = Vec::new();
                if index < COLLECTIONS_DETAILED_MAX {
                    months = archive.months(&record.id)?;
                    latest.extend(archive.items(&record.id, ListOrder::Newest, None, None, LATEST_MAX)?.rows);
                }
                collections.push((record, months));
            }
            Ok(Data { collections, releases: archive.releases(), latest })
        })
        .await?;
    let shell = Shell::new(reader.clone(), site_title(&site, reader.words), String::new());
    let template = view(shell, &site.standing(), data);
    page(&site, &template.s, &template)
}

fn view(mut s: Shell, standing: &Standing, mut data: Data) -> Home {
    s.feed = Some("/feed.atom".to_owned());
    s.description = s.t("home-description").to_owned();
    let items = data.collections.iter().map(|(record, _)| record.item_count).sum();
    let releases = release_lines(&s, &data.releases, &data.collections, RELEASES_MAX);
    data.latest.retain(|item| item.sorted_at.is_some());
    data.latest.sort_by(|one, other| other.sorted_at.cmp(&one.sorted_at).then_with(|| one.key.cmp(&other.key)));
    data.latest.truncate(LATEST_MAX);
    let latest = Row::all(&s, &data.latest);
    let cards = data.collections.into_iter().map(|(record, months)| card(&s, record, &months)).collect();
    Home { state: StateLine::of(&s, standing), s, cards, releases, latest, items }
}

/// Releases as lines of a timeline.
pub(crate) fn release_lines<T>(
    s: &Shell,
    releases: &[ReleaseRecord],
    collections: &[(CollectionRecord, T)],
    limit: usize,
) -> Vec<ReleaseLine> {
    let line = |release: &ReleaseRecord| {
        let collection = collections.iter().find(|(record, _)| record.id == release.collection);
        ReleaseLine {
            href: format!("/{}/release/{}", release.collection, release.tranche),
            title: if release.title.is_empty() {
                s.n("release-number", release.tranche.0)
            } else {
                release.title.clone()
            },
            collection: collection.map_or_else(|| release.collection.to_string(), |(record, _)| record.title.clone()),
            at: When::day(s, release.published_at),
            items: release.item_count,
        }
    };
    releases.iter().take(limit).map(line).collect()
}

fn card(s: &Shell, record: CollectionRecord, months: &[MonthCount]) -> Card {
    let counts: Vec<_> = months.iter().map(|one| (one.month, one.count)).collect();
    let chart = (!counts.is_empty())
        .then(|| Chart::of(s, &counts, |year, month| super::date::path(&record.id, year, month, None)));
    let about = record.about.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().to_owned();
    Card { span: span(s, &record), about, chart, record }
}

/// `March 2009 to May 2016`; empty when nothing has a date.
pub(crate) fn span(s: &Shell, record: &CollectionRecord) -> String {
    let (Some(first), Some(last)) = (record.first_at, record.last_at) else { return String::new() };
    let (first, last) = (s.month(first.year_month()), s.month(last.year_month()));
    if first == last { first } else { s.with("span", [("first", first.into()), ("last", last.into())]) }
}
