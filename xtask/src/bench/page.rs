//! Item pages, saved as files so that nginx can serve the same bytes.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, Result, bail};

use super::server::Server;

/// Pages taken, spread evenly over the collection.
const PAGES: u64 = 200;

/// Pages and where they lie.
pub(crate) struct Pages {
    /// Folder whose layout is that of the addresses.
    pub(crate) folder: PathBuf,
    /// Paths of the addresses.
    pub(crate) paths: Vec<String>,
    /// What each took when it was asked for the first time and had to be made, connection included,
    /// in milliseconds.
    pub(crate) first_ms: Vec<f64>,
}

/// Fetches pages of items that are there (duplicates are not) and saves them.
pub(crate) fn save(server: &Server, collection: &str, item_count: u64, folder: &Path) -> Result<Pages> {
    fs::create_dir_all(folder.join(collection))?;
    let mut pages = Pages { folder: folder.to_owned(), paths: Vec::new(), first_ms: Vec::new() };
    for step in 0..PAGES.min(item_count) {
        let path = format!("/{collection}/{}", 1 + step * item_count / PAGES.min(item_count));
        let started = Instant::now();
        let answer = server.get(&path)?;
        if answer.status == 200 {
            pages.first_ms.push(started.elapsed().as_secs_f64() * 1000.0);
            let file = folder.join(path.trim_start_matches('/'));
            fs::write(&file, answer.body).with_context(|| format!("cannot write {}", file.display()))?;
            pages.paths.push(path);
        }
    }
    if pages.paths.is_empty() {
        bail!("the server has no item pages under /{collection}/");
    }
    Ok(pages)
}
