//! The chart of items over time: a small SVG of linked bars that needs neither style nor script.
//!
//! Places are percentages, so that the drawing fits any width while its letters keep their size.

use std::{collections::BTreeMap, fmt::Write as _};

use frelon_model::YearMonth;

use super::shell::Shell;

/// Months above which bars stand for years: thinner bars can be neither seen nor hit.
const MONTHS_MAX: i32 = 264;
/// Years drawn at most; dates claimed outside are counted in words.
const YEARS_MAX: i32 = 120;
/// Height of the drawing and of its tallest bar, in CSS pixels.
pub(super) const HEIGHT: u32 = 168;
pub(super) const BAR_HEIGHT: u32 = 128;
pub(super) const BASE_LINE: u32 = 140;
/// Labels along the bottom at most: what fits on a telephone.
const LABELS_MAX: i32 = 7;

/// A chart ready for a template.
pub(crate) struct Chart {
    /// The SVG element; empty when there is nothing to draw.
    pub(crate) svg: String,
    /// Items per year with their link, as the table that says the same.
    pub(crate) years: Vec<(i16, u64, String)>,
    /// Items whose date lies outside what is drawn.
    pub(crate) outside: u64,
}

struct Bar {
    label: String,
    count: u64,
    href: String,
}

impl Chart {
    /// Draws months; `href` gives the link of a year or a month.
    pub(crate) fn of(shell: &Shell, months: &[(YearMonth, u64)], href: impl Fn(i16, Option<i8>) -> String) -> Self {
        let mut per_year: BTreeMap<i16, u64> = BTreeMap::new();
        for (month, count) in months {
            *per_year.entry(month.year).or_default() += count;
        }
        let years = per_year.iter().map(|(year, count)| (*year, *count, shell.href(href(*year, None)))).collect();
        let Some((first, last)) = drawn_years(&per_year) else {
            return Self { svg: String::new(), years, outside: 0 };
        };
        let drawn = |year: i16| (first..=last).contains(&year);
        let outside = per_year.iter().filter(|(year, _)| !drawn(**year)).map(|(_, count)| count).sum();
        let counts: BTreeMap<YearMonth, u64> =
            months.iter().filter(|(month, _)| drawn(month.year)).map(|(month, count)| (*month, *count)).collect();
        let span = (i32::from(last) - i32::from(first) + 1) * 12;
        let bars: Vec<Bar> = if span > MONTHS_MAX {
            let bar = |year: i16| Bar {
                label: year.to_string(),
                count: per_year.get(&year).copied().unwrap_or(0),
                href: shell.href(href(year, None)),
            };
            (first..=last).map(bar).collect()
        } else {
            let month = |year: i16| (1..=12).map(move |month| YearMonth { year, month });
            let bar = |month: YearMonth| Bar {
                label: shell.month(month),
                count: counts.get(&month).copied().unwrap_or(0),
                href: shell.href(href(month.year, Some(month.month))),
            };
            (first..=last).flat_map(month).map(bar).collect()
        };
        Self { svg: draw(shell, &bars, first, last), years, outside }
    }
}

/// The years to draw: all, unless a few wild dates would squeeze the rest; then the fullest window.
pub(super) fn drawn_years(per_year: &BTreeMap<i16, u64>) -> Option<(i16, i16)> {
    let (first, _) = per_year.first_key_value()?;
    let (last, _) = per_year.last_key_value()?;
    let total: u64 = per_year.values().sum();
    // Wild dates at either end: at most one item in two hundred a side, and only beyond a gap of years.
    let trim = |mut years: Box<dyn Iterator<Item = (&i16, &u64)> + '_>, edge: i16| -> i16 {
        let mut left = 0;
        let mut edge = edge;
        let mut before: Option<i16> = None;
        for (year, count) in years.by_ref() {
            if before.is_some_and(|before| before.abs_diff(*year) > 3) {
                edge = *year;
            }
            left += count;
            if left > total / 200 {
                break;
            }
            before = Some(*year);
        }
        edge
    };
    let low = trim(Box::new(per_year.iter()), *first);
    let high = trim(Box::new(per_year.iter().rev()), *last);
    let (low, high) = if low <= high { (low, high) } else { (*first, *last) };
    let widest = i32::from(high) - i32::from(low);
    Some(if widest >= YEARS_MAX { (high.saturating_sub(119), high) } else { (low, high) })
}

