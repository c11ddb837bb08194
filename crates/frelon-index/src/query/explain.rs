//! A query in words, so that a reader sees how it was understood.

use serde::Serialize;

use super::ast::{AddressField, AddressTerm, Clause, Period, Query, Range, Text, TextField};
use super::print::{PeriodName, address_name, period_name, print, print_clause, property_name};
use super::words::step_words;

/// The query as understood, for showing to a reader.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The query in canonical form; empty for a query that finds everything.
    pub query: String,
    /// What it asks for.
    pub root: Step,
}

/// A step of an explanation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Everything matches.
    #[default]
    Everything,
    /// All of these must hold.
    All(Vec<Step>),
    /// One of these must hold.
    Any(Vec<Step>),
    /// This must not hold.
    Not(Box<Step>),
    /// A single condition.
    Condition(Condition),
}

/// A single condition, in codes that a translation can be looked up by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// Where it applies: a field's name, or `any`.
    pub field: &'static str,
    /// How it is compared. In text: `word` (any form), `exact`, `prefix`, `fuzzy`, `phrase`,
    /// `near`; people also: `address`, `domain`; numbers and sizes: `is`, `between`, `least`,
    /// `most`; dates: `year`, `month`, `day`, `between`, `from`, `until`; else `is`.
    pub code: &'static str,
    /// What it is compared with: words, number, date or name; the least or first of a range.
    pub value: String,
    /// The last of a range, edits of `fuzzy`, distance of `near`; else empty.
    pub second: String,
    /// The clause as it is written in a query.
    pub clause: String,
}

impl Explanation {
    /// Describes a query.
    #[must_use]
    pub fn of(query: &Query) -> Self {
        let text = if *query == Query::All { String::new() } else { print(query) };
        Self { query: text, root: step(query) }
    }

    /// The whole explanation as one English sentence without a full stop.
    #[must_use]
    pub fn to_words(&self) -> String {
        step_words(&self.root)
    }
}

fn step(query: &Query) -> Step {
    match query {
        Query::All => Step::Everything,
        Query::And(parts) => Step::All(parts.iter().map(step).collect()),
        Query::Or(parts) => Step::Any(parts.iter().map(step).collect()),
        Query::Not(inner) => Step::Not(Box::new(step(inner))),
        Query::Clause(clause) => Step::Condition(condition(clause)),
    }
}

fn condition(clause: &Clause) -> Condition {
    let (field, code, value, second) = match clause {
        Clause::Text(field, text) => {
            let (code, second) = text_code(text);
            (text_field(*field), code, text.words().to_owned(), second)
        }
        Clause::Address(field, term) => {
            let (code, value, second) = address_code(term);
            (address_name(*field), code, value, second)
        }
        Clause::Type(name) => ("type", "is", name.clone(), String::new()),
        Clause::Has(property) => ("has", "is", property_name(*property).to_owned(), String::new()),
        Clause::List(list) => ("list", "is", list.clone(), String::new()),
        Clause::Number(range) => range_code("number", *range),
        Clause::Release(range) => range_code("release", *range),
        Clause::Thread(number) => ("thread", "is", number.to_string(), String::new()),
        Clause::Language(code) => ("lang", "is", code.clone(), String::new()),
        Clause::Dkim(state) => ("dkim", "is", state.code().to_owned(), String::new()),
        Clause::Size(range) => range_code("size", *range),
        Clause::Recipients(range) => range_code("recipients", *range),
        Clause::Date(period) => period_code(*period),
        Clause::Id(id) => ("id", "is", id.to_string(), String::new()),
        Clause::Collection(id) => ("in", "is", id.to_string(), String::new()),
    };
    Condition { field, code, value, second, clause: print_clause(clause) }
}

fn text_field(field: TextField) -> &'static str {
    match field {
        TextField::Any => "any",
        TextField::Subject => "subject",
        TextField::Body => "body",
        TextField::Quoted => "quoted",
        TextField::Attachment => "attachment",
    }
}

fn text_code(text: &Text) -> (&'static str, String) {
    match text {
        Text::Word(_) => ("word", String::new()),
        Text::Exact(_) => ("exact", String::new()),
        Text::Prefix(_) => ("prefix", String::new()),
        Text::Fuzzy { edits, .. } => ("fuzzy", edits.to_string()),
        Text::Phrase(_) => ("phrase", String::new()),
        Text::Near { distance, .. } => ("near", distance.to_string()),
    }
}

fn address_code(term: &AddressTerm) -> (&'static str, String, String) {
    match term {
        AddressTerm::Exact(address) => ("address", address.clone(), String::new()),
        AddressTerm::Domain(domain) => ("domain", domain.clone(), String::new()),
        AddressTerm::Text(text) => {
            let (code, second) = text_code(text);
            (code, text.words().to_owned(), second)
        }
    }
}

fn range_code(field: &'static str, range: Range) -> (&'static str, &'static str, String, String) {
    let (min, max) = (range.min.to_string(), range.max.to_string());
    match range {
        Range { min: least, max: most } if least == most => (field, "is", min, String::new()),
        Range { max: u64::MAX, .. } => (field, "least", min, String::new()),
        Range { min: 0, .. } => (field, "most", max, String::new()),
        Range { .. } => (field, "between", min, max),
    }
}

fn period_code(period: Period) -> (&'static str, &'static str, String, String) {
    let (code, value, second) = match period_name(period) {
        PeriodName::Year(from) => ("year", format!("{:04}", from.civil().year()), String::new()),
        PeriodName::Month(from) => ("month", from.year_month().to_string(), String::new()),
        PeriodName::Day(from) => ("day", from.date(), String::new()),
        PeriodName::Days(first, last) => ("between", first.date(), last.date()),
        PeriodName::After(from) => ("from", from.date(), String::new()),
        PeriodName::Before(until) => ("until", until.date(), String::new()),
        PeriodName::Ever => ("ever", String::new(), String::new()),
    };
    ("date", code, value, second)
}

/// Fields that hold people, by the name in a [`Condition`].
pub(super) fn address_field(name: &str) -> Option<AddressField> {
    Some(match name {
        "from" => AddressField::From,
        "to" => AddressField::To,
        "cc" => AddressField::Cc,
        "bcc" => AddressField::Bcc,
        "participant" => AddressField::Participant,
        _ => return None,
    })
}
