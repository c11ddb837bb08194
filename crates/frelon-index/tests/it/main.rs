//! The derived store, built from real public trees.

mod fixture;

mod build;
mod lists;
mod search;
