//! Progress on the terminal, as plain lines, or as JSON for machines.

use std::{
    io::{IsTerminal, Write},
    time::{Duration, Instant},
};

use indicatif::{HumanBytes, HumanCount, HumanDuration, ProgressBar, ProgressStyle};

use crate::cli::Output;

/// Time between plain lines.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// Time between JSON lines.
const JSON_EVERY: Duration = Duration::from_millis(500);

/// How far a stage is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Step {
    /// Bytes done, and in all where known.
    pub(crate) bytes: u64,
    pub(crate) bytes_total: Option<u64>,
    pub(crate) items: u64,
    pub(crate) items_total: Option<u64>,
    pub(crate) failures: u64,
    /// What is counted; items where nothing is said.
    pub(crate) unit: &'static str,
}

/// Shows the progress of one stage after another.
pub(crate) struct Progress {
    form: Form,
    stage: &'static str,
    started: Instant,
    printed: Instant,
    last: Step,
}

enum Form {
    Quiet,
    Json,
    Lines,
    Bar(ProgressBar),
}

impl Progress {
    pub(crate) fn new(output: &Output) -> Self {
        let form = if output.json {
            Form::Json
        } else if output.quiet {
            Form::Quiet
        } else if std::io::stderr().is_terminal() {
            Form::Bar(ProgressBar::new(0))
        } else {
            Form::Lines
        };
        Self { form, stage: "", started: Instant::now(), printed: Instant::now(), last: Step::default() }
    }

    /// Starts a stage.
    pub(crate) fn stage(&mut self, stage: &'static str) {
        self.stage = stage;
        self.started = Instant::now();
        self.printed = self.started;
        self.last = Step::default();
        if let Form::Bar(bar) = &mut self.form {
            *bar = ProgressBar::new(0);
            let style = ProgressStyle::with_template("{prefix:>8} {wide_bar:.cyan/dim} {msg}");
            if let Ok(style) = style {
                bar.set_style(style);
            }
            bar.set_prefix(stage);
        }
    }

    /// Shows a step; may be called as often as one likes.
    pub(crate) fn step(&mut self, step: Step) {
        self.last = step;
        let since = self.printed.elapsed();
        match &self.form {
            Form::Quiet => {}
            Form::Json if since >= JSON_EVERY => self.json("progress"),
            Form::Lines if since >= LINE_EVERY => self.line(),
            Form::Bar(bar) => {
                let (done, total) = self.share();
                bar.set_length(total.max(done).max(1));
                bar.set_position(done);
                bar.set_message(self.words());
                return;
            }
            _ => return,
        }
        self.printed = Instant::now();
    }

    /// Ends a stage with a line of its own.
    pub(crate) fn done(&mut self, summary: &str) {
        let elapsed = self.started.elapsed();
        match &self.form {
            Form::Quiet => {}
            Form::Json => self.json("done"),
            Form::Lines => eprint_line(&format!("{:>8} {summary} in {:.1} s", self.stage, elapsed.as_secs_f64())),
            Form::Bar(bar) => {
                bar.finish_and_clear();
                eprint_line(&format!("{:>8} {summary} in {:.1} s", self.stage, elapsed.as_secs_f64()));
            }
        }
    }

    /// Bytes where their total is known, else items.
    fn share(&self) -> (u64, u64) {
        match (self.last.bytes_total, self.last.items_total) {
            (Some(total), _) => (self.last.bytes, total),
            (None, Some(total)) => (self.last.items, total),
            (None, None) => (0, 0),
        }
    }

    fn rate(&self) -> f64 {
        self.last.bytes as f64 / self.started.elapsed().as_secs_f64().max(0.001)
    }

    /// Time left, once there is enough to tell it from.
    fn left(&self) -> Option<Duration> {
        let (done, total) = self.share();
        let elapsed = self.started.elapsed();
        if done == 0 || total < done || elapsed < Duration::from_secs(1) {
            return None;
        }
        Some(elapsed.mul_f64((total - done) as f64 / done as f64))
    }

    fn words(&self) -> String {
        let step = self.last;
        let unit = if step.unit.is_empty() { "items" } else { step.unit };
        let mut words = match (step.bytes_total, step.items_total) {
            (Some(total), _) => format!("{} of {}, ", HumanBytes(step.bytes), HumanBytes(total)),
            (None, Some(total)) if step.bytes == 0 => format!("{} of ", HumanCount(step.items.min(total))),
            (None, _) => format!("{}, ", HumanBytes(step.bytes)),
        };
        let counted = if step.bytes == 0 { step.items_total.unwrap_or(step.items) } else { step.items };
        words.push_str(&format!("{} {unit}", HumanCount(counted)));
        if step.bytes > 0 {
            words.push_str(&format!(", {}/s", HumanBytes(self.rate() as u64)));
        }
        if let Some(left) = self.left() {
            words.push_str(&format!(", {} left", HumanDuration(left)));
        }
        if step.failures > 0 {
            words.push_str(&format!(", {} failed", HumanCount(step.failures)));
        }
        words
    }

    fn line(&self) {
        eprint_line(&format!("{:>8} {}", self.stage, self.words()));
    }

    fn json(&self, event: &str) {
        let step = self.last;
        let line = serde_json::json!({
            "event": event, "stage": self.stage, "bytes": step.bytes, "bytes_total": step.bytes_total,
            "items": step.items, "items_total": step.items_total, "failures": step.failures,
            "bytes_per_second": self.rate() as u64, "elapsed_ms": self.started.elapsed().as_millis() as u64,
            "left_ms": self.left().map(|left| left.as_millis() as u64),
        });
        print_line(&line.to_string());
    }
}

/// Prints to standard output; a closed pipe is the reader's choice, not an error.
pub(crate) fn print_line(line: &str) {
    let mut out = std::io::stdout().lock();
    let _closed = writeln!(out, "{line}").is_err();
}

/// Prints to standard error.
pub(crate) fn eprint_line(line: &str) {
    let mut out = std::io::stderr().lock();
    let _closed = writeln!(out, "{line}").is_err();
}
