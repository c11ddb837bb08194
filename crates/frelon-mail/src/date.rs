//! Dates of mail: RFC 5322 section 3.3 with the obsolete forms of 4.3, and what senders wrote
//! instead: asctime, ISO 8601, dashes, missing seconds, AM and PM, junk around them.

use frelon_model::{Instant, ZonedInstant};

/// 1971-01-01T00:00:00Z: the year of the first network mail. Earlier dates are clocks that were
/// never set.
const FIRST_MAIL: Instant = Instant(31_536_000);
/// Words of a date that are looked at; real ones have eight.
const WORDS_MAX: usize = 40;

/// Whether mail can have been sent then: not before 1971, not after `limit` (usually the time of
/// intake, with some grace).
#[must_use]
pub fn date_is_possible(sent: Instant, limit: Instant) -> bool {
    (FIRST_MAIL..=limit).contains(&sent)
}

/// Reads a date. `None` when no day, month and year can be found.
#[must_use]
pub fn parse_date(text: &str) -> Option<ZonedInstant> {
    let mut parts = Parts::default();
    let mut depth = 0usize;
    let mut words = 0;
    let separated = |letter: char| {
        match letter {
            '(' => depth += 1,
            ')' => {
                depth = depth.saturating_sub(1);
                return true;
            }
            _ => {}
        }
        depth > 0 || letter.is_whitespace() || matches!(letter, ',' | ';' | '"' | '<' | '>')
    };
    for word in text.split(separated).filter(|word| !word.is_empty()) {
        words += 1;
        if words > WORDS_MAX {
            break;
        }
        parts.take(word);
    }
    parts.finish()
}

#[derive(Default)]
struct Parts {
    day: Option<i64>,
    month: Option<i8>,
    year: Option<i64>,
    /// Hour, minute, second.
    time: Option<(i64, i64, i64)>,
    is_afternoon: Option<bool>,
    offset_minutes: Option<i16>,
}

impl Parts {
    fn take(&mut self, word: &str) {
        let first = word.as_bytes()[0];
        if first.is_ascii_digit() {
            self.take_number(word);
        } else if matches!(first, b'+' | b'-') {
            if self.time.is_some() && self.offset_minutes.is_none() {
                self.offset_minutes = numeric_offset(word);
            }
        } else {
            self.take_name(word);
        }
    }

    fn take_number(&mut self, word: &str) {
        if let Some((date, time)) = word.split_once(['T', 't'])
            && date.contains('-')
        {
            self.take_dashed(date);
            self.take_time(time);
        } else if word.contains(':') {
            self.take_time(word);
        } else if word.contains(['-', '/']) {
            self.take_dashed(word);
        } else if word.matches('.').count() == 2 {
            // 31.12.2001 is a date, 10.30.00 after one a time of day.
            if self.day.is_some() {
                self.take_time(&word.replace('.', ":"));
            } else {
                self.take_dashed(&word.replace('.', "-"));
            }
        } else {
            let digits = word.trim_end_matches(|letter: char| !letter.is_ascii_digit());
            let Ok(number) = digits.parse::<i64>() else { return };
            let is_year = digits.len() >= 3 || self.day.is_some();
            if is_year && self.year.is_none() {
                self.year = Some(full_year(number, digits.len()));
            } else if self.day.is_none() && (1..=31).contains(&number) {
                self.day = Some(number);
            }
        }
    }

    /// `12-Jan-2001`, `2001-01-12`, `12/Jan/01`, and the all-numeric forms that have one reading.
    fn take_dashed(&mut self, word: &str) {
        let mut pieces = word.split(['-', '/']);
        let (Some(first), Some(second), Some(third)) = (pieces.next(), pieces.next(), pieces.next()) else { return };
        let number = |text: &str| text.parse::<i64>().ok();
        let (day, month, year) = if first.len() == 4 {
            (number(third), number(second), number(first))
        } else {
            let year = number(third).map(|year| full_year(year, third.len()));
            match (month_of(second), number(first), number(second)) {
                (Some(month), day, _) => (day, Some(i64::from(month)), year),
                (None, Some(day), Some(month)) if day > 12 || day == month => (Some(day), Some(month), year),
                (None, Some(month), Some(day)) if day > 12 => (Some(day), Some(month), year),
                // 01/02/2001 is two different days, by country: not guessed.
                _ => return,
            }
        };
        if let (Some(day), Some(month), Some(year)) = (day, month.and_then(|month| i8::try_from(month).ok()), year) {
            (self.day, self.month, self.year) = (Some(day), Some(month), Some(year));
        }
    }

