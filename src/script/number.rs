//! Numbers as text.

use base::{double, int};

/// Appends a number as an argument of a command: a whole one as an integer, so that commands take it; any other with as many
/// digits as tell it apart.
pub(crate) fn push_argument(out: &mut Vec<u8>, number: f64) {
    const LIMIT: f64 = (1u64 << 62) as f64;
    let whole = number as i64;
    if number.abs() <= LIMIT && whole as f64 == number {
        int::push_i64(out, whole);
    } else {
        // C shows the sign of what is no number.
        if number.is_nan() && number.is_sign_negative() {
            out.push(b'-');
        }
        double::push_digits(out, number);
    }
}

/// Appends a number with so many significant digits, as C's `%.*g` does.
pub(crate) fn push_general(out: &mut Vec<u8>, number: f64, precision: usize) {
    let whole = number as i64;
    let is_whole = whole as f64 == number && (whole != 0 || number.is_sign_positive());
    if is_whole && whole.unsigned_abs() < 10u64.pow(precision.clamp(1, 15) as u32) {
        return int::push_i64(out, whole);
    }
    double::push_general(out, number, precision);
}

/// The number that a text begins with, as C's `strtod` reads it, and how long it is; a length of zero where there is none.
pub(crate) fn leading(text: &[u8]) -> (f64, usize) {
    let len = extent(text);
    if let Ok(number) = std::str::from_utf8(&text[..len]).unwrap_or_default().parse::<f64>()
        && !text[..len].iter().any(u8::is_ascii_alphabetic)
    {
        return (number, len);
    }
    let is_nan = text[..len].windows(3).any(|part| part.eq_ignore_ascii_case(b"nan"));
    match double::parse_f64_rounded(&text[..len]) {
        _ if is_nan => (f64::NAN.copysign(if text[0] == b'-' { -1.0 } else { 1.0 }), len),
        Some(number) => (number, len),
        None => (0.0, 0),
    }
}

/// How far the number reaches.
fn extent(text: &[u8]) -> usize {
    let sign = usize::from(matches!(text.first(), Some(b'-' | b'+')));
    let rest = &text[sign..];
    let begins = |word: &[u8]| rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    for word in [b"infinity".as_slice(), b"inf"] {
        if begins(word) {
            return sign + word.len();
        }
    }
    if begins(b"nan") {
        let inside = rest[3..].strip_prefix(b"(").unwrap_or_default();
        let len = run(inside, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let closed = inside.get(len) == Some(&b')');
        return sign + 3 + if closed { len + 2 } else { 0 };
    }
    let hex = begins(b"0x") && {
        let digits = run(&rest[2..], |byte| byte.is_ascii_hexdigit());
        digits > 0 || (rest.get(2) == Some(&b'.') && rest.get(3).is_some_and(u8::is_ascii_hexdigit))
    };
    let digit = |byte: u8| if hex { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() };
    let start = if hex { 2 } else { 0 };
    let whole = run(&rest[start..], digit);
    let mut end = start + whole;
    let mut fraction = 0;
    if rest.get(end) == Some(&b'.') {
        fraction = run(&rest[end + 1..], digit);
        if whole + fraction > 0 {
            end += 1 + fraction;
        }
    }
    if whole + fraction == 0 {
        return 0;
    }
    let mark = if hex { b'p' } else { b'e' };
    if rest.get(end).is_some_and(|byte| byte.eq_ignore_ascii_case(&mark)) {
        let signed = usize::from(matches!(rest.get(end + 1), Some(b'-' | b'+')));
        let digits = run(&rest[(end + 1 + signed).min(rest.len())..], |byte| byte.is_ascii_digit());
        if digits > 0 {
            end += 1 + signed + digits;
        }
    }
    sign + end
}

fn run(text: &[u8], of: impl Fn(u8) -> bool) -> usize {
    text.iter().take_while(|&&byte| of(byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_of_commands() {
        let text = |number| {
            let mut out = Vec::new();
            push_argument(&mut out, number);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(text(3.0), "3");
        assert_eq!(text(-0.0), "0");
        assert_eq!(text(1e15), "1000000000000000");
        assert_eq!(text(3.25), "3.25");
        assert_eq!(text(0.1 + 0.2), "0.30000000000000004");
        assert_eq!(text(1e300), "1e+300");
        assert_eq!(text(f64::INFINITY), "inf");
    }

    #[test]
    fn numbers_that_texts_begin_with() {
        for (text, number, len) in [
            ("12,", 12.0, 2),
            ("-1.5e3]", -1500.0, 6),
            ("1e+", 1.0, 1),
            ("1.", 1.0, 2),
            (".5", 0.5, 2),
            ("0x10,", 16.0, 4),
            ("0x", 0.0, 1),
            ("-inf", f64::NEG_INFINITY, 4),
            ("Infinity", f64::INFINITY, 8),
            ("1e999", f64::INFINITY, 5),
            ("-", 0.0, 0),
            ("", 0.0, 0),
        ] {
            assert_eq!(leading(text.as_bytes()), (number, len), "{text}");
        }
        for (text, negative) in [("nan", false), ("-nan", true), ("+nan(7)", false)] {
            let (number, len) = leading(text.as_bytes());
            assert!(number.is_nan() && number.is_sign_negative() == negative && len == text.len(), "{text}");
        }
    }

    #[test]
    fn significant_digits() {
        let text = |number, precision| {
            let mut out = Vec::new();
            push_general(&mut out, number, precision);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(text(100.0, 14), "100");
        assert_eq!(text(1e14, 14), "1e+14");
        assert_eq!(text(99_999_999_999_999.0, 14), "99999999999999");
        assert_eq!(text(1.0 / 3.0, 14), "0.33333333333333");
        assert_eq!(text(123_456.0, 3), "1.23e+05");
        assert_eq!(text(-0.0, 14), "-0");
    }
}
