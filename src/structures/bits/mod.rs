//! Bitmaps over plain byte slices: what SETBIT, GETBIT, BITCOUNT, BITPOS, BITOP and BITFIELD compute once their
//! arguments are parsed and their keys are found. Nothing here knows of commands, keys or replies.
//!
//! ```text
//! byte      0                 1
//!           +-----------------+-----------------+--
//! bit       | 0 1 2 3 4 5 6 7 | 8 9 ...         |      bit 0 is the most significant bit of byte 0
//!           +-----------------+-----------------+--
//! ```
//!
//! Invariants: a bit past the end of a slice reads as zero; a write never goes past the end (growing the bytes first
//! is the caller's part). Ranges of bits are given by their first and last bit, both included, as clients give them.
//!
//! The bulk loops are written once, in portable Rust, and compiled once for each level of vector instructions
//! (see [`level`]); the best level that the processor has is picked at each call.

mod combine;
mod count;
mod field;
pub(crate) mod level;
mod position;
#[cfg(test)]
mod tests;

pub use combine::{Op, op};
pub use count::{count, count_range};
pub use field::{Overflow, add_signed, add_unsigned, get_signed, get_unsigned, set};
pub use position::position;

/// The bit at `offset`; false past the end.
pub fn get_bit(bytes: &[u8], offset: u64) -> bool {
    byte_index(offset).and_then(|at| bytes.get(at)).is_some_and(|byte| byte & bit_mask(offset) != 0)
}

/// Writes the bit at `offset` and returns what it was.
///
/// # Panics
/// When `offset` is past the end.
pub fn set_bit(bytes: &mut [u8], offset: u64, bit: bool) -> bool {
    let byte = &mut bytes[(offset / 8) as usize];
    let mask = bit_mask(offset);
    let old = *byte & mask != 0;
    *byte = if bit { *byte | mask } else { *byte & !mask };
    old
}

/// The single bit of a byte that `offset` names.
fn bit_mask(offset: u64) -> u8 {
    0x80 >> (offset % 8)
}

/// The byte that holds bit `offset`, if memory can have that many bytes.
fn byte_index(offset: u64) -> Option<usize> {
    usize::try_from(offset / 8).ok()
}

/// Narrows a range of bits to those that `bytes` holds: the bytes touched, their first bit's number, and the last bit.
/// None when no bit is left.
fn clip(bytes: &[u8], first: u64, last: u64) -> Option<(&[u8], u64)> {
    let last = last.min((bytes.len() as u64 * 8).checked_sub(1)?);
    if first > last {
        return None;
    }
    Some((&bytes[(first / 8) as usize..=(last / 8) as usize], last))
}
