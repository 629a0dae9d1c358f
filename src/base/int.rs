//! Integers as text, in the one strict spelling the data types share.
//!
//! A text is an integer only if printing the integer gives the text back: no sign but a leading minus, no leading zero,
//! no blank, no "-0". That rule is what lets a string value be stored as a number and still be read back byte for byte.
//! The one looser spelling here is [`parse_u64_loose`].

/// The longest text an `i64` or `u64` has: "-9223372036854775808" and "18446744073709551615" are both 20 bytes.
pub const MAX_TEXT: usize = 20;

/// The integer `text` spells, if it is the canonical spelling of an `i64`.
#[inline]
pub fn parse_i64(text: &[u8]) -> Option<i64> {
    // Most values asked about are not numbers at all, and their first byte says so.
    let first = *text.first()?;
    if first.wrapping_sub(b'1') < 9 {
        return i64::try_from(parse_digits(text)?).ok();
    }
    match first {
        b'0' if text.len() == 1 => Some(0),
        b'-' => parse_negative(&text[1..]),
        _ => None,
    }
}

/// The integer `text` spells, if it is the canonical spelling of a `u64`.
#[inline]
pub fn parse_u64(text: &[u8]) -> Option<u64> {
    match *text.first()? {
        b'1'..=b'9' => parse_digits(text),
        b'0' if text.len() == 1 => Some(0),
        _ => None,
    }
}

/// The number that a text begins with; 0 if it begins with none, or with one that is too large.
pub fn leading_u64(text: &[u8]) -> u64 {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&text[..digits]).map_or(0, |digits| digits.parse().unwrap_or(0))
}

/// A `u64` as the reference's stream ids and unsigned settings take it: the canonical spelling, and beyond it whatever
/// C's `strtoull` reads in full, up to the first NUL. So "+7", "007", " 7" and even "-9223372036854775809" (which wraps)
/// are numbers, while "-7" is none. SCAN cursors and stream ids are read so.
pub fn parse_u64_loose(text: &[u8]) -> Option<u64> {
    if let Some(value) = parse_i64(text) {
        return u64::try_from(value).ok();
    }
    let text = &text[..text.iter().position(|&byte| byte == 0).unwrap_or(text.len())];
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
    let start = text.iter().position(|byte| !blank(byte))?;
    let (negative, digits) = match &text[start..] {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if digits.is_empty() {
        return None;
    }
    let magnitude = digits.iter().try_fold(0u64, |value, &byte| {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value.checked_mul(10)?.checked_add(u64::from(digit))
    })?;
    Some(if negative { magnitude.wrapping_neg() } else { magnitude })
}

fn parse_negative(digits: &[u8]) -> Option<i64> {
    if !matches!(digits.first(), Some(b'1'..=b'9')) {
        return None;
    }
    let magnitude = parse_digits(digits)?;
    (magnitude <= i64::MIN.unsigned_abs()).then(|| magnitude.wrapping_neg().cast_signed())
}

/// One to twenty decimal digits as a `u64`; `None` on any other byte, on more digits, and on overflow.
#[inline]
fn parse_digits(text: &[u8]) -> Option<u64> {
    if text.len() >= MAX_TEXT {
        return parse_twenty(text);
    }
    let mut value = 0u64;
    let mut chunks = text.chunks_exact(8);
    for chunk in &mut chunks {
        value = value * 100_000_000 + eight_digits(chunk.try_into().ok()?)?;
    }
    for &byte in chunks.remainder() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    Some(value)
}

/// The only length at which a `u64` can overflow.
#[cold]
fn parse_twenty(text: &[u8]) -> Option<u64> {
    if text.len() != MAX_TEXT {
        return None;
    }
    let (head, last) = text.split_at(MAX_TEXT - 1);
    let digit = last[0].wrapping_sub(b'0');
    if digit > 9 {
        return None;
    }
    parse_digits(head)?.checked_mul(10)?.checked_add(u64::from(digit))
}

/// Eight digits at once: check all bytes together, then add neighbours pairwise (tens, hundreds, ten thousands).
#[inline]
fn eight_digits(chunk: [u8; 8]) -> Option<u64> {
    let word = u64::from_le_bytes(chunk);
    let high = word & 0xf0f0_f0f0_f0f0_f0f0;
    let carried = word.wrapping_add(0x0606_0606_0606_0606) & 0xf0f0_f0f0_f0f0_f0f0;
    if (high | (carried >> 4)) != 0x3333_3333_3333_3333 {
        return None;
    }
    let digits = word & 0x0f0f_0f0f_0f0f_0f0f;
    let pairs = (digits.wrapping_mul(10 * 256 + 1) >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100 * 65_536 + 1) >> 16) & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000 * 4_294_967_296 + 1) >> 32)
}

const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut n = 0u8;
    while n < 100 {
        pairs[n as usize] = [b'0' + n / 10, b'0' + n % 10];
        n += 1;
    }
    pairs
};

/// Writes `value` at the end of `buffer` and returns the text.
#[inline]
pub fn format_i64(value: i64, buffer: &mut [u8; MAX_TEXT]) -> &[u8] {
    let mut start = write_back(value.unsigned_abs(), buffer);
    if value < 0 {
        start -= 1;
        buffer[start] = b'-';
    }
    &buffer[start..]
}

/// Writes `value` at the end of `buffer` and returns the text.
#[inline]
pub fn format_u64(value: u64, buffer: &mut [u8; MAX_TEXT]) -> &[u8] {
    let start = write_back(value, buffer);
    &buffer[start..]
}

