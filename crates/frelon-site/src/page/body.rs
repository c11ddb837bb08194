//! The text of a message as pieces a template can show: own paragraphs first-class, quotes folded.

use frelon_mail::{Block, BlockKind};

use super::shell::Shell;

/// Lines of a quote that are shown unfolded: a short quote is what an answer answers to.
const QUOTE_OPEN_LINES_MAX: usize = 6;

/// A piece of a body.
pub(crate) struct Piece {
    /// How it is shown.
    pub(crate) kind: PieceKind,
    /// Its paragraphs.
    pub(crate) paragraphs: Vec<Paragraph>,
    /// What the folded form is called; empty for what is not folded.
    pub(crate) summary: String,
    /// Whether the fold starts open.
    pub(crate) open: bool,
}

/// How a piece is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PieceKind {
    /// The author's own words.
    Own,
    /// What introduces a quote.
    Attribution,
    /// Quoted from others; folded.
    Quoted,
    /// A message forwarded inline; folded but open.
    Forwarded,
    /// The signature.
    Signature,
}

/// Lines that belong together.
pub(crate) struct Paragraph {
    /// The lines, joined by line feeds.
    pub(crate) text: String,
    /// Whether columns must line up: a table or a drawing made of letters.
    pub(crate) fixed: bool,
}

impl Piece {
    /// Class of its element.
    pub(crate) fn class(&self) -> &'static str {
        match self.kind {
            PieceKind::Own => "own",
            PieceKind::Attribution => "attribution",
            PieceKind::Quoted => "quoted",
            PieceKind::Forwarded => "forwarded",
            PieceKind::Signature => "signature",
        }
    }

    /// Whether it is shown as a fold.
    pub(crate) fn folded(&self) -> bool {
        matches!(self.kind, PieceKind::Quoted | PieceKind::Forwarded)
    }
}

/// The pieces of a body. Quotes of different depth that follow each other are one piece.
pub(crate) fn pieces(s: &Shell, body: &[Block]) -> Vec<Piece> {
    let has_own = body.iter().any(|block| block.kind == BlockKind::Own && !block.text.trim().is_empty());
    let mut pieces: Vec<Piece> = Vec::new();
    for block in body {
        let kind = match block.kind {
            BlockKind::Own => PieceKind::Own,
            BlockKind::Attribution => PieceKind::Attribution,
            BlockKind::Quoted(_) => PieceKind::Quoted,
            BlockKind::Forwarded => PieceKind::Forwarded,
            BlockKind::Signature => PieceKind::Signature,
        };
        let paragraphs = paragraphs(&block.text);
        if paragraphs.is_empty() {
            continue;
        }
        match pieces.last_mut() {
            Some(last) if last.kind == kind && kind == PieceKind::Quoted => last.paragraphs.extend(paragraphs),
            _ => pieces.push(Piece { kind, paragraphs, summary: String::new(), open: false }),
        }
    }
    for piece in &mut pieces {
        let lines: usize = piece.paragraphs.iter().map(|one| one.text.lines().count()).sum();
        match piece.kind {
            PieceKind::Quoted => {
                piece.summary = s.n("quoted-lines", lines as u64);
                piece.open = lines <= QUOTE_OPEN_LINES_MAX || !has_own;
            }
            PieceKind::Forwarded => {
                piece.summary = s.n("forwarded-lines", lines as u64);
                piece.open = true;
            }
            _ => {}
        }
    }
    pieces
}

fn paragraphs(text: &str) -> Vec<Paragraph> {
    let mut all = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    let mut close = |lines: &mut Vec<&str>| {
        if !lines.is_empty() {
            all.push(Paragraph { text: lines.join("\n"), fixed: needs_columns(lines) });
            lines.clear();
        }
    };
    for line in text.lines() {
        if line.trim().is_empty() {
            close(&mut lines);
        } else {
            lines.push(line.trim_end());
        }
    }
    close(&mut lines);
    all
}

/// Whether two lines or more, and a third of all, are set out in columns.
fn needs_columns(lines: &[&str]) -> bool {
    let columned = |line: &&&str| {
        let inner = line.trim_start();
        let bars = inner.matches('|').count() >= 2 || inner.starts_with("+--");
        bars || inner.contains('\t')
            || inner.match_indices("   ").any(|(at, _)| !inner[..at].ends_with(['.', '!', '?']))
    };
    let count = lines.iter().filter(columned).count();
    count >= 2 && count * 3 >= lines.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::shell::Reader;

    fn block(kind: BlockKind, text: &str) -> Block {
        Block { kind, text: text.to_owned() }
    }

    #[test]
    fn long_quotes_fold_and_short_ones_stay_open() {
        let shell = Shell::new(Reader::for_test("en", "/"), String::new(), String::new());
        let long = "line\n".repeat(12);
        let body = [
            block(BlockKind::Own, "Yes.\n\nNo."),
            block(BlockKind::Quoted(1), &long),
            block(BlockKind::Quoted(2), "older"),
            block(BlockKind::Own, "\n"),
            block(BlockKind::Quoted(1), "short"),
        ];
        let pieces = pieces(&shell, &body);
        let shape: Vec<_> = pieces.iter().map(|piece| (piece.class(), piece.paragraphs.len(), piece.open)).collect();
        assert_eq!(shape, [("own", 2, false), ("quoted", 3, false)]);
        assert_eq!(pieces[1].summary, "Quoted text, 14 lines");
    }

    #[test]
    fn only_tables_are_set_in_columns() {
        assert!(needs_columns(&["Lot    Price", "A      12", "B      15"]));
        assert!(!needs_columns(&["Dear Ann,", "thank you.   See you", "soon."]));
    }
}
