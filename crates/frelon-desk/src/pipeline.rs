//! A producer, workers and an ordered consumer, with bounded memory between them.
//!
//! Results reach the consumer in the order in which their inputs were produced, so that numbers
//! given out there never depend on how threads were scheduled.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::progress::INTERVAL;

/// Workers; a core for each, and the producer and consumer share what they leave.
const WORKERS: usize = 2;
/// Bytes of input on their way at a time. One input larger than that travels alone.
const IN_FLIGHT_BYTES_MAX: usize = 24 * 1024 * 1024;
/// Inputs waiting for a worker.
const QUEUE_MAX: usize = 64;

/// What the consumer is called with.
pub(crate) enum Turn<O> {
    /// The next result in order.
    Result(O),
    /// Nothing came for a while: time for news.
    Idle,
}

/// The producer's end.
pub(crate) struct Feed<'p, I> {
    sender: SyncSender<(u64, usize, I)>,
    gauge: &'p Gauge,
    next: u64,
}

impl<I> Feed<'_, I> {
    /// Hands over an input that takes `weight` bytes of memory; waits for room. `Break` when the
    /// consumer has stopped.
    pub(crate) fn send(&mut self, weight: usize, input: I) -> ControlFlow<()> {
        if !self.gauge.enter(weight) || self.sender.send((self.next, weight, input)).is_err() {
            return ControlFlow::Break(());
        }
        self.next += 1;
        ControlFlow::Continue(())
    }
}

/// Runs `produce` and the workers on threads of their own and `consume` on this one, until the
/// producer is done or the consumer breaks. `worker` makes the state of each worker.
pub(crate) fn run<I, O, P, W>(
    produce: impl FnOnce(&mut Feed<'_, I>) -> P + Send,
    worker: impl Fn() -> W + Sync,
    mut consume: impl FnMut(Turn<O>) -> ControlFlow<()>,
) -> P
where
    I: Send,
    O: Send,
    P: Send,
    W: FnMut(I) -> O,
{
    let gauge = Gauge::default();
    let (input_sender, input_receiver) = mpsc::sync_channel(QUEUE_MAX);
    let (output_sender, output_receiver) = mpsc::channel();
    let input_receiver = Mutex::new(input_receiver);
    thread::scope(|scope| {
        let producer = scope.spawn(|| {
            let _closed_if_this_panics = CloseOnPanic(&gauge);
            produce(&mut Feed { sender: input_sender, gauge: &gauge, next: 0 })
        });
        for _ in 0..WORKERS {
            let (output, input, gauge, worker) = (output_sender.clone(), &input_receiver, &gauge, &worker);
            scope.spawn(move || {
                let _closed_if_this_panics = CloseOnPanic(gauge);
                let mut work = worker();
                while let Some((number, weight, input)) = next(input) {
                    if output.send((number, weight, work(input))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(output_sender);
        in_order(output_receiver, &gauge, &mut consume);
        // Whoever still waits for room is let go; a producer that is done does not notice.
        gauge.close();
        drain(&input_receiver);
        producer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn next<T>(receiver: &Mutex<Receiver<T>>) -> Option<T> {
    receiver.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// Empties the queue, so that a producer blocked on it wakes up and sees that it is over.
fn drain<T>(receiver: &Mutex<Receiver<T>>) {
    while next(receiver).is_some() {}
}

#[expect(clippy::needless_pass_by_value, reason = "dropping the receiver is what tells the workers that it is over")]
fn in_order<O>(
    results: Receiver<(u64, usize, O)>,
    gauge: &Gauge,
    consume: &mut impl FnMut(Turn<O>) -> ControlFlow<()>,
) {
    let mut early = BTreeMap::new();
    let mut expected = 0_u64;
    loop {
        let flow = match results.recv_timeout(INTERVAL) {
            Ok((number, weight, result)) => {
                early.insert(number, (weight, result));
                let mut flow = ControlFlow::Continue(());
                while let Some((weight, result)) = early.remove(&expected) {
                    expected += 1;
                    flow = consume(Turn::Result(result));
                    gauge.leave(weight);
                    if flow.is_break() {
                        break;
                    }
                }
                flow
            }
            Err(RecvTimeoutError::Timeout) => consume(Turn::Idle),
            Err(RecvTimeoutError::Disconnected) => return,
        };
        if flow.is_break() {
            return;
        }
    }
}

/// Counts the bytes on their way.
#[derive(Default)]
struct Gauge {
    state: Mutex<GaugeState>,
    room: Condvar,
}

#[derive(Default)]
struct GaugeState {
    bytes: usize,
    is_closed: bool,
}

impl Gauge {
    fn lock(&self) -> MutexGuard<'_, GaugeState> {
        // Two plain numbers: whole whenever the lock is free.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for room; `false` when it is over.
    fn enter(&self, weight: usize) -> bool {
        let full = |state: &mut GaugeState| {
            !state.is_closed && state.bytes > 0 && state.bytes.saturating_add(weight) > IN_FLIGHT_BYTES_MAX
        };
        let mut state = self.room.wait_while(self.lock(), full).unwrap_or_else(PoisonError::into_inner);
        state.bytes = state.bytes.saturating_add(weight);
        !state.is_closed
    }

    fn leave(&self, weight: usize) {
        let mut state = self.lock();
        state.bytes = state.bytes.saturating_sub(weight);
        self.room.notify_all();
    }

    fn close(&self) {
        self.lock().is_closed = true;
        self.room.notify_all();
    }
}

/// A thread that panics must not leave another one waiting for what it will never do.
struct CloseOnPanic<'g>(&'g Gauge);

impl Drop for CloseOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_whatever_they_weigh() {
        let mut seen = Vec::new();
        let made = run(
            |feed| {
                for number in 0..500_usize {
                    let weight = if number % 97 == 0 { 2 * IN_FLIGHT_BYTES_MAX } else { number };
                    assert!(feed.send(weight, number).is_continue());
                }
                "made"
            },
            || |number: usize| number * 2,
            |turn| {
                if let Turn::Result(result) = turn {
                    seen.push(result);
                }
                ControlFlow::Continue(())
            },
        );
        assert_eq!(made, "made");
        assert_eq!(seen, (0..1_000).step_by(2).collect::<Vec<_>>());
    }

    #[test]
    fn a_consumer_that_stops_frees_everyone() {
        let mut count = 0;
        let sent = run(
            |feed| (0_u64..).take_while(|&number| feed.send(1 << 20, number).is_continue()).count(),
            || |number: u64| number,
            |turn| {
                count += usize::from(matches!(turn, Turn::Result(_)));
                if count == 10 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        );
        assert_eq!(count, 10);
        assert!(sent >= 10);
    }
}
