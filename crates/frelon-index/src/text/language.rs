//! The language of a text.

use std::sync::LazyLock;

use frostem::Algorithm;
use serde::Serialize;

macro_rules! languages {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $model:ident, $stemmer:expr;)*) => {
        /// A language told apart in texts; those with a stemmer are also searched in all forms.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "lowercase")]
        pub enum Lang { $($(#[$doc])* $name,)* }

        impl Lang {
            /// Every language.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// ISO 639-1 code.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            pub(super) fn algorithm(self) -> Option<Algorithm> {
                match self { $(Self::$name => $stemmer,)* }
            }

            fn model(self) -> whatlang::Lang {
                match self { $(Self::$name => whatlang::Lang::$model,)* }
            }
        }
    };
}

languages! {
    /// Arabic.
    Ar = "ar", Ara, Some(Algorithm::Arabic);
    /// Azerbaijani.
    Az = "az", Aze, None;
    /// Belarusian.
    Be = "be", Bel, None;
    /// Bulgarian.
    Bg = "bg", Bul, None;
    /// Bengali.
    Bn = "bn", Ben, None;
    /// Catalan.
    Ca = "ca", Cat, Some(Algorithm::Catalan);
    /// Czech.
    Cs = "cs", Ces, Some(Algorithm::Czech);
    /// Danish.
    Da = "da", Dan, Some(Algorithm::Danish);
    /// German.
    De = "de", Deu, Some(Algorithm::German);
    /// Greek.
    El = "el", Ell, Some(Algorithm::Greek);
    /// English.
    En = "en", Eng, Some(Algorithm::English);
    /// Spanish.
    Es = "es", Spa, Some(Algorithm::Spanish);
    /// Estonian.
    Et = "et", Est, Some(Algorithm::Estonian);
    /// Persian.
    Fa = "fa", Pes, Some(Algorithm::Persian);
    /// Finnish.
    Fi = "fi", Fin, Some(Algorithm::Finnish);
    /// French.
    Fr = "fr", Fra, Some(Algorithm::French);
    /// Hebrew.
    He = "he", Heb, None;
    /// Hindi.
    Hi = "hi", Hin, Some(Algorithm::Hindi);
    /// Croatian.
    Hr = "hr", Hrv, None;
    /// Hungarian.
    Hu = "hu", Hun, Some(Algorithm::Hungarian);
    /// Armenian.
    Hy = "hy", Hye, Some(Algorithm::Armenian);
    /// Indonesian.
    Id = "id", Ind, Some(Algorithm::Indonesian);
    /// Italian.
    It = "it", Ita, Some(Algorithm::Italian);
    /// Japanese.
    Ja = "ja", Jpn, None;
    /// Georgian.
    Ka = "ka", Kat, None;
    /// Korean.
    Ko = "ko", Kor, None;
    /// Lithuanian.
    Lt = "lt", Lit, Some(Algorithm::Lithuanian);
    /// Latvian.
    Lv = "lv", Lav, None;
    /// Macedonian.
    Mk = "mk", Mkd, None;
    /// Dutch.
    Nl = "nl", Nld, Some(Algorithm::Dutch);
    /// Norwegian (Bokmål).
    No = "no", Nob, Some(Algorithm::Norwegian);
    /// Polish.
    Pl = "pl", Pol, Some(Algorithm::Polish);
    /// Portuguese.
    Pt = "pt", Por, Some(Algorithm::Portuguese);
    /// Romanian.
    Ro = "ro", Ron, Some(Algorithm::Romanian);
    /// Russian.
    Ru = "ru", Rus, Some(Algorithm::Russian);
    /// Slovak.
    Sk = "sk", Slk, None;
    /// Slovene.
    Sl = "sl", Slv, None;
    /// Serbian. Its stemmer turns Cyrillic into Latin letters, which an index of words as written
    /// cannot use.
    Sr = "sr", Srp, None;
    /// Swedish.
    Sv = "sv", Swe, Some(Algorithm::Swedish);
    /// Thai.
    Th = "th", Tha, None;
    /// Turkish.
    Tr = "tr", Tur, Some(Algorithm::Turkish);
    /// Ukrainian.
    Uk = "uk", Ukr, Some(Algorithm::Ukrainian);
    /// Urdu.
    Ur = "ur", Urd, None;
    /// Vietnamese.
    Vi = "vi", Vie, None;
    /// Chinese.
    Zh = "zh", Cmn, None;
}

impl Lang {
    /// The language of an ISO 639-1 code in lower case.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|lang| lang.code() == code).copied()
    }

    /// Whether [`super::stem`] does anything for it.
    #[must_use]
    pub fn has_stemmer(self) -> bool {
        self.algorithm().is_some()
    }
}

