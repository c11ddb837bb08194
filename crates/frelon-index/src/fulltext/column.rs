//! Columns of a segment as flat arrays: what counting and sorting read for every hit.
//!
//! tantivy's columns are bit-packed and reached through several calls a value; a search that counts
//! facets over a million hits reads ten million of them. Some 60 bytes an item are held instead, made
//! when a segment is first searched.

use tantivy::{
    DocId, SegmentReader,
    columnar::{Column, StrColumn},
};

/// Stands for "no value" in label and month columns.
pub(super) const NONE: u16 = u16::MAX;

/// All columns of one segment, by document.
pub(crate) struct Columns {
    pub(super) key: Vec<u64>,
    /// Seconds; `i64::MIN` for undated.
    pub(super) sorted_at: Vec<i64>,
    pub(super) size: Vec<u32>,
    pub(super) month: Vec<u16>,
    pub(super) flags: Vec<u8>,
    pub(super) language: Labels,
    pub(super) list: Labels,
    pub(super) dkim: Labels,
    /// Index into `releases`.
    pub(super) release: Vec<u16>,
    pub(super) releases: Vec<u64>,
    pub(super) from: People,
    pub(super) to: People,
}

/// A column of strings: an index a document, and the strings.
pub(super) struct Labels {
    pub(super) index: Vec<u16>,
    pub(super) names: Vec<String>,
}

/// A column with several people a document: those of `d` are `ids[starts[d]..starts[d + 1]]`.
pub(super) struct People {
    starts: Vec<u32>,
    ids: Vec<u32>,
    /// The largest id.
    pub(super) max: u32,
}

impl People {
    pub(super) fn of(&self, doc: DocId) -> &[u32] {
        let at = doc as usize;
        &self.ids[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
}

impl Columns {
    pub(crate) fn read(reader: &SegmentReader) -> tantivy::Result<Self> {
        let fast = reader.fast_fields();
        let docs = 0..reader.max_doc();
        let narrow = |name: &str| -> tantivy::Result<Vec<u32>> {
            let column = fast.u64(name)?;
            let value = |doc| u32::try_from(column.first(doc).unwrap_or(0)).unwrap_or(u32::MAX);
            Ok(docs.clone().map(value).collect())
        };
        let (key, dates, months) = (fast.u64("key")?, fast.i64("sorted_at")?, fast.u64("month")?);
        let flags = fast.u64("flags")?;
        let (release, releases) = distinct(&fast.u64("release")?, docs.clone());
        Ok(Self {
            key: docs.clone().map(|doc| key.first(doc).unwrap_or(0)).collect(),
            sorted_at: docs.clone().map(|doc| dates.first(doc).unwrap_or(i64::MIN)).collect(),
            size: narrow("size")?,
            month: docs
                .clone()
                .map(|doc| months.first(doc).map_or(NONE, |month| u16::try_from(month).unwrap_or(NONE)))
                .collect(),
            flags: docs.clone().map(|doc| u8::try_from(flags.first(doc).unwrap_or(0)).unwrap_or(0)).collect(),
            language: labels(fast.str("language")?.as_ref(), docs.clone())?,
            list: labels(fast.str("list")?.as_ref(), docs.clone())?,
            dkim: labels(fast.str("dkim")?.as_ref(), docs.clone())?,
            release,
            releases,
            from: people(&fast.u64("from_person")?, docs.clone()),
            to: people(&fast.u64("to_person")?, docs),
        })
    }
}

/// The few distinct values of a column, and which of them each document has.
fn distinct(column: &Column<u64>, docs: std::ops::Range<DocId>) -> (Vec<u16>, Vec<u64>) {
    let mut values: Vec<u64> = Vec::new();
    let index = docs.map(|doc| {
        let Some(value) = column.first(doc) else { return NONE };
        // Releases come in runs: the last one is nearly always the one.
        let found = values.iter().rposition(|known| *known == value).unwrap_or_else(|| {
            values.push(value);
            values.len() - 1
        });
        u16::try_from(found).unwrap_or(NONE)
    });
    (index.collect(), values)
}

fn labels(column: Option<&StrColumn>, docs: std::ops::Range<DocId>) -> tantivy::Result<Labels> {
    let Some(column) = column else {
        return Ok(Labels { index: vec![NONE; docs.len()], names: Vec::new() });
    };
    let ordinal = |doc| column.ords().first(doc).map_or(NONE, |ordinal| u16::try_from(ordinal).unwrap_or(NONE));
    let index = docs.map(ordinal).collect();
    let mut names = Vec::new();
    for ordinal in 0..column.num_terms().min(usize::from(NONE)) {
        let mut name = String::new();
        column.ord_to_str(ordinal as u64, &mut name)?;
        names.push(name);
    }
    Ok(Labels { index, names })
}

fn people(column: &Column<u64>, docs: std::ops::Range<DocId>) -> People {
    let mut people = People { starts: Vec::with_capacity(docs.len() + 1), ids: Vec::new(), max: 0 };
    let mut own = Vec::new();
    for doc in docs {
        people.starts.push(u32::try_from(people.ids.len()).unwrap_or(u32::MAX));
        own.clear();
        own.extend(column.values_for_doc(doc).map(|id| u32::try_from(id).unwrap_or(u32::MAX)));
        // Somebody named twice is one recipient.
        own.sort_unstable();
        own.dedup();
        people.ids.extend_from_slice(&own);
    }
    people.starts.push(u32::try_from(people.ids.len()).unwrap_or(u32::MAX));
    people.max = people.ids.iter().copied().max().unwrap_or(0);
    people
}
