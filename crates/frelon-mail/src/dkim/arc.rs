//! The Authenticated Received Chain (RFC 8617): who passed the message on, and what each of them saw.

use super::{
    archive::KeySource,
    canonical::{Canonicalization, write_field},
    grade::{ArcReason, ArcResult, ArcSet, ArcState, DkimState},
    signature::{Kind, Signature},
    tag::{TagList, squeeze, trim},
    verify::Judge,
};
use crate::header::RawField;

/// Longest chain (RFC 8617 section 4.2.1).
const SETS_MAX: usize = 50;
/// Message signatures looked at, from the last down: each may ask for a hash of the body of its own.
const MESSAGES_MAX: usize = 10;

/// The fields of one instance.
#[derive(Clone)]
struct Link<'x> {
    results: RawField<'x>,
    message: RawField<'x>,
    seal: RawField<'x>,
}

/// Judges the chain of a message.
pub(crate) fn verify<K: KeySource + ?Sized>(judge: &mut Judge<'_, '_, K>) -> ArcResult {
    let named = |name: &str| judge.block.fields.iter().filter(|field| field.is(name)).copied().collect::<Vec<_>>();
    let results = named("arc-authentication-results");
    let messages = named("arc-message-signature");
    let seals = named("arc-seal");
    if results.is_empty() && messages.is_empty() && seals.is_empty() {
        return ArcResult::new(ArcState::None, ArcReason::None, None);
    }
    let Some(links) = links(&results, &messages, &seals) else {
        return ArcResult::new(ArcState::Fail, ArcReason::Structure, None);
    };
    let parsed: Vec<_> = links
        .iter()
        .map(|link| {
            (Signature::parse(Kind::ArcMessage, link.message.value), Signature::parse(Kind::ArcSeal, link.seal.value))
        })
        .collect();
    let mut result = ArcResult::new(ArcState::Pass, ArcReason::Verified, None);
    let numbers = 1..=u32::try_from(links.len()).unwrap_or(u32::MAX);
    result.sets = numbers.map(|instance| ArcSet { instance, message: None, seal: None }).collect();

    // Section 5.2, in its order: the last seal's word, the structure, the last message signature, the seals.
    let last = links.len() - 1;
    let fail = |result: &mut ArcResult, state, reason, at: usize| {
        if result.state == ArcState::Pass {
            (result.state, result.reason, result.at) = (state, reason, u32::try_from(at + 1).ok());
        }
    };
    if parsed[last].1.chain == Some(b"fail") {
        fail(&mut result, ArcState::Fail, ArcReason::FailedBefore, last);
    }
    for (at, (message, seal)) in parsed.iter().enumerate() {
        if message.problem.is_some() || seal.problem.is_some() {
            fail(&mut result, ArcState::Fail, ArcReason::Malformed, at);
        }
        let expected: &[u8] = if at == 0 { b"none" } else { b"pass" };
        if seal.chain != Some(expected) {
            fail(&mut result, ArcState::Fail, ArcReason::ChainValue, at);
        }
    }
    let mut is_unbroken = true;
    for at in (0..links.len()).rev().take(MESSAGES_MAX) {
        let found = judge.judge_message(&links[at].message, &parsed[at].0);
        let state = found.state;
        result.sets[at].message = Some(found);
        if at == last && !state.is_pass() {
            let (state, reason) = outcome(state, ArcReason::Message);
            fail(&mut result, state, reason, at);
        }
        is_unbroken &= state.is_pass();
        if !is_unbroken {
            break;
        }
        result.oldest_pass = u32::try_from(at + 1).ok();
    }
    for at in (0..links.len()).rev() {
        let found = judge.judge_seal(&parsed[at].1, &sealed(judge.raw, &links[..=at], &parsed[at].1));
        let state = found.state;
        result.sets[at].seal = Some(found);
        if !state.is_pass() {
            let (state, reason) = outcome(state, ArcReason::Seal);
            fail(&mut result, state, reason, at);
        }
    }
    result
}

/// A key that is not known is no proof of a break.
fn outcome(state: DkimState, reason: ArcReason) -> (ArcState, ArcReason) {
    match state {
        DkimState::KeyNotFound | DkimState::KeyRevoked => (ArcState::KeyNotFound, ArcReason::KeyNotFound),
        _ => (ArcState::Fail, reason),
    }
}

/// The sets in order; `None` unless each of them is there once, from 1 on without a gap.
fn links<'x>(results: &[RawField<'x>], messages: &[RawField<'x>], seals: &[RawField<'x>]) -> Option<Vec<Link<'x>>> {
    let count = seals.len();
    if !(1..=SETS_MAX).contains(&count) || results.len() != count || messages.len() != count {
        return None;
    }
    let place = |fields: &[RawField<'x>], instance: fn(&[u8]) -> Option<usize>| {
        let mut placed = vec![None; count];
        for field in fields {
            let slot = placed.get_mut(instance(field.value)?.checked_sub(1)?)?;
            if slot.replace(*field).is_some() {
                return None;
            }
        }
        placed.into_iter().collect::<Option<Vec<_>>>()
    };
    let results = place(results, results_instance)?;
    let messages = place(messages, instance)?;
    let seals = place(seals, instance)?;
    let links = results.into_iter().zip(messages).zip(seals);
    Some(links.map(|((results, message), seal)| Link { results, message, seal }).collect())
}

fn instance(value: &[u8]) -> Option<usize> {
    number(TagList::parse(value).0.get(b"i")?)
}

/// The results begin with their instance, and go on as in RFC 8601.
fn results_instance(value: &[u8]) -> Option<usize> {
    let first = value.split(|&byte| byte == b';').next()?;
    let equals = first.iter().position(|&byte| byte == b'=')?;
    if trim(&first[..equals]) != b"i" {
        return None;
    }
    number(&first[equals + 1..])
}

fn number(text: &[u8]) -> Option<usize> {
    let text = squeeze(text);
    if text.len() > 3 || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(&text).ok()?.parse().ok()
}

/// What the seal of the last of these links signs (section 5.1.1): all sets up to it, relaxed.
fn sealed(raw: &[u8], links: &[Link<'_>], seal: &Signature<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(links.len() * 2_048);
    for (at, link) in links.iter().enumerate() {
        let is_last = at + 1 == links.len();
        for field in [&link.results, &link.message] {
            write_field(Canonicalization::Relaxed, raw, field, None, false, &mut out);
        }
        let blank = is_last.then_some(&seal.blank);
        write_field(Canonicalization::Relaxed, raw, &link.seal, blank, is_last, &mut out);
    }
    out
}
