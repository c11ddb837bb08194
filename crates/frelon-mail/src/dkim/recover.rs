//! RSA keys recovered from signatures: where two signatures were made with one key, the key's modulus
//! divides `signature^e - encoded hash` of both, and is what these numbers have in common.
//!
//! What is found is proved by the signatures it verifies. It proves that they have one signer, not whose
//! key it was. The numbers have 134 million bits for a key of 2,048 bits and the usual exponent, so that
//! the work is cut into steps: a pure state machine, which may be stopped and dropped at will. One attempt
//! takes one minute for 1,024 bits and three to four for 2,048. It succeeds where the fields of its first
//! signature are as they were signed, and those of one of the others; which ones are cannot be told before.

use dashu_base::BitTest;
use dashu_int::{UBig, fast_div::ConstDivisor};
use frelon_model::Instant;

use super::{
    archive::{ArchivedKey, Provenance},
    digest::{Digest, Hash},
    gcd::Gcd,
    key::KeyRecord,
    public_key::{Fit, PublicKey, RsaKey, encode},
    signature::{Algorithm, Kind, Signature},
    verify::{Judge, SIGNATURES_MAX},
};
use crate::header;

/// Signatures held for one selector: enough to choose from and to check with.
const SPECIMENS_MAX: usize = 2_000;
/// First signatures tried against others; each such attempt takes minutes for the usual exponent.
const ATTEMPTS_MAX: usize = 6;
/// Signatures put together against the first: one unaltered among them is enough.
const OTHERS_MAX: usize = 5;
/// Largest signature recovered from, in bits: numbers grow with it to `bits * exponent`.
const SIGNATURE_BITS_MAX: usize = 4_096;
/// Exponents in use, the cheap ones first; each is a power of two and one.
const EXPONENTS: [u32; 4] = [3, 17, 257, 65_537];
/// What the bytes of a recovery that stands begin with.
const SAVED_MARK: &[u8] = b"frelon recovery 1\n";
/// Divisors below this are stripped from what two numbers have in common by chance.
const SMALL_FACTOR_MAX: u32 = 10_000;

/// A signature that a key may be recovered from: RSA, over a body that has its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Specimen {
    /// `d=` in lower case.
    pub signing_domain: String,
    /// `s=`.
    pub selector: String,
    /// `t=`.
    pub signed_at: Option<Instant>,
    hash: Hash,
    hashed: Vec<u8>,
    signature: Vec<u8>,
}

impl Specimen {
    /// All a message has.
    #[must_use]
    pub fn collect(raw: &[u8]) -> Vec<Self> {
        let block = header::cut_message(raw);
        let signatures: Vec<_> =
            block.fields.iter().filter(|field| field.is("dkim-signature")).take(SIGNATURES_MAX).collect();
        if signatures.is_empty() {
            return Vec::new();
        }
        let mut judge = Judge::unkeyed(raw, &block);
        let mut specimens = Vec::new();
        for field in signatures {
            let signature = Signature::parse(Kind::Dkim, field.value);
            let hash = match signature.algorithm {
                Some(Algorithm::RsaSha1) => Hash::Sha1,
                Some(Algorithm::RsaSha256) => Hash::Sha256,
                _ => continue,
            };
            if signature.problem.is_some() || !judge.is_body_intact(&signature) {
                continue;
            }
            let (signed, _) = judge.signed_fields(field, &signature);
            specimens.push(Self {
                hashed: hash.of(&signed),
                hash,
                signing_domain: signature.domain,
                selector: signature.selector,
                signed_at: signature.signed_at,
                signature: signature.signature,
            });
        }
        specimens
    }

    /// What the modulus divides, given the signature to the power of the exponent.
    fn multiple(&self, power: UBig) -> Option<UBig> {
        let encoded = encode(self.hash, &self.hashed, self.signature.len())?;
        let encoded = UBig::from_be_bytes(&encoded);
        (power > encoded).then(|| power - encoded)
    }

    fn number(&self) -> UBig {
        UBig::from_be_bytes(&self.signature)
    }

    /// Whether this key made the signature, be it over these fields or over others.
    #[must_use]
    pub fn is_of(&self, key: &ArchivedKey) -> bool {
        matches!(self.fit(key), Some(Fit::Valid | Fit::OtherHash))
    }

