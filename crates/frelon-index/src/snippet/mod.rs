//! Cutting snippets: the pieces of a text that show best why it was found.

mod find;
mod text;

use std::collections::BTreeSet;

use hashbrown::HashMap;

use crate::search::SnippetPiece;

pub(crate) use find::Matcher;
use find::{Place, Scanner};
pub(crate) use text::{Text, Texts};

/// Bytes of a text that are looked at: a snippet from beyond a megabyte helps nobody.
const TEXT_BYTES_MAX: usize = 1 << 20;
/// Windows a snippet may consist of.
const WINDOWS_MAX: usize = 3;

/// The best pieces of a text, about `max_chars` characters in all: those with most of what is looked
/// for, the earliest of them, cut between sentences or words. Text left out is marked with `…`;
/// white space is one space. Without a match it is the beginning of the text.
pub(crate) fn snippet(text: &str, matcher: &Matcher, max_chars: usize) -> Vec<SnippetPiece> {
    let text = &text[..text.floor_char_boundary(TEXT_BYTES_MAX)];
    let places = Scanner::new(matcher).places(text);
    let windows = if places.is_empty() { vec![beginning(text, max_chars)] } else { windows(text, &places, max_chars) };
    pieces(text, &windows, &places)
}

/// A stretch of the text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Window {
    start: usize,
    end: usize,
}

/// As few windows as show most of what was found.
fn windows(text: &str, places: &[Place], max_chars: usize) -> Vec<Window> {
    let all: BTreeSet<usize> = places.iter().map(|place| place.target).collect();
    let mut best: (usize, Vec<(usize, usize)>) = (0, Vec::new());
    for count in 1..=WINDOWS_MAX {
        let mut shown = BTreeSet::new();
        let mut spans = Vec::new();
        for _ in 0..count {
            let Some(span) = span(places, max_chars / count, &shown) else { break };
            shown.extend(places[span.0..=span.1].iter().map(|place| place.target));
            spans.push(span);
        }
        if shown.len() > best.0 {
            best = (shown.len(), spans);
        }
        if best.0 == all.len() {
            break;
        }
    }
    let spans = best.1;
    let budget = max_chars / spans.len().max(1);
    let mut windows: Vec<_> = spans.iter().map(|span| widen(text, places, *span, budget)).collect();
    windows.sort_unstable_by_key(|window| window.start);
    windows.dedup_by(|next, kept| {
        let joins = next.start <= kept.end;
        kept.end = if joins { kept.end.max(next.end) } else { kept.end };
        joins
    });
    windows
}

/// The first and last place of the stretch of at most `budget` characters with the greatest weight
/// of targets not yet shown; the earliest of equals. `None` when nothing new is there.
fn span(places: &[Place], budget: usize, shown: &BTreeSet<usize>) -> Option<(usize, usize)> {
    let mut counts: HashMap<usize, usize> = HashMap::new();
    let mut best = (0, 0, 0);
    let (mut left, mut weight) = (0, 0);
    for right in 0..places.len() {
        let place = &places[right];
        let count = counts.entry(place.target).or_default();
        if *count == 0 && !shown.contains(&place.target) {
            weight += place.weight;
        }
        *count += 1;
        while left < right && place.last.saturating_sub(places[left].first) > budget {
            let leaving = &places[left];
            if let Some(count) = counts.get_mut(&leaving.target) {
                *count -= 1;
                if *count == 0 && !shown.contains(&leaving.target) {
                    weight -= leaving.weight;
                }
            }
            left += 1;
        }
        if weight > best.0 {
            best = (weight, left, right);
        }
    }
    (best.0 > 0).then_some((best.1, best.2))
}

