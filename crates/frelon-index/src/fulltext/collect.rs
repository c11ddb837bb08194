//! Collecting hits: the best of a page, the total, facets and months, within a time budget.

use std::{cmp::Ordering, collections::BinaryHeap, time::Instant as Clock};

use hashbrown::HashMap;
use tantivy::{
    DocId, SegmentReader, TERMINATED,
    query::{Scorer, Weight},
};

use super::column::{Columns, NONE};
use crate::search::Sort;

/// Documents between two looks at the clock: about 50 microseconds of work.
const CLOCK_INTERVAL: u32 = 2_048;
/// Distinct values above which counting moves from a map to a table.
const SPARSE_VALUES_MAX: usize = 512;

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

/// Values and how often each was met, in order of the values, without zeros.
pub(crate) type Counts<K> = Vec<(K, u64)>;

/// Counts by value.
#[derive(Default)]
pub(crate) struct FacetCounts {
    pub(crate) from: Counts<u64>,
    pub(crate) to: Counts<u64>,
    pub(crate) language: Counts<String>,
    pub(crate) list: Counts<String>,
    pub(crate) dkim: Counts<String>,
    pub(crate) flag: [u64; super::flag::NAMES.len()],
    pub(crate) month: Counts<u64>,
    pub(crate) release: Counts<u64>,
}

impl Collector {
    /// Runs over one segment until done or out of time.
    pub(crate) fn segment(
        &self,
        weight: &dyn Weight,
        reader: &SegmentReader,
        columns: &Columns,
    ) -> tantivy::Result<Collected> {
        let mut segment = Segment::new(self, columns);
        let mut scorer = weight.scorer(reader, 1.0)?;
        segment.run(self, scorer.as_mut());
        Ok(segment.harvest())
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
        fn add<K: Ord>(into: &mut Counts<K>, from: Counts<K>) {
            if into.is_empty() {
                *into = from;
                return;
            }
            // Two sorted runs one behind the other: the sort merges them in one pass.
            into.extend(from);
            into.sort_by(|a, b| a.0.cmp(&b.0));
            into.dedup_by(|next, kept| {
                let same = next.0 == kept.0;
                kept.1 += if same { next.1 } else { 0 };
                same
            });
        }
        add(&mut self.from, other.from);
        add(&mut self.to, other.to);
        add(&mut self.language, other.language);
        add(&mut self.list, other.list);
        add(&mut self.dkim, other.dkim);
        add(&mut self.month, other.month);
        add(&mut self.release, other.release);
        self.flag.iter_mut().zip(other.flag).for_each(|(sum, count)| *sum += count);
    }
}

/// One segment being collected.
struct Segment<'c> {
    columns: &'c Columns,
    sort: Sort,
    heap: BinaryHeap<std::cmp::Reverse<Place>>,
    total: u64,
    cut_short: bool,
    facets: Option<SegmentFacets>,
}

impl<'c> Segment<'c> {
    fn new(collector: &Collector, columns: &'c Columns) -> Self {
        Self {
            columns,
            sort: collector.sort,
            heap: BinaryHeap::with_capacity(collector.limit.saturating_add(1).min(1_024)),
            total: 0,
            cut_short: false,
            facets: collector.facets.then(|| SegmentFacets::new(columns)),
        }
    }

