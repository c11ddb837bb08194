//! Any text as a query: it is understood or refused at a place; what is understood prints to a text
//! that is understood the same, and can be said in words. The same text is cut into tokens.
#![no_main]

use frelon_index::{
    query::{Explanation, parse, print},
    text::{TOKEN_BYTES_MAX, Tokenizer, fold, language, tokens_of_query_word},
};
use frelon_model::limits::QUERY_BYTES_MAX;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    match parse(&text) {
        Ok(query) => {
            let printed = print(&query);
            if printed.len() <= QUERY_BYTES_MAX {
                assert_eq!(parse(&printed).as_ref(), Ok(&query), "{printed}");
            }
            assert!(!Explanation::of(&query).to_words().is_empty());
        }
        Err(error) => {
            assert!(text.get(error.start..error.end).is_some(), "points into the query");
            assert!(!error.to_string().is_empty());
        }
    }
    let mut tokens = Tokenizer::new(&text);
    let mut last = 0;
    while let Some(token) = tokens.advance() {
        assert!(!token.text.is_empty() && token.text.len() <= TOKEN_BYTES_MAX);
        assert!(token.start >= last && token.start < token.end, "starts never go back");
        assert!(text.get(token.start..token.end).is_some());
        last = token.start;
    }
    let once = fold(&text);
    assert_eq!(fold(&once), once, "folding twice changes nothing");
    assert!(tokens_of_query_word(&text).iter().all(|token| !token.is_empty()));
    let _ = language::detect(&text);
});
