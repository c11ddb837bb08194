//! The public tree: volumes, openings, manifest; written, read and verified in one place.
