//! Long answers: written by a blocking thread, sent as they grow.
//!
//! A bounded channel stands between, so a slow reader slows the writer and memory stays flat. The
//! writer ends as soon as the reader is gone or takes nothing for a while. An error after the first bytes
//! breaks the connection off: an answer that is cut must not look complete.

use std::{io, time::Duration};

use axum::body::Body;
use bytes::Bytes;
use tokio::{runtime::Handle, sync::mpsc};
use tokio_stream::{StreamExt, wrappers::ReceiverStream};

use crate::fault::Fault;

/// Bytes gathered before the first are sent: few, so that a reader sees at once that it works.
const FIRST_BYTES: usize = 2 * 1024;
/// Bytes gathered before they are sent.
const CHUNK_BYTES: usize = 64 * 1024;
/// Chunks waiting for a slow reader.
const CHUNKS_WAITING: usize = 4;
/// A reader that takes nothing for so long is gone: it holds a thread.
const STALL: Duration = Duration::from_secs(60);

/// Why a writer stopped before the end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The reader is gone; nobody is to be told.
    Gone,
    /// Something failed.
    Fault(Fault),
}

/// Writing fails only when the reader is gone; reads are mapped where they are made.
impl From<io::Error> for Stop {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The writing end.
pub(crate) struct ChannelWriter {
    sender: mpsc::Sender<Result<Bytes, Fault>>,
    runtime: Handle,
    buffer: Vec<u8>,
    /// Bytes at which the buffer is sent.
    full: usize,
}

impl ChannelWriter {
    fn send(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        self.full = CHUNK_BYTES;
        let chunk = Bytes::from(std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK_BYTES)));
        let sending = self.sender.send_timeout(Ok(chunk), STALL);
        self.runtime.block_on(sending).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl io::Write for ChannelWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.full.saturating_sub(self.buffer.len());
        let count = bytes.len().min(room);
        self.buffer.extend_from_slice(&bytes[..count]);
        if self.buffer.len() >= self.full {
            self.send()?;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()
    }
}

/// Runs `work` on the blocking pool and gives what it writes as a body, as soon as its first bytes
/// are there.
///
/// # Errors
/// What stopped `work` before it wrote anything.
pub(crate) async fn body(
    work: impl FnOnce(&mut ChannelWriter) -> Result<(), Stop> + Send + 'static,
) -> Result<Body, Fault> {
    let (sender, mut receiver) = mpsc::channel(CHUNKS_WAITING);
    let runtime = Handle::current();
    let mut writer = ChannelWriter { sender, runtime, buffer: Vec::with_capacity(FIRST_BYTES), full: FIRST_BYTES };
    tokio::task::spawn_blocking(move || {
        let mut result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(&mut writer)))
            .unwrap_or(Err(Stop::Fault(Fault::Panic)));
        if result.is_ok() {
            result = io::Write::flush(&mut writer).map_err(Stop::from);
        }
        if let Err(Stop::Fault(fault)) = result {
            tracing::warn!(error = &fault as &dyn std::error::Error, "a long answer was broken off");
            // Fails only when the reader is gone, who then needs no telling.
            let _sent = writer.runtime.block_on(writer.sender.send_timeout(Err(fault), STALL));
        }
    });
    match receiver.recv().await {
        None => Ok(Body::empty()),
        Some(Err(fault)) => Err(fault),
        Some(Ok(first)) => {
            let rest = ReceiverStream::new(receiver);
            Ok(Body::from_stream(tokio_stream::once(Ok(first)).chain(rest)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;
    use std::{
        io::Write,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
    };

    #[tokio::test]
    async fn what_is_written_arrives() {
        let body = body(|out| {
            for number in 0..50_000_u32 {
                writeln!(out, "{number}")?;
            }
            Ok(())
        });
        let bytes = body.await.unwrap().collect().await.unwrap().to_bytes();
        assert!(bytes.ends_with(b"\n49999\n"));
    }

    #[tokio::test]
    async fn an_early_failure_is_an_answer_and_a_late_one_a_break() {
        assert!(matches!(body(|_| Err(Fault::Cursor.into())).await, Err(Fault::Cursor)));
        let late = body(|out| {
            out.write_all(b"begun")?;
            out.flush()?;
            Err(Fault::Cursor.into())
        });
        assert!(late.await.unwrap().collect().await.is_err());
    }

    #[tokio::test]
    async fn the_writer_ends_when_the_reader_is_gone() {
        let written = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&written);
        let (told, ended) = tokio::sync::oneshot::channel();
        let body = body(move |out| {
            let result = loop {
                if let Err(error) = out.write_all(&[0; 4096]) {
                    break Err(error.into());
                }
                counter.fetch_add(4096, Ordering::Relaxed);
            };
            told.send(()).unwrap();
            result
        })
        .await
        .unwrap();
        drop(body);
        ended.await.unwrap();
        assert!(written.load(Ordering::Relaxed) <= CHUNK_BYTES * (CHUNKS_WAITING + 3));
    }
}
