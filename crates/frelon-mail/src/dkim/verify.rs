//! One message to its [`Authentication`]: every signature judged by itself, against every key known.

use std::panic::{AssertUnwindSafe, catch_unwind};

use frelon_model::Instant;

use super::{
    arc,
    archive::{ArchivedKey, KeySource},
    body::{Body, Wanted},
    canonical::write_field,
    grade::{
        Alignment, AssessedSignature, Assessment, Authentication, CoveredField, DkimState, KeyUse, Reason,
        SignatureResult,
    },
    key::Unfit,
    public_key::Fit,
    signature::{Algorithm, Kind, Signature, domain_of, is_within},
};
use crate::{
    header::{self, HeaderBlock, RawField},
    value::{self, Hint},
};

/// DKIM signatures looked at in one message; lists and relays leave up to six.
pub(super) const SIGNATURES_MAX: usize = 20;
/// Keys tried on one signature.
const CANDIDATES_MAX: usize = 32;

/// Judges every signature of a message (RFC 6376 section 6) and its ARC chain (RFC 8617 section 5.2).
///
/// `raw` are the bytes as taken in, with line ends of either kind; an mbox `From ` line at the top is
/// passed over. `received_at` is when the message arrived: `x=` is judged then, and keys seen nearest
/// to it are tried first. Without it, nothing expires. Never fails and never panics.
#[must_use]
pub fn verify<K: KeySource + ?Sized>(raw: &[u8], keys: &K, received_at: Option<Instant>) -> Authentication {
    let block = header::cut_message(raw);
    let is_signature = |field: &&RawField<'_>| field.is("dkim-signature");
    let fields = block.fields.iter().filter(is_signature);
    let parsed: Vec<_> =
        fields.take(SIGNATURES_MAX).map(|field| (*field, Signature::parse(Kind::Dkim, field.value))).collect();
    let left_out = block.fields.iter().filter(is_signature).count() - parsed.len();
    let mut body = Body::new(raw.get(block.body_at..).unwrap_or_default());
    let sound = parsed.iter().filter(|(_, signature)| signature.problem.is_none());
    body.prepare(&sound.filter_map(|(_, signature)| Wanted::of(signature)).collect::<Vec<_>>());
    let mut judge = Judge { raw, block: &block, from_domain: None, keys, received_at, body, is_brief: false };
    if !parsed.is_empty() {
        judge.from_domain = from_domain(&block.fields);
    }
    let signatures: Vec<_> = parsed.iter().map(|(field, signature)| judge.judge_message(field, signature)).collect();
    let best = (0..signatures.len()).min_by_key(|&at| {
        let signature: &SignatureResult = &signatures[at];
        let is_foreign = !matches!(signature.alignment, Alignment::Exact | Alignment::Subdomain);
        (signature.state, is_foreign, at)
    });
    Authentication {
        grade: best.map_or(DkimState::Unsigned, |best| signatures[best].state),
        best,
        left_out,
        arc: arc::verify(&mut judge),
        signatures,
    }
}

/// The grade [`verify`] gives, and what it rests on, without the facts that do not decide it: a body is hashed
/// only where a known key may have made the signature, the chain of ARC is not looked at, and how domains
/// relate is not told. For the many messages of an index; `raw` and `received_at` are as in [`verify`].
#[must_use]
pub fn assess<K: KeySource + ?Sized>(raw: &[u8], keys: &K, received_at: Option<Instant>) -> Assessment {
    let block = header::cut_message(raw);
    let body = Body::new(raw.get(block.body_at..).unwrap_or_default());
    let mut judge = Judge { raw, block: &block, from_domain: None, keys, received_at, body, is_brief: true };
    let fields = block.fields.iter().filter(|field| field.is("dkim-signature")).take(SIGNATURES_MAX);
    let signatures: Vec<_> =
        fields.map(|field| judge.judge_message(field, &Signature::parse(Kind::Dkim, field.value))).collect();
    let grade = signatures.iter().map(|signature| signature.state).min().unwrap_or(DkimState::Unsigned);
    let brief = |found: SignatureResult| AssessedSignature {
        state: found.state,
        signing_domain: found.signing_domain,
        selector: found.selector,
        key: found.key,
    };
    Assessment { grade, signatures: signatures.into_iter().map(brief).collect() }
}

