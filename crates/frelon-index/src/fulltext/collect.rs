//! Collecting hits: the best of a page, the total, facets and months, within a time budget.

use std::{cmp::Ordering, collections::BinaryHeap, time::Instant as Clock};

use hashbrown::HashMap;
use tantivy::{
    DocId, SegmentReader, TERMINATED,
    columnar::{Column, StrColumn},
    query::{Scorer, Weight},
};

use crate::search::Sort;

/// Documents between two looks at the clock: about 50 microseconds of work.
const CLOCK_INTERVAL: u32 = 2_048;
/// Distinct values above which counting moves from a map to a table.
const SPARSE_VALUES_MAX: usize = 2_048;

/// Where a hit stands: higher rank first, then lower key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) rank: Rank,
    pub(crate) key: u64,
}

/// The sorting value, mapped so that higher comes first.
pub(crate) type Rank = u64;

impl Ord for Place {
    /// Earlier in the list is greater.
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank.cmp(&other.rank).then(other.key.cmp(&self.key))
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What to collect.
pub(crate) struct Collector {
    pub(crate) sort: Sort,
    /// Only hits after this place.
    pub(crate) after: Option<Place>,
    pub(crate) limit: usize,
    pub(crate) facets: bool,
    pub(crate) deadline: Clock,
}

/// What was collected, of one segment or of all.
#[derive(Default)]
pub(crate) struct Collected {
    /// Best first once all segments are merged.
    pub(crate) places: Vec<Place>,
    pub(crate) total: u64,
    pub(crate) cut_short: bool,
    pub(crate) counts: FacetCounts,
}

/// Counts by value.
#[derive(Default)]
pub(crate) struct FacetCounts {
    pub(crate) from: HashMap<u64, u64>,
    pub(crate) to: HashMap<u64, u64>,
    pub(crate) language: HashMap<String, u64>,
    pub(crate) list: HashMap<String, u64>,
    pub(crate) flag: [u64; super::flag::NAMES.len()],
    pub(crate) month: HashMap<u64, u64>,
    pub(crate) release: HashMap<u64, u64>,
}

impl Collector {
    /// Runs over one segment until done or out of time.
    pub(crate) fn segment(&self, weight: &dyn Weight, reader: &SegmentReader) -> tantivy::Result<Collected> {
        let mut segment = Segment::open(self, reader)?;
        let mut scorer = weight.scorer(reader, 1.0)?;
        segment.run(self, scorer.as_mut());
        segment.harvest()
    }

    pub(crate) fn merge(&self, segments: Vec<Collected>) -> Collected {
        let mut all = Collected::default();
        for segment in segments {
            all.places.extend(segment.places);
            all.total += segment.total;
            all.cut_short |= segment.cut_short;
            all.counts.absorb(segment.counts);
        }
        all.places.sort_unstable_by(|a, b| b.cmp(a));
        all.places.truncate(self.limit);
        all
    }
}

impl FacetCounts {
    fn absorb(&mut self, other: Self) {
        fn add<K: std::hash::Hash + Eq>(into: &mut HashMap<K, u64>, from: HashMap<K, u64>) {
            if into.is_empty() {
                *into = from;
            } else {
                from.into_iter().for_each(|(key, count)| *into.entry(key).or_default() += count);
            }
        }
        add(&mut self.from, other.from);
        add(&mut self.to, other.to);
        add(&mut self.language, other.language);
        add(&mut self.list, other.list);
        add(&mut self.month, other.month);
        add(&mut self.release, other.release);
        self.flag.iter_mut().zip(other.flag).for_each(|(sum, count)| *sum += count);
    }
}

/// One segment being collected.
struct Segment {
    key: Column<u64>,
    rank: RankColumn,
    heap: BinaryHeap<std::cmp::Reverse<Place>>,
    total: u64,
    cut_short: bool,
    facets: Option<SegmentFacets>,
}

enum RankColumn {
    Score,
    Date(Column<i64>),
    Size(Column<u64>),
    Key,
}

impl Segment {
    fn open(collector: &Collector, reader: &SegmentReader) -> tantivy::Result<Self> {
        let fast = reader.fast_fields();
        let rank = match collector.sort {
            Sort::Relevance => RankColumn::Score,
            Sort::Newest | Sort::Oldest => RankColumn::Date(fast.i64("sorted_at")?),
            Sort::Largest => RankColumn::Size(fast.u64("size")?),
            Sort::Number => RankColumn::Key,
        };
        let facets = if collector.facets { Some(SegmentFacets::open(reader)?) } else { None };
        let heap = BinaryHeap::with_capacity(collector.limit.saturating_add(1).min(1_024));
        Ok(Self { key: fast.u64("key")?, rank, heap, total: 0, cut_short: false, facets })
    }

