//! What the signatures of a message prove, in the reader's words: a finding each, never a badge.

use frelon_mail::dkim::{Alignment, Authentication, DkimState, KeyUse, Provenance, SignatureResult};

use super::shell::Shell;

/// Signatures shown; a message with more of them is a curiosity, and its raw form has all.
const SHOWN_MAX: usize = 8;

/// The panel.
pub(super) struct Signatures {
    pub(super) lines: Vec<Line>,
    /// How many are not shown or were not looked at; empty for none.
    pub(super) left_out: String,
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
        Self { lines, left_out }
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
