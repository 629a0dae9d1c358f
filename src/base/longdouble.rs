//! The 80-bit floating-point arithmetic of INCRBYFLOAT and HINCRBYFLOAT, in integers.
//!
//! The reference adds in the x87's extended precision (64 bits of significand), and its sums are visible: 3.0 + 1.1 is
//! 4.1 there, and 4.09999999999999964 in doubles. So this module reads decimal text to that format, adds in it and prints
//! it with 17 digits behind the point, each step correctly rounded (nearest, ties to even) as glibc and the x87 do.
//!
//! Invariant: a finite value is `significand * 2^exponent`, with the significand's top bit set or the exponent the
//! smallest one; zero has the smallest exponent.

use crate::big::{Big, quotient};
use crate::int;
use crate::real::{Binary, Decimal, Format, Magnitude, Real};

const EXTENDED: Format = Format { precision: 64, min_exponent: -16445, max_exponent: 16320 };

/// Texts of this length or more are no numbers, whatever they spell.
pub(crate) const TEXT_LIMIT: usize = 5 * 1024;

/// A value of the x87's extended format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LongDouble {
    negative: bool,
    size: Size,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Size {
    Finite { significand: u64, exponent: i32 },
    Infinite,
    NotANumber,
}

impl LongDouble {
    /// Zero, what a missing value counts as.
    pub const ZERO: Self =
        Self { negative: false, size: Size::Finite { significand: 0, exponent: EXTENDED.min_exponent } };

    /// The value `text` spells: C's grammar, the whole text, no leading blank. Infinity is a value, "nan" is none; neither
    /// is what would round to infinity, or to zero without being zero.
    pub fn parse(text: &[u8]) -> Option<Self> {
        if text.len() >= TEXT_LIMIT {
            return None;
        }
        let Real { negative, magnitude } = Real::scan(text)?;
        let number = match magnitude {
            Magnitude::Infinite => return Some(Self { negative, size: Size::Infinite }),
            Magnitude::Binary(number) => number,
            Magnitude::Decimal(decimal) => to_binary(&decimal)?,
        };
        let value = Self::round(negative, &number);
        let vanished = value.is_zero() && number.bits != 0;
        (value.is_finite() && !vanished).then_some(value)
    }

    fn round(negative: bool, number: &Binary) -> Self {
        let size = match EXTENDED.round(number) {
            Some((significand, exponent)) => Size::Finite { significand, exponent },
            None => Size::Infinite,
        };
        Self { negative, size }
    }

    /// Whether this is neither an infinity nor the outcome of adding opposite ones.
    pub fn is_finite(&self) -> bool {
        matches!(self.size, Size::Finite { .. })
    }

    /// A double close to this: infinite where this is too large for any, but zero only where this is.
    pub fn to_f64(&self) -> f64 {
        let size = match self.size {
            Size::NotANumber => f64::NAN,
            Size::Infinite => f64::INFINITY,
            Size::Finite { significand: 0, .. } => 0.0,
            Size::Finite { significand, exponent } => {
                (significand as f64 * 2f64.powi(exponent)).max(f64::MIN_POSITIVE)
            }
        };
        if self.negative { -size } else { size }
    }

    fn is_zero(&self) -> bool {
        matches!(self.size, Size::Finite { significand: 0, .. })
    }

    /// Appends the value with at most 17 digits behind the point and no trailing zeros; never an exponent, never "-0".
    pub fn push_text(&self, out: &mut Vec<u8>) {
        let (significand, exponent) = match self.size {
            Size::NotANumber => return out.extend_from_slice(b"nan"),
            Size::Infinite => {
                return out.extend_from_slice(if self.negative { b"-inf" } else { b"inf" });
            }
            Size::Finite { significand, exponent } => (significand, exponent),
        };
        if exponent >= 0 {
            self.push_sign(out);
            return Big::from(significand).shifted_left(exponent.unsigned_abs()).push_text(out);
        }
        // 64 bits times 10^17 fit in 121, so the digits are exact before the one rounding.
        let scaled = Binary {
            bits: u128::from(significand) * u128::from(UNIT),
            exponent: i64::from(exponent),
            more: false,
        };
        let units = round_to_whole(&scaled);
        if units > 0 {
            self.push_sign(out);
        }
        // The integer part is below 2^63, for the exponent is below zero.
        int::push_u64(out, (units / u128::from(UNIT)) as u64);
        let fraction = (units % u128::from(UNIT)) as u64;
        if fraction > 0 {
            out.push(b'.');
            out.extend_from_slice(format!("{fraction:017}").trim_end_matches('0').as_bytes());
        }
    }

