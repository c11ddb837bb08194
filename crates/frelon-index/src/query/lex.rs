//! Query text to tokens.
//!
//! A *run* is a stretch without white space, quotation marks and parentheses. A run may begin with
//! `-` (not) and with `name:` (a field); what follows a field's colon is its value, untouched.

use super::ast::NEAR_WORDS_MAX;
use super::error::{QueryError, QueryErrorKind};
use super::field::Field;

/// Distance of `"words"~` without a number.
const NEAR_WORDS_DEFAULT: u32 = 5;

/// A token and the bytes it was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'q> {
    pub(super) kind: TokenKind<'q>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind<'q> {
    Open,
    Close,
    And,
    Or,
    Not,
    /// `*` by itself.
    Everything,
    /// A field and its colon; a [`TokenKind::Run`], a quotation or a group follows.
    Field(Field),
    /// A run, with whatever punctuation stands around the words.
    Run(&'q str),
    /// What stands between quotation marks, and the number after `~`.
    Quoted(&'q str, Option<u32>),
}

/// Whether a character can be part of a word; anything else around words is ignored.
pub(super) fn is_word_char(letter: char) -> bool {
    letter.is_alphanumeric()
}

/// Whether a character is a quotation mark: straight, typographic, angled, or full width.
pub(super) fn is_quote(letter: char) -> bool {
    matches!(letter, '"' | '“' | '”' | '„' | '‟' | '«' | '»' | '＂')
}

/// Whether a character ends a run.
pub(super) fn ends_run(letter: char) -> bool {
    letter.is_whitespace() || is_quote(letter) || matches!(letter, '(' | ')' | '（' | '）')
}

/// Whether a character opens a quotation or a group.
fn opens(letter: char) -> bool {
    is_quote(letter) || matches!(letter, '(' | '（')
}

/// A run without what stands before its first and after its last word character.
pub(super) fn bare(run: &str) -> &str {
    run.trim_matches(|letter| !is_word_char(letter))
}

/// Whether `=` stands right before the first word character of a run.
pub(super) fn is_exact(run: &str) -> bool {
    run.find(is_word_char).is_some_and(|first| run[..first].ends_with('='))
}

/// Splits a query into tokens; at most one per byte.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, QueryError> {
    let mut lexer = Lexer { text, at: 0, tokens: Vec::new() };
    while lexer.step()? {}
    Ok(lexer.tokens)
}

struct Lexer<'q> {
    text: &'q str,
    at: usize,
    tokens: Vec<Token<'q>>,
}

