//! Runs: commitments whose leaves and numbers both follow each other, in 24 bytes.

use std::collections::BTreeMap;

use frelon_model::ItemNumber;

use super::Ineffective;

/// So many entries, each one leaf and one number after the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) first_leaf: u64,
    pub(super) first_number: u64,
    pub(super) count: u64,
}

impl Run {
    pub(super) fn last_number(&self) -> u64 {
        self.first_number + (self.count - 1)
    }

    fn last_leaf(&self) -> u64 {
        self.first_leaf + (self.count - 1)
    }

    pub(super) fn leaf_of(&self, number: u64) -> Option<u64> {
        let offset = number.checked_sub(self.first_number).filter(|offset| *offset < self.count)?;
        Some(self.first_leaf + offset)
    }

    pub(super) fn number_of(&self, leaf: u64) -> Option<u64> {
        let offset = leaf.checked_sub(self.first_leaf).filter(|offset| *offset < self.count)?;
        Some(self.first_number + offset)
    }

    pub(super) fn items(self) -> impl Iterator<Item = (u64, ItemNumber)> {
        (0..self.count).map(move |offset| (self.first_leaf + offset, ItemNumber(self.first_number + offset)))
    }

    /// Whether runs are exactly so many entries, the first and the last of them at these leaves.
    pub(super) fn check(runs: &[Self], count: u64, first_leaf: u64, last_leaf: u64) -> Result<(), Ineffective> {
        let found: u64 = runs.iter().map(|run| run.count).sum();
        let ends = runs.first().zip(runs.last()).map(|(first, last)| (first.first_leaf, last.last_leaf()));
        let is_exact = found == count && ends == Some((first_leaf, last_leaf));
        if is_exact { Ok(()) } else { Err(Ineffective::WrongEntries) }
    }
}

/// Runs in the order of their leaves.
#[derive(Debug, Clone, Default)]
pub(super) struct Runs(Vec<Run>);

impl Runs {
    /// Adds an entry after all that are there.
    pub(super) fn push(&mut self, leaf: u64, number: u64) {
        match self.0.last_mut() {
            Some(run) if run.last_leaf() + 1 == leaf && run.last_number().checked_add(1) == Some(number) => {
                run.count += 1;
            }
            _ => self.0.push(Run { first_leaf: leaf, first_number: number, count: 1 }),
        }
    }

    /// What lies between two leaves, both included.
    pub(super) fn between(&self, first_leaf: u64, last_leaf: u64) -> Vec<Run> {
        let from = self.0.partition_point(|run| run.last_leaf() < first_leaf);
        let inside = self.0[from..].iter().take_while(|run| run.first_leaf <= last_leaf);
        let cut = |run: &Run| {
            let skipped = first_leaf.saturating_sub(run.first_leaf);
            let count = run.last_leaf().min(last_leaf) - (run.first_leaf + skipped) + 1;
            Run { first_leaf: run.first_leaf + skipped, first_number: run.first_number + skipped, count }
        };
        inside.map(cut).collect()
    }
}

/// Whether a run has a number that one of these, sorted by their first numbers, has too.
pub(super) fn overlaps(out: &BTreeMap<u64, Run>, run: &Run) -> bool {
    let before = out.range(..=run.last_number()).next_back();
    before.is_some_and(|(_, other)| other.last_number() >= run.first_number)
}
