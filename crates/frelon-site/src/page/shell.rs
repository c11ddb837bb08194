//! What all pages share: title, language, navigation, links that keep the language.

use std::{ops::Deref, sync::Arc};

use axum::{extract::FromRequestParts, response::Response};
use frelon_model::CollectionId;
use http::{HeaderValue, StatusCode, header, request::Parts};

use super::asset;
use crate::{
    fault::Fault,
    state::Site,
    text::{LANGUAGES, Words, choose},
};

/// Who asks, in what language, for which address.
#[derive(Clone)]
pub(crate) struct Reader {
    /// The language to answer in.
    pub(crate) words: &'static Words,
    /// Whether the language was asked for in the address, so that links have to carry it on.
    asked: bool,
    /// Path of the request, still percent-encoded.
    path: String,
    /// Query of the request without `lang`, still percent-encoded.
    query: String,
    /// Configured address of the site. Never taken from the Host field: pages are cached for everybody.
    pub(crate) base_url: String,
}

impl Reader {
    /// Reads what a page needs to know from the request head.
    pub(crate) fn of(parts: &Parts, site: &Site) -> Self {
        let query = parts.uri.query().unwrap_or_default();
        let asked = query.split('&').find_map(|pair| pair.strip_prefix("lang="));
        let accept = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("lang=")).collect();
        let words = choose(asked, accept);
        Self {
            words,
            asked: asked.is_some_and(|code| code.eq_ignore_ascii_case(words.code)),
            path: parts.uri.path().to_owned(),
            query: kept.join("&"),
            base_url: site.base_url().to_owned(),
        }
    }

    /// The same reader at another address of the site: what the request named besides is not repeated.
    pub(crate) fn at(self, path: String) -> Self {
        Self { path, query: String::new(), ..self }
    }

    #[cfg(test)]
    pub(crate) fn for_test(language: &str, path: &str) -> Self {
        Self {
            words: choose(Some(language), None),
            asked: language != "en",
            path: path.to_owned(),
            query: String::new(),
            base_url: "https://archive.example".to_owned(),
        }
    }
}

impl FromRequestParts<Arc<Site>> for Reader {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Self::Rejection> {
        Ok(Self::of(parts, site))
    }
}

/// The frame of a page. Gives templates the words of its language.
pub(crate) struct Shell {
    reader: Reader,
    /// Title of the site.
    pub(crate) site_title: String,
    /// Title of this page; empty on the front page.
    pub(crate) title: String,
    /// One sentence for search engines and link previews; may be empty.
    pub(crate) description: String,
    /// Atom feed of what this page shows.
    pub(crate) feed: Option<String>,
    /// The collection this page belongs to: name and title.
    pub(crate) collection: Option<(CollectionId, String)>,
    /// The way down to this page: address and label; the last is the page itself.
    pub(crate) crumbs: Vec<(String, String)>,
    /// What stands in the search box.
    pub(crate) asked_query: String,
    /// Neighbours, for `rel` links and the keyboard.
    pub(crate) previous: Option<String>,
    /// The page after this one.
    pub(crate) next: Option<String>,
    /// Whether search engines should leave this page out.
    pub(crate) hidden: bool,
}

impl Deref for Shell {
    type Target = Words;

    fn deref(&self) -> &Words {
        self.reader.words
    }
}

/// A language the reader can switch to.
pub(crate) struct LanguageLink {
    /// BCP 47 code.
    pub(crate) code: &'static str,
    /// Its own name.
    pub(crate) name: &'static str,
    /// This page in that language.
    pub(crate) href: String,
    /// Whether it is the one in use.
    pub(crate) current: bool,
}

impl Shell {
    /// A frame for a page with this title.
    pub(crate) fn new(reader: Reader, site_title: String, title: String) -> Self {
        Self {
            reader,
            site_title,
            title,
            description: String::new(),
            feed: None,
            collection: None,
            crumbs: Vec::new(),
            asked_query: String::new(),
            previous: None,
            next: None,
            hidden: false,
        }
    }

