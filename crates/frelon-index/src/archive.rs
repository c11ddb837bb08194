//! Reading a publication: catalog, index and volumes behind one handle.

use std::path::Path;

use frelon_model::{CollectionId, ContentHash, Instant, ItemKey, ItemNumber};

use crate::{
    error::{ReadError, SearchError},
    record::{
        AttachmentRecord, CollectionRecord, ItemRecord, ListOrder, MonthCount, Page, PeopleOrder, PersonRecord,
        ReleaseRecord, StreamRecord, ThreadRecord,
    },
    search::{SearchAnswer, SearchRequest},
};

/// A publication opened for reading. Cheap to clone; every method may be called from any thread and
/// blocks on the disk, so servers call it from a blocking pool.
#[derive(Clone)]
pub struct Archive {}

#[expect(unused_variables, clippy::unimplemented, reason = "signatures first")]
impl Archive {
    /// Opens `public/` and `derived/`; nothing else is ever touched.
    ///
    /// # Errors
    /// When either is missing, of another format version, or damaged: the message says what to run.
    pub fn open(public: &Path, derived: &Path) -> Result<Self, ReadError> {
        unimplemented!()
    }

    /// Changes with every change of what is served; part of every ETag.
    pub fn generation(&self) -> &str {
        unimplemented!()
    }

    /// All collections, by title.
    pub fn collections(&self) -> Vec<CollectionRecord> {
        unimplemented!()
    }

    /// One collection.
    pub fn collection(&self, id: &CollectionId) -> Option<CollectionRecord> {
        unimplemented!()
    }

    /// All releases, newest first.
    pub fn releases(&self) -> Vec<ReleaseRecord> {
        unimplemented!()
    }

    /// One item's record; `None` when there is no such item.
    pub fn item(&self, key: &ItemKey) -> Result<Option<ItemRecord>, ReadError> {
        unimplemented!()
    }

    /// Numbers of the neighbours of an item: previous and next in its collection.
    pub fn neighbours(&self, key: &ItemKey) -> Result<(Option<ItemNumber>, Option<ItemNumber>), ReadError> {
        unimplemented!()
    }

    /// Where the item's deflate stream lies.
    pub fn stream(&self, key: &ItemKey) -> Result<Option<StreamRecord>, ReadError> {
        unimplemented!()
    }

    /// The item's published bytes, verified against their hash; `None` when there is no such item.
    pub fn raw(&self, key: &ItemKey) -> Result<Option<Vec<u8>>, ReadError> {
        unimplemented!()
    }

    /// Items of a collection, paged, optionally only those sorted into `from..until`.
    pub fn items(
        &self,
        collection: &CollectionId,
        order: ListOrder,
        between: Option<(Instant, Instant)>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<ItemRecord>, ReadError> {
        unimplemented!()
    }

    /// The thread an item belongs to.
    pub fn thread(&self, key: &ItemKey) -> Result<Option<ThreadRecord>, ReadError> {
        unimplemented!()
    }

    /// People of a collection; `prefix` keeps those whose address or name has a word starting so.
    pub fn people(
        &self,
        collection: &CollectionId,
        order: PeopleOrder,
        prefix: Option<&str>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<PersonRecord>, ReadError> {
        unimplemented!()
    }

    /// One person by key.
    pub fn person(&self, collection: &CollectionId, key: &str) -> Result<Option<PersonRecord>, ReadError> {
        unimplemented!()
    }

    /// The people a person exchanged most items with, and how many.
    pub fn correspondents(&self, collection: &CollectionId, key: &str, limit: usize) -> Result<Vec<(PersonRecord, u64)>, ReadError> {
        unimplemented!()
    }

    /// Items per month, oldest first, without empty months.
    pub fn months(&self, collection: &CollectionId) -> Result<Vec<MonthCount>, ReadError> {
        unimplemented!()
    }

    /// Items per day of `from..until` (`YYYY-MM-DD`, count).
    pub fn days(&self, collection: &CollectionId, between: (Instant, Instant)) -> Result<Vec<(String, u64)>, ReadError> {
        unimplemented!()
    }

    /// Items whose published bytes, or one of whose attachments, have this hash.
    pub fn by_hash(&self, hash: &ContentHash) -> Result<(Vec<ItemRecord>, Vec<AttachmentRecord>), ReadError> {
        unimplemented!()
    }

    /// Items with this Message-ID (with or without brackets).
    pub fn by_message_id(&self, message_id: &str) -> Result<Vec<ItemRecord>, ReadError> {
        unimplemented!()
    }

    /// Attachments of an item with their hashes.
    pub fn attachments(&self, key: &ItemKey) -> Result<Vec<AttachmentRecord>, ReadError> {
        unimplemented!()
    }

    /// Searches.
    pub fn search(&self, request: &SearchRequest) -> Result<SearchAnswer, SearchError> {
        unimplemented!()
    }

    /// Calls `visit` with every hit's key in the request's order, without a cap, until it returns
    /// false. For exports; facets, snippets, cursor and limit of the request are not used.
    pub fn search_all(&self, request: &SearchRequest, visit: &mut dyn FnMut(ItemRecord) -> bool) -> Result<(), SearchError> {
        unimplemented!()
    }
}
