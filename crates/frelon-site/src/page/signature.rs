//! What the signatures of a message prove, in the reader's words: a finding each, never a badge.

use frelon_mail::dkim::{
    Alignment, ArcResult, ArcSet, ArcState, Authentication, DkimState, KeyUse, Provenance, SignatureResult,
};

use super::shell::Shell;

/// Signatures shown; a message with more of them is a curiosity, and its raw form has all.
const SHOWN_MAX: usize = 8;

/// Links of a chain shown; more than a few are as curious.
const LINKS_SHOWN_MAX: usize = 10;

/// The panel.
pub(super) struct Signatures {
    pub(super) lines: Vec<Line>,
    /// Those who passed the message on, if they say so.
    pub(super) chain: Option<Chain>,
    /// How many are not shown or were not looked at; empty for none.
    pub(super) left_out: String,
}

/// The chain of those who passed the message on (ARC).
pub(super) struct Chain {
    pub(super) state: String,
    pub(super) reason: String,
    /// From which link on nothing signed was changed; empty where that is not known.
    pub(super) unchanged: String,
    pub(super) links: Vec<Link>,
    /// How many are not shown; empty for none.
    pub(super) left_out: String,
}

/// One of them.
pub(super) struct Link {
    pub(super) instance: u32,
    pub(super) domain: String,
    /// What was signed (the message, the chain so far), the state of that signature, and its reason.
    pub(super) parts: Vec<(String, String, String)>,
}

impl Chain {
    fn of(s: &Shell, found: &ArcResult) -> Option<Self> {
        if found.state == ArcState::None {
            return None;
        }
        let mut reason = s.t(&format!("arc-reason-{}", found.reason.code())).to_owned();
        if let Some(at) = found.at {
            reason = format!("{} {reason}", s.n("arc-at", at));
        }
        let left_out = found.sets.len().saturating_sub(LINKS_SHOWN_MAX);
        Some(Self {
            state: s.t(&format!("arc-{}", found.state.code())).to_owned(),
            reason,
            unchanged: found.oldest_pass.map(|oldest| s.n("arc-unchanged", oldest)).unwrap_or_default(),
            links: found.sets.iter().take(LINKS_SHOWN_MAX).map(|set| Link::of(s, set)).collect(),
            left_out: if left_out == 0 { String::new() } else { s.n("arc-left-out", left_out) },
        })
    }
}

impl Link {
    fn of(s: &Shell, set: &ArcSet) -> Self {
        let signed = set.seal.as_ref().or(set.message.as_ref());
        let part = |name: &str, one: Option<&SignatureResult>| {
            let Some(one) = one else {
                return (s.t(name).to_owned(), s.t("arc-not-looked-at").to_owned(), String::new());
            };
            // What a reason says of the body has no place where only fields are signed.
            let is_plain_seal = name == "arc-seal" && one.state.is_pass();
            let reason = if is_plain_seal { String::new() } else { format!("dkim-reason-{}", one.reason.code()) };
            (s.t(name).to_owned(), s.t(&format!("dkim-{}", one.state)).to_owned(), s.t(&reason).to_owned())
        };
        Self {
            instance: set.instance,
            domain: signed.map(|one| one.signing_domain.clone()).unwrap_or_default(),
            parts: vec![part("arc-message", set.message.as_ref()), part("arc-seal", set.seal.as_ref())],
        }
    }
}

/// One signature.
pub(super) struct Line {
    pub(super) state: String,
    pub(super) reason: String,
    pub(super) domain: String,
    pub(super) alignment: String,
    pub(super) selector: String,
    /// What is known of the key; empty where none is.
    pub(super) key: String,
    pub(super) covers: String,
    /// What a reader should beware of.
    pub(super) warnings: Vec<String>,
}

impl Signatures {
    pub(super) fn of(s: &Shell, found: &Authentication) -> Self {
        let lines: Vec<Line> = found.signatures.iter().take(SHOWN_MAX).map(|one| line(s, one)).collect();
        let left_out = found.left_out + found.signatures.len() - lines.len();
        let left_out = if left_out == 0 { String::new() } else { s.n("signatures-left-out", left_out) };
        Self { lines, chain: Chain::of(s, &found.arc), left_out }
    }
}