    /// The frame of a page within a collection: `label` is the last step of the way down to it.
    pub(crate) fn within(mut self, id: &CollectionId, title: &str, steps: &[(&str, &str)]) -> Self {
        self.collection = Some((id.clone(), title.to_owned()));
        self.crumbs = vec![(format!("/{id}/"), title.to_owned())];
        self.crumbs.extend(steps.iter().map(|(path, label)| (format!("/{id}/{path}"), (*label).to_owned())));
        self.feed = Some(format!("/{id}/feed.atom"));
        self
    }

    /// The frame of a page beside the collections.
    pub(crate) fn beside(mut self, steps: &[(&str, &str)]) -> Self {
        self.crumbs = steps.iter().map(|(path, label)| ((*path).to_owned(), (*label).to_owned())).collect();
        self
    }

    /// A link within the site that keeps a language asked for.
    pub(crate) fn href(&self, path: impl AsRef<str>) -> String {
        let path = path.as_ref();
        if !self.reader.asked {
            return path.to_owned();
        }
        let (path, fragment) = path.split_once('#').map_or((path, None), |(path, end)| (path, Some(end)));
        let mark = if path.contains('?') { '&' } else { '?' };
        let fragment = fragment.map(|end| format!("#{end}")).unwrap_or_default();
        format!("{path}{mark}lang={}{fragment}", self.code)
    }

    /// The language code, when forms have to carry it on.
    pub(crate) fn asked_language(&self) -> Option<&'static str> {
        self.reader.asked.then_some(self.reader.words.code)
    }

    /// This page in all languages.
    pub(crate) fn languages(&self) -> Vec<LanguageLink> {
        let rest = if self.reader.query.is_empty() { String::new() } else { format!("{}&", self.reader.query) };
        let link = |words: &'static Words| LanguageLink {
            code: words.code,
            name: words.t("language-name"),
            href: format!("{}?{rest}lang={}", self.reader.path, words.code),
            current: words.code == self.code,
        };
        LANGUAGES.iter().map(link).collect()
    }

    /// Absolute address of a path of the site.
    pub(crate) fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.reader.base_url)
    }

    /// Address of an embedded asset, with its content's hash in the name.
    pub(crate) fn asset(&self, name: &str) -> &'static str {
        asset::href(name)
    }
}

/// A page as an answer: 200, its language, an entity tag that changes with the publication, with this
/// program's own files and with the language.
pub(crate) fn page(site: &Site, shell: &Shell, template: &impl askama::Template) -> Result<Response, Fault> {
    page_with(site, shell, template, StatusCode::OK)
}

/// How long shared caches may keep a page, in seconds; short, so that a withdrawal takes effect.
pub(crate) const PAGE_CACHE: HeaderValue = HeaderValue::from_static("public, max-age=60");

/// A page with another status than 200.
pub(crate) fn page_with(
    site: &Site,
    shell: &Shell,
    template: &impl askama::Template,
    status: StatusCode,
) -> Result<Response, Fault> {
    let html = template.render().map_err(|error| {
        tracing::error!(%error, "a page could not be rendered");
        Fault::Panic
    })?;
    let mut response = Response::new(axum::body::Body::from(html));
    *response.status_mut() = status;
    let head = response.headers_mut();
    head.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    head.insert(header::VARY, HeaderValue::from_static("Accept-Language, Accept-Encoding"));
    head.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(shell.reader.words.code));
    if status == StatusCode::OK {
        head.insert(header::CACHE_CONTROL, PAGE_CACHE);
        if let Ok(tag) = HeaderValue::from_str(&entity_tag(site, shell.reader.words.code)) {
            head.insert(header::ETAG, tag);
        }
    } else {
        head.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

/// A weak entity tag (RFC 9110 section 8.8.3): the same publication, the same state of its log, the same
/// program, the same language.
pub(crate) fn entity_tag(site: &Site, language: &str) -> String {
    let archive = site.archive();
    let generation: String = archive.generation().chars().filter(char::is_ascii_alphanumeric).collect();
    format!("W/\"{generation}-{}-{}-{language}\"", site.standing().tag(), asset::fingerprint())
}

/// Title of the site: the configured one, else that of its only collection, else the program's name.
pub(crate) fn site_title(site: &Site, words: &Words) -> String {
    if !site.options.title.is_empty() {
        return site.options.title.clone();
    }
    match site.archive().collections().as_slice() {
        [only] if !only.title.is_empty() => only.title.clone(),
        _ => words.t("site-name").to_owned(),
    }
}
