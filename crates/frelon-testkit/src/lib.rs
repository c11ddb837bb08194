//! Test support: sample archives, corpora, a checker for whole publications.
