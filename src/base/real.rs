//! What C's `strtod` and `strtold` take for a number, and rounding to either of their formats.
//!
//! ```text
//! [+-] digits [. digits] [e [+-] digits]      at least one digit before or behind the point
//! [+-] 0x hex [. hex] [p [+-] digits]         the same; the exponent counts bits
//! [+-] inf | infinity                         in any case
//! ```
//!
//! The whole text must be the number: no blank before or behind. "nan" is a number to C but to none of our callers.

/// A number as spelled.
pub(crate) struct Real<'a> {
    pub(crate) negative: bool,
    pub(crate) magnitude: Magnitude<'a>,
}

pub(crate) enum Magnitude<'a> {
    Infinite,
    Decimal(Decimal<'a>),
    /// Rounded to nothing yet.
    Binary(Binary),
}

/// `whole.fraction` times ten to `exponent`; `text` is all of it.
pub(crate) struct Decimal<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) whole: &'a [u8],
    pub(crate) fraction: &'a [u8],
    pub(crate) exponent: i64,
}

/// `bits * 2^exponent` and, if `more`, a little more, but less than one unit of `bits`.
pub(crate) struct Binary {
    pub(crate) bits: u128,
    pub(crate) exponent: i64,
    pub(crate) more: bool,
}

/// Exponents beyond this are all the same to every format, whatever the digits of a text that fits in memory.
const EXPONENT_LIMIT: i64 = 1 << 48;

impl<'a> Real<'a> {
    /// The number that the whole of `text` spells.
    pub(crate) fn scan(text: &'a [u8]) -> Option<Self> {
        let (negative, text) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, text),
        };
        let magnitude = match text {
            [b'0', b'x' | b'X', hex @ ..] => Magnitude::Binary(scan_hex(hex)?),
            [b'i' | b'I', ..] => {
                let known = text.eq_ignore_ascii_case(b"inf") || text.eq_ignore_ascii_case(b"infinity");
                known.then_some(Magnitude::Infinite)?
            }
            _ => Magnitude::Decimal(scan_decimal(text)?),
        };
        Some(Self { negative, magnitude })
    }
}

fn scan_decimal(text: &[u8]) -> Option<Decimal<'_>> {
    let (whole, fraction, rest) = split_at_point(text, u8::is_ascii_digit)?;
    Some(Decimal { text, whole, fraction, exponent: scan_exponent(rest, b'e')? })
}

fn scan_hex(text: &[u8]) -> Option<Binary> {
    let (whole, fraction, rest) = split_at_point(text, u8::is_ascii_hexdigit)?;
    let mut number = Binary { bits: 0, exponent: scan_exponent(rest, b'p')?, more: false };
    for (at, &digit) in whole.iter().chain(fraction).enumerate() {
        let digit = char::from(digit).to_digit(16)?;
        if number.bits >> 124 == 0 {
            number.bits = number.bits << 4 | u128::from(digit);
            number.exponent -= if at < whole.len() { 0 } else { 4 };
        } else {
            number.more |= digit != 0;
            number.exponent += if at < whole.len() { 4 } else { 0 };
        }
    }
    Some(number)
}

/// Digits, digits behind the point, and the rest; `None` without any digit.
fn split_at_point(text: &[u8], is_digit: fn(&u8) -> bool) -> Option<(&[u8], &[u8], &[u8])> {
    let split = |text: &'_ [u8]| text.iter().position(|byte| !is_digit(byte)).unwrap_or(text.len());
    let (whole, rest) = text.split_at(split(text));
    let (fraction, rest) = match rest {
        [b'.', rest @ ..] => rest.split_at(split(rest)),
        _ => (&rest[..0], rest),
    };
    (!whole.is_empty() || !fraction.is_empty()).then_some((whole, fraction, rest))
}

/// Nothing, or `mark`, a sign and digits, to the end of the text.
fn scan_exponent(text: &[u8], mark: u8) -> Option<i64> {
    let Some((first, rest)) = text.split_first() else { return Some(0) };
    if first.to_ascii_lowercase() != mark {
        return None;
    }
    let (negative, digits) = match rest {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        _ => (false, rest),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let size = digits.iter().fold(0, |size, digit| (size * 10 + i64::from(digit - b'0')).min(EXPONENT_LIMIT));
    Some(if negative { -size } else { size })
}

/// A binary floating-point format: significands of `precision` bits (64 at most) times two to an exponent in a range.
pub(crate) struct Format {
    pub(crate) precision: u32,
    pub(crate) min_exponent: i32,
    pub(crate) max_exponent: i32,
}

impl Format {
    /// The nearest significand and exponent, ties to even; `None` if that is beyond the largest. Below the smallest
    /// exponent bits are lost, down to zero, which has the smallest exponent.
    pub(crate) fn round(&self, number: &Binary) -> Option<(u64, i32)> {
        let min = i64::from(self.min_exponent);
        if number.bits == 0 {
            return Some((0, self.min_exponent));
        }
        let len = i64::from(128 - number.bits.leading_zeros());
        let drop = (len - i64::from(self.precision)).max(min - number.exponent);
        let mut exponent = number.exponent + drop;
        if exponent > i64::from(self.max_exponent) {
            return None;
        }
        let mut kept = match drop {
            129.. => 0,
            1..=128 => {
                let kept = number.bits.checked_shr(drop as u32).unwrap_or(0);
                let lost = number.bits << (128 - drop);
                let half = 1 << 127;
                let up = lost > half || (lost == half && (number.more || kept & 1 == 1));
                kept + u128::from(up)
            }
            _ => number.bits << -drop,
        };
        if kept >> self.precision != 0 {
            kept >>= 1;
            exponent += 1;
        }
        let exponent = i32::try_from(exponent).ok().filter(|&exponent| exponent <= self.max_exponent)?;
        Some((kept as u64, exponent))
    }
}
