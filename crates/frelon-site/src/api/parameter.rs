//! Query parameters of the API: few, each checked, and a wrong one named in the answer.

use std::collections::BTreeMap;

use axum::extract::{FromRequestParts, Query};
use frelon_index::Sort;
use frelon_model::{CollectionId, Instant, limits::QUERY_BYTES_MAX};
use http::request::Parts;

use crate::fault::Fault;

/// Rows of a page when nothing is said.
const LIMIT_DEFAULT: usize = 50;
/// Rows of a page at most; `next` leads on without end.
const LIMIT_MAX: usize = 500;
/// Bytes of a cursor; ours are far shorter.
const CURSOR_BYTES_MAX: usize = 1_024;

/// The parameters of a request; of several with one name the last counts.
#[derive(Debug, Default)]
pub(crate) struct Parameters(BTreeMap<String, String>);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let query = Query::<BTreeMap<String, String>>::from_request_parts(parts, state).await;
        query.map(|Query(values)| Self(values)).map_err(|_| Fault::Parameter("query string"))
    }
}

impl Parameters {
    /// A parameter that is there and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The query `q`; empty finds everything.
    pub(crate) fn query(&self) -> Result<String, Fault> {
        let query = self.get("q").unwrap_or_default();
        if query.len() > QUERY_BYTES_MAX { Err(Fault::Parameter("q")) } else { Ok(query.to_owned()) }
    }

    /// The collection `c`.
    pub(crate) fn collection(&self) -> Result<Option<CollectionId>, Fault> {
        self.get("c").map(|name| CollectionId::new(name).map_err(|_| Fault::Parameter("c"))).transpose()
    }

    /// The order `sort`.
    pub(crate) fn sort(&self, default: Sort) -> Result<Sort, Fault> {
        match self.get("sort") {
            None => Ok(default),
            Some("relevance") => Ok(Sort::Relevance),
            Some("newest") => Ok(Sort::Newest),
            Some("oldest") => Ok(Sort::Oldest),
            Some("number") => Ok(Sort::Number),
            Some("largest") => Ok(Sort::Largest),
            Some(_) => Err(Fault::Parameter("sort")),
        }
    }

    /// Where to go on.
    pub(crate) fn cursor(&self) -> Result<Option<String>, Fault> {
        let cursor = self.get("cursor");
        if cursor.is_some_and(|cursor| cursor.len() > CURSOR_BYTES_MAX) {
            Err(Fault::Cursor)
        } else {
            Ok(cursor.map(str::to_owned))
        }
    }

    /// Where to go on in what is listed by its place in the log.
    pub(crate) fn leaf_cursor(&self) -> Result<Option<u64>, Fault> {
        self.get("cursor").map(|text| text.parse().map_err(|_| Fault::Cursor)).transpose()
    }

    /// Rows wanted.
    pub(crate) fn limit(&self) -> Result<usize, Fault> {
        let Some(text) = self.get("limit") else { return Ok(LIMIT_DEFAULT) };
        let limit = text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
        limit.ok_or(Fault::Parameter("limit"))
    }

    /// A switch: `true` or `false`.
    pub(crate) fn switch(&self, name: &'static str, default: bool) -> Result<bool, Fault> {
        match self.get(name) {
            None => Ok(default),
            Some("true" | "1") => Ok(true),
            Some("false" | "0") => Ok(false),
            Some(_) => Err(Fault::Parameter(name)),
        }
    }

    /// The days `after` (included) and `before` (excluded), as `YYYY-MM-DD`.
    pub(crate) fn between(&self) -> Result<Option<(Instant, Instant)>, Fault> {
        let day = |name: &'static str| self.get(name).map(|text| day(text).ok_or(Fault::Parameter(name))).transpose();
        let (after, before) = (day("after")?, day("before")?);
        if after.is_none() && before.is_none() {
            return Ok(None);
        }
        Ok(Some((after.unwrap_or(Instant(i64::MIN)), before.unwrap_or(Instant(i64::MAX)))))
    }
}

fn day(text: &str) -> Option<Instant> {
    let date: jiff::civil::Date = text.parse().ok()?;
    if text.len() == 10 { Instant::from_date(date.year(), date.month(), date.day()) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(pairs: &[(&str, &str)]) -> Parameters {
        Parameters(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn wrong_values_are_named() {
        for (name, value) in [("limit", "0"), ("limit", "501"), ("limit", "x"), ("sort", "size"), ("c", "../x")] {
            let found = parameters(&[(name, value)]);
            let wrong = [found.limit().err(), found.sort(Sort::Newest).err(), found.collection().err()];
            let named =
                wrong.into_iter().flatten().any(|fault| matches!(fault, Fault::Parameter(wrong) if wrong == name));
            assert!(named, "{name}={value}");
        }
        assert!(parameters(&[("q", &"x".repeat(5_000))]).query().is_err());
        assert!(parameters(&[("after", "2016-13-01")]).between().is_err());
        assert!(parameters(&[("after", "yesterday")]).between().is_err());
    }

    #[test]
    fn days_bound_a_span() {
        let span = parameters(&[("after", "2016-10-07")]).between().unwrap().unwrap();
        assert_eq!(span, (Instant::from_date(2016, 10, 7).unwrap(), Instant(i64::MAX)));
        assert_eq!(parameters(&[]).between().unwrap(), None);
    }
}
