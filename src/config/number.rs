//! Numbers as configuration text: amounts of memory as they are written back, and the lenient integers that C's
//! `strtoll` reads. The strict integers of the data types are in `base::int`, amounts as they are read in `base::units`.

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
            prop_assert_eq!(base::units::parse_memory(memory_text(bytes).as_bytes()), Some(bytes));
        }

        #[test]
        fn lenient_reads_every_i64(value: i64) {
            prop_assert_eq!(parse_lenient(value.to_string().as_bytes(), 10), Some((value, true)));
        }
    }
}