fn draw(shell: &Shell, bars: &[Bar], first: i16, last: i16) -> String {
    let top = bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1);
    let total: u64 = bars.iter().map(|bar| bar.count).sum();
    let slot = 100.0 / bars.len().max(1) as f64;
    let title = shell.with(
        "chart-title",
        [
            ("n", total.into()),
            ("shown", shell.number(total).into()),
            ("first", first.to_string().into()),
            ("last", last.to_string().into()),
        ],
    );
    let mut svg = String::with_capacity(bars.len() * 220 + 1_000);
    // Writing to a String cannot fail, here and below.
    let _ = write!(
        svg,
        "<svg class=\"chart\" width=\"100%\" height=\"{HEIGHT}\" role=\"group\" aria-label=\"{}\">",
        escape(&title)
    );
    let _ = write!(
        svg,
        "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{0}\" y2=\"{0}\"/><line class=\"axis\" x1=\"0\" x2=\"100%\" y1=\"{BASE_LINE}.5\" y2=\"{BASE_LINE}.5\"/>",
        f64::from(BASE_LINE - BAR_HEIGHT) + 0.5
    );
    labels(&mut svg, first, last);
    for (index, bar) in bars.iter().enumerate() {
        if bar.count == 0 {
            continue;
        }
        let height = (bar.count as f64 / top as f64 * f64::from(BAR_HEIGHT)).max(2.0);
        let x = index as f64 * slot;
        let text = escape(&format!("{}: {}", bar.label, shell.n("items", bar.count)));
        let _ = write!(
            svg,
            "<a href=\"{href}\" aria-label=\"{text}\"><title>{text}</title><rect class=\"hit\" x=\"{x:.3}%\" y=\"0\" width=\"{slot:.3}%\" height=\"{BASE_LINE}\"/><rect class=\"bar\" x=\"{bar_x:.3}%\" y=\"{y:.1}\" width=\"{width:.3}%\" height=\"{height:.1}\"/></a>",
            href = escape(&bar.href),
            bar_x = x + slot * 0.08,
            y = f64::from(BASE_LINE) - height,
            width = slot * 0.84,
        );
    }
    let _ = write!(
        svg,
        "<text class=\"top\" x=\"0\" y=\"{}\">{}</text></svg>",
        BASE_LINE - BAR_HEIGHT - 3,
        escape(&shell.number(top))
    );
    svg
}

/// Years along the bottom.
pub(super) fn labels(svg: &mut String, first: i16, last: i16) {
    let span = i32::from(last) - i32::from(first) + 1;
    let steps = [1, 2, 5, 10, 20, 50];
    let step = steps.into_iter().find(|step| span / step <= LABELS_MAX).unwrap_or(50);
    for year in i32::from(first)..=i32::from(last) {
        if year % step != 0 && span > 1 {
            continue;
        }
        let x = f64::from(year - i32::from(first)) * 100.0 / f64::from(span);
        let _ = write!(
            svg,
            "<line class=\"tick\" x1=\"{x:.3}%\" x2=\"{x:.3}%\" y1=\"{BASE_LINE}\" y2=\"{}\"/><text class=\"year\" x=\"{x:.3}%\" dx=\"4\" y=\"{}\">{year}</text>",
            BASE_LINE + 6,
            BASE_LINE + 19
        );
    }
}

/// Text for an attribute or an element.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::shell::Reader;

    fn chart(months: &[(i16, i8, u64)]) -> Chart {
        let shell = Shell::new(Reader::for_test("en", "/"), "T".to_owned(), String::new());
        let months: Vec<_> =
            months.iter().map(|(year, month, count)| (YearMonth { year: *year, month: *month }, *count)).collect();
        Chart::of(&shell, &months, |year, month| format!("/x/date/{year}/{}?a=1&b=2", month.unwrap_or(0)))
    }

    #[test]
    fn bars_link_and_are_named() {
        let chart = chart(&[(2015, 3, 4), (2015, 5, 1_200)]);
        assert_eq!(chart.svg.matches("<a href").count(), 2);
        assert!(chart.svg.contains("May 2015: 1,200 items"), "{}", chart.svg);
        assert!(chart.svg.contains("/x/date/2015/3?a=1&amp;b=2"));
    }

    #[test]
    fn wild_dates_do_not_squeeze_the_rest() {
        let chart = chart(&[(1970, 1, 2), (2001, 1, 5_000), (2002, 1, 5_000), (2044, 1, 1)]);
        assert_eq!(chart.outside, 3);
        assert!(!chart.svg.contains("1970"));
        assert_eq!(chart.years.len(), 4);
    }

    #[test]
    fn no_items_no_drawing() {
        assert!(chart(&[]).svg.is_empty());
        assert!(chart(&[(-9999, 1, 1), (9999, 12, 1)]).svg.len() < 40_000);
    }
}
