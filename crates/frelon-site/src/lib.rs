//! What readers see: pages, feeds, API, exports and the HTTP server.
//!
//! Start with [`serve`]. Everything is answered from one [`frelon_index::Archive`]; the process
//! never opens anything but the public tree and what is derived from it. Knows neither vault nor desk.

mod api;
mod cache;
mod export;
mod fault;
mod feed;
mod html_body;
mod link;
mod page;
mod path;
mod proof;
mod raw;
mod route;
#[cfg(test)]
#[path = "../tests/it/sample.rs"]
mod sample;
mod server;
mod standing;
mod state;
mod text;
mod tree;

pub use server::{ServeError, serve};
pub use state::{Options, Site};