/// The selectors that the signatures of a message name, those of its ARC chain too, each once: domain and
/// selector in lower case. What is malformed names none.
#[must_use]
pub fn selectors(raw: &[u8]) -> Vec<(String, String)> {
    let block = header::cut_message(raw);
    let mut found = Vec::new();
    for (name, kind) in
        [("dkim-signature", Kind::Dkim), ("arc-message-signature", Kind::ArcMessage), ("arc-seal", Kind::ArcSeal)]
    {
        for field in block.fields.iter().filter(|field| field.is(name)).take(SIGNATURES_MAX) {
            let signature = Signature::parse(kind, field.value);
            let name = (signature.domain, signature.selector.to_ascii_lowercase());
            if signature.problem.is_none() && !found.contains(&name) {
                found.push(name);
            }
        }
    }
    found
}

/// The author's domain, in lower case.
fn from_domain(fields: &[RawField<'_>]) -> Option<String> {
    let from = fields.iter().find(|field| field.is("from"))?;
    // Addresses go through a foreign parser: a panic in there costs the alignment alone.
    let read = || value::addresses(from.value, &Hint::default());
    let addresses = catch_unwind(AssertUnwindSafe(read)).ok()?;
    let domain = domain_of(&addresses.first()?.email).to_ascii_lowercase();
    (!domain.is_empty()).then_some(domain)
}

/// A message being judged.
pub(crate) struct Judge<'x, 'k, K: ?Sized> {
    pub(crate) raw: &'x [u8],
    pub(crate) block: &'k HeaderBlock<'x>,
    from_domain: Option<String>,
    keys: &'k K,
    received_at: Option<Instant>,
    body: Body<'x>,
    /// Only what decides a grade is looked at.
    is_brief: bool,
}

/// What the keys say.
struct Tried<'k> {
    /// The best fit, of the candidates before it.
    fit: Option<(Fit, &'k ArchivedKey, u32)>,
    count: u32,
    unfit: Option<Unfit>,
    is_unreadable: bool,
    revoked_at: Option<Instant>,
    is_revoked: bool,
}

/// No keys at all.
struct NoKeys;

impl KeySource for NoKeys {
    fn keys(&self, _: &str, _: &str) -> &[ArchivedKey] {
        &[]
    }
}

impl<'x, 'k> Judge<'x, 'k, dyn KeySource> {
    /// Of use for what needs no key.
    pub(crate) fn unkeyed(raw: &'x [u8], block: &'k HeaderBlock<'x>) -> Self {
        let body = Body::new(raw.get(block.body_at..).unwrap_or_default());
        Self { raw, block, from_domain: None, keys: &NoKeys, received_at: None, body, is_brief: false }
    }

    /// Whether the body has the hash the signature says.
    pub(crate) fn is_body_intact(&mut self, signature: &Signature<'_>) -> bool {
        Wanted::of(signature).is_some_and(|wanted| self.body.check(wanted, &signature.body_hash).0)
    }
}

impl<'k, K: KeySource + ?Sized> Judge<'_, 'k, K> {
    /// Judges a signature over fields and body.
    pub(crate) fn judge_message(&mut self, field: &RawField<'_>, signature: &Signature<'_>) -> SignatureResult {
        let mut result = self.begin(signature);
        if self.is_brief && self.keys.keys(&signature.domain, &signature.selector).is_empty() {
            if signature.algorithm.is_some() && signature.problem.is_none() {
                (result.state, result.reason) = (DkimState::KeyNotFound, Reason::NoRecord);
            }
            return result;
        }
        let (signed, covered) = self.signed_fields(field, signature);
        result.covered = covered;
        let (Some(algorithm), None) = (signature.algorithm, signature.problem) else { return result };
        let tried = self.try_keys(algorithm, signature, &signed);
        let is_decisive = tried.fit.is_some_and(|(fit, ..)| fit != Fit::Other);
        if let Some(wanted) = Wanted::of(signature).filter(|_| is_decisive || !self.is_brief) {
            let (is_intact, coverage) = self.body.check(wanted, &signature.body_hash);
            result.is_body_intact = Some(is_intact);
            result.body = Some(coverage);
        }
        self.finish(&mut result, &tried, signature);
        result
    }

    /// Judges a signature over these bytes alone.
    pub(crate) fn judge_seal(&self, signature: &Signature<'_>, signed: &[u8]) -> SignatureResult {
        let mut result = self.begin(signature);
        let (Some(algorithm), None) = (signature.algorithm, signature.problem) else { return result };
        let tried = self.try_keys(algorithm, signature, signed);
        self.finish(&mut result, &tried, signature);
        result
    }

    /// The facts that need no key; the grade is malformed until it is found.
    fn begin(&self, signature: &Signature<'_>) -> SignatureResult {
        let alignment = match &self.from_domain {
            None => Alignment::Unknown,
            Some(from) if *from == signature.domain => Alignment::Exact,
            Some(from) if is_within(from, &signature.domain) || is_within(&signature.domain, from) => {
                Alignment::Subdomain
            }
            Some(_) => Alignment::None,
        };
        SignatureResult {
            state: DkimState::Malformed,
            reason: Reason::SignatureMalformed,
            malformation: signature.problem,
            unfit: None,
            signing_domain: signature.domain.clone(),
            selector: signature.selector.clone(),
            agent: signature.agent.clone(),
            algorithm: signature.algorithm,
            header_canonicalization: signature.header_canonicalization,
            body_canonicalization: signature.body_canonicalization,
            key: None,
            keys_tried: 0,
            is_body_intact: None,
            covered: Vec::new(),
            body: None,
            signed_at: signature.signed_at,
            expires_at: signature.expires_at,
            alignment,
        }
    }

    /// The bytes that are signed of the header (RFC 6376 section 3.7), and which fields they are.
    pub(crate) fn signed_fields(&self, own: &RawField<'_>, signature: &Signature<'_>) -> (Vec<u8>, Vec<CoveredField>) {
        let canonicalization = signature.header_canonicalization;
        let mut out = Vec::with_capacity(2_048);
        let mut covered: Vec<CoveredField> = Vec::with_capacity(signature.covered.len());
        let mut is_used = vec![false; self.block.fields.len()];
        for &name in &signature.covered {
            // Of several fields of one name, the lowest goes first (section 5.4.2).
            let mut found = None;
            let mut present = 0;
            for (at, field) in self.block.fields.iter().enumerate() {
                if field.name.eq_ignore_ascii_case(name) {
                    present += 1;
                    found = if is_used[at] { found } else { Some(at) };
                }
            }
            if let Some(at) = found {
                is_used[at] = true;
                write_field(canonicalization, self.raw, &self.block.fields[at], None, false, &mut out);
            }
            let name = String::from_utf8_lossy(name).to_ascii_lowercase();
            match covered.iter_mut().find(|covered| covered.name == name) {
                Some(covered) => covered.signed += 1,
                None => covered.push(CoveredField { name, signed: 1, present }),
            }
        }
        write_field(canonicalization, self.raw, own, Some(&signature.blank), true, &mut out);
        (out, covered)
    }

    /// When a signature was made, or else arrived.
    fn made_at(&self, signature: &Signature<'_>) -> Option<Instant> {
        signature.signed_at.or(self.received_at)
    }

    /// Grades by what the keys say.
    fn finish(&self, result: &mut SignatureResult, tried: &Tried<'_>, signature: &Signature<'_>) {
        let at = self.made_at(signature);
        result.keys_tried = tried.count;
        let is_body_intact = result.is_body_intact.unwrap_or(true);
        (result.state, result.reason) = match tried.fit {
            Some((Fit::Valid, ..)) if is_body_intact => {
                let is_expired = matches!((signature.expires_at, self.received_at), (Some(x), Some(at)) if at > x);
                (if is_expired { DkimState::Expired } else { DkimState::Pass }, Reason::Verified)
            }
            Some((Fit::Valid, ..)) => {
                let is_short =
                    result.body.is_some_and(|body| signature.length.is_some_and(|length| length > body.total_bytes));
                (DkimState::BodyAltered, if is_short { Reason::BodyShorter } else { Reason::BodyDiffers })
            }
            // Fields that were not read may be the ones that are missing.
            Some((Fit::OtherHash | Fit::Unknown, ..)) if self.block.is_cut => {
                (DkimState::Malformed, Reason::HeaderTooLong)
            }
            Some((Fit::OtherHash, ..)) if is_body_intact => (DkimState::HeadersAltered, Reason::HeadersDiffer),
            Some((Fit::OtherHash, ..)) => (DkimState::Altered, Reason::HeadersAndBodyDiffer),
            Some((Fit::Unknown, ..)) if is_body_intact => (DkimState::HeadersAltered, Reason::HeadersOrKey),
            Some((Fit::Unknown, ..)) => (DkimState::Altered, Reason::BodyAndHeadersOrKey),
            Some((Fit::Other, ..)) => (DkimState::KeyNotFound, Reason::NoKeyFits),
            None if tried.is_revoked => (DkimState::KeyRevoked, Reason::Revoked),
            None if tried.unfit.is_some() => (DkimState::Malformed, Reason::RecordUnfit),
            None if tried.is_unreadable => (DkimState::Malformed, Reason::RecordMalformed),
            None => (DkimState::KeyNotFound, Reason::NoRecord),
        };
        if result.reason == Reason::RecordUnfit {
            result.unfit = tried.unfit;
        }
        if let Some((fit, key, bits)) = tried.fit
            && fit >= Fit::OtherHash
        {
            result.key = Some(KeyUse {
                bits,
                fingerprint: key.record.as_ref().ok().and_then(super::KeyRecord::fingerprint).unwrap_or_default(),
                provenance: key.provenance,
                source: key.source.clone(),
                first_seen_at: key.first_seen_at,
                last_seen_at: key.last_seen_at,
                was_seen_then: at.and_then(|at| key.distance(at)).map(|distance| distance == 0),
                revoked_at: tried.revoked_at,
                disclosed_at: key.disclosed_at,
                is_testing: key.record.as_ref().is_ok_and(super::KeyRecord::is_testing),
            });
        }
    }

    fn try_keys(&self, algorithm: Algorithm, signature: &Signature<'_>, signed: &[u8]) -> Tried<'k> {
        let at = self.made_at(signature);
        let mut tried =
            Tried { fit: None, count: 0, unfit: None, is_unreadable: false, revoked_at: None, is_revoked: false };
        let records = self.keys.keys(&signature.domain, &signature.selector);
        if records.is_empty() {
            return tried;
        }
        let hashed = algorithm.hash().of(signed);
        let mut candidates: Vec<&ArchivedKey> = records.iter().take(CANDIDATES_MAX).collect();
        candidates.sort_by_key(|key| at.and_then(|at| key.distance(at)).unwrap_or(u64::MAX));
        for candidate in candidates {
            let Ok(record) = &candidate.record else {
                tried.is_unreadable = true;
                continue;
            };
            let key = match record.key_for(algorithm, signature.agent_is_subdomain()) {
                Ok(key) => key,
                Err(Some(unfit)) => {
                    tried.unfit.get_or_insert(unfit);
                    continue;
                }
                Err(None) => {
                    tried.is_revoked = true;
                    tried.revoked_at = tried.revoked_at.into_iter().chain(candidate.first_seen_at).min();
                    continue;
                }
            };
            tried.count += 1;
            let is_done = matches!(tried.fit, Some((Fit::Valid, ..)));
            if is_done {
                continue;
            }
            let fit = key.check(algorithm.hash(), &hashed, &signature.signature);
            if tried.fit.is_none_or(|(best, ..)| fit > best) {
                tried.fit = Some((fit, candidate, key.bits()));
            }
        }
        tried
    }
}
