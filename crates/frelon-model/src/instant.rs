//! Points in time. Everything is kept in UTC; the zone a sender claimed is kept beside it.

use jiff::{Timestamp, civil, tz::Offset};
use serde::{Deserialize, Serialize};

/// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted; years -9999 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(pub i64);

/// An instant together with the offset from UTC in which it was stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ZonedInstant {
    /// The instant itself.
    pub at: Instant,
    /// Offset east of UTC, in minutes, as claimed.
    pub offset_minutes: i16,
}

/// A month of the proleptic Gregorian calendar, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct YearMonth {
    /// Year, astronomical numbering.
    pub year: i16,
    /// Month, 1 to 12.
    pub month: i8,
}

impl Instant {
    /// Start of a day in UTC; `None` if there is no such day.
    #[must_use]
    pub fn from_date(year: i16, month: i8, day: i8) -> Option<Self> {
        let date = civil::Date::new(year, month, day).ok()?;
        let at = Offset::UTC.to_timestamp(date.to_datetime(civil::Time::midnight())).ok()?;
        Some(Self(at.as_second()))
    }

    /// The civil date and time in UTC; instants out of range are clamped.
    #[must_use]
    pub fn civil(self) -> civil::DateTime {
        let range = Timestamp::MIN.as_second()..=Timestamp::MAX.as_second();
        let second = self.0.clamp(*range.start(), *range.end());
        let at = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
        Offset::UTC.to_datetime(at)
    }

    /// The month this instant lies in.
    #[must_use]
    pub fn year_month(self) -> YearMonth {
        let civil = self.civil();
        YearMonth { year: civil.year(), month: civil.month() }
    }

    /// `2016-10-07T14:03:00Z` (RFC 3339).
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        let civil = self.civil();
        format!("{}T{:02}:{:02}:{:02}Z", self.date(), civil.hour(), civil.minute(), civil.second())
    }

    /// `2016-10-07`.
    #[must_use]
    pub fn date(self) -> String {
        let civil = self.civil();
        format!("{:04}-{:02}-{:02}", civil.year(), civil.month(), civil.day())
    }
}

impl ZonedInstant {
    /// The civil date and time in the claimed zone.
    #[must_use]
    pub fn civil(self) -> civil::DateTime {
        Instant(self.at.0.saturating_add(i64::from(self.offset_minutes) * 60)).civil()
    }
}

impl YearMonth {
    /// First second of the month.
    #[must_use]
    pub fn start(self) -> Option<Instant> {
        Instant::from_date(self.year, self.month, 1)
    }

    /// The month after this one.
    #[must_use]
    pub fn next(self) -> Self {
        if self.month >= 12 {
            Self { year: self.year + 1, month: 1 }
        } else {
            Self { year: self.year, month: self.month + 1 }
        }
    }
}

impl std::fmt::Display for YearMonth {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:04}-{:02}", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_print_in_utc() {
        let at = Instant::from_date(2016, 10, 7).expect("a real day");
        assert_eq!(at.to_rfc3339(), "2016-10-07T00:00:00Z");
        assert_eq!(at.year_month().to_string(), "2016-10");
        assert_eq!(Instant::from_date(2015, 2, 29), None);
    }

    #[test]
    fn far_instants_are_clamped_not_fatal() {
        assert!(Instant(i64::MAX).to_rfc3339().starts_with("9999-12-"));
        assert!(Instant(i64::MIN).to_rfc3339().starts_with("-9999-01-"));
    }

    #[test]
    fn december_is_followed_by_january() {
        assert_eq!(YearMonth { year: 2016, month: 12 }.next(), YearMonth { year: 2017, month: 1 });
    }
}