    fn fit(&self, key: &ArchivedKey) -> Option<Fit> {
        let key = key.record.as_ref().ok()?.key.as_ref()?;
        Some(key.check(self.hash, &self.hashed, &self.signature))
    }
}

/// A key that was recovered.
#[derive(Debug, Clone)]
pub struct RecoveredKey {
    /// The record with the times of the first and the last signature it verifies, ready for an archive.
    pub key: ArchivedKey,
    /// Size of the modulus in bits.
    pub bits: u32,
    /// Signatures it verifies.
    pub verified: usize,
    /// Signatures looked at.
    pub total: usize,
}

/// How far a recovery has come.
#[derive(Debug, Clone)]
#[must_use]
pub enum Progress {
    /// There is more to do.
    Working,
    /// A key was found.
    Found(Box<RecoveredKey>),
    /// No key can be found from these signatures.
    Exhausted,
}

/// The recovery of one selector's key.
#[derive(Debug)]
pub struct Recovery {
    specimens: Vec<Specimen>,
    /// Place in [`EXPONENTS`].
    exponent: usize,
    attempt: usize,
    work: Work,
}

#[derive(Debug)]
enum Work {
    /// Begin the attempt.
    Begin,
    /// Raise a specimen to the exponent; what was raised before waits in `done`.
    Power {
        at: usize,
        power: UBig,
        squarings: u32,
        done: Vec<UBig>,
    },
    /// Find what two numbers have in common.
    Common(Gcd),
    Done,
}

impl Recovery {
    /// Prepares for signatures of one selector; those of others are left out, as are copies and what is
    /// too long. Signatures closest to each other in time are tried together, since keys are replaced.
    #[must_use]
    pub fn new(mut specimens: Vec<Specimen>) -> Self {
        if let Some(first) = specimens.first().cloned() {
            specimens.retain(|specimen| {
                specimen.signing_domain == first.signing_domain
                    && specimen.selector.eq_ignore_ascii_case(&first.selector)
                    && specimen.signature.len() * 8 <= SIGNATURE_BITS_MAX
            });
        }
        specimens.sort_by(|a, b| (a.signed_at, &a.signature).cmp(&(b.signed_at, &b.signature)));
        specimens.dedup_by(|a, b| a.signature == b.signature);
        specimens.truncate(SPECIMENS_MAX);
        Self { specimens, exponent: 0, attempt: 0, work: Work::Begin }
    }

    /// Does a bounded piece of the work: seconds, and half a minute at most for a key of 2,048 bits.
    pub fn step(&mut self) -> Progress {
        match std::mem::replace(&mut self.work, Work::Done) {
            Work::Done => return Progress::Exhausted,
            Work::Begin => {
                if self.group().len() < 2 {
                    return self.next_attempt();
                }
                self.work = self.raise(0, Vec::new());
            }
            Work::Power { at, mut power, mut squarings, done } => {
                if squarings > 0 {
                    power = power.sqr();
                    squarings -= 1;
                    self.work = Work::Power { at, power, squarings, done };
                } else {
                    return self.finish_power(at, power, done);
                }
            }
            Work::Common(mut gcd) => match gcd.step() {
                None => self.work = Work::Common(gcd),
                Some(divisor) => {
                    if let Some(found) = self.check(divisor) {
                        return Progress::Found(Box::new(found));
                    }
                    return self.next_attempt();
                }
            },
        }
        Progress::Working
    }

    /// The specimens of this attempt: a first one, and those after it in time.
    fn group(&self) -> Vec<usize> {
        self.group_of(self.attempt)
    }

    fn group_of(&self, attempt: usize) -> Vec<usize> {
        let count = self.specimens.len();
        let first = attempt * count / self.attempts();
        (first..count).take(1 + OTHERS_MAX).collect()
    }

    fn attempts(&self) -> usize {
        (self.specimens.len() / 2).clamp(1, ATTEMPTS_MAX)
    }

