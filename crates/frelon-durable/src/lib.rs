//! Durable file writes: write a temporary file, fsync, rename, fsync the directory; nothing else.
