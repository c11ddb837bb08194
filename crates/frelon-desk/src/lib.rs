//! The editors' work: intake and release.
