//! [`Query`] to the canonical text that parses to it again.

use std::fmt::Write as _;

use frelon_model::Instant;

use super::ast::{AddressField, AddressTerm, Clause, Period, Property, Query, Range, Text, TextField};
use super::lex::{ends_run, is_quote};
use super::range::DAY_SECONDS;

/// The canonical text of a query: fields by their own names, explicit groups, sizes and dates in
/// their shortest form. For any query that came from [`parse`](super::parse) it parses to the same.
#[must_use]
pub fn print(query: &Query) -> String {
    let mut text = String::new();
    if query.is_only_negative() {
        text.push_str("* ");
        operand(&mut text, query, matches!(query, Query::Or(_)));
    } else {
        operand(&mut text, query, false);
    }
    text
}

fn operand(out: &mut String, query: &Query, grouped: bool) {
    if grouped {
        out.push('(');
    }
    match query {
        Query::All => out.push('*'),
        Query::And(parts) => {
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    out.push(' ');
                }
                operand(out, part, is_compound(part));
            }
        }
        Query::Or(parts) => {
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    out.push_str(" OR ");
                }
                operand(out, part, is_compound(part));
            }
        }
        Query::Not(inner) => {
            out.push('-');
            operand(out, inner, is_compound(inner) || matches!(**inner, Query::Not(_)));
        }
        Query::Clause(clause) => out.push_str(&print_clause(clause)),
    }
    if grouped {
        out.push(')');
    }
}

fn is_compound(query: &Query) -> bool {
    matches!(query, Query::And(_) | Query::Or(_))
}

/// The canonical text of one condition.
#[must_use]
pub fn print_clause(clause: &Clause) -> String {
    match clause {
        Clause::Text(field, text) => format!("{}{}", text_prefix(*field), print_text(text)),
        Clause::Address(field, term) => {
            let name = address_name(*field);
            match term {
                AddressTerm::Exact(address) => format!("{name}:{}", value(address)),
                AddressTerm::Domain(domain) => format!("{name}:@{domain}"),
                AddressTerm::Text(text) => format!("{name}:{}", print_text(text)),
            }
        }
        Clause::Type(name) => format!("type:{name}"),
        Clause::Has(property) => format!("has:{}", property_name(*property)),
        Clause::List(list) => format!("list:{}", value(list)),
        Clause::Number(range) => format!("number:{}", numbers(*range)),
        Clause::Release(range) => format!("release:{}", numbers(*range)),
        Clause::Thread(number) => format!("thread:{number}"),
        Clause::Language(code) => format!("lang:{code}"),
        Clause::Dkim(state) => format!("dkim:{state}"),
        Clause::Size(range) => format!("size:{}", sizes(*range)),
        Clause::Recipients(range) => format!("recipients:{}", numbers(*range)),
        Clause::Date(period) => dates(*period),
        Clause::Id(id) => format!("id:{}", value(id.as_str())),
        Clause::Collection(id) => format!("in:{id}"),
    }
}

fn text_prefix(field: TextField) -> &'static str {
    match field {
        TextField::Any => "",
        TextField::Subject => "subject:",
        TextField::Body => "body:",
        TextField::Quoted => "quoted:",
        TextField::Attachment => "attachment:",
    }
}

/// Name of a field of people, as written in a query.
pub(super) fn address_name(field: AddressField) -> &'static str {
    match field {
        AddressField::From => "from",
        AddressField::To => "to",
        AddressField::Cc => "cc",
        AddressField::Bcc => "bcc",
        AddressField::Participant => "participant",
    }
}

/// Name of a property, as written in a query.
pub(super) fn property_name(property: Property) -> &'static str {
    match property {
        Property::Attachment => "attachment",
        Property::Html => "html",
        Property::Problem => "problem",
        Property::Date => "date",
    }
}

fn print_text(text: &Text) -> String {
    match text {
        Text::Word(word) => word.clone(),
        Text::Exact(word) => format!("={word}"),
        Text::Prefix(word) => format!("{word}*"),
        Text::Fuzzy { word, edits } => format!("{word}~{edits}"),
        Text::Phrase(words) => quoted(words),
        Text::Near { words, distance } => format!("{}~{distance}", quoted(words)),
    }
}

