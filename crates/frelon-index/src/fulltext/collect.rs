//! Collecting hits: the best of a page, the total, facets and months, within a time budget.

use std::{
    cmp::{Ordering, Reverse},
    collections::BinaryHeap,
    sync::{Mutex, PoisonError},
    thread,
    time::Instant as Clock,
};

use tantivy::{
    DocId, SegmentReader, TERMINATED,
    query::{Scorer, Weight},
};

use super::{
    column::Columns,
    count::{FacetCounts, Facets, LabelCounts},
};
use crate::search::Sort;

/// Documents between two looks at the clock: about 50 microseconds of work.
const CLOCK_INTERVAL: u32 = 2_048;
/// Hits from which a second thread is worth being started, which takes as long as counting some
/// thousands.
const SHARED_HITS_MIN: u64 = 20_000;

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

/// What was collected, by one thread or by all.
#[derive(Default)]
pub(crate) struct Collected {
    /// Best first once all are merged.
    pub(crate) places: Vec<Place>,
    pub(crate) total: u64,
    pub(crate) cut_short: bool,
    pub(crate) counts: FacetCounts,
}

impl Collector {
    /// Runs over all segments, in several threads where there is much to count, until done or out of
    /// time.
    pub(crate) fn collect<'c>(
        &self,
        weight: &dyn Weight,
        segments: &[(&'c SegmentReader, &'c Columns)],
        threads: usize,
    ) -> tantivy::Result<Collected> {
        let mut work = Vec::new();
        for (reader, columns) in segments {
            work.push((weight.scorer(reader, 1.0)?, *columns));
        }
        let hits = |(scorer, _): &(Box<dyn Scorer>, _)| u64::from(scorer.size_hint());
        let is_shared = work.len() > 1 && work.iter().map(hits).sum::<u64>() >= SHARED_HITS_MIN;
        // The largest is taken first, from the end.
        work.sort_by_key(hits);
        let ids = |people: fn(&Columns) -> u32| segments.iter().map(|(_, columns)| people(columns)).max().unwrap_or(0);
        let (from, to) = (ids(|columns| columns.from.max), ids(|columns| columns.to.max));
        let work = Mutex::new(work);
        let run = || {
            let mut share = Share::new(self, from, to);
            loop {
                let next = work.lock().unwrap_or_else(PoisonError::into_inner).pop();
                let Some((mut scorer, columns)) = next else { return share.harvest() };
                share.run(columns, scorer.as_mut());
            }
        };
        if !is_shared || threads < 2 {
            return Ok(self.merge(vec![run()]));
        }
        let shares = thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
            let mut shares = vec![run()];
            for other in others {
                shares.push(other.join().map_err(|_| tantivy::TantivyError::SystemError("a search gave up".into()))?);
            }
            Ok::<_, tantivy::TantivyError>(shares)
        })?;
        Ok(self.merge(shares))
    }

    fn merge(&self, shares: Vec<Collected>) -> Collected {
        let mut all = Collected::default();
        for share in shares {
            all.places.extend(share.places);
            all.total += share.total;
            all.cut_short |= share.cut_short;
            all.counts.absorb(share.counts);
        }
        all.places.sort_unstable_by(|a, b| b.cmp(a));
        all.places.truncate(self.limit);
        all
    }
}

/// What one thread collects, segment after segment.
struct Share<'c> {
    collector: &'c Collector,
    heap: BinaryHeap<Reverse<Place>>,
    total: u64,
    cut_short: bool,
    facets: Option<Facets>,
}

impl<'c> Share<'c> {
    /// `from` and `to` are the largest ids of people in any segment.
    fn new(collector: &'c Collector, from: u32, to: u32) -> Self {
        Self {
            collector,
            heap: BinaryHeap::with_capacity(collector.limit.saturating_add(1).min(1_024)),
            total: 0,
            cut_short: false,
            facets: collector.facets.then(|| Facets::new(from, to)),
        }
    }

    fn run(&mut self, columns: &Columns, scorer: &mut dyn Scorer) {
        let mut labels = self.facets.is_some().then(|| LabelCounts::new(columns));
        // The first look is at once: earlier segments may have used up the time.
        let mut until_clock = 1;
        let mut doc = scorer.doc();
        while doc != TERMINATED {
            self.total += 1;
            self.consider(columns, doc, scorer);
            if let (Some(facets), Some(labels)) = (&mut self.facets, &mut labels) {
                facets.count(columns, doc);
                labels.count(columns, doc);
            }
            until_clock -= 1;
            if until_clock == 0 {
                until_clock = CLOCK_INTERVAL;
                if Clock::now() >= self.collector.deadline {
                    self.cut_short = true;
                    break;
                }
            }
            doc = scorer.advance();
        }
        if let (Some(facets), Some(labels)) = (&mut self.facets, labels) {
            facets.add(labels, columns);
        }
    }

    fn consider(&mut self, columns: &Columns, doc: DocId, scorer: &mut dyn Scorer) {
        let collector = self.collector;
        let at = doc as usize;
        let dated = |seconds: i64| seconds.cast_unsigned() ^ (1 << 63);
        let rank = match collector.sort {
            Sort::Relevance => u64::from(scorer.score().max(0.0).to_bits()),
            Sort::Newest => dated(columns.sorted_at[at]),
            Sort::Oldest => match columns.sorted_at[at] {
                i64::MIN => 0,
                seconds => !dated(seconds),
            },
            Sort::Largest => u64::from(columns.size[at]),
            Sort::Number => 0,
        };
        // Most documents of a large answer are worse than a full heap's worst: settle that on the
        // rank alone, before the key is looked up.
        let full = self.heap.len() >= collector.limit;
        if full && self.heap.peek().is_some_and(|worst| rank < worst.0.rank) {
            return;
        }
        let place = Place { rank, key: columns.key[at] };
        if collector.after.is_some_and(|after| place >= after) || collector.limit == 0 {
            return;
        }
        if full {
            if self.heap.peek().is_some_and(|worst| place <= worst.0) {
                return;
            }
            self.heap.pop();
        }
        self.heap.push(Reverse(place));
    }

    fn harvest(self) -> Collected {
        let counts = self.facets.map(Facets::harvest).unwrap_or_default();
        let places = self.heap.into_iter().map(|reversed| reversed.0).collect();
        Collected { places, total: self.total, cut_short: self.cut_short, counts }
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
}
