//! Numbers, sizes and dates, and ranges of them.

use frelon_model::Instant;

use super::ast::{Period, Range};
use super::error::QueryErrorKind;
use super::field::Field;

/// Years a date may have: those whose following day can be written as well.
const YEARS: std::ops::RangeInclusive<i16> = 1..=9998;

/// A value with the relation it stands in.
enum Span<'q> {
    Is(&'q str),
    Over(&'q str),
    From(&'q str),
    Under(&'q str),
    UpTo(&'q str),
    Between(&'q str, &'q str),
}

/// `a`, `>a`, `>=a`, `<a`, `<=a`, `a..`, `..b`, `a..b`; `None` for `..` alone.
fn span(raw: &str) -> Option<Span<'_>> {
    let raw = raw.trim();
    for (mark, make) in [
        (">=", Span::From as fn(_) -> _),
        ("≥", Span::From),
        ("<=", Span::UpTo),
        ("≤", Span::UpTo),
        (">", Span::Over),
        ("<", Span::Under),
    ] {
        if let Some(rest) = raw.strip_prefix(mark) {
            return Some(make(rest.trim_start()));
        }
    }
    let (left, right) = match raw.split_once("..").or_else(|| raw.split_once('…')) {
        Some((left, right)) => (left.trim(), right.trim_start_matches('.').trim()),
        None => return Some(Span::Is(raw)),
    };
    match (left.is_empty(), right.is_empty()) {
        (false, false) => Some(Span::Between(left, right)),
        (false, true) => Some(Span::From(left)),
        (true, false) => Some(Span::UpTo(right)),
        (true, true) => None,
    }
}

/// Whole numbers: `number:`, `release:`, `recipients:`, `thread:`.
pub(super) fn number_range(field: Field, raw: &str) -> Result<Range, QueryErrorKind> {
    let bad = || QueryErrorKind::BadNumber { field: field.name().to_owned(), value: raw.to_owned() };
    let number = |text: &str| {
        let digits = text.strip_prefix('#').unwrap_or(text);
        let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        is_number.then(|| digits.parse::<u64>().ok()).flatten()
    };
    let raw = raw.trim_end_matches([',', ';']);
    range(raw, |text| number(text).map(|number| (number, number))).unwrap_or_else(|| Err(bad()))
}

/// Sizes in bytes. Of a single value all sizes count that are written so: `1mb` is from 1 up to
/// 2 MB, `1.5mb` from 1.5 up to 1.6.
pub(super) fn size_range(raw: &str) -> Result<Range, QueryErrorKind> {
    let raw = raw.trim_end_matches([',', ';']);
    let bad = || QueryErrorKind::BadSize { value: raw.to_owned() };
    range(raw, size).unwrap_or_else(|| Err(bad()))
}

/// The outer `None` is a value that cannot be read. `read` gives the least and the greatest number
/// a value stands for; relations other than equality take the least.
fn range(raw: &str, read: impl Fn(&str) -> Option<(u64, u64)>) -> Option<Result<Range, QueryErrorKind>> {
    let (min, max) = match span(raw)? {
        Span::Is(text) => {
            let (min, max) = read(text)?;
            (Some(min), Some(max))
        }
        Span::Over(text) => (read(text)?.0.checked_add(1), Some(u64::MAX)),
        Span::From(text) => (Some(read(text)?.0), Some(u64::MAX)),
        Span::Under(text) => (Some(0), read(text)?.0.checked_sub(1)),
        Span::UpTo(text) => (Some(0), Some(read(text)?.0)),
        Span::Between(left, right) => (Some(read(left)?.0), Some(read(right)?.0)),
    };
    Some(match (min, max) {
        (Some(min), Some(max)) if min <= max => Ok(Range { min, max }),
        _ => Err(QueryErrorKind::EmptyRange { value: raw.to_owned() }),
    })
}

/// Units of size. Those with an i count by 1,024 (IEC 80000-13), the others by 1,000.
const UNITS: [(&str, u64); 11] = [
    ("b", 1),
    ("kb", 1_000),
    ("k", 1_000),
    ("kib", 1_024),
    ("mb", 1_000_000),
    ("m", 1_000_000),
    ("mib", 1_048_576),
    ("gb", 1_000_000_000),
    ("g", 1_000_000_000),
    ("gib", 1_073_741_824),
    ("", 1),
];

/// Digits after the point that count.
const FRACTION_DIGITS_MAX: usize = 9;

/// The least and the greatest number of bytes a size stands for.
fn size(text: &str) -> Option<(u64, u64)> {
    let text = text.to_ascii_lowercase();
    let digits = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let (_, unit) = UNITS.iter().find(|(name, _)| *name == unit.trim())?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || fraction.len() > FRACTION_DIGITS_MAX || fraction.contains('.') {
        return None;
    }
    let scale = 10_u64.pow(u32::try_from(fraction.len()).ok()?);
    let fraction: u64 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    let least = whole.parse::<u64>().ok()?.checked_mul(*unit)?.checked_add(fraction.checked_mul(*unit)? / scale)?;
    let step = (unit / scale).max(1);
    Some((least, least.saturating_add(step - 1)))
}

/// Dates: `date:`, `after:` (from that time on), `before:` (up to, not including).
pub(super) fn period(field: Field, raw: &str) -> Result<Period, QueryErrorKind> {
    let bad = || QueryErrorKind::BadDate { value: raw.to_owned() };
    let raw = raw.trim_end_matches([',', ';']);
    let read = |text: &str| date(text).ok_or_else(bad);
    let (from, until) = match (field, span(raw).ok_or_else(bad)?) {
        (Field::After, Span::Is(text)) => (Some(read(text)?.0), None),
        (Field::Before, Span::Is(text)) => (None, Some(read(text)?.0)),
        (Field::After | Field::Before, _) => return Err(bad()),
        (_, Span::Is(text)) => {
            let (from, until) = read(text)?;
            (Some(from), Some(until))
        }
        (_, Span::Over(text)) => (Some(read(text)?.1), None),
        (_, Span::From(text)) => (Some(read(text)?.0), None),
        (_, Span::Under(text)) => (None, Some(read(text)?.0)),
        (_, Span::UpTo(text)) => (None, Some(read(text)?.1)),
        (_, Span::Between(left, right)) => (Some(read(left)?.0), Some(read(right)?.1)),
    };
    if let (Some(from), Some(until)) = (from, until)
        && from >= until
    {
        return Err(QueryErrorKind::EmptyRange { value: raw.to_owned() });
    }
    Ok(Period { from, until })
}

/// First second of a year, month or day, and first second after it.
fn date(text: &str) -> Option<(Instant, Instant)> {
    let mut parts = text.split(['-', '/']);
    let mut next = |least: usize, most: usize| match parts.next() {
        None => Some(None),
        Some(part) => {
            let good = (least..=most).contains(&part.len()) && part.bytes().all(|digit| digit.is_ascii_digit());
            good.then(|| part.parse::<i16>().ok()).flatten().map(Some)
        }
    };
    let year = next(4, 4)??;
    let month = next(1, 2)?;
    let day = next(1, 2)?;
    if parts.next().is_some() || !YEARS.contains(&year) {
        return None;
    }
    let start =
        |year: i16, month: i16, day: i16| Instant::from_date(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    match (month, day) {
        (None, _) => Some((start(year, 1, 1)?, start(year + 1, 1, 1)?)),
        (Some(12), None) => Some((start(year, 12, 1)?, start(year + 1, 1, 1)?)),
        (Some(month), None) => Some((start(year, month, 1)?, start(year, month + 1, 1)?)),
        (Some(month), Some(day)) => {
            let from = start(year, month, day)?;
            Some((from, Instant(from.0 + DAY_SECONDS)))
        }
    }
}

/// Seconds of a day; UTC as kept here has no leap seconds.
pub(super) const DAY_SECONDS: i64 = 86_400;
