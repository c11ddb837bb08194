//! Texts with choices: `{one|another}`, `{3..9}`, nested at will.

use crate::demo::rng::Dice;

/// One reading of a text.
pub(super) fn read(dice: &mut Dice, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let Some(close) = matching(&rest[open..]) else {
            // An unclosed brace is only a brace.
            out.push_str(&rest[open..]);
            return out;
        };
        let inside = &rest[open + 1..open + close];
        out.push_str(&choice(dice, inside));
        rest = &rest[open + close + 1..];
    }
    out.push_str(rest);
    out
}

/// Where the brace at the start of `text` closes.
fn matching(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (place, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return Some(place),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn choice(dice: &mut Dice, inside: &str) -> String {
    let range = inside.split_once("..").and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
    if let Some((low, high)) = range {
        return dice.between(low, high).to_string();
    }
    let mut options = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (place, c) in inside.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            '|' if depth == 0 => {
                options.push(&inside[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    options.push(&inside[start..]);
    let chosen = dice.pick(&options).to_string();
    read(dice, &chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_and_numbers() {
        let mut dice = Dice::new(7);
        for _ in 0..50 {
            let text = read(&mut dice, "a {b|c {3..4}} d");
            assert!(["a b d", "a c 3 d", "a c 4 d"].contains(&text.as_str()), "{text}");
        }
        assert_eq!(read(&mut dice, "left { open"), "left { open");
    }
}