fn quoted(words: &str) -> String {
    format!("\"{}\"", words.replace(is_quote, " "))
}

fn value(text: &str) -> String {
    if text.contains(ends_run) { quoted(text) } else { text.to_owned() }
}

fn numbers(range: Range) -> String {
    match (range.min, range.max) {
        (min, max) if min == max => min.to_string(),
        (min, u64::MAX) => format!("{min}.."),
        (0, max) => format!("..{max}"),
        (min, max) => format!("{min}..{max}"),
    }
}

/// Sizes in the largest unit that states them exactly.
fn sizes(range: Range) -> String {
    let round = |bytes: u64| bytes >= 1_000 && bytes.is_multiple_of(1_000);
    match (range.min, range.max) {
        (0, u64::MAX) => "0b..".to_owned(),
        (min, u64::MAX) if min > 0 && round(min - 1) => format!(">{}", size(min - 1)),
        (min, u64::MAX) => format!(">={}", size(min)),
        (0, max) if round(max + 1) => format!("<{}", size(max + 1)),
        (0, max) => format!("<={}", size(max)),
        (min, max) if min == max => format!("{min}b"),
        (min, max) if is_whole_unit(min, max) => size(min),
        (min, max) => format!("{}..{}", size(min), size(max)),
    }
}

/// Whether a range is what a single size with its unit stands for, such as `1mb`.
pub(super) fn is_whole_unit(min: u64, max: u64) -> bool {
    let (_, unit) = unit_of(min);
    unit > 1 && max.checked_sub(min) == Some(unit - 1)
}

/// A size in the largest unit that states it exactly.
pub(super) fn size(bytes: u64) -> String {
    let (name, unit) = unit_of(bytes);
    format!("{}{name}", bytes / unit)
}

fn unit_of(bytes: u64) -> (&'static str, u64) {
    let units = [("gb", 1_000_000_000), ("mb", 1_000_000), ("kb", 1_000)];
    let exact = units.into_iter().find(|(_, unit)| bytes > 0 && bytes.is_multiple_of(*unit));
    exact.unwrap_or(("b", 1))
}

/// How a period can be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PeriodName {
    /// A whole year, month or day, which starts here.
    Year(Instant),
    Month(Instant),
    Day(Instant),
    /// First and last day.
    Days(Instant, Instant),
    /// From a day on.
    After(Instant),
    /// Up to the day before.
    Before(Instant),
    Ever,
}

/// The shortest name of a period.
pub(super) fn period_name(period: Period) -> PeriodName {
    let (from, until) = match (period.from, period.until) {
        (None, None) => return PeriodName::Ever,
        (Some(from), None) => return PeriodName::After(from),
        (None, Some(until)) => return PeriodName::Before(until),
        (Some(from), Some(until)) => (from, until),
    };
    let (start, end) = (from.civil(), until.civil());
    let first_of_months = start.day() == 1 && end.day() == 1;
    if first_of_months && start.month() == 1 && end.month() == 1 && end.year() == start.year() + 1 {
        PeriodName::Year(from)
    } else if first_of_months && from.year_month().next() == until.year_month() {
        PeriodName::Month(from)
    } else if until.0 - from.0 == DAY_SECONDS {
        PeriodName::Day(from)
    } else {
        PeriodName::Days(from, Instant(until.0 - DAY_SECONDS))
    }
}

fn dates(period: Period) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = match period_name(period) {
        PeriodName::Year(from) => write!(text, "date:{:04}", from.civil().year()),
        PeriodName::Month(from) => write!(text, "date:{}", from.year_month()),
        PeriodName::Day(from) => write!(text, "date:{}", from.date()),
        PeriodName::Days(first, last) => write!(text, "date:{}..{}", first.date(), last.date()),
        PeriodName::After(from) => write!(text, "after:{}", from.date()),
        PeriodName::Before(until) => write!(text, "before:{}", until.date()),
        PeriodName::Ever => write!(text, "*"),
    };
    text
}
