//! A peer during one sync: where bytes come from, until it does something wrong.

use std::sync::{Mutex, PoisonError};

use crate::fetch::{FetchError, Source};

/// A source with what is held against it.
pub(crate) struct Peer<'a> {
    pub(crate) source: &'a dyn Source,
    dropped: Mutex<Option<String>>,
}

impl<'a> Peer<'a> {
    pub(crate) fn new(source: &'a dyn Source) -> Self {
        Self { source, dropped: Mutex::new(None) }
    }

    pub(crate) fn name(&self) -> &str {
        self.source.name()
    }

    /// Why it is not asked any more in this sync.
    pub(crate) fn dropped(&self) -> Option<String> {
        self.dropped.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn is_live(&self) -> bool {
        self.dropped().is_none()
    }

    /// Not asked again; the first reason stays.
    pub(crate) fn drop_for(&self, reason: impl Into<String>) {
        let mut dropped = self.dropped.lock().unwrap_or_else(PoisonError::into_inner);
        dropped.get_or_insert_with(|| reason.into());
    }

    /// Drops it if it did what no honest peer does; one that is away or lacks something stays.
    pub(crate) fn judge(&self, error: &FetchError) {
        if error.is_misbehaviour() {
            self.drop_for(error.to_string());
        }
    }
}
