//! `/<collection>/date/YYYY[/MM[/DD]]`: a year by months, a month as a calendar, the items of each.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use frelon_index::{CollectionRecord, ItemRecord, ListOrder, Page};
use frelon_model::{CollectionId, Instant};
use jiff::civil::Date;
use serde::Deserialize;

use super::{
    row::Row,
    shell::{Reader, Shell, page, site_title},
};
use crate::{fault::Fault, path, state::Site, text::percent_encode};

/// Items on one page.
const ITEMS_MAX: usize = 50;

/// The address of a year, a month or a day.
pub(crate) fn path(id: &CollectionId, year: i16, month: Option<i8>, day: Option<i8>) -> String {
    match (month, day) {
        (Some(month), Some(day)) => format!("/{id}/date/{year:04}/{month:02}/{day:02}"),
        (Some(month), None) => format!("/{id}/date/{year:04}/{month:02}"),
        _ => format!("/{id}/date/{year:04}"),
    }
}

/// A year, a month or a day.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    year: i16,
    month: Option<i8>,
    day: Option<i8>,
}

impl Span {
    /// Reads the segments of a path: exactly four digits, then two, then two; a real date.
    pub(crate) fn read(year: &str, month: Option<&str>, day: Option<&str>) -> Option<Self> {
        let number = |text: &str, len: usize| {
            let good = text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit());
            if good { text.parse::<i16>().ok() } else { None }
        };
        let part = |text: Option<&str>| match text {
            None => Some(None),
            Some(text) => i8::try_from(number(text, 2)?).ok().map(Some),
        };
        let span = Self { year: number(year, 4)?, month: part(month)?, day: part(day)? };
        span.start()?;
        Some(span)
    }

    fn start(self) -> Option<Date> {
        Date::new(self.year, self.month.unwrap_or(1), self.day.unwrap_or(1)).ok()
    }

    /// The first day after it.
    fn end(self) -> Option<Date> {
        let start = self.start()?;
        match (self.month, self.day) {
            (Some(_), Some(_)) => start.tomorrow().ok(),
            (Some(month), None) if month < 12 => Date::new(self.year, month + 1, 1).ok(),
            _ => Date::new(self.year.checked_add(1)?, 1, 1).ok(),
        }
    }

    fn before(self) -> Option<Self> {
        let last = self.start()?.yesterday().ok()?;
        (last.year() >= 0).then_some(self.like(last))
    }

    fn after(self) -> Option<Self> {
        Some(self.like(self.end()?))
    }

    fn like(self, date: Date) -> Self {
        Self { year: date.year(), month: self.month.map(|_| date.month()), day: self.day.map(|_| date.day()) }
    }

    fn path(self, id: &CollectionId) -> String {
        path(id, self.year, self.month, self.day)
    }

    fn label(self, s: &Shell) -> String {
        match (self.month, self.day, self.start()) {
            (Some(_), Some(_), Some(date)) => s.civil_date(date),
            (Some(month), _, _) => s.month(frelon_model::YearMonth { year: self.year, month }),
            _ => self.year.to_string(),
        }
    }

    /// As instants, for the archive.
    pub(crate) fn between(self) -> Option<(Instant, Instant)> {
        let (from, until) = (self.start()?, self.end()?);
        Some((
            Instant::from_date(from.year(), from.month(), from.day())?,
            Instant::from_date(until.year(), until.month(), until.day())?,
        ))
    }
}

/// A day or a month in the calendar.
pub(crate) struct Cell {
    label: String,
    name: String,
    href: String,
    count: u64,
    /// 0 for none, 1 to 4 by how full it is beside its neighbours.
    heat: u64,
}

#[derive(Template)]
#[template(path = "date.html")]
struct DatePage {
    s: Shell,
    title: String,
    total: u64,
    /// Months of a year.
    months: Vec<Cell>,
    /// Weeks of a month, Monday first; `None` outside the month.
    weeks: Vec<Vec<Option<Cell>>>,
    weekdays: Vec<(String, String)>,
    before: Option<(String, String)>,
    after: Option<(String, String)>,
    rows: Vec<Row>,
    more: Option<String>,
}

/// Parameters of the page.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    cursor: Option<String>,
}

/// What the page is made from.
pub(crate) struct Data {
    /// The collection.
    pub(crate) record: CollectionRecord,
    /// The span.
    pub(crate) span: Span,
    /// Items per day.
    pub(crate) days: Vec<(String, u64)>,
    /// Items, oldest first.
    pub(crate) items: Page<ItemRecord>,
}

/// `GET /{collection}/date/{year}`
pub(crate) async fn show_year(
    site: State<Arc<Site>>,
    Path((collection, year)): Path<(String, String)>,
    wanted: Query<Wanted>,
    reader: Reader,
) -> Result<Response, Fault> {
    show(site, &collection, Span::read(&year, None, None), wanted, reader).await
}

/// `GET /{collection}/date/{year}/{month}`
pub(crate) async fn show_month(
    site: State<Arc<Site>>,
    Path((collection, year, month)): Path<(String, String, String)>,
    wanted: Query<Wanted>,
    reader: Reader,
) -> Result<Response, Fault> {
    show(site, &collection, Span::read(&year, Some(&month), None), wanted, reader).await
}

/// `GET /{collection}/date/{year}/{month}/{day}`
pub(crate) async fn show_day(
    site: State<Arc<Site>>,
    Path((collection, year, month, day)): Path<(String, String, String, String)>,
    wanted: Query<Wanted>,
    reader: Reader,
) -> Result<Response, Fault> {
    show(site, &collection, Span::read(&year, Some(&month), Some(&day)), wanted, reader).await
}

