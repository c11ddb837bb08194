//! Readers that stop when a container inflates beyond measure.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use frelon_model::limits::{CONTAINER_ENTRIES_MAX, INFLATE_RATIO_MAX};

use crate::limit::{RATIO_FREE_BYTES, TOTAL_FREE_BYTES};

/// What is left of the allowance of one file of a source, over all containers in it.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    bytes: Rc<Cell<u64>>,
    entries: Rc<Cell<u64>>,
}

/// Marks an I/O error that stands for a bomb.
#[derive(Debug, thiserror::Error)]
#[error("inflates beyond every measure")]
pub(crate) struct BombError;

impl BombError {
    fn io() -> io::Error {
        io::Error::other(Self)
    }

    /// Whether an error, or what a decoder wrapped around it, is a bomb.
    pub(crate) fn is_in(error: &io::Error) -> bool {
        let mut cause = error.get_ref().map(|inner| inner as &(dyn std::error::Error + 'static));
        // Decoders wrap once or twice.
        for _ in 0..8 {
            let Some(inner) = cause else { return false };
            if inner.is::<Self>() || inner.downcast_ref::<io::Error>().is_some_and(Self::is_in) {
                return true;
            }
            cause = inner.source();
        }
        false
    }
}

impl Budget {
    /// The allowance of a file of `size_bytes`.
    pub(crate) fn new(size_bytes: u64) -> Self {
        let bytes = size_bytes.saturating_mul(INFLATE_RATIO_MAX).max(TOTAL_FREE_BYTES);
        Self { bytes: Rc::new(Cell::new(bytes)), entries: Rc::new(Cell::new(CONTAINER_ENTRIES_MAX)) }
    }

    /// Takes one entry; `false` when there are too many.
    pub(crate) fn take_entry(&self) -> bool {
        let left = self.entries.get();
        self.entries.set(left.saturating_sub(1));
        left > 0
    }

    fn take_bytes(&self, bytes: u64) -> bool {
        let left = self.bytes.get();
        self.bytes.set(left.saturating_sub(bytes));
        left >= bytes
    }
}

/// Counts what is read through it.
#[derive(Debug)]
pub(crate) struct Counted<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R> Counted<R> {
    pub(crate) fn new(inner: R) -> (Self, Rc<Cell<u64>>) {
        let count = Rc::new(Cell::new(0));
        (Self { inner, count: Rc::clone(&count) }, count)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}

/// The inflated side of a decoder: fails when it gives too much for what went in.
pub(crate) struct Inflating<'b, R> {
    inner: R,
    /// Compressed bytes consumed so far, or all of them where that is known.
    compressed: Rc<Cell<u64>>,
    inflated: u64,
    budget: &'b Budget,
}

impl<'b, R> Inflating<'b, R> {
    pub(crate) fn new(inner: R, compressed: Rc<Cell<u64>>, budget: &'b Budget) -> Self {
        Self { inner, compressed, inflated: 0, budget }
    }
}

impl<R: Read> Read for Inflating<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.inflated += read as u64;
        let measure = self.compressed.get().saturating_mul(INFLATE_RATIO_MAX);
        if !self.budget.take_bytes(read as u64) || (self.inflated > RATIO_FREE_BYTES && self.inflated > measure) {
            return Err(BombError::io());
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_much_for_too_little_is_refused() {
        let budget = Budget::new(1_000);
        let mut fine = Inflating::new(io::repeat(0).take(RATIO_FREE_BYTES), Rc::new(Cell::new(1)), &budget);
        assert_eq!(io::copy(&mut fine, &mut io::sink()).expect("below what is judged"), RATIO_FREE_BYTES);
        let mut bomb = Inflating::new(io::repeat(0), Rc::new(Cell::new(1)), &budget);
        let error = io::copy(&mut bomb, &mut io::sink()).expect_err("a bomb");
        assert!(BombError::is_in(&error));
        assert!(BombError::is_in(&io::Error::other(error)), "wrapped");
    }

    #[test]
    fn the_total_is_bounded_over_all_entries() {
        let budget = Budget::new(1);
        let mut entries = 0;
        loop {
            let mut entry = Inflating::new(io::repeat(0).take(RATIO_FREE_BYTES), Rc::new(Cell::new(1)), &budget);
            match io::copy(&mut entry, &mut io::sink()) {
                Ok(_) => entries += 1,
                Err(error) => break assert!(BombError::is_in(&error)),
            }
        }
        assert_eq!(entries, TOTAL_FREE_BYTES / RATIO_FREE_BYTES);
    }
}
