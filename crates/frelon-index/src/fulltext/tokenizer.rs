//! Our own tokenizer in the shape that tantivy asks for.

use tantivy::{
    Index,
    tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer as IndexTokenizer},
};

use crate::text::Tokenizer;

/// Name under which the index knows it; part of the format.
pub(super) const NAME: &str = "frelon";

/// Makes the tokenizer known to an index that was opened.
pub(crate) fn register(index: &Index) {
    index.tokenizers().register(NAME, TextAnalyzer::from(Folding::default()));
}

#[derive(Clone, Default)]
struct Folding {
    token: Token,
}

struct FoldingStream<'a> {
    tokens: Tokenizer<'a>,
    token: &'a mut Token,
}

impl IndexTokenizer for Folding {
    type TokenStream<'a> = FoldingStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> FoldingStream<'a> {
        self.token.reset();
        FoldingStream { tokens: Tokenizer::new(text), token: &mut self.token }
    }
}

impl TokenStream for FoldingStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(found) = self.tokens.advance() else { return false };
        self.token.text.clear();
        self.token.text.push_str(found.text);
        self.token.position = found.position as usize;
        self.token.offset_from = found.start;
        self.token.offset_to = found.end;
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}