/// Gives a span what is left of its budget: a third before, the rest after, to where a sentence or a
/// word begins or ends.
fn widen(text: &str, places: &[Place], (left, right): (usize, usize), budget: usize) -> Window {
    let (from, to) = (places[left], places[right]);
    let used = to.last.saturating_sub(from.first).min(budget);
    let spare = budget - used;
    let earliest = back(text, from.start, spare / 3);
    let lead = &text[earliest..from.start];
    let start = if earliest == 0 {
        0
    } else if let Some(sentence) = sentence_start(lead) {
        earliest + sentence
    } else {
        // The space itself goes with the rest below; it may be wider than a byte (U+00A0).
        earliest + lead.find(char::is_whitespace).unwrap_or(0)
    };
    let start = start + (text[start..from.start].len() - text[start..from.start].trim_start().len());
    let latest = forward(text, start, budget).max(start);
    let end = if latest >= text.len() {
        text.len()
    } else {
        // Cut a place only where it alone is longer than the window.
        let after = to.end.min(latest);
        let tail = &text[after..latest];
        let whole = text[latest..].starts_with(char::is_whitespace);
        if whole { latest } else { after + tail.rfind(char::is_whitespace).unwrap_or(tail.len()) }
    };
    Window { start, end }
}

/// The beginning of a text, to the end of a word.
fn beginning(text: &str, max_chars: usize) -> Window {
    let start = text.len() - text.trim_start().len();
    let latest = forward(text, start, max_chars);
    let whole = text[latest..].chars().next().is_none_or(char::is_whitespace);
    let end =
        if whole { latest } else { text[start..latest].rfind(char::is_whitespace).map_or(latest, |end| start + end) };
    Window { start, end }
}

/// Where the last sentence that begins in a stretch begins.
fn sentence_start(lead: &str) -> Option<usize> {
    let mut start = None;
    let mut ended = false;
    let mut newline = false;
    for (at, letter) in lead.char_indices() {
        match letter {
            '。' | '！' | '？' => start = Some(at + letter.len_utf8()),
            '.' | '!' | '?' | '؟' | '।' => ended = true,
            '\n' if newline => start = Some(at + 1),
            '\n' | ' ' | '\t' | '\r' if ended => {
                start = Some(at + 1);
                ended = false;
            }
            _ => ended = false,
        }
        newline = letter == '\n' || newline && letter.is_whitespace();
    }
    start
}

fn back(text: &str, at: usize, chars: usize) -> usize {
    text[..at].char_indices().rev().take(chars).last().map_or(at, |(start, _)| start)
}

fn forward(text: &str, at: usize, chars: usize) -> usize {
    text[at..].char_indices().nth(chars).map_or(text.len(), |(offset, _)| at + offset)
}

/// Writes the windows as pieces.
fn pieces(text: &str, windows: &[Window], places: &[Place]) -> Vec<SnippetPiece> {
    let mut out = Pieces::default();
    let mut place = 0;
    for (index, window) in windows.iter().enumerate() {
        let before = if index == 0 { &text[..window.start] } else { "x" };
        if !before.trim().is_empty() {
            out.push(if index == 0 { "… " } else { " … " }, false);
        }
        let mut at = window.start;
        while let Some(found) = places.get(place).filter(|found| found.start < window.end) {
            place += 1;
            let end = found.end.min(window.end);
            if end <= at {
                continue;
            }
            // Places overlap where pairs of characters do: what is marked grows.
            let start = found.start.max(at);
            out.push(&text[at..start], false);
            out.push(&text[start..end], true);
            at = end;
        }
        out.push(&text[at..window.end], false);
    }
    let end = windows.last().map_or(0, |window| window.end);
    if !text[end..].trim().is_empty() {
        out.push(" …", false);
    }
    out.pieces
}

/// Pieces under way; white space is made one space, control characters are left out.
#[derive(Default)]
struct Pieces {
    pieces: Vec<SnippetPiece>,
    spaced: bool,
}

impl Pieces {
    fn push(&mut self, text: &str, matched: bool) {
        let mut clean = String::with_capacity(text.len());
        for letter in text.chars() {
            if letter.is_whitespace() {
                if !self.spaced {
                    clean.push(' ');
                }
                self.spaced = true;
            } else if !letter.is_control() {
                clean.push(letter);
                self.spaced = false;
            }
        }
        if clean.is_empty() {
            return;
        }
        match self.pieces.last_mut().filter(|last| last.matched == matched) {
            Some(last) => last.text.push_str(&clean),
            None => self.pieces.push(SnippetPiece { text: clean, matched }),
        }
    }
}

#[cfg(test)]
mod tests;
