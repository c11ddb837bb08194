//! Everything derived and rebuildable: the catalog (SQLite), the full-text index (tantivy), the
//! query language, snippets and facets.
//!
//! Built from the public tree alone; deleting it loses nothing. Knows neither vault nor desk nor HTTP.

mod archive;
mod error;
pub mod query;
mod record;
mod search;

pub use archive::Archive;
pub use error::{ReadError, SearchError};
pub use record::{
    AttachmentRecord, CollectionRecord, ItemRecord, ListOrder, MonthCount, Page, PeopleOrder, PersonRecord,
    ReleaseRecord, StreamRecord, ThreadEntry, ThreadNode, ThreadRecord, VolumeRecord,
};
pub use search::{Facet, FacetValue, Hit, SearchAnswer, SearchRequest, SnippetPiece, Sort};