/// Bytes of a text looked at for English, which most mail is in.
const GLANCE_BYTES: usize = 1_000;
/// Bytes shown to the trigram model: more cost time and tell little.
const SAMPLE_BYTES: usize = 500;
/// Fewest letters that tell a language of an alphabet.
const LETTERS_MIN: usize = 100;
/// Fewest characters that tell Chinese, Japanese or Korean, which say more with each.
const DENSE_LETTERS_MIN: usize = 20;
/// Shortest distance in probability to the second best guess, where the model is not sure itself.
const CONFIDENCE_MIN: f64 = 0.5;

/// Frequent English words that are not words of other languages written in Latin letters.
const ENGLISH: [&str; 67] = [
    "about", "after", "and", "any", "are", "because", "been", "before", "being", "but", "can", "could", "did", "does",
    "each", "from", "get", "had", "has", "have", "here", "his", "how", "into", "its", "know", "need", "not", "only",
    "other", "our", "out", "please", "should", "some", "such", "than", "thanks", "that", "the", "their", "them",
    "then", "there", "these", "they", "this", "those", "through", "used", "using", "very", "we", "were", "what",
    "when", "where", "which", "while", "who", "why", "will", "with", "without", "would", "you", "your",
];
/// The same as numbers, in rising order: one comparison a step instead of one a letter.
static ENGLISH_NUMBERS: LazyLock<[u64; ENGLISH.len()]> = LazyLock::new(|| {
    let mut numbers = ENGLISH.map(|word| number(word.as_bytes()));
    numbers.sort_unstable();
    numbers
});
/// Least number of those words, and least share of all words in percent, that settle it.
const ENGLISH_HITS_MIN: usize = 3;
const ENGLISH_PERCENT_MIN: usize = 5;

static DETECTOR: LazyLock<whatlang::Detector> =
    LazyLock::new(|| whatlang::Detector::with_allowlist(Lang::ALL.iter().map(|lang| lang.model()).collect()));

/// The language a text is written in, from its beginning; `None` when there is too little of it or
/// it could be one of several.
#[must_use]
pub fn detect(text: &str) -> Option<Lang> {
    let text = text.trim_start();
    if is_english(head(text, GLANCE_BYTES)) {
        return Some(Lang::En);
    }
    let sample = head(text, SAMPLE_BYTES);
    let letters = sample.chars().filter(|letter| letter.is_alphabetic()).count();
    if letters < DENSE_LETTERS_MIN {
        return None;
    }
    let dense = sample.chars().filter(|letter| is_dense(*letter)).count();
    if letters < LETTERS_MIN && dense * 2 < letters {
        return None;
    }
    let guess = DETECTOR.detect(sample)?;
    let sure = guess.is_reliable() || guess.confidence() >= CONFIDENCE_MIN;
    sure.then(|| Lang::ALL.iter().find(|lang| lang.model() == guess.lang()).copied()).flatten()
}

