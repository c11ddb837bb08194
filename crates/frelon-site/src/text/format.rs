//! Numbers, sizes and dates as people write them.

use frelon_model::{Instant, YearMonth, ZonedInstant};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Words;

/// What stays as it is in a path segment or a query value: RFC 3986 unreserved characters, `@`, `:`.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@').remove(b':');

/// A text as one path segment or one query value.
pub(crate) fn percent_encode(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string()
}

/// Steps of sizes, each a thousand times the one before, as disks and networks count.
const SIZE_UNITS: [&str; 5] = ["size-bytes", "size-kb", "size-mb", "size-gb", "size-tb"];

/// A number of things, however a template holds it.
pub(crate) trait Count {
    /// As the widest number.
    fn count(&self) -> u64;
}

impl Count for u64 {
    fn count(&self) -> u64 {
        *self
    }
}

impl Count for u32 {
    fn count(&self) -> u64 {
        u64::from(*self)
    }
}

impl Count for usize {
    fn count(&self) -> u64 {
        u64::try_from(*self).unwrap_or(u64::MAX)
    }
}

impl<T: Count> Count for &T {
    fn count(&self) -> u64 {
        T::count(self)
    }
}

impl Words {
    /// `58,660`.
    pub(crate) fn number(&self, number: impl Count) -> String {
        let digits = number.count().to_string();
        let mark = self.t("number-group");
        let mut out = String::with_capacity(digits.len() + digits.len() / 3 * mark.len());
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                out.push_str(mark);
            }
            out.push(digit);
        }
        out
    }

    /// `1.4 MB`.
    pub(crate) fn size(&self, size_bytes: impl Count) -> String {
        let mut whole = size_bytes.count();
        let mut rest = 0;
        let mut unit = 0;
        while whole >= 1_000 && unit + 1 < SIZE_UNITS.len() {
            rest = whole % 1_000;
            whole /= 1_000;
            unit += 1;
        }
        let tenth = rest / 100;
        let shown = if unit > 0 && whole < 10 && tenth > 0 {
            format!("{whole}{}{tenth}", self.t("number-decimal"))
        } else {
            whole.to_string()
        };
        self.of(SIZE_UNITS[unit], shown)
    }

    /// The name of a month, 1 to 12, as within a date.
    pub(crate) fn month_name(&self, month: i8) -> &str {
        const KEYS: [&str; 12] = [
            "month-1", "month-2", "month-3", "month-4", "month-5", "month-6", "month-7", "month-8", "month-9",
            "month-10", "month-11", "month-12",
        ];
        KEYS.get(usize::try_from(month).unwrap_or(1).saturating_sub(1)).map_or("", |key| self.t(key))
    }

    /// `October 2016`.
    pub(crate) fn month(&self, month: YearMonth) -> String {
        let year = month.year.to_string();
        self.with("date-month", [("month", self.month_name(month.month).into()), ("year", year.into())])
    }

    /// `7 October 2016`, in UTC.
    pub(crate) fn date(&self, at: Instant) -> String {
        self.civil_date(at.civil().date())
    }

    /// `7 October 2016`.
    pub(crate) fn civil_date(&self, date: jiff::civil::Date) -> String {
        let day = self.find(&format!("day-{}", date.day())).map_or_else(|| date.day().to_string(), str::to_owned);
        let month = self.month_name(date.month());
        self.with("date-day", [("day", day.into()), ("month", month.into()), ("year", date.year().to_string().into())])
    }

    /// `7 October 2016, 14:03 UTC`.
    pub(crate) fn moment(&self, at: Instant) -> String {
        let civil = at.civil();
        let time = format!("{:02}:{:02} UTC", civil.hour(), civil.minute());
        self.with("date-moment", [("date", self.civil_date(civil.date()).into()), ("time", time.into())])
    }

    /// `7 October 2016, 14:03 (UTC+02:00)`: the sender's clock and the sender's zone.
    pub(crate) fn zoned(&self, at: ZonedInstant) -> String {
        let civil = at.civil();
        let time = format!("{:02}:{:02} ({})", civil.hour(), civil.minute(), offset(at.offset_minutes));
        self.with("date-moment", [("date", self.civil_date(civil.date()).into()), ("time", time.into())])
    }

    /// The name of a language by its ISO 639-1 code, or the code itself.
    pub(crate) fn language(&self, code: &str) -> String {
        self.find(&format!("language-{code}")).unwrap_or(code).to_owned()
    }
}

/// `UTC+02:00`, or `UTC`.
fn offset(minutes: i16) -> String {
    if minutes == 0 {
        return "UTC".to_owned();
    }
    let sign = if minutes < 0 { '−' } else { '+' };
    let minutes = minutes.unsigned_abs();
    format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// `2016-10-07T14:03:00+02:00`, for `<time datetime>`.
pub(crate) fn machine_time(at: ZonedInstant) -> String {
    let civil = at.civil();
    let sign = if at.offset_minutes < 0 { '-' } else { '+' };
    let minutes = at.offset_minutes.unsigned_abs();
    let (hour, minute, second) = (civil.hour(), civil.minute(), civil.second());
    format!("{}T{hour:02}:{minute:02}:{second:02}{sign}{:02}:{:02}", civil.date(), minutes / 60, minutes % 60)
}
