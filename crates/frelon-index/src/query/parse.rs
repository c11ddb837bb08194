//! Tokens to [`Query`]. `AND` binds closer than `OR`; words side by side are all wanted.

use frelon_model::limits::{QUERY_BYTES_MAX, QUERY_CLAUSES_MAX, QUERY_DEPTH_MAX};

use super::ast::Query;
use super::error::{QueryError, QueryErrorKind};
use super::field::Field;
use super::lex::{Token, TokenKind, tokens};
use super::value::{Written, clause};

/// Reads a query. Blank text finds everything. Takes time linear in the length, which is bounded.
///
/// # Errors
/// When the query cannot be understood; the error points at the place and says what to write.
pub fn parse(text: &str) -> Result<Query, QueryError> {
    if text.len() > QUERY_BYTES_MAX {
        let start = text.floor_char_boundary(QUERY_BYTES_MAX);
        return Err(QueryError { kind: QueryErrorKind::TooLong { max: QUERY_BYTES_MAX }, start, end: text.len() });
    }
    if text.trim().is_empty() {
        return Ok(Query::All);
    }
    let whole = |kind| QueryError { kind, start: 0, end: text.len() };
    let mut parser = Parser { tokens: tokens(text)?, at: 0, clauses: 0, everything: false, end: text.len() };
    let query = parser.alternatives(None, 0)?;
    if let Some(token) = parser.peek() {
        // Alternatives stop at a `)` or at the end.
        return Err(error_at(token, QueryErrorKind::UnopenedParenthesis));
    }
    let query = query.ok_or_else(|| whole(QueryErrorKind::NoWords))?;
    if query.is_only_negative() && !parser.everything {
        return Err(whole(QueryErrorKind::OnlyNegations));
    }
    Ok(query)
}

struct Parser<'q> {
    tokens: Vec<Token<'q>>,
    at: usize,
    clauses: usize,
    /// Whether `*` was written, so that a query of negations alone is meant.
    everything: bool,
    end: usize,
}

fn error_at(token: Token<'_>, kind: QueryErrorKind) -> QueryError {
    QueryError { kind, start: token.start, end: token.end }
}

fn dangling(token: Token<'_>) -> QueryError {
    let operator = match token.kind {
        TokenKind::And => "AND",
        TokenKind::Or => "OR",
        _ if token.end - token.start == 1 => "-",
        _ => "NOT",
    };
    error_at(token, QueryErrorKind::DanglingOperator { operator: operator.to_owned() })
}

impl<'q> Parser<'q> {
    fn peek(&self) -> Option<Token<'q>> {
        self.tokens.get(self.at).copied()
    }

    /// Whether an operand can start here.
    fn has_operand(&self) -> bool {
        !matches!(self.peek().map(|token| token.kind), None | Some(TokenKind::Close | TokenKind::And | TokenKind::Or))
    }

    /// `a b OR c d`; `None` when only punctuation stands there.
    fn alternatives(&mut self, field: Option<Field>, depth: usize) -> Result<Option<Query>, QueryError> {
        let mut parts = Vec::new();
        loop {
            parts.extend(self.conjunction(field, depth)?);
            match self.peek() {
                Some(token) if token.kind == TokenKind::Or => {
                    self.at += 1;
                    if !self.has_operand() {
                        return Err(dangling(token));
                    }
                }
                _ => break,
            }
        }
        Ok((!parts.is_empty()).then(|| Query::or(parts)))
    }

    /// `a b AND c`.
    fn conjunction(&mut self, field: Option<Field>, depth: usize) -> Result<Option<Query>, QueryError> {
        let mut parts = Vec::new();
        if let Some(token) = self.peek()
            && matches!(token.kind, TokenKind::And | TokenKind::Or)
        {
            return Err(dangling(token));
        }
        loop {
            while self.has_operand() {
                parts.extend(self.operand(field, depth)?);
            }
            match self.peek() {
                Some(token) if token.kind == TokenKind::And => {
                    self.at += 1;
                    if !self.has_operand() {
                        return Err(dangling(token));
                    }
                }
                _ => break,
            }
        }
        Ok((!parts.is_empty()).then(|| Query::and(parts)))
    }

    /// `NOT a`, `field:a`, `(a)`, `"a"`, `a`.
    fn operand(&mut self, field: Option<Field>, depth: usize) -> Result<Option<Query>, QueryError> {
        let mut negated = false;
        while let Some(token) = self.peek().filter(|token| token.kind == TokenKind::Not) {
            negated = !negated;
            self.at += 1;
            if !self.has_operand() {
                return Err(dangling(token));
            }
        }
        let query = self.primary(field, depth)?;
        Ok(if negated { query.map(Query::negated) } else { query })
    }

    fn primary(&mut self, field: Option<Field>, depth: usize) -> Result<Option<Query>, QueryError> {
        let Some(token) = self.peek() else { return Ok(None) };
        self.at += 1;
        match token.kind {
            TokenKind::Open => self.group(token, field, depth),
            TokenKind::Field(inner) => match self.peek() {
                Some(next) if next.kind == TokenKind::Open => {
                    self.at += 1;
                    self.group(next, Some(inner), depth)
                }
                Some(value) => {
                    self.at += 1;
                    let found = self.written(Some(inner), value)?;
                    let kind = QueryErrorKind::MissingValue { field: inner.name().to_owned() };
                    found.map(Some).ok_or(QueryError { kind, start: token.start, end: value.end })
                }
                // The lexer lets no field through without a value.
                None => Ok(None),
            },
            TokenKind::Everything => {
                self.everything = true;
                Ok(Some(Query::All))
            }
            TokenKind::Run(_) | TokenKind::Quoted(..) => self.written(field, token),
            TokenKind::Close | TokenKind::And | TokenKind::Or | TokenKind::Not => Err(dangling(token)),
        }
    }

    fn group(&mut self, open: Token<'q>, field: Option<Field>, depth: usize) -> Result<Option<Query>, QueryError> {
        if depth >= QUERY_DEPTH_MAX {
            return Err(error_at(open, QueryErrorKind::TooDeep { max: QUERY_DEPTH_MAX }));
        }
        if let Some(close) = self.peek().filter(|token| token.kind == TokenKind::Close) {
            return Err(QueryError { kind: QueryErrorKind::EmptyGroup, start: open.start, end: close.end });
        }
        let inner = self.alternatives(field, depth + 1)?;
        if self.peek().is_none() {
            return Err(QueryError { kind: QueryErrorKind::UnclosedParenthesis, start: open.start, end: self.end });
        }
        self.at += 1;
        Ok(inner)
    }

    /// A run or a quotation as a clause; `None` when it has no words.
    fn written(&mut self, field: Option<Field>, token: Token<'q>) -> Result<Option<Query>, QueryError> {
        let written = match token.kind {
            TokenKind::Run(run) => Written::Run(run),
            TokenKind::Quoted(words, distance) => Written::Quoted(words, distance),
            _ => return Ok(None),
        };
        let Some(clause) = clause(field, written).map_err(|kind| error_at(token, kind))? else { return Ok(None) };
        self.clauses += 1;
        if self.clauses > QUERY_CLAUSES_MAX {
            return Err(error_at(token, QueryErrorKind::TooManyClauses { max: QUERY_CLAUSES_MAX }));
        }
        Ok(Some(Query::Clause(clause)))
    }
}
