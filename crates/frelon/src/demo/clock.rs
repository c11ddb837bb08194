//! The story's calendar: civil dates, the time zones its people live in, and the forms in which mail programs write them.

use super::cast::Language;

/// Seconds in a day.
pub(super) const DAY: i64 = 86_400;

/// Where somebody's clock hangs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zone {
    /// Two hours east of UTC, three in summer.
    Kessara,
    /// UTC, one hour east in summer.
    London,
    Utc,
}

/// An instant and the offset its author's clock showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    /// Seconds since 1970-01-01 UTC.
    pub(super) unix: i64,
    pub(super) offset_minutes: i64,
}

/// What a wall clock and a wall calendar show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Civil {
    pub(super) year: i64,
    pub(super) month: usize,
    pub(super) day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    /// 0 is Sunday.
    pub(super) weekday: usize,
}

/// Days since 1970-01-01 of a date of the Gregorian calendar (Howard Hinnant's algorithm).
pub(super) fn days(year: i64, month: usize, day: i64) -> i64 {
    let month = month as i64;
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let shifted = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil(local_seconds: i64) -> Civil {
    let day_number = local_seconds.div_euclid(DAY);
    let rest = local_seconds.rem_euclid(DAY);
    let shifted = day_number + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted - era * 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    Civil {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month: month as usize,
        day: day_of_year - (153 * month_from_march + 2) / 5 + 1,
        hour: rest / 3_600,
        minute: rest / 60 % 60,
        second: rest % 60,
        weekday: (day_number + 4).rem_euclid(7) as usize,
    }
}

/// The last Sunday of a month, as a day number.
fn last_sunday(year: i64, month: usize) -> i64 {
    let last = days(year, month + 1, 1) - 1;
    last - (last + 4).rem_euclid(7)
}

impl Zone {
    /// Minutes east of UTC on a local date; summer time runs from the last Sunday of March to that of October.
    fn offset_minutes(self, day_number: i64, year: i64) -> i64 {
        let summer = day_number >= last_sunday(year, 3) && day_number < last_sunday(year, 10);
        match self {
            Zone::Kessara => 120 + 60 * i64::from(summer),
            Zone::London => 60 * i64::from(summer),
            Zone::Utc => 0,
        }
    }

    /// The moment when a clock in this zone shows `seconds` after midnight of a day number.
    pub(super) fn at(self, day_number: i64, seconds: i64) -> Moment {
        let local = day_number * DAY + seconds;
        let offset_minutes = self.offset_minutes(day_number, civil(local).year);
        Moment { unix: local - offset_minutes * 60, offset_minutes }
    }

    /// The same instant as a clock in this zone shows it.
    pub(super) fn view(self, moment: Moment) -> Moment {
        let civil = civil(moment.unix);
        Moment { unix: moment.unix, offset_minutes: self.offset_minutes(moment.unix.div_euclid(DAY), civil.year) }
    }
}

const DAYS_EN: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const DAYS_FR: [&str; 7] = ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const MONTHS_TR: [&str; 12] =
    ["Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran", "Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım", "Aralık"];
const MONTHS_AR: [&str; 12] =
    ["يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"];

impl Moment {
    pub(super) fn civil(self) -> Civil {
        civil(self.unix + self.offset_minutes * 60)
    }

    pub(super) fn plus(self, seconds: i64) -> Moment {
        Moment { unix: self.unix + seconds, ..self }
    }

    /// RFC 5322 section 3.3.
    pub(super) fn rfc5322(self) -> String {
        let c = self.civil();
        let (sign, offset) =
            if self.offset_minutes < 0 { ('-', -self.offset_minutes) } else { ('+', self.offset_minutes) };
        format!(
            "{}, {} {} {} {:02}:{:02}:{:02} {sign}{:02}{:02}",
            &DAYS_EN[c.weekday][..3],
            c.day,
            &MONTHS_EN[c.month - 1][..3],
            c.year,
            c.hour,
            c.minute,
            c.second,
            offset / 60,
            offset % 60
        )
    }

    /// The date of an mbox separator, in UTC (RFC 4155).
    pub(super) fn asctime(self) -> String {
        let c = civil(self.unix);
        format!(
            "{} {} {:2} {:02}:{:02}:{:02} {}",
            &DAYS_EN[c.weekday][..3],
            &MONTHS_EN[c.month - 1][..3],
            c.day,
            c.hour,
            c.minute,
            c.second,
            c.year
        )
    }

    /// The day as people write it in a letter.
    pub(super) fn day_in(self, language: Language) -> String {
        let c = self.civil();
        let month = match language {
            Language::English => MONTHS_EN[c.month - 1],
            Language::French => MONTHS_FR[c.month - 1],
            Language::Turkish => MONTHS_TR[c.month - 1],
            Language::Arabic => MONTHS_AR[c.month - 1],
        };
        let ordinal = if language == Language::French && c.day == 1 { "er" } else { "" };
        format!("{}{ordinal} {month} {}", c.day, c.year)
    }

    pub(super) fn weekday_in(self, language: Language) -> &'static str {
        match language {
            Language::French => DAYS_FR[self.civil().weekday],
            _ => DAYS_EN[self.civil().weekday],
        }
    }

    /// Hours and minutes, `18:42`.
    pub(super) fn clock(self) -> String {
        let c = self.civil();
        format!("{:02}:{:02}", c.hour, c.minute)
    }

    /// The UTC form of iCalendar, `20170621T164200Z` (RFC 5545 section 3.3.5).
    pub(super) fn icalendar(self) -> String {
        let c = civil(self.unix);
        format!("{:04}{:02}{:02}T{:02}{:02}{:02}Z", c.year, c.month, c.day, c.hour, c.minute, c.second)
    }
}

/// `2017-06-21 18:42` in a zone.
pub(super) fn parse(text: &str, zone: Zone) -> Option<Moment> {
    let (date, time) = text.trim().split_once(' ')?;
    let mut date = date.split('-');
    let year = date.next()?.parse().ok()?;
    let month = date.next()?.parse().ok()?;
    let day = date.next()?.parse().ok()?;
    let (hour, minute) = time.split_once(':')?;
    let seconds = hour.parse::<i64>().ok()? * 3_600 + minute.parse::<i64>().ok()? * 60;
    Some(zone.at(days(year, month, day), seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summer_time_follows_the_zone() {
        let winter = parse("2018-01-14 19:05", Zone::Kessara).unwrap();
        assert_eq!(winter.rfc5322(), "Sun, 14 Jan 2018 19:05:00 +0200");
        let summer = parse("2017-06-21 18:42", Zone::Kessara).unwrap();
        assert_eq!(summer.rfc5322(), "Wed, 21 Jun 2017 18:42:00 +0300");
        assert_eq!(summer.asctime(), "Wed Jun 21 15:42:00 2017");
        assert_eq!(summer.icalendar(), "20170621T154200Z");
        assert_eq!(summer.day_in(Language::Turkish), "21 Haziran 2017");
    }
}