    fn run(&mut self, collector: &Collector, scorer: &mut dyn Scorer) {
        // The first look is at once: earlier segments may have used up the time.
        let mut until_clock = 1;
        let mut doc = scorer.doc();
        while doc != TERMINATED {
            self.total += 1;
            self.consider(collector, doc, scorer);
            if let Some(facets) = &mut self.facets {
                facets.count(self.columns, doc);
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
        let at = doc as usize;
        let dated = |seconds: i64| seconds.cast_unsigned() ^ (1 << 63);
        let rank = match self.sort {
            Sort::Relevance => u64::from(scorer.score().max(0.0).to_bits()),
            Sort::Newest => dated(self.columns.sorted_at[at]),
            Sort::Oldest => match self.columns.sorted_at[at] {
                i64::MIN => 0,
                seconds => !dated(seconds),
            },
            Sort::Largest => u64::from(self.columns.size[at]),
            Sort::Number => 0,
        };
        // Most documents of a large answer are worse than a full heap's worst: settle that on the
        // rank alone, before the key is looked up.
        let full = self.heap.len() >= collector.limit;
        if full && self.heap.peek().is_some_and(|worst| rank < worst.0.rank) {
            return;
        }
        let place = Place { rank, key: self.columns.key[at] };
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

    fn harvest(self) -> Collected {
        let columns = self.columns;
        let counts = self.facets.map(|facets| facets.harvest(columns)).unwrap_or_default();
        let places = self.heap.into_iter().map(|reversed| reversed.0).collect();
        Collected { places, total: self.total, cut_short: self.cut_short, counts }
    }
}

/// Facet counting of one segment.
struct SegmentFacets {
    from: Counter,
    to: Counter,
    month: Counter,
    release: Vec<u32>,
    flag: [u64; super::flag::NAMES.len()],
    language: Vec<u32>,
    list: Vec<u32>,
    dkim: Vec<u32>,
}

impl SegmentFacets {
    fn new(columns: &Columns) -> Self {
        Self {
            from: Counter::new(columns.from.max),
            to: Counter::new(columns.to.max),
            month: Counter::new(u32::from(NONE)),
            release: vec![0; columns.releases.len()],
            flag: [0; super::flag::NAMES.len()],
            language: vec![0; columns.language.names.len()],
            list: vec![0; columns.list.names.len()],
            dkim: vec![0; columns.dkim.names.len()],
        }
    }

    fn count(&mut self, columns: &Columns, doc: DocId) {
        let at = doc as usize;
        columns.from.of(doc).iter().for_each(|person| self.from.add(*person));
        columns.to.of(doc).iter().for_each(|person| self.to.add(*person));
        if columns.month[at] != NONE {
            self.month.add(u32::from(columns.month[at]));
        }
        for (counts, index) in [
            (&mut self.release, columns.release[at]),
            (&mut self.language, columns.language.index[at]),
            (&mut self.list, columns.list.index[at]),
            (&mut self.dkim, columns.dkim.index[at]),
        ] {
            // No value is an index beyond all counts.
            if let Some(count) = counts.get_mut(usize::from(index)) {
                *count += 1;
            }
        }
        let flags = u64::from(columns.flags[at]);
        for (count, (bit, _)) in self.flag.iter_mut().zip(super::flag::NAMES) {
            *count += u64::from(flags & bit != 0);
        }
    }

    fn harvest(self, columns: &Columns) -> FacetCounts {
        fn counted<K: Ord + Clone>(values: &[K], counts: Vec<u32>) -> Counts<K> {
            let counted = values.iter().zip(counts).filter(|(_, count)| *count > 0);
            let mut counted: Vec<_> = counted.map(|(value, count)| (value.clone(), u64::from(count))).collect();
            counted.sort_unstable();
            counted
        }
        FacetCounts {
            from: self.from.into_counts(),
            to: self.to.into_counts(),
            month: self.month.into_counts(),
            release: counted(&columns.releases, self.release),
            flag: self.flag,
            language: counted(&columns.language.names, self.language),
            list: counted(&columns.list.names, self.list),
            dkim: counted(&columns.dkim.names, self.dkim),
        }
    }
}

/// Counts values: in a map while they are few, then in a table.
enum Counter {
    Sparse { counts: HashMap<u32, u32>, max: u32 },
    Dense(Vec<u32>),
}

impl Counter {
    fn new(max: u32) -> Self {
        Self::Sparse { counts: HashMap::new(), max }
    }

    fn add(&mut self, value: u32) {
        match self {
            Self::Dense(counts) => {
                if let Some(count) = counts.get_mut(value as usize) {
                    *count += 1;
                }
            }
            Self::Sparse { counts, max } => {
                *counts.entry(value).or_default() += 1;
                if counts.len() > SPARSE_VALUES_MAX {
                    let mut dense = vec![0_u32; *max as usize + 1];
                    for (value, count) in counts.drain() {
                        if let Some(slot) = dense.get_mut(value as usize) {
                            *slot = count;
                        }
                    }
                    *self = Self::Dense(dense);
                }
            }
        }
    }

    fn into_counts(self) -> Counts<u64> {
        match self {
            Self::Sparse { counts, .. } => {
                let counts = counts.into_iter().map(|(value, count)| (u64::from(value), u64::from(count)));
                let mut counts: Vec<_> = counts.collect();
                counts.sort_unstable();
                counts
            }
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
        let mut places = [Place { rank: 1, key: 1 }, Place { rank: 2, key: 9 }, Place { rank: 2, key: 3 }];
        places.sort_unstable_by(|a, b| b.cmp(a));
        assert_eq!(places.iter().map(|place| place.key).collect::<Vec<_>>(), [3, 9, 1]);
    }

    #[test]
    fn counts_of_segments_add_up() {
        let mut all = FacetCounts { from: vec![(1, 5), (4, 1)], ..FacetCounts::default() };
        all.absorb(FacetCounts { from: vec![(0, 2), (4, 3), (9, 1)], month: vec![(7, 1)], ..FacetCounts::default() });
        assert_eq!((all.from, all.month), (vec![(0, 2), (1, 5), (4, 4), (9, 1)], vec![(7, 1)]));
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
        assert!(counts.iter().all(|(_, count)| *count == 2));
        assert!(counts.is_sorted());
    }
}