    fn next_attempt(&mut self) -> Progress {
        self.attempt += 1;
        if self.attempt >= self.attempts() {
            (self.attempt, self.exponent) = (0, self.exponent + 1);
        }
        let is_over = self.exponent >= EXPONENTS.len() || self.specimens.len() < 2;
        self.work = if is_over { Work::Done } else { Work::Begin };
        if is_over { Progress::Exhausted } else { Progress::Working }
    }

    fn raise(&self, at: usize, done: Vec<UBig>) -> Work {
        let power = self.specimens[self.group()[at]].number();
        Work::Power { at, power, squarings: EXPONENTS[self.exponent].ilog2(), done }
    }

    /// The last multiplication, and what the number is for: the first waits; of the others, the product
    /// modulo the first is kept.
    fn finish_power(&mut self, at: usize, power: UBig, mut done: Vec<UBig>) -> Progress {
        let group = self.group();
        let specimen = &self.specimens[group[at]];
        if let Some(multiple) = specimen.multiple(power * specimen.number()) {
            match done.as_mut_slice() {
                [first, product] => *product = &*product * multiple % &*first,
                _ => done.push(multiple),
            }
        }
        if at + 1 < group.len() {
            self.work = self.raise(at + 1, done);
            return Progress::Working;
        }
        match <[UBig; 2]>::try_from(done) {
            Ok([first, product]) if !product.is_zero() => {
                self.work = Work::Common(Gcd::new(first, product));
                Progress::Working
            }
            _ => self.next_attempt(),
        }
    }

    /// What is left of a common divisor when it is held against every signature.
    fn check(&self, divisor: UBig) -> Option<RecoveredKey> {
        let exponent = EXPONENTS[self.exponent];
        let bits = self.specimens[*self.group().first()?].signature.len() * 8;
        let mut modulus = strip(divisor);
        let is_modulus = |number: &UBig| number.bit_len() + 8 > bits && number.bit_len() <= bits;
        for specimen in &self.specimens {
            if is_modulus(&modulus) || modulus.bit_len() < bits {
                break;
            }
            // A chance factor goes where it does not divide another signature's number.
            let ring = ConstDivisor::new(modulus.clone());
            let power = ring.reduce(specimen.number()).pow(&UBig::from(exponent));
            let Some(encoded) = encode(specimen.hash, &specimen.hashed, specimen.signature.len()) else { continue };
            let rest = (power - ring.reduce(UBig::from_be_bytes(&encoded))).residue();
            let common = dashu_base::Gcd::gcd(&modulus, &rest);
            if common.bit_len() + 8 > bits {
                modulus = strip(common);
            }
        }
        if !is_modulus(&modulus) {
            return None;
        }
        let bytes = modulus.to_be_bytes();
        let key = PublicKey::Rsa(RsaKey::new(&bytes, &exponent.to_be_bytes()).ok()?);
        let verified: Vec<_> = self
            .specimens
            .iter()
            .filter(|specimen| key.check(specimen.hash, &specimen.hashed, &specimen.signature) == Fit::Valid)
            .collect();
        if verified.len() < 2 {
            return None;
        }
        let record = KeyRecord::rsa(&bytes, &exponent.to_be_bytes()).ok()?.to_text()?;
        let times = || verified.iter().filter_map(|specimen| specimen.signed_at);
        let source = format!("recovered from {} signatures", verified.len());
        Some(RecoveredKey {
            key: ArchivedKey::new(&record, Provenance::Recovered, &source).seen(times().min(), times().max()),
            bits: key.bits(),
            verified: verified.len(),
            total: self.specimens.len(),
        })
    }

    /// The signatures that a key did not make: perhaps made with another key of the selector. Those it made
    /// over fields that were altered since are not among them.
    #[must_use]
    pub fn rest(self, found: &RecoveredKey) -> Vec<Specimen> {
        self.specimens.into_iter().filter(|specimen| !specimen.is_of(&found.key)).collect()
    }

    /// Signatures worked on: copies are left out.
    #[must_use]
    pub fn specimen_count(&self) -> usize {
        self.specimens.len()
    }

    /// Attempts begun so far, of all that will be made where none succeeds.
    #[must_use]
    pub fn attempts_begun(&self) -> (usize, usize) {
        let attempts = self.attempts();
        (self.exponent * attempts + self.attempt + 1, EXPONENTS.len() * attempts)
    }
}