    fn run(&mut self, collector: &Collector, scorer: &mut dyn Scorer) {
        let mut until_clock = CLOCK_INTERVAL;
        let mut doc = scorer.doc();
        while doc != TERMINATED {
            self.total += 1;
            self.consider(collector, doc, scorer);
            if let Some(facets) = &mut self.facets {
                facets.count(doc);
            }
            until_clock -= 1;
            if until_clock == 0 {
                until_clock = CLOCK_INTERVAL;
                if Clock::now() >= collector.deadline {
                    self.cut_short = true;
                    return;
                }
            }
            doc = scorer.advance();
        }
    }

    fn consider(&mut self, collector: &Collector, doc: DocId, scorer: &mut dyn Scorer) {
        let dated = |at: i64| (at as u64) ^ (1 << 63);
        let rank = match &self.rank {
            RankColumn::Score => u64::from(scorer.score().max(0.0).to_bits()),
            RankColumn::Date(column) => match (column.first(doc), collector.sort) {
                (None, _) => 0,
                (Some(at), Sort::Oldest) => !dated(at),
                (Some(at), _) => dated(at),
            },
            RankColumn::Size(column) => column.first(doc).unwrap_or(0),
            RankColumn::Key => 0,
        };
        // Most documents of a large answer are worse than a full heap's worst: settle that on the
        // rank alone, before the key is looked up.
        let full = self.heap.len() >= collector.limit;
        if full && self.heap.peek().is_some_and(|worst| rank < worst.0.rank) {
            return;
        }
        let place = Place { rank, key: self.key.first(doc).unwrap_or(0) };
        if collector.after.is_some_and(|after| place >= after) || collector.limit == 0 {
            return;
        }
        if full {
            if self.heap.peek().is_some_and(|worst| place <= worst.0) {
                return;
            }
            self.heap.pop();
        }
        self.heap.push(std::cmp::Reverse(place));
    }

    fn harvest(self) -> tantivy::Result<Collected> {
        let counts = self.facets.map(SegmentFacets::harvest).transpose()?.unwrap_or_default();
        let places = self.heap.into_iter().map(|reversed| reversed.0).collect();
        Ok(Collected { places, total: self.total, cut_short: self.cut_short, counts })
    }
}

/// Facet counting of one segment.
struct SegmentFacets {
    from: (Column<u64>, Counter),
    to: (Column<u64>, Counter),
    month: (Column<u64>, Counter),
    release: (Column<u64>, Counter),
    flags: (Column<u64>, [u64; super::flag::NAMES.len()]),
    language: Option<(StrColumn, Counter)>,
    list: Option<(StrColumn, Counter)>,
}

impl SegmentFacets {
    fn open(reader: &SegmentReader) -> tantivy::Result<Self> {
        let fast = reader.fast_fields();
        let counted = |name: &str| -> tantivy::Result<(Column<u64>, Counter)> {
            let column = fast.u64(name)?;
            let counter = Counter::new(column.max_value());
            Ok((column, counter))
        };
        let label = |name: &str| -> tantivy::Result<Option<(StrColumn, Counter)>> {
            Ok(fast.str(name)?.map(|column| {
                let counter = Counter::new(column.ords().max_value());
                (column, counter)
            }))
        };
        Ok(Self {
            from: counted("from_person")?,
            to: counted("to_person")?,
            month: counted("month")?,
            release: counted("release")?,
            flags: (fast.u64("flags")?, [0; super::flag::NAMES.len()]),
            language: label("language")?,
            list: label("list")?,
        })
    }

