//! Bounds on everything that comes from outside, each with its reason.

/// MIME parts parsed in one message; real mail stays below 200.
pub const MIME_PARTS_MAX: usize = 1_000;
/// Nesting of multiparts and attached messages that is parsed.
pub const MIME_DEPTH_MAX: usize = 20;
/// Length of a MIME boundary, in bytes; RFC 2046 allows 70.
pub const MIME_BOUNDARY_BYTES_MAX: usize = 2_048;
/// Bytes of a header block that are parsed; the raw message keeps all.
pub const HEADER_BYTES_MAX: usize = 100 * 1024;
/// Largest single item taken in, in bytes. Larger ones are listed as failures.
pub const ITEM_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Largest volume, in bytes: copied with ease, below what old ZIP tools refuse.
pub const VOLUME_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Nesting of containers (a ZIP in a tar in a ZIP) that is opened.
pub const CONTAINER_DEPTH_MAX: usize = 8;
/// Entries read from one container.
pub const CONTAINER_ENTRIES_MAX: u64 = 5_000_000;
/// Inflated bytes allowed for each compressed byte of a container entry above 1 MiB.
pub const INFLATE_RATIO_MAX: u64 = 200;
/// Bytes of a query.
pub const QUERY_BYTES_MAX: usize = 4_096;
/// Clauses of a query after parsing.
pub const QUERY_CLAUSES_MAX: usize = 256;
/// Nesting of parentheses in a query.
pub const QUERY_DEPTH_MAX: usize = 32;
/// Bytes of one opening.
pub const OPENING_BYTES_MAX: usize = 64 * 1024;
