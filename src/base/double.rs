//! Doubles as text, both ways, exactly as the reference spells and reads them.
//!
//! Three spellings exist, and clients see all of them: replies ([`push_f64`]), what is stored in files and digests
//! ([`push_digits`]), and C's `%g` and fixed-point forms for a few fields. The layout of the first two, for digits d1..dn,
//! the decimal exponent k of dn and x = k + n - 1 of d1:
//!
//! ```text
//! 0 <= k <= 7                         d1..dn and k zeros
//! -7 < k < 0, or k < 0 and |x| < 4    d1.d2..dn    0.00d1..dn
//! otherwise                           d1.d2..dne+x
//! ```

use crate::grisu;
use crate::int;
use crate::real::{Binary, Format, Magnitude, Real};

const DOUBLE: Format = Format { precision: 53, min_exponent: -1074, max_exponent: 971 };

/// The double `text` spells, as scores and increments take it: C's grammar, the whole text, no leading blank. Infinity is
/// a number, "nan" is none; neither is what would round to infinity, or to zero without being zero.
pub fn parse_f64(text: &[u8]) -> Option<f64> {
    read(text).and_then(|(value, fits)| fits.then_some(value))
}

/// The same, but what is too large for a double is infinity here, and what is too small is zero.
pub fn parse_f64_rounded(text: &[u8]) -> Option<f64> {
    read(text).map(|(value, _)| value)
}

/// The double that a text spells, and whether it lies within the range of doubles.
fn read(text: &[u8]) -> Option<(f64, bool)> {
    let Real { negative, magnitude } = Real::scan(text)?;
    let (size, fits) = match magnitude {
        Magnitude::Infinite => (f64::INFINITY, true),
        Magnitude::Binary(number) => from_binary(&number),
        Magnitude::Decimal(decimal) => {
            let size: f64 = std::str::from_utf8(decimal.text).ok()?.parse().ok()?;
            let is_zero = || decimal.whole.iter().chain(decimal.fraction).all(|&digit| digit == b'0');
            (size, size.is_finite() && (size != 0.0 || is_zero()))
        }
    };
    Some((if negative { -size } else { size }, fits))
}

fn from_binary(number: &Binary) -> (f64, bool) {
    let Some((significand, exponent)) = DOUBLE.round(number) else { return (f64::INFINITY, false) };
    if significand == 0 {
        return (0.0, number.bits == 0);
    }
    let hidden = 1 << 52;
    let biased = if significand < hidden { 0 } else { (exponent + 1075) as u64 };
    (f64::from_bits(biased << 52 | significand & (hidden - 1)), true)
}

/// Appends `value` as replies show it: whole numbers up to 2^62 as integers, else [`push_digits`].
pub fn push_f64(out: &mut Vec<u8>, value: f64) {
    const LIMIT: f64 = (1u64 << 62) as f64;
    let whole = value as i64;
    if whole as f64 == value && value.abs() <= LIMIT && (whole != 0 || value.is_sign_positive()) {
        int::push_i64(out, whole);
    } else {
        push_digits(out, value);
    }
}

/// Appends `value` as files and digests show it, whole or not.
pub fn push_digits(out: &mut Vec<u8>, value: f64) {
    if value.is_nan() {
        return out.extend_from_slice(b"nan");
    }
    let negative = value.is_sign_negative();
    if negative {
        out.push(b'-');
    }
    if value.is_infinite() {
        out.extend_from_slice(b"inf");
    } else if value == 0.0 {
        out.push(b'0');
    } else {
        let decimal = grisu::digits(value);
        push_decimal(out, decimal.digits(), decimal.exponent, negative);
    }
}

/// Lays out `digits * 10^exponent`.
fn push_decimal(out: &mut Vec<u8>, digits: &[u8], exponent: i32, negative: bool) {
    let len = digits.len() as i32;
    let leading = exponent + len - 1;
    if exponent >= 0 && leading < len + 7 {
        out.extend_from_slice(digits);
        out.resize(out.len() + exponent.unsigned_abs() as usize, b'0');
    } else if exponent < 0 && (exponent > -7 || leading.abs() < 4) {
        match usize::try_from(leading + 1) {
            Ok(whole) if whole > 0 => {
                out.extend_from_slice(&digits[..whole]);
                out.push(b'.');
                out.extend_from_slice(&digits[whole..]);
            }
            _ => {
                out.extend_from_slice(b"0.");
                out.resize(out.len() + (leading + 1).unsigned_abs() as usize, b'0');
                out.extend_from_slice(digits);
            }
        }
    } else {
        // The reference's buffer leaves room for no more digits.
        let shown = &digits[..digits.len().min(18 - usize::from(negative))];
        out.push(shown[0]);
        if shown.len() > 1 {
            out.push(b'.');
            out.extend_from_slice(&shown[1..]);
        }
        out.extend_from_slice(if leading < 0 { b"e-" } else { b"e+" });
        int::push_u64(out, u64::from(leading.unsigned_abs()));
    }
}

/// Appends `value` as C's `%.*g` does, with `precision` significant digits (0 counts as 1).
pub fn push_general(out: &mut Vec<u8>, value: f64, precision: usize) {
    if !value.is_finite() {
        let text: &[u8] = match (value.is_nan(), value.is_sign_negative()) {
            (true, false) => b"nan",
            (true, true) => b"-nan",
            (false, false) => b"inf",
            (false, true) => b"-inf",
        };
        return out.extend_from_slice(text);
    }
    let precision = precision.max(1);
    // Rounding may carry into one more digit, so the exponent that decides is that of the rounded number.
    let text = format!("{value:.*e}", precision - 1);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..precision as i32).contains(&exponent) {
        let places = (precision as i32 - 1 - exponent).unsigned_abs() as usize;
        out.extend_from_slice(without_trailing_zeros(&format!("{value:.places$}")).as_bytes());
    } else {
        out.extend_from_slice(without_trailing_zeros(mantissa).as_bytes());
        let sign = if exponent < 0 { '-' } else { '+' };
        out.extend_from_slice(format!("e{sign}{:02}", exponent.unsigned_abs()).as_bytes());
    }
}

fn without_trailing_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// Appends `value` with `places` digits behind the point (1 to 17), as distances are shown: scaled first and rounded then,
/// so a tie of the scaled double goes to the even digit.
pub fn push_fixed(out: &mut Vec<u8>, value: f64, places: u32) {
    let places = places.clamp(1, 17);
    let unit = 10u64.pow(places);
    let scaled = (value * unit as f64).round_ties_even() as i64;
    if scaled < 0 {
        out.push(b'-');
    }
    let size = scaled.unsigned_abs();
    int::push_u64(out, size / unit);
    out.push(b'.');
    let behind = size % unit;
    out.resize(out.len() + places as usize - int::digits10(behind), b'0');
    int::push_u64(out, behind);
}

#[cfg(test)]
mod tests;
