//! Body text to blocks: own words, quotes, attributions, signatures, inline forwards.
//!
//! Told by the marks people and programs leave; nothing is thrown away but the marks themselves.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter};

use crate::{
    Block, BlockKind,
    attribution::{self, Opening},
};

/// Depth of quotes that is told apart.
const DEPTH_MAX: u8 = 100;
/// Lines an attribution may be folded over.
const ATTRIBUTION_LINES_MAX: usize = 3;

/// How lines of a body were broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As they stand.
    Fixed,
    /// At spaces, to be joined again (RFC 3676).
    Flowed { deletes_space: bool },
}

/// A line without its quote marks and line end.
#[derive(Clone, Copy)]
struct Line<'x> {
    depth: u8,
    text: &'x str,
}

/// Splits a text into blocks, after those that are there.
pub(crate) fn split(text: &str, form: Form, blocks: &mut Vec<Block>) {
    let ended = end_lines(text);
    // One look over all of it is cheaper than one at each line.
    let is_clean = !ended.bytes().fold(false, |dirty, byte| dirty | is_stray(byte));
    let mut splitter = Splitter { blocks, state: BlockKind::Own, form, is_soft: false, begins: true, is_clean };
    let mut rest = ended.as_ref();
    while !rest.is_empty() {
        rest = splitter.take(rest);
    }
    splitter.close();
}

/// Control characters that are no white space.
const fn is_stray(byte: u8) -> bool {
    (byte < 32 && byte != b'\t' && byte != b'\n' && byte != b'\r') || byte == 127
}

/// Lone carriage returns end lines too, as they did on old Macs.
fn end_lines(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let is_lone = |at: usize| !matches!(bytes.get(at + 1), Some(b'\n' | b'\r'));
    if !memchr_iter(b'\r', bytes).any(is_lone) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
}

struct Splitter<'b> {
    blocks: &'b mut Vec<Block>,
    /// What unquoted lines are at this point: own, signature or forwarded.
    state: BlockKind,
    form: Form,
    /// The last line ended softly: the next continues it.
    is_soft: bool,
    /// No line has been added to the last block yet.
    begins: bool,
    /// No control characters are in the text.
    is_clean: bool,
}

