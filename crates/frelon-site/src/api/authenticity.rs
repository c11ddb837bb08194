//! What signatures prove: of one message, and of a collection.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use frelon_index::{GradeCount, SigningKey, SigningKeyRecord};
use frelon_mail::dkim::{
    Algorithm, Alignment, ArcReason, ArcResult, ArcSet, ArcState, Authentication, BodyCoverage, Canonicalization,
    CoveredField, DkimState, KeyUse, Malformation, Provenance, Reason, SignatureResult,
};
use serde::Serialize;

use super::{answer_found, json, shape::instant};
use crate::{fault::Fault, path, state::Site};

/// Keys listed; `key_count` tells how many there are.
const KEYS_MAX: usize = 1_000;

/// What the signatures of a message prove.
#[derive(Serialize)]
pub(super) struct AuthenticationForm<'a> {
    grade: DkimState,
    signatures: Vec<SignatureForm<'a>>,
    left_out: usize,
    arc: ArcForm<'a>,
}

#[derive(Serialize)]
struct SignatureForm<'a> {
    state: DkimState,
    reason: Reason,
    malformation: Option<Malformation>,
    signing_domain: &'a str,
    selector: &'a str,
    agent: Option<&'a str>,
    algorithm: Option<Algorithm>,
    header_canonicalization: Canonicalization,
    body_canonicalization: Canonicalization,
    alignment: Alignment,
    key: Option<KeyUseForm<'a>>,
    body_intact: Option<bool>,
    body: Option<BodyForm>,
    fields: Vec<FieldForm<'a>>,
    signed_at: Option<String>,
    expires_at: Option<String>,
}

#[derive(Serialize)]
struct BodyForm {
    covered_bytes: u64,
    total_bytes: u64,
    limited: bool,
}

#[derive(Serialize)]
struct FieldForm<'a> {
    name: &'a str,
    signed: u32,
    present: u32,
}

/// A key, as far as it is known.
#[derive(Serialize)]
struct KeyForm<'a> {
    fingerprint: &'a str,
    bits: u32,
    provenance: Provenance,
    source: &'a str,
    first_seen_at: Option<String>,
    last_seen_at: Option<String>,
}

/// A key, and what is to be known of its use for one message.
#[derive(Serialize)]
struct KeyUseForm<'a> {
    #[serde(flatten)]
    key: KeyForm<'a>,
    was_seen_then: Option<bool>,
    revoked_at: Option<String>,
    disclosed_at: Option<String>,
}

#[derive(Serialize)]
struct ArcForm<'a> {
    state: ArcState,
    reason: ArcReason,
    at: Option<u32>,
    oldest_pass: Option<u32>,
    sets: Vec<SetForm<'a>>,
}

#[derive(Serialize)]
struct SetForm<'a> {
    instance: u32,
    message: Option<SignatureForm<'a>>,
    seal: Option<SignatureForm<'a>>,
}

/// The form of a verdict.
pub(super) fn authentication(found: &Authentication) -> AuthenticationForm<'_> {
    AuthenticationForm {
        grade: found.grade,
        signatures: found.signatures.iter().map(signature).collect(),
        left_out: found.left_out,
        arc: arc(&found.arc),
    }
}

fn set(set: &ArcSet) -> SetForm<'_> {
    SetForm {
        instance: set.instance,
        message: set.message.as_ref().map(signature),
        seal: set.seal.as_ref().map(signature),
    }
}

fn field(field: &CoveredField) -> FieldForm<'_> {
    FieldForm { name: &field.name, signed: field.signed, present: field.present }
}

fn arc(found: &ArcResult) -> ArcForm<'_> {
    ArcForm {
        state: found.state,
        reason: found.reason,
        at: found.at,
        oldest_pass: found.oldest_pass,
        sets: found.sets.iter().map(set).collect(),
    }
}

fn signature(found: &SignatureResult) -> SignatureForm<'_> {
    let body = |body: BodyCoverage| BodyForm {
        covered_bytes: body.covered_bytes,
        total_bytes: body.total_bytes,
        limited: body.is_limited,
    };
    SignatureForm {
        state: found.state,
        reason: found.reason,
        malformation: found.malformation,
        signing_domain: &found.signing_domain,
        selector: &found.selector,
        agent: found.agent.as_deref(),
        algorithm: found.algorithm,
        header_canonicalization: found.header_canonicalization,
        body_canonicalization: found.body_canonicalization,
        alignment: found.alignment,
        key: found.key.as_ref().map(key_use),
        body_intact: found.is_body_intact,
        body: found.body.map(body),
        fields: found.covered.iter().map(field).collect(),
        signed_at: found.signed_at.map(instant),
        expires_at: found.expires_at.map(instant),
    }
}

fn key_use(key: &KeyUse) -> KeyUseForm<'_> {
    KeyUseForm {
        key: KeyForm {
            fingerprint: &key.fingerprint,
            bits: key.bits,
            provenance: key.provenance,
            source: &key.source,
            first_seen_at: key.first_seen_at.map(instant),
            last_seen_at: key.last_seen_at.map(instant),
        },
        was_seen_then: key.was_seen_then,
        revoked_at: key.revoked_at.map(instant),
        disclosed_at: key.disclosed_at.map(instant),
    }
}

/// What the signatures of a collection come to.
#[derive(Serialize)]
struct CollectionForm<'a> {
    grades: &'a [GradeCount],
    keys: Vec<SigningKeyForm<'a>>,
    key_count: u64,
    keys_link: Option<&'static str>,
}

#[derive(Serialize)]
struct SigningKeyForm<'a> {
    signing_domain: &'a str,
    selector: &'a str,
    key: Option<KeyForm<'a>>,
    item_count: u64,
    passed_count: u64,
    first_at: Option<String>,
    last_at: Option<String>,
}

fn key(key: &SigningKey) -> KeyForm<'_> {
    KeyForm {
        fingerprint: &key.fingerprint,
        bits: key.bits,
        provenance: key.provenance,
        source: &key.source,
        first_seen_at: key.first_seen_at.map(instant),
        last_seen_at: key.last_seen_at.map(instant),
    }
}

fn signing_key(record: &SigningKeyRecord) -> SigningKeyForm<'_> {
    SigningKeyForm {
        signing_domain: &record.signing_domain,
        selector: &record.selector,
        key: record.key.as_ref().map(key),
        item_count: record.item_count,
        passed_count: record.passed_count,
        first_at: record.first_at.map(instant),
        last_at: record.last_at.map(instant),
    }
}

/// `GET /api/v1/collections/{collection}/authenticity`
pub(super) async fn show(State(site): State<Arc<Site>>, Path(collection): Path<String>) -> Result<Response, Fault> {
    let id = path::collection_id(&collection)?;
    let body = site.read(move |archive| {
        if archive.collection(&id).is_none() {
            return Ok(None);
        }
        let grades = archive.grades(&id)?;
        let (keys, key_count) = archive.signing_keys(&id, KEYS_MAX)?;
        Ok(Some(json(&CollectionForm {
            grades: &grades,
            keys: keys.iter().map(signing_key).collect(),
            key_count,
            keys_link: archive.has_keys().then_some("/keys.jsonl"),
        })))
    });
    answer_found(body.await?)
}
