//! The greatest common divisor of very large numbers, in bounded steps: Schönhage's algorithm in the form
//! of N. Möller, "On Schönhage's algorithm and subquadratic integer GCD computation" (2008).
//!
//! Libraries under licences we can take stop at Lehmer's algorithm, which is quadratic: a day for the
//! numbers met in recovering a key, where this takes minutes. It is arithmetic alone, on top of a
//! library's fast multiplication.

use std::mem;

use dashu_base::{BitTest, DivRem};
use dashu_int::UBig;

/// Numbers up to this size, in bits, are reduced by machine arithmetic.
const SMALL_BITS: usize = 126;
/// Size below which plain divisions finish the work.
const PLAIN_BITS: usize = 20_000;
/// Largest part the next quotients are found from at a time, in bits: bounds the time of one step.
const CHUNK_BITS: usize = 1 << 24;

/// A product of elementary steps: the numbers before are this matrix times the numbers after. Its
/// determinant is one, so that undoing it needs no division.
#[derive(Debug, Clone)]
struct Matrix([UBig; 4]);

impl Matrix {
    fn times(&self, other: &Self) -> Self {
        let [a, b, c, d] = &self.0;
        let [e, f, g, h] = &other.0;
        Self([a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h])
    }

    /// Carries the steps out on whole numbers, of which the high parts have become `high`; `low` are
    /// the `shift` bits below them.
    fn carry(&self, high: (UBig, UBig), low: &(UBig, UBig), shift: usize) -> (UBig, UBig) {
        let [a, b, c, d] = &self.0;
        let join = |high: UBig, more: UBig, less: UBig| (high << shift) + more - less;
        (join(high.0, d * &low.0, b * &low.1), join(high.1, a * &low.1, c * &low.0))
    }

    /// Appends the step that took `quotient` times the second number from the first, or the first from
    /// the second.
    fn append(&mut self, quotient: &UBig, from_first: bool) {
        let [a, b, c, d] = &mut self.0;
        if from_first {
            *b += &*a * quotient;
            *d += &*c * quotient;
        } else {
            *a += &*b * quotient;
            *c += &*d * quotient;
        }
    }
}

/// Reduces two numbers to about half their size: both stay longer than `keep` bits, half the size and
/// one, and their difference does not.
fn halve(mut a: UBig, mut b: UBig) -> (UBig, UBig, Matrix) {
    let size = a.bit_len().max(b.bit_len());
    let keep = size / 2 + 1;
    if size <= SMALL_BITS {
        return halve_small(&a, &b, keep);
    }
    let mut matrix = Matrix([UBig::ONE, UBig::ZERO, UBig::ZERO, UBig::ONE]);
    if a.bit_len().min(b.bit_len()) > size * 3 / 4 + 2 {
        (a, b, matrix) = reduce(&a, &b, size / 2);
    }
    while a.bit_len().max(b.bit_len()) > size * 3 / 4 + 1 && divide(&mut a, &mut b, keep, &mut matrix) {}
    if a.bit_len().min(b.bit_len()) > keep + 2 {
        let shift = 2 * keep + 1 - a.bit_len().max(b.bit_len());
        let further;
        (a, b, further) = reduce(&a, &b, shift);
        matrix = matrix.times(&further);
    }
    while divide(&mut a, &mut b, keep, &mut matrix) {}
    (a, b, matrix)
}

/// Finds steps from the bits above `shift`, and carries them out on all.
fn reduce(a: &UBig, b: &UBig, shift: usize) -> (UBig, UBig, Matrix) {
    let (low_a, high_a) = a.clone().split_bits(shift);
    let (low_b, high_b) = b.clone().split_bits(shift);
    let (high_a, high_b, matrix) = halve(high_a, high_b);
    let (a, b) = matrix.carry((high_a, high_b), &(low_a, low_b), shift);
    (a, b, matrix)
}

