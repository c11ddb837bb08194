//! The one binary: command line, configuration, wiring, exit codes.
fn main() {}
