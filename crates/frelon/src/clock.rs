//! The only clock of the command line; every crate below is told the time.

use frelon_model::Instant;

#[cfg(feature = "desk")]
use crate::failure::{Failure, Kind};

/// Now, by this machine.
pub(crate) fn now() -> Instant {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Instant(since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX)))
}

/// A day as `2019-05-01`.
#[cfg(feature = "desk")]
pub(crate) fn day(text: &str) -> Result<Instant, Failure> {
    let mut parts = text.splitn(3, '-').map(str::parse::<i16>);
    let date = match (parts.next(), parts.next(), parts.next()) {
        (Some(Ok(year)), Some(Ok(month)), Some(Ok(day))) => i8::try_from(month)
            .ok()
            .zip(i8::try_from(day).ok())
            .and_then(|(month, day)| Instant::from_date(year, month, day)),
        _ => None,
    };
    date.ok_or_else(|| Failure::message(Kind::Usage, format!("`{text}` is not a date")).hint("write it as 2019-05-01"))
}
