//! The English of an [`Explanation`](super::Explanation). Other languages look up its codes.

use super::ast::AddressField;
use super::explain::{Condition, Step, address_field};
use super::print::{is_whole_unit, size};

/// A whole explanation as a sentence.
pub(super) fn step_words(step: &Step) -> String {
    match step {
        Step::Everything => "all messages".to_owned(),
        Step::Not(inner) => format!("all messages except those that {}", predicate(inner)),
        step => format!("messages that {}", predicate(step)),
    }
}

/// What is said of messages: `contain "budget" and were sent by ann@example.org`.
fn predicate(step: &Step) -> String {
    match step {
        Step::Everything => "exist".to_owned(),
        Step::Not(inner) => format!("are not among those that {}", nested(inner)),
        Step::Any(parts) => {
            let parts: Vec<_> = parts.iter().map(nested).collect();
            format!("either {}", parts.join(" or "))
        }
        Step::All(parts) => {
            let wanted: Vec<_> = parts.iter().filter(|part| !matches!(part, Step::Not(_))).map(nested).collect();
            let unwanted: Vec<_> = parts
                .iter()
                .filter_map(|part| match part {
                    Step::Not(inner) => Some(format!("those that {}", nested(inner))),
                    _ => None,
                })
                .collect();
            let unwanted = unwanted.join(" nor ");
            match (wanted.is_empty(), unwanted.is_empty()) {
                (true, _) => format!("are not among {unwanted}"),
                (_, true) => wanted.join(" and "),
                _ => format!("{}, but not {unwanted}", wanted.join(" and ")),
            }
        }
        Step::Condition(condition) => condition_words(condition),
    }
}

/// A predicate in brackets where the sentence would else be ambiguous.
fn nested(step: &Step) -> String {
    match step {
        Step::All(_) | Step::Any(_) | Step::Not(_) => format!("({})", predicate(step)),
        step => predicate(step),
    }
}

fn condition_words(condition: &Condition) -> String {
    let Condition { field, code, value, second, .. } = condition;
    if let Some(field) = address_field(field) {
        let person = match *code {
            "address" => value.clone(),
            "domain" => format!("an address at {value}"),
            _ => format!("someone whose name or address contains {}", text_words(condition)),
        };
        return match field {
            AddressField::From => format!("were sent by {person}"),
            AddressField::To => format!("were sent to {person}"),
            AddressField::Cc => format!("were copied to {person}"),
            AddressField::Bcc => format!("were blind-copied to {person}"),
            AddressField::Participant => format!("were sent by or to {person}"),
        };
    }
    match *field {
        "any" => format!("contain {}", text_words(condition)),
        "subject" => format!("have {} in the subject", text_words(condition)),
        "body" => format!("have {} in their own text", text_words(condition)),
        "quoted" => format!("have {} in text quoted from others", text_words(condition)),
        "attachment" => format!("have an attachment whose name contains {}", text_words(condition)),
        "type" => format!("are or carry a file of type {value}"),
        "has" => match value.as_str() {
            "attachment" => "have an attachment".to_owned(),
            "html" => "have an HTML body".to_owned(),
            "problem" => "had a problem when they were read".to_owned(),
            _ => "have a date".to_owned(),
        },
        "list" => format!("came through a mailing list named \"{value}\""),
        "number" => format!("have the number {}", range_words(code, value, second)),
        "release" => format!("came out with release {}", range_words(code, value, second)),
        "thread" => format!("belong to the thread of item {value}"),
        "lang" => match language_name(value) {
            Some(name) => format!("are written in {name}"),
            None => format!("are written in the language \"{value}\""),
        },
        "dkim" => match value.as_str() {
            "pass" => "carry a DKIM signature that holds".to_owned(),
            "expired" => "carry a DKIM signature that holds, but had expired".to_owned(),
            "body-altered" => "carry a DKIM signature over another body".to_owned(),
            "headers-altered" => "carry a DKIM signature over other fields".to_owned(),
            "altered" => "carry a DKIM signature over another body and perhaps other fields".to_owned(),
            "key-not-found" => "carry a DKIM signature whose key is not known".to_owned(),
            "key-revoked" => "carry a DKIM signature whose key was revoked".to_owned(),
            "malformed" => "carry a malformed DKIM signature".to_owned(),
            _ => "carry no DKIM signature".to_owned(),
        },
        "size" => size_words(code, value, second),
        "recipients" => format!("have {} recipients", range_words(code, value, second)),
        "date" => date_words(code, value, second),
        "id" => format!("have the Message-ID {value}"),
        _ => format!("belong to the collection {value}"),
    }
}