async fn show(
    State(site): State<Arc<Site>>,
    collection: &str,
    span: Option<Span>,
    Query(wanted): Query<Wanted>,
    reader: Reader,
) -> Result<Response, Fault> {
    let id = path::collection_id(collection)?;
    let span = span.ok_or(Fault::NotFound)?;
    let between = span.between().ok_or(Fault::NotFound)?;
    let data = site
        .read(move |archive| {
            let Some(record) = archive.collection(&id) else { return Ok(None) };
            let days = archive.days(&id, between)?;
            let cursor = wanted.cursor.as_deref();
            let items = archive.items(&id, ListOrder::Oldest, Some(between), cursor, ITEMS_MAX)?;
            Ok(Some(Data { record, span, days, items }))
        })
        .await?
        .ok_or(Fault::NotFound)?;
    let shell = Shell::new(reader.clone(), site_title(&site, reader.words), String::new());
    let template = view(shell, &data);
    page(&site, &template.s, &template)
}

fn view(s: Shell, data: &Data) -> DatePage {
    let (span, id) = (data.span, &data.record.id);
    let title = span.label(&s);
    let year = span.year.to_string();
    let year_path = format!("date/{:04}", span.year);
    let month = span
        .month
        .map(|month| (format!("{year_path}/{month:02}"), s.month(frelon_model::YearMonth { year: span.year, month })));
    let day = span.day.map(|day| (format!("{}/{day:02}", month.as_ref().map_or("", |one| &one.0)), title.clone()));
    let mut steps = vec![(year_path.as_str(), year.as_str())];
    steps.extend([&month, &day].into_iter().flatten().map(|(path, label)| (path.as_str(), label.as_str())));
    let mut s = s.within(id, &data.record.title, &steps);
    s.title = format!("{title} · {}", data.record.title);
    let total = data.days.iter().map(|(_, count)| count).sum();
    let neighbour = |other: Option<Span>| other.map(|other| (other.path(id), other.label(&s)));
    let (before, after) = (neighbour(span.before()), neighbour(span.after()));
    let months = if span.month.is_none() { months(&s, data) } else { Vec::new() };
    let weeks = if span.month.is_some() && span.day.is_none() { weeks(&s, data) } else { Vec::new() };
    let weekdays = (1..=7).map(|day| weekday(&s, day)).collect();
    let more = data.items.next.as_ref().map(|next| format!("{}?cursor={}", span.path(id), percent_encode(next)));
    let rows = Row::all(&s, &data.items.rows);
    s.previous = before.as_ref().map(|(href, _)| s.href(href));
    s.next = after.as_ref().map(|(href, _)| s.href(href));
    DatePage { s, title, total, months, weeks, weekdays, before, after, rows, more }
}

fn weekday(s: &Shell, day: u8) -> (String, String) {
    let text = |form: &str| s.find(&format!("weekday-{day}{form}")).unwrap_or_default().to_owned();
    (text("-short"), text(""))
}

fn heat(count: u64, top: u64) -> u64 {
    if count == 0 { 0 } else { (count * 4).div_ceil(top.max(1)).clamp(1, 4) }
}

fn months(s: &Shell, data: &Data) -> Vec<Cell> {
    let count = |month: i8| {
        let start = format!("{:04}-{month:02}-", data.span.year);
        data.days.iter().filter(|(day, _)| day.starts_with(&start)).map(|(_, count)| *count).sum::<u64>()
    };
    let top = (1..=12).map(count).max().unwrap_or(0);
    let cell = |month: i8| Cell {
        label: s.month_name(month).to_owned(),
        name: s.month(frelon_model::YearMonth { year: data.span.year, month }),
        href: path(&data.record.id, data.span.year, Some(month), None),
        count: count(month),
        heat: heat(count(month), top),
    };
    (1..=12).map(cell).collect()
}

fn weeks(s: &Shell, data: &Data) -> Vec<Vec<Option<Cell>>> {
    let (Some(start), Some(month)) = (data.span.start(), data.span.month) else { return Vec::new() };
    let top = data.days.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let blank = usize::try_from(start.weekday().to_monday_zero_offset()).unwrap_or(0);
    let mut cells: Vec<Option<Cell>> = (0..blank).map(|_| None).collect();
    for day in 1..=start.days_in_month() {
        let name = format!("{:04}-{month:02}-{day:02}", data.span.year);
        let count = data.days.iter().find(|(one, _)| *one == name).map_or(0, |(_, count)| *count);
        let label = Date::new(data.span.year, month, day).map_or_else(|_| name.clone(), |date| s.civil_date(date));
        cells.push(Some(Cell {
            label: day.to_string(),
            name: label,
            href: path(&data.record.id, data.span.year, Some(month), Some(day)),
            count,
            heat: heat(count, top),
        }));
    }
    while !cells.len().is_multiple_of(7) {
        cells.push(None);
    }
    let mut weeks = Vec::new();
    let mut cells = cells.into_iter().peekable();
    while cells.peek().is_some() {
        weeks.push(cells.by_ref().take(7).collect());
    }
    weeks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_strict_and_real() {
        let read = |path: &str| {
            let parts: Vec<&str> = path.split('/').collect();
            Span::read(parts[0], parts.get(1).copied(), parts.get(2).copied())
        };
        assert!(read("2016/02/29").is_some());
        for bad in ["2015/02/29", "16", "2016/2", "2016/13", "2016/00", "+016", "2016/10/7", ""] {
            assert!(read(bad).is_none(), "{bad}");
        }
        let december = read("2016/12").expect("a month");
        assert_eq!(december.after().map(|span| (span.year, span.month)), Some((2017, Some(1))));
        assert!(read("9999/12/31").expect("a day").between().is_none());
    }
}
