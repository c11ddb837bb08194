//! Latencies of searches, in the server and over HTTP.

use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::{measure::percentile, server::Server};

/// Times each query is measured, after one time that warms.
const ROUNDS: usize = 3;
/// Slow queries that are shown.
const SHOWN: usize = 5;

/// What the searches took.
pub(crate) struct Times {
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) http_p50_ms: f64,
    /// The slowest queries of the last round.
    pub(crate) slowest: Vec<(String, f64)>,
}

#[derive(Deserialize)]
struct Found {
    took_us: u64,
}

/// Sends every query once to warm, then in rounds.
pub(crate) fn measure(server: &Server, queries: &[String]) -> Result<Times> {
    let (mut inside, mut outside, mut slowest) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        for query in queries {
            let started = Instant::now();
            let answer = server.get(&format!("/api/v1/search?q={}", encode(query)))?;
            let http_ms = started.elapsed().as_secs_f64() * 1000.0;
            if answer.status != 200 {
                bail!("the query `{query}` was answered with {}", answer.status);
            }
            let found: Found =
                serde_json::from_slice(&answer.body).with_context(|| format!("the answer to `{query}`"))?;
            let ms = found.took_us as f64 / 1000.0;
            if round > 0 {
                inside.push(ms);
                outside.push(http_ms);
            }
            if round == ROUNDS {
                slowest.push((query.clone(), ms));
            }
        }
    }
    inside.sort_by(f64::total_cmp);
    outside.sort_by(f64::total_cmp);
    slowest.sort_by(|a, b| b.1.total_cmp(&a.1));
    slowest.truncate(SHOWN);
    Ok(Times {
        p50_ms: percentile(&inside, 0.5),
        p99_ms: percentile(&inside, 0.99),
        http_p50_ms: percentile(&outside, 0.5),
        slowest,
    })
}

/// Percent-encodes a query for an address (RFC 3986 section 2).
fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    #[test]
    fn queries_are_encoded() {
        assert_eq!(super::encode("\"a b\" -c*"), "%22a%20b%22%20-c%2A");
    }
}
