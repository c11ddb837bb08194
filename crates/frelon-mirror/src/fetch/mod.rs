//! Fetching: bytes from a peer that nobody trusts, within hard limits.
//!
//! A [`Source`] is a public tree somewhere: behind HTTP ([`Http`]), or in a directory, such as on a
//! stick ([`Directory`]). It hands out bytes and vouches for none of them. What is bounded here, so
//! that no peer can fill the disk, the memory or the day: the length of every object, the time of
//! every wait, the rate over a minute, the number of redirects, the addresses that are connected to.

mod address;
mod directory;
mod http;

use std::{
    fmt, io,
    net::IpAddr,
    time::{Duration, Instant},
};

pub use address::is_public;
pub use directory::Directory;
pub use http::{Http, Options, Posted};

/// The least a peer must deliver, in bytes a second, over [`Pace::window`].
const RATE_MIN: u64 = 10_000;
/// The time over which the rate is taken, and the longest silence.
const WINDOW: Duration = Duration::from_secs(60);
/// Bytes read from a body at once.
pub(crate) const PIECE_BYTES: usize = 256 * 1024;

/// How slow a peer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Bytes a second.
    pub rate_min: u64,
    /// Over how long; also the longest wait for a connection, an answer or the next byte.
    pub window: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { rate_min: RATE_MIN, window: WINDOW }
    }
}

impl Pace {
    /// The longest that an object of this length may take from first to last.
    #[must_use]
    pub fn longest(&self, size_bytes: u64) -> Duration {
        self.window.saturating_mul(2).saturating_add(Duration::from_secs(size_bytes / self.rate_min.max(1)))
    }
}

/// What is asked of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request<'a> {
    /// Path in the public tree, with `/`, not beginning with one.
    pub path: &'a str,
    /// Where to begin; a source that cannot begins at 0 and says so ([`Body::first`]).
    pub first: u64,
    /// The most bytes the whole object may have, counted from its first byte.
    pub bytes_max: u64,
    /// Not again if it still has this tag.
    pub tag: Option<&'a str>,
}

impl<'a> Request<'a> {
    /// A whole object of at most so many bytes.
    #[must_use]
    pub fn whole(path: &'a str, bytes_max: u64) -> Self {
        Self { path, first: 0, bytes_max, tag: None }
    }
}

/// What a source answers.
#[derive(Debug)]
pub enum Answer {
    /// It still has the tag that was given.
    Unchanged,
    /// Its bytes.
    Body(Body),
}

/// A public tree somewhere, not trusted for anything it hands out.
pub trait Source: fmt::Debug + Send + Sync {
    /// What people call it: its URL or directory.
    fn name(&self) -> &str;

    /// Asks for an object.
    ///
    /// # Errors
    /// When it cannot be had from here.
    fn open(&self, request: Request<'_>) -> Result<Answer, FetchError>;
}

/// Why something was not had from a source.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The source has no such object. Others may.
    #[error("{at}: it is not there")]
    Missing {
        /// Where.
        at: String,
    },
    /// No connection, or it broke: try another source, or again later.
    #[error("{at}: {reason}")]
    Unreachable {
        /// Where.
        at: String,
        /// What happened.
        reason: String,
    },
    /// It delivers less than the least: try another source.
    #[error("{at}: it delivers too slowly")]
    Slow {
        /// Where.
        at: String,
    },
    /// It goes on beyond what such an object can have.
    #[error("{at}: it is longer than the {bytes_max} bytes it may have")]
    TooLong {
        /// Where.
        at: String,
        /// The bound.
        bytes_max: u64,
    },
    /// It leads to an address that is not public.
    #[error("{at}: it leads to {address}, which is no public address (--allow-private lets it)")]
    NotPublic {
        /// Where.
        at: String,
        /// The address.
        address: IpAddr,
    },
    /// An answer that no honest server gives.
    #[error("{at}: {reason}")]
    Misbehaved {
        /// Where.
        at: String,
        /// What was wrong.
        reason: String,
    },
}

impl FetchError {
    /// Whether the source is better not asked again: it did what no honest one does by accident.
    #[must_use]
    pub fn is_misbehaviour(&self) -> bool {
        !matches!(self, Self::Missing { .. } | Self::Unreachable { .. })
    }

