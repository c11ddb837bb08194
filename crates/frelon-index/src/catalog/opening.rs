//! Openings, packed: a proof needs the very line that was committed to, and most of it is in the
//! catalog already.
//!
//! One byte says what follows: 0 the salt and the name; 1 the salt, the date and the name; 2 the line as it
//! is, where another program spelled it differently than this one would.

use frelon_model::{ContentHash, Instant};
use frelon_public::Opening;

const UNDATED: u8 = 0;
const DATED: u8 = 1;
const WHOLE: u8 = 2;

/// The packed form of an opening and its line.
pub(crate) fn pack(opening: &Opening, line: &[u8]) -> Vec<u8> {
    if opening.to_line().as_bytes() != line {
        return [&[WHOLE][..], line].concat();
    }
    let name = opening.name.as_bytes();
    match opening.date {
        Some(date) => [&[DATED][..], &opening.salt, &date.0.to_be_bytes(), name].concat(),
        None => [&[UNDATED][..], &opening.salt, name].concat(),
    }
}

/// The line again; `None` when the packed form is damaged.
pub(crate) fn unpack(packed: &[u8], content: ContentHash, size_bytes: u64, media_type: &str) -> Option<Vec<u8>> {
    let (kind, rest) = packed.split_first()?;
    if *kind == WHOLE {
        return Some(rest.to_vec());
    }
    let (salt, rest) = rest.split_first_chunk::<32>()?;
    let (date, name) = match *kind {
        UNDATED => (None, rest),
        DATED => {
            let (date, name) = rest.split_first_chunk::<8>()?;
            (Some(Instant(i64::from_be_bytes(*date))), name)
        }
        _ => return None,
    };
    let name = std::str::from_utf8(name).ok()?.to_owned();
    let media_type = media_type.to_owned();
    let opening = Opening { salt: *salt, content, size_bytes, media_type, name, date };
    Some(opening.to_line().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_as_they_were() {
        let content = ContentHash([7; 32]);
        for date in [None, Some(Instant(1_475_848_980)), Some(Instant(-1))] {
            for name in ["", "a \"b\".pdf", "é"] {
                let media_type = "message/rfc822".to_owned();
                let opening = Opening { salt: [9; 32], content, size_bytes: 12, media_type, name: name.into(), date };
                let own = opening.to_line();
                for line in [own.clone(), own.replacen(':', ": ", 1)] {
                    let packed = pack(&opening, line.as_bytes());
                    let again = unpack(&packed, content, 12, "message/rfc822");
                    assert_eq!(again.as_deref(), Some(line.as_bytes()));
                }
            }
        }
        for damaged in [&b""[..], b"\0short", b"\x01", b"\x09xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"] {
            assert_eq!(unpack(damaged, content, 1, "x/y"), None);
        }
    }
}
