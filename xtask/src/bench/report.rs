//! The figures as a table for people and as JSON for the record.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use super::measure::Figures;

/// What a figure should be.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Target {
    /// At most this.
    Below(f64),
    /// At least this.
    Above(f64),
}

impl Target {
    pub(crate) fn below(limit: f64) -> Self {
        Self::Below(limit)
    }

    pub(crate) fn above(limit: f64) -> Self {
        Self::Above(limit)
    }

    fn is_met(self, value: f64) -> bool {
        match self {
            Self::Below(limit) => value <= limit,
            Self::Above(limit) => value >= limit,
        }
    }
}

#[derive(Debug, Serialize)]
struct Row {
    what: String,
    value: f64,
    unit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<Target>,
    #[serde(skip_serializing_if = "Option::is_none")]
    met: Option<bool>,
}

/// All figures of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    corpus: String,
    copies: u32,
    pub(crate) raw_bytes: u64,
    messages: u64,
    cores: usize,
    rows: Vec<Row>,
}

impl Report {
    pub(crate) fn new(corpus: &Path, copies: u32, raw_bytes: u64, messages: u64) -> Self {
        let corpus = corpus.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        Self { corpus, copies, raw_bytes, messages, cores, rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, what: &str, value: f64, unit: &'static str, target: Option<Target>) {
        let met = target.map(|target| target.is_met(value));
        self.rows.push(Row { what: what.to_owned(), value, unit, target, met });
    }

    /// The rows of one program that takes mail in.
    pub(crate) fn intake(&mut self, what: &str, figures: &Figures, disk_share: Option<f64>) {
        self.row(&format!("{what}, CPU"), figures.cpu_s, "s", None);
        let per_mb = 1000.0 * figures.cpu_s / (self.raw_bytes as f64 / 1e6);
        self.row(&format!("{what}, CPU per MB"), per_mb, "ms", None);
        self.row(&format!("{what}, time"), figures.wall_s, "s", None);
        if let Some(share) = disk_share {
            self.row(&format!("{what}, peak memory"), figures.peak_mb(), "MB", None);
            self.row(&format!("{what}, index on disk, of raw mail"), share, "%", None);
        }
    }

    pub(crate) fn to_json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    pub(crate) fn print(&self) {
        let megabytes = self.raw_bytes as f64 / 1e6;
        let Self { corpus, copies, messages, cores, .. } = self;
        println!("\n{corpus} x {copies}: {messages} messages, {megabytes:.1} MB, {cores} cores\n");
        for row in &self.rows {
            let digits = if row.value.abs() < 10.0 { 3 } else { 1 };
            let (sign, limit, mark) = match row.target {
                None => ("", String::new(), ""),
                Some(target) => {
                    let (sign, limit) = match target {
                        Target::Below(limit) => ("<=", limit),
                        Target::Above(limit) => (">=", limit),
                    };
                    (sign, limit.to_string(), if row.met == Some(true) { "pass" } else { "MISS" })
                }
            };
            println!("{:<48} {:>12.digits$} {:<3} {sign:>3} {limit:<8} {mark}", row.what, row.value, row.unit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_judged() {
        let mut report = Report::new(Path::new("a/b.mbox"), 1, 1_000_000, 10);
        report.row("fast", 1.0, "ms", Some(Target::below(2.0)));
        report.row("slow", 1.0, "/s", Some(Target::above(2.0)));
        let json = report.to_json().expect("numbers and strings");
        assert!(json.contains("\"corpus\": \"b.mbox\""), "{json}");
        assert_eq!(report.rows.iter().map(|row| row.met).collect::<Vec<_>>(), [Some(true), Some(false)]);
    }
}
