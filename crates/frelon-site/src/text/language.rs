//! The languages of the interface and how one is chosen (RFC 9110 section 12.5.4).

use std::{collections::BTreeMap, sync::LazyLock};

use super::format::Count;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

/// Every language: its code and its words. The first is the one used where nothing else fits.
const FILES: [(&str, &str); 2] = [("en", include_str!("../../lang/en.ftl")), ("fr", include_str!("../../lang/fr.ftl"))];

/// All languages, ready to use.
pub(crate) static LANGUAGES: LazyLock<Vec<Words>> =
    LazyLock::new(|| FILES.iter().enumerate().map(|(index, (code, text))| Words::read(index, code, text)).collect());

/// Bytes of an Accept-Language field that are looked at; browsers send below 100.
const ACCEPT_BYTES_MAX: usize = 512;

/// The interface in one language.
pub(crate) struct Words {
    /// Place in [`LANGUAGES`].
    pub(crate) index: usize,
    /// BCP 47 code.
    pub(crate) code: &'static str,
    bundle: FluentBundle<FluentResource>,
    /// Messages without arguments, formatted once.
    plain: BTreeMap<String, String>,
}

impl Words {
    fn read(index: usize, code: &'static str, text: &str) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![code.parse().unwrap_or_default()]);
        // Templates isolate foreign text with <bdi>; invisible marks would end up in copied text.
        bundle.set_use_isolating(false);
        // A translator's slip must not stop the server: what can be read of the file is used, and a
        // test keeps slips out of releases.
        let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(partial, _)| partial);
        bundle.add_resource_overriding(resource);
        let mut words = Self { index, code, bundle, plain: BTreeMap::new() };
        for key in keys(text) {
            if let Some(text) = words.format(key, None) {
                words.plain.insert(key.to_owned(), text);
            }
        }
        words
    }

    /// `None` when there is no such message or an argument is missing.
    fn format(&self, key: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, args, &mut errors);
        errors.is_empty().then(|| text.into_owned())
    }

    /// A text without arguments, if there is one by this name.
    pub(crate) fn find(&self, key: &str) -> Option<&str> {
        let text = self.plain.get(key).or_else(|| LANGUAGES.first()?.plain.get(key));
        text.map(String::as_str)
    }

    /// A text without arguments.
    pub(crate) fn t<'a>(&'a self, key: &'a str) -> &'a str {
        self.find(key).unwrap_or(key)
    }

    /// A text with arguments.
    pub(crate) fn with<'a>(&self, key: &str, args: impl IntoIterator<Item = (&'a str, FluentValue<'a>)>) -> String {
        let mut all = FluentArgs::new();
        for (name, value) in args {
            all.set(name, value);
        }
        let text = self.format(key, Some(&all)).or_else(|| LANGUAGES.first()?.format(key, Some(&all)));
        text.unwrap_or_else(|| key.to_owned())
    }

    /// A text with one argument, `what`.
    pub(crate) fn of(&self, key: &str, what: impl AsRef<str>) -> String {
        self.with(key, [("what", FluentValue::from(what.as_ref()))])
    }

    /// A text that counts: `n` chooses the plural, `shown` is the number as written.
    pub(crate) fn n(&self, key: &str, count: impl Count) -> String {
        let count = count.count();
        let shown = self.number(count);
        // Plural rules look at small differences only; above 2^53 they are all alike.
        self.with(key, [("n", FluentValue::from(count)), ("shown", FluentValue::from(shown))])
    }

    /// `ltr` or `rtl`.
    pub(crate) fn direction(&self) -> &str {
        self.t("direction")
    }
}

/// Names of all messages of a Fluent file.
pub(super) fn keys(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let (key, _) = line.split_once(" =")?;
        key.starts_with(|first: char| first.is_ascii_lowercase()).then_some(key)
    })
}

/// The language by its code, as in `?lang=fr`.
pub(crate) fn by_code(code: &str) -> Option<&'static Words> {
    LANGUAGES.iter().find(|words| words.code.eq_ignore_ascii_case(code))
}

/// The language for a request: the one asked for, else the best of Accept-Language, else the first.
pub(crate) fn choose(asked: Option<&str>, accept: Option<&str>) -> &'static Words {
    let best = asked.and_then(by_code).or_else(|| accept.and_then(negotiate));
    best.unwrap_or_else(|| LANGUAGES.first().expect("the list of languages is a constant that is not empty"))
}

fn negotiate(accept: &str) -> Option<&'static Words> {
    let accept = accept.get(..accept.len().min(ACCEPT_BYTES_MAX)).unwrap_or_default();
    let mut best: Option<(f32, &'static Words)> = None;
    for range in accept.split(',') {
        let mut pieces = range.split(';');
        let tag = pieces.next().unwrap_or_default().trim();
        let weight = pieces.find_map(|piece| piece.trim().strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
        let primary = tag.split('-').next().unwrap_or_default();
        let Some(words) = by_code(tag).or_else(|| by_code(primary)) else { continue };
        if weight > 0.0 && best.is_none_or(|(so_far, _)| weight > so_far) {
            best = Some((weight, words));
        }
    }
    best.map(|(_, words)| words)
}

/// The bytes of all language files, for fingerprints.
pub(crate) fn sources() -> impl Iterator<Item = &'static [u8]> {
    FILES.iter().map(|(_, text)| text.as_bytes())
}
