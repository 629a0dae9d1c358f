//! How many bits are set: BITCOUNT.

use super::level::{Level, kernel};

/// Below this many bytes the vector loops have nothing to do.
const SMALL: usize = 32;

/// The number of set bits.
pub fn count(bytes: &[u8]) -> u64 {
    if bytes.len() < SMALL {
        return ones(bytes);
    }
    count_on(Level::best(), bytes)
}

/// The number of set bits from bit `first` to bit `last`, both included; bits past the end count as zero.
pub fn count_range(bytes: &[u8], first: u64, last: u64) -> u64 {
    let Some((bytes, last)) = super::clip(bytes, first, last) else { return 0 };
    let before = bytes[0] & !(0xff >> (first % 8));
    let after = bytes[bytes.len() - 1] & !(0xff << (7 - last % 8));
    count(bytes) - u64::from(before.count_ones()) - u64::from(after.count_ones())
}

kernel! {
    /// The number of set bits, counted with the instructions of `level`.
    pub(super) fn count_on(bytes: &[u8]) -> u64 = ones
}

#[inline(always)]
fn ones(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let in_words: u64 = words.iter().map(|word| u64::from(u64::from_ne_bytes(*word).count_ones())).sum();
    let in_rest: u64 = rest.iter().map(|byte| u64::from(byte.count_ones())).sum();
    in_words + in_rest
}