/// One division of the larger by the smaller that leaves both longer than `keep` bits; `false` if there
/// is none.
fn divide(a: &mut UBig, b: &mut UBig, keep: usize, matrix: &mut Matrix) -> bool {
    let from_first = *a > *b;
    let (large, small) = if from_first { (a, b) } else { (b, a) };
    if small.bit_len() <= keep || (&*large - &*small).bit_len() <= keep {
        return false;
    }
    let (mut quotient, mut rest) = (&*large).div_rem(&*small);
    if rest.bit_len() <= keep {
        quotient -= UBig::ONE;
        rest += &*small;
    }
    *large = rest;
    matrix.append(&quotient, from_first);
    true
}

/// [`halve`] for numbers that fit; the entries of the matrix have half their size.
fn halve_small(a: &UBig, b: &UBig, keep: usize) -> (UBig, UBig, Matrix) {
    let (mut a, mut b) = (u128::try_from(a).unwrap_or(0), u128::try_from(b).unwrap_or(0));
    let mut matrix: [u128; 4] = [1, 0, 0, 1];
    let is_short = |number: u128| number.checked_shr(u32::try_from(keep).unwrap_or(u32::MAX)).unwrap_or(0) == 0;
    loop {
        let from_first = a > b;
        let (large, small) = if from_first { (&mut a, &mut b) } else { (&mut b, &mut a) };
        if is_short(*small) || is_short(*large - *small) {
            break;
        }
        let (mut quotient, mut rest) = (*large / *small, *large % *small);
        if is_short(rest) {
            quotient -= 1;
            rest += *small;
        }
        *large = rest;
        let [a, b, c, d] = &mut matrix;
        if from_first {
            *b += *a * quotient;
            *d += *c * quotient;
        } else {
            *a += *b * quotient;
            *c += *d * quotient;
        }
    }
    (a.into(), b.into(), Matrix(matrix.map(UBig::from)))
}

/// A greatest common divisor being computed.
#[derive(Debug, Clone)]
pub(crate) struct Gcd {
    a: UBig,
    b: UBig,
}

impl Gcd {
    pub(crate) fn new(a: UBig, b: UBig) -> Self {
        Self { a, b }
    }

    /// What is left of the two numbers: all that is needed to go on.
    pub(crate) fn numbers(&self) -> [&UBig; 2] {
        [&self.a, &self.b]
    }

    /// Does a bounded piece of the work; the divisor, once it is found.
    pub(crate) fn step(&mut self) -> Option<UBig> {
        let size = self.a.bit_len().max(self.b.bit_len());
        if size <= PLAIN_BITS {
            while !self.b.is_zero() {
                self.divide();
            }
            return Some(mem::take(&mut self.a));
        }
        if self.a.bit_len().abs_diff(self.b.bit_len()) < 64 {
            let shift = (size / 2).max(size.saturating_sub(CHUNK_BITS));
            (self.a, self.b, _) = reduce(&self.a, &self.b, shift);
        }
        // Progress even where there was nothing to find.
        if self.b.is_zero() {
            return Some(mem::take(&mut self.a));
        }
        self.divide();
        None
    }

    fn divide(&mut self) {
        let rest = &self.a % &self.b;
        self.a = mem::replace(&mut self.b, rest);
    }
}

#[cfg(test)]
mod tests {
    use dashu_base::Gcd as _;
    use proptest::prelude::*;

    use super::*;

    fn found(a: UBig, b: UBig) -> UBig {
        let mut gcd = Gcd::new(a, b);
        loop {
            if let Some(divisor) = gcd.step() {
                return divisor;
            }
        }
    }

    fn number(words: usize) -> impl Strategy<Value = UBig> {
        // Runs of ones and zeros are where carries and short remainders hide.
        let word = prop_oneof![any::<u64>(), Just(0), Just(u64::MAX), 0u64..3];
        prop::collection::vec(word, 1..words).prop_map(|words| UBig::from_words(&words))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn it_is_what_the_library_finds(a in number(2_000), b in number(2_000), common in number(40)) {
            let (a, b) = ((a + UBig::ONE) * &common, b * &common);
            if !a.is_zero() {
                prop_assert_eq!(found(a.clone(), b.clone()), a.gcd(b));
            }
        }
    }
}
