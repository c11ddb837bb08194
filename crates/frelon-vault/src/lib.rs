//! Everything that is not released: sources as taken in, editorial state, failures.