fn line(s: &Shell, one: &SignatureResult) -> Line {
    let alignment = match one.alignment {
        Alignment::Exact | Alignment::Subdomain => s.t("signature-aligned").to_owned(),
        Alignment::None => s.t("signature-foreign").to_owned(),
        Alignment::Unknown => String::new(),
    };
    let duplicate = |name: &str| s.with("signature-duplicate", [("field", name.to_owned().into())]);
    Line {
        state: s.t(&format!("dkim-{}", one.state)).to_owned(),
        reason: s.t(&format!("dkim-reason-{}", one.reason.code())).to_owned(),
        domain: one.signing_domain.clone(),
        alignment,
        selector: one.selector.clone(),
        key: one.key.as_ref().map(|key| key_words(s, key)).unwrap_or_default(),
        covers: if one.state == DkimState::Malformed { String::new() } else { covers(s, one) },
        warnings: one.unsigned_duplicates().map(|field| duplicate(&field.name)).collect(),
    }
}

/// Size, where the key comes from, and when it was seen.
fn key_words(s: &Shell, key: &KeyUse) -> String {
    let from = match key.provenance {
        Provenance::LiveDns => "signature-key-live-dns",
        Provenance::Archive => "signature-key-archive",
        Provenance::Recovered => "signature-key-recovered",
    };
    let mut words = vec![s.with("signature-key-size", [("bits", key.bits.to_string().into())]), s.t(from).to_owned()];
    if !key.source.is_empty() {
        words.push(key.source.clone());
    }
    if let (Some(first), Some(last)) = (key.first_seen_at, key.last_seen_at) {
        words.push(s.with("signature-key-seen", [("first", s.date(first).into()), ("last", s.date(last).into())]));
    }
    words.join(" · ")
}

/// The signed fields that are there, and how much of the body.
fn covers(s: &Shell, one: &SignatureResult) -> String {
    let mut words: Vec<String> =
        one.covered.iter().filter(|field| field.present > 0).map(|field| field.name.clone()).collect();
    words.dedup();
    words.push(match one.body.filter(|body| body.is_limited && body.covered_bytes < body.total_bytes) {
        Some(body) => s.with(
            "signature-body-part",
            [("covered", s.number(body.covered_bytes).into()), ("total", s.number(body.total_bytes).into())],
        ),
        None => s.t("signature-body-whole").to_owned(),
    });
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use frelon_mail::dkim::{ArcReason, KeyArchive, verify};

    use super::*;
    use crate::page::shell::Reader;

    /// A chain of one link, with signatures that prove nothing.
    const CHAINED: &str = "ARC-Seal: i=1; a=rsa-sha256; d=lists.example; s=arc; cv=none; b=AAAA\r\n\
        ARC-Message-Signature: i=1; a=rsa-sha256; d=lists.example; s=arc; c=relaxed/relaxed; h=from;\r\n \
        bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n\
        ARC-Authentication-Results: i=1; lists.example; dkim=pass\r\nFrom: a@b.example\r\n\r\n";

    #[test]
    fn a_chain_is_told_link_by_link() {
        let found = verify(CHAINED.as_bytes(), &KeyArchive::new(), None);
        assert_eq!(found.arc.reason, ArcReason::KeyNotFound);
        for (language, state) in [("en", "key not known"), ("fr", "clé inconnue")] {
            let shell = Shell::new(Reader::for_test(language, "/"), String::new(), String::new());
            let panel = Signatures::of(&shell, &found);
            let chain = panel.chain.expect("there is one");
            assert!(panel.lines.is_empty() && chain.left_out.is_empty() && chain.unchanged.is_empty());
            assert_eq!(chain.state, state);
            let [link] = &chain.links[..] else { panic!("one link") };
            assert_eq!((link.instance, link.domain.as_str(), link.parts.len()), (1, "lists.example", 2));
            assert!(link.parts.iter().all(|(_, of_part, reason)| of_part == state && !reason.is_empty()));
            assert!(!shell.t("arc").is_empty());
        }
        let plain = verify(b"From: a@b.example\r\n\r\n", &KeyArchive::new(), None);
        let shell = Shell::new(Reader::for_test("en", "/"), String::new(), String::new());
        assert!(Signatures::of(&shell, &plain).chain.is_none());
    }

    #[test]
    fn every_state_and_reason_of_a_chain_has_words() {
        for language in ["en", "fr"] {
            let words = Reader::for_test(language, "/").words;
            for state in ArcState::ALL.into_iter().filter(|state| *state != ArcState::None) {
                assert!(words.find(&format!("arc-{}", state.code())).is_some(), "{}", state.code());
            }
            for reason in ArcReason::ALL.into_iter().filter(|reason| *reason != ArcReason::None) {
                assert!(words.find(&format!("arc-reason-{}", reason.code())).is_some(), "{}", reason.code());
            }
        }
    }
}