fn text_words(condition: &Condition) -> String {
    let Condition { code, value, second, .. } = condition;
    match *code {
        "word" => format!("\"{value}\" (any form)"),
        "exact" => format!("exactly \"{value}\""),
        "prefix" => format!("a word that starts with \"{value}\""),
        "fuzzy" if second == "1" => format!("a word like \"{value}\" (one letter may differ)"),
        "fuzzy" => format!("a word like \"{value}\" ({second} letters may differ)"),
        "near" => format!("the words \"{value}\" with at most {second} others between"),
        _ => format!("the phrase \"{value}\""),
    }
}

fn size_words(code: &str, value: &str, second: &str) -> String {
    let bytes = |text: &str| text.parse::<u64>().unwrap_or_default();
    let (least, most) = (bytes(value), bytes(second));
    let round = |bytes: u64| bytes > 0 && bytes.is_multiple_of(1_000);
    match code {
        "least" if round(least.saturating_sub(1)) => format!("are larger than {}", size(least - 1)),
        "least" => format!("are {} or larger", size(least)),
        "most" if round(least.saturating_add(1)) => format!("are smaller than {}", size(least + 1)),
        "most" => format!("are {} or smaller", size(least)),
        "between" if is_whole_unit(least, most) => format!("are about {}", size(least)),
        "between" => format!("are from {} to {} large", size(least), size(most)),
        _ => format!("are exactly {} large", size(least)),
    }
}

fn range_words(code: &str, value: &str, second: &str) -> String {
    match code {
        "least" => format!("{value} or more"),
        "most" => format!("{value} or less"),
        "between" => format!("{value} to {second}"),
        _ => value.to_owned(),
    }
}

fn date_words(code: &str, value: &str, second: &str) -> String {
    let (value, second) = (date_name(value), date_name(second));
    match code {
        "day" => format!("are dated {value}"),
        "between" => format!("are dated {value} to {second}"),
        "from" => format!("are dated {value} or later"),
        "until" => format!("are dated before {value}"),
        "ever" => "have any date".to_owned(),
        _ => format!("are dated in {value}"),
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `2016-10-07` as `7 October 2016`, `2016-10` as `October 2016`.
fn date_name(text: &str) -> String {
    let mut parts = text.split('-');
    let year = parts.next().unwrap_or_default();
    let month =
        parts.next().and_then(|month| month.parse::<usize>().ok()).and_then(|month| MONTHS.get(month.wrapping_sub(1)));
    match (month, parts.next()) {
        (Some(month), Some(day)) => format!("{} {month} {year}", day.trim_start_matches('0')),
        (Some(month), None) => format!("{month} {year}"),
        _ => text.to_owned(),
    }
}

/// English name of a language by its ISO 639-1 code.
fn language_name(code: &str) -> Option<&'static str> {
    Some(match code {
        "ar" => "Arabic",
        "bg" => "Bulgarian",
        "ca" => "Catalan",
        "cs" => "Czech",
        "da" => "Danish",
        "de" => "German",
        "el" => "Greek",
        "en" => "English",
        "es" => "Spanish",
        "fa" => "Persian",
        "fi" => "Finnish",
        "fr" => "French",
        "he" => "Hebrew",
        "hi" => "Hindi",
        "hu" => "Hungarian",
        "it" => "Italian",
        "ja" => "Japanese",
        "ko" => "Korean",
        "nl" => "Dutch",
        "no" => "Norwegian",
        "pl" => "Polish",
        "pt" => "Portuguese",
        "ro" => "Romanian",
        "ru" => "Russian",
        "sv" => "Swedish",
        "tr" => "Turkish",
        "uk" => "Ukrainian",
        "vi" => "Vietnamese",
        "zh" => "Chinese",
        _ => return None,
    })
}