    /// Whether the source merely lacks the object.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing { .. })
    }
}

/// The bytes of an object, read piece by piece, each within the limits.
pub struct Body {
    at: String,
    first: u64,
    tag: Option<String>,
    reader: Box<dyn io::Read + Send>,
    /// Bytes that may still come.
    left: u64,
    bytes_max: u64,
    pace: Pace,
    window_at: Instant,
    window_bytes: u64,
    deadline: Instant,
    /// Whether pieces come over a line, which may be slow; a disk is as fast as it is.
    is_paced: bool,
}

impl fmt::Debug for Body {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Body").field("at", &self.at).field("first", &self.first).finish_non_exhaustive()
    }
}

impl Body {
    pub(crate) fn new(at: String, request: Request<'_>, first: u64, reader: Box<dyn io::Read + Send>) -> Self {
        let (pace, now) = (Pace::default(), Instant::now());
        Self {
            at,
            first,
            tag: None,
            reader,
            left: request.bytes_max.saturating_sub(first),
            bytes_max: request.bytes_max,
            pace,
            window_at: now,
            window_bytes: 0,
            deadline: now + pace.longest(request.bytes_max),
            is_paced: false,
        }
    }

    pub(crate) fn paced(mut self, pace: Pace) -> Self {
        (self.pace, self.is_paced) = (pace, true);
        self.deadline = Instant::now() + pace.longest(self.left);
        self
    }

    pub(crate) fn tagged(mut self, tag: Option<String>) -> Self {
        self.tag = tag;
        self
    }

    /// Which byte of the object comes first: the one asked for, or 0.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The tag of this version (RFC 9110, 8.8.3), as it was sent.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// Reads the next bytes; 0 at the end.
    ///
    /// # Errors
    /// When the line breaks, is too slow, or more comes than may.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, FetchError> {
        let count = loop {
            match self.reader.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(http::from_io(self.at.clone(), &error)),
                Ok(count) => break count,
            }
        };
        if count as u64 > self.left {
            return Err(FetchError::TooLong { at: self.at.clone(), bytes_max: self.bytes_max });
        }
        self.left -= count as u64;
        if self.is_paced && count > 0 {
            self.keep_pace(count as u64)?;
        }
        Ok(count)
    }

    fn keep_pace(&mut self, count: u64) -> Result<(), FetchError> {
        let now = Instant::now();
        self.window_bytes += count;
        let elapsed = now - self.window_at;
        let is_slow = elapsed >= self.pace.window && {
            let expected = u128::from(self.pace.rate_min) * elapsed.as_millis() / 1000;
            u128::from(std::mem::take(&mut self.window_bytes)) < expected
        };
        if elapsed >= self.pace.window {
            self.window_at = now;
        }
        if is_slow || now > self.deadline {
            return Err(FetchError::Slow { at: self.at.clone() });
        }
        Ok(())
    }

    /// All that is left, in memory.
    ///
    /// # Errors
    /// As [`Body::read`].
    pub fn read_all(&mut self) -> Result<Vec<u8>, FetchError> {
        let mut bytes = Vec::new();
        let mut piece = vec![0; PIECE_BYTES.min(usize::try_from(self.left).unwrap_or(usize::MAX).saturating_add(1))];
        loop {
            let count = self.read(&mut piece)?;
            if count == 0 {
                return Ok(bytes);
            }
            bytes.extend_from_slice(&piece[..count]);
        }
    }
}

/// A whole object of at most so many bytes, in memory.
///
/// # Errors
/// When it cannot be had.
pub fn get(source: &dyn Source, path: &str, bytes_max: u64) -> Result<Vec<u8>, FetchError> {
    match source.open(Request::whole(path, bytes_max))? {
        Answer::Body(mut body) => body.read_all(),
        Answer::Unchanged => Err(unasked(source, path)),
    }
}

/// "Unchanged" where no tag was given.
pub(crate) fn unasked(source: &dyn Source, path: &str) -> FetchError {
    let reason = "it says that nothing changed, and was not asked".to_owned();
    FetchError::Misbehaved { at: format!("{}/{path}", source.name()), reason }
}

#[cfg(test)]
mod tests;
