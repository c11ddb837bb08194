//! `frelon witness`: a C2SP tlog-witness behind HTTP.
//!
//! ```text
//! POST /add-checkpoint                              cosigns
//! GET  /witness/<SHA-256 of the origin>/checkpoint  what was cosigned last
//! ```

use std::{collections::HashSet, fs, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path as UrlPath, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use frelon_log::{Policy, Verifier, note::KeyName};
use frelon_mirror::{
    key,
    witness::{Answer, BODY_BYTES_MAX, Witness},
};
use tokio::sync::Semaphore;

use super::serve;
use crate::{
    cli, clock,
    failure::{Failure, Kind},
    progress::{eprint_line, print_line},
};

/// Requests that write at the same time; the others wait. Each holds a thread while the disk syncs.
const WRITERS_MAX: usize = 64;
/// How long a request may wait for its turn and its body.
const REQUEST_TIME: Duration = Duration::from_secs(30);

pub(crate) fn run(args: &cli::Witness) -> Result<(), Failure> {
    let logs = logs(args)?;
    let name: KeyName = args.name.parse().map_err(|error| Failure::message(Kind::Usage, format!("--name: {error}")))?;
    let failed = |error: &dyn std::fmt::Display| Failure::message(Kind::Failed, error.to_string());
    private_directory(&args.into)?;
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| failed(&error))?;
    let cosigner =
        key::cosigner(&args.into.join("key"), &name, &seed).map_err(|error| Failure::new(Kind::Failed, error))?;
    let witness =
        Witness::open(&args.into.join("log"), cosigner, &logs).map_err(|error| Failure::new(Kind::Failed, error))?;
    let listener = serve::bind(&args.listen)?;
    let address = listener.local_addr().map_err(|error| failed(&error))?;
    // The key goes to standard output: it is what has to be handed on.
    print_line(&witness.verifier().to_string());
    for origin in witness.origins() {
        eprint_line(&format!(" witness of {}", origin.as_str().escape_debug()));
    }
    eprint_line(&format!(" witness on http://{address} (stop with Ctrl-C)"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| failed(&error))?;
    runtime.block_on(serve_on(listener, Arc::new(witness))).map_err(|error| failed(&error))
}

/// The directory is for its owner alone: it holds the key.
fn private_directory(directory: &std::path::Path) -> Result<(), Failure> {
    frelon_mirror::key::directory(directory).map_err(|error| Failure::new(Kind::Failed, error))
}

/// The keys of all logs that were named.
fn logs(args: &cli::Witness) -> Result<Vec<Verifier>, Failure> {
    let mut logs = Vec::new();
    for key in &args.logs {
        let key: Verifier =
            key.parse().map_err(|error| Failure::message(Kind::Usage, format!("--log {key}: {error}")))?;
        logs.push(key);
    }
    for file in &args.policies {
        let at = file.display();
        let bytes =
            fs::read(file).map_err(|error| Failure::message(Kind::Input, format!("cannot read {at}: {error}")))?;
        let policy = Policy::parse(&bytes).map_err(|error| Failure::message(Kind::Input, format!("{at}: {error}")))?;
        logs.extend(policy.logs().iter().map(|log| log.key.clone()));
    }
    let mut seen = HashSet::new();
    logs.retain(|log| seen.insert(log.to_string()));
    if logs.is_empty() {
        let failure = Failure::message(Kind::Usage, "no log to follow");
        return Err(failure.hint("name one with --log KEY, as its operator gives it, or with --policy FILE"));
    }
    Ok(logs)
}

#[derive(Clone)]
struct Shared {
    witness: Arc<Witness>,
    writers: Arc<Semaphore>,
}

async fn serve_on(listener: std::net::TcpListener, witness: Arc<Witness>) -> std::io::Result<()> {
    listener.set_nonblocking(true)?;
    let shared = Shared { witness, writers: Arc::new(Semaphore::new(WRITERS_MAX)) };
    let routes = Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/witness/{origin}/checkpoint", get(checkpoint))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(shared);
    let listener = tokio::net::TcpListener::from_std(listener)?;
    axum::serve(listener, routes).with_graceful_shutdown(serve::stop()).await
}

async fn add_checkpoint(State(shared): State<Shared>, body: Bytes) -> Response {
    let busy = || (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")], "busy\n").into_response();
    let turn = tokio::time::timeout(REQUEST_TIME, shared.writers.acquire()).await;
    let Ok(Ok(_turn)) = turn else { return busy() };
    let witness = Arc::clone(&shared.witness);
    // The disk is waited for on a thread of its own.
    let answer = tokio::task::spawn_blocking(move || witness.add_checkpoint(&body, clock::now())).await;
    answer.map_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response(), respond)
}

async fn checkpoint(State(shared): State<Shared>, UrlPath(origin): UrlPath<String>) -> Response {
    let answer = tokio::task::spawn_blocking(move || shared.witness.checkpoint(&origin)).await;
    answer.map_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response(), respond)
}

fn respond(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let fields = [(header::CONTENT_TYPE, answer.media_type), (header::CACHE_CONTROL, "no-store")];
    (status, fields, answer.body).into_response()
}
