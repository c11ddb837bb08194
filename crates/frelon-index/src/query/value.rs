//! What stands after a field, or by itself, to a [`Clause`].

use frelon_mail::dkim::DkimState;
use frelon_model::{CollectionId, MessageId};

use super::ast::{AddressField, AddressTerm, Clause, Property, Text, TextField};
use super::error::QueryErrorKind;
use super::field::Field;
use super::lex::{bare, is_exact, is_word_char};
use super::range::{number_range, period, size_range};

/// Edits that `word~n` may allow; more would match anything.
pub(super) const EDITS_MAX: u8 = 2;
/// Edits of `word~` without a number.
const EDITS_DEFAULT: u8 = 1;

/// How a value was written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Written<'q> {
    /// As a run of characters.
    Run(&'q str),
    /// Between quotation marks, with the number after `~`.
    Quoted(&'q str, Option<u32>),
}

impl<'q> Written<'q> {
    fn raw(self) -> &'q str {
        match self {
            Self::Run(text) => text,
            Self::Quoted(text, _) => text.trim(),
        }
    }
}

/// The clause a value makes in a field; `None` when there is nothing in it to look for.
pub(super) fn clause(field: Option<Field>, written: Written<'_>) -> Result<Option<Clause>, QueryErrorKind> {
    let in_text = |field| Ok(text(written)?.map(|text| Clause::Text(field, text)));
    let in_address = |field| Ok(address(written)?.map(|term| Clause::Address(field, term)));
    let Some(field) = field else { return in_text(TextField::Any) };
    let raw = written.raw();
    if !raw.contains(is_word_char) && !matches!(field, Field::Id) {
        return Ok(None);
    }
    let clause = match field {
        Field::Subject => return in_text(TextField::Subject),
        Field::Body => return in_text(TextField::Body),
        Field::Quoted => return in_text(TextField::Quoted),
        Field::Attachment => return in_text(TextField::Attachment),
        Field::From => return in_address(AddressField::From),
        Field::To => return in_address(AddressField::To),
        Field::Cc => return in_address(AddressField::Cc),
        Field::Bcc => return in_address(AddressField::Bcc),
        Field::Participant => return in_address(AddressField::Participant),
        Field::Id => {
            let compact: String =
                raw.chars().filter(|letter| !letter.is_whitespace() && !letter.is_control()).collect();
            return Ok(MessageId::new(&compact).map(Clause::Id));
        }
        Field::List => Clause::List(list(raw)),
        Field::Type => Clause::Type(media_type(raw)?),
        Field::Has => Clause::Has(property(raw)?),
        Field::Lang => Clause::Language(language(raw)?),
        Field::Dkim => Clause::Dkim(dkim(raw)?),
        Field::In => {
            let bad = |_| QueryErrorKind::BadCollection { value: raw.to_owned() };
            Clause::Collection(CollectionId::new(&bare(raw).to_ascii_lowercase()).map_err(bad)?)
        }
        Field::Number => Clause::Number(number_range(field, raw)?),
        Field::Release => Clause::Release(number_range(field, raw)?),
        Field::Recipients => Clause::Recipients(number_range(field, raw)?),
        Field::Thread => {
            let range = number_range(field, raw)?;
            if range.min != range.max {
                return Err(QueryErrorKind::BadNumber { field: field.name().to_owned(), value: raw.to_owned() });
            }
            Clause::Thread(range.min)
        }
        Field::Size => Clause::Size(size_range(raw)?),
        Field::Date | Field::After | Field::Before => Clause::Date(period(field, raw)?),
    };
    Ok(Some(clause))
}

/// Words in text.
fn text(written: Written<'_>) -> Result<Option<Text>, QueryErrorKind> {
    match written {
        Written::Run(run) => word(run),
        Written::Quoted(words, distance) => {
            let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
            if !words.contains(is_word_char) {
                return Ok(None);
            }
            Ok(Some(match distance {
                Some(distance) => Text::Near { words, distance },
                None => Text::Phrase(words),
            }))
        }
    }
}

/// A run as a word with its marks: `=word`, `word*`, `word~2`.
fn word(run: &str) -> Result<Option<Text>, QueryErrorKind> {
    let Some(lead) = run.find(is_word_char) else { return Ok(None) };
    if is_exact(run) {
        return Ok(Some(Text::Exact(bare(run).to_owned())));
    }
    let misplaced = || QueryErrorKind::MisplacedWildcard { word: run.to_owned() };
    // `*.pdf` looks for pdf; `*pdf` cannot be looked for.
    if run[..lead].ends_with('*') {
        return Err(misplaced());
    }
    let body = run[lead..].trim_end_matches(|letter| !is_word_char(letter) && !matches!(letter, '*' | '~'));
    let whole = |text: &str| {
        let word = bare(text);
        if word.contains('*') { Err(misplaced()) } else { Ok(word.to_owned()) }
    };
    if body.ends_with('*') {
        return whole(body).map(|word| Some(Text::Prefix(word)));
    }
    if let Some((word, digits)) = body.rsplit_once('~')
        && digits.bytes().all(|digit| digit.is_ascii_digit())
    {
        let edits = if digits.is_empty() { EDITS_DEFAULT } else { digits.parse().unwrap_or(u8::MAX) };
        let word = whole(word)?;
        return match edits {
            0 => Ok(Some(Text::Exact(word))),
            1..=EDITS_MAX => Ok(Some(Text::Fuzzy { word, edits })),
            _ => Err(QueryErrorKind::TooFuzzy { max: EDITS_MAX }),
        };
    }
    whole(body).map(|word| Some(Text::Word(word)))
}

