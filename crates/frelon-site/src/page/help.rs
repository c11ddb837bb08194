//! `/search/help`: the query language on one page.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};

use super::shell::{Reader, Shell, page, site_title};
use crate::{fault::Fault, state::Site, text::percent_encode};

/// Examples, and the name of the words that say what each finds.
const EXAMPLES: [(&str, &[&str]); 5] = [
    (
        "words",
        &[
            "water budget",
            "water OR dam",
            "dam -draft",
            "(water OR dam) budget",
            "\"water budget\"",
            "\"water budget\"~5",
            "budg*",
            "recieve~",
            "=Dams",
        ],
    ),
    ("people", &["from:ann@example.org", "from:ann", "to:@example.org", "cc:ann", "participant:ann"]),
    ("places", &["subject:budget", "body:budget", "quoted:budget", "attachment:invoice"]),
    (
        "dates",
        &[
            "date:2016",
            "date:2016-10",
            "date:2016-10-07",
            "date:2016-10-01..2016-10-15",
            "after:2016-10-07",
            "before:2016",
        ],
    ),
    (
        "things",
        &[
            "has:attachment",
            "type:pdf",
            "lang:fr",
            "dkim:pass",
            "list:announce",
            "size:>1mb",
            "recipients:>20",
            "number:100..200",
            "release:1",
            "thread:12",
            "has:problem",
        ],
    ),
];

/// One example.
struct Example {
    query: &'static str,
    text: String,
    href: String,
}

#[derive(Template)]
#[template(path = "help.html")]
struct Help {
    s: Shell,
    groups: Vec<(String, Vec<Example>)>,
}

/// `GET /search/help`
pub(crate) async fn show(State(site): State<Arc<Site>>, reader: Reader) -> Result<Response, Fault> {
    let shell = Shell::new(reader.clone(), site_title(&site, reader.words), String::new());
    let template = view(shell);
    page(&site, &template.s, &template)
}

fn view(s: Shell) -> Help {
    let (search, label) = (s.t("search-title").to_owned(), s.t("nav-help").to_owned());
    let mut s = s.beside(&[("/search", &search), ("/search/help", &label)]);
    s.title = label;
    let example = |query: &'static str| Example {
        query,
        text: frelon_index::query::parse(query)
            .map(|parsed| super::explain::explain(&s, &frelon_index::query::Explanation::of(&parsed)))
            .unwrap_or_default(),
        href: format!("/search?q={}", percent_encode(query)),
    };
    let group = |(name, queries): (&str, &[&'static str])| {
        let title = s.find(&format!("help-{name}")).unwrap_or(name).to_owned();
        (title, queries.iter().map(|query| example(query)).collect())
    };
    let groups = EXAMPLES.into_iter().map(group).collect();
    Help { s, groups }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_example_is_a_good_query() {
        for (_, queries) in super::EXAMPLES {
            for query in queries {
                assert!(frelon_index::query::parse(query).is_ok(), "{query}");
            }
        }
    }
}
