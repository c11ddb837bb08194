//! Why a request gets no page: the sorts of failure, each with its status.
//!
//! Handlers return `Result<Response, Fault>`. A fault becomes a bare response that carries itself as an
//! extension; the outermost layer (`route`) turns it into a page in the reader's language, or, below
//! `/api/`, into JSON.

use axum::response::{IntoResponse, Response};
use frelon_index::{ReadError, SearchError, TombstoneRecord, query::QueryError};
use http::StatusCode;
use std::sync::Arc;

/// A request that failed.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Fault {
    /// There is nothing at this address.
    #[error("there is nothing at this address")]
    NotFound,
    /// The item was taken back; the answer says when and why, and nothing of the item.
    #[error("this document was withdrawn; its place in the log stays")]
    Withdrawn(Arc<TombstoneRecord>),
    /// A parameter is wrong: its name.
    #[error("the parameter `{0}` is not valid")]
    Parameter(&'static str),
    /// A page link that this server did not make.
    #[error("this page link is not valid here; start again from the first page")]
    Cursor,
    /// The query is wrong; pages that search show it in place.
    #[error(transparent)]
    Query(QueryError),
    /// The address can be read, nothing else.
    #[error("this address takes only GET and HEAD")]
    Method,
    /// The body is larger than is taken.
    #[error("the upload is larger than is taken here")]
    TooLarge,
    /// Too much at once; come back later.
    #[error("too many requests at once; try again in a few seconds")]
    Busy,
    /// The archive could not be read. The text goes to the log, not to the reader.
    #[error("the archive could not be read")]
    Read(#[source] Arc<ReadError>),
    /// A handler panicked.
    #[error("an unexpected error")]
    Panic,
}

impl Fault {
    /// The status of the answer (RFC 9110).
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Withdrawn(_) => StatusCode::GONE,
            Self::Parameter(_) | Self::Cursor | Self::Query(_) => StatusCode::BAD_REQUEST,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Read(_) | Self::Panic => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// A stable word for it, for the API and for translations.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Withdrawn(_) => "withdrawn",
            Self::Parameter(_) => "parameter",
            Self::Cursor => "cursor",
            Self::Query(_) => "query",
            Self::Method => "method",
            Self::TooLarge => "too-large",
            Self::Busy => "busy",
            Self::Read(_) => "unreadable",
            Self::Panic => "unexpected",
        }
    }
}

impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Self {
        if matches!(error, ReadError::Cursor) { Self::Cursor } else { Self::Read(Arc::new(error)) }
    }
}

impl From<SearchError> for Fault {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Query(error) => Self::Query(error),
            SearchError::Read(error) => error.into(),
            _ => Self::Panic,
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
