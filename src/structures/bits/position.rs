//! Where the first set or the first clear bit is: BITPOS.

use super::level::{Level, kernel};

/// How many bytes the search passes over at a time while all of them are alike.
const BLOCK: usize = 256;

/// The number of the first bit equal to `bit` from bit `first` to bit `last`, both included. Only bits that `bytes`
/// holds are looked at: who takes the bytes for an endless string with zeroes on the right, as BITPOS does when looking
/// for a clear bit without being given an end, answers `bytes.len() * 8` where this answers None.
pub fn position(bytes: &[u8], bit: bool, first: u64, last: u64) -> Option<u64> {
    let (bytes, last) = super::clip(bytes, first, last)?;
    let dull = if bit { 0x00 } else { 0xff };
    let begin = first / 8 * 8;
    let in_first_byte = (bytes[0] ^ dull) & (0xff >> (first % 8));
    let found = if in_first_byte != 0 {
        begin + u64::from(in_first_byte.leading_zeros())
    } else {
        let rest = &bytes[1..];
        let at = if rest.len() < BLOCK { unlike(rest, dull) } else { unlike_on(Level::best(), rest, dull) }?;
        begin + 8 * (1 + at as u64) + u64::from((rest[at] ^ dull).leading_zeros())
    };
    // The last byte was searched whole, so what was found may lie behind the last bit.
    (found <= last).then_some(found)
}

kernel! {
    /// The index of the first byte that is not `dull`, sought with the instructions of `level`.
    pub(super) fn unlike_on(bytes: &[u8], dull: u8) -> Option<usize> = unlike
}

#[inline(always)]
fn unlike(bytes: &[u8], dull: u8) -> Option<usize> {
    let dull_word = u64::from_ne_bytes([dull; 8]);
    let (blocks, _) = bytes.as_chunks::<BLOCK>();
    let mut start = 0;
    for block in blocks {
        let mut difference = 0;
        for word in block.as_chunks::<8>().0 {
            difference |= u64::from_ne_bytes(*word) ^ dull_word;
        }
        if difference != 0 {
            break;
        }
        start += BLOCK;
    }
    let (words, _) = bytes[start..].as_chunks::<8>();
    let start = start + words.iter().take_while(|word| u64::from_ne_bytes(**word) == dull_word).count() * 8;
    bytes[start..].iter().position(|byte| *byte != dull).map(|at| start + at)
}
