//! Whether two short byte strings are the same, without a call.
//!
//! Key names are mostly 8 to 32 bytes long. For those, two to four overlapping eight-byte loads decide, where the general
//! comparison would go through a function call that costs as much as the comparison itself. Shorter ones, such as the names
//! of commands, are made into one word each.

/// Whether `a` and `b` are equal.
#[inline]
pub fn same(a: &[u8], b: &[u8]) -> bool {
    let len = a.len();
    if len != b.len() {
        return false;
    }
    if !(8..=32).contains(&len) {
        return if len < 8 { short(a) == short(b) } else { a == b };
    }
    let differs = |at: usize| word(a, at) ^ word(b, at);
    let mut difference = differs(0) | differs(len - 8);
    if len > 16 {
        difference |= differs(8) | differs(len - 16);
    }
    difference == 0
}

/// Fewer than eight bytes as a word: those of one length differ where their words do.
#[inline]
fn short(bytes: &[u8]) -> u64 {
    match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        (Some(first), Some(last)) => {
            u64::from(u32::from_ne_bytes(*first)) << 32 | u64::from(u32::from_ne_bytes(*last))
        }
        _ => bytes.iter().fold(0, |word, &byte| word << 8 | u64::from(byte)),
    }
}

/// The eight bytes from `at` on, which must exist.
#[inline]
fn word(bytes: &[u8], at: usize) -> u64 {
    bytes[at..].first_chunk::<8>().map_or(0, |chunk| u64::from_ne_bytes(*chunk))
}

#[cfg(test)]
mod tests {
    use super::same;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_the_general_comparison(a in proptest::collection::vec(any::<u8>(), 0..48), flip in any::<usize>()) {
            prop_assert!(same(&a, &a.clone()));
            let mut b = a.clone();
            if !b.is_empty() {
                let at = flip % b.len();
                b[at] ^= 1;
                prop_assert!(!same(&a, &b));
            }
            b.push(0);
            prop_assert!(!same(&a, &b));
        }
    }
}
