//! `/<collection>/authenticity`: what the signatures of a collection's mail come to, year by year, and which keys
//! made them.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use frelon_index::{CollectionRecord, GradeCount, SigningKeyRecord};
use frelon_mail::dkim::{DkimState, Provenance};

use super::{
    chart::{BAR_HEIGHT, BASE_LINE, HEIGHT, drawn_years, escape, labels},
    shell::{Reader, Shell, page, site_title},
};
use crate::{fault::Fault, path, state::Site, text::percent_encode};

/// Keys shown; the API tells of more.
const KEYS_SHOWN: usize = 60;

/// Grades that come to the same for somebody who looks from afar, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Holds,
    Altered,
    Unknown,
    Malformed,
    Unsigned,
}

impl Class {
    const ALL: [Self; 5] = [Self::Holds, Self::Altered, Self::Unknown, Self::Malformed, Self::Unsigned];

    fn of(grade: DkimState) -> Self {
        match grade {
            DkimState::Pass | DkimState::Expired => Self::Holds,
            DkimState::BodyAltered | DkimState::HeadersAltered | DkimState::Altered => Self::Altered,
            DkimState::KeyNotFound | DkimState::KeyRevoked => Self::Unknown,
            DkimState::Malformed => Self::Malformed,
            DkimState::Unsigned => Self::Unsigned,
        }
    }

    /// Its name in style sheet and words.
    fn code(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Altered => "altered",
            Self::Unknown => "unknown",
            Self::Malformed => "malformed",
            Self::Unsigned => "unsigned",
        }
    }

    /// The query that finds its messages.
    fn query(self) -> String {
        let grades = DkimState::ALL.into_iter().filter(|grade| Self::of(*grade) == self);
        let terms: Vec<String> = grades.map(|grade| format!("dkim:{grade}")).collect();
        if terms.len() == 1 { terms.concat() } else { format!("({})", terms.join(" OR ")) }
    }
}

/// Messages of one class in one year.
struct Cell {
    count: String,
    share: String,
    /// Where they are found; empty where there are none, or no query finds them.
    href: String,
}

/// A year of the table.
struct YearLine {
    year: String,
    href: String,
    cells: Vec<Cell>,
}

/// A grade with what it means.
struct GradeLine {
    name: String,
    meaning: String,
    count: String,
    href: String,
}

/// A key, or a selector without one.
struct KeyLine {
    domain: String,
    selector: String,
    /// What is known of the key.
    key: String,
    messages: String,
    span: String,
}

#[derive(Template)]
#[template(path = "authenticity.html")]
struct Authenticity {
    s: Shell,
    id: String,
    lede: String,
    /// Code and name of each class.
    classes: Vec<(&'static str, String)>,
    svg: String,
    /// Messages whose date lies outside what is drawn.
    outside: u64,
    years: Vec<YearLine>,
    grades: Vec<GradeLine>,
    keys: Vec<KeyLine>,
    /// How many keys are not shown; empty for none.
    keys_cut: String,
    has_archive: bool,
}

/// What the page is made from.
pub(crate) struct Data {
    /// The collection.
    pub(crate) record: CollectionRecord,
    /// Messages per year and grade.
    pub(crate) grades: Vec<GradeCount>,
    /// The keys that signed most.
    pub(crate) keys: Vec<SigningKeyRecord>,
    /// How many keys there are.
    pub(crate) key_count: u64,
    /// Whether the tree has a key archive.
    pub(crate) has_archive: bool,
}

/// `GET /{collection}/authenticity`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    Path(collection): Path<String>,
    reader: Reader,
) -> Result<Response, Fault> {
    let id = path::collection_id(&collection)?;
    let data = site
        .read(move |archive| {
            let Some(record) = archive.collection(&id) else { return Ok(None) };
            let grades = archive.grades(&id)?;
            let (keys, key_count) = archive.signing_keys(&id, KEYS_SHOWN)?;
            Ok(Some(Data { record, grades, keys, key_count, has_archive: archive.has_keys() }))
        })
        .await?
        .ok_or(Fault::NotFound)?;
    let shell = Shell::new(reader.clone(), site_title(&site, reader.words), String::new());
    let template = view(shell, &data);
    page(&site, &template.s, &template)
}

