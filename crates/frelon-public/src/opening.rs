//! Openings: the small JSON object that says what an item is, and by whose hash it is committed.
//!
//! `C = SHA-256(opening bytes)` hides everything until the opening is published, because of its 32
//! random bytes of salt. The bytes are hashed as stored; nothing is ever put into a canonical form.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use frelon_model::{ContentHash, Instant, limits::OPENING_BYTES_MAX};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The version this crate writes and reads.
const VERSION: u64 = 1;

/// What an item is: one line of `openings.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// 32 random bytes, independent for each item.
    pub salt: [u8; 32],
    /// SHA-256 of the published bytes.
    pub content: ContentHash,
    /// Their number.
    pub size_bytes: u64,
    /// Media type (RFC 6838), such as `message/rfc822`.
    pub media_type: String,
    /// A file name for people; may be empty.
    pub name: String,
    /// When the item was made, as far as is known.
    pub date: Option<Instant>,
}

/// A line that is no opening.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpeningError {
    /// Longer than is read.
    #[error("an opening of more than {OPENING_BYTES_MAX} bytes")]
    TooLong,
    /// Not JSON, or not with these members.
    #[error("not an opening: {0}")]
    Json(#[from] serde_json::Error),
    /// A version from the future.
    #[error("an opening of version {0}, which this version does not know")]
    Version(u64),
    /// `salt` is not the base64 of 32 bytes.
    #[error("the salt of an opening is not 32 bytes in base64")]
    Salt,
    /// `date` is not what we write.
    #[error("the date of an opening is not RFC 3339 in UTC")]
    Date,
}

#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    v: u64,
    #[serde(borrow)]
    salt: Cow<'a, str>,
    content: ContentHash,
    len: u64,
    #[serde(rename = "type", borrow)]
    media_type: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    date: Option<Cow<'a, str>>,
}

impl Opening {
    /// The line as it is stored, without its newline.
    #[must_use]
    pub fn to_line(&self) -> String {
        let stored = Stored {
            v: VERSION,
            salt: BASE64.encode(self.salt).into(),
            content: self.content,
            len: self.size_bytes,
            media_type: self.media_type.as_str().into(),
            name: self.name.as_str().into(),
            date: self.date.map(|date| date.to_rfc3339().into()),
        };
        serde_json::to_string(&stored).expect("strings and numbers always serialise")
    }

    /// Reads a line, without its newline. Members this version does not know are passed over.
    ///
    /// # Errors
    /// When the line is no opening.
    pub fn parse(line: &[u8]) -> Result<Self, OpeningError> {
        if line.len() > OPENING_BYTES_MAX {
            return Err(OpeningError::TooLong);
        }
        let stored: Stored<'_> = serde_json::from_slice(line)?;
        if stored.v != VERSION {
            return Err(OpeningError::Version(stored.v));
        }
        let salt = BASE64.decode(stored.salt.as_bytes()).ok().and_then(|salt| salt.try_into().ok());
        let date = match stored.date {
            Some(text) => Some(from_rfc3339(&text).ok_or(OpeningError::Date)?),
            None => None,
        };
        Ok(Self {
            salt: salt.ok_or(OpeningError::Salt)?,
            content: stored.content,
            size_bytes: stored.len,
            media_type: stored.media_type.into_owned(),
            name: stored.name.into_owned(),
            date,
        })
    }
}

/// The commitment to an opening: SHA-256 of its line without the newline.
#[must_use]
pub fn commitment(line: &[u8]) -> ContentHash {
    ContentHash(Sha256::digest(line).into())
}

/// Reads what [`Instant::to_rfc3339`] writes: UTC, whole seconds, years before 0 with a sign.
pub(crate) fn from_rfc3339(text: &str) -> Option<Instant> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (date, time) = rest.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.split('-');
    let year = sign * i64::from(digits(date.next()?, 3..=4)?);
    let month = digits(date.next()?, 2..=2)?;
    let day = digits(date.next()?, 2..=2)?;
    let mut time = time.split(':');
    let hour = digits(time.next()?, 2..=2)?;
    let minute = digits(time.next()?, 2..=2)?;
    let second = digits(time.next()?, 2..=2)?;
    if date.next().is_some() || time.next().is_some() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = days_since_epoch(year, month, day)?;
    Some(Instant(days * 86_400 + i64::from(hour * 3600 + minute * 60 + second)))
}

