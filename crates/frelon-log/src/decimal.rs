//! Numbers as all log formats write them: ASCII decimal without leading zeroes.

/// Reads such a number; `None` for a sign, a leading zero, or more than fits.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = text == "0" || !text.starts_with('0');
    if plain && canonical { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_for_each_number() {
        for number in [0, 1, 9, 10, 255, 20_852_163, u64::MAX] {
            assert_eq!(parse(&number.to_string()), Some(number));
        }
        for bad in ["", "00", "01", "+1", "-1", " 1", "1 ", "1_0", "0x1", "١", "18446744073709551616"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
