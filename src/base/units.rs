//! Amounts of memory as people write and read them: "100mb" in settings, "1.53M" in INFO.

/// The bytes that `text` asks for: decimal digits and a unit in any case (none or b; k, m, g for powers of 1000; kb, mb, gb
/// for powers of 1024).
///
/// Quirks kept from the reference: the product wraps around at 2^64, a number beyond 2^64 counts as the largest, and at
/// most 127 digits are taken, but none need be there: "" and "mb" are zero.
pub fn parse_memory(text: &[u8]) -> Option<u64> {
    const MAX_DIGITS: usize = 127;
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits > MAX_DIGITS {
        return None;
    }
    let (digits, unit) = text.split_at(digits);
    let size: u64 = match &unit.to_ascii_lowercase()[..] {
        b"" | b"b" => 1,
        b"k" => 1000,
        b"kb" => 1 << 10,
        b"m" => 1_000_000,
        b"mb" => 1 << 20,
        b"g" => 1_000_000_000,
        b"gb" => 1 << 30,
        _ => return None,
    };
    let number = digits.iter().fold(0u64, |number, digit| {
        number
            .checked_mul(10)
            .and_then(|number| number.checked_add(u64::from(digit - b'0')))
            .unwrap_or(u64::MAX)
    });
    Some(number.wrapping_mul(size))
}

/// A whole percentage such as "5%"; what it may amount to is the setting's business.
pub fn parse_percent(text: &[u8]) -> Option<u64> {
    let number = crate::int::parse_i64(text.strip_suffix(b"%")?)?;
    u64::try_from(number).ok()
}

/// `bytes` as INFO's *_human fields show it: "512B", "1.00K", up to petabytes; beyond that in bytes again.
pub fn human_bytes(bytes: u64) -> String {
    const UNITS: [char; 5] = ['K', 'M', 'G', 'T', 'P'];
    let step = bytes.checked_ilog2().unwrap_or(0) / 10;
    match (step as usize).checked_sub(1).and_then(|step| UNITS.get(step)) {
        Some(unit) => format!("{:.2}{unit}", bytes as f64 / (1u64 << (10 * step)) as f64),
        None => format!("{bytes}B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn units() {
        for (text, bytes) in [
            ("0", 0),
            ("", 0),
            ("mb", 0),
            ("512", 512),
            ("512B", 512),
            ("1k", 1000),
            ("1Kb", 1024),
            ("2m", 2_000_000),
            ("100mb", 100 << 20),
            ("3G", 3_000_000_000),
            ("1GB", 1 << 30),
            ("007kb", 7168),
            ("99999999999999999999", u64::MAX),
            ("17179869184gb", 0),
        ] {
            assert_eq!(parse_memory(text.as_bytes()), Some(bytes), "{text}");
        }
        for text in ["-1", "+1", " 1", "1 ", "1.5gb", "1tb", "1kbb", "1 mb"] {
            assert_eq!(parse_memory(text.as_bytes()), None, "{text}");
        }
        assert_eq!(parse_memory(&b"0".repeat(127)), Some(0));
        assert_eq!(parse_memory(&b"0".repeat(128)), None);
    }

    #[test]
    fn percentages() {
        assert_eq!(parse_percent(b"5%"), Some(5));
        assert_eq!(parse_percent(b"150%"), Some(150));
        for text in ["5", "%", "-5%", "05%", "5%%", "5 %"] {
            assert_eq!(parse_percent(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn human_forms() {
        for (bytes, text) in [
            (0, "0B"),
            (1023, "1023B"),
            (1024, "1.00K"),
            (1536, "1.50K"),
            (1_048_575, "1024.00K"),
            (1 << 20, "1.00M"),
            (884_736, "864.00K"),
            (5_368_709_120, "5.00G"),
            (1 << 40, "1.00T"),
            (1 << 50, "1.00P"),
            (1 << 60, "1152921504606846976B"),
        ] {
            assert_eq!(human_bytes(bytes), text);
        }
    }

    proptest! {
        #[test]
        fn amounts_are_number_times_unit(number in 0u64..1 << 33, unit in 0usize..7, upper: bool) {
            let (name, size) =
                [("", 1), ("b", 1), ("k", 1000), ("kb", 1024), ("m", 1_000_000), ("mb", 1 << 20), ("gb", 1 << 30)][unit];
            let name = if upper { name.to_uppercase() } else { name.to_owned() };
            prop_assert_eq!(parse_memory(format!("{number}{name}").as_bytes()), Some(number * size));
        }

        #[test]
        fn foreign_bytes_refuse(text in "[0-9]{0,3}[^0-9bBkKmMgG]{1,3}") {
            prop_assert_eq!(parse_memory(text.as_bytes()), None);
        }
    }
}