/// Days from 1970-01-01 to a day of the proleptic Gregorian calendar; `None` if there is no such day.
fn days_since_epoch(year: i64, month: u32, day: u32) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        1..=12 => 31,
        _ => return None,
    };
    if day == 0 || day > length {
        return None;
    }
    // Years that begin in March put the leap day last; 719,468 days lie between 0000-03-01 and 1970.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let day_of_year = i64::from((153 * month + 2) / 5 + day - 1);
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(year * 365 + leap_days + day_of_year - 719_468)
}

fn digits(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let plain = length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// `#[serde(with)]` for instants in the manifest.
pub(crate) mod rfc3339 {
    use super::{Instant, from_rfc3339};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(at: &Instant, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&at.to_rfc3339())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Instant, D::Error> {
        let text = String::deserialize(deserializer)?;
        from_rfc3339(&text).ok_or_else(|| D::Error::custom("not an RFC 3339 date and time in UTC"))
    }
}

/// `#[serde(with)]` for instants in the manifest that may be left out.
pub(crate) mod rfc3339_present {
    use super::{Instant, rfc3339};
    use serde::{Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(at: &Option<Instant>, serializer: S) -> Result<S::Ok, S::Error> {
        at.map(Instant::to_rfc3339).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Instant>, D::Error> {
        rfc3339::deserialize(deserializer).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Opening {
        Opening {
            salt: [7; 32],
            content: ContentHash([0xab; 32]),
            size_bytes: 42,
            media_type: "message/rfc822".to_owned(),
            name: "Brücke \"1\"\n.eml".to_owned(),
            date: Some(Instant(1_475_848_980)),
        }
    }

    #[test]
    fn the_line_is_as_the_format_says() {
        let line = Opening { name: "a.eml".to_owned(), ..sample() }.to_line();
        assert_eq!(
            line,
            "{\"v\":1,\"salt\":\"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\",\"content\":\
             \"abababababababababababababababababababababababababababababababab\",\"len\":42,\
             \"type\":\"message/rfc822\",\"name\":\"a.eml\",\"date\":\"2016-10-07T14:03:00Z\"}"
        );
    }

    #[test]
    fn lines_round_trip() {
        for opening in [sample(), Opening { date: None, name: String::new(), ..sample() }] {
            let line = opening.to_line();
            assert!(!line.contains('\n'));
            assert_eq!(Opening::parse(line.as_bytes()).expect("our own line"), opening);
        }
    }

    #[test]
    fn dates_round_trip_and_others_are_refused() {
        for second in [-377_705_000_000, -62_200_000_000, -1, 0, 951_782_399, 253_402_000_000] {
            let at = Instant(second);
            assert_eq!(from_rfc3339(&at.to_rfc3339()), Some(at), "{}", at.to_rfc3339());
        }
        for clamped in [i64::MIN, i64::MAX] {
            assert!(from_rfc3339(&Instant(clamped).to_rfc3339()).is_some());
        }
        for step in 0..5_000 {
            let at = Instant(-377_705_000_000 + step * 126_000_077);
            assert_eq!(from_rfc3339(&at.to_rfc3339()), Some(at), "{}", at.to_rfc3339());
        }
        for bad in [
            "",
            "2016-10-07",
            "2016-10-07T14:03:00",
            "2016-02-30T00:00:00Z",
            "2016-10-07T24:00:00Z",
            "2016-10-07T1:03:00Z",
            "+016-10-07T14:03:00Z",
            "2016-10-07T14:03:00Z ",
            "--16-10-07T14:03:00Z",
        ] {
            assert_eq!(from_rfc3339(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_no_opening_is_refused() {
        let line = sample().to_line();
        let long = format!("{}{}", " ".repeat(OPENING_BYTES_MAX), line);
        for bad in [
            "",
            "{}",
            "[]",
            &line[1..],
            &line.replace("\"v\":1", "\"v\":2"),
            &line.replace("Bwc=", "Bw=="),
            &line.replace("2016-", "2016:"),
            &long,
        ] {
            assert!(Opening::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