impl<'q> Lexer<'q> {
    fn rest(&self) -> &'q str {
        &self.text[self.at..]
    }

    fn push(&mut self, kind: TokenKind<'q>, length: usize) {
        self.tokens.push(Token { kind, start: self.at, end: self.at + length });
        self.at += length;
    }

    fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Reads one token or a field with its value; false at the end.
    fn step(&mut self) -> Result<bool, QueryError> {
        self.skip_space();
        let Some(first) = self.rest().chars().next() else { return Ok(false) };
        match first {
            '(' | '（' => self.push(TokenKind::Open, first.len_utf8()),
            ')' | '）' => self.push(TokenKind::Close, first.len_utf8()),
            _ if is_quote(first) => self.quotation(first)?,
            _ => self.run()?,
        }
        Ok(true)
    }

    fn quotation(&mut self, mark: char) -> Result<(), QueryError> {
        let body = &self.rest()[mark.len_utf8()..];
        let Some((length, closing)) = body.char_indices().find(|(_, letter)| is_quote(*letter)) else {
            let kind = QueryErrorKind::UnclosedQuote;
            return Err(QueryError { kind, start: self.at, end: self.text.len() });
        };
        let mut whole = mark.len_utf8() + length + closing.len_utf8();
        let mut distance = None;
        if let Some(after) = self.rest()[whole..].strip_prefix('~') {
            let digits = after.len() - after.trim_start_matches(|digit: char| digit.is_ascii_digit()).len();
            whole += 1 + digits;
            let value = if digits == 0 { Some(NEAR_WORDS_DEFAULT) } else { after[..digits].parse().ok() };
            let Some(value) = value.filter(|value| *value <= NEAR_WORDS_MAX) else {
                let kind = QueryErrorKind::TooFar { max: NEAR_WORDS_MAX };
                return Err(QueryError { kind, start: self.at, end: self.at + whole });
            };
            distance = Some(value);
        }
        self.push(TokenKind::Quoted(&body[..length], distance), whole);
        Ok(())
    }

    fn run(&mut self) -> Result<(), QueryError> {
        let rest = self.rest();
        let run = &rest[..rest.find(ends_run).unwrap_or(rest.len())];
        let dashes = run.len() - run.trim_start_matches('-').len();
        if dashes > 0 {
            // `-word` is not, `- word` and `--word` are punctuation.
            let next = rest[dashes..].chars().next();
            if dashes == 1 && next.is_some_and(|next| !ends_run(next) || opens(next)) {
                self.push(TokenKind::Not, 1);
            } else {
                self.at += dashes;
            }
            return Ok(());
        }
        let lead = run.find(is_word_char).unwrap_or(run.len());
        if !is_exact(run)
            && let Some((field, length)) = self.field_at(&run[lead..], self.at + lead)?
        {
            self.at += lead;
            self.push(TokenKind::Field(field), length);
            return self.value(field);
        }
        let kind = match operator(run) {
            Some(kind) => kind,
            None if lead == run.len() && run.contains('*') => TokenKind::Everything,
            None => TokenKind::Run(run),
        };
        self.push(kind, run.len());
        Ok(())
    }

    /// The field a run begins with, and the length of its name and colon.
    fn field_at(&self, run: &str, at: usize) -> Result<Option<(Field, usize)>, QueryError> {
        let length =
            run.len() - run.trim_start_matches(|letter: char| letter.is_ascii_alphabetic() || letter == '-').len();
        let (name, after) = run.split_at(length);
        let Some(colon) = after.chars().next().filter(|letter| matches!(letter, ':' | '：')) else { return Ok(None) };
        let whole = length + colon.len_utf8();
        if let Some(field) = Field::named(name) {
            return Ok(Some((field, whole)));
        }
        let value = self.text[at + whole..].chars().next();
        let has_value = value.is_some_and(|first| is_word_char(first) || opens(first) || "<>@=".contains(first));
        match Field::nearest(name).filter(|_| has_value) {
            Some(nearest) => {
                let kind = QueryErrorKind::UnknownField { name: name.to_owned(), nearest: nearest.name().to_owned() };
                Err(QueryError { kind, start: at, end: at + length })
            }
            None => Ok(None),
        }
    }

    /// The value after a field's colon: a run becomes a token here, quotations and groups later.
    /// White space before it is forgiven where what follows cannot be anything else.
    fn value(&mut self, field: Field) -> Result<(), QueryError> {
        let colon_end = self.at;
        self.skip_space();
        let rest = self.rest();
        let run = &rest[..rest.find(ends_run).unwrap_or(rest.len())];
        let next = rest[run.len()..].chars().next();
        let spaced = self.at > colon_end;
        let other = spaced && (run.starts_with('-') || operator(run).is_some() || begins_with_field(run));
        if run.is_empty() && next.is_some_and(opens) {
            return Ok(());
        }
        if run.is_empty() || other {
            let kind = QueryErrorKind::MissingValue { field: field.name().to_owned() };
            let start = self.tokens.last().map_or(0, |token| token.start);
            return Err(QueryError { kind, start, end: colon_end });
        }
        if run == "=" && next.is_some_and(is_quote) {
            // A quotation is in exact forms anyway.
            self.at += 1;
        } else {
            self.push(TokenKind::Run(run), run.len());
        }
        Ok(())
    }
}

/// The operator a run is; only upper case, since `or` and `and` are words of several languages.
fn operator(run: &str) -> Option<TokenKind<'static>> {
    let word = bare(run);
    let tail = run.rfind(is_word_char).map_or("", |last| &run[last..]);
    if is_exact(run) || tail.contains(['*', '~']) {
        return None;
    }
    match word {
        "AND" => Some(TokenKind::And),
        "OR" => Some(TokenKind::Or),
        "NOT" => Some(TokenKind::Not),
        _ => None,
    }
}

fn begins_with_field(run: &str) -> bool {
    run.find([':', '：']).is_some_and(|colon| Field::named(bare(&run[..colon])).is_some())
}
