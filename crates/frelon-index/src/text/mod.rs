//! Text analysis: folding, tokens, languages, stems, stop words. Pure functions, used alike when
//! the index is made, when it is searched and when snippets are cut.

mod fold;
mod token;

pub use fold::fold;
pub use token::{TOKEN_BYTES_MAX, Token, Tokenizer, is_open, tokens_of_query_word};
