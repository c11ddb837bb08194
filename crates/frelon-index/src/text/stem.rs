//! Stems, by which a search finds a word in all its forms.
//!
//! The index holds folded words as they are written; stems are made when a query is carried out:
//! of the word asked for and of the indexed words that begin like it. Stems are therefore defined
//! on **folded** words. Snowball's stemmers expect accents where a language has them, so those of
//! frequent endings are put back first (`restore`), the stemmer runs, and its result is folded: the
//! same word, with or without its accents, always gives the same stem.

use std::borrow::Cow;

use frostem::Stemmer;

use super::fold::fold;
use super::language::Lang;

/// Fewest letters of a prefix by which forms are looked up.
const PREFIX_LETTERS_MIN: usize = 3;
/// Longest word that is stemmed, in bytes: that of a token.
const WORD_BYTES_MAX: usize = super::token::TOKEN_BYTES_MAX;

/// The stem of a folded word; the word itself where there is no stemmer for the language.
#[must_use]
pub fn stem(lang: Lang, word: &str) -> String {
    let Some(algorithm) = lang.algorithm().filter(|_| word.len() <= WORD_BYTES_MAX) else { return word.to_owned() };
    if word.bytes().any(|byte| byte.is_ascii_digit()) {
        return word.to_owned();
    }
    let restored = restore(lang, word);
    let stem = Stemmer::new(algorithm).stem(&restored).into_owned();
    let stem = if stem.is_ascii() { stem } else { fold(&stem) };
    if stem.is_empty() { word.to_owned() } else { stem }
}

/// Whether two folded words are forms of one word.
#[must_use]
pub fn same_stem(lang: Lang, left: &str, right: &str) -> bool {
    left == right || stem(lang, left) == stem(lang, right)
}

/// The prefix that the forms of a word share.
fn candidate_prefix(lang: Lang, word: &str) -> String {
    let stem = stem(lang, word);
    let same = word.chars().zip(stem.chars()).take_while(|(left, right)| left == right).map(|(letter, _)| letter);
    let mut prefix: Vec<char> = same.collect();
    // A stem's last letter may be one that forms change: city, cities; kitap, kitabı.
    let changes = |last: char| match lang {
        Lang::Tr => "bcdgptkiu".contains(last),
        _ => "aeioyіиьйяе".contains(last),
    };
    if prefix.len() > PREFIX_LETTERS_MIN && prefix.last().is_some_and(|last| changes(*last)) {
        prefix.pop();
    }
    if prefix.len() < PREFIX_LETTERS_MIN {
        return word.chars().take(PREFIX_LETTERS_MIN).collect();
    }
    prefix.into_iter().collect()
}

/// The prefixes under which the forms of a folded word are found, nearly always: one that they
/// share, of three letters or more, or the whole word; for Arabic also after the article and the
/// conjunctions that are written in one with a word. Indexed words that begin with one of them and
/// have the same stem are the forms.
#[must_use]
pub fn candidate_prefixes(lang: Lang, word: &str) -> Vec<String> {
    if lang != Lang::Ar {
        return vec![candidate_prefix(lang, word)];
    }
    let stem = stem(lang, word);
    // Short stems open too many words.
    let root = if stem.chars().count() >= PREFIX_LETTERS_MIN && word.contains(&stem) { &stem } else { word };
    ["", "ال", "و", "ف", "ب", "ل", "ك", "وال", "بال", "فال", "كال", "لل"]
        .iter()
        .map(|lead| format!("{lead}{root}"))
        .collect()
}

/// Endings that lost their accents in folding, with what they most often were.
fn endings(lang: Lang) -> &'static [(&'static str, &'static str)] {
    match lang {
        Lang::Fr => &[
            ("ees", "ées"),
            ("ee", "ée"),
            ("ites", "ités"),
            ("ite", "ité"),
            ("ieres", "ières"),
            ("iere", "ière"),
            ("erent", "èrent"),
        ],
        Lang::Es => &[("cion", "ción"), ("sion", "sión"), ("andose", "ándose"), ("iendose", "iéndose")],
        Lang::Pt => &[("cao", "ção"), ("coes", "ção"), ("oes", "ão"), ("ao", "ão")],
        Lang::It => &[("ita", "ità")],
        Lang::Ca => &[("cio", "ció"), ("sio", "sió")],
        Lang::Pl => &[("osc", "ość"), ("osci", "ości")],
        // ة became ه; the conjunction before an article is not known to the stemmer.
        Lang::Ar => &[("ه", "ة")],
        _ => &[],
    }
}

fn restore(lang: Lang, word: &str) -> Cow<'_, str> {
    if lang == Lang::Tr {
        return Cow::Owned(restore_turkish(word));
    }
    let word = match lang {
        Lang::Ar if word.starts_with("وال") || word.starts_with("فال") => &word['و'.len_utf8()..],
        _ => word,
    };
    let found =
        endings(lang).iter().find_map(|(plain, accented)| word.strip_suffix(plain).map(|stem| (stem, *accented)));
    match found {
        Some((stem, accented)) if stem.chars().count() >= 2 => Cow::Owned(format!("{stem}{accented}")),
        _ => Cow::Borrowed(word),
    }
}