fn view(s: Shell, data: &Data) -> Authenticity {
    let id = data.record.id.to_string();
    let title = s.t("authenticity").to_owned();
    let mut s = s.within(&data.record.id, &data.record.title, &[("authenticity", &title)]);
    s.title = title;
    let search = |query: &str| format!("/search?q={}&c={id}", percent_encode(query));

    let mut per_year: BTreeMap<(bool, Option<i16>), [u64; 5]> = BTreeMap::new();
    let mut per_grade: BTreeMap<DkimState, u64> = BTreeMap::new();
    for one in &data.grades {
        let counts = per_year.entry((one.year.is_none(), one.year)).or_default();
        counts[Class::of(one.grade) as usize] += one.count;
        *per_grade.entry(one.grade).or_default() += one.count;
    }
    let total: u64 = per_grade.values().sum();
    let signed = total - per_grade.get(&DkimState::Unsigned).copied().unwrap_or(0);
    let holding: u64 = [DkimState::Pass, DkimState::Expired].iter().filter_map(|grade| per_grade.get(grade)).sum();
    let lede = s.with(
        "authenticity-lede",
        [
            ("n", signed.into()),
            ("signed", s.number(signed).into()),
            ("total", s.number(total).into()),
            ("holding", s.number(holding).into()),
        ],
    );

    let years = per_year.iter().map(|((_, year), counts)| year_line(&s, *year, counts, &search)).collect();
    let drawn: BTreeMap<i16, [u64; 5]> =
        per_year.iter().filter_map(|((_, year), counts)| year.map(|year| (year, *counts))).collect();
    let (svg, outside) = draw(&s, &drawn, &search);
    let grade_line = |(grade, count): (&DkimState, &u64)| GradeLine {
        name: s.t(&format!("dkim-{grade}")).to_owned(),
        meaning: s.t(&format!("grade-{grade}")).to_owned(),
        count: s.n("messages", *count),
        href: search(&format!("dkim:{grade}")),
    };
    let grades = per_grade.iter().map(grade_line).collect();
    let left_out = data.key_count.saturating_sub(data.keys.len() as u64);
    Authenticity {
        lede,
        classes: Class::ALL.map(|class| (class.code(), s.t(&format!("class-{}", class.code())).to_owned())).into(),
        svg,
        outside,
        years,
        grades,
        keys: data.keys.iter().map(|key| key_line(&s, key)).collect(),
        keys_cut: if left_out == 0 { String::new() } else { s.n("authenticity-keys-cut", left_out) },
        has_archive: data.has_archive,
        s,
        id,
    }
}

fn year_line(s: &Shell, year: Option<i16>, counts: &[u64; 5], search: &impl Fn(&str) -> String) -> YearLine {
    let total: u64 = counts.iter().sum();
    let cell = |class: Class| {
        let count = counts[class as usize];
        let href = match year.filter(|_| count > 0) {
            Some(year) => search(&format!("{} date:{year}", class.query())),
            None => String::new(),
        };
        Cell { count: s.number(count), share: share(s, count, total), href }
    };
    YearLine {
        year: year.map_or_else(|| s.t("undated").to_owned(), |year| year.to_string()),
        href: year.map(|year| search(&format!("date:{year}"))).unwrap_or_default(),
        cells: Class::ALL.map(cell).into(),
    }
}

/// A share in whole percent; what is there is never called none, nor all what is not.
fn share(s: &Shell, count: u64, total: u64) -> String {
    let exact = count as f64 * 100.0 / total.max(1) as f64;
    let percent = match exact.round() {
        _ if count == 0 => return String::new(),
        percent if percent < 1.0 => "<\u{202f}1".to_owned(),
        percent if percent > 99.0 && count < total => ">\u{202f}99".to_owned(),
        percent => percent.to_string(),
    };
    s.of("percent", percent)
}

