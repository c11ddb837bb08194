//! Counting hits by the values of facets.

use hashbrown::HashMap;
use tantivy::DocId;

use super::column::{Columns, NONE};

/// Distinct values above which counting moves from a map to a table.
const SPARSE_VALUES_MAX: usize = 512;

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

impl FacetCounts {
    pub(super) fn absorb(&mut self, other: Self) {
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

/// Counts of one thread: by values that mean the same in all segments, and the sums of the others.
pub(super) struct Facets {
    from: Counter,
    to: Counter,
    month: Counter,
    /// What was counted of the others.
    labels: FacetCounts,
}

impl Facets {
    pub(super) fn new(from: u32, to: u32) -> Self {
        Self {
            from: Counter::new(from),
            to: Counter::new(to),
            month: Counter::new(u32::from(NONE)),
            labels: FacetCounts::default(),
        }
    }

    pub(super) fn count(&mut self, columns: &Columns, doc: DocId) {
        columns.from.of(doc).iter().for_each(|person| self.from.add(*person));
        columns.to.of(doc).iter().for_each(|person| self.to.add(*person));
        let month = columns.month[doc as usize];
        if month != NONE {
            self.month.add(u32::from(month));
        }
    }

    /// Takes in the labels of one segment.
    pub(super) fn add(&mut self, labels: LabelCounts, columns: &Columns) {
        self.labels.absorb(labels.harvest(columns));
    }

    pub(super) fn harvest(self) -> FacetCounts {
        let (from, to, month) = (self.from.into_counts(), self.to.into_counts(), self.month.into_counts());
        FacetCounts { from, to, month, ..self.labels }
    }
}

/// Facets whose values are numbered in each segment anew.
pub(super) struct LabelCounts {
    release: Vec<u32>,
    language: Vec<u32>,
    list: Vec<u32>,
    dkim: Vec<u32>,
    flag: [u64; super::flag::NAMES.len()],
}

impl LabelCounts {
    pub(super) fn new(columns: &Columns) -> Self {
        Self {
            release: vec![0; columns.releases.len()],
            language: vec![0; columns.language.names.len()],
            list: vec![0; columns.list.names.len()],
            dkim: vec![0; columns.dkim.names.len()],
            flag: [0; super::flag::NAMES.len()],
        }
    }

    pub(super) fn count(&mut self, columns: &Columns, doc: DocId) {
        let at = doc as usize;
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
            release: counted(&columns.releases, self.release),
            language: counted(&columns.language.names, self.language),
            list: counted(&columns.list.names, self.list),
            dkim: counted(&columns.dkim.names, self.dkim),
            flag: self.flag,
            ..FacetCounts::default()
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
