//! Whole corpora, where they are at hand.
