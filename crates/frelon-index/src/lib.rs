//! Everything derived and rebuildable: the catalog (SQLite), the full-text index (tantivy), the
//! query language, snippets and facets.
//!
//! Built from the public tree alone; deleting it loses nothing. Knows neither vault nor desk nor HTTP.

mod archive;
mod build;
mod catalog;
mod change;
mod cursor;
mod error;
mod fulltext;
mod layout;
pub mod query;
mod record;
pub mod recovery;
mod search;
mod searcher;
mod snippet;
pub mod text;
mod thread;

pub use archive::Archive;
pub use build::{BuildError, BuildOptions, BuildProgress, BuildReport, build};
pub use change::{Change, ChangeRecord, LogRecord, TombstoneRecord};
pub use error::{ReadError, SearchError};
pub use record::{
    AttachmentRecord, CollectionRecord, GradeCount, ItemRecord, ListOrder, MonthCount, Page, PeopleOrder, PersonRecord,
    ReleaseRecord, SigningKey, SigningKeyRecord, StreamRecord, ThreadEntry, ThreadNode, ThreadRecord, VolumeRecord,
};
pub use search::{Facet, FacetValue, Hit, SearchAnswer, SearchRequest, SnippetPiece, Sort};