/// Turkish vowels by harmony: folded `i`, `o`, `u` stand for ı or i, o or ö, u or ü; a and e tell
/// which: the next one in the word, else the one before. Endings follow the stem in this, so that
/// all forms of a word get the same letters in the stem.
fn restore_turkish(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let mut restored = letters.clone();
    let mut before = None;
    let mut next = vec![None; letters.len()];
    let mut seen = None;
    for (place, letter) in letters.iter().enumerate().rev() {
        next[place] = seen;
        if matches!(letter, 'a' | 'e') {
            seen = Some(*letter);
        }
    }
    for (place, letter) in letters.iter().enumerate() {
        if matches!(letter, 'a' | 'e') {
            before = Some(*letter);
            continue;
        }
        let decisive = if *letter == 'i' { before.or(next[place]) } else { next[place].or(before) };
        restored[place] = match (letter, decisive) {
            ('i', Some('a')) => 'ı',
            ('o', Some('e')) => 'ö',
            ('u', Some('e')) => 'ü',
            (letter, _) => *letter,
        };
    }
    restored.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(lang: Lang, words: &[&str]) {
        let words: Vec<_> = words.iter().map(|word| fold(word)).collect();
        for word in &words[1..] {
            assert!(
                same_stem(lang, &words[0], word),
                "{} {}: {} {}",
                words[0],
                word,
                stem(lang, &words[0]),
                stem(lang, word)
            );
            let found = candidate_prefixes(lang, &words[0]).iter().any(|prefix| word.starts_with(prefix));
            assert!(found, "{word} under {:?}", candidate_prefixes(lang, &words[0]));
        }
    }

    #[test]
    fn english() {
        forms(Lang::En, &["budget", "budgets", "budgeted", "budgeting"]);
        forms(Lang::En, &["city", "cities"]);
        forms(Lang::En, &["make", "makes", "making"]);
        forms(Lang::En, &["cat", "cats"]);
        assert!(!same_stem(Lang::En, "universe", "unity"));
    }

    #[test]
    fn romance_languages_without_their_accents() {
        forms(Lang::Fr, &["évaluation", "évaluations"]);
        forms(Lang::Fr, &["sécurité", "sécurités"]);
        forms(Lang::Fr, &["première", "premières"]);
        forms(Lang::Fr, &["ministre", "ministres"]);
        forms(Lang::Es, &["reunión", "reuniones"]);
        forms(Lang::Es, &["nación", "naciones"]);
        forms(Lang::Pt, &["eleição", "eleições"]);
        forms(Lang::It, &["libro", "libri"]);
    }

    #[test]
    fn germanic_and_slavic_languages() {
        forms(Lang::De, &["Haus", "Häuser", "Hauses"]);
        forms(Lang::De, &["Straße", "Straßen"]);
        forms(Lang::Nl, &["vergadering", "vergaderingen"]);
        forms(Lang::Ru, &["бюджет", "бюджета", "бюджетом"]);
        forms(Lang::Ru, &["русский", "русская", "русские"]);
        forms(Lang::Ru, &["ёлка", "ёлки"]);
    }

    #[test]
    fn turkish_with_folded_vowels() {
        forms(Lang::Tr, &["kitap", "kitaplar", "kitapları"]);
        forms(Lang::Tr, &["seçimler", "seçimlerde", "seçimlerden"]);
        forms(Lang::Tr, &["hükümet", "hükümeti", "hükümetler"]);
        forms(Lang::Tr, &["ev", "evler", "evlerde"]);
    }

    #[test]
    fn arabic_with_article() {
        forms(Lang::Ar, &["ميزانية", "الميزانية", "والميزانية"]);
        forms(Lang::Ar, &["الحكومة", "حكومة"]);
    }

    #[test]
    fn no_stemmer_no_change() {
        assert_eq!(stem(Lang::Zh, "预算"), "预算");
        assert_eq!(stem(Lang::En, "2016s"), "2016s");
        assert_eq!(candidate_prefix(Lang::Zh, "预算"), "预算");
    }

    proptest::proptest! {
        #[test]
        fn any_word_has_a_stem_and_a_prefix_of_its_own(word in "\\PC{1,12}|[a-zäöüßéñçışğ]{1,16}|[а-я]{1,12}|[ا-ي]{1,10}") {
            let word = fold(&word);
            for lang in Lang::ALL {
                proptest::prop_assert!(!stem(*lang, &word).is_empty() || word.is_empty());
                proptest::prop_assert!(word.starts_with(&candidate_prefix(*lang, &word)));
            }
        }
    }
}