/// Where a recovery stands, as bytes that one over the same signatures goes on from.
impl Recovery {
    /// Names the signatures worked on: 64 hexadecimal digits, the same for the same signatures.
    #[must_use]
    pub fn name(&self) -> String {
        self.digest().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn digest(&self) -> Vec<u8> {
        let mut digest = Digest::new(Hash::Sha256);
        for specimen in &self.specimens {
            let names = [specimen.signing_domain.as_bytes(), specimen.selector.as_bytes()];
            for part in names.into_iter().chain([&specimen.hashed[..], &specimen.signature]) {
                digest.update(&(part.len() as u64).to_be_bytes());
                digest.update(part);
            }
        }
        digest.finish()
    }

    /// Where it stands: some ten megabytes for each number that is being worked on, and 50 at most.
    #[must_use]
    pub fn save(&self) -> Vec<u8> {
        let mut out = SAVED_MARK.to_vec();
        out.extend_from_slice(&self.digest());
        let mut put = |number: usize| out.extend_from_slice(&(number as u64).to_le_bytes());
        put(self.exponent);
        put(self.attempt);
        let numbers: Vec<&UBig> = match &self.work {
            Work::Begin | Work::Done => {
                put(0);
                Vec::new()
            }
            Work::Power { at, power, squarings, done } => {
                put(1);
                put(*at);
                put(*squarings as usize);
                [power].into_iter().chain(done).collect()
            }
            Work::Common(gcd) => {
                put(2);
                gcd.numbers().into()
            }
        };
        for number in numbers {
            let bytes = number.to_le_bytes();
            out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            out.extend_from_slice(&bytes);
        }
        let sum = Hash::Sha256.of(&out);
        out.extend_from_slice(&sum);
        out
    }

    /// Goes on from what [`Recovery::save`] gave; `false`, and nothing is changed, where that was for other
    /// signatures or is damaged.
    pub fn restore(&mut self, saved: &[u8]) -> bool {
        let Some((exponent, attempt, work)) = self.read_saved(saved) else { return false };
        (self.exponent, self.attempt, self.work) = (exponent, attempt, work);
        true
    }

    fn read_saved(&self, saved: &[u8]) -> Option<(usize, usize, Work)> {
        let (saved, sum) = saved.split_last_chunk::<32>()?;
        if Hash::Sha256.of(saved) != sum {
            return None;
        }
        let mut rest = saved.strip_prefix(SAVED_MARK)?.strip_prefix(&self.digest()[..])?;
        let exponent = take_count(&mut rest)?;
        let attempt = take_count(&mut rest)?;
        if exponent >= EXPONENTS.len() || attempt >= self.attempts() {
            return None;
        }
        let work = match take_count(&mut rest)? {
            0 => Work::Begin,
            1 => {
                let at = take_count(&mut rest)?;
                let squarings = u32::try_from(take_count(&mut rest)?).ok()?;
                let power = take_number(&mut rest)?;
                let mut done = Vec::new();
                while !rest.is_empty() && done.len() < 2 {
                    done.push(take_number(&mut rest)?);
                }
                if at >= self.group_of(attempt).len() || squarings > EXPONENTS[exponent].ilog2() {
                    return None;
                }
                Work::Power { at, power, squarings, done }
            }
            2 => Work::Common(Gcd::new(take_number(&mut rest)?, take_number(&mut rest)?)),
            _ => return None,
        };
        rest.is_empty().then_some((exponent, attempt, work))
    }
}

fn take_count(rest: &mut &[u8]) -> Option<usize> {
    let (count, after) = rest.split_first_chunk::<8>()?;
    *rest = after;
    usize::try_from(u64::from_le_bytes(*count)).ok()
}

fn take_number(rest: &mut &[u8]) -> Option<UBig> {
    let length = take_count(rest)?;
    let (bytes, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(UBig::from_le_bytes(bytes))
}

/// Without small factors.
fn strip(mut number: UBig) -> UBig {
    if let Some(zeros) = number.trailing_zeros() {
        number >>= zeros;
    }
    for factor in (3..SMALL_FACTOR_MAX).step_by(2) {
        while number.bit_len() > 32 && (&number % factor) == 0 {
            number /= factor;
        }
    }
    number
}