    fn count(&mut self, doc: DocId) {
        for (column, counter) in [&mut self.from, &mut self.to] {
            let mut last = None;
            for value in column.values_for_doc(doc) {
                if last != Some(value) {
                    counter.add(value);
                }
                last = Some(value);
            }
        }
        for (column, counter) in [&mut self.month, &mut self.release] {
            if let Some(value) = column.first(doc) {
                counter.add(value);
            }
        }
        for label in [&mut self.language, &mut self.list] {
            if let Some((column, counter)) = label
                && let Some(ordinal) = column.ords().first(doc)
            {
                counter.add(ordinal);
            }
        }
        if let Some(flags) = self.flags.0.first(doc) {
            for (at, (bit, _)) in super::flag::NAMES.iter().enumerate() {
                self.flags.1[at] += u64::from(flags & bit != 0);
            }
        }
    }

    fn harvest(self) -> tantivy::Result<FacetCounts> {
        let named = |label: Option<(StrColumn, Counter)>| -> tantivy::Result<HashMap<String, u64>> {
            let Some((column, counter)) = label else { return Ok(HashMap::new()) };
            let mut counts = HashMap::new();
            for (ordinal, count) in counter.into_counts() {
                let mut value = String::new();
                if column.ord_to_str(ordinal, &mut value)? {
                    counts.insert(value, count);
                }
            }
            Ok(counts)
        };
        Ok(FacetCounts {
            from: self.from.1.into_counts(),
            to: self.to.1.into_counts(),
            month: self.month.1.into_counts(),
            release: self.release.1.into_counts(),
            flag: self.flags.1,
            language: named(self.language)?,
            list: named(self.list)?,
        })
    }
}

/// Counts values: in a map while they are few, in a table where the range is small enough.
enum Counter {
    Sparse { counts: HashMap<u64, u64>, max: u64 },
    Dense(Vec<u32>),
}

impl Counter {
    /// Largest value for which a table is used: 4 MiB of counters.
    const DENSE_MAX: u64 = 1 << 20;

    fn new(max: u64) -> Self {
        if max <= SPARSE_VALUES_MAX as u64 {
            return Self::Dense(vec![0; usize::try_from(max).unwrap_or(0) + 1]);
        }
        Self::Sparse { counts: HashMap::new(), max }
    }

    fn add(&mut self, value: u64) {
        match self {
            Self::Dense(counts) => {
                if let Some(count) = usize::try_from(value).ok().and_then(|at| counts.get_mut(at)) {
                    *count += 1;
                }
            }
            Self::Sparse { counts, max } => {
                *counts.entry(value).or_default() += 1;
                if counts.len() > SPARSE_VALUES_MAX && *max <= Self::DENSE_MAX {
                    let mut dense = vec![0_u32; usize::try_from(*max).unwrap_or(0) + 1];
                    for (value, count) in counts.drain() {
                        if let Some(slot) = usize::try_from(value).ok().and_then(|at| dense.get_mut(at)) {
                            *slot = u32::try_from(count).unwrap_or(u32::MAX);
                        }
                    }
                    *self = Self::Dense(dense);
                }
            }
        }
    }

    fn into_counts(self) -> HashMap<u64, u64> {
        match self {
            Self::Sparse { counts, .. } => counts,
            Self::Dense(counts) => {
                let counted = counts.into_iter().enumerate().filter(|(_, count)| *count > 0);
                counted.map(|(value, count)| (value as u64, u64::from(count))).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_order_by_rank_then_key() {
        let mut places = vec![Place { rank: 1, key: 1 }, Place { rank: 2, key: 9 }, Place { rank: 2, key: 3 }];
        places.sort_unstable_by(|a, b| b.cmp(a));
        assert_eq!(places.iter().map(|place| place.key).collect::<Vec<_>>(), [3, 9, 1]);
    }

    #[test]
    fn counter_gives_the_same_in_both_forms() {
        let mut counter = Counter::new(10_000);
        for value in 0..9_000 {
            counter.add(value % 4_500);
        }
        assert!(matches!(counter, Counter::Dense(_)));
        let counts = counter.into_counts();
        assert_eq!(counts.len(), 4_500);
        assert!(counts.values().all(|count| *count == 2));
    }
}