/// One column a year, cut into the shares of the classes; years without mail stay empty. And how many messages
/// lie outside what is drawn.
fn draw(s: &Shell, years: &BTreeMap<i16, [u64; 5]>, search: &impl Fn(&str) -> String) -> (String, u64) {
    let totals: BTreeMap<i16, u64> = years.iter().map(|(year, counts)| (*year, counts.iter().sum())).collect();
    let Some((first, last)) = drawn_years(&totals) else { return (String::new(), 0) };
    let outside = totals.iter().filter(|(year, _)| !(first..=last).contains(year)).map(|(_, count)| count).sum();
    let slot = 100.0 / f64::from(i32::from(last) - i32::from(first) + 1);
    let span = s.with("span", [("first", first.to_string().into()), ("last", last.to_string().into())]);
    let title = escape(&format!("{}, {span}", s.t("authenticity-years")));
    let mut svg = format!(
        "<svg class=\"chart shares\" width=\"100%\" height=\"{HEIGHT}\" role=\"group\" aria-label=\"{title}\">"
    );
    // Writing to a String cannot fail, here and below.
    let _ = write!(svg, "<line class=\"axis\" x1=\"0\" x2=\"100%\" y1=\"{BASE_LINE}.5\" y2=\"{BASE_LINE}.5\"/>");
    labels(&mut svg, first, last);
    for (year, counts) in years.range(first..=last) {
        let total: u64 = counts.iter().sum();
        let x = f64::from(i32::from(*year) - i32::from(first)) * slot;
        let mut words = format!("{year}: {}", s.n("messages", total));
        let mut bars = String::new();
        let mut top = f64::from(BASE_LINE);
        for class in Class::ALL {
            let count = counts[class as usize];
            if count == 0 {
                continue;
            }
            let name = s.t(&format!("class-{}", class.code())).to_owned();
            let _ = write!(words, ", {name} {}", share(s, count, total));
            let height = count as f64 / total as f64 * f64::from(BAR_HEIGHT);
            top -= height;
            let _ = write!(
                bars,
                "<rect class=\"{}\" x=\"{:.3}%\" y=\"{top:.2}\" width=\"{:.3}%\" height=\"{height:.2}\"/>",
                class.code(),
                x + slot * 0.08,
                slot * 0.84
            );
        }
        let words = escape(&words);
        let href = escape(&s.href(search(&format!("date:{year}"))));
        let _ = write!(
            svg,
            "<a href=\"{href}\" aria-label=\"{words}\"><title>{words}</title><rect class=\"hit\" x=\"{x:.3}%\" y=\"0\" width=\"{slot:.3}%\" height=\"{BASE_LINE}\"/>{bars}</a>"
        );
    }
    svg.push_str("</svg>");
    (svg, outside)
}

fn key_line(s: &Shell, one: &SigningKeyRecord) -> KeyLine {
    let messages = s.with(
        "authenticity-key-messages",
        [
            ("n", one.item_count.into()),
            ("shown", s.number(one.item_count).into()),
            ("holding", s.number(one.passed_count).into()),
        ],
    );
    let span = match (one.first_at, one.last_at) {
        (Some(first), Some(last)) => s.with("span", [("first", s.date(first).into()), ("last", s.date(last).into())]),
        _ => String::new(),
    };
    let Some(key) = &one.key else {
        let (key, messages) = (s.t("dkim-key-not-found").to_owned(), s.n("messages", one.item_count));
        let domain =
            if one.signing_domain.is_empty() { s.t("authenticity-keys-other") } else { &one.signing_domain }.to_owned();
        return KeyLine { domain, selector: one.selector.clone(), key, messages, span };
    };
    let from = match key.provenance {
        Provenance::LiveDns => s.t("signature-key-live-dns"),
        Provenance::Archive => s.t("signature-key-archive"),
        Provenance::Recovered => s.t("signature-key-recovered"),
    };
    let mut words = vec![s.with("signature-key-size", [("bits", key.bits.to_string().into())]), from.to_owned()];
    if !key.source.is_empty() {
        words.push(key.source.clone());
    }
    KeyLine {
        domain: one.signing_domain.clone(),
        selector: one.selector.clone(),
        key: words.join(" · "),
        messages,
        span,
    }
}

