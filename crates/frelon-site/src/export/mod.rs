//! Everything a query finds, as a file: `/export/{mbox,zip,csv,jsonl}`.
//!
//! Never capped and never held in memory: a blocking thread writes items as the index gives them, a
//! bounded channel carries them out ([`channel`]). The first bytes leave with the first item.

pub(crate) mod channel;
mod csv;
mod jsonl;
mod mbox;
mod zip;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{MethodRouter, get},
};
use frelon_index::{Archive, ItemRecord, SearchRequest, Sort};
use http::{HeaderValue, header};
use tokio::sync::Semaphore;

use self::channel::{ChannelWriter, Stop};
use crate::{api::Parameters, fault::Fault, raw, state::Site};

/// Exports that run at the same time, each on a thread of its own: a few hundred readers may read
/// pages meanwhile, since pages do not wait for these threads.
const EXPORTS_MAX: usize = 16;
/// An export is never cut by time; a day is longer than any connection lasts.
const BUDGET: Duration = Duration::from_secs(24 * 60 * 60);

static TURNS: Semaphore = Semaphore::const_new(EXPORTS_MAX);

/// Paths and handlers of this area.
pub(crate) fn table() -> Vec<(&'static str, MethodRouter<Arc<Site>>)> {
    vec![("/export/{format}", get(export))]
}

/// Routes of this area.
pub(crate) fn routes() -> Router<Arc<Site>> {
    table().into_iter().fold(Router::new(), |router, (path, handler)| router.route(path, handler))
}

/// A file in some format, growing by an item at a time.
trait Format {
    /// Writes one item.
    fn item(&mut self, archive: &Archive, item: &ItemRecord) -> Result<(), Stop>;

    /// Writes what comes after the last item.
    fn end(self: Box<Self>) -> Result<(), Stop>;
}

/// The formats by their names in the address.
#[derive(Clone, Copy)]
enum Kind {
    Mbox,
    Zip,
    Csv,
    Jsonl,
}

impl Kind {
    fn named(name: &str) -> Option<Self> {
        match name {
            "mbox" => Some(Self::Mbox),
            "zip" => Some(Self::Zip),
            "csv" => Some(Self::Csv),
            "jsonl" => Some(Self::Jsonl),
            _ => None,
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Mbox => "application/mbox",
            Self::Zip => "application/zip",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Jsonl => "application/jsonl; charset=utf-8",
        }
    }

    fn begin(self, out: &mut ChannelWriter) -> Result<Box<dyn Format + '_>, Stop> {
        Ok(match self {
            Self::Mbox => Box::new(mbox::Mbox { out }),
            Self::Zip => Box::new(zip::Zip::new(out)),
            Self::Csv => Box::new(csv::Csv::new(out)?),
            Self::Jsonl => Box::new(jsonl::Jsonl { out }),
        })
    }
}

async fn export(
    State(site): State<Arc<Site>>,
    Path(format): Path<String>,
    parameters: Parameters,
) -> Result<Response, Fault> {
    let kind = Kind::named(&format).ok_or(Fault::NotFound)?;
    let request = SearchRequest {
        query: parameters.query()?,
        collection: parameters.collection()?,
        sort: parameters.sort(Sort::Number)?,
        cursor: None,
        limit: 0,
        facets: false,
        snippets: false,
        budget: BUDGET,
    };
    let name = file_name(&request, &format);
    let turn = TURNS.try_acquire().map_err(|_| Fault::Busy)?;
    let archive = site.archive();
    if let Some(id) = &request.collection
        && archive.collection(id).is_none()
    {
        return Err(Fault::NotFound);
    }
    let body = channel::body(move |out| {
        let result = write(&archive, &request, kind, out);
        drop(turn);
        result
    });
    let mut response = Response::new(body.await?);
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind.media_type()));
    fields.insert(header::CONTENT_DISPOSITION, raw::content_disposition(&name));
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    fields.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    fields.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(response)
}

fn write(archive: &Archive, request: &SearchRequest, kind: Kind, out: &mut ChannelWriter) -> Result<(), Stop> {
    let mut file = kind.begin(out)?;
    let mut stop = None;
    let searched = archive.search_all(request, &mut |item| {
        stop = file.item(archive, &item).err();
        stop.is_none()
    });
    searched.map_err(Fault::from)?;
    match stop {
        Some(stop) => Err(stop),
        None => file.end(),
    }
}

/// `lists-2019.mbox`, or `lists-2019-search.mbox` when not everything is in it.
fn file_name(request: &SearchRequest, format: &str) -> String {
    let scope = request.collection.as_ref().map_or("frelon", |id| id.as_str());
    let part = if request.query.trim().is_empty() { "" } else { "-search" };
    format!("{scope}{part}.{format}")
}
