use std::collections::BTreeSet;

use frelon_model::{Instant, YearMonth, ZonedInstant};

use super::{
    LANGUAGES, choose,
    language::{by_code, keys},
};

#[test]
fn numbers_and_sizes_follow_the_language() {
    let (en, fr) = (choose(Some("en"), None), choose(Some("fr"), None));
    assert_eq!(en.number(58_660_u64), "58,660");
    assert_eq!(fr.number(58_660_u64), "58\u{202f}660");
    assert_eq!(en.number(999_u32), "999");
    assert_eq!(en.size(512_u64), "512 bytes");
    assert_eq!(en.size(1_449_999_u64), "1.4 MB");
    assert_eq!(fr.size(1_449_999_u64), "1,4\u{a0}Mo");
    assert_eq!(en.size(23_000_u64), "23 kB");
}

#[test]
fn dates_are_words_and_keep_the_claimed_zone() {
    let (en, fr) = (choose(Some("en"), None), choose(Some("fr"), None));
    let at = Instant(1_475_848_980);
    assert_eq!(en.moment(at), "7 October 2016, 14:03 UTC");
    let zoned = ZonedInstant { at, offset_minutes: -330 };
    assert_eq!(en.zoned(zoned), "7 October 2016, 08:33 (UTC−05:30)");
    assert_eq!(super::format::machine_time(zoned), "2016-10-07T08:33:00-05:30");
    assert_eq!(fr.month(YearMonth { year: 2016, month: 8 }), "août 2016");
    assert_eq!(fr.date(Instant::from_date(2016, 10, 1).expect("a day")), "1er octobre 2016");
}

#[test]
fn the_language_asked_for_wins_then_the_weights() {
    let code = |asked, accept| choose(asked, accept).code;
    assert_eq!(code(None, None), "en");
    assert_eq!(code(None, Some("fr-CA,fr;q=0.9,en;q=0.8")), "fr");
    assert_eq!(code(None, Some("de, en;q=0.3, fr;q=0.7")), "fr");
    assert_eq!(code(None, Some("fr;q=0, en;q=0.1")), "en");
    assert_eq!(code(Some("en"), Some("fr")), "en");
    assert_eq!(code(Some("xx"), Some("fr")), "fr");
    assert_eq!(code(None, Some(&"é".repeat(600))), "en");
}

#[test]
fn every_language_has_every_word() {
    let words_of = |text: &str| keys(text).map(str::to_owned).collect::<BTreeSet<_>>();
    let english = words_of(include_str!("../../lang/en.ftl"));
    let french = words_of(include_str!("../../lang/fr.ftl"));
    assert_eq!(english.symmetric_difference(&french).collect::<Vec<_>>(), Vec::<&String>::new());
    for text in [include_str!("../../lang/en.ftl"), include_str!("../../lang/fr.ftl")] {
        assert!(fluent_bundle::FluentResource::try_new(text.to_owned()).is_ok());
    }
}

#[test]
fn every_problem_has_words() {
    let words = by_code("en").expect("English is there");
    for kind in frelon_model::ProblemKind::ALL {
        assert!(words.find(&format!("problem-{}", kind.code())).is_some(), "problem-{}", kind.code());
    }
    assert!(LANGUAGES.iter().enumerate().all(|(index, words)| words.index == index));
}