    fn take_time(&mut self, word: &str) {
        if self.time.is_some() {
            return;
        }
        let end =
            word.find(|letter: char| !letter.is_ascii_digit() && letter != ':' && letter != '.').unwrap_or(word.len());
        let (clock, zone) = word.split_at(end);
        let mut pieces = clock.split([':', '.']).map(|piece| piece.parse::<i64>().ok());
        let (Some(Some(hour)), Some(Some(minute))) = (pieces.next(), pieces.next()) else { return };
        let second = pieces.next().flatten().unwrap_or(0);
        if hour <= 24 && minute < 60 && second <= 60 {
            self.time = Some((hour, minute, second));
            if !zone.is_empty() {
                self.take(zone);
            }
        }
    }

    fn take_name(&mut self, word: &str) {
        if word.eq_ignore_ascii_case("AM") || word.eq_ignore_ascii_case("PM") {
            self.is_afternoon = Some(word.as_bytes()[0].eq_ignore_ascii_case(&b'p'));
        } else if self.month.is_none()
            && let Some(month) = month_of(word)
        {
            self.month = Some(month);
            // `Jan-12-2001`
            for rest in word.split('-').skip(1).filter(|rest| !rest.is_empty()) {
                self.take_number(rest);
            }
        } else if self.time.is_some() && self.offset_minutes.is_none() {
            self.offset_minutes = named_offset(word);
        }
    }

    fn finish(self) -> Option<ZonedInstant> {
        let year = i16::try_from(self.year?).ok()?;
        let day = i8::try_from(self.day?).ok()?;
        let (mut hour, minute, second) = self.time.unwrap_or((0, 0, 0));
        match self.is_afternoon {
            Some(true) if hour < 12 => hour += 12,
            Some(false) if hour == 12 => hour = 0,
            _ => {}
        }
        let midnight = Instant::from_date(year, self.month?, day)?;
        let offset_minutes = self.offset_minutes.unwrap_or(0);
        let at = Instant(midnight.0 + hour * 3600 + minute * 60 + second - i64::from(offset_minutes) * 60);
        Some(ZonedInstant { at, offset_minutes })
    }
}

/// Years of two and three digits (RFC 5322 section 4.3).
fn full_year(year: i64, digits: usize) -> i64 {
    match digits {
        0..=2 if year < 50 => year + 2000,
        0..=3 => year + 1900,
        _ => year,
    }
}

/// Month by the first three letters of its English name.
fn month_of(word: &str) -> Option<i8> {
    const MONTHS: &[u8; 36] = b"janfebmaraprmayjunjulaugsepoctnovdec";
    let start: [u8; 3] = word.as_bytes().get(..3)?.try_into().ok()?;
    let start = start.map(|byte| byte.to_ascii_lowercase());
    let place = MONTHS.chunks_exact(3).position(|month| month == start)?;
    i8::try_from(place + 1).ok()
}

/// `+0130`, `-05:00`, `+2`; what cannot be an offset counts as UTC, like `-0000`.
fn numeric_offset(word: &str) -> Option<i16> {
    let (sign, rest) = word.split_at(1);
    let digits: String = rest.chars().filter(|letter| *letter != ':').take_while(char::is_ascii_digit).collect();
    let number: i16 = digits.parse().ok()?;
    let (hours, minutes) = if digits.len() <= 2 { (number, 0) } else { (number / 100, number % 100) };
    if hours > 14 || minutes > 59 {
        return Some(0);
    }
    let minutes = hours * 60 + minutes;
    Some(if sign == "-" { -minutes } else { minutes })
}

