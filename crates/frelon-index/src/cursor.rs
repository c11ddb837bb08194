//! Cursors of paged lists: opaque to readers, short, and checked when they come back.

use crate::{catalog::RowKey, error::ReadError, fulltext::Place};

/// Longest person key accepted in a cursor.
const KEY_BYTES_MAX: usize = 1_024;

pub(crate) fn print_date_place(sorted_at: Option<i64>, key: RowKey) -> String {
    match sorted_at {
        Some(at) => format!("{:x}-{:x}", at.cast_unsigned(), key.0),
        None => format!("-{:x}", key.0),
    }
}

pub(crate) fn parse_date_place(text: &str) -> Result<(Option<i64>, RowKey), ReadError> {
    let (at, key) = text.split_once('-').ok_or(ReadError::Cursor)?;
    let at = if at.is_empty() { None } else { Some(number(at)?.cast_signed()) };
    Ok((at, RowKey(number(key)?)))
}

pub(crate) fn print_place(place: Place) -> String {
    format!("{:x}-{:x}", place.rank, place.key)
}

pub(crate) fn parse_place(text: &str) -> Result<Place, ReadError> {
    let (rank, key) = text.split_once('-').ok_or(ReadError::Cursor)?;
    Ok(Place { rank: number(rank)?, key: number(key)? })
}

pub(crate) fn print_person_place(count: u64, key: &str) -> String {
    format!("{count:x}-{}", hex::encode(key))
}

pub(crate) fn parse_person_place(text: &str) -> Result<(u64, String), ReadError> {
    let (count, key) = text.split_once('-').ok_or(ReadError::Cursor)?;
    if key.len() > 2 * KEY_BYTES_MAX {
        return Err(ReadError::Cursor);
    }
    let key = hex::decode(key).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(ReadError::Cursor)?;
    Ok((number(count)?, key))
}

fn number(text: &str) -> Result<u64, ReadError> {
    u64::from_str_radix(text, 16).map_err(|_| ReadError::Cursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_round_trip_and_reject_others() {
        for at in [None, Some(-5), Some(i64::MAX)] {
            let text = print_date_place(at, RowKey(77));
            assert_eq!(parse_date_place(&text).expect("ours"), (at, RowKey(77)));
        }
        let place = Place { rank: u64::MAX, key: 3 };
        assert_eq!(parse_place(&print_place(place)).expect("ours"), place);
        let (count, key) = parse_person_place(&print_person_place(9, "ann@b.example")).expect("ours");
        assert_eq!((count, key.as_str()), (9, "ann@b.example"));
        for wrong in ["", "x", "1", "g-1", "1-zz", "--", "ffffffffffffffffff-1"] {
            assert!(parse_place(wrong).is_err(), "{wrong}");
            assert!(parse_person_place(wrong).is_err(), "{wrong}");
        }
    }
}
