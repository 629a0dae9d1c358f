//! The dense encoding: six bits a register, from the lowest bit of each byte to the highest.
//!
//! ```text
//! byte           0          1          2
//!            11000000   22221111   33333322          four registers in three bytes
//! ```

/// The ranks that six bits hold.
pub(super) const LARGEST: u8 = 63;

/// The byte and the bit where a register begins. A register that begins behind bit 2 goes on in the next byte.
#[inline]
fn start(index: usize) -> (usize, usize) {
    (index * 6 / 8, index * 6 % 8)
}

/// The rank in a register.
#[inline]
pub(super) fn get(packed: &[u8], index: usize) -> u8 {
    let (byte, bit) = start(index);
    let next = packed.get(byte + 1).copied().unwrap_or(0);
    (u16::from_le_bytes([packed[byte], next]) >> bit) as u8 & LARGEST
}

/// Puts a rank into a register.
#[inline]
pub(super) fn set(packed: &mut [u8], index: usize, rank: u8) {
    let (byte, bit) = start(index);
    let [clear, rank] = [!(u16::from(LARGEST) << bit), u16::from(rank) << bit];
    packed[byte] = packed[byte] & clear as u8 | rank as u8;
    if let Some(next) = packed.get_mut(byte + 1) {
        *next = *next & (clear >> 8) as u8 | (rank >> 8) as u8;
    }
}

/// Lets a register hold a rank at least. Answers whether it has changed.
#[inline]
pub(super) fn raise(packed: &mut [u8], index: usize, rank: u8) -> bool {
    let higher = rank > get(packed, index);
    if higher {
        set(packed, index, rank);
    }
    higher
}