#[cfg(test)]
mod tests {
    use frelon_index::SigningKey;
    use frelon_model::{CollectionId, Instant};

    use super::*;

    fn record() -> CollectionRecord {
        CollectionRecord {
            id: CollectionId::new("harbour").expect("a name"),
            title: "Harbour".to_owned(),
            about: String::new(),
            item_count: 0,
            thread_count: 0,
            person_count: 0,
            attachment_count: 0,
            ghost_count: 0,
            problem_count: 0,
            size_bytes: 0,
            first_at: None,
            last_at: None,
            undated_count: 0,
            languages: Vec::new(),
        }
    }

    fn render(language: &str, data: &Data) -> String {
        let shell = Shell::new(Reader::for_test(language, "/"), "T".to_owned(), String::new());
        view(shell, data).render().expect("it renders").replace("&#38;", "&").replace("&amp;", "&")
    }

    fn data() -> Data {
        let count = |year, grade, count| GradeCount { year, grade, count };
        let key = SigningKey {
            fingerprint: "0".repeat(16),
            bits: 1_024,
            provenance: Provenance::Recovered,
            source: "recovered from 3 signatures".to_owned(),
            first_seen_at: None,
            last_seen_at: None,
        };
        let signing = |key, domain: &str| SigningKeyRecord {
            signing_domain: domain.to_owned(),
            selector: "s1".to_owned(),
            key,
            item_count: 1_204,
            passed_count: 1_200,
            first_at: Some(Instant(1_400_000_000)),
            last_at: Some(Instant(1_500_000_000)),
        };
        Data {
            record: record(),
            grades: vec![
                count(Some(2014), DkimState::Pass, 1_200),
                count(Some(2014), DkimState::Expired, 1),
                count(Some(2014), DkimState::KeyNotFound, 3),
                count(Some(2016), DkimState::Unsigned, 50),
                count(None, DkimState::BodyAltered, 2),
            ],
            keys: vec![signing(Some(key), "one.example"), signing(None, "two.example")],
            key_count: 90,
            has_archive: true,
        }
    }

    #[test]
    fn shares_link_to_what_they_count() {
        let page = render("en", &data());
        assert!(page.contains("1,206 of 1,256 messages") && page.contains("1,201"), "{page}");
        for query in ["(dkim:pass OR dkim:expired) date:2014", "date:2016", "dkim:body-altered"] {
            assert!(page.contains(&format!("/search?q={}&c=harbour", percent_encode(query))), "{query}: {page}");
            assert!(frelon_index::query::parse(query).is_ok(), "{query}");
        }
        assert!(page.contains(">\u{202f}99") || page.contains("&gt;\u{202f}99") || page.contains("&#62;\u{202f}99"));
        assert_eq!(page.matches("<rect class=\"hit\"").count(), 2);
        assert!(page.contains("one.example") && page.contains("1,204") && page.contains("two.example"));
        assert!(page.contains("88 more") && page.contains("href=\"/keys.jsonl\""));
    }

    #[test]
    fn every_class_and_grade_has_words_in_every_language() {
        for language in ["en", "fr"] {
            let page = render(language, &data());
            assert!(!page.contains(">grade-") && !page.contains(">class-"), "{page}");
            let words = Reader::for_test(language, "/").words;
            for grade in DkimState::ALL {
                assert!(words.find(&format!("grade-{grade}")).is_some(), "grade-{grade}");
            }
            for class in Class::ALL {
                assert!(words.find(&format!("class-{}", class.code())).is_some());
                assert!(frelon_index::query::parse(&class.query()).is_ok());
            }
        }
    }

    #[test]
    fn a_collection_without_mail_has_a_page() {
        let data = Data { grades: Vec::new(), keys: Vec::new(), key_count: 0, has_archive: false, ..data() };
        let page = render("fr", &data);
        assert!(!page.contains("<svg class=\"chart") && !page.contains("/keys.jsonl"), "{page}");
    }
}
