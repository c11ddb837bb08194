//! Bounds of this crate on what comes from outside; those shared by all are in `frelon_model::limits`.

/// Bytes of `manifest.json`: a quarter of a million volumes.
pub(crate) const MANIFEST_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Items in one volume: keeps the memory of writers and readers small (some 30 MB) however short
/// the items are.
pub(crate) const VOLUME_ITEMS_MAX: u64 = 250_000;
/// Bytes of a volume file that is read: what a ZIP holds without 64-bit offsets. Ours are smaller.
pub(crate) const VOLUME_FILE_BYTES_MAX: u64 = u32::MAX as u64;
/// Findings listed one by one in a report; beyond, they are only counted.
pub(crate) const FINDINGS_MAX: usize = 1_000;
