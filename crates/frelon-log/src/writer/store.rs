//! What a writer needs of a store, and what it relies on.

use crate::tile::{Resource, TileSource};

/// Where the signed checkpoint is for readers. The other paths are those of [`Resource`].
pub const CHECKPOINT_PATH: &str = "checkpoint";

/// What all names of staged objects begin with; readers never look there.
pub const STAGING_PREFIX: &str = "staging/";

/// A place for one log. Whoever can write to it can stop the log, but not make it sign a fork, as
/// long as the *state* is neither lost nor set back.
///
/// Everything reported as done is durable. Where an error is returned it may have been done or not.
pub trait LogStore {
    /// What can go wrong.
    type Error: std::error::Error + 'static;

    /// Writes objects under names that are new, or have these very bytes already. It may refuse, and
    /// must not overwrite, a name with other bytes. All are durable on return; their order does not
    /// matter, so that a store may sync them together.
    ///
    /// # Errors
    /// When one of them may not be durable, or has other bytes already.
    fn put(&self, objects: &[(String, Vec<u8>)]) -> Result<(), Self::Error>;

    /// Reads an object as it is stored, not from a memory of what was put; `None` if there is none.
    ///
    /// # Errors
    /// When that cannot be said.
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Self::Error>;

    /// Removes a staged object; one that is not there is fine.
    ///
    /// # Errors
    /// When it may still be there.
    fn remove(&self, name: &str) -> Result<(), Self::Error>;

    /// The state: the latest signed checkpoint, committed but perhaps not yet published. It is the
    /// one thing that must never be set back to an earlier value.
    ///
    /// # Errors
    /// When it cannot be read.
    fn state(&self) -> Result<Option<Vec<u8>>, Self::Error>;

    /// Replaces the state if it is still `expected`, in one step; `false` if it is not.
    ///
    /// # Errors
    /// When it may or may not have been replaced.
    fn swap(&self, expected: Option<&[u8]>, next: &[u8]) -> Result<bool, Self::Error>;

    /// What readers get as checkpoint.
    ///
    /// # Errors
    /// When it cannot be read.
    fn published(&self) -> Result<Option<Vec<u8>>, Self::Error>;

    /// Replaces what readers get as checkpoint. Where several processes may publish, a smaller one
    /// must not replace a larger.
    ///
    /// # Errors
    /// When it may or may not have been replaced.
    fn publish(&self, checkpoint: &[u8]) -> Result<(), Self::Error>;
}

impl<S: LogStore + ?Sized> LogStore for &S {
    type Error = S::Error;

    fn put(&self, objects: &[(String, Vec<u8>)]) -> Result<(), S::Error> {
        (**self).put(objects)
    }

    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, S::Error> {
        (**self).get(name)
    }

    fn remove(&self, name: &str) -> Result<(), S::Error> {
        (**self).remove(name)
    }

    fn state(&self) -> Result<Option<Vec<u8>>, S::Error> {
        (**self).state()
    }

    fn swap(&self, expected: Option<&[u8]>, next: &[u8]) -> Result<bool, S::Error> {
        (**self).swap(expected, next)
    }

    fn published(&self) -> Result<Option<Vec<u8>>, S::Error> {
        (**self).published()
    }

    fn publish(&self, checkpoint: &[u8]) -> Result<(), S::Error> {
        (**self).publish(checkpoint)
    }
}

/// Why a tile cannot be read from a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoredError<E> {
    /// The store failed.
    #[error("the store failed")]
    Store(#[source] E),
    /// It is not there, neither partial nor full.
    #[error("`{0}` is missing")]
    Missing(Resource),
}

/// The published tiles of a store.
#[derive(Debug, Clone, Copy)]
pub struct Stored<'a, S>(pub(super) &'a S);

impl<S: LogStore> TileSource for Stored<'_, S> {
    type Error = StoredError<S::Error>;

    fn read(&self, resources: &[Resource]) -> Result<Vec<Vec<u8>>, Self::Error> {
        let read = |resource: &Resource| {
            for resource in [*resource, resource.full()] {
                if let Some(bytes) = self.0.get(&resource.to_string()).map_err(StoredError::Store)? {
                    return Ok(bytes);
                }
            }
            Err(StoredError::Missing(*resource))
        };
        resources.iter().map(read).collect()
    }
}
