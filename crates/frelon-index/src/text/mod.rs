//! Text analysis: folding, tokens, languages, stems, stop words. Pure functions, used alike when
//! the index is made, when it is searched and when snippets are cut.

mod fold;
pub mod language;
mod stem;
mod stop;
mod token;

pub use fold::fold;
pub use language::Lang;
pub use stem::{candidate_prefixes, same_stem, stem};
pub use stop::is_stop;
pub use token::{TOKEN_BYTES_MAX, Token, Tokenizer, is_open, tokens_of_query_word};
