//! Reading a publication: catalog, index and volumes behind one handle.

use std::{
    fs::File,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock},
};

use frelon_mail::dkim::{self, Authentication, KeyArchive};
use frelon_model::{CollectionId, ContentHash, Instant, ItemKey, ItemNumber, MessageId};
use hashbrown::HashMap;

use crate::{
    catalog::{CatalogReader, Located, RowKey},
    change::{ChangeRecord, LogRecord, TombstoneRecord},
    cursor,
    error::{ReadError, SearchError},
    layout::Layout,
    record::{
        AttachmentRecord, CollectionRecord, GradeCount, ItemRecord, ListOrder, MonthCount, Page, PeopleOrder,
        PersonRecord, ReleaseRecord, SigningKeyRecord, StreamRecord, ThreadRecord,
    },
    search::{SearchAnswer, SearchRequest},
    searcher::Searcher,
    thread,
};

/// Rows a page of a list may have.
const PAGE_ROWS_MAX: usize = 1_000;
/// Bytes read from the start of an item when only its text is wanted; text comes before attachments.
pub(crate) const TEXT_BYTES_MAX: u64 = 256 * 1024;

/// Inflates the beginnings of items with one decoder, whose tables are dear to allocate.
pub(crate) struct HeadInflater(flate2::Decompress);

impl Default for HeadInflater {
    fn default() -> Self {
        Self(flate2::Decompress::new(false))
    }
}

/// A publication opened for reading. Cheap to clone; every method may be called from any thread and
/// blocks on the disk, so servers call it from a blocking pool.
#[derive(Clone)]
pub struct Archive {
    shared: Arc<Shared>,
}

/// What all clones share.
struct Shared {
    public: PathBuf,
    generation: String,
    catalog: CatalogReader,
    searcher: Searcher,
    /// What signatures are judged by; read at the first look.
    keys: OnceLock<KeyArchive>,
    /// Open volume files: few, and positioned reads need no lock on the file itself.
    volumes: Mutex<HashMap<u32, Arc<File>>>,
}

impl Archive {
    /// Opens `public/` and `derived/`; nothing else is ever touched.
    ///
    /// # Errors
    /// When either is missing, of another format version, or damaged: the message says what to run.
    pub fn open(public: &Path, derived: &Path) -> Result<Self, ReadError> {
        if !public.join("manifest.json").is_file() {
            return Err(ReadError::NotAPublication { path: public.to_owned(), missing: "manifest.json" });
        }
        let (index, generation) = Layout::new(derived).current()?;
        let shared = Shared {
            public: public.to_owned(),
            generation,
            catalog: CatalogReader::open(&index)?,
            searcher: Searcher::open(&Layout::fulltext(&index))?,
            keys: OnceLock::new(),
            volumes: Mutex::new(HashMap::new()),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Generation of the index that is current on disk now; differs from [`Self::generation`] once a
    /// new one was built, and then it is time to open again.
    ///
    /// # Errors
    /// When there is no usable index any more.
    pub fn current_generation(derived: &Path) -> Result<String, ReadError> {
        Layout::new(derived).current().map(|(_, generation)| generation)
    }

    /// Changes with every change of what is served; part of every ETag.
    #[must_use]
    pub fn generation(&self) -> &str {
        &self.shared.generation
    }

    /// The public tree it reads.
    #[must_use]
    pub fn public(&self) -> &Path {
        &self.shared.public
    }

    /// All collections, by title.
    #[must_use]
    pub fn collections(&self) -> Vec<CollectionRecord> {
        self.catalog().collections().cloned().collect()
    }

    /// One collection.
    #[must_use]
    pub fn collection(&self, id: &CollectionId) -> Option<CollectionRecord> {
        self.catalog().collection(id).map(|(_, record)| record.clone())
    }

    /// All releases, newest first.
    #[must_use]
    pub fn releases(&self) -> Vec<ReleaseRecord> {
        self.catalog().releases().to_vec()
    }

    /// The log as of which this was made.
    ///
    /// # Errors
    /// When the catalog does not say.
    pub fn log(&self) -> Result<LogRecord, ReadError> {
        self.catalog().log().cloned().ok_or_else(|| ReadError::Damaged {
            path: self.shared.public.clone(),
            reason: "its index does not say of which log it is".to_owned(),
        })
    }

    /// Everything that was taken back, by collection and number.
    #[must_use]
    pub fn tombstones(&self) -> &[TombstoneRecord] {
        self.catalog().tombstones()
    }

    /// What is left of an item that was taken back; `None` for every other number.
    #[must_use]
    pub fn tombstone(&self, key: &ItemKey) -> Option<&TombstoneRecord> {
        let all = self.tombstones();
        all.binary_search_by(|one| one.key.cmp(key)).ok().map(|at| &all[at])
    }

    /// Leaves these items out of every list, thread, hit and lookup from now on, in all clones: what was taken
    /// back after the index was made. Counts, people and facets still know of them until it is made anew.
    pub fn deny<'a>(&self, keys: impl IntoIterator<Item = &'a ItemKey>) {
        self.catalog().deny(keys.into_iter().filter_map(|key| self.catalog().key(key)));
    }

    /// The statement that says who the editors are now.
    #[must_use]
    pub fn root(&self) -> Option<ChangeRecord> {
        self.catalog().root().cloned()
    }

    /// Statements that count, newest first, those of the log before `before`.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn changes(&self, before: Option<u64>, limit: usize) -> Result<Vec<ChangeRecord>, ReadError> {
        self.catalog().changes(before.unwrap_or(u64::MAX), limit)
    }

