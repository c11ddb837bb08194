//! The pages for what went wrong, in the site's look and the reader's language.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};

use super::shell::{Reader, Shell, page_with};
use crate::{fault::Fault, state::Site};

/// Seconds after which a client that was turned away may come back.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    s: Shell,
    status: u16,
    text: String,
    detail: String,
}

/// The page for a fault. Never touches the archive: that may be what failed.
pub(crate) fn show(site: &Site, reader: Reader, fault: &Fault) -> Response {
    if let Fault::Withdrawn(tombstone) = fault {
        return super::tombstone::show(site, reader, tombstone);
    }
    let title =
        if site.options.title.is_empty() { reader.words.t("site-name").to_owned() } else { site.options.title.clone() };
    let template = view(Shell::new(reader, title, String::new()), fault);
    let page = page_with(site, &template.s, &template, fault.status());
    let mut response = page.unwrap_or_else(|_| fault.status().into_response());
    if matches!(fault, Fault::Busy) {
        response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
    }
    response
}

fn view(mut s: Shell, fault: &Fault) -> ErrorPage {
    let (title, text) = (format!("error-{}", fault.code()), format!("error-{}-text", fault.code()));
    s.title = s.t(&title).to_owned();
    s.hidden = true;
    let detail = match fault {
        Fault::Parameter(name) => (*name).to_owned(),
        _ => String::new(),
    };
    ErrorPage { status: fault.status().as_u16(), text: s.t(&text).to_owned(), detail, s }
}
