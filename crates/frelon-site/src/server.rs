//! The HTTP server: connections, limits, graceful end.
//!
//! HTTP/1.1 without TLS, as behind any front server. A slow or silent client holds one connection and
//! nothing else; when all connections are taken, new ones wait in the kernel's queue.

use std::{convert::Infallible, net::TcpListener, sync::Arc, time::Duration};

use http::Request;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::sync::Semaphore;
use tower::Service as _;

use crate::{route::service, state::Site};

/// How long open requests may go on once the server was asked to stop.
const GRACE: Duration = Duration::from_secs(10);
/// Pause after the system refused a connection, as when no file handles are left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Bytes of a request head: the longest query three times, percent-encoded, and its fields.
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// Header fields of a request; browsers send below 30.
const FIELDS_MAX: usize = 64;

/// Serving failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The socket could not be used.
    #[error("cannot serve on this socket")]
    Socket(#[source] std::io::Error),
}

/// Serves a site until `stop` is done; requests begun by then are answered.
///
/// # Errors
/// When the socket cannot be used.
pub async fn serve(
    listener: TcpListener,
    site: Arc<Site>,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    listener.set_nonblocking(true).map_err(ServeError::Socket)?;
    let listener = tokio::net::TcpListener::from_std(listener).map_err(ServeError::Socket)?;
    if let Ok(address) = listener.local_addr() {
        site.listens_on(address);
    }
    let places = Arc::new(Semaphore::new(site.options.connections_max.max(1)));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(site.options.head_timeout)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(FIELDS_MAX)
        .pipeline_flush(true);
    let service = service(site);
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place,
            () = &mut stop => break,
        };
        // Never closed, so there is always a place in the end.
        let Ok(place) = place else { break };
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let stream = match stream {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // Small answers must not wait for more to send; a socket that refuses is only slower.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no-delay was refused");
        }
        let service = service.clone();
        let answer = service_fn(move |request: Request<Incoming>| {
            let mut service = service.clone();
            async move { Ok::<_, Infallible>(service.call(request).await.unwrap_or_else(|never| match never {})) }
        });
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), answer));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(GRACE, graceful.shutdown()).await.is_err() {
        tracing::info!("connections that were still open have been closed");
    }
    Ok(())
}