/// A person: a whole address, a domain after `@`, or words.
fn address(written: Written<'_>) -> Result<Option<AddressTerm>, QueryErrorKind> {
    let raw =
        written.raw().trim_matches(|letter: char| matches!(letter, '<' | '>' | ',' | ';') || letter.is_whitespace());
    if !matches!(written, Written::Quoted(_, Some(_))) {
        let lower = raw.to_lowercase();
        if is_addr_spec(&lower) {
            return Ok(Some(AddressTerm::Exact(lower)));
        }
        if let Some(domain) = lower.strip_prefix('@')
            && is_domain(domain)
        {
            return Ok(Some(AddressTerm::Domain(domain.to_owned())));
        }
    }
    Ok(text(written)?.map(|text| match text {
        // `(ann@example.org)` and the like, freed of what stood around it.
        Text::Word(word) if is_addr_spec(&word.to_lowercase()) => AddressTerm::Exact(word.to_lowercase()),
        text => AddressTerm::Text(text),
    }))
}

/// Whether a text is an addr-spec such as people have, not every one RFC 5322 allows.
fn is_addr_spec(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    local.starts_with(|first| is_word_char(first) || first == '_')
        && !local.contains(|letter: char| super::lex::ends_run(letter) || "*<>,;:：".contains(letter))
        && is_domain(domain)
}

fn is_domain(text: &str) -> bool {
    text.starts_with(is_word_char)
        && text.ends_with(is_word_char)
        && text.chars().all(|letter| is_word_char(letter) || matches!(letter, '.' | '-' | '_'))
}

fn list(raw: &str) -> String {
    let lower = raw.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    bare(&lower).to_owned()
}

fn media_type(raw: &str) -> Result<String, QueryErrorKind> {
    let value = raw.trim_start_matches(['.', '*']).trim_end_matches(['.', ',', ';']).to_ascii_lowercase();
    let inner = |letter: char| letter.is_ascii_alphanumeric() || "/.+-_".contains(letter);
    let stem = value.strip_suffix('*').unwrap_or(&value);
    if stem.starts_with(|first: char| first.is_ascii_alphanumeric()) && stem.chars().all(inner) {
        Ok(value)
    } else {
        Err(QueryErrorKind::BadType { value: raw.to_owned() })
    }
}

fn property(raw: &str) -> Result<Property, QueryErrorKind> {
    match bare(raw).to_ascii_lowercase().as_str() {
        "attachment" | "attachments" => Ok(Property::Attachment),
        "html" => Ok(Property::Html),
        "problem" | "problems" => Ok(Property::Problem),
        "date" => Ok(Property::Date),
        _ => Err(QueryErrorKind::BadProperty { value: raw.to_owned() }),
    }
}

/// Names people write instead of a code, folded by hand.
const LANGUAGE_NAMES: [(&str, &str); 24] = [
    ("english", "en"),
    ("french", "fr"),
    ("français", "fr"),
    ("francais", "fr"),
    ("german", "de"),
    ("deutsch", "de"),
    ("spanish", "es"),
    ("español", "es"),
    ("italian", "it"),
    ("italiano", "it"),
    ("portuguese", "pt"),
    ("português", "pt"),
    ("dutch", "nl"),
    ("nederlands", "nl"),
    ("turkish", "tr"),
    ("türkçe", "tr"),
    ("arabic", "ar"),
    ("العربية", "ar"),
    ("russian", "ru"),
    ("русский", "ru"),
    ("chinese", "zh"),
    ("中文", "zh"),
    ("japanese", "ja"),
    ("korean", "ko"),
];

/// A state by its code.
fn dkim(raw: &str) -> Result<DkimState, QueryErrorKind> {
    let code = bare(raw).to_ascii_lowercase();
    code.parse().map_err(|_| QueryErrorKind::BadDkim { value: raw.to_owned() })
}

/// A language code of two or three letters; a region after it (`pt-BR`) is left out.
fn language(raw: &str) -> Result<String, QueryErrorKind> {
    let value = bare(raw).to_lowercase();
    if let Some((_, code)) = LANGUAGE_NAMES.iter().find(|(name, _)| *name == value) {
        return Ok((*code).to_owned());
    }
    let code = value.split(['-', '_']).next().unwrap_or_default();
    if (2..=3).contains(&code.len()) && code.bytes().all(|letter| letter.is_ascii_lowercase()) {
        Ok(code.to_owned())
    } else {
        Err(QueryErrorKind::BadLanguage { value: raw.to_owned() })
    }
}
