//! Bounds of extraction that are not shared with other crates.

/// Bytes looked at to tell what a file is; header blocks of real mail fit.
pub(crate) const HEAD_BYTES: usize = 64 * 1024;
/// Bytes read at a time from a mailbox.
pub(crate) const WINDOW_BYTES: usize = 1024 * 1024;
/// Inflated bytes of a container entry below which the ratio is not judged: small files of one
/// repeated letter are no bombs.
pub(crate) const RATIO_FREE_BYTES: u64 = 1024 * 1024;
/// Inflated bytes that one file of a source may always give, however small it is.
pub(crate) const TOTAL_FREE_BYTES: u64 = 64 * 1024 * 1024;
/// Bytes of the property list behind an EMLX message that are kept; real ones have a few hundred.
pub(crate) const EMLX_TAIL_BYTES_MAX: usize = 64 * 1024;
/// Bytes of one failure that are kept: office documents and pictures fit, other systems' whole mail
/// stores do not, and their message says what to do with them.
pub(crate) const FAILURE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Bytes of a path inside containers that are kept in a place.
pub(crate) const INNER_PATH_BYTES_MAX: usize = 4_096;
