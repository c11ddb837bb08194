//! The pages in a real browser: Debian's Chromium without a window.

mod accessible;
mod check;
mod driver;
mod look;
mod read;