    fn push_sign(&self, out: &mut Vec<u8>) {
        if self.negative {
            out.push(b'-');
        }
    }
}

/// What one is worth in units of the last digit shown.
const UNIT: u64 = 10u64.pow(17);

/// The whole number nearest to a number whose exponent is below zero, ties to even.
fn round_to_whole(number: &Binary) -> u128 {
    let drop = number.exponent.unsigned_abs().min(128) as u32;
    let kept = number.bits.checked_shr(drop).unwrap_or(0);
    let lost = number.bits << (128 - drop);
    let half = 1 << 127;
    kept + u128::from(lost > half || (lost == half && kept & 1 == 1))
}

impl From<i64> for LongDouble {
    fn from(value: i64) -> Self {
        let bits = u128::from(value.unsigned_abs());
        Self::round(value < 0, &Binary { bits, exponent: 0, more: false })
    }
}

impl std::ops::Add for LongDouble {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        match (self.size, other.size) {
            (Size::NotANumber, _) => self,
            (_, Size::NotANumber) => other,
            (Size::Infinite, Size::Infinite) if self.negative != other.negative => {
                Self { negative: false, size: Size::NotANumber }
            }
            (Size::Infinite, _) => self,
            (_, Size::Infinite) => other,
            (
                Size::Finite { significand: one, exponent: high },
                Size::Finite { significand: two, exponent: low },
            ) => {
                if high < low {
                    return other + self;
                }
                add_finite((self.negative, one), (other.negative, two), (high, high.abs_diff(low)))
            }
        }
    }
}

/// Adds two signed significands; the second is `apart` bits less significant than the first.
fn add_finite(one: (bool, u64), two: (bool, u64), (exponent, apart): (i32, u32)) -> LongDouble {
    // One bit is kept free for the carry and 63 bits below; what falls off the end is remembered in `more`.
    const ROOM: u32 = 63;
    let (negative, first) = (one.0, u128::from(one.1) << ROOM);
    let unshifted = u128::from(two.1) << ROOM;
    let second = unshifted.checked_shr(apart).unwrap_or(0);
    let more = second.checked_shl(apart).unwrap_or(0) != unshifted;

    let exponent = i64::from(exponent) - i64::from(ROOM);
    let (negative, bits) = if one.0 == two.0 {
        (negative, first + second)
    } else if first >= second {
        // Taking away a little more than `second` leaves a little more than one unit less.
        (negative && first != second, first - second - u128::from(more))
    } else {
        (!negative, second - first)
    };
    LongDouble::round(negative, &Binary { bits, exponent, more })
}

/// A decimal number to at least 65 bits; `None` if it is sure to be beyond the format.
fn to_binary(decimal: &Decimal<'_>) -> Option<Binary> {
    let digits = || decimal.whole.iter().chain(decimal.fraction).copied();
    let total = decimal.whole.len() + decimal.fraction.len();
    let leading = digits().take_while(|&digit| digit == b'0').count();
    if leading == total {
        return Some(Binary { bits: 0, exponent: 0, more: false });
    }
    let trailing = digits().rev().take_while(|&digit| digit == b'0').count();
    let len = total - leading - trailing;
    let power = decimal.exponent + trailing as i64 - decimal.fraction.len() as i64;
    // The format spans 10^-4951 to 10^4933: this bounds all work below.
    if !(-5000..5000).contains(&(power + len as i64)) {
        return None;
    }
    let power = i32::try_from(power).ok()?;
    let significant = digits().skip(leading).take(len);
    if len <= 19 && power.abs() <= 27 {
        let number = significant.fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
        return Some(scale(number, power));
    }
    let number = Big::from_digits(significant);
    let ten = Big::from(1).times_ten_to(power.min(0).unsigned_abs());
    let found = quotient(&number.times_ten_to(power.max(0).unsigned_abs()), &ten);
    Some(Binary { bits: found.bits, exponent: i64::from(found.exponent), more: found.more })
}

/// `number * 10^power` for powers up to 27, whose fives fit in 63 bits; what nearly every increment needs.
fn scale(number: u64, power: i32) -> Binary {
    let fives = 5u128.pow(power.unsigned_abs());
    let number = u128::from(number);
    if power >= 0 {
        return Binary { bits: number * fives, exponent: i64::from(power), more: false };
    }
    let shift = number.leading_zeros();
    let number = number << shift;
    Binary { bits: number / fives, exponent: i64::from(power) - i64::from(shift), more: number % fives != 0 }
}

#[cfg(test)]
mod tests;
