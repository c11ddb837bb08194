//! A query in words, in the reader's language.

use frelon_index::query::{Condition, Explanation, Step};

use super::shell::Shell;

/// The whole query as a sentence without a full stop.
pub(crate) fn explain(s: &Shell, explanation: &Explanation) -> String {
    step(s, &explanation.root, true)
}

fn step(s: &Shell, one: &Step, outer: bool) -> String {
    match one {
        Step::Everything => s.t("explain-everything").to_owned(),
        Step::All(steps) => join(s, steps, "explain-and", outer),
        Step::Any(steps) => join(s, steps, "explain-or", outer),
        Step::Not(inner) => s.of("explain-not", step(s, inner, false)),
        Step::Condition(condition) => words(s, condition),
    }
}

fn join(s: &Shell, steps: &[Step], key: &str, outer: bool) -> String {
    let parts: Vec<String> = steps.iter().map(|one| step(s, one, false)).collect();
    let text = parts.join(&format!(" {} ", s.t(key)));
    if outer { text } else { format!("({text})") }
}

fn words(s: &Shell, condition: &Condition) -> String {
    let field = format!("explain-field-{}", condition.field);
    let value = match condition.field {
        "lang" => s.language(&condition.value),
        "dkim" => s.find(&format!("dkim-{}", condition.value)).unwrap_or(&condition.value).to_owned(),
        "has" => s.find(&format!("has-{}", condition.value)).unwrap_or(&condition.value).to_owned(),
        _ => condition.value.clone(),
    };
    s.with(
        &format!("explain-{}", condition.code),
        [
            ("field", s.find(&field).unwrap_or(condition.field).into()),
            ("value", value.into()),
            ("second", condition.second.as_str().into()),
        ],
    )
}

#[cfg(test)]
mod tests {
    use frelon_index::query::parse;

    use super::*;
    use crate::page::shell::Reader;

    #[test]
    fn queries_are_told_in_both_languages() {
        let query = parse("water (from:ann@example.org OR =dam) -draft date:2016-10").expect("a good query");
        let explanation = Explanation::of(&query);
        for language in ["en", "fr"] {
            let shell = Shell::new(Reader::for_test(language, "/"), String::new(), String::new());
            let text = explain(&shell, &explanation);
            assert!(!text.contains("explain-") && text.contains("ann@example.org"), "{text}");
        }
    }
}