fn head(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// Han, kana, Hangul.
fn is_dense(letter: char) -> bool {
    matches!(letter as u32, 0x3040..=0x30FF | 0x3400..=0x9FFF | 0xAC00..=0xD7A3 | 0x20000..=0x3FFFD)
}

/// Whether a glance at the frequent words settles that a text is English. Numbers and names with
/// numbers in them, of which logs and patches are full, belong to no language.
fn is_english(text: &str) -> bool {
    let (mut words, mut hits) = (0, 0);
    let is_inside = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
    for word in text.as_bytes().split(|byte| !is_inside(byte)).filter(|word| !word.is_empty()) {
        if word.iter().any(u8::is_ascii_digit) {
            continue;
        }
        words += 1;
        hits += usize::from(word.len() <= 8 && ENGLISH_NUMBERS.binary_search(&number(word)).is_ok());
    }
    hits >= ENGLISH_HITS_MIN && hits * 100 >= words * ENGLISH_PERCENT_MIN
}

/// A word of at most eight bytes, in small letters, as a number.
fn number(word: &[u8]) -> u64 {
    word.iter().fold(0, |number, byte| number << 8 | u64::from(byte.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [(&str, &str); 14] = [
        (
            "en",
            "Please find attached the minutes of the meeting. We will discuss the budget next week, and I would like to know what you think about the second part before that.",
        ),
        (
            "fr",
            "Veuillez trouver ci-joint le compte rendu de la réunion. Nous parlerons du budget la semaine prochaine, et j'aimerais savoir ce que vous pensez de la deuxième partie.",
        ),
        (
            "de",
            "Anbei erhalten Sie das Protokoll der Sitzung. Wir sprechen nächste Woche über den Haushalt, und ich würde gerne wissen, was Sie vom zweiten Teil halten.",
        ),
        (
            "es",
            "Adjunto encontrará el acta de la reunión. Hablaremos del presupuesto la semana que viene y me gustaría saber qué piensa usted de la segunda parte.",
        ),
        (
            "it",
            "In allegato trovate il verbale della riunione. Parleremo del bilancio la prossima settimana e vorrei sapere che cosa pensate della seconda parte.",
        ),
        (
            "pt",
            "Segue em anexo a ata da reunião. Vamos falar sobre o orçamento na próxima semana e gostaria de saber o que você acha da segunda parte do texto.",
        ),
        (
            "nl",
            "Bijgaand vindt u de notulen van de vergadering. Wij bespreken de begroting volgende week en ik zou graag willen weten wat u van het tweede deel vindt.",
        ),
        (
            "tr",
            "Toplantının tutanağını ekte bulabilirsiniz. Bütçeyi önümüzdeki hafta görüşeceğiz ve ikinci bölüm hakkında ne düşündüğünüzü bilmek isterim.",
        ),
        (
            "ru",
            "Прилагаю протокол заседания. На следующей неделе мы обсудим бюджет, и мне хотелось бы знать, что вы думаете о второй части этого документа.",
        ),
        (
            "ar",
            "تجدون مرفقا محضر الاجتماع. سنناقش الميزانية في الأسبوع المقبل، وأود أن أعرف رأيكم في الجزء الثاني من هذه الوثيقة قبل ذلك الموعد إن أمكن.",
        ),
        ("zh", "附件是会议纪要。我们将在下周讨论预算，我想知道您对第二部分的看法。"),
        (
            "ja",
            "会議の議事録を添付します。来週予算について話し合いますので、第二部についてのご意見をお聞かせください。",
        ),
        (
            "ko",
            "회의록을 첨부합니다. 다음 주에 예산에 대해 논의할 예정이니 두 번째 부분에 대한 의견을 알려 주시기 바랍니다.",
        ),
        (
            "he",
            "מצורף פרוטוקול הישיבה. נדון בתקציב בשבוע הבא, ואשמח לדעת מה דעתכם על החלק השני של המסמך הזה לפני כן, אם הדבר אפשרי מבחינתכם ומבחינת שאר המשתתפים בפגישה.",
        ),
    ];

    #[test]
    fn many_languages() {
        for (code, text) in TEXTS {
            assert_eq!(detect(text).map(Lang::code), Some(code), "{text}");
        }
    }

    #[test]
    fn too_little_text_tells_nothing() {
        for text in ["", "ok", "See you tomorrow", "Bonjour à tous", "1234567890 ".repeat(40).as_str(), "字"] {
            assert_eq!(detect(text), None, "{text}");
        }
    }

    #[test]
    fn codes_are_unique_and_the_word_list_is_sorted() {
        for lang in Lang::ALL {
            assert_eq!(Lang::from_code(lang.code()), Some(*lang));
        }
        assert!(ENGLISH.is_sorted());
    }
}
