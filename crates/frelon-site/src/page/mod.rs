//! The pages a reader sees, one file per page.

use std::sync::Arc;

use axum::Router;

use crate::state::Site;

/// Routes of all pages.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
}