/// Zones by name: RFC 5322 section 4.3 and those seen in mail. The single letters of RFC 822 were
/// defined with the wrong sign and count as UTC; unknown words are no zone.
fn named_offset(word: &str) -> Option<i16> {
    let end = word.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(word.len());
    let (name, rest) = word.split_at(end);
    let name = name.to_ascii_uppercase();
    if matches!(name.as_str(), "GMT" | "UTC" | "UT") && rest.starts_with(['+', '-']) {
        return numeric_offset(rest);
    }
    let minutes = match name.as_str() {
        "GMT" | "UTC" | "UT" | "Z" | "WET" => 0,
        "BST" | "CET" | "MET" | "WEST" | "MEZ" => 60,
        "CEST" | "MEST" | "EET" | "MESZ" | "SAST" => 120,
        "EEST" | "MSK" | "TRT" => 180,
        "MSD" => 240,
        "IST" => 330,
        "SGT" | "HKT" => 480,
        "JST" | "KST" => 540,
        "AEST" => 600,
        "AEDT" => 660,
        "NZST" => 720,
        "NZDT" => 780,
        "NDT" => -150,
        "NST" => -210,
        "ADT" => -180,
        "EDT" | "AST" => -240,
        "EST" | "CDT" => -300,
        "CST" | "MDT" => -360,
        "MST" | "PDT" => -420,
        "PST" => -480,
        "HST" => -600,
        _ if name.len() == 1 => 0,
        _ => return None,
    };
    Some(minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str, offset_minutes: i16) {
        let date = parse_date(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!((date.at.to_rfc3339().as_str(), date.offset_minutes), (expected, offset_minutes), "{text}");
    }

    #[test]
    fn standard_and_obsolete_forms() {
        check("Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T15:55:06Z", -360);
        check("21 Nov 97 09:55:06 GMT", "1997-11-21T09:55:06Z", 0);
        check("Thu, 13 Feb 1969 23:32 -0330 (Newfoundland Time)", "1969-02-14T03:02:00Z", -210);
        check("Wed, 31 Dec 1979 16:00:00 -0800 (PST)", "1980-01-01T00:00:00Z", -480);
        check("Mon, 1 Jan 01 00:00 EST", "2001-01-01T05:00:00Z", -300);
        check("1 Jan 101 00:00:00 Z", "2001-01-01T00:00:00Z", 0);
    }

    #[test]
    fn other_forms() {
        check("Mon Jan  2 15:04:05 2006", "2006-01-02T15:04:05Z", 0);
        check("Mon Jan  2 15:04:05 EST 2006", "2006-01-02T20:04:05Z", -300);
        check("2016-10-07T14:03:00+02:00", "2016-10-07T12:03:00Z", 120);
        check("2016-10-07 14:03:00Z", "2016-10-07T14:03:00Z", 0);
        check("12-Jan-2001 10:00:00 +0100", "2001-01-12T09:00:00Z", 60);
        check("Monday, January 15, 2001 9:15 PM", "2001-01-15T21:15:00Z", 0);
        check("Tue, 3 Apr 2007 10:00:00 GMT+0300", "2007-04-03T07:00:00Z", 180);
        check("31.12.2001 10.30.15", "2001-12-31T10:30:15Z", 0);
        check("Sat, 31 Dec 2016 23:59:60 +0000", "2017-01-01T00:00:00Z", 0);
        check("Tue, 1 Jul 2003 10:52:37 +9999", "2003-07-01T10:52:37Z", 0);
    }

    #[test]
    fn what_has_no_one_reading_is_refused() {
        for text in
            ["", "yesterday", "01/02/2001", "31 Feb 2001 00:00:00", "32 Jan 2001", "Jan 2001", "99999999999999999999"]
        {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn possible_dates() {
        let limit = Instant(1_700_000_000);
        assert!(date_is_possible(Instant(1_000_000_000), limit));
        assert!(!date_is_possible(Instant(0), limit));
        assert!(!date_is_possible(Instant(1_700_000_001), limit));
    }
}
