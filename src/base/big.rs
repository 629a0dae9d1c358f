//! Natural numbers of any size, as far as exact conversion of floating-point text needs them: grow, compare, subtract,
//! shift, and divide to a fixed number of bits. Callers bound the sizes; nothing here is meant to be fast beyond a few
//! hundred limbs.
//!
//! Invariant: no leading (most significant) zero limb.

use std::cmp::Ordering;

/// A natural number in 64-bit limbs, least significant first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Big {
    limbs: Vec<u64>,
}

impl From<u64> for Big {
    fn from(value: u64) -> Self {
        let mut big = Self { limbs: vec![value] };
        big.trim();
        big
    }
}

impl Big {
    /// The number that decimal `digits` spell.
    pub(crate) fn from_digits(digits: impl Iterator<Item = u8>) -> Self {
        let mut big = Self::from(0);
        let (mut chunk, mut scale) = (0, 1);
        for digit in digits {
            chunk = chunk * 10 + u64::from(digit - b'0');
            scale *= 10;
            if scale == 10u64.pow(19) {
                big.times_plus(scale, chunk);
                (chunk, scale) = (0, 1);
            }
        }
        big.times_plus(scale, chunk);
        big
    }

    /// `self * 10^power`.
    pub(crate) fn times_ten_to(mut self, power: u32) -> Self {
        const STEP: u32 = 19;
        for _ in 0..power / STEP {
            self.times_plus(10u64.pow(STEP), 0);
        }
        self.times_plus(10u64.pow(power % STEP), 0);
        self
    }

    /// `self * 2^bits`.
    pub(crate) fn shifted_left(&self, bits: u32) -> Self {
        let mut limbs = vec![0; (bits / 64) as usize];
        limbs.extend_from_slice(&self.limbs);
        let mut big = Self { limbs };
        big.times_plus(1 << (bits % 64), 0);
        big
    }

    /// How many bits the number has.
    pub(crate) fn bit_len(&self) -> u32 {
        match self.limbs.last() {
            Some(top) => self.limbs.len() as u32 * 64 - top.leading_zeros(),
            None => 0,
        }
    }

    /// Appends the decimal text.
    pub(crate) fn push_text(mut self, out: &mut Vec<u8>) {
        let mut groups = Vec::new();
        while !self.limbs.is_empty() {
            groups.push(self.divide(10u64.pow(19)));
        }
        let Some(first) = groups.pop() else {
            out.push(b'0');
            return;
        };
        crate::int::push_u64(out, first);
        for group in groups.into_iter().rev() {
            out.extend_from_slice(format!("{group:019}").as_bytes());
        }
    }

    fn times_plus(&mut self, factor: u64, mut carry: u64) {
        for limb in &mut self.limbs {
            let wide = u128::from(*limb) * u128::from(factor) + u128::from(carry);
            *limb = wide as u64;
            carry = (wide >> 64) as u64;
        }
        self.limbs.push(carry);
        self.trim();
    }

    /// Divides in place; the remainder.
    fn divide(&mut self, divisor: u64) -> u64 {
        let mut rest = 0;
        for limb in self.limbs.iter_mut().rev() {
            let wide = u128::from(rest) << 64 | u128::from(*limb);
            *limb = (wide / u128::from(divisor)) as u64;
            rest = (wide % u128::from(divisor)) as u64;
        }
        self.trim();
        rest
    }

    /// `self -= other`, which is not greater.
    fn subtract(&mut self, other: &Self) {
        let mut borrow = false;
        let others = other.limbs.iter().copied().chain(std::iter::repeat(0));
        for (limb, other) in self.limbs.iter_mut().zip(others) {
            (*limb, borrow) = limb.borrowing_sub(other, borrow);
        }
        self.trim();
    }

    fn double(&mut self) {
        self.times_plus(2, 0);
    }

    fn compare(&self, other: &Self) -> Ordering {
        let by_len = self.limbs.len().cmp(&other.limbs.len());
        by_len.then_with(|| self.limbs.iter().rev().cmp(other.limbs.iter().rev()))
    }

    fn trim(&mut self) {
        while self.limbs.last() == Some(&0) {
            self.limbs.pop();
        }
    }
}

/// `bits * 2^exponent` and, if `more`, a little more than that, but less than one unit of `bits`.
pub(crate) struct Quotient {
    pub(crate) bits: u128,
    pub(crate) exponent: i32,
    pub(crate) more: bool,
}

/// The leading 67 or 68 bits of `number / divisor`, both above zero.
pub(crate) fn quotient(number: &Big, divisor: &Big) -> Quotient {
    const STEPS: u32 = 68;
    let lead = number.bit_len() as i32 - divisor.bit_len() as i32;
    // Brought to the same length, the number is less than twice the divisor: one bit of the quotient a step.
    let mut rest = number.shifted_left((-lead).max(0).unsigned_abs());
    let divisor = divisor.shifted_left(lead.max(0).unsigned_abs());
    let mut bits = 0;
    for step in 0..STEPS {
        if step > 0 {
            rest.double();
        }
        bits <<= 1;
        if rest.compare(&divisor) != Ordering::Less {
            rest.subtract(&divisor);
            bits |= 1;
        }
    }
    Quotient { bits, exponent: lead - (STEPS as i32 - 1), more: !rest.limbs.is_empty() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(big: Big) -> String {
        let mut out = Vec::new();
        big.push_text(&mut out);
        String::from_utf8(out).unwrap()
    }

    proptest! {
        #[test]
        fn digits_go_there_and_back(digits in "[1-9][0-9]{0,200}", zeros in 0u32..50) {
            let big = Big::from_digits(digits.bytes()).times_ten_to(zeros);
            prop_assert_eq!(text(big), digits + &"0".repeat(zeros as usize));
        }

        #[test]
        fn shifting_multiplies(value in 1u64.., bits in 0u32..60) {
            let expected = (u128::from(value) << bits).to_string();
            let shifted = Big::from(value).shifted_left(bits);
            prop_assert_eq!(shifted.bit_len(), 64 - value.leading_zeros() + bits);
            prop_assert_eq!(text(shifted), expected);
        }

        #[test]
        fn quotients_are_exact(number in 1u64.., divisor in 1u64..) {
            let found = quotient(&Big::from(number), &Big::from(divisor));
            prop_assert!(matches!(128 - found.bits.leading_zeros(), 67 | 68));
            let (lower, upper) = (found.bits, found.bits + 1);
            let scaled = |bits: u128| f64::from((bits >> 40) as u32) * 2f64.powi(found.exponent + 40);
            let ratio = number as f64 / divisor as f64;
            prop_assert!(scaled(lower) <= ratio * (1.0 + 1e-6) && scaled(upper) >= ratio * (1.0 - 1e-6));
        }
    }

    #[test]
    fn remainders_are_noticed() {
        let exact = quotient(&Big::from(21), &Big::from(7));
        assert!(!exact.more && exact.bits == 3 << 65 && exact.exponent == -65);
        let third = quotient(&Big::from(1), &Big::from(3));
        assert!(third.more && third.exponent == -68);
        assert_eq!(third.bits, (1u128 << 68) / 3);
    }
}