    /// One item's record; `None` when there is no such item.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn item(&self, key: &ItemKey) -> Result<Option<ItemRecord>, ReadError> {
        Ok(self.located(key)?.map(|found| found.item))
    }

    /// Numbers of the neighbours of an item: previous and next in its collection.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn neighbours(&self, key: &ItemKey) -> Result<(Option<ItemNumber>, Option<ItemNumber>), ReadError> {
        self.catalog().key(key).map_or(Ok((None, None)), |row| self.catalog().neighbours(row))
    }

    /// Where the item's deflate stream lies.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn stream(&self, key: &ItemKey) -> Result<Option<StreamRecord>, ReadError> {
        let Some(found) = self.located(key)? else { return Ok(None) };
        let volume = self.volume_path(found.stream.volume)?;
        Ok(Some(StreamRecord {
            volume,
            offset_bytes: found.stream.offset_bytes,
            compressed_bytes: found.stream.compressed_bytes,
            size_bytes: found.stream.size_bytes,
            crc32: found.stream.crc32,
        }))
    }

    /// The item's published bytes, verified against their hash; `None` when there is no such item.
    ///
    /// # Errors
    /// When the volume cannot be read, or holds other bytes than were indexed.
    pub fn raw(&self, key: &ItemKey) -> Result<Option<Vec<u8>>, ReadError> {
        let Some(found) = self.located(key)? else { return Ok(None) };
        let stream = found.stream;
        let packed = self.packed(&found, stream.compressed_bytes)?;
        let bytes = frelon_public::inflate(&packed, stream.size_bytes, stream.crc32, &found.item.content);
        bytes
            .map(Some)
            .map_err(|error| self.damaged(stream.volume, &format!("item {}: {error}", found.item.key.number)))
    }

    /// The line of an item's opening as it lies in its volume, without its newline: what its document
    /// entry in the log commits to. `None` when there is no such item.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn opening_line(&self, key: &ItemKey) -> Result<Option<Vec<u8>>, ReadError> {
        self.catalog().key(key).map_or(Ok(None), |row| self.catalog().opening_line(row))
    }

    /// Judges the signatures of an item's bytes by the keys of the tree, as its grade was judged.
    ///
    /// # Errors
    /// When the key archive cannot be read.
    pub fn authenticate(&self, raw: &[u8], received_at: Option<Instant>) -> Result<Authentication, ReadError> {
        let keys = match self.shared.keys.get() {
            Some(keys) => keys,
            None => {
                let mut keys = KeyArchive::new();
                // Lines that make no sense were told of when the index was built.
                let _told = keys.add_jsonl(&self.read_keys()?);
                self.shared.keys.get_or_init(|| keys)
            }
        };
        Ok(dkim::verify(raw, keys, received_at))
    }

    /// Items of a collection, paged, optionally only those sorted into `from..until`.
    ///
    /// # Errors
    /// When the cursor is not one of ours, or the catalog cannot be read.
    pub fn items(
        &self,
        collection: &CollectionId,
        order: ListOrder,
        between: Option<(Instant, Instant)>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<ItemRecord>, ReadError> {
        let Some((no, _)) = self.catalog().collection(collection) else {
            return Ok(Page { rows: Vec::new(), next: None });
        };
        let limit = limit.clamp(1, PAGE_ROWS_MAX);
        let after = cursor.map(cursor::parse_date_place).transpose()?;
        let mut found = match (order, between) {
            (ListOrder::Number, None) => {
                let after = after.map_or(ItemNumber(0), |(_, key)| key.number());
                self.catalog().by_number(no, after, limit + 1)?
            }
            _ => self.catalog().by_date(no, order, between, after, limit + 1)?,
        };
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|last| {
            let key = RowKey::new(no, last.item.key.number);
            cursor::print_date_place(last.item.sorted_at.map(|at| at.0), key)
        });
        Ok(Page { rows: found.into_iter().map(|found| found.item).collect(), next })
    }

    /// The thread an item belongs to.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn thread(&self, key: &ItemKey) -> Result<Option<ThreadRecord>, ReadError> {
        let Some(found) = self.located(key)? else { return Ok(None) };
        let root = ItemKey { collection: key.collection.clone(), number: found.item.thread };
        self.catalog().key(&root).map(|root| thread::read(self, root)).transpose()
    }

    /// People of a collection; `prefix` keeps those whose address or name has a word starting so.
    ///
    /// # Errors
    /// When the cursor is not one of ours, or the catalog cannot be read.
    pub fn people(
        &self,
        collection: &CollectionId,
        order: PeopleOrder,
        prefix: Option<&str>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<PersonRecord>, ReadError> {
        let Some((no, _)) = self.catalog().collection(collection) else {
            return Ok(Page { rows: Vec::new(), next: None });
        };
        let limit = limit.clamp(1, PAGE_ROWS_MAX);
        let after = cursor.map(cursor::parse_person_place).transpose()?;
        let mut rows = self.catalog().people(no, order, prefix, after, limit + 1)?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let place = |last: &PersonRecord| cursor::print_person_place(last.sent_count + last.received_count, &last.key);
        let next = rows.last().filter(|_| more).map(place);
        Ok(Page { rows, next })
    }

    /// One person by key.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn person(&self, collection: &CollectionId, key: &str) -> Result<Option<PersonRecord>, ReadError> {
        let Some((no, _)) = self.catalog().collection(collection) else { return Ok(None) };
        Ok(self.catalog().person(no, key)?.map(|(_, record)| record))
    }

    /// The people a person exchanged most items with, and how many.
    ///
    /// # Errors
    /// When catalog or index cannot be read.
    pub fn correspondents(
        &self,
        collection: &CollectionId,
        key: &str,
        limit: usize,
    ) -> Result<Vec<(PersonRecord, u64)>, ReadError> {
        let Some((no, _)) = self.catalog().collection(collection) else { return Ok(Vec::new()) };
        let Some((own_id, _)) = self.catalog().person(no, key)? else { return Ok(Vec::new()) };
        let counts = self.shared.searcher.correspondents(self.catalog(), collection, key)?;
        let mut counts: Vec<(u64, u64)> = counts.into_iter().filter(|(id, _)| *id != own_id.unsigned_abs()).collect();
        counts.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        counts.truncate(limit);
        let mut people = Vec::with_capacity(counts.len());
        for (id, count) in counts {
            people.extend(self.catalog().person_by_id(id.cast_signed())?.map(|person| (person, count)));
        }
        Ok(people)
    }

    /// Items per month, oldest first, without empty months.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn months(&self, collection: &CollectionId) -> Result<Vec<MonthCount>, ReadError> {
        let found = self.catalog().collection(collection);
        found.map_or(Ok(Vec::new()), |(no, _)| self.catalog().months(no))
    }

    /// Items per year and grade of their signatures: oldest year first, those without a date last, grades best
    /// first, nothing that counts none.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn grades(&self, collection: &CollectionId) -> Result<Vec<GradeCount>, ReadError> {
        let found = self.catalog().collection(collection);
        found.map_or(Ok(Vec::new()), |(no, _)| self.catalog().grades(no))
    }

    /// The keys that signed most items of a collection, `limit` at most, and how many there are. Selectors
    /// whose key is not known are among them.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn signing_keys(
        &self,
        collection: &CollectionId,
        limit: usize,
    ) -> Result<(Vec<SigningKeyRecord>, u64), ReadError> {
        let found = self.catalog().collection(collection);
        found.map_or(Ok((Vec::new(), 0)), |(no, _)| self.catalog().signing_keys(no, limit.min(PAGE_ROWS_MAX)))
    }

    /// The key archive of the tree as it is now, JSON lines; `None` where the tree has none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn keys(&self) -> Result<Option<String>, ReadError> {
        if self.has_keys() { self.read_keys().map(Some) } else { Ok(None) }
    }

    /// Whether the tree has a key archive.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        self.shared.public.join(frelon_public::KEYS_PATH).is_file()
    }

    fn read_keys(&self) -> Result<String, ReadError> {
        frelon_public::read_keys(&self.shared.public).map_err(|error| ReadError::Damaged {
            path: self.shared.public.join(frelon_public::KEYS_PATH),
            reason: error.to_string(),
        })
    }

    /// Items per day of `from..until` (`YYYY-MM-DD`, count), without empty days.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn days(
        &self,
        collection: &CollectionId,
        between: (Instant, Instant),
    ) -> Result<Vec<(String, u64)>, ReadError> {
        let found = self.catalog().collection(collection);
        found.map_or(Ok(Vec::new()), |(no, _)| self.catalog().days(no, between))
    }

    /// Items whose published bytes, and attachments whose decoded bytes, have this hash.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn by_hash(&self, hash: &ContentHash) -> Result<(Vec<ItemRecord>, Vec<AttachmentRecord>), ReadError> {
        let (items, parts) = self.catalog().by_content(hash)?;
        Ok((items.into_iter().map(|found| found.item).collect(), parts))
    }

    /// Items with this Message-ID (with or without brackets).
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn by_message_id(&self, message_id: &str) -> Result<Vec<ItemRecord>, ReadError> {
        let Some(id) = MessageId::new(message_id) else { return Ok(Vec::new()) };
        let found = self.catalog().by_message_hash(thread::message_hash(&id))?;
        let same = |found: &Located| found.item.message_id.as_deref() == Some(id.as_str());
        Ok(found.into_iter().filter(same).map(|found| found.item).collect())
    }

    /// Attachments of an item with their hashes.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn attachments(&self, key: &ItemKey) -> Result<Vec<AttachmentRecord>, ReadError> {
        self.catalog().key(key).map_or(Ok(Vec::new()), |row| self.catalog().attachments(row))
    }

    /// Searches.
    ///
    /// # Errors
    /// When the query is wrong, the cursor is not one of ours, or the index cannot be read.
    pub fn search(&self, request: &SearchRequest) -> Result<SearchAnswer, SearchError> {
        self.shared.searcher.search(self, request)
    }

    /// Calls `visit` with every hit in the request's order, without a cap, until it returns false.
    /// For exports; facets, snippets, cursor, limit and budget of the request are not used.
    ///
    /// # Errors
    /// As [`Self::search`].
    pub fn search_all(
        &self,
        request: &SearchRequest,
        visit: &mut dyn FnMut(ItemRecord) -> bool,
    ) -> Result<(), SearchError> {
        self.shared.searcher.search_all(self, request, visit)
    }

    pub(crate) fn catalog(&self) -> &CatalogReader {
        &self.shared.catalog
    }

    /// The first bytes of an item, enough for its text; not verified, so never served as the item.
    pub(crate) fn head(&self, found: &Located, inflater: &mut HeadInflater) -> Result<Vec<u8>, ReadError> {
        let wanted = found.stream.size_bytes.min(TEXT_BYTES_MAX);
        // So many bytes never take more of the stream than themselves and the heads of stored blocks.
        let packed = self.packed(found, found.stream.compressed_bytes.min(wanted + 4_096))?;
        let mut bytes = Vec::with_capacity(usize::try_from(wanted).unwrap_or(0));
        inflater.0.reset(false);
        let status = inflater.0.decompress_vec(&packed, &mut bytes, flate2::FlushDecompress::None);
        if status.is_err() || bytes.len() as u64 != wanted {
            let reason = format!("item {} does not inflate", found.item.key.number);
            return Err(self.damaged(found.stream.volume, &reason));
        }
        Ok(bytes)
    }

    fn located(&self, key: &ItemKey) -> Result<Option<Located>, ReadError> {
        self.catalog().key(key).map_or(Ok(None), |row| self.catalog().item(row))
    }

    /// The first `length` bytes of an item's deflate stream.
    fn packed(&self, found: &Located, length: u64) -> Result<Vec<u8>, ReadError> {
        let stream = found.stream;
        let length = usize::try_from(length).map_err(|_| self.damaged(stream.volume, "an item is too large"))?;
        let mut packed = vec![0; length];
        self.volume(stream.volume)?
            .read_exact_at(&mut packed, stream.offset_bytes)
            .map_err(|source| ReadError::Io { path: self.public_path(stream.volume), source })?;
        Ok(packed)
    }

    fn volume(&self, no: u32) -> Result<Arc<File>, ReadError> {
        let mut volumes = self.shared.volumes.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(file) = volumes.get(&no) {
            return Ok(Arc::clone(file));
        }
        let path = self.volume_path(no)?;
        let file = Arc::new(File::open(&path).map_err(|source| ReadError::Io { path, source })?);
        volumes.insert(no, Arc::clone(&file));
        Ok(file)
    }

    fn volume_path(&self, no: u32) -> Result<PathBuf, ReadError> {
        let path =
            self.catalog().volume(no).ok_or_else(|| self.damaged(no, "the catalog names a volume it does not know"))?;
        Ok(self.shared.public.join(path))
    }

    /// Path of a volume for messages; the tree itself where the volume is unknown.
    fn public_path(&self, no: u32) -> PathBuf {
        let public = &self.shared.public;
        self.catalog().volume(no).map_or_else(|| public.clone(), |path| public.join(path))
    }

    fn damaged(&self, volume: u32, reason: &str) -> ReadError {
        ReadError::Damaged { path: self.public_path(volume), reason: reason.to_owned() }
    }
}