impl Splitter<'_> {
    /// Takes a line, or the lines of an attribution; gives the rest.
    fn take<'x>(&mut self, text: &'x str) -> &'x str {
        let (raw, rest) = cut_line(text);
        let mut line = unquote(raw, self.form);
        if self.state == BlockKind::Forwarded {
            // Within a forward all is shown as it stands.
            line = Line { depth: 0, text: raw };
        }
        if line.depth > 0 {
            if self.state == BlockKind::Signature {
                self.state = BlockKind::Own;
            }
            self.add(BlockKind::Quoted(line.depth), line.text);
            return rest;
        }
        if self.state != BlockKind::Forwarded && !line.text.is_empty() {
            match attribution::opening(line.text) {
                Opening::Forward => self.state = BlockKind::Forwarded,
                Opening::Header if attribution::is_header_run(text) => {
                    self.pull_sender();
                    self.state = BlockKind::Forwarded;
                }
                Opening::Attribution | Opening::Header => {
                    if let Some(rest) = self.take_attribution(text) {
                        return rest;
                    }
                }
                Opening::Signature => self.state = BlockKind::Signature,
                Opening::None => {}
            }
        }
        self.add(self.state, line.text);
        rest
    }

    /// Takes an attribution that begins here, if one does: at most three lines that end in a colon
    /// and say "wrote" in some language, or that stand right before a quote.
    fn take_attribution<'x>(&mut self, text: &'x str) -> Option<&'x str> {
        let mut rest = text;
        for _ in 0..ATTRIBUTION_LINES_MAX {
            let (line, after) = cut_line(rest);
            if line.trim().is_empty() || unquote(line, self.form).depth > 0 {
                return None;
            }
            if attribution::is_end(line) {
                let lines = text[..text.len() - after.len()].trim_end();
                let next = after.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
                let is_before_quote = unquote(next, self.form).depth > 0;
                if !attribution::is_attribution(lines, is_before_quote) {
                    return None;
                }
                self.state = BlockKind::Own;
                for line in lines.lines() {
                    self.is_soft = false;
                    self.add(BlockKind::Attribution, line.trim_end());
                }
                self.is_soft = false;
                return Some(after);
            }
            rest = after;
        }
        None
    }

    /// The line before `To:` may name the sender, as Lotus Notes writes it; it belongs to the
    /// forward then.
    fn pull_sender(&mut self) {
        let Some(last) = self.blocks.last_mut().filter(|block| block.kind == BlockKind::Own && !self.begins) else {
            return;
        };
        let trimmed = last.text.trim_end().len();
        let line_at = last.text[..trimmed].rfind('\n').map_or(0, |at| at + 1);
        if !attribution::is_sender_line(&last.text[line_at..trimmed]) {
            return;
        }
        let line = last.text[line_at..trimmed].to_owned();
        last.text.truncate(line_at);
        self.add(BlockKind::Forwarded, &line);
    }

    fn add(&mut self, kind: BlockKind, line: &str) {
        let is_same = self.blocks.last().is_some_and(|block| block.kind == kind) && !self.begins;
        if !is_same {
            if line.trim().is_empty() && kind != BlockKind::Signature && !matches!(kind, BlockKind::Quoted(_)) {
                // Empty lines between blocks belong to none.
                return;
            }
            self.close();
            self.blocks.push(Block { kind, text: String::new() });
        }
        let Form::Flowed { deletes_space } = self.form else {
            return self.push_line(line, is_same);
        };
        let joins = is_same && self.is_soft;
        self.is_soft = line.ends_with(' ') && line != "-- ";
        let line = if self.is_soft && deletes_space { &line[..line.len() - 1] } else { line };
        if joins {
            if let Some(block) = self.blocks.last_mut() {
                block.text.push_str(line);
            }
        } else {
            self.push_line(line, is_same);
        }
    }

    fn push_line(&mut self, line: &str, is_next: bool) {
        self.begins = false;
        if let Some(block) = self.blocks.last_mut() {
            if is_next {
                block.text.push('\n');
            }
            if self.is_clean {
                block.text.push_str(line);
            } else {
                block.text.extend(line.chars().filter(|letter| !letter.is_control() || *letter == '\t'));
            }
        }
    }

    /// Ends the last block: white space at its end goes, and all of it if nothing is left.
    fn close(&mut self) {
        if self.begins {
            return;
        }
        if let Some(last) = self.blocks.last_mut() {
            last.text.truncate(last.text.trim_end().len());
            if last.text.is_empty() {
                self.blocks.pop();
            }
        }
        self.begins = true;
    }
}

/// The first line without its line end, and the rest.
pub(crate) fn cut_line(text: &str) -> (&str, &str) {
    match memchr(b'\n', text.as_bytes()) {
        Some(end) => (text[..end].trim_end_matches('\r'), &text[end + 1..]),
        None => (text.trim_end_matches('\r'), ""),
    }
}

/// Takes the quote marks off: `>`, `> >`, `>>`. In flowed text also the stuffed space.
fn unquote(line: &str, form: Form) -> Line<'_> {
    let bytes = line.as_bytes();
    let mut at = 0;
    let mut depth = 0u8;
    loop {
        let spaces = usize::from(bytes.get(at) == Some(&b' ') && (depth > 0 || bytes.get(at + 1) == Some(&b'>')));
        if bytes.get(at + spaces) != Some(&b'>') || depth >= DEPTH_MAX {
            break;
        }
        at += spaces + 1;
        depth += 1;
    }
    let is_stuffed = bytes.get(at) == Some(&b' ') && (depth > 0 || matches!(form, Form::Flowed { .. }));
    Line { depth, text: &line[at + usize::from(is_stuffed)..] }
}

#[cfg(test)]
mod tests;
