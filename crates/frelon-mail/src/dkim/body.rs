//! Hashes over a message's body, each computed once: signatures of one message mostly ask for the same.

use std::cell::OnceCell;

use super::{
    canonical::{BodyForm, Canonicalization, has_from_line, stream_body},
    digest::{Digest, Hash},
    grade::BodyCoverage,
    signature::Signature,
};

/// Passes over a body in other forms than as given: real mail needs three at most, and a hostile one could
/// ask for dozens.
const OTHER_FORMS_MAX: u32 = 12;

/// What is asked of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted {
    canonicalization: Canonicalization,
    hash: Hash,
    /// `l=`, in bytes.
    length: Option<u64>,
}

impl Wanted {
    /// What a signature asks for; `None` if its algorithm is not known.
    pub(crate) fn of(signature: &Signature<'_>) -> Option<Self> {
        Some(Self {
            canonicalization: signature.body_canonicalization,
            hash: signature.algorithm?.hash(),
            length: signature.length,
        })
    }
}

#[derive(Debug)]
struct Hashed {
    form: BodyForm,
    wanted: Wanted,
    hash: Vec<u8>,
    total_bytes: u64,
}

/// The body with what has been computed of it.
#[derive(Debug)]
pub(crate) struct Body<'x> {
    bytes: &'x [u8],
    hashed: Vec<Hashed>,
    has_from_line: OnceCell<bool>,
    other_forms: u32,
}

impl<'x> Body<'x> {
    pub(crate) fn new(bytes: &'x [u8]) -> Self {
        Self { bytes, hashed: Vec::new(), has_from_line: OnceCell::new(), other_forms: 0 }
    }

    /// Computes all that will be asked for, with one pass over the body for each canonicalization.
    pub(crate) fn prepare(&mut self, wanted: &[Wanted]) {
        for canonicalization in [Canonicalization::Relaxed, Canonicalization::Simple] {
            let mut these: Vec<Wanted> = Vec::new();
            for wanted in wanted.iter().filter(|wanted| wanted.canonicalization == canonicalization) {
                if !these.contains(wanted) && self.find(BodyForm::AsGiven, *wanted).is_none() {
                    these.push(*wanted);
                }
            }
            self.compute(BodyForm::AsGiven, canonicalization, &these);
        }
    }

    /// Whether the body has that hash, in some reading of its `From ` lines, and how much is covered.
    pub(crate) fn check(&mut self, wanted: Wanted, expected: &[u8]) -> (bool, BodyCoverage) {
        let (is_same, coverage) = self.check_form(BodyForm::AsGiven, wanted, expected);
        let bytes = self.bytes;
        if is_same || !*self.has_from_line.get_or_init(|| has_from_line(bytes)) {
            return (is_same, coverage);
        }
        for form in [BodyForm::Unquoted, BodyForm::UnquotedOnce, BodyForm::Quoted] {
            if self.find(form, wanted).is_none() {
                if self.other_forms == OTHER_FORMS_MAX {
                    break;
                }
                self.other_forms += 1;
            }
            let other = self.check_form(form, wanted, expected);
            if other.0 {
                return other;
            }
        }
        (false, coverage)
    }

    fn check_form(&mut self, form: BodyForm, wanted: Wanted, expected: &[u8]) -> (bool, BodyCoverage) {
        if self.find(form, wanted).is_none() {
            self.compute(form, wanted.canonicalization, &[wanted]);
        }
        let found = self.find(form, wanted);
        let total_bytes = found.map_or(0, |hashed| hashed.total_bytes);
        let coverage = BodyCoverage {
            covered_bytes: wanted.length.unwrap_or(total_bytes).min(total_bytes),
            total_bytes,
            is_limited: wanted.length.is_some(),
            form,
        };
        (found.is_some_and(|hashed| hashed.hash == expected), coverage)
    }

    fn find(&self, form: BodyForm, wanted: Wanted) -> Option<&Hashed> {
        self.hashed.iter().find(|hashed| hashed.form == form && hashed.wanted == wanted)
    }

    fn compute(&mut self, form: BodyForm, canonicalization: Canonicalization, wanted: &[Wanted]) {
        if wanted.is_empty() {
            return;
        }
        let mut digests: Vec<(Digest, u64)> =
            wanted.iter().map(|wanted| (Digest::new(wanted.hash), wanted.length.unwrap_or(u64::MAX))).collect();
        let total_bytes = stream_body(canonicalization, form, self.bytes, &mut |chunk| {
            for (digest, left) in &mut digests {
                let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(chunk.len());
                digest.update(&chunk[..taken]);
                *left -= taken as u64;
            }
        });
        let hashes = digests.into_iter().zip(wanted);
        self.hashed.extend(hashes.map(|((digest, _), &wanted)| Hashed {
            form,
            wanted,
            hash: digest.finish(),
            total_bytes,
        }));
    }
}
