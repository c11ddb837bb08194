use proptest::prelude::*;

use super::*;
use crate::text::tokens_of_query_word;

fn words(words: &[&str]) -> Matcher {
    Matcher { exact: words.iter().map(|word| (*word).to_owned()).collect(), ..Matcher::default() }
}

fn phrase(text: &str) -> Matcher {
    Matcher { phrases: vec![tokens_of_query_word(text)], ..Matcher::default() }
}

/// The snippet with `[` and `]` around what matched.
fn show(text: &str, matcher: &Matcher, max_chars: usize) -> String {
    let mark = |piece: &SnippetPiece| if piece.matched { format!("[{}]", piece.text) } else { piece.text.clone() };
    snippet(text, matcher, max_chars).iter().map(mark).collect()
}

#[test]
fn short_text_is_shown_whole() {
    let text = "The budget\n  of the   ministry.";
    assert_eq!(show(text, &words(&["budget", "ministry"]), 100), "The [budget] of the [ministry].");
    assert_eq!(show(text, &Matcher::default(), 100), "The budget of the ministry.");
    assert_eq!(show("", &words(&["a"]), 10), "");
}

#[test]
fn text_without_a_match_is_cut_at_a_word() {
    assert_eq!(show("one two three four", &words(&["x"]), 10), "one two …");
    assert_eq!(show("一二三四五六", &words(&["x"]), 3), "一二三 …");
}

#[test]
fn the_window_with_most_words_wins_and_starts_at_a_sentence() {
    let text = format!(
        "Budget first. {} So it ends. The ministry's budget was late, they said again and again. {}",
        "Filler words here. ".repeat(20),
        "More words. ".repeat(20)
    );
    assert_eq!(
        show(&text, &words(&["budget", "ministry"]), 60),
        "… The [ministry]'s [budget] was late, they said again and again. …"
    );
}

#[test]
fn words_far_apart_get_windows_of_their_own() {
    let text =
        format!("Alpha is here. {} Then omega comes. {}", "Filler words here. ".repeat(20), "More words. ".repeat(20));
    assert_eq!(show(&text, &words(&["alpha", "omega"]), 40), "[Alpha] is here. … [omega] comes. More …");
}

#[test]
fn phrases_prefixes_and_fuzzy_words() {
    assert_eq!(show("a b a b c b c", &phrase("a b c"), 50), "a b [a b c] b c");
    let prefixes = Matcher { prefixes: vec!["budg".into()], ..Matcher::default() };
    assert_eq!(show("Budgets and budgies", &prefixes, 50), "[Budgets] and [budgies]");
    let fuzzy = Matcher { fuzzy: vec![("minister".into(), 1)], ..Matcher::default() };
    assert_eq!(
        show("The minsiter, a ministre, two ministers", &fuzzy, 50),
        "The [minsiter], a [ministre], two [ministers]"
    );
}

#[test]
fn other_scripts() {
    assert_eq!(show("我们讨论预算案的问题", &phrase("预算案"), 50), "我们讨论[预算案]的问题");
    assert_eq!(show("我们讨论预算案的问题", &words(&["预算"]), 50), "我们讨论[预算]案的问题");
    assert_eq!(show("讨论案。预算案", &words(&["案"]), 50), "讨论[案]。预算[案]");
    assert_eq!(show("نناقش الميزانيّة غدا", &words(&["الميزانيه"]), 50), "نناقش [الميزانيّة] غدا");
    assert_eq!(show("Élève modèle", &words(&["eleve"]), 50), "[Élève] modèle");
}

#[test]
fn spaces_wider_than_a_byte_are_cut_whole() {
    let text = format!("{}\u{a0}either\u{3000}way", "filler\u{a0}".repeat(50));
    assert_eq!(show(&text, &words(&["either"]), 30), "… [either] way");
    assert_eq!(show(&text, &words(&["either"]), 60), "… filler filler [either] way");
}

#[test]
fn hostile_text_takes_linear_time() {
    let text = "a ".repeat(3_000_000);
    assert!(show(&text, &phrase("a a a a b"), 200).chars().count() <= 204);
    let shown = show(&text, &words(&["a"]), 200);
    assert!(shown.starts_with("[a] [a]"));
}

proptest! {
    #[test]
    fn any_text_gives_a_bounded_snippet_of_itself(text in "(\\PC{0,4}|[ab字預 .\n\u{a0}\u{3000}]{0,9}){0,30}", max_chars in 1..60_usize) {
        let mut matcher = words(&["a", "ab", "字"]);
        matcher.phrases.push(vec!["a".into(), "b".into()]);
        matcher.prefixes.push("b".into());
        let found = snippet(&text, &matcher, max_chars);
        let shown: String = found.iter().map(|piece| piece.text.as_str()).collect();
        prop_assert!(shown.chars().count() <= max_chars + 10, "{} {}", max_chars, shown);
        for piece in &found {
            prop_assert!(!piece.text.is_empty());
            if piece.matched {
                let squeezed = text.split_whitespace().collect::<Vec<_>>().join(" ");
                let plain: String = squeezed.chars().filter(|letter| !letter.is_control()).collect();
                prop_assert!(plain.contains(piece.text.trim()), "{}", piece.text);
            }
        }
    }
}
