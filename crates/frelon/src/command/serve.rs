//! `frelon serve`: the site of a publication.

use std::{net::TcpListener, sync::Arc, time::Duration};

use frelon_index::Archive;
use frelon_site::{Options, Site};

use crate::{
    cli::Serve,
    failure::{Failure, Kind},
    progress::eprint_line,
    publication::Publication,
};

/// Time between looks for a newer index and a newer checkpoint: three small files are read.
const LOOK_EVERY: Duration = Duration::from_secs(2);

pub(crate) fn run(args: &Serve) -> Result<(), Failure> {
    let publication = Publication::existing(&args.place.dir)?;
    serve(&publication, bind(&args.listen)?)
}

/// Takes the address, or says who else may have it.
pub(super) fn bind(listen: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(listen).map_err(|error| {
        let failure = Failure::new(Kind::Failed, anyhow::anyhow!("cannot listen on {listen}: {error}"));
        match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                failure.hint("another program uses this port: give another, as in --listen 127.0.0.1:8081")
            }
            std::io::ErrorKind::PermissionDenied => {
                failure.hint("ports below 1024 need rights: use --listen 127.0.0.1:8080")
            }
            std::io::ErrorKind::InvalidInput => failure.hint("an address looks like 127.0.0.1:8080"),
            _ => failure,
        }
    })
}

/// Serves until interrupted. Opens the public tree and the index, nothing else.
pub(super) fn serve(publication: &Publication, listener: TcpListener) -> Result<(), Failure> {
    let archive = Archive::open(&publication.public(), &publication.derived())?;
    let address = listener.local_addr().map_err(|error| Failure::new(Kind::Failed, error))?;
    let items: u64 = archive.collections().iter().map(|record| record.item_count).sum();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Kind::Failed, error))?;
    let site = Arc::new(Site::new(archive, Options::default()));
    site.look(crate::clock::now());
    eprint_line(&format!("   serve {items} items on http://{address} (stop with Ctrl-C)"));
    runtime.spawn(follow(publication.clone(), Arc::clone(&site)));
    runtime.block_on(frelon_site::serve(listener, site, stop())).map_err(|error| Failure::new(Kind::Failed, error))
}

/// Serves each new state of the publication once its index is complete, and says of its log what its newest
/// checkpoint says.
async fn follow(publication: Publication, site: Arc<Site>) {
    let mut tick = tokio::time::interval(LOOK_EVERY);
    let mut served = Archive::current_generation(&publication.derived()).ok();
    loop {
        tick.tick().await;
        let publication = publication.clone();
        let was = served.clone();
        let looking = Arc::clone(&site);
        let opened = tokio::task::spawn_blocking(move || {
            looking.look(crate::clock::now());
            let generation = Archive::current_generation(&publication.derived()).ok()?;
            if was.as_ref() == Some(&generation) {
                return None;
            }
            let archive = Archive::open(&publication.public(), &publication.derived()).ok()?;
            let generation = archive.generation().to_owned();
            looking.replace(archive);
            Some(generation)
        });
        if let Ok(Some(generation)) = opened.await {
            served = Some(generation);
        }
    }
}

/// Done when the process is asked to end.
pub(super) async fn stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => drop(interrupted),
    }
}