/// Fills `buffer` from its end, two digits a step; returns where the text starts.
#[inline]
fn write_back(mut value: u64, buffer: &mut [u8; MAX_TEXT]) -> usize {
    let mut at = MAX_TEXT;
    while value >= 100 {
        at -= 2;
        buffer[at..at + 2].copy_from_slice(&PAIRS[(value % 100) as usize]);
        value /= 100;
    }
    if value >= 10 {
        at -= 2;
        buffer[at..at + 2].copy_from_slice(&PAIRS[value as usize]);
    } else {
        at -= 1;
        buffer[at] = b'0' + value as u8;
    }
    at
}

/// Appends the text of `value`.
#[inline]
pub fn push_i64(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(format_i64(value, &mut [0; MAX_TEXT]));
}

/// Appends the text of `value`.
#[inline]
pub fn push_u64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(format_u64(value, &mut [0; MAX_TEXT]));
}

/// How many digits the text of `value` has.
#[inline]
pub(crate) fn digits10(value: u64) -> usize {
    match value.checked_ilog10() {
        Some(log) => log as usize + 1,
        None => 1,
    }
}

/// How many bytes the text of `value` has.
#[inline]
pub fn text_len(value: i64) -> usize {
    digits10(value.unsigned_abs()) + usize::from(value < 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The rule in one line: a text is an integer if printing the integer gives the text back.
    fn model(text: &[u8]) -> Option<i64> {
        let value: i64 = std::str::from_utf8(text).ok()?.parse().ok()?;
        (value.to_string().as_bytes() == text).then_some(value)
    }

    #[test]
    fn refuses_every_other_spelling() {
        for text in [
            "",
            "-",
            "+1",
            "-0",
            "00",
            "01",
            "-01",
            " 1",
            "1 ",
            "1\n",
            "1.0",
            "0x1",
            "--1",
            "1-",
            "9223372036854775808",
        ] {
            assert_eq!(parse_i64(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(parse_i64(b"1\0"), None);
        assert_eq!(parse_i64(b"-9223372036854775809"), None);
        assert_eq!(parse_i64(b"92233720368547758070"), None);
        assert_eq!(parse_i64(b"100000000000000000000000"), None);
        assert_eq!(parse_u64(b"18446744073709551616"), None);
        assert_eq!(parse_u64(b"-1"), None);
        assert_eq!(parse_u64(b"007"), None);
    }

    #[test]
    fn takes_the_whole_range() {
        assert_eq!(parse_i64(b"0"), Some(0));
        assert_eq!(parse_i64(b"9223372036854775807"), Some(i64::MAX));
        assert_eq!(parse_i64(b"-9223372036854775808"), Some(i64::MIN));
        assert_eq!(parse_u64(b"18446744073709551615"), Some(u64::MAX));
    }

    #[test]
    fn loose_unsigned_reads_what_strtoull_reads() {
        for (text, value) in [
            ("+7", 7),
            ("007", 7),
            (" 7", 7),
            ("-0", 0),
            ("7\0x", 7),
            ("\t\r\n+18446744073709551615", u64::MAX),
        ] {
            assert_eq!(parse_u64_loose(text.as_bytes()), Some(value), "{text:?}");
        }
        assert_eq!(parse_u64_loose(b"-9223372036854775809"), Some(i64::MAX as u64));
        for text in ["", " ", "+", "-", "-7", "7 ", "18446744073709551616", "0x7", "- 7"] {
            assert_eq!(parse_u64_loose(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn digits_are_counted() {
        assert_eq!(digits10(0), 1);
        for power in 0..20 {
            let value = 10u64.pow(power);
            assert_eq!(digits10(value), power as usize + 1);
            assert_eq!(digits10(value - 1), (power as usize).max(1));
        }
        assert_eq!(digits10(u64::MAX), 20);
        assert_eq!(text_len(i64::MIN), 20);
    }

    proptest! {
        #[test]
        fn any_integer_goes_there_and_back(value: i64, shift in 0u32..64) {
            let value = value >> shift;
            let mut buffer = [0; MAX_TEXT];
            let text = format_i64(value, &mut buffer);
            prop_assert_eq!(text, format!("{value}").into_bytes());
            prop_assert_eq!(parse_i64(text), Some(value));
            prop_assert_eq!(text.len(), text_len(value));
        }

        #[test]
        fn any_unsigned_goes_there_and_back(value: u64, shift in 0u32..64) {
            let value = value >> shift;
            let mut out = Vec::new();
            push_u64(&mut out, value);
            prop_assert_eq!(&out, &format!("{value}").into_bytes());
            prop_assert_eq!(parse_u64(&out), Some(value));
            prop_assert_eq!(parse_u64_loose(&out), Some(value));
        }

        #[test]
        fn agrees_with_the_rule_on_near_numbers(text in "-?[0-9]{0,21}[0-9a:/ .-]?[0-9]{0,4}") {
            prop_assert_eq!(parse_i64(text.as_bytes()), model(text.as_bytes()));
        }

        #[test]
        fn one_foreign_byte_anywhere_refuses(value in 0u64.., at in 0usize..20, byte: u8) {
            prop_assume!(!byte.is_ascii_digit() && byte != b'-');
            let mut text = value.to_string().into_bytes();
            let at = at % text.len();
            text[at] = byte;
            prop_assert_eq!(parse_i64(&text), None);
            prop_assert_eq!(parse_u64(&text), None);
        }
    }
}
