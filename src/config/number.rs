//! Numbers as configuration text: amounts of memory with their units, and the lenient integers that C's `strtoll`
//! reads. Not the strict integers of the data types, which are in `base::int`.

/// The bytes that `text` ("100", "64mb", "1G") spells: digits, then one of the units b, k, kb, m, mb, g, gb in any case,
/// where the units with a `b` are powers of 1024 and the others of 1000.
///
/// Quirks kept: no digits at all count as zero, so "" and "mb" are amounts; digits too large for 64 bits count as the
/// largest value; and the product with the unit wraps.
pub(crate) fn parse_memory(text: &[u8]) -> Option<u64> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits >= 128 {
        return None;
    }
    let unit = match text[digits..].to_ascii_lowercase().as_slice() {
        b"" | b"b" => 1,
        b"k" => 1000,
        b"kb" => 1 << 10,
        b"m" => 1_000_000,
        b"mb" => 1 << 20,
        b"g" => 1_000_000_000,
        b"gb" => 1 << 30,
        _ => return None,
    };
    let amount = text[..digits].iter().fold(0u64, |sum, byte| {
        let more = sum.checked_mul(10).and_then(|sum| sum.checked_add(u64::from(byte - b'0')));
        more.unwrap_or(u64::MAX)
    });
    Some(amount.wrapping_mul(unit))
}

/// An amount of memory as the configuration file has it: in the largest unit that divides it.
pub(crate) fn memory_text(bytes: u64) -> String {
    for (unit, name) in [(1u64 << 30, "gb"), (1 << 20, "mb"), (1 << 10, "kb")] {
        if bytes != 0 && bytes.is_multiple_of(unit) {
            return format!("{}{name}", bytes / unit);
        }
    }
    bytes.to_string()
}

/// What `strtoll` reads in all of `text`: blanks and a sign may come first, no digits are zero, and what does not fit
/// is the nearest that does. The flag says that it did fit.
pub(crate) fn parse_lenient(text: &[u8], radix: u32) -> Option<(i64, bool)> {
    let blanks = text.iter().take_while(|&&byte| matches!(byte, b' ' | b'\t'..=b'\r')).count();
    let (negative, digits) = match &text[blanks..] {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() {
        // Without a digit C reads nothing and stops at the start: fine only if there was nothing.
        return text.is_empty().then_some((0, true));
    }
    let (mut value, mut fits) = (0i64, true);
    for &byte in digits {
        let digit = i64::from(char::from(byte).to_digit(radix)?);
        let digit = if negative { -digit } else { digit };
        match value.checked_mul(i64::from(radix)).and_then(|value| value.checked_add(digit)) {
            Some(more) if fits => value = more,
            _ => {
                fits = false;
                value = if negative { i64::MIN } else { i64::MAX };
            }
        }
    }
    Some((value, fits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn memory_units() {
        let cases: [(&str, Option<u64>); 14] = [
            ("0", Some(0)),
            ("100", Some(100)),
            ("100b", Some(100)),
            ("1k", Some(1000)),
            ("1Kb", Some(1024)),
            ("2m", Some(2_000_000)),
            ("2MB", Some(2 << 20)),
            ("3g", Some(3_000_000_000)),
            ("3gB", Some(3 << 30)),
            ("", Some(0)),
            ("mb", Some(0)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("-1", None),
            ("1 mb", None),
        ];
        for (text, bytes) in cases {
            assert_eq!(parse_memory(text.as_bytes()), bytes, "{text}");
        }
        assert_eq!(parse_memory(&[b'1'; 128]), None);
        assert_eq!(parse_memory(b"18446744073709551615kb"), Some(u64::MAX.wrapping_mul(1024)));
    }

    #[test]
    fn lenient_integers() {
        assert_eq!(parse_lenient(b"", 10), Some((0, true)));
        assert_eq!(parse_lenient(b" +07", 10), Some((7, true)));
        assert_eq!(parse_lenient(b"-12", 10), Some((-12, true)));
        assert_eq!(parse_lenient(b"777", 8), Some((0o777, true)));
        assert_eq!(parse_lenient(b"99999999999999999999", 10), Some((i64::MAX, false)));
        assert_eq!(parse_lenient(b"-99999999999999999999", 10), Some((i64::MIN, false)));
        for text in [" ", "-", "1 ", "1x", "0x1"] {
            assert_eq!(parse_lenient(text.as_bytes(), 10), None, "{text}");
        }
        assert_eq!(parse_lenient(b"8", 8), None);
    }

    proptest! {
        #[test]
        fn memory_text_is_read_back(bytes: u64, shift in 0u32..40) {
            let bytes = bytes >> shift << shift;
            prop_assert_eq!(parse_memory(memory_text(bytes).as_bytes()), Some(bytes));
        }

        #[test]
        fn lenient_reads_every_i64(value: i64) {
            prop_assert_eq!(parse_lenient(value.to_string().as_bytes(), 10), Some((value, true)));
        }
    }
}
